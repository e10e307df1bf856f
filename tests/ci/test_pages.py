"""What the pages on CI and editors tell people to copy is real."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from archspec.checking.settings import _KINDS
from tests.checking.test_validate import BROKEN
from tests.cli.test_commands import NET
from tests.docs.samples import samples

from .test_action import COMMAND

ROOT = Path(__file__).parents[2]


def texts(page: str, kind: str, word: str) -> list[str]:
    found = [s.text for s in samples(ROOT / "docs" / page) if s.kind == kind and word in s.text]
    assert found
    return found


def test_the_hooks_are_declared() -> None:
    declared = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    for text in texts("ci.md", "yaml", "repos:"):
        for hook in yaml.safe_load(text)["repos"][0]["hooks"]:
            assert hook["id"] in {one["id"] for one in declared}


def test_the_workflow_gives_inputs_that_the_action_has() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (text,) = texts("ci.md", "yaml", "runs-on:")
    steps = yaml.safe_load(text)["jobs"]["validate"]["steps"]
    (given,) = (step["with"] for step in steps if "archspec@" in step["uses"])
    assert given.keys() <= action["inputs"].keys()
    page = (ROOT / "docs" / "ci.md").read_text()
    assert all(f"| `{name}` |" in page for name in action["inputs"])


def test_every_setting_is_shown() -> None:
    (text,) = texts("ci.md", "toml", "[tool.archspec]")
    assert tomllib.loads(text)["tool"]["archspec"].keys() == _KINDS.keys()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_job_for_gitlab_writes_its_reports_and_fails(tmp_path: Path) -> None:
    (text,) = texts("ci.md", "yaml", "codequality:")
    job: dict[str, Any] = yaml.safe_load(text)["archspec"]
    work = tmp_path / "work"
    work.mkdir()
    (work / "net.yaml").write_text(NET)
    (work / "broken.yaml").write_text(BROKEN)
    (tmp_path / "archspec").write_text(COMMAND)
    (tmp_path / "archspec").chmod(0o755)
    env = {
        **os.environ,
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(work / ".cache"),
        "CI_PROJECT_DIR": str(work),
    }
    script = "set -eo pipefail\n" + "\n".join(job["script"])
    done = subprocess.run(["bash", "-c", script], cwd=work, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "--> broken.yaml:5:24" in done.stdout
    reports = job["artifacts"]["reports"]
    (issue,) = json.loads((work / reports["codequality"]).read_text())
    assert issue["location"] == {"path": "broken.yaml", "lines": {"begin": 5}}
    assert "<failure" in (work / reports["junit"]).read_text()
    assert job["artifacts"]["when"] == "always"
    (folder,) = job["cache"]["paths"]
    assert list((work / folder).rglob("*.json"))


def test_the_settings_of_editors_are_json_and_the_matcher_reads_our_text(tmp_path: Path) -> None:
    for text in texts("editors.md", "json", "archspec"):
        json.loads(text)
    (text,) = texts("editors.md", "json", "problemMatcher")
    head, place = json.loads(text)["tasks"][0]["problemMatcher"]["pattern"]
    (tmp_path / "broken.yaml").write_text(BROKEN)
    done = subprocess.run(
        [sys.executable, "-m", "archspec", "validate", "broken.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    first, second = done.stdout.splitlines()[:2]
    found = re.match(head["regexp"], first)
    assert found is not None and found[head["code"]] == "AS0302"
    where = re.match(place["regexp"], second)
    assert where is not None
    assert (where[place["file"]], where[place["line"]]) == ("broken.yaml", "5")
