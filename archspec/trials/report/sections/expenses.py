"""What the search cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from archspec.diagnostics import counted, visible
from archspec.trials.report.costs import Cost, costs, reasons, slowest, total
from archspec.trials.report.document import Block, Heading, Paragraph, Table
from archspec.trials.report.quantities import cut, duration
from archspec.trials.report.record import Record, of_part

_REASONS = 15
_SESSIONS = 20


def expenses(record: Record) -> list[Block]:
    """Children, epochs and seconds, and what came of nothing."""
    blocks: list[Block] = [Heading("Cost")]
    found = costs(record)
    if not found:
        return [*blocks, Paragraph("Nothing was spent yet.")]
    columns = [*found.values(), total(record)]
    head = ["", *(of_part(part) for part in found), "all"]
    rows = [[name, *(value(cost) for cost in columns)] for name, value in _LINES]
    blocks.append(Table(head, rows, frozenset(range(1, len(head)))))
    blocks.append(
        Paragraph(
            "Unique: networks among the children that were trained, told apart by what they compute. "
            "Answered from the journal: the network was known, and was not trained again. Invalid: "
            "there is no such child, or it does not meet what is required.",
            quiet=True,
        )
    )
    blocks += [*_reasons(record), *_sessions(record), *_slowest(record)]
    return blocks


def _seconds(value: float | None) -> str:
    return "–" if value is None else duration(value)


_LINES: tuple[tuple[str, Callable[[Cost], str]], ...] = (
    ("children", lambda c: f"{c.children:,}"),
    ("unique", lambda c: f"{c.unique:,}"),
    ("answered from the journal", lambda c: f"{c.known:,}"),
    ("invalid", lambda c: f"{c.invalid:,}"),
    ("failed", lambda c: f"{c.failed:,}"),
    ("stopped early", lambda c: f"{c.stopped:,}"),
    ("epochs", lambda c: f"{c.epochs:,}"),
    ("time of training", lambda c: _seconds(c.seconds) if c.longest is not None else "–"),
    ("of a child, median", lambda c: _seconds(c.middle)),
    ("of a child, longest", lambda c: _seconds(c.longest)),
)


def _reasons(record: Record) -> list[Block]:
    found = reasons(record)
    if not found:
        return []
    rows = [[status, cut(visible(reason), 300), str(n)] for status, reason, n in found[:_REASONS]]
    caption = "Why children failed or were invalid"
    if len(found) > _REASONS:
        caption += f" ({_REASONS} of {len(found)} reasons)"
    return [Table(("", "reason", "children"), rows, frozenset((2,)), caption)]


def _sessions(record: Record) -> list[Block]:
    sessions = record.journal.sessions
    if not sessions:
        return []
    rows = [
        [
            datetime.fromtimestamp(session.at, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            visible(session.engine),
            str(session.workers),
        ]
        for session in sessions[:_SESSIONS]
    ]
    caption = (
        f"{counted(len(sessions), 'session')}, {duration(record.journal.seconds)} by the clock, each up to "
        "its last child"
    )
    if len(sessions) > _SESSIONS:
        caption += f" (the first {_SESSIONS})"
    return [Table(("began", "engine", "workers"), rows, frozenset((2,)), caption)]


def _slowest(record: Record) -> list[Block]:
    rows = [
        [
            of_part(entry.part),
            str(entry.child if entry.of is None else entry.of),
            duration(entry.cost["seconds"]),
            record.quantity("params").number(record.number_of("params", entry)),
            record.quantity("macs").number(record.number_of("macs", entry)),
        ]
        for entry in slowest(record)
    ]
    if not rows:
        return []
    head = ("of", "child", "time", "parameters", "MACs")
    return [Table(head, rows, frozenset((1, 2, 3, 4)), "The slowest children")]
