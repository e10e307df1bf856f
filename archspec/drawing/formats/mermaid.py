"""A scene as a Mermaid flowchart, which GitHub and GitLab draw in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.diagnostics import RenderError
from archspec.drawing.layout.sizes import Written, clipped
from archspec.drawing.paint.themes import LIGHT, Theme
from archspec.drawing.scene.model import Box, Edge, Frame, Scene

from .dot import counted

MOST_EDGES = 500
MOST_CHARACTERS = 50_000
"""What Mermaid draws unless a page allows more: its settings maxEdges and maxTextSize."""

_FORMS = {  # an op family's brackets, around a quoted label
    "pooling": "[\\{}/]",
    "activation": "([{}])",
    "linear": "[[{}]]",
    "attention": "{{{{{}}}}}",
}

_PLAIN = r"\w ,./()+=\u0080-\U0010ffff-"
_SPECIAL = re.compile(rf"^[^\w\u0080-\U0010ffff]+|^\d+[.)]|[^{_PLAIN}]|(?<![^\W_])_|_(?![^\W_])")
_PAIRS = re.compile(r"\\(?=n)|\$(?=\$)|:(?=fa-)|\ufb02(?=\u00b0)|\u00b6(?=\u00df)")


def to_mermaid(scene: Scene, written: Written | None = None, theme: Theme = LIGHT) -> str:
    """The Mermaid text of a scene; insets are subgraphs beside the network.

    Raises RenderError where Mermaid would refuse it for its size.
    """
    edges = len(scene.edges) + sum(len(inset.edges) for inset in scene.insets)
    if edges > MOST_EDGES:
        raise _too_large(f"{edges} edges")
    text = "\n".join(_Writer(written or Written(), theme).lines(scene)) + "\n"
    length = len(text.encode("utf-16-le")) // 2  # as JavaScript counts
    if length > MOST_CHARACTERS:
        raise _too_large(f"{length:,} characters")
    return text


def _too_large(size: str) -> RenderError:
    return RenderError(
        f"Mermaid draws at most {MOST_EDGES} edges and {MOST_CHARACTERS:,} characters, this has "
        f"{size}; take a coarser level, such as --level block or --level stage, or another format"
    )


class _Writer:
    def __init__(self, written: Written, theme: Theme):
        self.written = written
        self.theme = theme
        self.boxes = 0
        self.frames = 0
        self.classes: dict[str, list[str]] = {}
        self.edges: list[Edge] = []
        self.changed: dict[str, list[str]] = {}

    def lines(self, scene: Scene) -> Iterator[str]:
        yield "flowchart TD"
        yield from self.inside(scene, "  ")
        for inset in scene.insets:
            yield from self.subgraph(
                clipped(": ".join(filter(None, [inset.name, inset.description]))), "  "
            )
            yield from self.inside(inset, "    ")
            yield "  end"
        yield from self.styles()

    def inside(self, scene: Scene, indent: str) -> Iterator[str]:
        """The boxes and frames of a scene, then its edges."""
        names: dict[str, str] = {}
        yield from self.items(scene.root, names, indent)
        for edge in scene.edges:
            arrow = "-.->" if edge.kind == "projection" else "-->"
            self.edges.append(edge)
            yield f"{indent}{names[edge.tail]} {arrow} {names[edge.head]}"

    def items(self, frame: Frame, names: dict[str, str], indent: str) -> Iterator[str]:
        for item in frame.items:
            if isinstance(item, Box):
                name = names[item.id] = f"n{self.boxes}"
                self.boxes += 1
                self.classes.setdefault(self.family(item), []).append(name)
                if item.change:
                    self.changed.setdefault(item.change, []).append(name)
                yield f"{indent}{name}{self.box(item)}"
            elif next(item.boxes(), None):
                yield from self.subgraph(counted(item), indent)
                yield from self.items(item, names, indent + "  ")
                yield f"{indent}end"

    def subgraph(self, title: str, indent: str) -> Iterator[str]:
        yield f'{indent}subgraph f{self.frames}["{_text(title) or " "}"]'
        self.frames += 1

    def box(self, box: Box) -> str:
        lines = () if box.kind in ("input", "output") else self.written.lines(box)
        shown = [line for line in (counted(box), *lines) if line]
        label = '"' + ("<br/>".join(_text(line) for line in shown) or " ") + '"'
        if box.kind == "join":
            form = "(({}))"
        elif box.kind in ("input", "output"):
            form = "([{}])"
        else:
            form = _FORMS.get(box.family, "[{}]")
        return form.format(label)

    def family(self, box: Box) -> str:
        return box.family if box.family in self.theme.families else "other"

    def styles(self) -> Iterator[str]:
        """A class for each family, and the colours of edges by their numbers."""
        theme = self.theme
        for family, names in self.classes.items():
            fill = theme.families.get(family, theme.other)
            yield f"  classDef {family}_ fill:{fill},stroke:{theme.line},color:{theme.ink}"
            yield f"  class {','.join(names)} {family}_"
        for color, kinds in (
            (theme.identity, ("identity", "projection")),
            (theme.dense, ("dense",)),
        ):
            numbers = [str(n) for n, edge in enumerate(self.edges) if edge.kind in kinds]
            if numbers:
                yield f"  linkStyle {','.join(numbers)} stroke:{color}"
        for change, color in theme.changes.items():
            if change in self.changed:
                yield f"  classDef {change}_ stroke:{color},stroke-width:3px"
                yield f"  class {','.join(self.changed[change])} {change}_"
            numbers = [str(n) for n, edge in enumerate(self.edges) if edge.change == change]
            if numbers:
                yield f"  linkStyle {','.join(numbers)} stroke:{color},stroke-width:2px"


def _text(text: str) -> str:
    """A text for a quoted label: what Mermaid, Markdown or HTML would read becomes `#35;`.

    Letters, digits and the signs of op notation stay, but for what makes a list or emphasis in
    Markdown. Mermaid looks for some pairs once more after it has decoded the text: line ends,
    formulas, icons, and its own signs for `#`; a space without width keeps each apart.
    """
    apart = _PAIRS.sub("\\g<0>\u200b", text)
    return _SPECIAL.sub(lambda found: "".join(f"#{ord(sign)};" for sign in found[0]), apart)
