"""What all strategies share: asking and telling, in batches, with randomness that is a child's own."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar, NamedTuple

from archspec.search.objectives import Objectives, Result
from archspec.search.space import Answer, Space

from .options import Option, resolved


class SpaceUsedUp(Exception):
    """Every child of the space was given out."""


class Told(NamedTuple):
    """A child with its answers and what came of it."""

    child: int
    answers: dict[str, Answer]
    result: Result


def child_seed(seed: int, child: int, use: str = "child") -> int:
    """The seed of a child: 63 bits that depend on the run's seed, the child's number and the use
    alone, on every machine and in every process."""
    digest = hashlib.sha256(f"archspec:{use}:{seed}:{child}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class Strategy(ABC):
    """Chooses children and learns from what becomes of them.

    Children are numbered from 0, and `batch` of them are asked for before the strategy learns: an
    engine may run a batch side by side. `ask(n)` is determined by the seed, n, and the batches told
    before; the order of asking within a batch means nothing. `tell` is called in order of numbers,
    and a strategy that is told the same history, asked before or not, is the same strategy: it has
    the same digest and asks the same.
    """

    name: ClassVar[str]
    OPTIONS: ClassVar[Mapping[str, Option]]

    def __init__(self, space: Space, objectives: Objectives, seed: int = 0, **options: Any):
        self.space = space
        self.objectives = objectives
        self.seed = seed
        self.options = resolved(self.name, self.OPTIONS, options)
        self.batch: int = self.options["batch"]
        self.told = 0
        self._open: list[Told] = []
        self._history = hashlib.sha256()

    def ask(self, child: int) -> dict[str, Answer]:
        """The answers for a child of the batch that is open.

        Raises SpaceUsedUp where the strategy never repeats itself and there is nothing left.
        """
        first = self.told - len(self._open)
        if not first <= child < first + self.batch:
            raise ValueError(
                f"child {child} is not of the batch that is open, {first} to {first + self.batch - 1}"
            )
        return dict(self._ask(child))

    def tell(self, child: int, answers: Mapping[str, Answer], result: Result) -> None:
        """What came of a child. The strategy learns when its batch is complete."""
        if child != self.told:
            raise ValueError(f"child {child} is told where child {self.told} is due")
        self.told += 1
        self._open.append(Told(child, dict(answers), result))
        # Not what it took, which no two runs have alike.
        told = [self.objectives.reward(result), self.objectives.point(result)]
        record = [child, dict(answers), *told]
        self._history.update(json.dumps(record, sort_keys=True).encode() + b"\n")
        if len(self._open) == self.batch:
            batch, self._open = self._open, []
            self._learn(batch)

    def state(self) -> bytes:
        """All that the next children depend on, as bytes to compare; nothing is read back from it,
        for a strategy is rebuilt by telling it its history."""
        head = [self.name, self.options, self.seed, self.told, self._history.hexdigest()]
        return json.dumps(head, sort_keys=True).encode() + b"\n" + self._learned()

    def digest(self) -> str:
        """The SHA-256 of the state, in hexadecimal."""
        return hashlib.sha256(self.state()).hexdigest()

    def random(self, child: int) -> Random:
        """The child's own random numbers, from the start."""
        return Random(child_seed(self.seed, child, self.name))

    @abstractmethod
    def _ask(self, child: int) -> Mapping[str, Answer]: ...

    @abstractmethod
    def _learn(self, batch: Sequence[Told]) -> None: ...

    def _learned(self) -> bytes:
        """What was learned beyond the history itself, as bytes."""
        return b""


def pick(random: Random, n: int) -> int:
    """One of n, alike likely. Only `Random.random` is promised to be the same in every Python."""
    return int(random.random() * n)
