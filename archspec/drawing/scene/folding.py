"""Folding: copies in a row become one box with their count."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from archspec.connections import Module
from archspec.graph import Node

from .model import Box, Edge, Frame, Scene

_LONGEST = 4  # items of a pattern that is repeated
_Item = Box | Frame


def fold(scene: Scene, modules: Mapping[str, Module], nodes: Mapping[str, list[Node]]) -> None:
    """Fold the copies in a scene: items in a row that are built alike.

    A first copy that differs in stride or projection stays apart, so that there are 1 + 5. modules:
    what boxes and frames stand for. nodes: the ops of a box.
    """
    _Folding(scene, modules, nodes).fold()


class _Folding:
    def __init__(
        self, scene: Scene, modules: Mapping[str, Module], nodes: Mapping[str, list[Node]]
    ):
        self.scene = scene
        self.modules = modules
        self.nodes = nodes
        self.stands: dict[str, str] = {}  # by id of a box, the box that stands for it
        self.built: dict[Module, Hashable] = {}

    def fold(self) -> None:
        self._frame(self.scene.root)
        if not self.stands:
            return
        edges: dict[tuple[str, str], Edge] = {}
        order = {box: number for number, box in enumerate(self.scene.boxes())}
        for edge in self.scene.edges:
            tail, head = self._stand(edge.tail), self._stand(edge.head)
            # from one copy of a pattern to the next: the frame says that
            if order[tail] >= order[head]:
                continue
            first = edges.setdefault((tail, head), replace(edge, tail=tail, head=head))
            if first.kind == "dense" and edge.kind == "flow":  # which has all that is given on
                first.shape = edge.shape
        self.scene.edges = list(edges.values())
        self._dense(self.scene.root)

    def _dense(self, root: Frame) -> None:
        """Where the layers of a dense block are one box, it says itself what they give on."""
        for frame in root.frames():
            if frame.role != "dense" or len(frame.items) != 1:
                continue
            box = frame.items[0]
            if not isinstance(box, Box):
                continue
            box.shortcut = "dense"
            before = {edge.tail for edge in self.scene.edges if edge.head == box.id}
            after = {edge.head for edge in self.scene.edges if edge.tail == box.id}
            self.scene.edges = [
                edge
                for edge in self.scene.edges
                if not (edge.kind == "dense" and edge.tail in before and edge.head in after)
            ]
            for edge in self.scene.edges:
                if box.id in (edge.tail, edge.head):
                    edge.kind = "flow"

    def _stand(self, box: str) -> str:
        while box in self.stands:
            box = self.stands[box]
        return box

    def _frame(self, frame: Frame) -> None:
        for item in frame.items:
            if isinstance(item, Frame):
                self._frame(item)
        dense = frame.role == "dense"
        taken = self._taken(frame)
        size = 1
        while size <= _LONGEST:
            self._runs(frame, size, taken, dense=dense)
            size += 1

    def _taken(self, frame: Frame) -> dict[str, set[str]]:
        """For every item the items of the frame that it takes something from, `` for others."""
        inside: dict[str, str] = {}
        for item in frame.items:
            for box in [item] if isinstance(item, Box) else item.boxes():
                inside[box.id] = item.id
        taken: dict[str, set[str]] = {item.id: set() for item in frame.items}
        for edge in self.scene.edges:
            head = inside.get(self._stand(edge.head))
            tail = inside.get(self._stand(edge.tail), "")
            if head is not None and head != tail:
                taken[head].add(tail)
            elif head is None and tail:
                taken.setdefault("", set()).add(tail)
        return taken

    def _runs(self, frame: Frame, size: int, taken: Mapping[str, set[str]], *, dense: bool) -> None:
        """Fold the runs of a pattern of `size` items."""
        items = frame.items
        signs = [self._sign(item, dense=dense) for item in items]
        left: list[_Item] = []
        at = 0
        while at < len(items):
            copies = 1
            while (
                signs[at : at + size] == signs[at + copies * size : at + (copies + 1) * size]
                and len(signs[at : at + size]) == size
                and all(
                    dense or self._follows(items, n, taken)
                    for n in range(at + copies * size, at + (copies + 1) * size)
                )
                and (dense or self._inner(items[at : at + copies * size], taken))
            ):
                copies += 1
            if copies == 1 or signs[at] is None:
                left.append(items[at])
                at += 1
                continue
            run = items[at : at + copies * size]
            left.append(self._folded(run, size, copies, dense=dense))
            at += copies * size
        frame.items = left

    @staticmethod
    def _follows(items: Sequence[_Item], n: int, taken: Mapping[str, set[str]]) -> bool:
        """Whether an item takes from the one before it alone."""
        return taken.get(items[n].id, set()) == {items[n - 1].id}

    @staticmethod
    def _inner(items: Sequence[_Item], taken: Mapping[str, set[str]]) -> bool:
        """Whether nothing but the next item takes from these."""
        ids = {item.id for item in items}
        followers = sum(bool(tails & ids) for tails in taken.values())
        return followers <= len(items)

    def _folded(self, run: list[_Item], size: int, copies: int, *, dense: bool) -> _Item:
        first, last = run[0], run[-1]
        if size > 1:
            made = Frame(
                f"{first.id}..{last.id}", "", _range(_called(first), _called(last)), run[:size],
                count=copies,
            )  # fmt: skip
            made.params = sum(item.params for item in run)
            made.macs = sum((item.macs for item in run[1:]), run[0].macs)
            for n, item in enumerate(run[size:]):
                self._replace(item, run[n % size])
            return made
        for item in run[1:]:
            self._replace(item, first)
        first.count *= copies
        if isinstance(first, Frame):
            first.title = _range(first.title, last.title)
            return first
        first.last = last.path
        assert isinstance(last, Box)
        first.name = _range(first.name, last.name)
        if dense and first.in_shape and last.in_shape:
            before, after = first.in_shape[0], last.in_shape[0]
            first.lines = (*first.lines, f"{before} → {after} channels in")
        return first

    def _replace(self, item: _Item, by: _Item) -> None:
        """Let the boxes and frames of one copy stand for those of another, with what they cost."""
        by.params += item.params
        by.macs = by.macs + item.macs
        if isinstance(item, Box):
            self.stands[item.id] = by.id
            return
        assert isinstance(by, Frame)
        for mine, theirs in zip(item.items, by.items, strict=True):
            self._replace(mine, theirs)

    def _sign(self, item: _Item, *, dense: bool) -> Hashable:
        """What two copies have in common; None for what is never folded."""
        if isinstance(item, Frame):
            inside = tuple(self._sign(each, dense=dense) for each in item.items)
            return None if None in inside else ("frame", item.role, item.count, inside)
        if item.kind in ("input", "output", "join"):
            return (item.kind, item.op) if item.kind == "join" else None
        module = self.modules[item.id]
        built = (
            self._built(module)
            if item.kind == "block"
            else tuple(self._built(node.module) for node in self.nodes[item.id])
        )
        return (item.kind, built, item.count, item.out_shape, item.train_only)

    def _built(self, module: Module) -> Hashable:
        """The structure of a module: ops with their arguments, and the order of what is in it."""
        known = self.built.get(module)
        if known is None:
            if module.op is not None:
                given = vars(module.op).items()
                known = (
                    module.op.name,
                    repr(sorted(p for p in given if module.op.family != "regularization")),
                )
            else:
                known = (module.block, tuple(self._built(child) for child in module.children))
            known = hash(known)
            self.built[module] = known
        return known


def _called(item: _Item) -> str:
    """An item's name as it is written."""
    return item.title if isinstance(item, Frame) else item.name or item.title


def _range(first: str, last: str) -> str:
    """Two paths as one: `layer3.1–35`, `encoder_layer_0–11`."""
    head = first.rstrip("0123456789")
    if head and last.startswith(head) and last[len(head) :].isdecimal():
        return f"{first}–{last[len(head) :]}"
    shared = first.rpartition(".")[0]
    if shared and last.startswith(f"{shared}."):
        return f"{first}–{last[len(shared) + 1 :]}"
    return f"{first} – {last}"


__all__ = ["fold"]
