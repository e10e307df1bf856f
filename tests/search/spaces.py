"""Spaces for the tests: two with a known best child, and conditional ones of any form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from archspec.search.objectives import Result
from archspec.search.space import Answer, Choices, Decision, Space

CELL_OPS = ("none", "skip", "conv1x1", "conv3x3", "avgpool")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))


@dataclass(frozen=True)
class Table:
    """A space of which the quality of every child is known, in percent."""

    name: str
    space: Space
    values: np.ndarray

    @property
    def best(self) -> float:
        return float(self.values.max())

    def __call__(self, chosen: Choices) -> float:
        return float(self.values[tuple(int(chosen[d.name]) for d in self.space.decisions)])

    def result(self, chosen: Choices) -> Result:
        return accuracy(self(chosen))


def accuracy(percent: float) -> Result:
    return Result("ok", {"accuracy": percent / 100})


@cache
def cells() -> Table:
    """All 15,625 cells of NAS-Bench-201's form, with an analytic accuracy between 10 and 94.4 %.

    An operation on an edge has a worth, and so has a pair of operations on two edges; the constants
    are drawn once, from a fixed seed. A cell with no way from input to output guesses one of ten
    classes. The worth is mapped so that ranks have the accuracies that NAS-Bench-201's have: most
    cells near 90, a long tail below, few at the top.
    """
    draw = np.random.RandomState(201)  # its stream is frozen
    kinds = len(CELL_OPS)
    ops = np.indices((kinds,) * len(EDGES)).reshape(len(EDGES), -1)
    own = draw.normal(size=(len(EDGES), kinds)) * 0.5 + np.array([-1.2, 0.2, 0.6, 1.0, -0.4])
    worth = own[np.arange(len(EDGES))[:, None], ops].sum(0)
    for a in range(len(EDGES)):
        for b in range(a):
            worth += (draw.normal(size=(kinds, kinds)) * PAIRS)[ops[a], ops[b]]
    rank = worth.argsort().argsort() / (worth.size - 1)
    percent = np.interp(rank, *QUANTILES)
    there = {0: np.ones(worth.size, bool)}
    for node in (1, 2, 3):
        there[node] = np.zeros(worth.size, bool)
        for edge, (start, end) in enumerate(EDGES):
            if end == node:
                there[node] |= there[start] & (ops[edge] != 0)
    percent[~there[3]] = 10.0
    decisions = tuple(Decision(f"cell.{start}_{end}", "choice", CELL_OPS) for start, end in EDGES)
    return Table("cells", Space(decisions), percent.reshape((kinds,) * len(EDGES)))


PAIRS = 0.9
QUANTILES = (
    (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.997, 0.999, 1.0),
    (40.0, 66.0, 80.0, 85.5, 89.2, 91.5, 92.8, 93.55, 93.8, 94.05, 94.4),
)


@cache
def graphs() -> Table:
    """nas-bench-graph's space on arxiv: 9 ways to link four operations, of nine kinds; validation
    accuracy, measured by its authors (Qin et al. 2022)."""
    with np.load(Path(__file__).parent / "tables" / "arxiv.npz", allow_pickle=False) as table:
        values = table["valid"].astype(float) * 100
        ops = tuple(map(str, table["ops"]))
        links = tuple(map(str, table["links"]))
    decisions = (
        Decision("links", "choice", links),
        *(Decision(f"op{n}", "choice", ops) for n in range(4)),
    )
    return Table("nas-bench-graph arxiv", Space(decisions), values)


NUMBERS = (1, 3, 8, 100)


@st.composite
def spaces(draw: Callable[..., object], finite: bool = False) -> Space:
    """Spaces of up to six decisions, some of which hang on the ones before."""
    decisions: list[Decision] = []
    for n in range(draw(st.integers(1, 6))):  # type: ignore[arg-type]
        kinds = ("choice", "int") if finite else ("choice", "int", "float")
        kind = draw(st.sampled_from(kinds))
        log = kind != "choice" and draw(st.booleans())
        count = draw(st.sampled_from(NUMBERS[: 3 if finite else 4]))
        options: tuple[object, ...] = ()
        if kind == "choice":
            options = tuple(f"option{k}" for k in range(draw(st.integers(1, 4))))  # type: ignore[arg-type]
        elif kind == "int":
            options = tuple(range(2, 2 + count))  # type: ignore[operator]
        before = [d for d in decisions if d.options]
        when: tuple[tuple[tuple[str, int], ...], ...] = ()
        if before and draw(st.booleans()):
            on = draw(st.lists(st.sampled_from(before), min_size=1, max_size=2, unique=True))
            when = tuple(
                ((d.name, draw(st.integers(0, len(d.options) - 1))),)  # type: ignore
                for d in on  # type: ignore[attr-defined]
            )
        decisions.append(
            Decision(f"d{n}", kind, options, 0.01, 10.0, bool(log), when=when)  # type: ignore
            if kind == "float"
            else Decision(f"d{n}", kind, options, log=bool(log), when=when)  # type: ignore
        )
    return Space(tuple(decisions))


def is_answered(space: Space, chosen: Choices) -> bool:
    """Whether exactly the decisions that there are have an answer that they can have."""

    def fits(decision: Decision, answer: Answer) -> bool:
        if decision.options:
            return type(answer) is int and 0 <= answer < len(decision.options)
        return type(answer) is float and decision.low <= answer <= decision.high

    there = [d for d in space.decisions if d.exists(chosen)]
    return list(chosen) == [d.name for d in there] and all(fits(d, chosen[d.name]) for d in there)


def worth(chosen: Choices) -> Result:
    """A result that depends on all answers; every seventh child or so fails."""
    total = sum((len(name) + n + 1) * float(a) for n, (name, a) in enumerate(chosen.items()))
    if int(total * 10) % 7 == 6:
        return Result("failed", reason="RuntimeError: out of luck")
    return Result("ok", {"accuracy": total % 1.7, "size": 1 + total % 11})
