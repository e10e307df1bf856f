"""Independence: specs of which every child has the same decisions, as is seen from what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.connections import (
    Block,
    Call,
    Choice,
    Node,
    OpenReference,
    Optional,
    Sequence,
    Skip,
    is_open,
)
from archspec.expand import Program
from archspec.expand.deciding import in_block, in_node, in_value
from archspec.expand.parameters import names_read

_COUNTER = frozenset({"i"})


def always_the_same(program: Program) -> bool:
    """Whether no decision's being there depends on what is chosen. Where that is not plain, False.

    It could by what stands in an option, by conditions, by how often and under which names a loop
    builds, by an op that is a parameter, and by a shortcut, which is there where sizes differ.
    """
    if any(is_open(a.value) for f in program.files.values() for d in f.defaults.values() for a in d.values()):  # fmt: skip
        return False
    given = {**program.params, **program.let}
    if any(_hides(argument.value) for argument in given.values()):
        return False
    closed = _closed(program) | (_COUNTER - given.keys())
    if program.stages is not None and not _plain(program.stages, closed, program):
        return False
    blocks = (block for file in program.files.values() for block in file.blocks.values())
    return all(_plain_block(block, program) for block in {id(b): b for b in blocks}.values())


def _closed(program: Program) -> frozenset[str]:
    """The spec's own names that are the same in every child."""
    closed: set[str] = set()
    for name, argument in (*program.params.items(), *program.let.items()):
        if not is_open(argument.value) and names_read(argument.value) <= closed:
            closed.add(name)
    return frozenset(closed)


def _plain_block(block: Block, program: Program) -> bool:
    arguments = (*block.params.values(), *block.let.values())
    if any(is_open(a.value) for given in block.defaults.values() for a in given.values()):
        return False
    if any(is_open(a.value) or _hides(a.value) for a in arguments):
        return False
    closed = _COUNTER - block.params.keys() - block.let.keys()
    return block.body is None or _plain(block.body, closed, program)


def _plain(top: Node, closed: frozenset[str], program: Program) -> bool:
    stack = [top]
    while stack:
        node = stack.pop()
        if node.common.when is not None:
            return False
        if any(is_open(value) or names_read(value) - closed for value in _structural(node)):
            return False
        if isinstance(node, Choice | Optional):
            if any(_has_choices(option, program, set()) for option in node.nodes()):
                return False
        elif isinstance(node, Skip):
            parts = (node.shortcut, node.merge)
            if any(p is not None and _has_choices(p, program, set()) for p in parts):
                return False
        if any(_hides(value) for value in _values(node)):
            return False
        stack += node.nodes()
    return True


def _structural(node: Node) -> Iterator[Any]:
    """What decides how many children there are, which, and what they are called."""
    if isinstance(node, Call):
        yield node.key
    if isinstance(node, Sequence):
        yield from (item.name for item in node.items)
    for field in ("repeat", "for_"):
        argument = getattr(node, field, None)
        if argument is not None:
            yield getattr(argument, "value", argument)
    yield getattr(node, "names", None) if not isinstance(node, Sequence) else None
    references = (*(node.common.from_ or ()), *(getattr(node, "refs", None) or ()))
    for reference in references:
        if isinstance(reference, OpenReference):
            yield from (one.name for one in reference.names)
        else:
            yield reference.name


def _values(node: Node) -> Iterator[Any]:
    if isinstance(node, Call):
        if node.main is not None:
            yield node.main.value
        yield from (argument.value for _span, argument in node.args.values())


def _hides(value: Any) -> bool:
    """Whether a value may have more choices in it: a node, or a choice with an open option."""
    if isinstance(value, tuple):
        return any(map(_hides, value))
    return isinstance(value, dict) or any(
        is_open(option.value) or isinstance(option.value, dict)
        for one in in_value(value)
        for option in one.options
    )


def _has_choices(node: Node, program: Program, seen: set[int]) -> bool:
    """Whether something is open in a node, or in a block that it uses."""
    stack = [node]
    while stack:
        here = stack.pop()
        if any(True for _ in in_node(here)):
            return True
        stack += here.nodes()
        if isinstance(here, Call):
            if not isinstance(here.key, str):
                return True
            block = program.files[here.key_span.source].blocks.get(here.key)
            if block is not None and id(block) not in seen:
                seen.add(id(block))
                if any(True for _ in in_block(block)):
                    return True
                if block.body is not None:
                    stack.append(block.body)
    return False
