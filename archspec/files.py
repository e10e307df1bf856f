"""Files: where the shipped ones are, what a project is, and writing whole or not at all."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def packaged_folder() -> Path:
    """The folder of the shipped specs: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


def project_root(folder: Path) -> Path:
    """The nearest folder at or above `folder` that looks like a project, else `folder` itself."""
    real = place = os.path.realpath(folder)
    while not os.path.isfile(os.path.join(place, "pyproject.toml")) and not os.path.exists(
        os.path.join(place, ".git")
    ):
        above = os.path.dirname(place)
        if above == place:
            return Path(real)
        place = above
    return Path(place)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it is not there. Raises OSError that names it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        said = "it is a file, and a folder is wanted"
        raise NotADirectoryError(error.errno, said, os.fspath(path)) from None


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write to a temporary file beside `path`, then rename; through a link, and straight into what
    is no regular file (a pipe, a device). Raises OSError that names `path`."""
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as device:
                device.write(data)
        else:
            _write(target, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def _write(target: Path, data: bytes) -> None:
    import tempfile

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
