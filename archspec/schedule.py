"""Execution order: the order of the file, with heads that run in training moved up.

Registration, execution and display are three orders. Expansion makes nodes in an order in which
every input exists already; the schedule keeps it, except that a train-only head runs as soon as its
input is there (GoogLeNet's first auxiliary classifier runs after inception 4a, wherever it is
registered), which is also the order in which random numbers are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archspec.connections import Module


def execution_order(root: Module, paths: Mapping[Module, str]) -> Iterator[tuple[Module, str]]:
    """The ops in execution order, each with its path ("" for an anonymous one)."""
    leaves = [module for module in made(root) if module.op is not None]
    heads: dict[Module | None, list[Module]] = {}
    inside: dict[Module, list[Module]] = {}
    for leaf in leaves:
        head = _head(leaf)
        if head is not None:
            inside.setdefault(head, []).append(leaf)
    for head, ops in inside.items():
        heads.setdefault(_last_input(head, ops, leaves), []).append(head)

    def run(head: Module) -> Iterator[tuple[Module, str]]:
        return ((op, paths.get(op, "")) for op in inside[head])

    for head in heads.get(None, ()):
        yield from run(head)
    for leaf in leaves:
        if leaf.train_only:
            continue
        yield leaf, paths.get(leaf, "")
        for head in heads.get(leaf, ()):
            yield from run(head)


def made(root: Module) -> Iterator[Module]:
    """All modules in the order in which expansion made them."""
    return root.walk()


def _head(leaf: Module) -> Module | None:
    """The outermost train-only module around an op."""
    found = None
    module: Module | None = leaf
    while module is not None and module.train_only:
        found = module
        module = module.parent
    return found


def _last_input(head: Module, ops: list[Module], leaves: list[Module]) -> Module | None:
    """The latest op outside the head that the head takes a value from."""
    inner = set(ops)
    order = {leaf: i for i, leaf in enumerate(leaves)}
    outside = [
        value.producer
        for op in ops
        for value in op.inputs
        if value.producer is not None and value.producer not in inner
    ]
    return max(outside, key=lambda module: order[module], default=None)
