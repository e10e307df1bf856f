"""The positioned tree: YAML data in which every key and value knows its place."""

from __future__ import annotations

from collections.abc import KeysView
from typing import Any, NamedTuple, TypeAlias

from archspec.diagnostics import Span


class Scalar:
    """Text, a number, true, false or null. Quoted scalars and `|` blocks are always text."""

    __slots__ = ("quoted", "span", "value")

    def __init__(self, value: str | int | float | bool | None, span: Span, quoted: bool = False):
        self.value: Any = value
        self.span = span
        self.quoted = quoted

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"


class Sequence:
    """A list."""

    __slots__ = ("items", "span")

    def __init__(self, items: tuple[Tree, ...], span: Span):
        self.items = items
        self.span = span

    def __repr__(self) -> str:
        return f"Sequence({list(self.items)})"


class Entry(NamedTuple):
    """A value of a mapping and the place of its key."""

    key_span: Span
    value: Tree


class Mapping:
    """A mapping; its keys are text, in the order of the file."""

    __slots__ = ("entries", "span")

    def __init__(self, entries: dict[str, Entry], span: Span):
        self.entries = entries
        self.span = span

    def get(self, key: str) -> Tree | None:
        """The value at a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def keys(self) -> KeysView[str]:
        """The keys in the order of the file."""
        return self.entries.keys()

    def __contains__(self, key: object) -> bool:
        return key in self.entries

    def __repr__(self) -> str:
        return f"Mapping({list(self.entries)})"


Tree: TypeAlias = Scalar | Sequence | Mapping


def plain(tree: Tree) -> Any:
    """The tree as dicts, lists and scalars, without places."""
    if isinstance(tree, Scalar):
        return tree.value
    if isinstance(tree, Sequence):
        return [plain(item) for item in tree.items]
    return {key: plain(entry.value) for key, entry in tree.entries.items()}
