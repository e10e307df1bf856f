"""Providers: positions, or an error that says what to do; and never a hang."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from archspec.diagnostics import RenderError
from archspec.drawing.layout import providers
from archspec.drawing.layout.providers import PROVIDERS, TooTangled, find_provider, lay_out

DOT = "digraph { a -> b }"


def installed(name: str) -> bool:
    if name == "pygraphviz":
        return importlib.util.find_spec(name) is not None
    return name == "graphviz-pure" or shutil.which(name) is not None


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_gives_positions_and_its_versions(name: str) -> None:
    if not installed(name):
        pytest.skip(f"{name} is not installed")
    provider = find_provider(name)
    assert provider.version.startswith(name) and "(graphviz " in str(provider)
    found = json.loads(lay_out(DOT, provider))
    assert [item["name"] for item in found["objects"]] == ["a", "b"]
    assert all(item["_draw_"] for item in found["objects"])


def test_the_one_from_pypi_comes_first_and_needs_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert str(find_provider()) == "graphviz-pure 0.2.2 (graphviz 16.1.0)"


def script(folder: Path, name: str, text: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A place with no graphviz but what is put on the PATH, the folder given."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    return tmp_path


def test_with_none_the_command_that_installs_one_is_named(bare: Path) -> None:
    with pytest.raises(RenderError, match=r"pip install graphviz-pure==0\.2\.2"):
        find_provider()
    with pytest.raises(RenderError, match="apt install graphviz"):
        find_provider("dot")


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
def test_one_that_does_not_run_is_passed_over(bare: Path) -> None:
    script(bare, "graphviz-pure", "exit 126")
    script(bare, "dot", "echo 'dot - graphviz version 12.1.0 (2024)' >&2")
    assert str(find_provider()) == "dot (graphviz 12.1.0)"
    with pytest.raises(RenderError, match=r"pip install graphviz-pure"):
        find_provider("graphviz-pure")


def test_an_unknown_provider_says_which_there_are() -> None:
    with pytest.raises(RenderError, match="did you mean `graphviz-pure`"):
        find_provider("graphviz_pure")


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")
def test_one_that_takes_too_long_is_stopped_with_all_that_it_started(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(
        bare,
        "dot",
        f'[ "$1" = -V ] && echo graphviz version 9.9.9 && exit\n'
        f"/bin/sleep 60 & echo $! > {bare}/child\nwait",
    )
    provider = find_provider("dot")
    monkeypatch.setattr(providers, "SECONDS", 0.5)
    with pytest.raises(TooTangled) as caught:
        lay_out(DOT, provider)
    assert caught.value.reason == "dot took more than 0.5 seconds"
    child = int((bare / "child").read_text())
    for _ in range(100):  # until init has collected it
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{child}/stat").exists():
            if Path(f"/proc/{child}/stat").read_text().rsplit(") ", 1)[1][0] == "Z":
                return
        time.sleep(0.05)
    pytest.fail("what the program started still runs")


def test_the_real_one_is_stopped_in_a_hairball(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = find_provider()
    monkeypatch.setattr(providers, "SECONDS", 0.5)
    hairball = "\n".join(f"{i} -> {j}" for i in range(400) for j in range(i + 1, 400, 3))
    with pytest.raises(TooTangled, match="graphviz-pure took more than"):
        lay_out(f"digraph {{ {hairball} }}", provider)


def test_text_that_is_no_dot_is_an_error() -> None:
    with pytest.raises(RenderError, match=r"graphviz-pure 0\.2\.2 .* failed: .*syntax error"):
        lay_out("no dot", find_provider())
