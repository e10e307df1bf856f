"""The pre-commit hook, run by pre-commit itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from archspec.cli import COMMANDS, cli
from tests.checking.test_validate import BROKEN
from tests.cli.test_commands import NET

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> Any:
    (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found


def test_its_command_is_one_of_ours(hook: Any) -> None:
    program, command, *options = hook["entry"].split()
    assert (program, command in COMMANDS) == ("archspec", True)
    validate = cli.get_command(None, command)  # type: ignore[arg-type]
    assert validate is not None
    assert set(options) <= {name for option in validate.params for name in option.opts}
    assert (hook["language"], hook["types"]) == ("python", ["yaml"])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_checks_specs_and_passes_over_other_yaml(tmp_path: Path) -> None:
    hooks = tmp_path / "archspec"
    hooks.mkdir()
    for name in ("archspec", "specs"):
        shutil.copytree(ROOT / name, hooks / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, hooks)
    work = tmp_path / "work"
    work.mkdir()
    (work / "net.yaml").write_text(NET)
    (work / "compose.yaml").write_text("services: {}\n")
    env = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }

    def git(folder: Path, *args: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *who, *args], cwd=folder, env=env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def pre_commit() -> tuple[int, str]:
        git(work, "add", ".")
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color=never"],
            cwd=work,
            env=env,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return done.returncode, done.stdout + done.stderr

    for folder in (hooks, work):
        git(folder, "init", "-q")
    git(hooks, "add", ".")
    git(hooks, "commit", "-q", "-m", "hooks")
    chosen = {"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD")}
    config = {"repos": [{**chosen, "hooks": [{"id": "archspec-validate"}]}]}
    (work / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))

    code, said = pre_commit()
    assert code == 0, said
    assert "Passed" in said
    (work / "broken.yaml").write_text(BROKEN)
    code, said = pre_commit()
    assert code == 1, said
    assert "--> broken.yaml:5:24" in said
    assert "2 specs checked, 1 error; 2 other YAML files" in said
