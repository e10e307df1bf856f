"""What a cell of the architecture table says: layers in brackets with their number, or plain lines.

The notation is that of He et al. (2015), table 1: `3×3, 64` is a convolution with 64 channels out,
`C=32` its groups (Xie et al., 2016, table 1), `×6` a 1×1 convolution that widens its input sixfold. `fc, [16, 256]` is a squeeze and excitation
(Hu et al., 2017, table 1), and `SE, /4` one to a quarter of the block's input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archspec.connections import Value
from archspec.graph import Node

from .trunk import WEIGHTED, Unit

_MOST_LAYERS = 24
"""Of a block that is told path by path; a larger one is told by how often it has each layer."""
_LONGEST_ROW = 120
"""In letters; ways that part many times over are told as a large block is."""
_JOINS = ("add", "sub", "mul", "concat", "maximum", "minimum")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cell, without brackets."""

    text: str


@dataclass(frozen=True, slots=True)
class Bracket:
    """A block's layers, one a row, and how many such blocks follow each other."""

    rows: tuple[str, ...]
    count: int = 1


Part = Line | Bracket


def parts(unit: Unit, *, dense: bool = False) -> list[Part]:
    """What a unit adds to its cell; nothing for a unit without layers and pooling.

    dense: the notation of Huang et al. (2016), table 1: `3×3 conv`, without channels in a block.
    """
    layers = unit.layers
    joins = any(node.op.name in _JOINS for node in unit.nodes)
    if len(layers) > 1 or (layers and joins) or unit.dense:
        if len(layers) > _MOST_LAYERS:
            return [Bracket(_counted(layers))]
        rows = _Paths(unit).rows()
        if max(map(len, rows), default=0) > _LONGEST_ROW:
            return [Bracket(_counted(layers))]
        if unit.dense:
            rows = [f"{row.split(',')[0]} conv" for row in rows]
        return [Bracket(tuple(rows))] if rows else []
    found = (_line(node, dense) for node in unit.nodes)
    return [Line(text) for text in found if text]


def folded(found: list[Part]) -> list[Part]:
    """Equal neighbours as one bracket with their number; convolutions without stride count too."""
    kept: list[Part] = []
    for part in found:
        rows = part.rows if isinstance(part, Bracket) else (part.text,)
        count = part.count if isinstance(part, Bracket) else 1
        before = kept[-1] if kept else None
        if isinstance(before, Bracket) and before.rows == rows:
            kept[-1] = Bracket(rows, before.count + count)
        elif isinstance(before, Line) and before == part and "stride" not in part.text:
            kept[-1] = Bracket(rows, 2)
        else:
            kept.append(part)
    return kept


def _line(node: Node, dense: bool) -> str:
    """A layer or pooling outside of brackets, with its stride."""
    op = node.op
    if op.family == "pooling" or (op.name == "mean" and len(node.inputs[0].shape) == 3):
        return pooling(node)
    if op.name in ("softmax", "log_softmax"):
        return op.name.replace("_", " ")
    if op.family == "linear" and len(node.outputs[0].shape) == 1:
        return f"{node.outputs[0].shape[-1]}-d fc"
    if op.family not in WEIGHTED or not node.params:
        return ""
    text = _layer(node)
    if dense:
        text = text.replace(",", " conv,", 1)
    stride = getattr(op, "stride", None)
    if isinstance(stride, tuple) and any(step != 1 for step in stride):
        text += f", stride {_size(stride)}"
    return text


def pooling(node: Node) -> str:
    """A pooling op in words: `3×3 max pool, stride 2`; nothing where it changes no size."""
    given: dict[str, Any] = vars(node.op)
    kind = "max" if "max" in node.op.name else "average"
    if "kernel" not in given:
        sizes = node.outputs[0].shape[1:]
        if node.inputs[0].shape == node.outputs[0].shape:
            return ""
        to = "" if all(size == 1 for size in sizes) else f" to {'×'.join(map(str, sizes))}"
        return f"{kind} pool{to}"
    stride = given.get("stride") or given["kernel"]
    suffix = f", stride {_size(stride)}" if any(step != 1 for step in stride) else ""
    return f"{'×'.join(map(str, given['kernel']))} {kind} pool{suffix}"


def _layer(node: Node) -> str:
    """A layer with weights: its kernel, how much comes out, and its groups."""
    op, out = node.op, node.outputs[0].shape
    given: dict[str, Any] = vars(op)
    if op.family == "attention":
        heads = given.get("num_heads")
        return f"attention, {out[-1]}" + (f", {heads} heads" if heads else "")
    if op.family == "linear":
        return f"1×1, {out[-1]}" if len(out) == 3 else f"fc, {out[-1]}"
    kernel = "×".join(map(str, given["kernel"]))
    if is_depthwise(node):
        return f"{kernel} dw, {out[0]}"
    what = " transposed" if "transpose" in op.name else ""
    groups = given.get("groups", 1)
    return f"{kernel}{what}, {out[0]}" + (f", C={groups}" if groups != 1 else "")


def is_depthwise(node: Node) -> bool:
    """Whether each channel is convolved for itself."""
    given = vars(node.op)
    into = node.inputs[0].shape[0]
    return node.op.name.startswith("depthwise") or (
        node.op.family == "convolution" and given.get("groups", 1) == into != 1
    )


def _size(stride: tuple[int, ...]) -> str:
    return str(stride[0]) if len(set(stride)) == 1 else "×".join(map(str, stride))


def _counted(layers: list[Node]) -> tuple[str, ...]:
    """Each layer once with its number, in order of flow."""
    counts: dict[str, int] = {}
    for node in layers:
        text = _layer(node)
        counts[text] = counts.get(text, 0) + 1
    return tuple(f"{text} (×{n})" if n > 1 else text for text, n in counts.items())


@dataclass(frozen=True, slots=True)
class _Fork:
    """Ways that part and join again, each a list of layers."""

    ways: tuple[tuple[Node | _Fork, ...], ...]


class _Paths:
    """The layers of a block from its input to its output, without what stands on its shortcut."""

    def __init__(self, unit: Unit):
        self.unit = unit
        self.maker: dict[Value, Node] = {v: node for node in unit.nodes for v in node.outputs}
        self.before: dict[Node, frozenset[Node]] = {}
        for node in unit.nodes:
            makers = [self.maker[v] for v in node.inputs if v in self.maker]
            self.before[node] = frozenset(makers).union(*(self.before[m] for m in makers))

    def rows(self) -> list[str]:
        """One row a layer, or one a branch where the block ends in several."""
        out = self.unit.module.outputs[0]
        found = self._way(out, frozenset())
        rows: list[str] = []
        before: Node | None = None
        for item in found:
            if isinstance(item, _Fork):
                rows += [self._branch(way, rows) for way in item.ways]
                before = None
            else:
                rows.append(self._row(item, before, rows))
                before = item
        return [row for row in rows if row]

    def _branch(self, way: tuple[Node | _Fork, ...], rows: list[str]) -> str:
        """A branch in a row; a squeeze by the block's input where that is what the block widens."""
        if rows and rows[0].startswith("1×1, ×") and self._is_squeeze(way):
            squeezed, into = way[0].outputs[0].shape[0], self.unit.source.shape[0]  # type: ignore[union-attr]
            if isinstance(into, int) and into % squeezed == 0:  # type: ignore[operator]
                return f"SE, /{into // squeezed}"  # type: ignore[operator]
        return " – ".join(self._texts(way))

    def _is_squeeze(self, way: tuple[Node | _Fork, ...]) -> bool:
        return len(way) == 2 and all(isinstance(n, Node) and _is_squeezed(n) for n in way)

    def _way(self, value: Value, stop: frozenset[Node]) -> tuple[Node | _Fork, ...]:
        """What lies between the nodes of `stop` and a value."""
        node = self.maker.get(value)
        if node is None or node in stop:
            return ()
        if node.op.name in _JOINS and len(node.inputs) > 1:
            return self._joined(node, stop)
        taken = next((v for v in node.inputs if not v.shared), None)
        way = self._way(taken, stop) if taken is not None else ()
        told = (node.op.family in WEIGHTED and node.params) or node.op.family == "pooling"
        return (*way, node) if told else way

    def _joined(self, node: Node, stop: frozenset[Node]) -> tuple[Node | _Fork, ...]:
        values = [v for v in node.inputs if not v.shared]
        reached = [
            self.before[m] | {m} if (m := self.maker.get(v)) is not None else frozenset()
            for v in values
        ]
        common = frozenset.intersection(*reached) - stop
        last = max(common, key=lambda n: n.index, default=None)
        way = self._way(last.outputs[0], stop) if last is not None else ()
        ways = [w for v in values if (w := self._way(v, stop | common))]
        if node.op.name in ("add", "sub"):
            ways = _without_projection(ways)
        ways = [w for n, w in enumerate(ways) if w not in ways[:n]]
        if node.op.name == "mul" and len(ways) == 1 and self._is_gate(ways[0]):
            squeezed = [n for n in ways[0] if isinstance(n, Node) and n.op.family in WEIGHTED]
            return (*way, _Fork((tuple(squeezed),)))
        if len(ways) == 1:
            return (*way, *ways[0])
        return (*way, _Fork(tuple(ways))) if ways else way

    def _is_gate(self, way: tuple[Node | _Fork, ...]) -> bool:
        """Whether a way ends in one number a channel, as squeeze-and-excitation does."""
        end = way[-1]
        if isinstance(end, _Fork):
            return False
        return all(size == 1 for size in end.outputs[0].shape[1:]) and len(way) > 1

    def _texts(self, way: tuple[Node | _Fork, ...]) -> list[str]:
        texts = []
        for item in way:
            if isinstance(item, _Fork):
                texts.append(f"({' | '.join(' – '.join(self._texts(w)) for w in item.ways)})")
            elif item.op.family == "pooling":
                texts.append(pooling(item))
            else:
                texts.append(_layer(item))
        if self._is_squeeze(way):
            widths = ", ".join(str(n.outputs[0].shape[0]) for n in way if isinstance(n, Node))
            return [f"fc, [{widths}]"]
        return [text for text in texts if text]

    def _row(self, node: Node, before: Node | None, rows: list[str]) -> str:
        """A row of a plain block; widths that follow from the block's input are told as such."""
        if node.op.family == "pooling":
            return pooling(node)
        if not rows and self._widens(node):
            out, into = node.outputs[0].shape[0], node.inputs[0].shape[0]
            return f"1×1, ×{out // into}"  # type: ignore[operator]
        text = _layer(node)
        if rows and rows[-1].startswith("1×1, ×") and before is not None and is_depthwise(node):
            return text.partition(",")[0]
        return text

    def _widens(self, node: Node) -> bool:
        """Whether a depthwise convolution follows a 1×1 one of whole times its input's channels."""
        out, into = node.outputs[0].shape[0], node.inputs[0].shape[0]
        if not isinstance(out, int) or not isinstance(into, int) or out % into or out == into:
            return False
        if getattr(node.op, "kernel", None) != (1, 1) or is_depthwise(node):
            return False
        after = next((n for n in self.unit.layers if n.index > node.index), None)
        return after is not None and is_depthwise(after)


def _is_squeezed(node: Node) -> bool:
    return all(size == 1 for size in node.outputs[0].shape[1:])


def _without_projection(ways: list[tuple[Node | _Fork, ...]]) -> list[tuple[Node | _Fork, ...]]:
    """The ways of a residual sum without a shortcut of one 1×1 convolution (and pooling)."""
    if len(ways) < 2 or max(map(len, ways)) < 2:
        return ways
    return [way for way in ways if not _is_projection(way)] or ways


def _is_projection(way: tuple[Node | _Fork, ...]) -> bool:
    layers = [n for n in way if not isinstance(n, Node) or n.op.family in WEIGHTED]
    return len(layers) <= 1 and all(
        isinstance(n, Node) and set(getattr(n.op, "kernel", (1,))) == {1} for n in layers
    )
