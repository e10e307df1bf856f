"""What was found in specs that have not changed.

An entry is known by the spec's path and all that was asked of it; it holds while every file that the
spec takes in has the content that it had, and archspec is what it was. It lies in the user's own cache
folder and not in the project, where a stranger could leave one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import archspec
from archspec.diagnostics import Diagnostic, Source, SpecError
from archspec.diagnostics.packing import pack, unpack
from archspec.files import packaged_folder, project_root, write_whole
from archspec.syntax import read

_KEPT = 30 * 24 * 3600
"""Seconds for which the entries of another version are kept."""


class Cache:
    """Findings on disk."""

    def __init__(self, folder: Path, asked: Any):
        """asked: what else the findings depend on, as plain data."""
        self.folder = folder / _version()
        self.asked = json.dumps(asked, sort_keys=True, default=repr)
        self._read: dict[str, tuple[Source, str] | None] = {}

    def get(self, spec: str) -> list[Diagnostic] | None:
        """What was found in a spec, or None where that is not known."""
        try:
            entry = json.loads(self._entry(spec).read_bytes())
            sources = {}
            for number, (name, path, digest) in enumerate(entry["files"]):
                now = self._content(path)
                if now is None or now[1] != digest:
                    return None
                sources[number] = Source(name, now[0].text)
            return unpack(sources, entry["found"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None  # no entry, or none of ours

    def put(self, spec: str, found: list[Diagnostic], paths: Mapping[Path, Source]) -> None:
        """Keep what was found. paths: every file that was read. What cannot be kept is not."""
        sources, packed = pack(found)
        read = {source: str(path) for path, source in paths.items()}
        if any(source not in read for source in sources):
            return
        sources += [source for source in read if source not in sources]
        files = [[source.name, read[source], _digest(source.text)] for source in sources]
        entry = self._entry(spec)
        with contextlib.suppress(OSError):
            if not entry.parent.is_dir():
                _begin(self.folder)
                entry.parent.mkdir(parents=True, exist_ok=True)
            write_whole(entry, json.dumps({"files": files, "found": packed}).encode())

    def _entry(self, spec: str) -> Path:
        path = os.path.abspath(spec)
        root = str(project_root(Path(path).parent))
        digest = _digest("\0".join((spec, path, root, self.asked)))
        return self.folder / digest[:2] / f"{digest[2:34]}.json"

    def _content(self, path: str) -> tuple[Source, str] | None:
        if path not in self._read:
            try:
                source = read(path)
                self._read[path] = (source, _digest(source.text))
            except SpecError:
                self._read[path] = None
        return self._read[path]


def cache_folder() -> Path:
    """Where programs of this user keep what they can make again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "archspec"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _version() -> str:
    """archspec's version, and the state of its files and the shipped specs: a checkout changes
    without its version."""
    state = hashlib.sha256(archspec.__version__.encode())
    for folder in (Path(archspec.__file__).parent, packaged_folder()):
        for name, modified, size in sorted(_files(str(folder))):
            state.update(f"{name}\0{modified}\0{size}\n".encode())
    return f"{archspec.__version__}-{state.hexdigest()[:16]}"


def _files(folder: str) -> Iterable[tuple[str, int, int]]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        elif entry.name.endswith((".py", ".yaml")):
            status = entry.stat()
            yield entry.path, status.st_mtime_ns, status.st_size


def _begin(folder: Path) -> None:
    """Make the folder of this version; those of others that nobody has used for long go."""
    import shutil

    folder.mkdir(parents=True, exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder and other.is_dir() and time.time() - other.stat().st_mtime > _KEPT:
            shutil.rmtree(other, ignore_errors=True)
