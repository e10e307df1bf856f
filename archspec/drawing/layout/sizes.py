"""How large boxes are: what is written in them, in the font that they are drawn in."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.drawing.lettering import text_width
from archspec.drawing.scene.model import Box, Frame, Scene
from archspec.drawing.scene.notation import show_count, show_size
from archspec.ops.dims import Dim

TITLE = 9.0
"""Points of a box's first line."""

NOTE = 7.0
"""Points of all other texts; the smallest of a picture at its natural size."""

_SIDE = 9.0
_TOP = 5.0
_CIRCLE = 15.0
_PILL = 16.0
_BADGE = 9.0  # half of a badge's width, which stands on the right edge
_SLOPE = 12.0  # what a trapezoid loses of its width
_NARROWEST = 64.0
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Written:
    """What boxes say. names: what the spec calls them; notes: what is joined to them, how often they
    grow and the like; params and macs: their cost; shapes: at the edges."""

    names: bool = True
    notes: bool = True
    params: bool = False
    macs: bool = False
    shapes: bool = True

    def lines(self, box: Box) -> tuple[str, ...]:
        """The lines below the title."""
        lines = list(box.lines) if self.notes else []
        if self.names and box.name not in ("", box.title) and not (box.kind == "join" and lines):
            lines.append(box.name)
        cost = []
        if self.params and box.params:
            cost.append(f"{show_count(box.params)} params")
        if self.macs and box.macs:
            shown = "MACs vary" if isinstance(box.macs, Dim) else f"{show_count(box.macs)} MACs"
            cost.append(shown)
        if cost:
            lines.append(", ".join(cost))
        return tuple(clipped(line) for line in lines)


def clipped(text: str) -> str:
    """A text that is not longer than a picture can take, without control characters."""
    shown = "".join(c if c.isprintable() else "�" for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def badge(count: int) -> str:
    """What says how many copies a box stands for."""
    return f"×{count}"


def size(box: Box, written: Written) -> tuple[float, float]:
    """The width and height of a box in points."""
    if box.kind == "join":
        width = max(_CIRCLE, text_width(box.title, TITLE) + 6)
        return width, _CIRCLE
    if box.kind in ("input", "output"):
        return max(48.0, text_width(clipped(box.title), TITLE) + 18), _PILL
    lines = written.lines(box)
    widest = max(
        text_width(clipped(box.title), TITLE, bold=True),
        *(text_width(line, NOTE) for line in lines),
        _NARROWEST - 2 * _SIDE,
    )
    height = 2 * _TOP + TITLE + len(lines) * (NOTE + 2)
    width = widest + 2 * _SIDE + (_BADGE if box.count > 1 else 0)
    return width + (_SLOPE if box.family == "pooling" else 0), height


def beside(box: Box, written: Written) -> float:
    """Room to the left of the circle of a join for what is said of it."""
    lines = written.lines(box) if box.kind == "join" else ()
    return max(text_width(line, NOTE) for line in lines) + 4 if lines else 0.0


def sizes(scene: Scene, written: Written) -> dict[str, tuple[float, float]]:
    """The sizes of all boxes by id; those of the spine are equally wide."""
    return {name: size(box, written) for name, box in scene.boxes().items()}


def title_width(frame: Frame) -> float:
    """The width of what a frame's title takes."""
    width = text_width(clipped(frame.title), NOTE)
    return width + (text_width(badge(frame.count), NOTE, bold=True) + 8 if frame.count > 1 else 0)


def edge_label(shape: tuple[int | Dim, ...] | None) -> str:
    """What an edge says of the tensor on it."""
    return clipped(show_size(shape)) if shape else ""
