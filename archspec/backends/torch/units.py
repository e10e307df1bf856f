"""Units: which modules of the tree become classes, and what flows in and out of each.

A named block or scope is a unit. Most scopes that are plain chains become an inline
`nn.Sequential`; the rest become classes. A value that is made inside a unit and read outside leaves
it through its return value, and one that is read inside and made outside enters as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable

from archspec.connections import Module, Value
from archspec.graph import Graph


class Unit:
    """A module of the tree that has children, and its data flow.

    steps: the ops and units that `forward` runs, in execution order. ins, outs: the values that
    cross its border, declared ones first.
    """

    __slots__ = ("ins", "members", "module", "outs", "parent", "steps")

    def __init__(self, module: Module, parent: Unit | None):
        self.module = module
        self.parent = parent
        self.members: list[Unit | Module] = []
        self.steps: list[Unit | Module] = []
        self.ins: list[Value] = []
        self.outs: list[Value] = []


def build_units(root: Module, graph: Graph) -> tuple[Unit, dict[Module, Unit]]:
    """The root unit, and the unit of every module that is one."""
    units: dict[Module, Unit] = {}
    owner: dict[Module, Unit] = {}
    top = _collect(root, None, units, owner)
    alive = _alive(graph)
    needed: dict[Unit, dict[Value, None]] = {unit: {} for unit in units.values()}
    given: dict[Unit, dict[Value, None]] = {unit: {} for unit in units.values()}
    for node in graph:
        if node.module not in alive:
            continue
        _add_step(node.module, owner)
        for value in node.inputs:
            _cross(value, owner[node.module], owner, needed, given)
    for value in graph.outputs.values():
        _cross(value, None, owner, needed, given)
    for unit in units.values():
        unit.ins = _declared_first(unit.module.inputs, needed[unit])
        unit.outs = _declared_first(unit.module.outputs, given[unit])
    top.ins = list(graph.inputs.values())
    top.outs = list(dict.fromkeys(graph.outputs.values()))
    return top, units


def _collect(
    module: Module, parent: Unit | None, units: dict[Module, Unit], owner: dict[Module, Unit]
) -> Unit:
    unit = units[module] = Unit(module, parent)

    def visit(children: Iterable[Module]) -> None:
        for child in children:
            if child.op is not None:
                owner[child] = unit
                unit.members.append(child)
            elif child.named:
                unit.members.append(_collect(child, unit, units, owner))
            else:
                visit(child.registered)

    visit(module.registered)
    return unit


def _alive(graph: Graph) -> set[Module]:
    """The ops that an output depends on."""
    alive: set[Module] = set()
    wanted = {v.producer for v in graph.outputs.values() if v.producer is not None}
    for node in reversed(graph.nodes):
        if node.module in wanted:
            alive.add(node.module)
            wanted.update(v.producer for v in node.inputs if v.producer is not None)
    return alive


def _add_step(leaf: Module, owner: dict[Module, Unit]) -> None:
    step: Unit | Module = leaf
    unit: Unit | None = owner[leaf]
    while unit is not None:
        if step in unit.steps[-1:] or (isinstance(step, Unit) and step in unit.steps):
            return
        unit.steps.append(step)
        step, unit = unit, unit.parent


def _chain(unit: Unit | None) -> list[Unit]:
    units = []
    while unit is not None:
        units.append(unit)
        unit = unit.parent
    return units


def _cross(
    value: Value,
    reader: Unit | None,
    owner: dict[Module, Unit],
    needed: dict[Unit, dict[Value, None]],
    given: dict[Unit, dict[Value, None]],
) -> None:
    """Note the borders that a value crosses on its way from its producer to a reader."""
    maker = owner[value.producer] if value.producer is not None else None
    if maker is reader:
        return
    made_in = _chain(maker)
    read_in = _chain(reader)
    for unit in read_in:
        if unit not in made_in:
            needed[unit][value] = None
    for unit in made_in:
        if unit not in read_in:
            given[unit][value] = None


def _declared_first(declared: tuple[Value, ...], found: dict[Value, None]) -> list[Value]:
    first = [value for value in dict.fromkeys(declared) if value in found]
    return first + [value for value in found if value not in declared]


def is_chain(unit: Unit) -> bool:
    """Whether the unit is what `nn.Sequential` runs: modules one after the other."""
    if len(unit.ins) != 1 or len(unit.outs) != 1 or len(unit.steps) != len(unit.members):
        return False
    flow = unit.ins[0]
    for step, member in zip(unit.steps, unit.members, strict=True):
        if step is not member:
            return False
        if isinstance(step, Unit):
            ins, outs, module = step.ins, step.outs, step.module
        else:
            if not has_module(step) or not step.named or _is_invoked(step):
                return False
            ins, outs, module = list(step.inputs), list(step.outputs), step
        if ins != [flow] or len(outs) != 1 or module.train_only != unit.module.train_only:
            return False
        flow = outs[0]
    return bool(unit.steps) and flow is unit.outs[0]


def _is_invoked(leaf: Module) -> bool:
    """Whether `forward` calls the module otherwise than by its input alone."""
    assert leaf.applied is not None
    return leaf.applied.invocation is not None


def has_module(leaf: Module) -> bool:
    """Whether torch has an `nn.Module` for the op."""
    return leaf.applied is not None and leaf.applied.module is not None
