"""Skeletons: what of a unit decides its class, with literals and values by number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archspec.connections import Module, Value
from archspec.expressions import Expression
from archspec.ops import Arg, Call

from .units import Unit, has_module


class Literal(NamedTuple):
    """A literal in the source of a unit: its value, and the expression that the spec had there."""

    value: Any
    slot: str
    written: Any  # an Expression, or None
    default: Any
    of_input: bool = False  # a size of the unit's own input


@dataclass(slots=True)
class Made:
    """How a member is made: `function(args)`, nested for an inline sequence."""

    function: str
    args: list[tuple[str, Made | int]]  # keyword ("" by position), literal's number
    cls: Class | None = None
    names: tuple[str, ...] = ()  # of an inline sequence whose children are no 0, 1, 2, ...
    buffer: str = ""  # "persistent" or "temporary" for a tensor that is not trained


@dataclass(slots=True)
class Done:
    """One step of `forward`: a member called, or a call of torch."""

    member: str | None
    call: Call | None
    args: list[tuple[Arg, int | None]]  # the call's arguments with their literals' numbers
    operands: tuple[int, ...]  # numbers of values
    forms: tuple[str, ...]  # what is written behind each operand, see `forms`
    results: tuple[int, ...]
    train_only: bool
    inplace: bool
    module: Module
    branch: str = ""  # what to call the result where it needs a name of its own

    @property
    def is_own(self) -> bool:
        """Whether the step only reads a tensor of the model."""
        return self.call is not None and self.call.function == "{self}"


@dataclass(slots=True)
class Skeleton:
    """A unit taken apart: how it is made and run, with literals and values by number."""

    unit: Unit
    literals: list[Literal] = field(default_factory=list)
    made: list[tuple[str, Made, Module]] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    values: dict[Value, int] = field(default_factory=dict)
    key: Any = None


@dataclass(slots=True, eq=False)
class Class:
    """A generated class: its name, its constructor's parameters, and its instances' literals."""

    name: str
    shapes: list[Skeleton]
    params: list[Param] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)  # per literal: Python source
    stored: dict[int, str] = field(default_factory=dict)  # literals that `forward` reads

    @property
    def first(self) -> Skeleton:
        return self.shapes[0]


class Param(NamedTuple):
    """A constructor parameter."""

    name: str
    values: tuple[Any, ...]  # per instance
    default: Any
    has_default: bool


NOTHING: Any = object()


def number_of(shape: Skeleton, value: Value) -> int:
    return shape.values.setdefault(value, len(shape.values))


def is_member(leaf: Module) -> bool:
    assert leaf.applied is not None
    return has_module(leaf) or leaf.applied.parameter is not None


def buffer_kind(leaf: Module) -> str:
    """How a tensor that an op owns is kept, where it is not trained."""
    assert leaf.applied is not None
    if leaf.applied.parameter is None:
        return ""
    weight = leaf.applied.weights.get("")
    if weight is None:
        return "temporary"
    return "" if weight.trained else "persistent"


def add_literal(shape: Skeleton, leaf: Module, arg: Arg) -> int:
    of_input = not arg.slot and bool(leaf.inputs) and leaf.inputs[0] in shape.unit.ins
    shape.literals.append(
        Literal(arg.value, arg.name or arg.slot, written_as(leaf, arg.slot), arg.default, of_input)
    )
    return len(shape.literals) - 1


def written_as(module: Module, slot: str) -> Expression | None:
    """The expression that the spec has for an argument of a call."""
    call = module.call
    if call is None or not slot:
        return None
    if slot in call.args:
        value = call.args[slot][1].value
    elif call.main is not None and _main(module) == slot:
        value = call.main.value
    else:
        return None
    return value if isinstance(value, Expression) else None


def _main(module: Module) -> str | None:
    if module.op is not None:
        return module.op.main
    return next(
        (n for n in module.bound if n not in ("in_shape", "in_channels", "in_features")), None
    )


def forms(leaf: Module) -> tuple[str, ...]:
    """What is written behind each operand of an op, so that their batches agree.

    A tensor of the model is one for all samples. torch stretches it by itself in arithmetic; where
    it does not, it is expanded to the batch of an operand that has one (`{batch}`).
    """
    op, inputs = leaf.op, leaf.inputs
    assert op is not None
    if not any(value.shared for value in inputs):
        return ("",) * len(inputs)
    batched = next((n for n, v in enumerate(inputs) if not v.shared), None)
    plain = op.broadcasts_batch and not all(value.bare for value in inputs)
    found = []
    for number, value in enumerate(inputs):
        if not value.shared or (plain and (value.bare or op.broadcasts_batch)):
            form = ""
        elif number in op.unbatched_inputs:
            form = "" if value.bare else ".squeeze(0)"
        elif batched is not None and op.unbatched_inputs.isdisjoint(range(len(inputs))):
            sizes = ", -1" * len(value.shape)
            form = f".expand({{{batched}}}.shape[0]{sizes})"
        else:
            form = ".unsqueeze(0)" if value.bare else ""
        found.append(form)
    return tuple(found)


def made_key(made: Made, shape: Skeleton) -> Any:
    return (
        made.function,
        made.names,
        made.buffer,
        tuple(
            (
                name,
                made_key(part, shape)
                if isinstance(part, Made)
                else type(shape.literals[part].value).__name__,
            )
            for name, part in made.args
        ),
    )


def done_key(done: Done) -> Any:
    call = done.call
    return (
        done.member,
        done.operands,
        done.forms,
        done.results,
        done.train_only,
        done.inplace,
        None
        if call is None
        else (
            call.function,
            tuple(
                (arg.name, repr(arg.value) if number is None else "") for arg, number in done.args
            ),
        ),
    )
