"""Random search without repeats: what every other strategy is measured by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from archspec.search.objectives import Objectives
from archspec.search.space import Answer, Decision, Space

from .base import SpaceUsedUp, Strategy, Told
from .options import Option
from .ranges import drawn, weight


class RandomSearch(Strategy):
    """Draws each decision evenly among the answers under which something new is left.

    It keeps the tree of what it has drawn. A branch of which everything was drawn is closed, so that
    nothing is drawn twice, nothing is drawn in vain, and the end of the space is known. Li &
    Talwalkar 2019: random search is strong; a search that does not beat it has learned nothing.
    """

    name = "random"
    OPTIONS = {"batch": Option("children asked for together", 16, low=1)}

    def __init__(self, space: Space, objectives: Objectives, seed: int = 0, **options: Any):
        super().__init__(space, objectives, seed, **options)
        self._drawn: list[dict[str, Answer]] = []
        self._tree = _Branch()

    def _ask(self, child: int) -> Mapping[str, Answer]:
        while len(self._drawn) <= child:
            self._drawn.append(self._draw(len(self._drawn)))
        return self._drawn[child]

    def _learn(self, batch: Sequence[Told]) -> None:
        """Nothing: the next children are drawn whatever became of these."""

    def _draw(self, child: int) -> dict[str, Answer]:
        random = self.random(child)
        if self._tree.closed:
            raise SpaceUsedUp(f"the space has {len(self._drawn)} children, and all were given out")
        branch, way = self._tree, [self._tree]

        def answer(decision: Decision) -> Answer:
            nonlocal branch
            branch.options = len(decision.options)
            chosen = _drawn_open(decision, branch, random)
            branch = branch.under.setdefault(chosen, _Branch())
            way.append(branch)
            return chosen

        chosen = self.space.choose(answer)
        _close(way, list(chosen.values()))
        return chosen


class _Branch:
    """What was drawn below a decision's answer."""

    __slots__ = ("closed", "options", "shut", "under")

    def __init__(self) -> None:
        self.under: dict[Answer, _Branch] = {}
        self.shut: set[Answer] = set()
        self.options = 0  # how many there are; 0 of a range of floats, which is never used up
        self.closed = False


def _drawn_open(decision: Decision, branch: _Branch, random: Random) -> Answer:
    """An answer at random among those that are not shut, as likely to each other as ever."""
    if not decision.options or not branch.shut:
        return drawn(decision, random)
    open_ = [n for n in range(len(decision.options)) if n not in branch.shut]
    left = random.random() * sum(weight(decision, n) for n in open_)
    for n in open_:
        left -= weight(decision, n)
        if left < 0:
            return n
    return open_[-1]


def _close(way: Sequence[_Branch], answers: Sequence[Answer]) -> None:
    """Close the end of a way, and upwards what has nothing open left."""
    way[-1].closed = True
    for branch, answer in zip(way[-2::-1], answers[::-1], strict=True):
        del branch.under[answer]  # nothing is looked for there again
        branch.shut.add(answer)
        if len(branch.shut) != branch.options:
            return
        branch.closed = True
