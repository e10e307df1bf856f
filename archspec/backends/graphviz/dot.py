"""A scene as DOT: one node per box, a cluster per scope, every text escaped."""

from __future__ import annotations

import graphviz

from archspec.diagnostics import visible

from .scene import Box, Scene

_COLORS = {  # Okabe and Ito's palette, lightened for text in black
    "input": "#e6e6e6",
    "output": "#e6e6e6",
    "block": "#cfe3f2",
    "convolution": "#9ed0f0",
    "linear": "#f0c987",
    "pooling": "#f4b8a0",
    "normalization": "#f7f0a8",
    "activation": "#a6dcc8",
    "regularization": "#dddddd",
    "attention": "#e3bcd3",
}
_OTHER = "#f5f5f5"


def to_dot(scene: Scene) -> str:
    """The DOT text of a scene; the same scene gives the same bytes."""
    dot = graphviz.Digraph(
        scene.name,
        graph_attr={
            "rankdir": "TB",
            "nodesep": "0.25",
            "ranksep": "0.3",
            "fontname": "Helvetica",
            "label": _text(scene.name),
            "labelloc": "t",
        },
    )
    dot.attr(
        "node",
        shape="box",
        style="filled,rounded",
        fontname="Helvetica",
        fontsize="10",
        margin="0.12,0.06",
        color="#555555",
    )
    dot.attr("edge", color="#555555", arrowsize="0.6")
    names = {box.key: f"n{i}" for i, box in enumerate(scene.boxes)}
    _cluster(dot, scene.boxes, 0, names, [0])
    for edge in scene.edges:
        style = {"color": "#d55e00", "penwidth": "1.4"} if edge.skip else {}
        dot.edge(names[edge.tail], names[edge.head], **style)
    return str(dot.source)


def _cluster(
    dot: graphviz.Digraph, boxes: list[Box], depth: int, names: dict[str, str], count: list[int]
) -> None:
    """Draw boxes; neighbours of one scope go into a cluster of its own."""
    position = 0
    while position < len(boxes):
        box = boxes[position]
        if len(box.group) <= depth:
            dot.node(
                names[box.key],
                label=_label(box),
                fillcolor=_COLORS.get(box.family, _OTHER),
                tooltip=_text(box.key),
            )
            position += 1
            continue
        scope = box.group[depth]
        end = position
        while end < len(boxes) and boxes[end].group[depth : depth + 1] == (scope,):
            end += 1
        count[0] += 1
        with dot.subgraph(name=f"cluster_{count[0]}") as inner:
            inner.attr(
                label=_text(scope),
                style="rounded",
                color="#aaaaaa",
                fontsize="10",
                fontcolor="#555555",
            )
            _cluster(inner, boxes[position:end], depth + 1, names, count)
        position = end


def _label(box: Box) -> str:
    lines = [line for line in (box.title, *box.lines) if line]
    return r"\n".join(_text(line) for line in lines)


def _text(text: str) -> str:
    """Text for a DOT string: no escapes of DOT's own, no control characters, of bounded length."""
    return str(graphviz.escape(visible(text)[:200].replace("\n", " ")))
