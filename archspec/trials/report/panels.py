"""The panels: for each decision, how likely each of its options was over time."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .learned import Learned, Line
from .paper import DASHES, FAINT, MARKERS, SERIES, drawn
from .quantities import cut, short, shown

MOST = 24
"""Decisions that are drawn."""

_COLUMNS = 3
_OPTIONS = 7
"""Options of a decision with a line of their own; the others are together."""

_TITLE, _LABEL = 30, 16


def panels_chart(learned: Learned, names: Sequence[str]) -> str:
    """A panel for each of the decisions."""
    rows = ceil(len(names) / _COLUMNS)

    def draw(figure: Figure) -> None:
        for place, name in enumerate(names, start=1):
            axes = figure.add_subplot(rows, _COLUMNS, place)
            _panel(axes, learned, name)
            if place > len(names) - _COLUMNS:
                axes.set_xlabel("children", fontsize=8)
            if place % _COLUMNS == 1:
                axes.set_ylabel(
                    "probability" if learned.window is None else "part taken", fontsize=8
                )

    return drawn(0.25 + 1.55 * rows, draw)


def _panel(axes: Axes, learned: Learned, name: str) -> None:
    lines = _lines(learned.lines[name], learned.labels[name])
    for number, (_label, line) in enumerate(lines):
        known = [(n, p) for n, p in zip(learned.at, line, strict=True) if p is not None]
        axes.plot(
            [n for n, _p in known],
            [p for _n, p in known],
            label=str(number),
            color=SERIES[number],
            ls=DASHES[number],
            lw=1.5,
            marker=MARKERS[number],
            ms=3.2,
            markevery=max(1, len(known) // 4),
        )
    axes.set_title(cut(shown(name), _TITLE), fontsize=8.5, loc="left")
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=7.5)
    last = learned.at[-1] if learned.at else 1
    ticks = sorted({learned.at[0] if learned.at else 0, last})
    axes.set_xticks(ticks, [short(n) for n in ticks], fontsize=7.5)
    axes.spines[:].set_color(FAINT)
    legend = axes.legend(
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        fontsize=7,
        handlelength=2.2,
        labelspacing=0.25,
        borderpad=0.1,
        handletextpad=0.5,
    )
    for text, (label, _line) in zip(legend.get_texts(), lines, strict=True):
        text.set_text(cut(label, _LABEL))  # a label given to a line is none where it begins with _


def _lines(lines: Sequence[Line], labels: Sequence[str]) -> list[tuple[str, Line]]:
    """All options, or those that were the likeliest at some time, and the rest together."""
    named = list(zip(labels, lines, strict=True))
    if len(named) <= _OPTIONS + 1:
        return named
    highest = [max((p for p in line if p is not None), default=0.0) for line in lines]
    order = sorted(range(len(named)), key=lambda n: (-highest[n], n))
    kept, rest = sorted(order[:_OPTIONS]), order[_OPTIONS:]
    together: Line = [
        None if any(p is None for p in column) else sum(p for p in column if p is not None)
        for column in zip(*(lines[n] for n in rest), strict=True)
    ]
    return [*(named[n] for n in kept), (f"{len(rest)} others", together)]
