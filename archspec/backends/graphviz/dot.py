"""A scene as DOT: one node per box, a cluster per scope, every text escaped."""

from __future__ import annotations

from dataclasses import dataclass, field

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
_SKIP = {"color": "#d55e00", "penwidth": "1.4"}
_LONGEST = 200


@dataclass(slots=True)
class _Scope:
    """The boxes of a scope by number, and the scopes in it, in the order of their first box."""

    boxes: list[int] = field(default_factory=list)
    scopes: dict[str, _Scope] = field(default_factory=dict)


def to_dot(scene: Scene) -> str:
    """The DOT text of a scene; the same scene gives the same bytes."""
    dot = graphviz.Digraph(
        _text(scene.name),
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
    outermost = _Scope()
    for number, box in enumerate(scene.boxes):
        scope = outermost
        for name in box.group:
            scope = scope.scopes.setdefault(name, _Scope())
        scope.boxes.append(number)
    _draw(dot, outermost, scene.boxes, [0])
    for edge in scene.edges:
        dot.edge(f"n{edge.tail}", f"n{edge.head}", **(_SKIP if edge.skip else {}))
    return str(dot.source)


def _draw(dot: graphviz.Digraph, scope: _Scope, boxes: list[Box], count: list[int]) -> None:
    """Draw the boxes of a scope, and each scope in it as a cluster; `count` numbers the clusters."""
    for number in scope.boxes:
        box = boxes[number]
        dot.node(
            f"n{number}",
            label=_label(box),
            fillcolor=_COLORS.get(box.family, _OTHER),
            tooltip=_text(box.name),
            **({"style": "filled,rounded,dashed"} if box.train_only else {}),
        )
    for name, inside in scope.scopes.items():
        count[0] += 1
        with dot.subgraph(name=f"cluster_{count[0]}") as cluster:
            cluster.attr(
                label=_text(name),
                labeljust="l",  # in the middle the first edge would cross it
                style="rounded",
                color="#aaaaaa",
                fontsize="10",
                fontcolor="#555555",
            )
            _draw(cluster, inside, boxes, count)


def _label(box: Box) -> str:
    lines = [_text(line) for line in (box.title, *box.lines) if line]
    return graphviz.nohtml(r"\n".join(lines))  # type: ignore[no-any-return]


def _text(text: str) -> str:
    """Text for a DOT string: none of DOT's escapes, no HTML, no control characters, not too long.

    graphviz writes a text between angle brackets as HTML, which may name files to include, unless
    it is marked; the mark is a type, which `str()` and `join` lose.
    """
    shown = visible(text)[:_LONGEST].replace("\n", " ")
    return graphviz.escape(shown)  # type: ignore[no-any-return]
