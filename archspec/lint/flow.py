"""Checks of what follows what."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.codes import lint as codes
from archspec.graph import Node
from archspec.ops import Op
from archspec.ops.dims import show_shape

from .checks import Found, Subject, check

_GATES = {"softmax", "softmin", "log_softmax", "sigmoid", "hard_sigmoid", "log_sigmoid"}
_JOINS = ("add", "sub", "concat", "stack", "maximum", "minimum")


@check(codes.DEAD_NODE)
def dead_node(subject: Subject) -> Iterator[Found]:
    if not subject.outline.loose:
        return
    takers, ends = subject.takers, set(subject.graph.outputs.values())
    for node in subject.graph.nodes:
        for value in node.outputs:
            if value in takers or value in ends:
                break
        else:
            yield Found(
                node,
                f"nothing takes the output of `{node.label}`",
                "remove the node, name it in `from:` of another, or among the `outputs:`",
            )


@check(codes.BIAS_BEFORE_NORM)
def bias_before_norm(subject: Subject) -> Iterator[Found]:
    layers = dict.fromkeys(subject.before_ops(_is_layer, _is_batch_norm))
    for layer in subject.nodes(one for one in layers if "bias" in one.weights):
        takers = subject.takers.get(layer.outputs[0], ())
        if len(takers) == 1 and takers[0].op.name == "batch_norm":
            yield Found(
                layer,
                f"the bias of `{layer.op.name}` is undone by the batch norm after it",
                "`bias: false`",
                "bias",
            )


def _is_layer(op: type[Op]) -> bool:
    return op.family in ("convolution", "linear")


def _is_batch_norm(op: type[Op]) -> bool:
    return op.name == "batch_norm"


@check(codes.TWO_ACTIVATIONS)
def two_activations(subject: Subject) -> Iterator[Found]:
    if not subject.before_ops(_is_activation, _is_activation):
        return
    activations = subject.of_families("activation")
    for node in subject.nodes(one for one in activations if one.op.name not in _GATES):
        first = subject.feeding(node)
        if first is not None and first.op.family == "activation":
            yield Found(
                node, f"`{node.op.name}` takes the output of `{first.op.name}`", "remove one"
            )


def _is_activation(op: type[Op]) -> bool:
    return op.family == "activation"


@check(codes.TWO_NORMS)
def two_norms(subject: Subject) -> Iterator[Found]:
    if not subject.before_ops(_is_norm, _is_norm):
        return
    for node in subject.nodes(subject.of_families("normalization")):
        first = subject.before(node)
        if first is not None and first.op.name == node.op.name:
            yield Found(node, f"`{node.op.name}` takes what is normalised already", "remove one")


def _is_norm(op: type[Op]) -> bool:
    return op.family == "normalization"


@check(codes.SOFTMAX_OUTPUT)
def softmax_output(subject: Subject) -> Iterator[Found]:
    for name, value in subject.graph.outputs.items():
        if value.applied is None or value.applied.op.name not in ("softmax", "log_softmax"):
            continue
        node = subject.graph.producer(value)
        if node is not None:
            yield Found(
                node,
                f"the output `{name}` is a {node.op.name}",
                "leave it to the loss, and to whoever wants probabilities",
            )


@check(codes.DROPOUT_BEFORE_NORM)
def dropout_before_norm(subject: Subject) -> Iterator[Found]:
    drops = dict.fromkeys(subject.before_ops(_drops, _is_batch_norm))
    for first in subject.nodes(one for one in drops if getattr(one.op, "p", False)):
        for node in subject.takers.get(first.outputs[0], ()):
            if node.op.name == "batch_norm":
                yield Found(
                    first,
                    f"`{first.op.name}` stands before a batch norm",
                    "put it behind the batch norm, or behind the last one of the network",
                )


def _drops(op: type[Op]) -> bool:
    return "dropout" in op.name


@check(codes.LINEAR_AFTER_LINEAR)
def linear_after_linear(subject: Subject) -> Iterator[Found]:
    if not subject.before_ops(_is_linear, _is_linear):
        return
    for node in subject.nodes(subject.of("linear")):
        first = subject.before(node)
        if first is not None and first.op.name == "linear":
            yield Found(
                node, "two linear layers in a row are one", "put an activation between them"
            )


def _is_linear(op: type[Op]) -> bool:
    return op.name == "linear"


@check(codes.LINEAR_ON_IMAGE)
def linear_on_image(subject: Subject) -> Iterator[Found]:
    for node in subject.nodes(one for one in subject.of("linear") if len(one.inputs[0]) == 3):
        first: Node | None = node
        while first is not None and (first is node or first.op.family in _POINTWISE):
            first = subject.graph.producer(first.inputs[0]) if first.inputs else None
        if first is not None and first.op.family in ("convolution", "pooling"):
            yield Found(
                node,
                f"`linear` works on the last axis of {show_shape(node.inputs[0].shape)}",
                "`flatten` or a pooling before it",
            )


_POINTWISE = ("activation", "normalization", "regularization")


@check(codes.SAME_TWICE)
def same_twice(subject: Subject) -> Iterator[Found]:
    if not subject.outline.twice:
        return
    for node in subject.nodes(subject.of(*_JOINS)):
        if len(set(node.inputs)) < len(node.inputs):
            again = next(v for v in node.inputs if node.inputs.count(v) > 1)
            yield Found(
                node,
                f"`{node.op.name}` takes `{again.path}` twice",
                "name another node" if node.op.name != "add" else "name another node, or scale it",
            )


@check(codes.NO_LOSS_WEIGHT)
def no_loss_weight(subject: Subject) -> Iterator[Found]:
    for value in subject.graph.outputs.values():
        if not value.train_only:
            continue
        head = value.producer
        while head is not None and head.parent is not None and head.parent.train_only:
            head = head.parent
        if head is not None and head.train_only and head.loss_weight is None and head.node:
            yield Found(
                head.node.span, f"the head `{head.path}` has no `loss_weight`", "`loss_weight: 0.3`"
            )
