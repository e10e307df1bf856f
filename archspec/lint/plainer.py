"""Checks for a plainer way to say the same, and for what a spec that is shared should say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from archspec.codes import lint as codes
from archspec.connections import Branches, Call, Loop, Sequence
from archspec.connections import Node as Written
from archspec.diagnostics import Span
from archspec.expand import Program
from archspec.expand.parameters import names_read
from archspec.ops import Applied, Op

from .checks import Found, Subject, check, written


@check(codes.DEPTHWISE)
def depthwise(subject: Subject) -> Iterator[Found]:
    separate = [one for one in subject.of("conv") if _separates(one)]
    for node in subject.nodes(separate):
        channels = node.inputs[0].shape[0]
        yield Found(
            node,
            f"{channels} groups of {channels} channels",
            "`depthwise_conv: KERNEL`, which needs no channels and no groups",
            "groups",
        )


def _separates(applied: Applied) -> bool:
    """Whether each channel is a group of its own."""
    channels = applied.inputs[0][0]
    return getattr(applied.op, "groups", 1) == channels and channels != 1


@check(codes.LIKE_DEFAULT)
def like_default(subject: Subject) -> Iterator[Found]:
    if not any(_like_default(call, one.op) for call, one in subject.outline.calls):
        return
    seen = set()
    for node in subject.graph.nodes:
        call = node.module.call
        if call is None or not call.args or call in seen:
            continue
        seen.add(call)
        for name in _like_default(call, node.op):
            yield Found(node, f"`{name}` is like this by default", "remove it", name)


def _like_default(call: Call, op: Op) -> list[str]:
    """The arguments that say what an op would be without them."""
    return [
        name
        for name, (_span, argument) in call.args.items()
        if not names_read(argument.value)
        and name in vars(op)
        and not type(op).declared()[name].required
        and _is_default(op, name)
    ]


@lru_cache(4096)
def _is_default(op: Op, name: str) -> bool:
    """Whether an op would be the same without saying an argument."""
    others = {key: value for key, value in vars(op).items() if key != name}
    try:
        return type(op)(**others) == op
    except ValueError:  # it is needed
        return False


@written(codes.ONE_BRANCH)
def one_branch(program: Program) -> Iterator[Found]:
    for node in _nodes(program):
        if isinstance(node, Branches):
            items = node.branches.items
            if len(items) == 1 and not isinstance(items[0].node, Loop):
                yield Found(node.span, "`branches` with one branch", "write the branch itself")


@written(codes.NO_CONTRACT)
def no_contract(program: Program) -> Iterator[Found]:
    if program.stages is not None and not program.expect:
        yield Found(_top(program), "no `expect:`", "for example `expect: {params: ...}`")


@written(codes.NO_DESCRIPTION)
def no_description(program: Program) -> Iterator[Found]:
    if not program.description:
        yield Found(_top(program), "no `description:`", "one sentence that says what it is")


def _top(program: Program) -> Span:
    span = program.span
    return span._replace(end_line=span.line, end_column=span.column + len("archspec"))


def _nodes(program: Program) -> Iterator[Written]:
    """Every node that the file itself writes."""
    file = program.files.get(program.source)
    own = [b.body for b in file.blocks.values() if b.span.source is program.source] if file else []
    stack: list[Written | None] = [program.stages, *own]
    while stack:
        node = stack.pop()
        if node is not None:
            yield node
            children = [item.node for item in node.items] if isinstance(node, Sequence) else []
            stack += children or list(node.nodes())
