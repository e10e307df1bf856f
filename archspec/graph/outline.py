"""The outline: what a network is made of, found out without making the modules of copies.

It tells whether anything of a kind stands anywhere, so that who looks for that goes through the nodes
only where there is something to find. It may say yes too often, and never no wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable

from archspec.connections import Call, Module, Value
from archspec.expand.copying import Copy
from archspec.ops import Applied


class Outline:
    """The ops of a network, or of an instance of a block, each as often as it stands there.

    counts: how often each op with its shapes does. pairs: an op and one that takes what it gives
    (None: what no op gives). takers: the ops that take each input of the instance. calls: those
    with arguments, and what they make. loose: something may be taken by nobody. twice: something may
    take a value twice. said: nodes say how they are initialised. heads: something runs in training
    alone.
    """

    __slots__ = ("calls", "counts", "heads", "loose", "pairs", "said", "takers", "twice")

    def __init__(self, inputs: int) -> None:
        self.counts: dict[Applied, int] = {}
        self.pairs: set[tuple[Applied | None, Applied]] = set()
        self.takers: list[list[Applied]] = [[] for _ in range(inputs)]
        self.calls: set[tuple[Call, Applied]] = set()
        self.loose = False
        self.twice = False
        self.said = False
        self.heads = False

    def include(self, inner: Outline, times: int) -> None:
        """Count what is in an instance that stands there several times."""
        counts = self.counts
        for applied, count in inner.counts.items():
            counts[applied] = counts.get(applied, 0) + count * times
        self.pairs |= inner.pairs
        self.calls |= inner.calls
        self.loose = self.loose or inner.loose
        self.twice = self.twice or inner.twice
        self.said = self.said or inner.said
        self.heads = self.heads or inner.heads


def outline(root: Module, outputs: Iterable[Value]) -> Outline:
    """The outline of a network with these outputs."""
    return _of_children(root, outputs, {})


def _of_block(block: Module, known: dict[Module, Outline]) -> Outline:
    found = known.get(block)
    if found is None:
        copy = block.copied
        if not isinstance(copy, Copy):
            found = _of_children(block, block.outputs, known)
        elif copy.resized is None:
            found = _of_block(copy.original.module, known)
        else:
            found = _of_steps(copy, copy.resized.ops, known)
        known[block] = found
    return found


def _of_children(top: Module, outputs: Iterable[Value], known: dict[Module, Outline]) -> Outline:
    """The outline of a module that was worked out."""
    found = Outline(len(top.inputs))
    counts = found.counts
    flowing = {value: found.takers[n] for n, value in reversed(list(enumerate(top.inputs)))}
    taken = set(outputs)
    made: list[tuple[Value, ...]] = []
    blocks: dict[Outline, int] = {}
    stack = top.children[::-1]
    while stack:
        module = stack.pop()
        if module.op is not None:
            applied = module.applied
            assert applied is not None
            counts[applied] = counts.get(applied, 0) + 1
            call = module.call
            if call is not None and call.args:
                found.calls.add((call, applied))
            for value in module.inputs:
                if value in flowing:
                    flowing[value].append(applied)
                else:
                    found.pairs.add((value.applied, applied))
            taken.update(module.inputs)
            if len(module.inputs) > 1 and len(set(module.inputs)) < len(module.inputs):
                found.twice = True
            made.append(module.outputs)
            found.said = found.said or module.init is not None
            found.heads = found.heads or module.train_only
        elif module.kind == "block":
            inner = _of_block(module, known)
            blocks[inner] = blocks.get(inner, 0) + 1
            if len(module.inputs) > 1 and len(set(module.inputs)) < len(module.inputs):
                found.twice = True
            for value, takers in zip(module.inputs, inner.takers, strict=True):
                if takers:
                    taken.add(value)
                    if value in flowing:
                        flowing[value] += takers
                    else:
                        found.pairs.update([(value.applied, taker) for taker in takers])
            made += [(value,) for value in module.outputs if value not in module.inputs]
        else:
            stack += module.children[::-1]
    for inner, times in blocks.items():
        found.include(inner, times)
    found.loose = found.loose or any(taken.isdisjoint(values) for values in made)
    return found


def _of_steps(copy: Copy, ops: list[Applied], known: dict[Module, Outline]) -> Outline:
    """The outline of an instance that has the modules of another one with other sizes."""
    original = _of_block(copy.original.module, known)
    plan = copy.original.plan
    found = Outline(0)
    counts = found.counts
    for applied in ops:
        counts[applied] = counts.get(applied, 0) + 1
    found.pairs = {(ops[first], ops[then]) for first, then in plan.links}
    found.takers = [[ops[number] for number in numbers] for numbers in plan.takers]
    found.calls = {(call, ops[number]) for call, number in plan.said}
    found.loose, found.twice = original.loose, original.twice
    found.said, found.heads = original.said, original.heads
    return found
