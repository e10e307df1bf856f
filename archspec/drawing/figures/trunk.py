"""The trunk: a network as the row of units that its papers tell of, ops and whole blocks in order of flow.

What is in a stage stands in the trunk itself; a block, and what branches and joins again, is one unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.connections import Module, Value
from archspec.graph import Graph, Node
from archspec.ops import Op, Shape

WEIGHTED = ("convolution", "linear", "attention")
"""Families of the ops that figures count as layers."""


@dataclass(slots=True)
class Unit:
    """A piece of the trunk. nodes: its ops in order of flow. out: what the rest of the network takes.

    dense: its own output joins all earlier ones of its stage in a concatenation, which is `out`.
    channels_last: `out` is height, width, channels.
    """

    module: Module
    nodes: tuple[Node, ...]
    source: Value
    out: Value
    dense: bool = False
    channels_last: bool = False

    @property
    def op(self) -> Op | None:
        """The op of a unit that is only one."""
        return self.module.op

    @property
    def layers(self) -> list[Node]:
        """The ops with weights that count as layers."""
        return [node for node in self.nodes if node.op.family in WEIGHTED and node.params]

    @property
    def map(self) -> tuple[Shape, int] | None:
        """Spatial sizes and channels of the output; None where it is no two-dimensional map."""
        shape = self.out.shape
        if len(shape) != 3:
            return None
        sizes, channels = (shape[:2], shape[2]) if self.channels_last else (shape[1:], shape[0])
        return (sizes, channels) if isinstance(channels, int) else None


def trunk(graph: Graph, root: Module) -> list[Unit]:
    """The units of a network, without what runs in training alone."""
    found: list[Unit] = []
    last = False  # are channels the last axis?
    dense = _dense(root)
    for module in _units(root, _opened(root)):
        source, out = _main(module.inputs), module.outputs[0]
        if source is None:
            continue
        nodes = tuple(graph.by_module[m] for m in module.walk() if m.op is not None)
        if module.op is not None and module.op.name == "permute":
            last = (*vars(module.op)["dims"],)[-1] == 0
        join = dense.get(out)
        found.append(Unit(module, nodes, source, join or out, join is not None, last))
    return found


def _main(inputs: tuple[Value, ...]) -> Value | None:
    """The input that a module works on: the first one that depends on the network's own."""
    return next((value for value in inputs if not value.shared), None)


def _units(module: Module, opened: frozenset[str]) -> Iterator[Module]:
    for child in module.children:
        if child.train_only:
            continue
        if child.op is not None or not _opens(child, opened):
            yield child
        else:
            yield from _units(child, opened)


def _opens(module: Module, opened: frozenset[str]) -> bool:
    """Whether the trunk shows what is in a module."""
    if module.block:
        return module.block in opened
    return _is_chain(module) or _holds_blocks(module) or bool(_dense(module))


def _opened(root: Module) -> frozenset[str]:
    """The blocks that are stages: plain rows of other blocks, all of their instances."""
    kept: dict[str, bool] = {}
    for module in root.walk():
        if module.block and module is not root:
            stage = _holds_blocks(module) and _is_chain(module)
            kept[module.block] = kept.get(module.block, True) and stage
    return frozenset(name for name, stage in kept.items() if stage)


def _holds_blocks(module: Module) -> bool:
    """Whether blocks of two layers or more stand in a module."""
    return any(m.block and m is not module and _layers(m) > 1 for m in module.walk())


def _layers(module: Module) -> int:
    return sum(m.op is not None and m.op.family in WEIGHTED for m in module.walk())


def _is_chain(module: Module) -> bool:
    """Whether each child takes the output of the one before it, and nothing else."""
    before = _main(module.inputs)
    for child in module.children:
        taken = [value for value in child.inputs if not value.shared]
        if not taken:
            continue  # a tensor of the model
        if any(value is not before for value in taken):
            return False
        before = child.outputs[0] if child.outputs else None
    return True


def _dense(scope: Module) -> dict[Value, Value]:
    """The outputs of the units that join all earlier ones, and the concatenation that joins them."""
    found: dict[Value, Value] = {}
    for module in scope.walk():
        inside = {id(child): child for child in module.children}
        for join in module.children:
            if join.op is None or join.op.name != "concat" or len(join.inputs) < 2:
                continue
            *earlier, newest = join.inputs
            unit = _child(newest.producer, inside)
            if unit is None or unit.op is not None or unit.parent is not module:
                continue
            source = _main(unit.inputs)
            if source is not None and _joined(source) == tuple(earlier):
                found[newest] = join.outputs[0]
    return found


def _joined(value: Value) -> tuple[Value, ...]:
    """The tensors that a concatenation joins; the value itself where it is none."""
    maker = value.producer
    if maker is not None and maker.op is not None and maker.op.name == "concat":
        return maker.inputs
    return (value,)


def _child(module: Module | None, children: dict[int, Module]) -> Module | None:
    """The one of some children that a module stands in."""
    while module is not None and id(module) not in children:
        module = module.parent
    return module
