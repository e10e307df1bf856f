"""Execution order: the order of the file, with heads that run in training moved up.

Registration, execution and display are three orders. Expansion makes nodes in an order in which
every input exists already; the schedule keeps it, except that a train-only head runs as soon as its
input is there (GoogLeNet's first auxiliary classifier runs after inception 4a, wherever it is
registered), which is also the order in which random numbers are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archspec.connections import Module


def execution_order(root: Module) -> list[Module]:
    """The ops in execution order."""
    leaves = root.ops()
    inside: dict[Module, list[Module]] = {}
    for leaf in [leaf for leaf in leaves if leaf.train_only]:
        head = _head(leaf)
        if head is not None:
            inside.setdefault(head, []).append(leaf)
    return list(_with_heads(leaves, inside)) if inside else leaves


def _with_heads(leaves: list[Module], inside: Mapping[Module, list[Module]]) -> Iterator[Module]:
    """The ops in order, those of each head where its input is there."""
    heads: dict[int, list[Module]] = {}
    for head, after in _places(leaves, inside).items():
        heads.setdefault(after, []).append(head)

    def run(after: int) -> Iterator[Module]:
        for head in heads.get(after, ()):
            yield from inside[head]

    yield from run(-1)
    for number, leaf in enumerate(leaves):
        if not leaf.train_only:
            yield leaf
            yield from run(number)


def _places(leaves: list[Module], inside: Mapping[Module, list[Module]]) -> dict[Module, int]:
    """The number of the op that each head runs after, -1 for the start: the last one that it takes
    a value from, but not before the module that it stands in is entered."""
    order = {leaf: number for number, leaf in enumerate(leaves)}
    places: dict[Module, int] = {}
    for head, ops in inside.items():
        place = _before(head.parent, leaves, order)
        for op in ops:
            for value in op.inputs:
                if value.producer is None:
                    continue
                other = _head(value.producer)
                if other is None:
                    place = max(place, order[value.producer])
                elif other is not head:
                    place = max(place, places[other])
        places[head] = place
    return places


def _before(module: Module | None, leaves: list[Module], order: Mapping[Module, int]) -> int:
    """The number of the last op of the main path before a module."""
    if module is None or module.parent is None:
        return -1
    first = next(order[leaf] for leaf in module.walk() if leaf in order)
    return next((n for n in range(first - 1, -1, -1) if not leaves[n].train_only), -1)


def _head(leaf: Module) -> Module | None:
    """The outermost train-only module around an op."""
    found = None
    module: Module | None = leaf
    while module is not None and module.train_only:
        found = module
        module = module.parent
    return found
