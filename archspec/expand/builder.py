"""The expander: nodes as written become a tree of concrete modules, each with its shapes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from archspec.codes.network import NOT_A_CONDITION, TOO_MANY_NODES
from archspec.codes.spec import BAD_VALUE, MISSING_ARGUMENT
from archspec.connections import (
    UNKNOWN,
    Argument,
    Block,
    Broken,
    Call,
    Common,
    Connection,
    Env,
    Module,
    Node,
    Origin,
    Scope,
    Value,
    Waiting,
    keeps,
    register,
)
from archspec.connections.node import NOTHING
from archspec.diagnostics import Label, Span, SpecError, did_you_mean
from archspec.expressions import Expression, Template, spend
from archspec.ops import Op, Shape
from archspec.ops.dims import Dim
from archspec.schema.refusals import hint, written

from .copying import Choice, Original, copy_into, family, likeness, resize_into
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
from .scoping import MAX_DEPTH, MAX_NODES

_FREE = 16
"""As many parameters of a block cost nothing: there are limits enough on how many blocks."""


class TreeBuilder(Leaves):
    """Builds the module tree of one program; see `connections.building.Builder`."""

    decided_once = True
    """Whether all that is given and flows in decides what an instance is: nothing is open."""

    def __init__(self, program: Program, limit: int = MAX_NODES):
        super().__init__(program, limit)
        self.depth = 0
        self.originals: dict[Any, Original] = {}
        self.families: dict[Any, Original] = {}  # the latest of those that may differ in sizes
        self.choice: Choice | None = None  # what the latest skip made of its body
        self.declared: dict[Span, Declared] = {}
        self.entries: dict[Call, Entry] = {}  # the latest of every call

    def choose(self, node: Node, scope: Scope, *, named: bool = False) -> Node | None:
        """The node itself, its `else`, or None, as its `when` says."""
        condition = node.common.when
        if condition is None:
            return node
        free = named and self._weightless(node)  # no key of the state_dict depends on it
        value = self.evaluate(condition, scope, structural=not free)
        if not isinstance(value, bool):
            raise NOT_A_CONDITION.error(
                condition.span,
                f"`when` takes true or false, got {written(value)}",
                help=hint(condition.tree, "true or false was expected"),
            )
        if value:
            return node
        otherwise = node.common.else_
        return None if otherwise is None else self.choose(otherwise, scope, named=named)

    def _weightless(self, node: Node) -> bool:
        """Whether nothing that a node as written can build has weights or buffers to save."""
        if node.common.else_ is not None and not self._weightless(node.common.else_):
            return False
        if not isinstance(node, Call):
            return all(map(self._weightless, node.nodes()))
        if not isinstance(node.key, str):
            return False
        file = self.program.files.get(node.key_span.source)
        block = file.blocks.get(node.key) if file is not None else None
        if block is not None:
            return block.body is not None and self._weightless(block.body)
        if "persistent" in node.args and node.args["persistent"][1].value is False:
            return True
        return node.key in self.ops and self.ops[node.key].weights is Op.weights

    def skipped(
        self, name: str, node: Node, scope: Scope, previous: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Let `name` stand for the input of a node that `when` leaves out."""
        refs = getattr(node, "refs", None) or node.common.from_
        values = previous if refs is None else self.resolve(refs, scope)
        if len(values) == 1:
            scope.names[name] = values
        else:
            scope.names[name] = ()
        return previous

    def child(
        self, name: str | None, node: Node, scope: Scope, previous: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build a node as the child `name` (None: anonymous, must have no weights)."""
        try:
            if type(node) is Call and node.common is NOTHING:
                return self.call(node, name, scope, previous)
            return self._child(name, node, scope, previous)
        except SpecError as error:
            return self.failed(error, name, node, scope)

    def _child(
        self, name: str | None, node: Node, scope: Scope, previous: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        common = node.common
        inputs = previous if common.from_ is None else self.resolve(common.from_, scope)
        if isinstance(node, Call):
            return self.call(node, name, scope, inputs)
        module = self._module(name, "scope", node, scope)
        module.env = scope.env.values
        inner = Scope(module, scope.env, scope.origin, scope, inputs, scope.block)
        inner.names["input"] = inputs
        module.inputs = inputs
        module.outputs = node.expand(self, inner, inputs)
        inner.outer = None  # it is looked into from here on, and looks for nothing itself
        self._finish(name, module, scope, inner)
        return module.outputs

    def call(
        self, call: Call, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build the call of an op or a block."""
        key: Any = call.key
        if type(key) is str:
            use = self.uses.get(call)
            if use is not None and use.block is scope.block:  # an op, and known to be one
                if call.refs is not None:
                    inputs = self.resolve(call.refs, scope)
                op = use.op or self._used(call, use, scope)
                return self._leaf(name, op, call, call, scope, inputs, use.reads)
        if isinstance(key, Expression | Template):
            key = self._guard(lambda: call.key.evaluate(scope.env.values), scope)  # type: ignore[union-attr]
            if isinstance(key, NodeValue):
                bare = isinstance(key.node, Call) and not (
                    key.node.main or key.node.args or key.node.common != Common()
                )
                if not bare:
                    return self._passed(key, call, name, scope, inputs)
                target = key.node
                key = key.node.key if isinstance(key.node, Call) else key.name
                return self._apply(call, key, target.span, name, scope, inputs)
            if not isinstance(key, str):
                raise BAD_VALUE.error(call.key_span, f"an op or a block was expected, got {key!r}")
        return self._apply(call, key, call.key_span, name, scope, inputs)

    def _apply(
        self,
        call: Call,
        key: str,
        where: Span,
        name: str | None,
        scope: Scope,
        inputs: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        file = self.program.files.get(where.source)
        block = file.blocks.get(key) if file is not None else None
        if block is not None:
            return self._block(call, block, name, scope, inputs)
        if key not in self.ops:
            raise self._located(
                BAD_VALUE.error(
                    call.key_span,
                    f"no op or block is called `{key}`",
                    help=did_you_mean(key, [*self.ops, *(file.blocks if file else ())]),
                ),
                scope,
            )
        if call.refs is not None:
            inputs = self.resolve(call.refs, scope)
        use = self._use(call, key, scope)
        return self._leaf(name, self._used(call, use, scope), call, call, scope, inputs, use.reads)

    def _passed(
        self,
        value: NodeValue,
        call: Call,
        name: str | None,
        scope: Scope,
        inputs: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        """A node that was given as an argument, with its own names' meaning."""
        if call.main is not None or call.args:
            span = call.main.span if call.main is not None else call.span
            raise self._located(
                BAD_VALUE.error(
                    span,
                    f"`{call.key_span and call.key}` was given with its arguments already",
                    help="use it as a bare word",
                ),
                scope,
            )
        inner = Scope(scope.module, value.env, scope.origin, scope.outer, scope.input, scope.block)
        inner.names, inner.inner, inner.lost = scope.names, scope.inner, scope.lost
        node = self.choose(value.node, inner)
        if node is None:
            if name is not None:
                scope.names[name] = inputs
            return inputs
        given = Common(
            train_only=call.common.train_only,
            loss_weight=self._fixed(call.common.loss_weight, scope),
            init=self._fixed(call.common.init, scope),
        )
        return self.child(name, with_common(node, given), inner, inputs)

    def _fixed(self, argument: Argument | None, scope: Scope) -> Argument | None:
        """The argument with its value, for a place where its names mean something else."""
        if argument is None:
            return None
        return argument._replace(value=self.evaluate(argument, scope))

    def _block(
        self,
        call: Call,
        block: Block,
        name: str | None,
        scope: Scope,
        inputs: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        if self.depth >= MAX_DEPTH:
            raise self.stop(
                TOO_MANY_NODES.error(
                    call.key_span,
                    f"blocks stand more than {MAX_DEPTH} deep inside each other",
                    help=f"does `{block.name}` use itself?",
                ),
                scope,
            )
        if isinstance(block.body, Broken):
            raise Waiting
        if len(inputs) != len(block.inputs):
            raise self._located(
                self._wrong_count(block.name, (len(block.inputs),) * 2, inputs, call), scope
            )
        entry = self.entries.get(call)
        if entry is None or entry.block is not block or entry.inside is not scope.block:
            entry = self.entries[call] = self._entry(call, block, scope)
        if not spend(20 * max(0, len(block.params) + len(block.let) - _FREE)):
            raise self.stop(
                TOO_MANY_NODES.error(
                    call.key_span,
                    "the blocks of the network have too many parameters, all copies together",
                    help="`--max-nodes` raises the limit",
                ),
                scope,
            )
        asked = (
            None if name is None or not self.decided_once else _asked(entry, call, scope, inputs)
        )
        env, alike = entry.known.get(asked, _NOT_YET)
        if env is None:
            env = self._bind(call, block, scope, inputs, entry)
        values = env.values
        origin = Origin(call.key_span, partial(_told, block, values), scope.origin)
        module = self._module(name, "block", call, scope)
        module.block = block.name
        module.block_written = block
        module.call = call
        module.env = scope.env.values
        module.bound = values
        module.declared = self._declared(block).defaults
        module.inputs = inputs
        if alike is None and name is not None and UNKNOWN not in inputs and not env.waiting:
            alike = likeness(block, values, env.tainted, module)
            if asked is not None and alike is not None:
                entry.known[asked] = env, alike
        original = None if alike is None else self.originals.get(alike)
        if original is not None and self._fits(original, module):
            self.count += original.count
            self.deepest = max(self.deepest, module.depth + original.height)
            self._connect(original.edges, call, scope)
            self._finish(name, module, scope, copy_into(original, module, origin))
            return module.outputs
        inner = Scope(module, env, origin, None, inputs, block)
        kin = None
        if alike is not None and self.decided_once and self._declared(block).plain:
            kin = family(block, env.tainted, module, scope.module.children[0] is module)
            original = self.families.get(kin)
            if original is not None and self._fits(original, module):
                resized = resize_into(original, module, origin, inner, self.uses, self._used)
                if resized is not None:
                    self.count += original.count
                    self.deepest = max(self.deepest, module.depth + original.height)
                    self._connect(original.edges, call, scope)
                    self._finish(name, module, scope, resized)
                    self.originals[alike] = Original(
                        module,
                        resized,
                        origin,
                        count=original.count,
                        edges=original.edges,
                        height=original.height,
                    )
                    return module.outputs
        before, edges, faults = self.count, self.edges, self.faults
        self.choice = None
        deepest, self.deepest = self.deepest, module.depth
        for given, value in zip(block.inputs, inputs, strict=True):
            inner.names[given] = (value,)
        inner.names["input"] = inputs[:1]
        self.depth += 1
        try:
            assert block.body is not None
            body = self.choose(block.body, inner)
            module.outputs = inputs if body is None else body.expand(self, inner, inputs)
            register(self, inner, block.register)
        finally:
            self.depth -= 1
        if alike is not None and self.faults == faults:
            self.originals[alike] = made = Original(
                module,
                inner,
                origin,
                count=self.count - before,
                edges=self.edges - edges,
                height=self.deepest - module.depth,
                choice=self.choice,
            )
            if kin is not None:
                self.families[kin] = made
        self.deepest = max(deepest, self.deepest)
        self._finish(name, module, scope, inner)
        return module.outputs

    def keeps(self, start: Value, end: Value) -> bool:
        """Whether the body of a skip keeps the channels and the strides of its input."""
        kept = keeps(start, end)
        self.choice = (start, end, kept)
        return kept

    def _fits(self, original: Original, module: Module) -> bool:
        """Whether a copy of the original in the place of a module is within the limits."""
        deep = module.depth + original.height
        return self.count + original.count <= self.limit and deep <= MAX_DEPTH

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


def _asked(entry: Entry, call: Call, scope: Scope, inputs: tuple[Value, ...]) -> Any:
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


_NOT_YET: tuple[Env | None, Any] = (None, None)

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
    in the block mean and what instances are alike by, as `_asked` has it.
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


def _told(block: Block, values: Mapping[str, Any]) -> str:
    """A block with the values of its parameters."""
    shown = [f"{k} = {written(v).strip('`')}" for k, v in values.items() if k in block.params]
    return ", ".join((f"block {block.name}", *shown))


def _missing(call: Call, block: Block, name: str, default: Argument) -> SpecError:
    first = next(iter(block.params))
    return MISSING_ARGUMENT.error(
        call.key_span,
        f"block `{block.name}` needs `{name}`",
        labels=(Label(default.span, f"declared here, {default.value}"),),
        help=f"`{{{block.name}: ...}}`" if name == first else f"add `{name}: ...`",
    )


def with_common(node: Node, given: Common) -> Node:
    """A node that was passed, with what its place says of it; what it says itself stays."""
    own = node.common
    common = Common(
        from_=own.from_,
        train_only=own.train_only or given.train_only,
        loss_weight=own.loss_weight or given.loss_weight,
        init=own.init or given.init,
    )
    if common == own:
        return node
    changed = copy.copy(node)
    if isinstance(changed, Connection):
        return changed.written(node.span, common)
    changed.common = common  # type: ignore[misc]
    return changed


def shape_names(shape: Shape) -> dict[str, Any]:
    """What a scope's input is called in expressions."""
    known: dict[str, Any] = {"in_shape": tuple(shape)}
    if shape:
        known["in_channels"] = shape[0]
        known["in_features"] = shape[-1]
    return known


def free_shape(dims: tuple[Any, ...]) -> Shape:
    """A shape as written: numbers, and words for sizes left free."""
    return tuple(Dim.free(d) if isinstance(d, str) else d for d in dims)
