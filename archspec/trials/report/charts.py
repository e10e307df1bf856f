"""The charts of a report: one function each, from numbers to a drawn figure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from archspec.trials.journal import Entry

from .comparison import Comparison
from .fronts import Front
from .learned import Learned
from .paper import DASHES, FAINT, INK, PROXY, RANDOM, SEARCH, drawn
from .progress import Group
from .quantities import Quantity, short
from .record import Record

_START = 20
"""One of so many children at the start may be below the axis."""

POINTS = 2000
"""Children of a part that are drawn as points, at the most: more are no longer told apart."""


def best_chart(record: Record, comparison: Comparison) -> str:
    """The best reward so far, beside random search and beside the order of parameters."""
    worth = record.worth
    lines: list[tuple[list[float | None], dict[str, Any]]] = [
        (comparison.search, {"label": "the search", "color": SEARCH, "lw": 2.2}),
        (comparison.random, {"label": "random search", "color": RANDOM, "ls": DASHES[1]}),
    ]
    if comparison.ordered is not None:
        label = "most parameters first"
        lines.append((comparison.ordered, {"label": label, "color": PROXY, "ls": DASHES[2]}))

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        low: list[float] = []
        every: list[float] = []
        for values, look in lines:
            at = _steps(values, worth.factor)
            if not at:
                continue
            axes.step([n for n, _v in at], [v for _n, v in at], where="post", **look)
            every += [v for _n, v in at]
            begun = [v for n, v in at if n <= max(1, len(values) / _START)]
            low.append(begun[-1] if begun else at[0][1])
        _from(axes, low, every, worth.factor < 0)
        _of_children(axes)
        axes.set_ylabel(_axis(record, f"best {worth.axis} so far"))
        axes.legend(loc="upper right" if worth.factor < 0 else "lower right")

    return drawn(3.0, draw)


def reward_chart(record: Record, groups: Sequence[Group], called: str) -> str:
    """The children of the search as points, and their means. called: what the means are of."""
    worth = record.worth
    entries = record.search[:: every_nth(record.search)]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        marks: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("ok", "trained", {"marker": "o", "color": FAINT, "alpha": 0.75, "lw": 0}),
            ("stopped", "stopped early", {"marker": "v", "ec": RANDOM, "fc": "none", "lw": 1}),
        )
        every = sorted(v * worth.factor for v in record.trained(record.search))
        bounds = _without_tail(every, worth.factor < 0)
        for status, label, look in marks:
            at = [
                (entry.child + 1, value * worth.factor)
                for entry in entries
                if entry.status == status and (value := record.measured(entry)) is not None
            ]
            inside = [(n, v) for n, v in at if bounds is None or bounds[0] <= v <= bounds[1]]
            if inside:
                n, values = zip(*inside, strict=True)
                axes.scatter(n, values, s=14, label=label, **look)
        means = [(g.middle, g.mean.mean * worth.factor) for g in groups if g.mean is not None]
        if means:
            axes.plot(*zip(*means, strict=True), color=SEARCH, lw=2, label=f"mean of {called}")
        if bounds is not None:
            axes.set_ylim(*bounds)
        _at_the_edge(axes, entries, record, bounds)
        _of_children(axes)
        axes.set_ylabel(_axis(record, worth.axis))
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), ncols=4, columnspacing=1.4)

    return drawn(3.4, draw)


def entropy_chart(learned: Learned) -> str:
    """How undecided the strategy was."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        _line(axes, learned.at, learned.entropy, color=SEARCH, marker="o", label="the search")
        if learned.beside is not None:
            look = {"color": RANDOM, "ls": DASHES[1], "marker": "s", "ms": 3.5}
            _line(axes, learned.at, learned.beside, label="random search, counted alike", **look)
        if learned.ceiling is not None:
            axes.axhline(learned.ceiling, color=FAINT, ls=DASHES[2], lw=1.2)
            axes.annotate(
                f"all children alike likely: {learned.ceiling:.2f}",
                (1, learned.ceiling),
                xycoords=("axes fraction", "data"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="right",
                va="bottom",
                color=INK,
                fontsize=8.5,
            )
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
        _of_children(axes)
        axes.set_ylabel("entropy (nats)")
        if learned.beside is not None:
            axes.legend(loc="lower left")

    return drawn(2.5, draw)


def front_chart(record: Record, front: Front) -> str:
    """The main objective against each of the others, with what is on the front."""
    others = front.wanted[1:]
    names = [objective.name for objective in front.wanted]

    def draw(figure: Figure) -> None:
        for place, other in enumerate(others, start=1):
            axes = figure.add_subplot(1, len(others), place)
            x, y = record.quantity(other.name), record.main

            def at(
                entries: Sequence[Entry], k: int = place, x: Quantity = x, y: Quantity = y
            ) -> tuple[list[float], list[float]]:
                values = [front.values(entry) for entry in entries]
                return [v[k] * x.factor for v in values], [v[0] * y.factor for v in values]

            axes.scatter(
                *at(front.random[:: every_nth(front.random)]),
                s=13,
                marker="s",
                fc="none",
                ec=RANDOM,
                lw=0.7,
                alpha=0.6,
            )
            points = front.search[:: every_nth(front.search)]
            axes.scatter(*at(points), s=13, color=SEARCH, alpha=0.5, lw=0)
            on = sorted(front.on_random, key=lambda e, k=place: front.values(e)[k])  # type: ignore[misc]
            if on:
                look = {"color": RANDOM, "marker": "s", "ls": DASHES[1], "ms": 4.5}
                axes.plot(*at(on), label="front of random search", **_joined(look, len(names)))
            on = sorted(front.on_search, key=lambda e, k=place: front.values(e)[k])  # type: ignore[misc]
            look = {"color": SEARCH, "marker": "o", "ms": 5.5}
            axes.plot(*at(on), label="front of the search", **_joined(look, len(names)))
            _numbers(axes.xaxis)
            _numbers(axes.yaxis)
            bounds = _of_front(record, front)
            if bounds is not None:
                axes.set_ylim(*bounds)
            axes.set_xlabel(x.axis)
            if place == 1:
                axes.set_ylabel(y.axis)
                figure.legend(loc="outside lower left", ncols=2)

    return drawn(3.4, draw)


def every_nth(entries: Sequence[Entry]) -> int:
    """Every how many children are drawn."""
    return max(1, ceil(len(entries) / POINTS))


def beyond_the_axis(record: Record, front: Front) -> int:
    """Children that `front_chart` does not show."""
    bounds = _of_front(record, front)
    return (
        0 if bounds is None else sum(not bounds[0] <= v <= bounds[1] for v in _main(record, front))
    )


def _of_front(record: Record, front: Front) -> tuple[float, float] | None:
    """Bounds of the main objective that show the fronts and most children."""
    down = not front.wanted[0].up
    bounds = _without_tail(sorted(_main(record, front)), down)
    if bounds is None:
        return None
    on = [front.values(e)[0] * record.main.factor for e in (*front.on_search, *front.on_random)]
    room = (bounds[1] - bounds[0]) * 0.05
    return min(bounds[0], min(on) - room), max(bounds[1], max(on) + room)


def _main(record: Record, front: Front) -> list[float]:
    every = (*front.search, *front.random)
    return [front.values(entry)[0] * record.main.factor for entry in every]


def _steps(values: Sequence[float | None], factor: float) -> list[tuple[int, float]]:
    """Where the best so far changes, after how many children, and the end."""
    found: list[tuple[int, float]] = []
    for n, value in enumerate(values, start=1):
        if value is not None and (not found or value * factor != found[-1][1] or n == len(values)):
            found.append((n, value * factor))
    return found


def _joined(look: dict[str, Any], objectives: int) -> dict[str, Any]:
    """A front of two objectives is a line; one of more is points in each of its shadows."""
    return {**look, "ls": look.get("ls", "-") if objectives == 2 else "none"}


def _axis(record: Record, label: str) -> str:
    return label if record.plan.objectives.main.up else f"{label}, lower is better"


def _line(axes: Axes, at: Sequence[int], values: Sequence[float | None], **look: Any) -> None:
    known = [(n, v) for n, v in zip(at, values, strict=True) if v is not None]
    if known:
        axes.plot(*zip(*known, strict=True), **look)


def _of_children(axes: Axes) -> None:
    axes.set_xlabel("children")
    axes.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    axes.margins(x=0.02)
    _numbers(axes.xaxis)
    _numbers(axes.yaxis)


def _numbers(axis: Any) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _place: short(value)))


def _from(axes: Axes, low: Sequence[float], every: Sequence[float], down: bool) -> None:
    """Leave the first children's values out of sight, so that the rest can be seen."""
    if not every:
        return
    bottom, top = (min(every), max(low)) if down else (min(low), max(every))
    room = (top - bottom) * 0.06 or abs(top) * 0.01 or 0.01
    axes.set_ylim(bottom - room, top + room)


def _without_tail(values: Sequence[float], down: bool) -> tuple[float, float] | None:
    """Bounds that leave out a long tail of bad children; None where there is none."""
    if len(values) < 20:
        return None
    part = values[len(values) // 20], values[-1 - len(values) // 20]
    bottom, top = (values[0], part[1]) if down else (part[0], values[-1])
    if values[-1] - values[0] < 2 * (top - bottom) or top == bottom:
        return None
    room = (top - bottom) * 0.08
    return bottom - room, top + room


def _at_the_edge(
    axes: Axes,
    entries: Sequence[Entry],
    record: Record,
    bounds: tuple[float, float] | None,
) -> None:
    """Mark children with no value, or one beyond the axis, where bad ones are."""
    edge = 1.0 if record.worth.factor < 0 else 0.0
    look: dict[str, Any] = {
        "transform": axes.get_xaxis_transform(),
        "clip_on": False,
        "zorder": 5,
        "s": 20,
    }
    bad = [entry.child + 1 for entry in entries if record.measured(entry) is None]
    if bad:
        label = f"failed or invalid ({len(bad)})"
        axes.scatter(bad, [edge] * len(bad), marker="x", color=RANDOM, lw=1.1, label=label, **look)
    if bounds is None:
        return
    beyond = [
        entry.child + 1
        for entry in entries
        if (value := record.measured(entry)) is not None
        and not bounds[0] <= value * record.worth.factor <= bounds[1]
    ]
    if not beyond:
        return
    label = f"off the axis ({len(beyond)})"
    axes.scatter(beyond, [edge] * len(beyond), marker="|", color=FAINT, lw=1, label=label, **look)
