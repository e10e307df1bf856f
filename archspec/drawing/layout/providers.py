"""Providers: the graphviz programs that lay DOT out.

`graphviz-pure` comes with archspec from PyPI; `dot` on the PATH and `pygraphviz` stand in for it.
Each gives positions only, so that a picture looks the same whoever placed it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from archspec.diagnostics import RenderError, did_you_mean

SECONDS = 30.0
PROVIDERS = ("graphviz-pure", "dot", "pygraphviz")
"""In the order in which they are tried."""

INSTALL = "pip install graphviz-pure==0.2.2"

_PYGRAPHVIZ = """
import sys
import pygraphviz
from pygraphviz import graphviz as library
if len(sys.argv) > 1:
    numbers = [getattr(library, f"GRAPHVIZ_{part}_VERSION") for part in ("MAJOR", "MINOR", "PATCH")]
    print("pygraphviz", pygraphviz.__version__, "graphviz", ".".join(map(str, numbers)))
else:
    text = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(pygraphviz.AGraph(string=text).draw(format="json", prog="dot"))
"""
_VERSION = re.compile(r"\bgraphviz(?: version)? (\d+\.\d+\.\d+)", re.IGNORECASE)


class TooTangled(RenderError):
    """A scene that graphviz would work on for minutes, or did for as long as it may.

    reason: a clause that says why. Not the end: another layout may place the scene.
    """

    def __init__(self, reason: str):
        super().__init__(f"graphviz cannot lay this out: {reason}; draw less, or a coarser level")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Provider:
    """A program that reads DOT and writes graphviz's JSON. version: as a picture records it."""

    name: str
    command: tuple[str, ...]
    version: str

    def __str__(self) -> str:
        return self.version


def find_provider(name: str | None = None) -> Provider:
    """The provider of a name, or else the first that is there and runs.

    Raises RenderError where there is none, with the command that installs one.
    """
    if name is not None and name not in PROVIDERS:
        hint = did_you_mean(name, PROVIDERS) or f"one of {', '.join(PROVIDERS)}"
        raise RenderError(f"no graphviz provider is called `{name}`: {hint}")
    for each in PROVIDERS if name is None else (name,):
        command = _command(each)
        if command is not None:
            version = _version(each, command)
            if version is not None:
                return Provider(each, command, version)
    if name is None:
        raise RenderError(f"no graphviz is installed; get one with `{INSTALL}`")
    how = {
        "graphviz-pure": f"`{INSTALL}`",
        "dot": "`apt install graphviz` or `brew install graphviz`",
        "pygraphviz": "`pip install pygraphviz`",
    }
    raise RenderError(f"the graphviz provider `{name}` is not installed; get it with {how[name]}")


def lay_out(dot: str, provider: Provider) -> bytes:
    """A DOT text laid out, as graphviz's `-Tjson`.

    It is not `-Tjson0`: that rounds to five digits, which are 10 points in a tall picture.
    Raises TooTangled after `SECONDS`, RenderError where the provider fails.
    """
    arguments = () if provider.name == "pygraphviz" else ("-Tjson",)
    try:
        code, output, errors = _run((*provider.command, *arguments), dot.encode(), SECONDS)
    except subprocess.TimeoutExpired:
        raise TooTangled(f"{provider.name} took more than {SECONDS:g} seconds") from None
    except OSError as error:
        raise RenderError(f"cannot run {provider.command[0]}: {error.strerror}") from None
    if code != 0 or not output:
        said = errors.decode(errors="replace").strip().splitlines()
        raise RenderError(f"{provider.version} failed: {said[-1] if said else f'exit code {code}'}")
    return output


def _command(name: str) -> tuple[str, ...] | None:
    """What runs a provider, None where it is not installed."""
    if name == "pygraphviz":
        # In a process of its own, which can be stopped; -P: the working directory has no say.
        return (sys.executable, "-P", "-c", _PYGRAPHVIZ) if find_spec(name) else None
    folders: list[str | None] = [None]
    if name == "graphviz-pure":
        folders = [str(Path(sys.executable).parent), sysconfig.get_path("scripts"), None]
    for folder in folders:
        found = shutil.which(name, path=folder)
        if found:
            return (found,)
    return None


@cache
def _version(name: str, command: tuple[str, ...]) -> str | None:
    """The provider and its versions, None where it does not run: built for another machine, say."""
    try:
        code, output, errors = _run((*command, "-V"), b"", SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = (output + errors).decode(errors="replace")
    of_graphviz = _VERSION.search(said)
    if code != 0 or of_graphviz is None:
        return None
    own = re.search(rf"{name}(?: version)? (\d+(?:\.\d+)+)", said) if name != "dot" else None
    return f"{name}{f' {own[1]}' if own else ''} (graphviz {of_graphviz[1]})"


def _run(command: Sequence[str], text: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    """Run a program to its end, or stop it and all that it started. Raises TimeoutExpired."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(text, timeout=seconds)
        except BaseException:  # Ctrl-C does not reach a program in a session of its own
            if os.name == "posix":
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise
        return process.returncode, output, errors
