"""Checks of channels and of spatial sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archspec.codes import lint as codes
from archspec.graph import Node
from archspec.ops import Applied
from archspec.ops.arguments import AXES, half
from archspec.ops.dims import Dim, show_shape

from .checks import Found, Subject, check

_FLOOR = 4
_WIDE = 16
_MULTIPLE = 8
_SLIDING = tuple(
    f"{name}{axes}"
    for name in ("conv", "depthwise_conv", "max_pool", "avg_pool", "lp_pool")
    for axes in ("", "1d", "3d")
)


def _sliding(subject: Subject) -> list[Applied]:
    return subject.of(*_SLIDING)


@check(codes.TRUNCATED)
def truncated(subject: Subject) -> Iterator[Found]:
    lost = {
        one: unseen
        for one in _sliding(subject)
        if one.reduction != () and not getattr(one.op, "ceil_mode", False)
        if (unseen := _unseen(one)) is not None
    }
    for node in subject.nodes(lost):
        axis, pixels = lost[node.applied]
        windows = node.applied.window or ()
        yield Found(
            node,
            f"`{node.op.name}` of stride {windows[axis][1]} does not see the last "
            f"{'pixel' if pixels == 1 else f'{pixels} pixels'} of {node.applied.inputs[0][1 + axis]} "
            f"({AXES[len(windows)][axis]})",
            "an input that divides by the stride, more padding"
            + (", or `ceil_mode: true`" if hasattr(node.op, "ceil_mode") else ""),
            "stride",
        )


def _unseen(applied: Applied) -> tuple[int, int] | None:
    """The first axis on which the last pixels are not seen, and how many."""
    paddings = _padding(applied)
    for axis, (kernel, stride, dilation) in enumerate(applied.window or ()):
        size, out = applied.inputs[0][1 + axis], applied.outputs[0][1 + axis]
        if isinstance(size, Dim) or isinstance(out, Dim) or kernel < stride:
            continue
        seen = (out - 1) * stride + dilation * (kernel - 1) + 1 - paddings[axis]
        if seen < size:
            return axis, size - seen
    return None


@check(codes.POOL_SKIPS)
def pool_skips(subject: Subject) -> Iterator[Found]:
    pools = [one for one in _sliding(subject) if one.op.family == "pooling"]
    for node in subject.nodes(one for one in pools if _skips(one)):
        kernel, stride, _dilation = next(w for w in node.applied.window or () if w[0] < w[1])
        yield Found(
            node,
            f"a window of {kernel} at stride {stride} skips pixels",
            f"a kernel of {stride}",
            "stride",
        )


def _skips(pool: Applied) -> bool:
    return any(kernel < stride for kernel, stride, _dilation in pool.window or ())


@check(codes.EVEN_KERNEL)
def even_kernel(subject: Subject) -> Iterator[Found]:
    larger = {}
    for applied in _sliding(subject):
        if getattr(applied.op, "padding", None) == "half" and _has_even(applied):
            for kernel, stride, _dilation in applied.window or ():
                if kernel % 2 == 0 and stride == 1:
                    larger[applied] = kernel
                    break
    for node in subject.nodes(larger):
        kernel = larger[node.applied]
        yield Found(
            node,
            f"kernel {kernel} with half padding makes the output larger",
            f"kernel {kernel - 1} or {kernel + 1}, or `padding: same`",
            "padding",
        )


@check(codes.NARROW)
def narrow(subject: Subject) -> Iterator[Found]:
    taken = {first for first, _then in subject.outline.pairs}
    narrow = [one for one in subject.of("conv", "linear") if _squeezes(one) and one in taken]
    for node in subject.nodes(narrow):
        at = 0 if node.op.name == "conv" else -1
        wide, out = node.inputs[0].shape[at], node.outputs[0].shape[at]
        if any(_widens(subject, taker, at) for taker in subject.takers.get(node.outputs[0], ())):
            yield Found(
                node,
                f"{wide} channels are squeezed through {out}",
                f"a floor for the reduction, such as `$max(8, {out})`",
                node.op.main or "",
            )


def _has_even(applied: Applied) -> bool:
    kernel: tuple[int, ...] = applied.op.kernel  # type: ignore[attr-defined]
    return any(size % 2 == 0 for size in kernel)


def _squeezes(applied: Applied) -> bool:
    """Whether many channels become very few."""
    at = 0 if applied.op.name == "conv" else -1
    out = applied.outputs[0][at]
    if isinstance(out, Dim) or out >= _FLOOR:
        return False
    wide = applied.inputs[0][at]
    return not isinstance(wide, Dim) and wide >= _WIDE


def _widens(subject: Subject, node: Node, at: int) -> bool:
    """Whether the node, or what follows its activation or norm, has more channels again."""
    if node.op.family in ("activation", "normalization", "regularization"):
        followers = subject.takers.get(node.outputs[0], ())
        return any(_widens(subject, taker, at) for taker in followers if taker is not node)
    if node.op.name not in ("conv", "linear"):
        return False
    out = node.outputs[0].shape[at]
    return not isinstance(out, Dim) and out >= _WIDE


@check(codes.BROADCAST_ADD)
def broadcast_add(subject: Subject) -> Iterator[Found]:
    stretches = [one for one in subject.of("add") if len(set(one.inputs)) > 1]
    for node in subject.nodes(stretches):
        if not any(value.shared for value in node.inputs):
            yield Found(
                node,
                f"`add` stretches: {' and '.join(map(show_shape, node.applied.inputs))}",
                "a projection on one arm",
                "broadcast",
            )


@check(codes.ODD_CHANNELS)
def odd_channels(subject: Subject) -> Iterator[Found]:
    ends = set(subject.graph.outputs.values())
    last = Counter([value.applied for value in ends])
    odd = {}
    for applied in subject.of_families("convolution", "linear"):
        out = applied.outputs[0][0 if applied.op.family == "convolution" else -1]
        if not isinstance(out, Dim) and out % _MULTIPLE:
            if subject.outline.counts[applied] > last[applied]:
                odd[applied] = out
    for node in subject.nodes(odd):
        if ends.isdisjoint(node.outputs):
            out = odd[node.applied]
            near = round(out / _MULTIPLE) * _MULTIPLE or _MULTIPLE
            yield Found(
                node,
                f"{out} channels are no multiple of {_MULTIPLE}",
                f"{near} would be",
                node.op.main or "",
            )


def _padding(applied: Applied) -> tuple[int, ...]:
    padding = getattr(applied.op, "padding", 0)
    kernel: tuple[int, ...] = applied.op.kernel  # type: ignore[attr-defined]
    if padding == "half":
        return half(kernel)
    return padding if isinstance(padding, tuple) else (0,) * len(kernel)
