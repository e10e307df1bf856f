"""Settings of a project: the table `[tool.archspec]` of the nearest pyproject.toml that has one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archspec.diagnostics import Diagnostic, UsageError, did_you_mean

from .discovery import matches
from .selection import codes_of


@dataclass(frozen=True)
class Settings:
    """What a project says of its checks. Patterns and files are relative to `folder`."""

    folder: Path
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    exclude: tuple[str, ...] = ()
    max_warnings: int | None = None
    max_nodes: int | None = None
    baseline: str | None = None

    def ignores(self, found: Diagnostic) -> bool:
        """Whether a finding is a warning that is ignored in its file."""
        if found.severity == "error" or found.span is None:
            return False
        name = found.span.source.name
        return any(
            found.code in codes and matches(name, [pattern], self.folder)
            for pattern, codes in self.per_file_ignores
        )


def read_settings(start: Path) -> Settings:
    """The settings of the project that `start` is in. Raises UsageError with the place."""
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            found = _table(file)
            if found is not None:
                return _settings(folder, file, *found)
    return Settings(start)


def _table(file: Path) -> tuple[dict[str, Any], str] | None:
    import tomllib

    try:
        text = file.read_text(encoding="utf-8")
        if "archspec" not in text:
            return None
        table = tomllib.loads(text).get("tool", {}).get("archspec")
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {error}") from None
    return None if table is None else (table, text)


def _settings(folder: Path, file: Path, table: Any, text: str) -> Settings:
    if not isinstance(table, dict):
        raise UsageError(f"{file}: [tool.archspec] is a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        place = f"{file}:{_line(text, key)}"
        kind = _KINDS.get(key)
        if kind is None:
            hint = did_you_mean(key, _KINDS) or f"it has {', '.join(_KINDS)}"
            raise UsageError(f"{place}: [tool.archspec] has no key `{key}`: {hint}")
        expected, read = kind
        try:
            values[key.replace("-", "_")] = read(value)
        except UsageError as error:
            raise UsageError(f"{place}: {error}") from None
        except ValueError:
            raise UsageError(f"{place}: `{key}` takes {expected}, got {value!r}") from None
    return Settings(folder, **values)


def _line(text: str, key: str) -> int:
    """The line of the table in which a key stands."""
    begin = re.search(r"^\s*\[\s*tool\s*\.\s*archspec\b", text, re.MULTILINE)
    at = 0 if begin is None else begin.start()
    found = re.compile(rf"""^\s*(\[.*)?["']?{re.escape(key)}\b""", re.MULTILINE).search(text, at)
    return text.count("\n", 0, at if found is None else found.end()) + 1


def _codes(value: Any) -> tuple[str, ...]:
    for name in _texts(value):
        codes_of(name)
    return tuple(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError
    return tuple(value)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _by_pattern(value: Any) -> tuple[tuple[str, frozenset[str]], ...]:
    if not isinstance(value, dict):
        raise ValueError
    return tuple(
        (pattern, frozenset(code for name in _texts(names) for code in codes_of(name)))
        for pattern, names in value.items()
    )


_CODES = 'codes such as ["AS0710"]'
_COUNT = "a whole number"
_KINDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "select": (_CODES, _codes),
    "extend-select": (_CODES, _codes),
    "ignore": (_CODES, _codes),
    "per-file-ignores": ('codes by pattern, such as {"legacy/*.yaml" = ["AS07"]}', _by_pattern),
    "exclude": ('patterns such as ["drafts/*"]', _texts),
    "max-warnings": (_COUNT, _number),
    "max-nodes": (_COUNT, _number),
    "baseline": ("the name of a file", _text),
}
