"""The sections of a report, each made of the record and what was computed from it."""

from __future__ import annotations

from archspec.trials.report.comparison import compare
from archspec.trials.report.document import Block, Document
from archspec.trials.report.record import Record

from .best import best_child
from .course import over_time, what_was_learned
from .expenses import expenses
from .repeating import repeating
from .results import pareto, trained_again
from .summary import beside_random, summary


def document(record: Record) -> Document:
    """The whole report."""
    comparison = compare(record)
    blocks: list[Block] = [
        *summary(record, comparison),
        *beside_random(record, comparison),
        *over_time(record),
        *what_was_learned(record),
        *pareto(record),
        *trained_again(record),
        *best_child(record),
        *expenses(record),
        *repeating(record),
    ]
    title = f"Search of {record.quoted}"
    return Document(title, record.subtitle, blocks)


__all__ = ["document"]
