"""Variants: what tells instances of one block apart that are given other ops or words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archspec.connections import Call, Module
from archspec.expand.parameters import NodeValue

from .notation import short_word


def variants(modules: Iterable[Module]) -> Mapping[str, list[str]]:
    """By block, the parameters that take an op, a block or a word, and not the same everywhere."""
    seen: dict[tuple[str, str], Any] = {}
    found: dict[str, list[str]] = {}
    for module in modules:
        block = module.block
        if block is None or module.block_written is None or module.bound is None:
            continue
        for name in module.block_written.params:
            value = module.bound.get(name)
            if isinstance(value, NodeValue | str):
                first = seen.setdefault((block, name), value)
                known = found.setdefault(block, [])
                if first != value and name not in known:
                    known.append(name)
    return found


def variant(module: Module, names: Iterable[str]) -> str:
    """What a title says of these parameters: `, SiLU`."""
    given = ((module.bound or {}).get(name) for name in names)
    return "".join(f", {_shown(value)}" for value in given if value is not None)


def _shown(value: Any) -> str:
    if isinstance(value, NodeValue) and not value.name:
        node = value.node
        return short_word(str(node.key)) if isinstance(node, Call) else "a node"
    return short_word(str(value))
