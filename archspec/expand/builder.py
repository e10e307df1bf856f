"""The expander: nodes as written become a tree of concrete modules, each with its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from archspec.connections import (
    Argument,
    Block,
    Call,
    Env,
    Module,
    Node,
    Origin,
    Reference,
    Scope,
    Value,
)
from archspec.diagnostics import Frame, Label, Span, SpecError, did_you_mean, rule
from archspec.expressions import Expression, Template
from archspec.names import SAME_NAME, check_name
from archspec.ops import Op, Shape, ShapeError, catalogue
from archspec.ops.dims import Dim, show_shape
from archspec.schema import BAD_VALUE, MISSING_KEY
from archspec.schema.reader import sentence

from .parameters import (
    MISSING_ARGUMENT,
    NodeValue,
    check_names,
    check_type,
    evaluate,
    is_required,
    names_read,
    type_of,
)
from .program import Program

BAD_SHAPE = rule(
    "AS0401",
    "an op refuses its input",
    "The shapes that flow into an op, or its arguments, do not fit what the op does.",
    wrong="archspec: 1\ninput: [3, 4, 4]\nstages: [{conv: 8, kernel: 7}]\n",
    right="archspec: 1\ninput: [3, 4, 4]\nstages: [{conv: 8, kernel: 7, padding: half}]\n",
)
UNKNOWN_NODE = rule(
    "AS0402",
    "no node of that name",
    "A name in `from:` is found in the own scope first, then outward up to the block; dots go down. "
    "Order is flow: only earlier nodes can be named.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n  b: {add: [a, c]}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n  b: {add: [a, input]}\n",
)
WRONG_INPUTS = rule(
    "AS0403",
    "the wrong number of inputs",
    "An op or block takes a certain number of tensors; `from:` names them.",
    wrong="archspec: 1\ninput: [4, 8, 8]\nstages: [{chunk: 2, dim: 0}, relu]\n",
    right="archspec: 1\ninput: [4, 8, 8]\nstages:\n  halves: {chunk: 2, dim: 0}\n"
    "  act: {relu: , from: halves.0}\n",
)
UNNAMED_WEIGHTS = rule(
    "AS0404",
    "a node with weights has no name",
    "The state_dict of the model has the paths of the spec, and nothing invents a name. A node with "
    "weights stands in a mapping (its key is its name) or in a list (0, 1, 2, ...).",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  b: {skip: {body: {conv: 3, kernel: 1}}}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  b: {skip: {body: {conv1: {conv: 3, kernel: 1}}}}\n",
)
SIZE_DEPENDENT = rule(
    "AS0405",
    "structure that depends on the image size",
    "The same spec has the same weights at every input size, so `when`, loops and the sizes of "
    "weights cannot read `in_shape`. `in_channels` can be read everywhere.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [{relu: , when: '$(in_shape[1] > 4)'}]}}\n"
    "stages: [b]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [{relu: , when: '$(in_channels > 2)'}]}}\n"
    "stages: [b]\n",
)
NOT_A_CONDITION = rule(
    "AS0406",
    "a condition that is neither true nor false",
    "`when:` takes true, false or an expression that gives one of them.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{relu: , when: 3}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{relu: , when: true}]\n",
)
TOO_LARGE = rule(
    "AS0407",
    "the network is too large",
    "A spec may expand to 100,000 nodes by default, and blocks may stand 64 deep inside each other.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [b]}}\nstages: [b]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [relu]}}\nstages: [b]\n",
)
AMBIGUOUS_OMISSION = rule(
    "AS0408",
    "a left-out node with several inputs",
    "What refers to a node that `when` leaves out gets its input instead. A node with several inputs "
    "has no one input to give: say `else:`.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n"
    "  b: {add: [a, input], when: false}\n  c: {relu: , from: b}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n"
    "  b: {add: [a, input], when: false, else: {identity: , from: a}}\n  c: {relu: , from: b}\n",
)

MAX_DEPTH = 64
MAX_NODES = 100_000

_ops: dict[Any, Op] = {}


def _key(args: Mapping[str, Any]) -> Any:
    return tuple((name, type(value), value) for name, value in args.items())


class TreeBuilder:
    """Builds the module tree of one program; see `connections.building.Builder`."""

    def __init__(self, program: Program, limit: int = MAX_NODES):
        self.program = program
        self.limit = limit
        self.count = 0
        self.depth = 0
        self.ops = catalogue()
        self._shapes: dict[tuple[int, tuple[Shape, ...]], tuple[Shape, ...]] = {}

    # -- what connections use -------------------------------------------------------------

    def choose(self, node: Node, scope: Scope) -> Node | None:
        """The node itself, its `else`, or None, as its `when` says."""
        condition = node.common.when
        if condition is None:
            return node
        value = self.evaluate(condition, scope, structural=True)
        if not isinstance(value, bool):
            raise NOT_A_CONDITION.error(
                condition.span, f"`when` takes true or false, got {value!r}"
            )
        if value:
            return node
        otherwise = node.common.else_
        return None if otherwise is None else self.choose(otherwise, scope)

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
        self._finish(name, module, scope, inner)
        return module.outputs

    def call(
        self, call: Call, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build the call of an op or a block."""
        key: Any = call.key
        given = scope
        if isinstance(key, Expression):
            key = self._guard(lambda: call.key.evaluate(scope.env.values), scope)  # type: ignore[union-attr]
            if isinstance(key, NodeValue):
                if call.main is None and not call.args and not isinstance(key.node, Call):
                    return self._passed(key, call, name, scope, inputs)
                if isinstance(key.node, Call) and (key.node.main or key.node.args):
                    return self._passed(key, call, name, scope, inputs)
                target = key.node
                key = key.node.key if isinstance(key.node, Call) else key.name
                return self._apply(call, key, target.span, name, scope, inputs)
            if not isinstance(key, str):
                raise BAD_VALUE.error(call.key_span, f"an op or a block was expected, got {key!r}")
        return self._apply(call, key, call.key_span, name, given, inputs)

    def operation(
        self, op: str, scope: Scope, inputs: tuple[Value, ...], node: Node, **args: Any
    ) -> tuple[Value, ...]:
        """Apply a catalogue op without weights, as an anonymous node."""
        return self._leaf(None, self._op(op, args, None, scope), None, node, scope, inputs)

    def resolve(self, references: tuple[Reference, ...], scope: Scope) -> tuple[Value, ...]:
        """The values that names mean."""
        values: list[Value] = []
        for reference in references:
            name: Any = reference.name
            if not isinstance(name, str):
                name = self._guard(lambda n=name: n.evaluate(scope.env.values), scope)
            found = self._find(str(name), scope)
            if found is None:
                raise self._located(self._unknown_node(str(name), reference.span, scope), scope)
            if not found:
                raise self._located(
                    AMBIGUOUS_OMISSION.error(
                        reference.span,
                        f"`{name}` is left out by its `when`, and has several inputs",
                        help="give it an `else:`",
                    ),
                    scope,
                )
            values += found
        return tuple(values)

    def evaluate(self, argument: Argument, scope: Scope, *, structural: bool = False) -> Any:
        """The value of an argument; `structural` refuses what depends on the image size."""
        value = argument.value
        if isinstance(value, int | str | float | None):
            return value
        if structural:
            self._check_untainted(argument, scope)
        return self._guard(lambda: evaluate(value, scope.env.values), scope)

    def name(self, template: Any, scope: Scope) -> str:
        """The name that a text or a template gives."""
        if isinstance(template, str):
            return template
        return str(self._guard(lambda: template.evaluate(scope.env.values), scope))

    # -- ops ------------------------------------------------------------------------------

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
        return self._leaf(name, self._op(key, None, call, scope), call, call, scope, inputs)

    def _op(self, name: str, args: Mapping[str, Any] | None, call: Call | None, scope: Scope) -> Op:
        """The op with its arguments: those of the call over the block's and the file's defaults."""
        cls = self.ops[name]
        if args is None:
            assert call is not None
            args = self._arguments(cls, call, scope)
        key: Any = (cls, _key(args))
        try:
            known = _ops.get(key)
        except TypeError:  # an argument that is no literal; pydantic will refuse it
            known, key = None, None
        if known is not None:
            return known
        try:
            op = cls.model_validate(dict(args))
        except ValidationError as error:
            assert call is not None
            raise self._located(self._refused(error, call, cls), scope) from None
        if key is not None and len(_ops) < 100_000:
            _ops[key] = op
        return op

    def _arguments(self, cls: type[Op], call: Call, scope: Scope) -> dict[str, Any]:
        args: dict[str, Any] = {}
        if scope.block is not None and cls.name in scope.block.defaults:
            args |= self._values(scope.block.defaults[cls.name], scope)
        file = self.program.files.get(call.span.source)
        if file is not None and cls.name in file.defaults:
            args = {**self._values(file.defaults[cls.name], scope), **args}
        if call.main is not None:
            if cls.main is None:
                raise self._located(
                    BAD_VALUE.error(
                        call.main.span,
                        f"`{cls.name}` takes no main argument",
                        help=f"write `{cls.name}:` with nothing after it, or the bare word",
                    ),
                    scope,
                )
            args[cls.main] = self.evaluate(call.main, scope)
        for name, (span, argument) in call.args.items():
            if name not in cls.model_fields:
                fields = ", ".join(cls.model_fields)
                raise self._located(
                    BAD_VALUE.error(
                        span,
                        f"`{cls.name}` has no argument called `{name}`",
                        help=did_you_mean(name, cls.model_fields) or f"it takes {fields}",
                    ),
                    scope,
                )
            if call.main is not None and name == cls.main:
                raise self._located(
                    BAD_VALUE.error(span, f"`{name}` is given twice: `{cls.name}:` gives it too"),
                    scope,
                )
            args[name] = self.evaluate(argument, scope)
        return args

    def _values(self, arguments: Mapping[str, Argument], scope: Scope) -> dict[str, Any]:
        return {name: self.evaluate(argument, scope) for name, argument in arguments.items()}

    def _refused(self, error: ValidationError, call: Call, cls: type[Op]) -> SpecError:
        found = {}
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            if name in found:
                continue
            span, argument = self._blame(call, cls, name)
            if detail["type"] == "missing":
                help = f"`{{{cls.name}: ...}}`" if name == cls.main else f"add `{name}:`"
                found[name] = MISSING_KEY.at(
                    call.key_span, f"`{cls.name}` needs `{name}`", help=help
                )
            else:
                shown = f" {_show(argument)}" if argument is not None else ""
                if argument is not None and isinstance(argument.value, Expression):
                    shown += f" (here {detail['input']!r})"
                found[name] = BAD_VALUE.at(
                    span, f"`{name or cls.name}` does not take{shown}: {sentence(detail)}"
                )
        return SpecError(*found.values())

    @staticmethod
    def _blame(call: Call, cls: type[Op], name: str) -> tuple[Span, Argument | None]:
        if name in call.args:
            return call.args[name][1].span, call.args[name][1]
        if call.main is not None and (name in (cls.main, "")):
            return call.main.span, call.main
        return call.key_span, None

    def _leaf(
        self,
        name: str | None,
        op: Op,
        call: Call | None,
        node: Node,
        scope: Scope,
        inputs: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        least, most = op.arity
        if most == 0:
            inputs = ()
        elif len(inputs) < least or (most is not None and len(inputs) > most):
            raise self._located(self._wrong_count(op.name, op.arity, inputs, node), scope)
        module = self._module(name, "op", node, scope)
        module.op = op
        module.call = call
        module.env = scope.env.values
        module.inputs = inputs
        shapes = tuple([value.shape for value in inputs])
        key = (id(op), shapes)
        outputs = self._shapes.get(key)
        if outputs is None:
            try:
                outputs = op.shapes(*shapes)
                weights = op.weights(*shapes)
            except ShapeError as error:
                raise self._located(
                    self._shape_error(error, op, call, node, inputs), scope
                ) from None
            self._shapes[key] = outputs
            if weights and call is not None:
                self._check_weights(name, op, call, scope)
        if name is None and op.weights(*shapes):
            raise self._located(
                UNNAMED_WEIGHTS.error(
                    node.span,
                    f"`{op.name}` has weights and no name",
                    help="put it into a list, or give it a key: "
                    f"`{{{op.name}1: {{{op.name}: ...}}}}`",
                ),
                scope,
            )
        if any(value.unbatched for value in inputs):
            self._check_batched(op, node, inputs, scope)
        stride = self._stride(op, inputs, shapes, outputs)
        module.outputs = tuple([Value(module, i, s, stride) for i, s in enumerate(outputs)])
        self._finish(name, module, scope, None)
        return module.outputs

    @staticmethod
    def _stride(
        op: Op,
        inputs: tuple[Value, ...],
        shapes: tuple[Shape, ...],
        outputs: tuple[Shape, ...],
    ) -> Any:
        if not inputs:
            return object()
        reduction = op.reduction(*shapes)
        start = inputs[0].stride
        if len(inputs) > 1:  # a gate of 1 x 1 does not say what the stride is
            start = next((v.stride for v in inputs if v.shape == outputs[0]), start)
        if reduction is None:
            return object()
        if not reduction or not isinstance(start, tuple):
            return start
        if all(r == 1 for r in reduction):
            return start
        if len(start) != len(reduction):
            return object()
        return tuple([a * b for a, b in zip(start, reduction, strict=True)])

    def _check_batched(self, op: Op, node: Node, inputs: tuple[Value, ...], scope: Scope) -> None:
        """A tensor stored without a batch only meets arithmetic with one that has a batch."""
        if not op.takes_unbatched or all(value.unbatched for value in inputs):
            raise self._located(
                WRONG_INPUTS.error(
                    node.span,
                    f"`{op.name}` takes tensors with a batch, and one input is stored without",
                    help="say `batch: true` on the parameter",
                ),
                scope,
            )

    def _check_weights(self, name: str | None, op: Op, call: Call, scope: Scope) -> None:
        arguments = [argument for _span, argument in call.args.values()]
        if call.main is not None:
            arguments.append(call.main)
        for argument in arguments:
            self._check_untainted(argument, scope)

    def _check_untainted(self, argument: Argument, scope: Scope) -> None:
        if not scope.env.tainted:
            return
        read = names_read(argument.value) & scope.env.tainted
        if read:
            raise self._located(
                SIZE_DEPENDENT.error(
                    argument.span,
                    f"structure cannot depend on the image size (`{sorted(read)[0]}`)",
                    help="make it a parameter, or read `in_channels`",
                ),
                scope,
            )

    # -- blocks ---------------------------------------------------------------------------

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
        inner.names, inner.inner = scope.names, scope.inner
        return self.child(name, value.node, inner, inputs)

    def _block(
        self,
        call: Call,
        block: Block,
        name: str | None,
        scope: Scope,
        inputs: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        if self.depth >= MAX_DEPTH:
            raise self._located(
                TOO_LARGE.error(
                    call.key_span,
                    f"blocks stand more than {MAX_DEPTH} deep inside each other",
                    help=f"does `{block.name}` use itself?",
                ),
                scope,
            )
        if len(inputs) != len(block.inputs):
            raise self._located(
                self._wrong_count(block.name, (len(block.inputs),) * 2, inputs, call), scope
            )
        values, tainted = self._bind(call, block, scope, inputs)
        shown = ", ".join(f"{k} = {v}" for k, v in values.items() if k in block.params)
        origin = Origin(
            call.key_span, f"block {block.name}" + (f", {shown}" if shown else ""), scope.origin
        )
        module = self._module(name, "block", call, scope)
        module.block = block.name
        module.block_written = block
        module.call = call
        module.env = scope.env.values
        module.bound = values
        module.declared = {
            name: default.value
            for name, default in block.params.items()
            if isinstance(default.value, int | float | bool) and not is_required(default)
        }
        module.inputs = inputs
        inner = Scope(module, Env(values, tainted), origin, None, inputs, block)
        for given, value in zip(block.inputs, inputs, strict=True):
            inner.names[given] = (value,)
        inner.names["input"] = inputs[:1]
        self.depth += 1
        try:
            assert block.body is not None
            body = self.choose(block.body, inner)
            module.outputs = inputs if body is None else body.expand(self, inner, inputs)
        finally:
            self.depth -= 1
        self._finish(name, module, scope, inner)
        return module.outputs

    def _bind(
        self, call: Call, block: Block, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """What names mean inside a block: shapes of its input, parameters, derived values."""
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
        values = shape_names(inputs[0].shape)
        tainted = {"in_shape"}
        env = Env(values, frozenset(tainted))
        home = self.program.files[block.span.source]

        def is_kind(word: str) -> bool:
            return word in self.ops or word in home.blocks

        for name, default in block.params.items():
            kind = type_of(default, is_kind)
            if name in given:
                argument = given[name][1]
                value = self._argument(argument, kind, scope)
                if names_read(argument.value) & scope.env.tainted:
                    tainted.add(name)
                if not (value is None and default.value is None):
                    try:
                        check_type(name, value, kind, argument.span, default.span)
                    except SpecError as error:
                        raise self._located(error, scope) from None
            elif name in by_default:
                value = self._argument(by_default[name], kind, scope)
                check_type(name, value, kind, by_default[name].span, default.span)
            elif is_required(default):
                raise self._located(
                    MISSING_ARGUMENT.error(
                        call.key_span,
                        f"block `{block.name}` needs `{name}`",
                        labels=(Label(default.span, f"declared here, {default.value}"),),
                        help=f"`{{{block.name}: ...}}`" if name == first else f"add `{name}: ...`",
                    ),
                    scope,
                )
            else:
                inner = Scope(scope.module, env, scope.origin, None, inputs, block)
                value = self._argument(default, kind, inner)
            values[name] = value
        inner = Scope(scope.module, env, scope.origin, None, inputs, block)
        for name, argument in block.let.items():
            if names_read(argument.value) & tainted:
                tainted.add(name)
            values[name] = self.evaluate(argument, inner)
        return values, frozenset(tainted)

    def _argument(self, argument: Argument, kind: str, scope: Scope) -> Any:
        """The value that a call gives; text and mappings for a `node` parameter become nodes."""
        if kind == "node" and not isinstance(argument.value, Expression):
            if isinstance(argument.value, str):
                node: Node = Call(argument.value, argument.span, argument.span)
                return NodeValue(argument.value, node, scope.env)
            if isinstance(argument.value, dict | tuple):
                return NodeValue("", self.program.read_node(argument.tree), scope.env)
        return self.evaluate(argument, scope)

    # -- modules and errors ---------------------------------------------------------------

    def _module(self, name: str | None, kind: Any, node: Node, scope: Scope) -> Module:
        self.count += 1
        if self.count > self.limit:
            raise self._located(
                TOO_LARGE.error(node.span, f"the network has more than {self.limit:,} nodes"), scope
            )
        parent = scope.module
        if name is not None:
            if name in scope.names and name not in ("input",):
                raise self._located(
                    SAME_NAME.error(node.span, f"two nodes here are called `{name}`"), scope
                )
            try:
                check_name(name, node.span)
            except SpecError as error:
                raise self._located(error, scope) from None
        module = Module(name or "", kind, parent, node, scope.origin, named=name is not None)
        common = node.common
        if common.train_only:
            module.train_only = True
        if common.loss_weight is not None:
            module.loss_weight = self.evaluate(common.loss_weight, scope)
        if common.init is not None:
            module.init = self.evaluate(common.init, scope)
        parent.children.append(module)
        return module

    @staticmethod
    def _finish(name: str | None, module: Module, scope: Scope, inner: Scope | None) -> None:
        if name is not None:
            scope.names[name] = module.outputs
            if inner is not None:
                scope.inner[name] = inner

    def _find(self, name: str, scope: Scope) -> tuple[Value, ...] | None:
        first, *rest = name.split(".")
        here: Scope | None = scope
        while here is not None:
            if first in here.names:
                return _down(here, first, rest)
            here = here.outer
        return None

    def _unknown_node(self, name: str, span: Span, scope: Scope) -> SpecError:
        names: list[str] = []
        here: Scope | None = scope
        while here is not None:
            names += here.names
            here = here.outer
        return UNKNOWN_NODE.error(
            span,
            f"no earlier node is called `{name}`",
            help=did_you_mean(name, names) or f"known here: {', '.join(names)}",
        )

    @staticmethod
    def _wrong_count(
        name: str, arity: tuple[int, int | None], inputs: tuple[Value, ...], node: Node
    ) -> SpecError:
        least, most = arity
        takes = f"{least}" if least == most else f"at least {least}"
        if most is not None and least != most:
            takes = f"{least} to {most}"
        return WRONG_INPUTS.error(
            node.span,
            f"`{name}` takes {takes} {'input' if least == most == 1 else 'inputs'}, "
            f"and {len(inputs)} flow in",
            help="`from:` names the inputs; one of several outputs is `name.0`",
        )

    @staticmethod
    def _shape_error(
        error: ShapeError, op: Op, call: Call | None, node: Node, inputs: tuple[Value, ...]
    ) -> SpecError:
        span = node.span
        if call is not None and error.argument:
            if error.argument in call.args:
                span = call.args[error.argument][1].span
            elif error.argument == op.main and call.main is not None:
                span = call.main.span
        trace = tuple(
            f"{v.path or 'here'} gives {show_shape(v.shape)}"
            + (f" ({v.producer.op.name})" if v.producer is not None and v.producer.op else "")
            for v in inputs
        )
        return BAD_SHAPE.error(
            span, error.message, notes=tuple(f"shapes: {t}" for t in trace), help=error.help
        )

    @staticmethod
    def _located(error: SpecError, scope: Scope) -> SpecError:
        """The error with the stack of blocks and copies that led to it."""
        frames = scope.origin.frames()[1:]
        return with_stack(error, frames)

    def _guard(self, work: Any, scope: Scope) -> Any:
        try:
            return work()
        except SpecError as error:
            raise self._located(error, scope) from None


def with_stack(error: SpecError, frames: tuple[Frame, ...]) -> SpecError:
    """The same diagnostics with a stack, where they have none yet."""
    from dataclasses import replace

    return SpecError(*(d if d.stack else replace(d, stack=frames) for d in error.diagnostics))


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


def unit_stride(shape: Shape) -> tuple[Fraction, ...]:
    """The stride of a network input: 1 on every spatial axis."""
    return (Fraction(1),) * max(len(shape) - 1, 0)


def _down(scope: Scope, first: str, rest: list[str]) -> tuple[Value, ...] | None:
    """The outputs of `first`, or of what the dots after it name."""
    values = scope.names[first]
    for position, part in enumerate(rest):
        inner = scope.inner.get(first if position == 0 else rest[position - 1])
        if inner is not None and part in inner.names:
            scope, values = inner, inner.names[part]
        elif position == len(rest) - 1 and part.isdecimal() and int(part) < len(values):
            return (values[int(part)],)
        else:
            return None
    return values


def _show(argument: Argument) -> str:
    value = argument.value
    if isinstance(value, Expression | Template):
        return f"`{value.text}`"
    return f"`{'true' if value is True else 'false' if value is False else value}`"
