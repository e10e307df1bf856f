"""Identity: whether a search that goes on is the one that was begun."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from archspec.diagnostics import UsageError


def digest(*parts: Any) -> str:
    """A hash of plain values."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def digest_of_code(plugins: Iterable[str] = ()) -> str:
    """A hash of archspec's own code, of plugins, and of torch's version: with other ones a child may
    come to another result."""
    contents = [hashlib.sha256(Path(plugin).read_bytes()).hexdigest() for plugin in plugins]
    return digest(_own_code(), _torch(), contents)


@cache
def _own_code() -> str:
    package = Path(__file__).parents[1]
    state = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        state.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()


def _torch() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def check_same(known: Mapping[str, str], now: Mapping[str, str], folder: Path) -> None:
    """Raises UsageError where something is not as it was when the search began."""
    for name in sorted(known.keys() | now.keys()):
        if known.get(name) != now.get(name):
            raise UsageError(
                f"{name} of the search in {folder} has changed since it began, so its children "
                "cannot be compared with new ones: put it back as it was, or begin a new search"
            )
