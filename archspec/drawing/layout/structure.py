"""The structure of a scene: columns of rows, where a row is a box, a frame, or columns side by side.

An edge that goes past others which lead from its tail to its head too is a skip; what is left falls
into series and parallel parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archspec.drawing.scene.model import Box, Edge, Frame, Scene

_DEEPEST = 40  # columns in columns; nobody could follow more


@dataclass(slots=True)
class Opened:
    """A frame and the column in it."""

    frame: Frame
    column: Column


@dataclass(slots=True)
class Parallel:
    """Columns side by side. aside: how many of them, at the end, are projections of a shortcut."""

    columns: list[Column]
    aside: int = 0


Row = Box | Opened | Parallel


@dataclass(slots=True)
class Column:
    """Rows one below the other. flows and skips: the edges between boxes of different rows.

    heads: columns that run in training alone, apart from the others. tangled: how many of the rows
    are neither in series nor in parallel.
    """

    rows: list[Row] = field(default_factory=list)
    tangled: int = 0
    flows: list[Edge] = field(default_factory=list)
    skips: list[Edge] = field(default_factory=list)
    heads: list[Column] = field(default_factory=list)


def structure(scene: Scene) -> Column:
    """The structure of a scene."""
    return _Structure(scene).column(scene.root)


def tangled(column: Column) -> int:
    """How many boxes and frames are neither in series nor in parallel, in frames too."""
    count = column.tangled
    for row in column.rows:
        if isinstance(row, Opened):
            count += tangled(row.column)
        elif isinstance(row, Parallel):
            count += sum(map(tangled, row.columns))
    return count


@dataclass(slots=True)
class _Inside:
    """The edges between the items of one frame, by their numbers."""

    edges: dict[tuple[int, int], list[Edge]] = field(default_factory=dict)


class _Structure:
    def __init__(self, scene: Scene):
        self.inside: dict[str, _Inside] = {scene.root.id: _Inside()}
        chains: dict[str, tuple[tuple[str, int], ...]] = {}
        self._collect(scene.root, (), chains)
        for edge in scene.edges:
            tail, head = chains[edge.tail], chains[edge.head]
            depth = 0
            while tail[depth] == head[depth]:
                depth += 1
            frame, start = tail[depth]
            end = head[depth][1]
            self.inside[frame].edges.setdefault((start, end), []).append(edge)

    def _collect(
        self,
        frame: Frame,
        chain: tuple[tuple[str, int], ...],
        chains: dict[str, tuple[tuple[str, int], ...]],
    ) -> None:
        """Note for every box the frames around it, and which of their items it is in."""
        for number, item in enumerate(frame.items):
            here = (*chain, (frame.id, number))
            if isinstance(item, Frame):
                self.inside[item.id] = _Inside()
                self._collect(item, here, chains)
            else:
                chains[item.id] = here

    def column(self, frame: Frame) -> Column:
        """The column of what is in a frame."""
        items = frame.items
        edges = self.inside[frame.id].edges
        heads = [n for n, item in enumerate(items) if item.train_only and not frame.train_only]
        apart = set(heads)
        kept, skips = _reduced(len(items), [pair for pair in edges if pair[0] < pair[1]])
        backward = [pair for pair in edges if pair[0] >= pair[1]]
        made = _Series(self, items, kept, edges)
        main = made.column([n for n in range(len(items)) if n not in apart])
        for part in _components(heads, [(a, b) for a, b in kept if a in apart and b in apart]):
            main.heads.append(made.column(part))
        made.share(main, kept, [*skips, *backward])
        main.tangled = made.tangled
        return main


class _Series:
    """Series and parallel parts of the items of one frame."""

    def __init__(
        self,
        owner: _Structure,
        items: list[Box | Frame],
        kept: list[tuple[int, int]],
        edges: dict[tuple[int, int], list[Edge]],
    ):
        self.owner = owner
        self.items = items
        self.kept = kept
        self.edges = edges
        self.row_of: dict[int, dict[int, int]] = {}  # by id of a column: item -> row
        self.tangled = 0

    def column(self, numbers: list[int], depth: int = 0) -> Column:
        """The column of some items, in order."""
        made = Column()
        rows: dict[int, int] = {}
        if depth < _DEEPEST:
            parts = self._parts(numbers)
        else:
            self.tangled += len(numbers)
            parts = [[[number]] for number in numbers]
        for part in parts:
            if len(part) == 1 and len(part[0]) == 1:
                (number,) = part[0]
                item = self.items[number]
                rows[number] = len(made.rows)
                made.rows.append(
                    Opened(item, self.owner.column(item)) if isinstance(item, Frame) else item
                )
                continue
            columns = sorted(part, key=self._projects)
            aside = sum(map(self._projects, columns))
            if aside == len(columns):
                aside = 0
            for column in columns:
                rows.update(dict.fromkeys(column, len(made.rows)))
            inside = [self.column(column, depth + 1) for column in columns]
            made.rows.append(Parallel(inside, aside))
        self.row_of[id(made)] = rows
        return made

    def _parts(self, numbers: list[int]) -> list[list[list[int]]]:
        """The items in series: each part one item, or components side by side."""
        inside = set(numbers)
        position = {number: n for n, number in enumerate(numbers)}
        edges = [(a, b) for a, b in self.kept if a in inside and b in inside]
        after = [-1] * (len(numbers) + 1)  # by position, shifted by one for what comes from outside
        followed = set()
        entered = set()
        for a, b in edges:
            after[position[a] + 1] = max(after[position[a] + 1], position[b])
            followed.add(a)
            entered.add(b)
        for number in numbers:
            if number not in entered:
                after[0] = max(after[0], position[number])
            if number not in followed:
                after[position[number] + 1] = len(numbers)
        parts: list[list[list[int]]] = []
        region: list[int] = []
        reach = after[0]
        for n, number in enumerate(numbers):
            if reach <= n:
                parts += self._region(region, edges, len(numbers))
                parts.append([[number]])
                region = []
            else:
                region.append(number)
            reach = max(reach, after[n + 1])
        return parts + self._region(region, edges, len(numbers))

    def _region(
        self, region: list[int], edges: list[tuple[int, int]], whole: int
    ) -> list[list[list[int]]]:
        """The parts between two items that everything goes through."""
        if not region:
            return []
        inside = set(region)
        parts = _components(region, [(a, b) for a, b in edges if a in inside and b in inside])
        if len(parts) > 1:
            return [parts]
        if len(region) == whole:  # neither series nor parallel: one below the other
            self.tangled += whole
            return [[[number]] for number in region]
        return self._parts(region)

    def _projects(self, numbers: Iterable[int]) -> bool:
        """Whether items are a projection: all edges into and out of them say so."""
        inside = set(numbers)
        touching = [
            edge
            for (a, b), found in self.edges.items()
            if (a in inside) != (b in inside)
            for edge in found
        ]
        return bool(touching) and all(edge.kind == "projection" for edge in touching)

    def share(
        self, column: Column, kept: list[tuple[int, int]], skips: list[tuple[int, int]]
    ) -> None:
        """Give every edge to the innermost column that has both of its ends."""
        homes: dict[int, list[tuple[Column, int]]] = {}
        self._homes(column, (), homes)
        for head in column.heads:
            self._homes(head, ((column, -1),), homes)
        for pairs, flows in ((kept, True), (skips, False)):
            for a, b in pairs:
                home = column
                for (mine, row), (theirs, other) in zip(homes[a], homes[b], strict=False):
                    if mine is not theirs:
                        break
                    home = mine
                    if row != other:
                        break
                (home.flows if flows else home.skips).extend(self.edges[a, b])

    def _homes(
        self,
        column: Column,
        chain: tuple[tuple[Column, int], ...],
        homes: dict[int, list[tuple[Column, int]]],
    ) -> None:
        for number, row in self.row_of[id(column)].items():
            homes[number] = [*chain, (column, row)]
        for n, inside in enumerate(column.rows):
            if isinstance(inside, Parallel):
                for inner in inside.columns:
                    self._homes(inner, (*chain, (column, n)), homes)


def _reduced(
    count: int, pairs: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The pairs that no longer way replaces, and the others (the skips)."""
    heads: list[list[int]] = [[] for _ in range(count)]
    for a, b in pairs:
        heads[a].append(b)
    after = [0] * count  # a bit for each item that follows
    kept: list[tuple[int, int]] = []
    skips: list[tuple[int, int]] = []
    for a in reversed(range(count)):
        through = 0
        for b in heads[a]:
            through |= after[b]
        for b in heads[a]:
            (skips if through >> b & 1 else kept).append((a, b))
            after[a] |= 1 << b
        after[a] |= through
    return sorted(kept), sorted(skips)


def _components(numbers: list[int], edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """What hangs together, in order."""
    parent = {number: number for number in numbers}

    def find(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for a, b in edges:
        parent[find(b)] = find(a)
    found: dict[int, list[int]] = {}
    for number in numbers:
        found.setdefault(find(number), []).append(number)
    return sorted(found.values())
