"""Reading a file safely: regular files only, within the root, of bounded size, as UTF-8."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path

from archspec.codes.text import CANNOT_READ, NO_SUCH_FILE
from archspec.diagnostics import Source, Span, SpecError, did_you_mean

from .parser import MAX_BYTES

_LINKED = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(
    path: str | os.PathLike[str],
    root: str | os.PathLike[str] | None = None,
    called: str | None = None,
) -> Source:
    """The text of a file. With `root`, the file is below it and no component between is a link.

    called: the name of the source, where that is not the path.
    Raises SpecError: `AS0111` where nothing has this name, `AS0110` where it cannot be read.
    """
    name = called or os.fspath(path)
    try:
        handle = _open(Path(path), None if root is None else Path(root))
    except FileNotFoundError:
        raise _missing(name) from None
    except (OSError, ValueError) as error:
        raise _refused(name, _reason(error)) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            folder = stat.S_ISDIR(status.st_mode)
            raise _refused(name, "it is a folder" if folder else "it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise _refused(name, "it is larger than 1 MiB")
        data = b""
        while len(data) <= MAX_BYTES and (part := os.read(handle, MAX_BYTES + 1)):
            data += part
    except OSError as error:
        raise _refused(name, _reason(error)) from None
    finally:
        os.close(handle)
    return decode(name, data)


def decode(name: str, data: bytes) -> Source:
    """The text that was read from `name`. Raises SpecError: too much of it, or no UTF-8."""
    if len(data) > MAX_BYTES:  # a file that grew, or whose size is not known
        raise _refused(name, "it is larger than 1 MiB")
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _not_utf8(name, data, error.start) from None


def _open(path: Path, root: Path | None) -> int:
    """A handle of the file. Waits for nothing: a FIFO opens at once, and is refused later."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    flags |= getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    if root is None:
        return os.open(path, flags)
    root = Path(os.path.abspath(root))
    parts = Path(os.path.abspath(path)).relative_to(root).parts
    if not parts:
        raise IsADirectoryError
    if os.open not in os.supports_dir_fd or not hasattr(os, "O_NOFOLLOW"):  # Windows
        below = root
        for part in parts:
            below /= part
            if below.is_symlink():
                raise OSError(errno.ELOOP, "a link")
        return os.open(below, flags)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = deeper
        return os.open(parts[-1], flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _missing(name: str) -> SpecError:
    path = Path(name)
    try:
        near = [entry.name for entry in os.scandir(path.parent) if entry.is_file()]
    except OSError:
        return NO_SUCH_FILE.error(
            None, f"no such file: {name}", help=f"there is no folder `{path.parent}`"
        )
    return NO_SUCH_FILE.error(
        None, f"no such file: {name}", help=did_you_mean(path.name, sorted(near))
    )


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, PermissionError):
        return "reading it is not allowed"
    if isinstance(error, OSError):
        if error.errno in _LINKED:
            return "a part of its path is a link or no folder"
        return str(error.strerror or error).lower()
    return "it is outside the project" if "subpath" in str(error) else "this is no path"


def _refused(name: str, why: str) -> SpecError:
    return CANNOT_READ.error(None, f"cannot read {name}: {why}")


def _not_utf8(name: str, data: bytes, at: int) -> SpecError:
    source = Source(name, data.decode("utf-8", "replace"))
    if data.startswith(_UTF16):
        return CANNOT_READ.error(
            Span(Source(name, data.decode("utf-16", "replace")), 1, 1, 1, 2),
            "the file is UTF-16",
            help="save it as UTF-8",
        )
    before = Source(name, data[:at].decode("utf-8"))
    lines = before.text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    column = len(before.line(lines)) + 1
    return CANNOT_READ.error(
        Span(source, lines, column, lines, column + 1),
        f"the file is not UTF-8: byte {at} is 0x{data[at]:02x}",
        help="save it as UTF-8",
    )
