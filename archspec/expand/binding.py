"""Binding: what names mean inside a block, by how a call gives it its parameters."""

from __future__ import annotations

from typing import Any, NamedTuple

from archspec.codes.spec import BAD_VALUE, MISSING_ARGUMENT
from archspec.connections import (
    UNKNOWN,
    Argument,
    Block,
    Call,
    Env,
    Node,
    Scope,
    Value,
    Waiting,
)
from archspec.connections.node import NOTHING
from archspec.diagnostics import Label, Span, SpecError
from archspec.expressions import Expression
from archspec.ops import Shape

from .leaves import Leaves
from .parameters import (
    LITERAL,
    NodeValue,
    check_names,
    check_type,
    fits,
    is_required,
    names_read,
    type_of,
)
from .plain import is_plain
from .program import Program
from .scoping import MAX_NODES


class Binding(Leaves):
    """Binds the parameters of the blocks of one program."""

    def __init__(self, program: Program, limit: int = MAX_NODES):
        super().__init__(program, limit)
        self.declared: dict[Span, Declared] = {}
        self.entries: dict[Call, Entry] = {}  # the latest of every call

    def _bind(
        self, call: Call, block: Block, scope: Scope, inputs: tuple[Value, ...], entry: Entry
    ) -> Env:
        """What names mean inside a block: shapes of its input, parameters, derived values."""
        values: dict[str, Any] = {} if UNKNOWN in inputs else shape_names(inputs[0].shape)
        waiting = {"in_shape", "in_channels", "in_features"} if UNKNOWN in inputs else set()
        tainted = entry.tainted(scope.env.tainted)
        env = Env(values, _OF_SIZE, waiting)
        inner = Scope(scope.module, env, scope.origin, None, inputs, block)
        for name, given, default, kind in entry.params:
            try:
                if given is not None:
                    values[name] = self._value(name, given, kind, scope, default)
                elif is_required(default):
                    raise self._located(_missing(call, block, name, default), scope)
                else:
                    values[name] = self._argument(default, kind, inner)
            except Waiting:
                waiting.add(name)
        for name, argument in block.let.items():
            try:
                values[name] = self.evaluate(argument, inner)
            except Waiting:
                waiting.add(name)
        return Env(values, tainted, waiting)

    def _entry(self, call: Call, block: Block, scope: Scope) -> Entry:
        """How a call gives a block its parameters. Raises SpecError where it gives others."""
        first = next(iter(block.params), None)
        given: dict[str, tuple[Span, Argument]] = dict(call.args)
        if call.main is not None:
            if first is None or first in given:
                why = "takes no arguments" if first is None else f"is given `{first}` twice"
                raise self._located(
                    BAD_VALUE.error(call.main.span, f"block `{block.name}` {why}"), scope
                )
            given[first] = (call.key_span, call.main)
        file = self.program.files.get(call.span.source)
        by_default = dict(file.defaults.get(block.name, {})) if file is not None else {}
        if scope.block is not None:
            by_default |= scope.block.defaults.get(block.name, {})
        try:
            check_names(given, block.params, block.name)
        except SpecError as error:
            raise self._located(error, scope) from None
        arguments = by_default | {name: argument for name, (_span, argument) in given.items()}
        params = [
            (name, arguments.get(name), default, kind)
            for name, default, kind in self._declared(block).params
        ]
        reads = {name: names_read(argument.value) for name, (_span, argument) in given.items()}
        return Entry(block, scope.block, params, reads)

    def _value(
        self, name: str, argument: Argument, kind: str, scope: Scope, default: Argument
    ) -> Any:
        """What is given for a parameter, of the type that the parameter has."""
        value = self._argument(argument, kind, scope)
        if not (fits(value, kind) or (value is None and default.value is None)):
            self._guard(
                lambda: check_type(
                    name, value, kind, argument.span, default.span, argument.tree, scope.env.values
                ),
                scope,
            )
        return value

    def _declared(self, block: Block) -> Declared:
        """What a block declares."""
        known = self.declared.get(block.span)
        if known is None:
            home = self.program.files[block.span.source]

            def is_kind(word: str) -> bool:
                return word in self.ops or word in home.blocks

            known = self.declared[block.span] = Declared(
                [(name, given, type_of(given, is_kind)) for name, given in block.params.items()],
                {
                    name: default.value
                    for name, default in block.params.items()
                    if isinstance(default.value, int | float | bool) and not is_required(default)
                },
                is_plain(block, self.ops, home.blocks),
            )
        return known

    def _argument(self, argument: Argument, kind: str, scope: Scope) -> Any:
        """The value that a call gives; text and mappings for a `node` parameter become nodes."""
        if kind == "node" and not isinstance(argument.value, Expression):
            if isinstance(argument.value, str):
                node: Node = Call(argument.value, argument.span, argument.span)
                return NodeValue(argument.value, node, scope.env)
            if isinstance(argument.value, dict | tuple):
                return NodeValue("", self.program.read_node(argument.tree), scope.env)
        return self.evaluate(argument, scope)


def follows_from(entry: Entry, call: Call, scope: Scope, inputs: tuple[Value, ...]) -> Any:
    """What an instance follows from, where that is seen at once: what flows in, and what is given.
    None elsewhere."""
    if not entry.is_plain or len(inputs) != 1 or scope.env.waiting or call.common is not NOTHING:
        return None
    (value,) = inputs
    if value is UNKNOWN:
        return None
    stride = value.stride if isinstance(value.stride, tuple) else None
    key: list[Any] = [value.shape, stride, value.shared, value.bare, value.train_only]
    key += (scope.module.train_only, scope.env.tainted)
    for argument in entry.given:
        given = argument.value
        if type(given) is Expression:
            try:
                given = given.evaluate(scope.env.values)
            except SpecError:
                return None
        kind = type(given)
        if kind not in LITERAL:
            return None
        key.append(given if kind is int else (kind, given))
    return tuple(key)


_OF_SIZE = frozenset({"in_shape"})
"""The names in a block that depend on the image size, whatever it is given."""


class Declared(NamedTuple):
    """A block's parameters with their defaults and types; the defaults that are numbers; and whether
    all instances have the same modules."""

    params: list[tuple[str, Argument, str]]
    defaults: dict[str, Any]
    plain: bool


class Entry:
    """How one call gives a block its parameters: what all copies of the call have in common.

    inside: the block that the call stands in. params: name, what is given, default and type; in the
    order of the block. reads: the names that the call's own arguments read. known: what the names
    in the block mean and what instances are alike by, as `follows_from` has it.
    """

    __slots__ = (
        "_tainted",
        "block",
        "given",
        "inside",
        "is_plain",
        "known",
        "params",
        "reads",
    )

    def __init__(
        self,
        block: Block,
        inside: Block | None,
        params: list[tuple[str, Argument | None, Argument, str]],
        reads: dict[str, frozenset[str]],
    ):
        self.block = block
        self.inside = inside
        self.params = params
        self.reads = reads
        self.known: dict[Any, tuple[Env | None, Any]] = {}
        self.given = [given for _name, given, _default, _kind in params if given is not None]
        self.is_plain = not any(
            given is not None and kind == "node" for _name, given, _default, kind in params
        )
        self._tainted: tuple[frozenset[str], frozenset[str]] | None = None

    def tainted(self, outside: frozenset[str]) -> frozenset[str]:
        """The names in the block that depend on the image size, where those outside do."""
        if self._tainted is None or self._tainted[0] != outside:
            found = set(_OF_SIZE)
            found |= {name for name, read in self.reads.items() if read & outside}
            for name, argument in self.block.let.items():
                if names_read(argument.value) & found:
                    found.add(name)
            self._tainted = (outside, frozenset(found))
        return self._tainted[1]


def _missing(call: Call, block: Block, name: str, default: Argument) -> SpecError:
    first = next(iter(block.params))
    return MISSING_ARGUMENT.error(
        call.key_span,
        f"block `{block.name}` needs `{name}`",
        labels=(Label(default.span, f"declared here, {default.value}"),),
        help=f"`{{{block.name}: ...}}`" if name == first else f"add `{name}: ...`",
    )


def shape_names(shape: Shape) -> dict[str, Any]:
    """What a scope's input is called in expressions."""
    known: dict[str, Any] = {"in_shape": tuple(shape)}
    if shape:
        known["in_channels"] = shape[0]
        known["in_features"] = shape[-1]
    return known
