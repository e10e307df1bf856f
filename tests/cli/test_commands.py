"""The command line, as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NET = """archspec: 1
params: {width: 8}
input: [3, 16, 16]
stages:
  conv: {conv: $width, kernel: 3, padding: half}
  act: relu
  pool: global_avg_pool
  flat: flatten
  fc: {linear: 10}
"""


def archspec(
    *args: str, cwd: Path, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "archspec", *args],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **(env or {})},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "broken.yaml").write_text(NET.replace("kernel: 3", "kernl: 3"))
    (tmp_path / "other.yaml").write_text("services: {web: {}}\n")
    return tmp_path


def test_validate_gives_0_where_nothing_is_wrong(folder: Path) -> None:
    done = archspec("validate", "net.yaml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 spec checked, no errors\n")


def test_validate_finds_the_specs_of_a_folder_and_gives_1(folder: Path) -> None:
    done = archspec("validate", ".", cwd=folder)
    assert done.returncode == 1
    assert "2 specs checked, 1 error" in done.stderr
    assert "broken.yaml:5:" in done.stderr
    assert "did you mean `kernel`?" in done.stderr


def test_validate_reads_standard_input_and_globs(folder: Path) -> None:
    assert archspec("validate", "-", cwd=folder, stdin=NET).returncode == 0
    assert archspec("validate", "n*.yaml", cwd=folder).returncode == 0
    assert archspec("validate", "x*.yaml", cwd=folder).returncode == 2


def test_validate_prints_json(folder: Path) -> None:
    done = archspec("validate", "broken.yaml", "--format", "json", cwd=folder)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["checked"] == 1
    assert report["diagnostics"][0]["code"] == "AS0302"
    assert report["diagnostics"][0]["line"] == 5


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["valdate"], "did you mean `validate`?"),
        (["validate", "nett.yaml"], "did you mean `net.yaml`?"),
        (["ops", "convv"], "did you mean `conv`?"),
        (["explain", "AS9999"], "no code is called"),
        (["summary", "net.yaml", "--set", "8"], "--set takes NAME=VALUE"),
        (["render", "net.yaml", "--level", "blok"], "Invalid value"),
    ],
)
def test_wrong_usage_gives_2_and_a_way_out(folder: Path, args: list[str], said: str) -> None:
    done = archspec(*args, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["summary", "resnet5"], "did you mean `resnet50`?"),
        (["summary", "net.yaml", "--set", "widht=4"], "did you mean `width`?"),
        (["summary", "net.yaml", "--set", "width=wide"], "takes a whole number"),
        (["compile", "broken.yaml"], "did you mean `kernel`?"),
    ],
)
def test_findings_give_1_and_a_suggestion(folder: Path, args: list[str], said: str) -> None:
    done = archspec(*args, cwd=folder)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_summary_as_text_and_as_json(folder: Path) -> None:
    text = archspec("summary", "net.yaml", cwd=folder).stdout
    assert "fc" in text and "total" in text
    report = json.loads(
        archspec("summary", "net.yaml", "--format", "json", "--set", "width=4", cwd=folder).stdout
    )
    assert report["params"] == 3 * 4 * 9 + 4 + 4 * 10 + 10
    assert report["outputs"] == {"fc": [10]}


def test_compile_writes_a_file_whole_or_prints_it(folder: Path) -> None:
    printed = archspec("compile", "net.yaml", cwd=folder).stdout
    done = archspec("compile", "net.yaml", "-o", "model.py", cwd=folder)
    assert done.returncode == 0
    assert (folder / "model.py").read_text() == printed
    assert "class Net(nn.Module):" in printed
    assert not list(folder.glob(".model.py*"))


def test_compile_into_a_folder_that_is_not_there_leaves_nothing(folder: Path) -> None:
    done = archspec("compile", "net.yaml", "-o", "nowhere/model.py", cwd=folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_render_draws_svg_png_and_dot(folder: Path) -> None:
    for form, head in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("dot", b"digraph")):
        assert archspec("render", "net.yaml", "-o", f"net.{form}", cwd=folder).returncode == 0
        assert (folder / f"net.{form}").read_bytes().lstrip(b"// \n").startswith(head)


def test_render_says_what_pdf_needs_where_there_is_no_dot(folder: Path) -> None:
    done = archspec("render", "net.yaml", "-o", "net.pdf", cwd=folder, env={"PATH": "/nowhere"})
    assert done.returncode == 2
    assert "apt install graphviz" in done.stderr


def test_show_resolved_reads_back_as_itself(folder: Path) -> None:
    once = archspec("show", "resnet18", "--resolved", "--no-origins", cwd=folder).stdout
    again = archspec("show", "-", "--resolved", "--no-origins", cwd=folder, stdin=once).stdout
    assert once == again
    assert "extends" not in once


def test_schema_and_list_and_ops_and_explain_print(folder: Path) -> None:
    assert json.loads(archspec("schema", cwd=folder).stdout)["title"] == "archspec"
    names = [s["name"] for s in json.loads(archspec("list", "--format", "json", cwd=folder).stdout)]
    assert "resnet50" in names
    assert "kernel" in archspec("ops", "conv", cwd=folder).stdout
    assert "wrong:" in archspec("explain", "as0302", cwd=folder).stdout


def test_colours_only_where_asked(folder: Path) -> None:
    assert "\x1b[" not in archspec("validate", "broken.yaml", cwd=folder).stderr
    forced = archspec("validate", "broken.yaml", cwd=folder, env={"FORCE_COLOR": "1"})
    assert "\x1b[" in forced.stderr


def test_a_plugin_adds_an_op(folder: Path) -> None:
    (folder / "ops.py").write_text(
        "from archspec.ops import Arg, Call, Op, Operand\n"
        'class Square(Op, name="square"):\n'
        '    """x * x."""\n'
        "    def shapes(self, *inputs):\n        return (inputs[0],)\n"
        "    def expression(self, *inputs):\n"
        '        return Call("torch.square", (Arg("", Operand(0)),))\n'
    )
    (folder / "own.yaml").write_text(NET.replace("act: relu", "act: square"))
    assert archspec("validate", "own.yaml", cwd=folder).returncode == 1
    assert archspec("validate", "own.yaml", "--plugin", "ops.py", cwd=folder).returncode == 0
    source = archspec("compile", "own.yaml", "--plugin", "ops.py", cwd=folder).stdout
    assert "torch.square(x)" in source


def test_completion_scripts(folder: Path) -> None:
    assert "_ARCHSPEC_COMPLETE" in archspec("completion", "bash", cwd=folder).stdout
