"""The whole expansion: a program and parameter values give the network's module tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archspec.codes.network import TOO_MANY_NODES, UNKNOWN_NODE, WRONG_INPUTS
from archspec.codes.spec import (
    BAD_NAME,
    MISSING_KEY,
    NO_INPUT,
    NO_VALUE,
    TWO_BLOCKS,
    UNKNOWN_PARAM,
    WRONG_TYPE,
)
from archspec.connections import (
    UNKNOWN,
    Argument,
    Call,
    Decisions,
    Env,
    Module,
    OpenValue,
    Origin,
    Scope,
    Value,
    Waiting,
)
from archspec.diagnostics import Diagnostic, Source, Span, SpecError, did_you_mean, listed, suggest
from archspec.expressions import at_most, spend
from archspec.expressions.values import written
from archspec.names import check_name
from archspec.ops import Shape, catalogue
from archspec.ops.dims import Dim, too_large
from archspec.schema.refusals import hint
from archspec.syntax import Mapping as MappingTree
from archspec.syntax import Tree

from .binding import shape_names
from .builder import TreeBuilder
from .deciding import OpenBuilder, chosen_value, may_be_open, offered
from .leaves import unit_stride
from .loading import Loader
from .overriding import check_override, declaration, explained
from .parameters import NodeValue, check_type, evaluate, is_required, names_read, type_of
from .program import Program
from .scoping import MAX_NODES, WORK


@dataclass(slots=True)
class Network:
    """A concrete network: its module tree, its inputs and its named outputs."""

    program: Program
    root: Module
    inputs: dict[str, Value]
    outputs: dict[str, Value]
    params: dict[str, Any]
    env: dict[str, Any]
    overridden: tuple[str, ...] = ()
    decisions: Decisions = field(default_factory=Decisions)
    """What the spec leaves open, and how it was decided."""

    @property
    def is_open(self) -> bool:
        """Whether this is one child of many, decided as the spec says where nobody chooses."""
        return any(name not in self.decisions.answers for name in self.decisions.asked)


def expand(
    program: Program,
    values: Mapping[str, Any] | None = None,
    *,
    limit: int = MAX_NODES,
    decisions: Decisions | None = None,
) -> Network:
    """Expand a program with parameter `values` given from outside; `decisions` answers what it leaves
    open, and notes what was asked for.

    Raises SpecError with everything that is wrong.
    """
    with at_most(WORK * limit):
        return _expand(program, dict(values or {}), limit, decisions or Decisions())


def read_alone(text: str, name: str = "<child>") -> Network:
    """The network of a spec that is complete in one file."""
    return expand(Loader().load(Source(name, text), None, None))


def _expand(program: Program, values: dict[str, Any], limit: int, decisions: Decisions) -> Network:
    problems = program.problems
    waiting = set(program.unsure)  # names that have no value, because of a mistake
    params = _parameters(program, values, decisions, problems, waiting)
    env = _derived(program, params, decisions, problems, waiting)
    try:
        reads = frozenset() if program.input is None else names_read(program.input.value)
        inputs = _unknown(program) if reads & waiting else _inputs(program, env)
    except SpecError as error:
        problems += error.diagnostics
        inputs = _unknown(program)
    origin = Origin(program.span, f"network {program.name}", None)
    root = Module("", "block", None, None, origin)
    root.block = program.name
    first = tuple(inputs.values())
    seen = {}
    if first[0] is UNKNOWN:
        waiting |= {"in_shape", "in_channels", "in_features"}
    else:
        seen = shape_names(first[0].shape)
    root.bound = {**seen, **env}
    root.env = env
    root.inputs = first
    known = Env({**seen, **env}, frozenset({"in_shape"}), waiting)
    scope = Scope(root, known, origin, None, first, None)
    scope.names["input"] = first[:1]
    for name, value in inputs.items():
        scope.names[name] = (value,)
    if may_be_open(program):
        builder: TreeBuilder = OpenBuilder(program, limit, decisions)
    else:
        builder = TreeBuilder(program, limit)
    if program.stages is None:
        missing = MISSING_KEY.at(program.span, "the spec has no `stages`", help="add `stages:`")
        raise SpecError(*problems, missing)
    outputs = {}
    try:
        builder.foresee(program.stages)
    except SpecError as error:
        raise SpecError(*problems, *error.diagnostics) from None
    try:
        root.outputs = program.stages.expand(builder, scope, first)
        outputs = _outputs(program, builder, scope, root)
    except SpecError as error:
        if not builder.stopped:
            builder.failed(error, None, program.stages, scope)
    except RecursionError:  # connections inside each other in blocks inside each other
        problems.append(TOO_MANY_NODES.at(program.span, "nodes stand too deep inside each other"))
    if builder.faults:
        problems += builder.findings
    if problems:
        raise SpecError(*explained(problems, program, values))
    if not outputs:
        raise WRONG_INPUTS.error(
            program.span,
            "the network has no output",
            help="leave `outputs:` out, and it is that of the last stage",
        )
    for name, value in outputs.items():
        if value.shared:
            raise WRONG_INPUTS.error(
                value.producer.node.span
                if value.producer and value.producer.node
                else program.span,
                f"the output `{name}` is the same for all samples: nothing of the input flows in",
                help="join it with what is computed from the input",
            )
    overridden = (*values, *(name for name in decisions.asked if name in decisions.answers))
    return Network(program, root, inputs, outputs, params, env, overridden, decisions)


def _parameters(
    program: Program,
    values: Mapping[str, Any],
    decisions: Decisions,
    problems: list[Diagnostic],
    waiting: set[str],
) -> dict[str, Any]:
    """The spec's parameters with their values; those that have none, and why."""
    for name in values:
        if name not in program.params:
            waiting.update(suggest(name, program.params))
            problems.append(
                UNKNOWN_PARAM.at(
                    _declarations(program),
                    f"`{program.name}` has no parameter called `{name}`",
                    help=did_you_mean(name, program.params) or f"it has {listed(program.params)}",
                )
            )
    params: dict[str, Any] = {}

    def value(name: str, default: Argument) -> Any:
        if name not in values and (name in waiting or names_read(default.value) & waiting):
            raise Waiting
        return _parameter(program, name, default, values, params, decisions)

    _work_out(program.params, value, params, problems, waiting)
    return params


def _work_out(
    written: Mapping[str, Argument],
    value: Callable[[str, Argument], Any],
    found: dict[str, Any],
    problems: list[Diagnostic],
    waiting: set[str],
) -> None:
    """Put the values of what is written into `found`; of what has none, note why, and let it wait."""
    for name, argument in written.items():
        try:
            found[name] = value(name, argument)
        except SpecError as error:
            problems += error.diagnostics
            waiting.add(name)
            if not spend(0):  # all the work that is allowed is done
                raise SpecError(*problems) from None


def _parameter(
    program: Program,
    name: str,
    default: Argument,
    values: Mapping[str, Any],
    params: Mapping[str, Any],
    decisions: Decisions,
) -> Any:
    """The value of one parameter; `params` are those before it."""
    ops, blocks = catalogue(), program.files[default.span.source].blocks
    given = name in values
    declares = (declaration(program, name) if given else None) or default
    kind = type_of(declares, lambda word: word in ops or word in blocks)
    if given and isinstance(default.value, OpenValue):
        default, given = _offered(name, _frozen(values[name]), default, params), False
    if not given:
        default = chosen_value(default, decisions)
    if given:
        value = _frozen(values[name])
        if not (value is None and default.value is None):
            usual = "..." if is_required(default) else written(default.value).strip("`")
            usual = usual.replace(", ", ",")  # a shell parts words at spaces
            check_type(name, value, kind, default.span, help=f"`--set {name}={usual}` would do")
        if kind == "node" and isinstance(value, str):
            where = default.span._replace(source=program.source)
            return NodeValue(value, Call(value, where, where), Env({}))
        return value
    if is_required(default):
        raise NO_VALUE.error(
            default.span, f"parameter `{name}` has no value", help=f"--set {name}=..."
        )
    value = _node(program, default) if kind == "node" else evaluate(default.value, params)
    check_override(program, name, value, default)
    return value


def _derived(
    program: Program,
    params: Mapping[str, Any],
    decisions: Decisions,
    problems: list[Diagnostic],
    waiting: set[str],
) -> dict[str, Any]:
    """The parameters and what `let:` makes of them; those that have no value, and why."""
    env = dict(params)

    def value(name: str, argument: Argument) -> Any:
        if name in program.params:
            raise TWO_BLOCKS.error(argument.span, f"`{name}` is a parameter and a `let`")
        if names_read(argument.value) & waiting:
            raise Waiting
        return evaluate(chosen_value(argument, decisions).value, env)

    _work_out(program.let, value, env, problems, waiting)
    return env


def _offered(name: str, value: Any, choice: Argument, names: Mapping[str, Any]) -> Argument:
    """The option of a parameter's choice that is set from outside."""
    option = offered(value, choice, names)
    if option is not None:
        return option
    one: OpenValue = choice.value
    listed = ", ".join(written(label).strip("`") for label in one.labels[:20])
    raise WRONG_TYPE.error(
        choice.span,
        f"`{name}` is a choice, and {written(value)} is none of its options",
        help=f"they are {listed or f'the numbers from {one.low:g} to {one.high:g}'}",
    )


def _declarations(program: Program) -> Span:
    """Where a spec says its parameters, or its first line."""
    if isinstance(program.tree, MappingTree) and "params" in program.tree.entries:
        return program.tree.entries["params"].key_span
    return program.span._replace(end_line=program.span.line, end_column=program.span.column)


def _node(program: Program, default: Any) -> NodeValue:
    if isinstance(default.value, str):
        return NodeValue(default.value, Call(default.value, default.span, default.span), Env({}))
    return NodeValue("", program.read_node(default.tree), Env({}))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _unknown(program: Program) -> dict[str, Value]:
    """The inputs by name, where their shapes are not known."""
    shapes = None if program.input is None else program.input.value
    return dict.fromkeys(shapes if isinstance(shapes, dict) and shapes else ("input",), UNKNOWN)


def _inputs(program: Program, env: Mapping[str, Any]) -> dict[str, Value]:
    argument = program.input
    if argument is None:
        raise NO_INPUT.error(
            program.span._replace(end_line=program.span.line, end_column=program.span.column + 1),
            "the spec does not say its input",
            help="for example `input: [3, 224, 224]`",
        )
    shapes = evaluate(argument.value, env)
    if not isinstance(shapes, dict):
        shapes = {"input": shapes}
    found: dict[str, Value] = {}
    if not shapes:
        raise NO_INPUT.error(
            argument.span, "the spec has no input", help="for example `input: [3, 224, 224]`"
        )
    for name, dims in shapes.items():
        if name != "input":
            check_name(name, argument.span)
            if not name.isidentifier() or name in ("torch", "nn", "F", "math"):
                raise BAD_NAME.error(
                    argument.span, f"an input cannot be called `{name}`", help=f"call it `{name}_`"
                )
        shape = _shape(dims, argument.span, argument.tree)
        found[name] = Value(None, len(found), shape, unit_stride(shape), name)
    return found


def _shape(dims: Any, span: Span, tree: Tree) -> Shape:
    fine = isinstance(dims, tuple) and len(dims) > 0
    fine = fine and all(
        (type(d) is int and d > 0) or (isinstance(d, str) and d.isidentifier()) for d in dims
    )
    if not fine:
        raise NO_INPUT.error(
            span,
            f"the input's shape is a list of sizes, got {written(dims)}",
            help=hint(tree, "whole numbers were expected")
            or "for example [3, 224, 224], or [3, height, width] with free sizes",
        )
    shape: Shape = tuple(Dim.free(d) if isinstance(d, str) else d for d in dims)
    beyond = too_large(shape)
    if beyond is not None:
        raise NO_INPUT.error(span, f"the input's shape has {beyond}")
    if len(shape) != 2 and isinstance(shape[0], Dim):
        raise NO_INPUT.error(span, "the number of channels cannot be left free")
    return shape


def _outputs(
    program: Program, builder: TreeBuilder, scope: Scope, root: Module
) -> dict[str, Value]:
    if program.outputs is not None:
        found = {}
        for name, reference in program.outputs.items():
            values = builder.resolve((reference,), scope)
            if len(values) != 1:
                raise UNKNOWN_NODE.error(
                    reference.span,
                    f"`{reference.name}` gives {len(values)} tensors",
                    help=f"name one of them: `{reference.name}.0`",
                )
            check_name(name, reference.span)
            if not name.isidentifier() or name.startswith("_"):
                raise BAD_NAME.error(
                    reference.span,
                    f"an output cannot be called `{name}`",
                    help=f"call it `{_field(name)}`",
                )
            found[name] = values[0]
        return found
    values = root.outputs
    names = [_name(value) for value in values]
    if len(names) > 1:
        names = [f"output{i}" for i in range(len(names))]
    outputs = dict(zip(names, values, strict=True))
    for child in root.children:  # heads stand beside the flow
        if child.train_only and child.outputs and child.outputs[0] not in values:
            outputs[_free(_field(child.name), outputs)] = child.outputs[0]
    return outputs


def _name(value: Value) -> str:
    return _field(value.path if value.producer is None or value.producer.path else "")


def _field(path: str) -> str:
    """A path as the name of an output: `aux.fc` is `aux_fc`, and `2` of a list `output_2`."""
    name = re.sub(r"\W", "_", path) or "output"
    return f"output_{name}" if name[0].isdecimal() or name[0] == "_" else name


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, or with a number behind it where it is taken."""
    free, n = name, 2
    while free in taken:
        free, n = f"{name}_{n}", n + 1
    return free


__all__ = ["Network", "SpecError", "expand"]
