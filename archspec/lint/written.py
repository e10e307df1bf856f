"""Checks of a file as written: what it declares and does not use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.codes import lint as codes
from archspec.diagnostics import Span
from archspec.expand import Program, names_in
from archspec.syntax import Entry, Mapping, Scalar, Sequence, Tree

from .checks import Found, written


@written(codes.UNUSED_BLOCK)
def unused_block(program: Program) -> Iterator[Found]:
    tree = _network(program)
    blocks = _entries(tree, "blocks")
    for name, entry in blocks.items():
        if not _named(tree, name, beside=entry.value):
            yield Found(
                entry.key_span,
                f"no stage uses the block `{name}`",
                "use it, remove it, or move it into a library: a file without `stages`",
            )


@written(codes.UNUSED_PARAM)
def unused_param(program: Program) -> Iterator[Found]:
    tree = _network(program)
    declared = _entries(tree, "params")
    if tree is not None and declared and "extends" not in tree.entries:
        known = {key: entry for key, entry in tree.entries.items() if key != "blocks"}
        read = names_in(Mapping(known, tree.span))
        yield from _unread(declared, read, "parameter")
    for name, entry in _entries(program.tree, "blocks").items():
        block = entry.value
        if isinstance(block, Mapping) and _entries(block, "params"):
            yield from _unread(_entries(block, "params"), names_in(block), f"parameter of `{name}`")


@written(codes.UNUSED_LET)
def unused_let(program: Program) -> Iterator[Found]:
    tree = _network(program)
    declared = _entries(tree, "let")
    if tree is not None and declared and "extends" not in tree.entries:
        known = {key: entry for key, entry in tree.entries.items() if key != "blocks"}
        yield from _unread(declared, names_in(Mapping(known, tree.span)), "name")
    for entry in _entries(program.tree, "blocks").values():
        declared = _entries(entry.value, "let")
        if declared:
            yield from _unread(declared, names_in(entry.value), "name")


@written(codes.UNUSED_IMPORT)
def unused_import(program: Program) -> Iterator[Found]:
    tree = program.tree
    for name, entry in _entries(tree, "import").items():
        asked = entry.value
        if isinstance(asked, Mapping):
            blocks = {str(e.value.value): e.key_span for e in asked.entries.values()}  # type: ignore[union-attr]
        else:
            items = asked.items if isinstance(asked, Sequence) else (asked,)
            blocks = {str(item.value): item.span for item in items if isinstance(item, Scalar)}
        for block, span in blocks.items():
            if not _named(tree, block, beside=asked):
                yield Found(span, f"`{block}` of `{name}` is not used", "remove it")


def _unread(declared: dict[str, Entry], read: set[str], what: str) -> Iterator[Found]:
    for name, entry in declared.items():
        if name not in read:
            yield Found(
                entry.key_span,
                f"nothing reads the {what} `{name}`",
                f"read `${name}`, or remove it",
            )


def _network(program: Program) -> Mapping | None:
    """The file's mapping, where the file is a network and no library."""
    tree = program.tree
    return tree if isinstance(tree, Mapping) and program.stages is not None else None


def _entries(tree: Tree | None, key: str) -> dict[str, Entry]:
    value = tree.get(key) if isinstance(tree, Mapping) else None
    return value.entries if isinstance(value, Mapping) else {}


def _named(tree: Tree | None, name: str, *, beside: Tree | None) -> bool:
    """Whether a word stands anywhere in a tree, as a key or as text, but in one part of it."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    stack: list[Tree | None] = [tree]
    declares: set[Span] = set()
    if isinstance(tree, Mapping):
        declares = {e.key_span for e in _entries(tree, "blocks").values()}
    while stack:
        part = stack.pop()
        if part is beside:
            continue
        if isinstance(part, Mapping):
            for key, entry in part.entries.items():
                if (key == name and entry.key_span not in declares) or (
                    "$" in key and word.search(key)
                ):
                    return True
                stack.append(entry.value)
        elif isinstance(part, Sequence):
            stack.extend(part.items)
        elif isinstance(part, Scalar) and isinstance(part.value, str):
            if part.value == name or ("$" in part.value and word.search(part.value)):
                return True
    return False
