"""The GitHub Action: its scripts, run as the runner runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checking.test_validate import BROKEN, WARNED
from tests.cli.test_commands import NET

ROOT = Path(__file__).parents[2]
COMMAND = '#!/bin/sh\nexec "$PYTHON" -m archspec "$@"\n'

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


@pytest.fixture(scope="module")
def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text())


def step(action: Any, name: str) -> dict[str, Any]:
    (found,) = (s for s in action["runs"]["steps"] if s.get("name") == name)
    return dict(found)


def run(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    file = folder / ".script.sh"
    file.write_text(script)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
        cwd=folder,
        env={**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    work = tmp_path / "work"
    (work / "models").mkdir(parents=True)
    (work / "models" / "broken.yaml").write_text(BROKEN)
    (work / "models" / "net.yaml").write_text(NET)
    (work / "warned.yaml").write_text(WARNED)
    return work


def check(action: Any, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step that checks, with the action's defaults for inputs that are not given."""
    command = folder.parent / "archspec"
    command.write_text(COMMAND)
    command.chmod(0o755)
    env = {"ARCHSPEC": str(command)}
    for name, declared in action["inputs"].items():
        if name != "python-version":
            variable = name.replace("-", "_")
            env[f"INPUT_{variable.upper()}"] = inputs.pop(variable, str(declared["default"]))
    assert not inputs
    return run(step(action, "Check specs")["run"], folder, **env)


def test_annotates_what_is_wrong_and_fails(action: Any, folder: Path) -> None:
    done = check(action, folder)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("::error file=models/broken.yaml,line=5,endLine=5,col=24,")
    assert "::warning file=warned.yaml,line=5," in done.stdout
    assert lines[-1] == "3 specs checked, 1 error, 1 warning"


def test_takes_paths_and_arguments_a_line_each(action: Any, folder: Path) -> None:
    (folder / "with space.yaml").write_text(NET)
    paths = "models/net.yaml\n  with space.yaml\n\n*arned.yaml\n"
    done = check(action, folder, paths=paths)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        "3 specs checked, no errors, 1 warning",
    )
    strict = check(action, folder, paths=paths, args="--max-warnings=0\n")
    assert strict.returncode == 1
    ignored = check(action, folder, paths=paths, args="--max-warnings=0\n--ignore=AS0710\n")
    assert ignored.returncode == 0


def test_writes_sarif_too(action: Any, folder: Path) -> None:
    done = check(action, folder, sarif_file="out.sarif")
    assert done.returncode == 1
    assert "::error" in done.stdout
    log = json.loads((folder / "out.sarif").read_text())
    assert len(log["runs"][0]["results"]) == 2


def test_wrong_usage_is_told(action: Any, folder: Path) -> None:
    done = check(action, folder, args="--max-wornings=0", sarif_file="out.sarif")
    assert done.returncode == 2
    assert "--max-warnings" in done.stderr


@pytest.mark.parametrize("name", ["paths", "args", "changed_since", "sarif_file"])
def test_runs_nothing_that_inputs_say(action: Any, folder: Path, name: str) -> None:
    evil = ["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", '"; touch pwned; "']
    for text in ["\n".join(evil), '"; touch pwned; "']:
        done = check(action, folder, **{name: text})
        assert "Traceback" not in done.stderr
    assert not (folder / "pwned").exists()


def test_takes_no_path_for_an_option(action: Any, folder: Path) -> None:
    done = check(action, folder, paths="--output=pwned")
    assert done.returncode == 2
    assert not (folder / "pwned").exists()


def test_no_script_has_an_input_in_it(action: Any) -> None:
    """GitHub puts `${{ }}` into the text of a script before it is run."""
    scripts = [s for s in action["runs"]["steps"] if "run" in s]
    assert len(scripts) == 2
    assert all("${{" not in s["run"] and s["shell"] == "bash" for s in scripts)
    assert all(declared.get("description") for declared in action["inputs"].values())
    used = json.dumps(action["runs"])
    assert all(f"inputs.{name} " in used for name in action["inputs"])


@pytest.mark.slow
def test_installs_its_own_version(action: Any, folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "action"
    for name in ("archspec", "specs"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    output = tmp_path / "output"
    env = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(source)}
    done = run(step(action, "Install archspec")["run"], folder, GITHUB_OUTPUT=str(output), **env)
    assert done.returncode == 0, done.stderr
    command = output.read_text().strip().removeprefix("command=")
    told = subprocess.run([command, "validate", "resnet18"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "1 spec checked, no errors\n")
