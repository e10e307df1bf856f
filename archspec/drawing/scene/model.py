"""What a picture shows: boxes, the frames around them, and the edges between them.

A module is either a box (closed) or a frame (open, with what is in it), never both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from archspec.ops import Shape
from archspec.ops.dims import Dim

Kind = Literal["block", "op", "join", "input", "output"]
"""join: an op without weights that joins its inputs (add, mul, concat), drawn as a small circle."""

EdgeKind = Literal["flow", "identity", "projection", "dense"]
"""identity: a shortcut without weights; projection: one with weights; dense: into a concatenation
of all earlier outputs; flow: any other edge."""

Change = Literal["", "added", "removed", "changed"]


@dataclass(slots=True)
class Box:
    """A module or an op as it is drawn.

    id: unique in the scene, the same for the same spec. path: the module's path, "" for anonymous
    ops and the network's inputs. name: what it is called in its frame. last: the path of the last
    copy where one box stands for `count` copies. title: the op as papers write it. op: the op's name,
    or the block's. lines: what else it says.
    shapes are without the batch. shortcut: what goes around the inside of a closed residual block, or past
    the folded layers of a dense one. place: FILE:LINE of the spec.
    """

    id: str
    path: str
    title: str
    kind: Kind
    op: str
    family: str
    name: str = ""
    lines: tuple[str, ...] = ()
    in_shape: Shape | None = None
    out_shape: Shape | None = None
    params: int = 0
    macs: int | Dim = 0
    count: int = 1
    last: str = ""
    shortcut: Literal["", "identity", "projection", "dense"] = ""
    train_only: bool = False
    place: str = ""
    change: Change = ""


@dataclass(slots=True)
class Frame:
    """An open module and what is in it, in order of flow.

    role: how its items are joined, where the spec says so. count: how many copies it stands for.
    """

    id: str
    path: str
    title: str
    items: list[Box | Frame] = field(default_factory=list)
    role: Literal["", "branches", "skip", "dense"] = ""
    count: int = 1
    train_only: bool = False
    params: int = 0
    macs: int | Dim = 0
    place: str = ""
    change: Change = ""

    def boxes(self) -> Iterator[Box]:
        """All boxes in the frame, in order of flow."""
        for item in self.items:
            if isinstance(item, Box):
                yield item
            else:
                yield from item.boxes()

    def frames(self) -> Iterator[Frame]:
        """All frames in the frame, outer ones first."""
        for item in self.items:
            if isinstance(item, Frame):
                yield item
                yield from item.frames()


@dataclass(slots=True)
class Edge:
    """A tensor from one box to another, by their ids. slot: which input of the head it is.

    shape: of the tensor, without the batch.
    """

    tail: str
    head: str
    kind: EdgeKind = "flow"
    shape: Shape | None = None
    slot: int = 0
    change: Change = ""


@dataclass(slots=True)
class Scene:
    """Everything in a picture. root: a frame that is not drawn itself.

    insets: blocks that the picture shows open beside the network, each a scene of its own.
    """

    name: str
    root: Frame
    edges: list[Edge]
    description: str = ""
    level: str = "block"
    params: int = 0
    macs: int | Dim = 0
    insets: list[Scene] = field(default_factory=list)

    def boxes(self) -> dict[str, Box]:
        """The boxes by id, in order of flow."""
        return {box.id: box for box in self.root.boxes()}
