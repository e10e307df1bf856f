"""Comparing two scenes: one scene in which every box says whether it was added, removed or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from .model import Box, Change, Edge, Frame, Scene
from .notation import show_count, show_size

_Item = Box | Frame


def compare(before: Scene, after: Scene) -> Scene:
    """The scene `after`, with what `before` had beside; boxes and frames are matched by path."""
    root = _Comparison(before, after).frame(before.root, after.root)
    here = {box.id: box for box in root.boxes()}
    old = {(edge.tail, edge.head, edge.slot): edge for edge in before.edges}
    new = {(edge.tail, edge.head, edge.slot): edge for edge in after.edges}
    edges: list[Edge] = []
    for key, edge in new.items():
        ends = here[edge.tail].change, here[edge.head].change
        change: Change = "added" if key not in old or "added" in ends else ""
        edges.append(replace(edge, change=change))
    for key, edge in old.items():
        if key not in new and edge.tail in here and edge.head in here:
            edges.append(replace(edge, change="removed"))
    return Scene(
        f"{before.name} → {after.name}" if before.name != after.name else after.name,
        root,
        edges,
        description=_totals(before, after),
        level=after.level,
        params=after.params,
        macs=after.macs,
    )


class _Comparison:
    """Items matched by id; what stands elsewhere in the other scene is neither added nor removed."""

    def __init__(self, before: Scene, after: Scene):
        self.before = {item.id: item for item in _items(before.root)}
        self.after = {item.id: item for item in _items(after.root)}

    def frame(self, before: Frame, after: Frame) -> Frame:
        """The items of both, in an order that keeps those of each."""
        old, new = before.items, after.items
        items: list[_Item] = []
        matcher = SequenceMatcher(a=_keys(old), b=_keys(new), autojunk=False)
        for _tag, i1, i2, j1, j2 in matcher.get_opcodes():
            items += [_marked(item, "removed") for item in old[i1:i2] if item.id not in self.after]
            items += [self._item(item) for item in new[j1:j2]]
        frame = replace(after, items=items)
        if before.count != after.count or before.params != after.params:
            frame.change = "changed"
            frame.title = f"{frame.title} {_count(before, after)}".strip()
        return frame

    def _item(self, after: _Item) -> _Item:
        before = self.before.get(after.id)
        if isinstance(before, Frame) and isinstance(after, Frame):
            return self.frame(before, after)
        if isinstance(before, Box) and isinstance(after, Box):
            said = _differences(before, after)
            if not said:
                return replace(after)
            return replace(after, change="changed", lines=(*after.lines, *said))
        return _marked(after, "added")


def _items(frame: Frame) -> Iterator[_Item]:
    """Everything in a frame."""
    yield from frame.boxes()
    yield from frame.frames()


def _keys(items: Sequence[_Item]) -> list[tuple[str, bool]]:
    return [(item.id, isinstance(item, Frame)) for item in items]


def _differences(before: Box, after: Box) -> list[str]:
    """What a box says of how it was."""
    said = []
    if before.title != after.title:
        said.append(f"was {before.title}")
    own = [line for line in before.lines if line not in after.lines]
    if before.title == after.title and own and before.count == after.count:
        said.append(f"was {', '.join(own)}")
    if before.count != after.count:
        said.append(f"was ×{before.count}")
    if before.out_shape != after.out_shape and before.out_shape and after.out_shape:
        said.append(f"{show_size(before.out_shape)} → {show_size(after.out_shape)}")
    if before.params != after.params:
        said.append(f"{_signed(after.params - before.params)} parameters")
    return said


def _marked(item: _Item, change: Change) -> _Item:
    """An item that only one of the two has."""
    if isinstance(item, Frame):
        return replace(item, change=change, items=[_marked(each, change) for each in item.items])
    lines = item.lines
    if item.params:
        sign = "+" if change == "added" else "−"
        lines = (*lines, f"{sign}{show_count(item.params)} parameters")
    return replace(item, change=change, lines=lines)


def _count(before: Frame, after: Frame) -> str:
    parts = []
    if before.count != after.count:
        parts.append(f"was ×{before.count}")
    if before.params != after.params:
        parts.append(f"{_signed(after.params - before.params)} parameters")
    return f"({', '.join(parts)})" if parts else ""


def _totals(before: Scene, after: Scene) -> str:
    if before.params == after.params:
        return "the same number of parameters"
    return f"{_signed(after.params - before.params)} parameters"


def _signed(count: int) -> str:
    return f"+{show_count(count)}" if count > 0 else f"−{show_count(-count)}"
