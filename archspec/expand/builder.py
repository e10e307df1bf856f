"""The expander: nodes as written become a tree of concrete modules, each with its shapes."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any

from archspec.codes.network import NOT_A_CONDITION, TOO_MANY_NODES
from archspec.codes.spec import BAD_VALUE
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
from archspec.diagnostics import Span, SpecError, did_you_mean
from archspec.expressions import Expression, Template, spend
from archspec.expressions.values import written
from archspec.ops import Op
from archspec.schema.refusals import hint

from .binding import Binding, follows_from
from .copying import Original, copy_into, family, likeness, resize_into
from .parameters import (
    NodeValue,
)
from .program import Program
from .resizing import Choice
from .scoping import MAX_DEPTH, MAX_NODES

_FREE = 16
"""As many parameters of a block cost nothing: there are limits enough on how many blocks."""


class TreeBuilder(Binding):
    """Builds the module tree of one program; see `connections.building.Builder`."""

    decided_once = True
    """Whether all that is given and flows in decides what an instance is: nothing is open."""

    def __init__(self, program: Program, limit: int = MAX_NODES):
        super().__init__(program, limit)
        self.depth = 0
        self.originals: dict[Any, Original] = {}
        self.families: dict[Any, Original] = {}  # the latest of those that may differ in sizes
        self.choice: Choice | None = None  # what the latest skip made of its body

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
        if isinstance(node, Broken):  # its name may be what is wrong with it
            raise Waiting
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
            key = self._said(key, scope)
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
                raise BAD_VALUE.error(
                    call.key_span, f"an op or a block was expected, got {written(key)}"
                )
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
            None
            if name is None or not self.decided_once
            else follows_from(entry, call, scope, inputs)
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


_NOT_YET: tuple[Env | None, Any] = (None, None)


def _told(block: Block, values: Mapping[str, Any]) -> str:
    """A block with the values of its parameters."""
    shown = [f"{k} = {written(v).strip('`')}" for k, v in values.items() if k in block.params]
    return ", ".join((f"block {block.name}", *shown))


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
