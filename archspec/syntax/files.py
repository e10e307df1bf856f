"""Reading a file safely: regular files only, within the root, of bounded size, as UTF-8."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from archspec.diagnostics import Source, Span, SpecError, did_you_mean, rule

from .parser import MAX_BYTES

CANNOT_READ = rule(
    "AS0110",
    "a file that cannot be read",
    "Specs are regular UTF-8 files of at most 1 MiB; links are not followed out of the project.",
    wrong="archspec: 1\nextends: no_such_file.yaml\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)


def read(path: str | os.PathLike[str], root: str | os.PathLike[str] | None = None) -> Source:
    """The text of a file. With `root`, no component of the path below it may be a link.

    Raises SpecError.
    """
    name = os.fspath(path)
    try:
        handle = _open(Path(path), None if root is None else Path(root))
    except OSError as error:
        raise _refused(name, _reason(error, Path(path))) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _refused(name, "it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise _refused(name, "it is larger than 1 MiB")
        with os.fdopen(os.dup(handle), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    finally:
        os.close(handle)
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CANNOT_READ.error(
            Span(Source(name, ""), line, 1, line, 2),
            f"the file is not UTF-8 (byte {error.start})",
            help="save it as UTF-8",
        ) from None


def _open(path: Path, root: Path | None) -> int:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    if root is None or not hasattr(os, "O_NOFOLLOW") or os.open not in os.supports_dir_fd:
        return os.open(path, flags)
    absolute = Path(os.path.abspath(path))
    parts = absolute.relative_to(root).parts
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = deeper
        return os.open(parts[-1], flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        near = [p.name for p in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near)
        return "there is no such file" + (f"; {hint}" if hint else "")
    if isinstance(error, PermissionError):
        return "reading it is not allowed"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if error.errno in (40, 20):
        return "links are not followed"
    return str(error.strerror or error).lower()


def _refused(name: str, why: str) -> SpecError:
    return CANNOT_READ.error(None, f"cannot read {name}: {why}")
