"""Classes: which units are one class, and what their constructors take.

A class is a skeleton: child names, op kinds and data flow. The literals that differ between its
instances become constructor arguments, named after the parameter of the spec that they came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archspec.connections import Module, Value
from archspec.expressions import Expression
from archspec.ops import Arg, Call, Operand, Operands, Raw
from archspec.passes.inplace import written_inplace

from .units import Unit, has_module, is_chain


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
    results: tuple[int, ...]
    train_only: bool
    inplace: bool
    module: Module
    branch: str = ""  # what to call the result where it needs a name of its own


@dataclass(slots=True)
class Shape_:
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
    shapes: list[Shape_]
    params: list[Param] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)  # per literal: Python source
    stored: dict[int, str] = field(default_factory=dict)  # literals that `forward` reads

    @property
    def first(self) -> Shape_:
        return self.shapes[0]


class Param(NamedTuple):
    """A constructor parameter."""

    name: str
    values: tuple[Any, ...]  # per instance
    default: Any
    has_default: bool


class Classes:
    """All classes of a network, children before parents."""

    def __init__(
        self, units: Mapping[Module, Unit], root: Unit, inplace: frozenset[Module], name: str
    ):
        self.units = units
        self.root = root
        self.inplace = inplace
        self.made_inline: dict[Unit, bool] = {}
        self.of: dict[Unit, tuple[Class, int]] = {}
        self.all: list[Class] = []
        self.names: set[str] = {"nn", "F", "torch", "Tensor", "NamedTuple", "OrderedDict", "math"}
        heights: dict[int, list[Unit]] = {}
        for unit in units.values():
            if unit is root or not self.inline(unit):
                heights.setdefault(self._height(unit), []).append(unit)
        for height in sorted(heights):
            self._group(heights[height], name)

    def inline(self, unit: Unit) -> bool:
        """Whether the unit is written as an `nn.Sequential(...)` in its parent's constructor."""
        known = self.made_inline.get(unit)
        if known is None:
            known = self.made_inline[unit] = unit.module.kind == "scope" and is_chain(unit)
        return known

    def _height(self, unit: Unit) -> int:
        below = [self._height(m) for m in unit.members if isinstance(m, Unit)]
        return max(below, default=0) + (0 if self.inline(unit) and unit is not self.root else 1)

    def _group(self, units: list[Unit], name: str) -> None:
        groups: dict[Any, list[Shape_]] = {}
        for unit in units:
            shape = self._take_apart(unit)
            groups.setdefault(shape.key, []).append(shape)
        for shapes in groups.values():
            module = shapes[0].unit.module
            title = camel(name) if module.parent is None else camel(module.block or _role(module))
            cls = Class(self._unique(title), shapes)
            Literals(cls).decide()
            self.all.append(cls)
            for i, shape in enumerate(shapes):
                self.of[shape.unit] = (cls, i)

    def _unique(self, title: str) -> str:
        title = title if title.isidentifier() else f"Net{title}"
        name, n = title, 2
        while name in self.names:
            name, n = f"{title}{n}", n + 1
        self.names.add(name)
        return name

    # -- taking apart ---------------------------------------------------------------------

    def _take_apart(self, unit: Unit) -> Shape_:
        shape = Shape_(unit)
        for value in unit.ins:
            shape.values[value] = len(shape.values)
        shape.inputs = tuple(range(len(shape.values)))
        for member in unit.members:
            module = member.module if isinstance(member, Unit) else member
            if module.named and (isinstance(member, Unit) or _is_member(member)):
                shape.made.append((module.name, self._made(member, shape), module))
        for step in unit.steps:
            shape.done.append(self._done(step, shape))
        shape.outputs = tuple(shape.values[value] for value in unit.outs)
        shape.key = (
            unit.module.block if unit.module.kind == "block" else "",
            tuple((name, _made_key(made, shape)) for name, made, _module in shape.made),
            tuple(_done_key(done) for done in shape.done),
            shape.inputs,
            shape.outputs,
        )
        return shape

    def _made(self, member: Unit | Module, shape: Shape_) -> Made:
        if isinstance(member, Module):
            assert member.applied is not None
            call = member.applied.module or member.applied.parameter
            assert call is not None
            if member in self.inplace and member.applied.op.accepts_inplace:
                call = written_inplace(call)
            return Made(
                call.function,
                [(arg.name, _literal(shape, member, arg)) for arg in call.args],
                buffer=_is_buffer(member),
            )
        if self.inline(member):
            parts = [
                (m.module.name if isinstance(m, Unit) else m.name, self._made(m, shape))
                for m in member.members
            ]
            names = tuple(name for name, _part in parts)
            plain = names == tuple(str(i) for i in range(len(names)))
            return Made(
                "nn.Sequential", [("", part) for _name, part in parts], None, () if plain else names
            )
        cls, index = self.of[member]
        args: list[tuple[str, Made | int]] = []
        for param in cls.params:
            written = _written(member.module, param.name)
            shape.literals.append(
                Literal(
                    param.values[index],
                    param.name,
                    written,
                    param.default if param.has_default else _NOTHING,
                )
            )
            args.append((param.name if param.has_default else "", len(shape.literals) - 1))
        return Made(cls.name, args, cls)

    def _done(self, step: Unit | Module, shape: Shape_) -> Done:
        inside = shape.unit.module.train_only  # a head is entered in training alone
        if isinstance(step, Unit):
            operands = tuple(shape.values[value] for value in step.ins)
            results = tuple(_number(shape, value) for value in step.outs)
            module = step.module
            return Done(
                module.name,
                None,
                [],
                operands,
                results,
                module.train_only and not inside,
                False,
                module,
                module.name,
            )
        assert step.applied is not None
        operands = tuple(shape.values[value] for value in step.inputs)
        inplace = step in self.inplace
        call = None
        args: list[tuple[Arg, int | None]] = []
        name: str | None = step.name
        if step.named and has_module(step):
            call = step.applied.invocation
        else:
            call = step.applied.expression
            if inplace and step.applied.op.accepts_inplace:
                call = written_inplace(call)
            if step.applied.parameter is None:
                name = None
        if call is not None:
            for arg in call.args:
                plain = not isinstance(arg.value, Operand | Operands | Raw)
                args.append((arg, _literal(shape, step, arg) if plain else None))
        results = tuple(_number(shape, value) for value in step.outputs)
        return Done(
            name,
            call,
            args,
            operands,
            results,
            step.train_only and not inside,
            inplace,
            step,
            step.name if step.named else "",
        )


_NOTHING: Any = object()


def _number(shape: Shape_, value: Value) -> int:
    return shape.values.setdefault(value, len(shape.values))


def _is_member(leaf: Module) -> bool:
    assert leaf.applied is not None
    return has_module(leaf) or leaf.applied.parameter is not None


def _is_buffer(leaf: Module) -> str:
    """How a tensor that an op owns is kept, where it is not trained."""
    assert leaf.applied is not None
    if leaf.applied.parameter is None:
        return ""
    weight = leaf.applied.weights.get("")
    if weight is None:
        return "temporary"
    return "" if weight.trained else "persistent"


def _literal(shape: Shape_, leaf: Module, arg: Arg) -> int:
    of_input = not arg.slot and bool(leaf.inputs) and leaf.inputs[0] in shape.unit.ins
    shape.literals.append(
        Literal(arg.value, arg.name or arg.slot, _written(leaf, arg.slot), arg.default, of_input)
    )
    return len(shape.literals) - 1


def _written(module: Module, slot: str) -> Expression | None:
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


def _made_key(made: Made, shape: Shape_) -> Any:
    return (
        made.function,
        made.names,
        made.buffer,
        tuple(
            (
                name,
                _made_key(part, shape)
                if isinstance(part, Made)
                else type(shape.literals[part].value).__name__,
            )
            for name, part in made.args
        ),
    )


def _done_key(done: Done) -> Any:
    call = done.call
    return (
        done.member,
        done.operands,
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


def camel(text: str) -> str:
    """A class name: `basic_block` becomes `BasicBlock`, `resnet50` becomes `Resnet50`."""
    known = {
        "resnet": "ResNet",
        "vgg": "VGG",
        "alexnet": "AlexNet",
        "zfnet": "ZFNet",
        "googlenet": "GoogLeNet",
        "densenet": "DenseNet",
        "mobilenet": "MobileNet",
        "resnext": "ResNeXt",
        "bn": "BN",
        "relu": "ReLU",
    }
    words = [w for w in re.split(r"[^A-Za-z0-9]+", text) if w]
    titled = []
    for word in words:
        stem = word.rstrip("0123456789")
        titled.append(known.get(stem, stem[:1].upper() + stem[1:]) + word[len(stem) :])
    return "".join(titled) or "Network"


def _role(module: Module) -> str:
    """What to call a scope's class: its name, or its parent's for a copy of a loop."""
    names = []
    here: Module | None = module
    while here is not None and here.parent is not None:
        names.append(here.name)
        if not here.name.isdecimal():
            break
        here = here.parent
    return "_".join(reversed(names)) or "scope"


class Literals:
    """Decides for one class which literals stand in its source and which are parameters."""

    def __init__(self, cls: Class):
        self.cls = cls
        self.rows = [[literal.value for literal in shape.literals] for shape in cls.shapes]
        self.first = cls.first.literals
        modules = [shape.unit.module for shape in cls.shapes]
        self.bound = [dict(m.bound or m.env) for m in modules]
        self.names = [n for n in self.bound[0] if all(n in b for b in self.bound)]
        self.vectors = {n: tuple(_plain(b[n]) for b in self.bound) for n in self.names}
        self.taken = {name for name, _made, _module in cls.first.made}
        self.params: dict[str, tuple[Any, ...]] = {}

    def decide(self) -> None:
        count = len(self.first)
        columns = [tuple(row[i] for row in self.rows) for i in range(count)]
        sources: list[str | None] = [None] * count
        for i, column in enumerate(columns):
            if _constant(column):
                sources[i] = repr_literal(column[0])
        for i, column in enumerate(columns):
            if sources[i] is None:
                sources[i] = self._written(i, column)
        for i, column in enumerate(columns):
            if sources[i] is None:
                sources[i] = self._inferred(i, column, columns, sources)
        self.cls.sources = [source or "" for source in sources]
        for done in self.cls.first.done:
            for _arg, number in done.args:
                if number is not None and not _constant(columns[number]):
                    self.cls.stored.setdefault(number, "")
        self.cls.params = sorted(
            (self._param(name, values) for name, values in self.params.items()),
            key=lambda p: (
                p.has_default,
                p.name not in ("in_channels", "in_features"),
                self.names.index(p.name) if p.name in self.names else 999,
            ),
        )

    def _written(self, i: int, column: tuple[Any, ...]) -> str | None:
        """The spec's own expression, over the class's parameters."""
        expression = self.first[i].written
        if expression is None or any(
            shape.literals[i].written is None or shape.literals[i].written.text != expression.text
            for shape in self.cls.shapes
        ):
            return None
        if not all(name in self.vectors for name in expression.names):
            return None
        rename = {}
        for name in expression.names:
            vector = self.vectors[name]
            if any(value is _NOTHING for value in vector):
                return None
            rename[name] = repr_literal(vector[0]) if _constant(vector) else name
        try:
            if any(
                expression.evaluate(bound) != value
                for bound, value in zip(self.bound, column, strict=True)
            ):
                return None
        except Exception:  # an expression that reads what only its own scope knows
            return None
        source = expression.python(rename)
        if source is None:
            return None
        for name in expression.names:
            if not _constant(self.vectors[name]):
                self.params[name] = self.vectors[name]
        return str(source)

    def _inferred(
        self,
        i: int,
        column: tuple[Any, ...],
        columns: list[tuple[Any, ...]],
        sources: list[str | None],
    ) -> str:
        for other, source in zip(columns, sources, strict=True):
            if self.first[i].of_input:
                break
            if source is not None and other == column and _same_types(other, column):
                return source
        for name in (*self.params, *self.names):
            if self.vectors.get(name, self.params.get(name)) == column and _same_types(
                self.vectors.get(name, self.params.get(name)), column
            ):
                self.params.setdefault(name, column)
                return name
        for other, source in zip(columns, sources, strict=True):
            if source is not None and other == column and _same_types(other, column):
                return source
        slot = self.first[i].slot or "value"
        name, n = slot, 2
        while name in self.params:
            name, n = f"{slot}{n}", n + 1
        self.params[name] = column
        return name

    def _param(self, name: str, values: tuple[Any, ...]) -> Param:
        declared = self.cls.first.unit.module.declared
        return Param(name, values, declared.get(name), name in declared)


def _plain(value: Any) -> Any:
    if isinstance(value, int | float | str | None) or (
        isinstance(value, tuple) and all(isinstance(v, int | float | str) for v in value)
    ):
        return value
    return _NOTHING


def _constant(column: tuple[Any, ...]) -> bool:
    first = column[0]
    return all(value == first and type(value) is type(first) for value in column)


def _same_types(a: Any, b: Any) -> bool:
    return all(type(x) is type(y) for x, y in zip(a, b, strict=True))


def repr_literal(value: Any) -> str:
    """A literal as Python source; infinities have no literal of their own."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
    return repr(value)
