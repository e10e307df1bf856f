"""Runs the samples of a page, in order and in one folder.

A block with a title is a file; a spec in it has nothing wrong unless its title says typo, or plugin.
A `console` block holds commands after `$ ` and what they print. A `python` block goes on from the one before; a `text` block after it is what it prints. A line
of `...` stands for any lines. Blocks of other kinds (`sh`) are for the reader alone.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from archspec import validate
from archspec.cli import run as archspec

FENCE = re.compile(
    r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Sample(NamedTuple):
    kind: str
    title: str | None
    text: str
    line: int


def samples(page: Path) -> Iterator[Sample]:
    text = page.read_text()
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        yield Sample(match["kind"], match["title"], match["text"], line)


def run(page: Path, folder: Path) -> int:
    """Run a page's samples; gives how many it has. Raises AssertionError where one is not true."""
    space: dict[str, Any] = {"__name__": "__main__"}
    printed: str | None = None
    count = 0
    for sample in samples(page):
        where = f"{page.name}:{sample.line}"
        if sample.kind == "yaml" and sample.title:
            (folder / sample.title).write_text(sample.text)
            if not any(word in sample.title for word in ("typo", "plugin")):
                found = validate(folder / sample.title)
                assert not found, f"{where}: {found[0].format()}"
        elif sample.kind == "console":
            _commands(sample.text, folder, where)
        elif sample.title:
            (folder / sample.title).write_text(sample.text)
        elif sample.kind == "python":
            printed = _python(sample, page, folder, space)
        elif sample.kind == "text" and printed is not None:
            _compare(sample.text, printed, where)
        else:
            continue
        count += 1
        if sample.kind != "python":
            printed = None
    return count


def _python(sample: Sample, page: Path, folder: Path, space: dict[str, Any]) -> str:
    code = compile("\n" * (sample.line - 1) + sample.text, str(page), "exec")
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        exec(code, space)
    return out.getvalue()


def _commands(text: str, folder: Path, where: str) -> None:
    """Run each command after `$ ` and compare what it prints, both streams in order."""
    parts = re.split(r"^\$ (.*)$", text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"{where}: output before the first command"
    for command, expected in zip(parts[1::2], parts[2::2], strict=True):
        words = shlex.split(command)
        assert words[0] == "archspec", f"{where}: {command}"
        out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        with (
            contextlib.chdir(folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            code = archspec(words[1:])
        printed = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
        printed += f"[exit code {code}]\n" if code else ""
        _compare(expected, printed, f"{where}: {command}")


def _compare(expected: str, printed: str, where: str) -> None:
    lines = [line.rstrip() for line in expected.strip("\n").split("\n")]
    pattern = "\n".join("(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in lines)
    shown = "\n".join(line.rstrip() for line in printed.strip("\n").split("\n"))
    assert re.fullmatch(pattern, shown), f"{where}: expected\n{expected}\nbut it printed\n{shown}"


if __name__ == "__main__":  # a process of its own, for samples add ops to the catalogue
    sys.path.insert(0, sys.argv[2])
    try:
        print(run(Path(sys.argv[1]), Path(sys.argv[2])))
    except AssertionError as untrue:
        sys.exit(str(untrue))
