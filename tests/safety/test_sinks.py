"""Sinks: a text from a spec stays a text, wherever it is written."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

import archspec
from archspec.diagnostics import CheckpointError
from archspec.reports import FORMATS, Checked, Report, write_report
from tests.cli.test_commands import archspec as run

HOSTILE = [
    "a\nimport os",
    "a\rimport os",
    'a"""\nimport os\n"""',
    "'''; import os; '''",
    "a\\",
    "\\N{BULLET} \\x1b[31m %s {0} {x!r}",
    "]]> <!-- & </testcase><b>",
    "<script>alert(1)</script>",
    "<<img src='/etc/passwd'/>>",
    "::error file=x::y",
    "\n::set-output name=x::y",
    "%0A::error::x",
    "##vso[task.setvariable variable=x]y",
    "[red]x[/red] [/bold] [link=file:///etc/passwd]x[/link]",
    "a\u202eb\u2066c\u200b",
    '"]; n9 [label="x',
    "`$(true)`; $HOME",
    "\u00e9\U0001f600\u0301",
]
"""Texts that mean something somewhere, and that YAML can hold."""


def quoted(text: str) -> str:
    """The text in double quotes, as YAML takes it; a dollar sign stays one."""
    written = json.dumps(text.replace("$", "$$"), ensure_ascii=False)
    return written.replace("\u202e", "\\u202e")


def network(text: str) -> str:
    return (
        f"archspec: 1\nname: {quoted(text)}\ndescription: {quoted(text)}\nsource: {quoted(text)}\n"
        f"input: [3, 8, 8]\nparams: {{mode: {quoted(text)}}}\nlet: {{x: {quoted(text)}}}\n"
        "stages:\n  a: {conv: 8, kernel: 3}\n  b: {relu: , when: $(mode == 'x')}\n  c: relu\n"
    )


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def broken(text: str) -> Iterator[str]:
    """Specs that are wrong at a hostile text, each in another place."""
    head, word = "archspec: 1\ninput: [3, 8, 8]\n", quoted(text)
    yield head + f"stages: {{{word}: relu}}\n"
    yield head + f"stages: [{word}]\n"
    yield head + f"stages: [{{conv: {word}, kernel: 3}}]\n"
    yield head + f"stages: [{{conv: 3, {word}: 3}}]\n"
    yield head + f"stages: [{{relu: , from: {word}}}]\n"
    yield head + f"stages: [relu]\noutputs: {{{word}: input}}\n"
    yield head + f"stages: [relu]\nparams: {{{word}: 1}}\n"
    yield head + f"stages: [relu]\nblocks: {{{word}: {{body: [relu]}}}}\n"
    yield head + f"stages: [relu]\nextends: {word}\n"
    yield head + f"stages: [relu]\nimport: {{{word}: [{word}]}}\n"
    yield head + f"stages: [relu]\nexpect: {{{word}: 1}}\n"
    yield head + f"stages: [relu]\n{word}: 1\n"
    yield f"archspec: 1\ninput: {{{word}: [3, 8, 8]}}\nstages: [relu]\n"
    yield f"archspec: 1\ninput: [3, {word}, 8]\nstages: [relu, {{linear: x}}]\n"


@cache
def findings(text: str, folder: Path) -> Report:
    """What is found in the broken specs, in files that are called after the text."""
    name = "".join(c for c in text if c not in "/\0")[:40]
    checked = []
    for n, spec in enumerate(broken(text)):
        path = folder / f"{n}{name}.yaml"
        path.write_text(spec)
        found = archspec.validate(path)
        assert found, spec
        checked.append(Checked(str(path), tuple(found)))
    return Report(tuple(checked))


def test_generated_python_has_the_statements_of_the_network_alone(text: str) -> None:
    source = archspec.load_str(network(text)).source()
    plain = archspec.load_str(network("x")).source().replace("relu", "relu")
    tree = ast.parse(source)
    allowed = {type(node) for node in ast.parse(plain).body}
    assert {type(node) for node in tree.body} <= allowed
    imported = [n.names[0].name for n in ast.walk(tree) if isinstance(n, ast.Import)]
    assert "os" not in imported
    assert all(c.isprintable() or c == "\n" for c in source)


def test_dot_and_svg_have_the_boxes_of_the_network_alone(text: str) -> None:
    architecture = archspec.load_str(network(text))
    dot = architecture.render(level="op", format="dot").decode()
    assert dot.replace("\n", "").replace("\t", "").isprintable()
    svg = architecture.render(level="op", format="svg")
    tree = ElementTree.fromstring(svg)
    tags = [element.tag.rpartition("}")[2] for element in tree.iter()]
    assert not {"script", "image", "b", "foreignObject"} & set(tags)
    assert svg.count(b'class="box ') == 4


def test_what_resolves_resolves_to_itself(text: str) -> None:
    resolved = archspec.load_str(network(text)).resolved(origins=False)
    assert archspec.load_str(resolved).resolved(origins=False) == resolved
    assert archspec.load_str(resolved).name == archspec.load_str(network(text)).name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("specs")


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_is_whole(form: str, text: str, folder: Path) -> None:
    report = findings(text, folder)
    told = write_report(report, form)
    if form in ("text", "github"):
        assert told.replace("\n", "").isprintable()
        starts = [line for line in told.split("\n") if line.startswith(("::", "##", "%"))]
        assert len(starts) == (len(report.findings) if form == "github" else 0)
    if form == "github":
        assert len(told.split("\n")) == len(report.findings) + 2
    if form == "junit":
        (suite,) = ElementTree.fromstring(told)
        assert [case.tag for case in suite] == ["testcase"] * len(report.checked)
        assert {c.tag for case in suite for c in case} <= {"failure", "system-out"}
    if form in ("json", "sarif", "gitlab"):
        assert told.isascii()
        json.loads(told)


@pytest.mark.parametrize("command", [["summary"], ["show", "--resolved"], ["compile"]])
def test_a_terminal_gets_what_prints(command: list[str], tmp_path: Path) -> None:
    for n, text in enumerate(HOSTILE):
        (tmp_path / f"{n}.yaml").write_text(network(text), newline="")
    for n in (1, 4, 13, 14):  # a process each
        done = run(command[0], f"{n}.yaml", *command[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert (done.stdout + done.stderr).replace("\n", "").replace("\t", "").isprintable()


def test_the_name_of_a_file_stays_in_its_comment(tmp_path: Path) -> None:
    path = tmp_path / "a\nstages: [os]\r# .yaml"
    path.write_text(network("x"))
    resolved = archspec.load(path).resolved()
    assert "\r" not in resolved and "\nstages: [os]" not in resolved
    assert archspec.load_str(resolved).hash == archspec.load(path).hash


class Runs:
    """What a pickle runs when it is loaded."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


class TestCheckpoints:
    SPEC = "archspec: 1\ninput: [4]\nstages: {fc: {linear: 2}}\n"

    @pytest.mark.parametrize("name", ["x.pth", "x.pt", "x.bin", "x.safetensors"])
    @pytest.mark.parametrize("whole", [True, False])
    def test_a_pickle_runs_nothing(self, name: str, whole: bool, tmp_path: Path) -> None:
        import pickle

        import torch

        evil = Runs(tmp_path / "ran")
        if whole:
            (tmp_path / name).write_bytes(pickle.dumps(evil))
        else:
            torch.save({"fc.weight": torch.zeros(2, 4), "fc.bias": evil}, tmp_path / name)
        with pytest.raises(CheckpointError, match="cannot be read safely|that can be read safely"):
            archspec.load_str(self.SPEC).compile(weights=tmp_path / name)
        assert not (tmp_path / "ran").exists()
