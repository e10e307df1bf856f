"""Counting: how many modules a node builds at the least, known before any of them is built.

What stands under a `when`, and copies whose number is worked out, count as none: the number is a
lower bound, and never refuses a network that would have been within the limit.
"""

from __future__ import annotations

from archspec.connections import Branches, Call, Dense, For, Loop, Node, Repeat, Sequence, Skip
from archspec.connections.node import Argument
from archspec.connections.repeat import LIMIT

from .program import Program

_DEEPEST = 100


class Counting:
    """Counts the nodes of one program, each once."""

    def __init__(self, program: Program):
        self.program = program
        self._inside: dict[int, int] = {}

    def child(self, node: Node, depth: int = 0) -> int:
        """The modules that a node builds as a child: itself, and what is in it."""
        if node.common.when is not None:
            return 0
        if isinstance(node, Call) and not isinstance(node.key, str):
            return 0  # it may stand for nothing
        return 1 + self.inside(node, depth)

    def inside(self, node: Node, depth: int = 0) -> int:
        """The modules that a node builds into the scope that it is expanded in."""
        known = self._inside.get(id(node))
        if known is not None:
            return known
        if depth > _DEEPEST:
            return 0
        self._inside[id(node)] = 0  # a block that uses itself
        found = self._counted(node, depth + 1)
        self._inside[id(node)] = found
        return found

    def copy(self, loop: Node, depth: int = 0) -> int:
        """The modules of one copy of a loop's body."""
        if isinstance(loop, Dense):
            return self.child(loop.dense, depth)
        assert isinstance(loop, Loop)
        if loop.body.common.when is None and loop.inline:
            if loop.names is None and isinstance(loop.body, Sequence | Loop):
                return self.inside(loop.body, depth)
        return self.child(loop.body, depth)

    def _counted(self, node: Node, depth: int) -> int:
        if isinstance(node, Call):
            return self._call(node, depth)
        if isinstance(node, Sequence):
            return sum(self._item(item.node, depth) for item in node.items)
        if isinstance(node, Repeat):
            return _number(node.repeat) * self.copy(node, depth)
        if isinstance(node, For):
            lists = node.for_.value
            first = next(iter(lists.values()), None) if isinstance(lists, dict) else None
            return len(first) * self.copy(node, depth) if isinstance(first, tuple | list) else 0
        if isinstance(node, Dense):
            return _number(node.repeat) * self.copy(node, depth)
        if isinstance(node, Branches):
            return self.inside(node.branches, depth)
        if isinstance(node, Skip) and node.body.common.when is None:
            return self.inside(node.body, depth)
        return 0

    def _item(self, node: Node, depth: int) -> int:
        if isinstance(node, Loop) and node.inline:
            return 0 if node.common.when is not None else self.inside(node, depth)
        return self.child(node, depth)

    def _call(self, call: Call, depth: int) -> int:
        file = self.program.files.get(call.key_span.source)
        block = file.blocks.get(str(call.key)) if file is not None else None
        if block is None or block.body is None or block.body.common.when is not None:
            return 0
        body = block.body
        return self.child(body, depth) if isinstance(body, Call) else self.inside(body, depth)


def _number(argument: Argument) -> int:
    """How many copies, where the spec says it as a number."""
    value = argument.value
    return value if type(value) is int and 0 < value <= LIMIT else 0
