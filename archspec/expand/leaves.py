"""Leaves of the module tree: ops with their arguments, applied to shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.codes.network import BAD_SHAPE, READS_HEAD, UNNAMED_WEIGHTS, WRONG_INPUTS
from archspec.codes.spec import BAD_VALUE, MISSING_KEY
from archspec.connections import (
    Argument,
    Call,
    Node,
    Scope,
    Value,
    is_open,
)
from archspec.diagnostics import PluginError, SpecError, did_you_mean
from archspec.expressions import Expression
from archspec.expressions.values import written
from archspec.ops import Applied, Op, Shape, ShapeError, Steps, apply, typed
from archspec.schema.refusals import by_field, hint, refused, sentence

from .parameters import LITERAL, names_read
from .program import Program
from .recovery import Recovery
from .shape_errors import shape_error

if TYPE_CHECKING:
    from pydantic import ValidationError

_ops: dict[Any, Op] = {}


class Use:
    """An op as one call uses it inside one block: what all copies of the call have in common.

    op: where no argument has an expression. args: the arguments, those of the block's and the
    file's defaults included. worked_out: those of them that have expressions. reads: the names that
    the call's own arguments read. known: the ops so far, by the values of the expressions; it is
    shared with the calls of other specs that differ in nothing else.
    """

    __slots__ = ("args", "block", "cls", "known", "name", "op", "reads", "worked_out")

    def __init__(
        self, name: str, cls: type[Op], given: dict[str, Argument], call: Call, scope: Scope
    ):
        self.name = name
        self.block = scope.block
        self.cls = cls
        self.args = {name: argument.value for name, argument in given.items()}
        self.worked_out = {n: argument for n, argument in given.items() if has_expression(argument)}
        self.op: Op | None = None
        self.known = _family(cls, self.args, self.worked_out) if self.worked_out else {}
        self.reads = _read_by(call) if self.worked_out else _NOTHING


_families: dict[Any, dict[Any, Op]] = {}
_LIMIT = 1024


def _family(cls: type[Op], args: Mapping[str, Any], open: Mapping[str, Any]) -> dict[Any, Op]:
    """The ops of a kind that have arguments in common, by the values of the others."""
    fixed = [(name, typed(value)) for name, value in args.items() if name not in open]
    key = (cls, tuple(fixed), tuple(open))
    try:
        known = _families.get(key)
    except TypeError:  # an argument that is no literal
        return {}
    if known is None:
        if len(_families) >= _LIMIT:
            _families.clear()
        known = _families[key] = {}
    return known


class Leaves(Recovery):
    """Builds the ops of one program."""

    def __init__(self, program: Program, limit: int):
        super().__init__(program, limit)
        self.uses: dict[Call, Use] = {}  # the latest of every call

    def operation(
        self, op: str, scope: Scope, inputs: tuple[Value, ...], node: Node, **args: Any
    ) -> tuple[Value, ...]:
        """Apply a catalogue op without weights, as an anonymous node."""
        made = self._made(self.ops[op], args, None, scope)
        return self._leaf(None, made, None, node, scope, inputs, _NOTHING)

    def _use(self, call: Call, name: str, scope: Scope) -> Use:
        """How a call uses the op of a name where it stands."""
        use = self.uses.get(call)
        if use is None or use.block is not scope.block or use.name != name:
            cls = self.ops[name]
            use = Use(name, cls, self._given(cls, call, scope), call, scope)
            self.uses[call] = use
        return use

    def _used(self, call: Call, use: Use, scope: Scope) -> Op:
        """The op with its arguments."""
        if use.op is not None:
            return use.op
        if not use.worked_out:
            use.op = self._made(use.cls, use.args, call, scope)
            return use.op
        evaluate = self.evaluate
        values = {name: evaluate(argument, scope) for name, argument in use.worked_out.items()}
        key: Any = tuple([v if type(v) is int else typed(v) for v in values.values()])
        try:
            known = use.known.get(key)
        except TypeError:  # no literal
            known = key = None
        if known is None:
            known = self._made(use.cls, use.args | values, call, scope)
            if key is not None:
                if len(use.known) >= _LIMIT:
                    use.known.clear()
                use.known[key] = known
        return known

    def _made(self, cls: type[Op], args: Mapping[str, Any], call: Call | None, scope: Scope) -> Op:
        """The op with these arguments; one for all places and programs."""
        key: Any = (cls, tuple([(name, typed(value)) for name, value in args.items()]))
        try:
            known = _ops.get(key)
        except TypeError:  # an argument that is no literal; pydantic will refuse it
            known, key = None, None
        if known is not None:
            return known
        try:
            op = cls(**args)
        except ValueError as error:
            if call is None or not refused(error):
                raise
            raise self._located(self._refused(error, call, cls, scope), scope) from None
        if key is not None and len(_ops) < 100_000:
            _ops[key] = op
        return op

    def _given(self, cls: type[Op], call: Call, scope: Scope) -> dict[str, Argument]:
        """The arguments of a call as written, over the block's defaults, over the file's."""
        given: dict[str, Argument] = {}
        file = self.program.files.get(call.span.source)
        if file is not None:
            given |= file.defaults.get(cls.name, {})
        if scope.block is not None:
            given |= scope.block.defaults.get(cls.name, {})
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
            given[cls.main] = call.main
        for name, (span, argument) in call.args.items():
            if name not in cls.declared():
                fields = ", ".join(cls.declared())
                raise self._located(
                    BAD_VALUE.error(
                        span,
                        f"`{cls.name}` has no argument called `{name}`",
                        help=did_you_mean(name, cls.declared()) or f"it takes {fields}",
                    ),
                    scope,
                )
            if call.main is not None and name == cls.main:
                raise self._located(
                    BAD_VALUE.error(span, f"`{name}` is given twice: `{cls.name}:` gives it too"),
                    scope,
                )
            given[name] = argument
        return given

    def _refused(
        self, error: ValidationError, call: Call, cls: type[Op], scope: Scope
    ) -> SpecError:
        found = []
        given = self._given(cls, call, scope)
        for name, details in by_field(error).items():
            detail = details[0]
            argument = given.get(name or cls.main or "")
            if detail["type"] == "missing":
                help = f"`{{{cls.name}: ...}}`" if name == cls.main else f"add `{name}:`"
                found.append(
                    MISSING_KEY.at(call.key_span, f"`{cls.name}` needs `{name}`", help=help)
                )
            else:
                shown, help, expected = "", None, sentence(details)
                if argument is not None:
                    shown = f" {written(argument.value)}"
                    help = hint(argument.tree, expected, scope.env.values.keys() - _ALWAYS)
                    if is_open(argument.value):
                        shown = f" {written(detail['input'])}"
                    if isinstance(argument.value, Expression):
                        shown += f" (here {written(detail['input']).strip('`')})"
                        if isinstance(detail["input"], float) and "/" in argument.value.text:
                            help = "`//` divides and rounds down to a whole number"
                refused = f"`{name or cls.name}` does not take{shown}: {expected}"
                span = call.key_span if argument is None else argument.span
                found.append(BAD_VALUE.at(span, refused, help=help))
        return SpecError(*found)

    def _leaf(
        self,
        name: str | None,
        op: Op,
        call: Call | None,
        node: Node,
        scope: Scope,
        inputs: tuple[Value, ...],
        reads: frozenset[str],
    ) -> tuple[Value, ...]:
        """Apply an op. reads: the names that the call's own arguments read."""
        least, most = op.arity
        if most == 0:
            inputs = ()
        elif len(inputs) < least or (most is not None and len(inputs) > most):
            raise self._located(self._wrong_count(op.name, op.arity, inputs, node), scope)
        self._connect(len(inputs), node, scope)
        try:
            if len(inputs) == 1:
                applied = apply(op, (inputs[0].shape,))
            else:
                applied = apply(op, tuple([value.shape for value in inputs]))
        except ShapeError as error:
            raise self._located(shape_error(error, op, call, node, inputs, scope), scope) from None
        except Exception as error:
            if type(op).__module__.startswith("archspec.ops."):
                raise
            where = self._located(BAD_SHAPE.error(node.span, "here"), scope)
            raise PluginError(
                f"op `{op.name}` of {type(op).__module__.rpartition('.')[2]} failed: "
                f"{type(error).__name__}: {error}\n{where}"
            ) from error
        self._connect(len(applied.outputs), node, scope)
        if name is None and type(op).expression is Op.expression:
            raise self._located(
                UNNAMED_WEIGHTS.error(
                    node.span,
                    f"`{op.name}` is a module and has no name",
                    help="put it into a list, or give it a key",
                ),
                scope,
            )
        if applied.weights:
            if name is None:
                raise self._located(
                    UNNAMED_WEIGHTS.error(
                        node.span,
                        f"`{op.name}` has weights and no name",
                        help="put it into a list, or give it a key: "
                        f"`{{{op.name}1: {{{op.name}: ...}}}}`",
                    ),
                    scope,
                )
            if reads and call is not None and not reads.isdisjoint(scope.env.tainted):
                self._check_weights(call, scope)
        shared = True
        for value in inputs:
            shared = shared and value.shared
            if value.train_only:
                self._check_head(value, call or node, node, scope)
        if not shared and op.unbatched_inputs:
            for number in op.unbatched_inputs:
                if number < len(inputs) and not inputs[number].shared:
                    raise self._located(self._per_sample(op, number, inputs, node), scope)
        module = self._module(name, "op", node, scope)
        module.op = op
        module.applied = applied
        module.call = call
        module.env = scope.env.values
        module.inputs = inputs
        if len(inputs) == 1 and applied.reduction == ():
            stride = inputs[0].stride
        else:
            stride = stride_after(applied, [value.stride for value in inputs])
        shapes = applied.outputs
        if len(shapes) == 1:
            outputs: tuple[Value, ...] = (Value(module, 0, shapes[0], stride, shared=shared),)
        else:
            outputs = tuple(
                [Value(module, i, s, stride, shared=shared) for i, s in enumerate(shapes)]
            )
        module.outputs = outputs
        if name is not None:
            scope.names[name] = outputs
        return outputs

    def _check_head(self, value: Value, call: Node, node: Node, scope: Scope) -> None:
        """What runs always cannot take what exists in training alone."""
        if call.common.train_only or scope.module.train_only:
            return
        raise self._located(
            READS_HEAD.error(
                node.span,
                f"this takes `{value.path or 'a head'}`, which is train_only and does not run in "
                "evaluation mode",
                help="make this `train_only: true` too, or take the value from another node",
            ),
            scope,
        )

    @staticmethod
    def _per_sample(op: Op, number: int, inputs: tuple[Value, ...], node: Node) -> SpecError:
        """What is one for all samples cannot be computed from the samples."""
        return WRONG_INPUTS.error(
            node.span,
            f"input {number + 1} of `{op.name}` is one tensor for all samples, and "
            f"`{inputs[number].path}` differs from sample to sample",
            help="give it a `parameter`, a `buffer`, a `constant`, or what is computed from these",
        )

    def _check_weights(self, call: Call, scope: Scope) -> None:
        arguments = [argument for _span, argument in call.args.values()]
        if call.main is not None:
            arguments.append(call.main)
        for argument in arguments:
            self._check_untainted(argument, scope)

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


def stride_after(applied: Applied, strides: list[Any]) -> Any:
    """The stride of what an op makes of inputs with these strides."""
    if not strides:
        return object()
    if applied.op.sized_by is not None:
        return strides[applied.op.sized_by]
    reduction = applied.reduction
    start = strides[0]
    if len(strides) > 1:  # a gate of 1 x 1 does not say what the stride is
        for shape, stride in zip(applied.inputs, strides, strict=True):
            if shape == applied.outputs[0]:
                start = stride
                break
    if reduction is None:
        return object()
    if not reduction or not isinstance(start, tuple):
        return start
    if len(start) != len(reduction):
        return object()
    steps = [a * b for a, b in zip(start, reduction, strict=True)]
    return tuple([int(step) if step.denominator == 1 else step for step in steps])


def has_expression(argument: Argument) -> bool:
    """Whether the value depends on what names mean."""
    value = argument.value
    return type(value) not in LITERAL and _has_expression(value)


def _has_expression(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_has_expression, value))
    if isinstance(value, dict):
        return any(map(_has_expression, value.values()))
    return hasattr(value, "evaluate")


def _read_by(call: Call) -> frozenset[str]:
    """The names that a call's own arguments read."""
    return _NOTHING.union(
        *(names_read(argument.value) for _span, argument in call.args.values()),
        () if call.main is None else names_read(call.main.value),
    )


_NOTHING: frozenset[str] = frozenset()


def unit_stride(shape: Shape) -> Steps:
    """The stride of a network input: 1 on every spatial axis."""
    return (1,) * max(len(shape) - 1, 0)


_ALWAYS = {"in_shape", "in_channels", "in_features"}
