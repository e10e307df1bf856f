"""Literals: which of a class stand in its source, and which are parameters of its constructor."""

from __future__ import annotations

import keyword
import re
from typing import Any

from archspec.expressions import FUNCTIONS
from archspec.ops import typed

from .skeleton import NOTHING, Class, Param

LONG = 32
"""A list of more numbers than this stands once at the top of the file, under a name."""


class Literals:
    """Decides for one class which literals stand in its source and which are parameters.

    constants: the long lists of the whole file, names by source; what this class has is added.
    """

    def __init__(self, cls: Class, constants: dict[str, str]):
        self.cls = cls
        self.constants = constants
        self.rows = [[literal.value for literal in shape.literals] for shape in cls.shapes]
        self.first = cls.first.literals
        modules = [shape.unit.module for shape in cls.shapes]
        self.bound = [dict(m.bound or m.env) for m in modules]
        self.names = [
            n
            for n in self.bound[0]
            if usable(n) and n not in _CALLED and all(n in bound for bound in self.bound)
        ]
        self.vectors = {n: tuple(_plain(b[n]) for b in self.bound) for n in self.names}
        self.taken = {name for name, _made, _module in cls.first.made}
        self.params: dict[str, tuple[Any, ...]] = {}

    def decide(self) -> None:
        count = len(self.first)
        columns = [tuple(row[i] for row in self.rows) for i in range(count)]
        sources: list[str | None] = [None] * count
        for i, column in enumerate(columns):
            if _constant(column):
                long = isinstance(column[0], tuple) and _count(column[0]) > LONG
                sources[i] = self._named(i, column[0]) if long else repr_literal(column[0])
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

    def _named(self, i: int, value: Any) -> str:
        """The name of a long list, which stands as the spec's own expression where it has one."""
        source = None
        written, bound = self.first[i].written, self.bound[0]
        if written is not None and written.names <= bound.keys():
            rename = {
                n: repr_literal(bound[n]) for n in written.names if _plain(bound[n]) == bound[n]
            }
            if rename.keys() == written.names and written.evaluate(bound) == value:
                source = written.python(rename)
        source = source or repr_literal(value)
        if source not in self.constants:
            made = (n for n, m, _ in self.cls.first.made if any(part == i for _k, part in m.args))
            base = re.sub(r"\W", "_", next(made, self.first[i].slot)).upper().lstrip("_0123456789")
            name, n = base or "CONSTANT", 2
            while name in self.constants.values():
                name, n = f"{base or 'CONSTANT'}_{n}", n + 1
            self.constants[source] = name
        return self.constants[source]

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
            if any(value is NOTHING for value in vector):
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
            known = self.params.get(name, self.vectors.get(name))
            if known == column and _same_types(known, column):
                self.params.setdefault(name, column)
                return name
        for other, source in zip(columns, sources, strict=True):
            if source is not None and other == column and _same_types(other, column):
                return source
        slot = self.first[i].slot or "value"
        name, n = slot, 2
        while name in self.params or name in self.vectors:  # which mean something else
            name, n = f"{slot}{n}", n + 1
        self.params[name] = column
        return name

    def _param(self, name: str, values: tuple[Any, ...]) -> Param:
        declared = self.cls.first.unit.module.declared
        return Param(name, values, declared.get(name), name in declared)


RESERVED = frozenset(("self", "torch", "nn", "F", "math", "Tensor", "OrderedDict", "NamedTuple"))
"""What generated code means by these names is not to be hidden."""

_CALLED = frozenset(("super", "__class__", "float", *FUNCTIONS))
"""What constructors call besides: no parameter of theirs is to hide it."""


def usable(name: str) -> bool:
    """Whether a parameter or a variable of generated code may be called this."""
    return name.isidentifier() and not keyword.iskeyword(name) and name not in RESERVED


def _plain(value: Any) -> Any:
    if isinstance(value, int | float | str | None) or (
        isinstance(value, tuple) and all(isinstance(v, int | float | str) for v in value)
    ):
        return value
    return NOTHING


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, tuple) else 1


def _constant(column: tuple[Any, ...]) -> bool:
    first = typed(column[0])
    return all(typed(value) == first for value in column)


def _same_types(a: Any, b: Any) -> bool:
    return bool(typed(a) == typed(b))


def repr_literal(value: Any) -> str:
    """A literal as Python source; infinities have no literal of their own."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
    return repr(value)
