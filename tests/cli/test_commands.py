"""The command line, as a user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.here import archspec

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


def process(
    *args: str, cwd: Path, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`archspec ARGS` in a process of its own."""
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
    done = process("validate", "net.yaml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 spec checked, no errors\n")


def test_validate_finds_the_specs_of_a_folder_and_gives_1(folder: Path) -> None:
    done = archspec("validate", ".", cwd=folder)
    assert done.returncode == 1
    assert "2 specs checked, 1 error" in done.stdout
    assert "broken.yaml:5:" in done.stdout
    assert "did you mean `kernel`?" in done.stdout


def test_validate_reads_standard_input_and_globs(folder: Path) -> None:
    assert archspec("validate", "-", cwd=folder, stdin=NET).returncode == 0
    assert archspec("validate", "n*.yaml", cwd=folder).returncode == 0
    assert archspec("validate", "x*.yaml", cwd=folder).returncode == 2


def test_validate_checks_a_spec_once_and_takes_the_folder_that_is_named(folder: Path) -> None:
    hidden = folder / ".drafts"
    hidden.mkdir()
    (hidden / "net.yaml").write_text(NET)
    assert "1 spec checked" in archspec("validate", "net.yaml", "n*.yaml", cwd=folder).stdout
    assert "1 spec checked" in archspec("validate", str(hidden), cwd=folder).stdout
    assert "2 specs checked" in archspec("validate", ".", cwd=folder).stdout


def test_standard_input_is_utf8_whatever_the_locale(folder: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    text = NET.replace("act: relu", "act: relu  # \u00e9")
    assert process("validate", "-", cwd=folder, stdin=text, env=ascii_only).returncode == 0


def test_standard_input_that_is_no_text_is_a_finding(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archspec", "validate", "-"],
        input=b"archspec: 1\nname: \xe9\n",
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert b"the file is not UTF-8" in done.stdout


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
        (["ops", "Conv2d"], "it is `conv` here"),
        (["render", "net.yaml", "--watch", "--untrusted"], "--untrusted bounds"),
        (["render", "-", "-", "-o", "two.svg"], "name - once"),
        (["render", "net.yaml", "-o", "net.png", "--dpi", "nan"], "not nan"),
        (["explain", "AS9999"], "no code is called"),
        (["summary", "resnet5"], "did you mean `resnet50`?"),
        (["summary", "."], "it is a folder"),
        (["summary", "net.yaml", "--dept", "1"], "'--depth'"),
        (["summary", "net.yaml", "--set", "8"], "--set takes NAME=VALUE"),
        (["summary", "net.yaml", "--set", "width=[8"], "`[8` is no value"),
        (["summary", "net.yaml", "--set", "width=8", "--set", "width=9"], "gives `width` twice"),
        (["compile", "net.yaml", "-o", "."], "error: .: "),
        (["render", "net.yaml", "-o", "net.jpg"], "did you mean `png`?"),
        (["validate", "net.yaml", "--plugin", "no.py"], "no such plugin file"),
        (["render", "net.yaml", "--level", "blok"], "Invalid value"),
    ],
)
def test_wrong_usage_gives_2_and_a_way_out(folder: Path, args: list[str], said: str) -> None:
    done = archspec(*args, cwd=folder)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
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
    printed = process("compile", "net.yaml", cwd=folder).stdout
    done = process("compile", "net.yaml", "-o", "model.py", cwd=folder)
    assert done.returncode == 0
    assert (folder / "model.py").read_text() == printed
    assert "class Net(nn.Module):" in printed
    assert not list(folder.glob(".model.py*"))


def test_compile_into_a_folder_that_is_not_there_leaves_nothing(folder: Path) -> None:
    done = archspec("compile", "net.yaml", "-o", "nowhere/model.py", cwd=folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("form", "head"),
    [
        ("svg", b"<svg"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("tex", b"\\documentclass"),
        ("tikz", b"%"),
        ("html", b"<!doctype html>"),
        ("dot", b"digraph"),
        ("mmd", b"flowchart"),
        ("json", b"{"),
    ],
)
def test_render_writes_what_the_ending_says(folder: Path, form: str, head: bytes) -> None:
    done = archspec("render", "net.yaml", "-o", f"net.{form}", cwd=folder)
    assert (done.returncode, done.stderr) == (0, f"wrote net.{form}\n")
    assert (folder / f"net.{form}").read_bytes().lower().startswith(head.lower())


def test_render_of_a_format_that_there_is_none_of_writes_nothing(folder: Path) -> None:
    done = archspec("render", "net.yaml", "-o", "net.jpg", cwd=folder)
    assert done.returncode == 2
    assert "no format is called `jpg`" in done.stderr
    assert not (folder / "net.jpg").exists()


def test_render_needs_no_graphviz_above_the_op_level(folder: Path) -> None:
    bare = {"PATH": "/nowhere"}
    hidden = folder / "hidden"  # an environment in which graphviz-pure has no command
    hidden.mkdir()
    program = (
        "import sys, sysconfig; sys.executable = '/nowhere/python'; "
        "sysconfig.get_path = lambda name: '/nowhere'; "
        "from archspec.cli import main; main(sys.argv[1:])"
    )

    def render(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, "render", "net.yaml", *args]
        environment = {**os.environ, **bare}
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    assert render("-o", "net.svg").stderr == "wrote net.svg\n"
    done = render("-o", "op.svg", "--level", "op")
    assert done.returncode == 0
    assert "pip install graphviz-pure==0.2.2" in done.stderr
    assert "archspec's own layout" in done.stderr
    refused = render("-o", "no.svg", "--level", "op", "--provider", "dot")
    assert refused.returncode == 2
    assert not (folder / "no.svg").exists()


def test_render_draws_several_side_by_side_or_compared(folder: Path) -> None:
    (folder / "other.yaml").write_text(NET.replace("width: 8", "width: 16"))
    done = archspec("render", "net.yaml", "other.yaml", cwd=folder)
    assert done.stderr == "wrote net-other.svg\n"
    done = archspec("render", "net.yaml", "other.yaml", "--diff", "-o", "-", cwd=folder)
    assert "parameters" in done.stdout and done.stdout.startswith("<svg")


def test_render_watches_the_files_of_a_spec(folder: Path) -> None:
    program = (  # Ctrl-C, also where these tests run in the background, which ignores it
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from archspec.cli import main; main(['render', 'net.yaml', '--watch'])"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "watching; Ctrl-C stops\n"
        assert running.stderr.readline() == "wrote net.svg\n"
        (folder / "net.yaml").write_text("archspec: 1\nstages: [\n")
        assert "error[" in running.stderr.readline()
        (folder / "net.yaml").write_text(NET)
        while (line := running.stderr.readline()) != "wrote net.svg\n":
            assert line  # it goes on after an error
        running.send_signal(signal.SIGINT)
        try:
            assert running.wait(20) == 0
        finally:
            running.kill()


def test_the_name_in_a_spec_does_not_choose_the_file(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "net.yaml").write_text(NET + 'name: "../escaped"\n')
    assert archspec("render", "net.yaml", cwd=folder / "inner").returncode == 0
    assert (folder / "inner" / "net.svg").exists()
    assert sorted(path.name for path in folder.glob("*.svg")) == []


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
    explained = json.loads(archspec("explain", "AS0302", "--format", "json", cwd=folder).stdout)
    assert explained["code"] == "AS0302"
    assert explained in json.loads(archspec("explain", "--format", "json", cwd=folder).stdout)


def test_colours_only_where_asked(folder: Path) -> None:
    assert "\x1b[" not in process("validate", "broken.yaml", cwd=folder).stdout
    forced = process("validate", "broken.yaml", cwd=folder, env={"FORCE_COLOR": "1"})
    assert "\x1b[" in forced.stdout


def test_a_bug_gives_101_and_asks_for_a_report(folder: Path) -> None:
    def failing(*args: str) -> subprocess.CompletedProcess[str]:
        code = (
            "import archspec.api\n"
            "def load(*args): return 1 / 0\n"
            "archspec.api.load_architecture = load\n"
            f"from archspec.cli import main; main({list(args)!r})"
        )
        return subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
        )

    quiet = failing("summary", "net.yaml")
    assert (quiet.returncode, quiet.stdout) == (101, "")
    assert "This is a bug of archspec" in quiet.stderr
    assert "Traceback" not in quiet.stderr
    assert "ZeroDivisionError" in quiet.stderr
    assert "Traceback" in failing("--debug", "summary", "net.yaml").stderr


def test_a_plugin_that_exits_is_a_plugin_that_failed(folder: Path) -> None:
    (folder / "ops.py").write_text("raise SystemExit(0)\n")
    done = process("validate", "net.yaml", "--plugin", "ops.py", cwd=folder)
    assert done.returncode == 2
    assert "plugin ops.py failed" in done.stderr


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
    assert process("validate", "own.yaml", cwd=folder).returncode == 1
    assert process("validate", "own.yaml", "--plugin", "ops.py", cwd=folder).returncode == 0
    source = process("compile", "own.yaml", "--plugin", "ops.py", cwd=folder).stdout
    assert "torch.square(x)" in source


PLUGIN = """
from archspec.ops import Arg, Call, Op, Operand
class Own(Op, name="NAME"):
    def shapes(self, *inputs):
        SHAPES
    def expression(self, *inputs):
        return Call("torch.relu", (Arg("", Operand(0)),))
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLUGIN.replace("SHAPES", "1 / 0"), "op `own` of plugin failed: ZeroDivisionError"),
        (PLUGIN.replace("shapes(", "shape(").replace("SHAPES", "pass"), "`own` has no shape rule"),
        (PLUGIN.replace("expression(", "code(").replace("SHAPES", "pass"), "`own` has no code"),
        (
            PLUGIN.replace("SHAPES", "pass").replace("NAME", "repeat"),
            "an op cannot be called `repeat`",
        ),
        ("1 / 0", "plugin.py failed: ZeroDivisionError"),
    ],
)
def test_what_a_plugin_gets_wrong_is_no_bug_of_ours(folder: Path, text: str, said: str) -> None:
    (folder / "plugin.py").write_text(text.replace("NAME", "own"))
    (folder / "net.yaml").write_text("archspec: 1\ninput: [3, 8, 8]\nstages: {a: own}\n")
    done = process("validate", "net.yaml", "--plugin", "plugin.py", cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "bug" not in done.stderr and "Traceback" not in done.stderr


def test_a_plugin_declares_the_weights_that_its_module_has(folder: Path) -> None:
    plugin = PLUGIN.replace("SHAPES", "return (inputs[0],)").replace("NAME", "own")
    plugin += (
        "    def weights(self, *inputs):\n"
        "        from archspec.ops import Weight\n        return {'weight': Weight((7,))}\n"
        "    def module(self, *inputs):\n        return Call('nn.PReLU', ())\n"
    )
    (folder / "plugin.py").write_text(plugin)
    code = (
        "import archspec; archspec.compile('archspec: 1\\ninput: [3]\\nstages: {a: own}', "
        "plugins=['plugin.py'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert (
        "declares the weights {'a.weight': (7,)}, and its module has {'a.weight': (1,)}"
        in done.stderr
    )


def test_a_model_with_a_plugins_op_loads_where_the_plugin_is_not(folder: Path) -> None:
    (folder / "plugin.py").write_text(
        PLUGIN.replace("SHAPES", "return (inputs[0],)").replace("NAME", "own")
    )
    code = (
        "import archspec, torch; m = archspec.compile('archspec: 1\\ninput: [3]\\nstages: {a: own}', "
        "plugins=['plugin.py']); torch.save(m, 'm.pt')"
    )
    load = "import torch; m = torch.load('m.pt', weights_only=False); print(m(torch.tensor([[-1.0, 2.0]])))"
    for script in (code, load):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
    assert "0., 2." in done.stdout
    assert "cannot be read here" in done.stderr


def test_an_installed_package_adds_ops(folder: Path) -> None:
    (folder / "own_ops.py").write_text(
        "from archspec.ops import Arg, Call, Op, Operand\n"
        'class Cube(Op, name="cube"):\n'
        '    """x to the third."""\n'
        "    def shapes(self, *inputs):\n        return (inputs[0],)\n"
        "    def expression(self, *inputs):\n"
        '        return Call("torch.pow", (Arg("", Operand(0)), Arg("", 3)))\n'
    )
    information = folder / "own_ops-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: own-ops\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[archspec.ops]\nown = own_ops\n")
    asked = process("ops", "cube", cwd=folder, env={"PYTHONPATH": str(folder)})
    assert "x to the third." in asked.stdout, asked.stderr
    assert process("ops", "cube", cwd=folder, env={"PYTHONSAFEPATH": "1"}).returncode == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(folder: Path, shell: str) -> None:
    assert "_ARCHSPEC_COMPLETE" in archspec("completion", shell, cwd=folder).stdout


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("archspec comp", "compile"), ("archspec summary resnet5", "resnet50")],
)
def test_completes_commands_and_names(folder: Path, typed: str, completed: str) -> None:
    words = len(typed.split()) - 1
    asked = {"_ARCHSPEC_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(words)}
    assert f"plain,{completed}\n" in process(cwd=folder, env=asked).stdout


def test_a_folder_says_which_files_it_passed_over(folder: Path) -> None:
    (folder / "broken.yaml").unlink()
    (folder / "typo.yaml").write_text("archpsec: 1\nstages: [relu]\n")
    done = archspec("validate", ".", cwd=folder)
    assert done.returncode == 0
    assert (
        "1 spec checked, no errors; 2 other YAML files without `archspec:` passed over"
        in done.stdout
    )
