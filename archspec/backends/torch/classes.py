"""Classes: which units are one class, and what their constructors take.

A class is a skeleton: child names, op kinds and data flow. The literals that differ between its
instances become constructor arguments, named after the parameter of the spec that they came from.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archspec.connections import Module
from archspec.ops import Arg, Operand, Operands, Raw
from archspec.passes.inplace import written_inplace

from .literals import Literals
from .skeleton import (
    NOTHING,
    Class,
    Done,
    Literal,
    Made,
    Skeleton,
    add_literal,
    buffer_kind,
    done_key,
    forms,
    is_member,
    made_key,
    number_of,
    written_as,
)
from .units import Unit, has_module, is_chain


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
        self.constants: dict[str, str] = {}
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
        groups: dict[Any, list[Skeleton]] = {}
        for unit in units:
            shape = self._take_apart(unit)
            groups.setdefault(shape.key, []).append(shape)
        for shapes in groups.values():
            module = shapes[0].unit.module
            title = camel(name) if module.parent is None else camel(module.block or _role(module))
            cls = Class(self._unique(title), shapes)
            Literals(cls, self.constants).decide()
            self.all.append(cls)
            for i, shape in enumerate(shapes):
                self.of[shape.unit] = (cls, i)

    def _unique(self, title: str) -> str:
        if not title.isidentifier() or keyword.iskeyword(title):  # `none` gives None
            title = f"Net{title}"
        name, n = title, 2
        while name in self.names:
            name, n = f"{title}{n}", n + 1
        self.names.add(name)
        return name

    # -- taking apart ---------------------------------------------------------------------

    def _take_apart(self, unit: Unit) -> Skeleton:
        shape = Skeleton(unit)
        for value in unit.ins:
            shape.values[value] = len(shape.values)
        shape.inputs = tuple(range(len(shape.values)))
        for member in unit.members:
            module = member.module if isinstance(member, Unit) else member
            if module.named and (isinstance(member, Unit) or is_member(member)):
                shape.made.append((module.name, self._made(member, shape), module))
        for step in unit.steps:
            shape.done.append(self._done(step, shape))
        shape.outputs = tuple(shape.values[value] for value in unit.outs)
        shape.key = (
            unit.module.block if unit.module.kind == "block" else "",
            tuple((name, made_key(made, shape)) for name, made, _module in shape.made),
            tuple(done_key(done) for done in shape.done),
            shape.inputs,
            shape.outputs,
        )
        return shape

    def _made(self, member: Unit | Module, shape: Skeleton) -> Made:
        if isinstance(member, Module):
            assert member.applied is not None
            call = member.applied.module or member.applied.parameter
            assert call is not None
            if member in self.inplace and member.applied.op.accepts_inplace:
                call = written_inplace(call)
            return Made(
                call.function,
                [(arg.name, add_literal(shape, member, arg)) for arg in call.args],
                buffer=buffer_kind(member),
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
            written = written_as(member.module, param.name)
            shape.literals.append(
                Literal(
                    param.values[index],
                    param.name,
                    written,
                    param.default if param.has_default else NOTHING,
                )
            )
            args.append((param.name if param.has_default else "", len(shape.literals) - 1))
        return Made(cls.name, args, cls)

    def _done(self, step: Unit | Module, shape: Skeleton) -> Done:
        inside = shape.unit.module.train_only  # a head is entered in training alone
        if isinstance(step, Unit):
            operands = tuple(shape.values[value] for value in step.ins)
            results = tuple(number_of(shape, value) for value in step.outs)
            module = step.module
            return Done(
                module.name,
                None,
                [],
                operands,
                tuple(".unsqueeze(0)" if v.bare and self.inline(step) else "" for v in step.ins),
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
            if "{0}.shape[0]" in call.function and step.inputs[0].shared:
                call = replace(call, function=call.function.replace("{0}.shape[0]", "1"))
            for arg in call.args:
                plain = not isinstance(arg.value, Operand | Operands | Raw)
                args.append((arg, add_literal(shape, step, arg) if plain else None))
        results = tuple(number_of(shape, value) for value in step.outputs)
        return Done(
            name,
            call,
            args,
            operands,
            forms(step),
            results,
            step.train_only and not inside,
            inplace,
            step,
            step.name if step.named else "",
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
