"""Which ops share a box: norms, activations and the like go with the op that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archspec.connections import Module, Value
from archspec.graph import Node

_FOLLOWING = {"normalization", "activation", "regularization"}
_LEADING = {*_FOLLOWING, "shaping", "padding"}
_CORES = {"convolution", "linear", "attention"}
_JOINS = {"add", "mul", "concat"}


@dataclass(slots=True)
class Cell:
    """Ops that are drawn as one: those before the one that names the box, it, and those after."""

    core: Node
    before: list[Node] = field(default_factory=list)
    after: list[Node] = field(default_factory=list)

    @property
    def nodes(self) -> list[Node]:
        return [*self.before, self.core, *self.after]


def is_join(node: Node) -> bool:
    """Whether an op joins its inputs and has nothing else to tell."""
    return node.op.name in _JOINS and len(node.inputs) > 1


def is_one_op(module: Module) -> bool:
    """Whether a block is one convolution or linear layer with what goes with it."""
    cores = 0
    for each in module.children:
        if each.op is None or len(each.inputs) > 1:
            return False
        if each.op.family in _CORES:
            cores += 1
        elif each.op.family not in _LEADING:
            return False
    return cores == 1


def cells(
    nodes: Sequence[Node], home: Callable[[Node], Module], kept: set[Value], *, join: bool
) -> list[Cell]:
    """The ops as they are drawn, in order. home: the frame of an op; only ops of one frame share a
    box. kept: values that leave the picture. join: whether any ops share one."""
    found = {node.module: Cell(node) for node in nodes}
    if not join:
        return list(found.values())
    takers: dict[Value, list[Node]] = {}
    for node in nodes:
        for value in node.inputs:
            takers.setdefault(value, []).append(node)
    begins: dict[Module, bool] = {}  # by frame: whether norms and activations come first in it
    for node in nodes:
        begins.setdefault(home(node), node.op.family in ("normalization", "activation"))
    for node in nodes:
        if not begins[home(node)]:
            _follow(node, found, takers, kept, home)
    for node in reversed(nodes):
        _lead(node, found, takers, kept, home)
    for node in nodes:
        if begins[home(node)] and found[node.module].nodes == [node]:
            _follow(node, found, takers, kept, home)
    return list({id(cell): cell for cell in found.values()}.values())


def _follow(
    node: Node,
    found: dict[Module, Cell],
    takers: dict[Value, list[Node]],
    kept: set[Value],
    home: Callable[[Node], Module],
) -> None:
    """Put an op after the one that it takes its only input from, where nothing else takes that."""
    if node.op.family not in _FOLLOWING or len(node.inputs) != 1:
        return
    value = node.inputs[0]
    cell = found.get(value.producer) if value.producer is not None else None
    if cell is None or len(takers[value]) != 1 or value in kept:
        return
    if cell.core.op.family not in _CORES and not is_join(cell.core):
        return
    if home(node) is home(cell.core) and node.train_only == cell.core.train_only:
        cell.after.append(node)
        found[node.module] = cell


def _lead(
    node: Node,
    found: dict[Module, Cell],
    takers: dict[Value, list[Node]],
    kept: set[Value],
    home: Callable[[Node], Module],
) -> None:
    """Put an op before the only one that takes its output."""
    if found[node.module].core is not node or found[node.module].nodes != [node]:
        return
    leads = node.op.family in _LEADING or (node.op.family == "tensors" and not node.inputs)
    users = [taker for value in node.outputs for taker in takers.get(value, [])]
    if not leads or len(users) != 1 or kept & set(node.outputs) or len(node.inputs) > 1:
        return
    cell = found[users[0].module]
    if users[0] is not (cell.before[0] if cell.before else cell.core):
        if node.inputs or users[0] not in cell.before:
            return
    if cell.core.op.family not in _CORES and not (is_join(cell.core) and not node.inputs):
        return
    if home(node) is home(cell.core) and node.train_only == cell.core.train_only:
        cell.before.insert(0, node)
        found[node.module] = cell
