"""The commands about search spaces, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import archspec

SPACE = """archspec: 1
name: small
input: [1, 8, 8]
params: {width: {choice: [8, 16]}}
stages:
  stem: {conv: $width, kernel: {choice: [3, 5]}, padding: half}
  mixed: {optional: {conv: $width, kernel: 3, padding: half}}
  same: {choice: [identity, relu]}
"""


def run(*args: str, cwd: Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "archspec", *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONHASHSEED": seed, "NO_COLOR": "1"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "plain.yaml").write_text("archspec: 1\ninput: [1, 8, 8]\nstages: [relu]\n")
    return tmp_path


def test_the_same_seed_gives_the_same_children_in_a_fresh_process(folder: Path) -> None:
    for name, seed in (("a", "1"), ("b", "2")):
        done = run(
            "sample", "space.yaml", "-n", "5", "--seed", "7", "-o", name, cwd=folder, seed=seed
        )
        assert done.returncode == 0, done.stderr
    first = {p.name: p.read_text() for p in sorted((folder / "a").iterdir())}
    assert first == {p.name: p.read_text() for p in sorted((folder / "b").iterdir())}
    assert list(first) == [f"small-{n}.yaml" for n in range(5)]
    assert len(set(first.values())) == 5
    assert run("validate", "a", cwd=folder).returncode == 0


def test_sampling_ends_where_there_are_no_more_networks(folder: Path) -> None:
    done = run("sample", "space.yaml", "-n", "40", "-o", "all", cwd=folder)
    unique = {archspec.load(p).fingerprint for p in (folder / "all").iterdir()}
    assert done.returncode == 0
    assert f"{len(unique)} of 40" in done.stderr
    listed = run("enumerate", "space.yaml", "--unique", cwd=folder)
    assert {json.loads(line)["fingerprint"] for line in listed.stdout.splitlines()} == unique


def test_enumerate_lists_all_sets_of_answers(folder: Path) -> None:
    done = run("enumerate", "space.yaml", cwd=folder)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["child"] for line in lines] == list(range(16))
    assert lines[0]["answers"] == {
        "width": 8,
        "stem.kernel": 3,
        "mixed": "present",
        "same": "identity",
    }
    assert "16 of 16" in done.stderr


def test_a_setting_closes_a_choice(folder: Path) -> None:
    report = json.loads(
        run("space", "space.yaml", "--set", "width=16", "--format", "json", cwd=folder).stdout
    )
    assert report["size"] == 8
    assert [d["name"] for d in report["decisions"]] == ["stem.kernel", "mixed", "same"]


def test_a_space_is_summarised_drawn_and_compiled_as_its_default_child(folder: Path) -> None:
    summary = run("summary", "space.yaml", cwd=folder)
    assert "open choices: 4" in summary.stderr
    assert "open choices" not in run("summary", "plain.yaml", cwd=folder).stderr
    assert run("render", "space.yaml", "-o", "space.svg", cwd=folder).returncode == 0
    assert run("compile", "space.yaml", "-o", "space.py", cwd=folder).returncode == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["space", "plain.yaml"], "leaves nothing open"),
        (["sample", "space.yaml", "-n", "2"], "-o FOLDER"),
        (["sample", "space.yaml", "-n", "2", "-o", "-"], "-o FOLDER"),
        (["enumerate", "mobilenet_space"], "--limit"),
    ],
)
def test_wrong_usage_says_what_to_do(folder: Path, args: list[str], said: str) -> None:
    done = run(*args, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_list_shows_spaces_apart(folder: Path) -> None:
    found = json.loads(run("list", "--format", "json", cwd=folder).stdout)
    kinds = {one["name"]: one["kind"] for one in found}
    assert kinds["resnet50"] == "network" and kinds["nas_bench_201"] == "space"
    assert "search space" in run("list", cwd=folder).stdout
