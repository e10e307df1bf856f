"""A scene as DOT: one node per box, a cluster per frame, one edge per edge, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphviz import quoting

from archspec.diagnostics import visible
from archspec.drawing.layout.sizes import Written, clipped
from archspec.drawing.paint.themes import LIGHT, Theme
from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.drawing.scene.notation import show_size

_LONGEST = 200  # of a tooltip
_SHAPES = {"pooling": "invtrapezium", "attention": "octagon"}
_STYLES = {"activation": "filled,rounded", "regularization": "filled,dotted"}


def to_dot(scene: Scene, written: Written | None = None, theme: Theme = LIGHT) -> str:
    """The DOT text of a scene, for graphviz's `dot`; the same scene gives the same text.

    Copies that one box stands for are counted in its label. Insets are clusters
    beside the network.
    """
    return "\n".join(_Writer(written or Written(), theme).lines(scene)) + "\n"


class _Writer:
    def __init__(self, written: Written, theme: Theme):
        self.written = written
        self.theme = theme
        self.boxes = 0
        self.frames = 0

    def lines(self, scene: Scene) -> Iterator[str]:
        theme = self.theme
        font = {"fontname": "Helvetica", "fontsize": "10"}
        yield f"digraph {_quoted(_text(clipped(scene.name)))} {{"
        name = {
            "label": _label([clipped(scene.name)]),
            "labelloc": "t",
            "bgcolor": theme.background,
        }
        gaps = {"rankdir": "TB", "nodesep": "0.25", "ranksep": "0.3"}
        yield f"  graph {_attributes({**gaps, **font, 'fontcolor': theme.ink, **name})};"
        node = {"shape": "box", "style": "filled", "margin": "0.12,0.06"}
        colors = {"color": theme.line, "fontcolor": theme.ink, "fillcolor": theme.other}
        yield f"  node {_attributes({**node, **font, **colors})};"
        yield f"  edge {_attributes({'color': theme.line, 'arrowsize': '0.6'})};"
        yield from self.inside(scene, "  ")
        for inset in scene.insets:
            yield from self.cluster(
                [clipped(inset.name), clipped(inset.description)], {"style": "dotted"}, "  "
            )
            yield from self.inside(inset, "    ")
            yield "  }"
        yield "}"

    def inside(self, scene: Scene, indent: str) -> Iterator[str]:
        """The boxes and frames of a scene, then its edges."""
        names: dict[str, str] = {}
        yield from self.items(scene.root, names, indent)
        boxes = scene.boxes()
        for edge in scene.edges:
            style = _attributes(self.edge(edge, boxes[edge.head]))
            yield f"{indent}{names[edge.tail]} -> {names[edge.head]}{style and ' '}{style};"

    def items(self, frame: Frame, names: dict[str, str], indent: str) -> Iterator[str]:
        for item in frame.items:
            if isinstance(item, Box):
                names[item.id] = f"n{self.boxes}"
                self.boxes += 1
                yield f"{indent}{names[item.id]} {_attributes(self.box(item))};"
            else:
                style = {"style": "rounded,dashed" if item.train_only else "rounded"}
                if item.change:
                    style["color"] = self.theme.changes.get(item.change, self.theme.frame_line)
                yield from self.cluster([counted(item)], style, indent)
                yield from self.items(item, names, indent + "  ")
                yield f"{indent}}}"

    def cluster(self, label: list[str], style: Mapping[str, str], indent: str) -> Iterator[str]:
        """The opening of a cluster."""
        yield f"{indent}subgraph cluster_{self.frames} {{"
        self.frames += 1
        given = {
            "label": _label(label),
            "labeljust": "l",  # in the middle the first edge would cross it
            "color": self.theme.frame_line,
            "fontcolor": self.theme.faint,
            **style,
        }
        yield f"{indent}  graph {_attributes(given)};"

    def box(self, box: Box) -> dict[str, str]:
        lines = () if box.kind in ("input", "output") else self.written.lines(box)
        found = {"label": _label([counted(box), *lines]), "tooltip": _tip(box)}
        if box.family in self.theme.families:
            found["fillcolor"] = self.theme.families[box.family]
        if box.kind == "join":
            found["shape"] = "ellipse"
            found["margin"] = "0.02"
        elif box.family in _SHAPES:
            found["shape"] = _SHAPES[box.family]
        style = _STYLES.get(box.family, "filled")
        if box.kind in ("input", "output"):
            style = "filled,rounded"
        elif box.kind == "block":
            style = "filled,bold"
        if box.train_only:
            style += ",dashed"
        if style != "filled":
            found["style"] = style
        if box.change:
            found["color"] = self.theme.changes.get(box.change, self.theme.line)
        return found

    def edge(self, edge: Edge, head: Box) -> dict[str, str]:
        found = {}
        if edge.kind in ("identity", "projection"):
            found = {"color": self.theme.identity, "penwidth": "1.4"}
        elif edge.kind == "dense":
            found = {"color": self.theme.dense}
        if edge.kind == "projection":
            found["style"] = "dashed"
        elif head.train_only:
            found["style"] = "dotted"
        if edge.change:
            found["color"] = self.theme.changes.get(edge.change, self.theme.line)
            found["penwidth"] = "1.4"
            if edge.change == "removed":
                found["style"] = "dotted"
        if edge.shape:
            found["tooltip"] = _text(show_size(edge.shape))
        return found


def counted(item: Box | Frame) -> str:
    """A title with the copies that it stands for, as papers write them: `[bottleneck, 256] × 6`."""
    title = clipped(item.title)
    if item.count == 1:
        return title
    return f"[{title}] × {item.count}" if isinstance(item, Box) else f"{title} × {item.count}"


def _tip(box: Box) -> str:
    parts = [box.path or box.title]
    if box.last:
        parts[0] += f" … {box.last}"
    if box.in_shape and box.out_shape:
        parts.append(f"{show_size(box.in_shape)} → {show_size(box.out_shape)}")
    if box.params:
        parts.append(f"{box.params:,} parameters")
    if box.place:
        parts.append(box.place)
    return _text(", ".join(parts))


def _label(lines: list[str]) -> str:
    return r"\n".join(_text(line) for line in lines if line)


def _text(text: str) -> str:
    """A text for a label or a tooltip, where graphviz knows escapes such as `\\N` and entities.

    It is never HTML, which could name files to include: only what stands in quotes is written.
    """
    shown = visible(text)[:_LONGEST]
    return shown.replace("\\", "\\\\").replace("&", "&amp;")


def _quoted(text: str) -> str:
    """A string of DOT. The escapes in it stay as they are."""
    quoted: str = quoting.quote(quoting.nohtml(text))
    return quoted if quoted.startswith('"') else f'"{quoted}"'


def _attributes(given: Mapping[str, str]) -> str:
    return f"[{' '.join(f'{key}={_quoted(value)}' for key, value in given.items())}]" * bool(given)
