"""The course of the search: rewards, entropy, and what each decision came to."""

from __future__ import annotations

from archspec.diagnostics import counted
from archspec.trials.report.charts import entropy_chart, every_nth, reward_chart
from archspec.trials.report.comparison import with_error
from archspec.trials.report.document import Block, Chart, Code, Heading, Paragraph, Table, Text
from archspec.trials.report.learned import Learned, learned
from archspec.trials.report.panels import MOST, panels_chart
from archspec.trials.report.progress import groups
from archspec.trials.report.quantities import shown
from archspec.trials.report.record import Record, counted_children

_ROWS = 40
"""Decisions in the table of what was preferred."""


def over_time(record: Record) -> list[Block]:
    """What children were worth, from the first to the last."""
    blocks: list[Block] = [Heading("Reward over time")]
    if not record.search:
        return [*blocks, Paragraph("There are no children yet.")]
    if not record.trained(record.search):
        return [*blocks, Paragraph("No child was trained; the reasons are under Cost.")]
    found, called = groups(record)
    says = f"Each child of the search as a point, and the mean of {called} as a line."
    blocks.append(Chart("reward", says, reward_chart(record, found, called)))
    first, last = found[0], found[-1]
    rows = [
        [name, group.span, with_error(record, group.mean), str(group.untrained)]
        for name, group in (("first", first), ("last", last))
    ]
    head = ("", "children", f"mean {record.worth.label} ± standard error", "failed or invalid")
    caption = f"The first and the last of the means: {called}"
    blocks.append(Table(head, rows[: len(found)], frozenset((3,)), caption))
    note = (
        "Children are numbered from 0. Means are over the children that were trained; what failed or "
        "was invalid has no part in them."
    )
    if record.plan.halving is not None:
        note += (
            " Children that were stopped early count with the value that they had, after fewer epochs; "
            "later ones are stopped sooner, so means may fall where children become better."
        )
    step = every_nth(record.search)
    if step > 1:
        note += f" One child of {step} is drawn; the means are of all."
    blocks.append(Paragraph(note, quiet=True))
    return blocks


def what_was_learned(record: Record) -> list[Block]:
    """How undecided the strategy was, and what it came to prefer."""
    blocks: list[Block] = [Heading("What was learned")]
    found = learned(record)
    if found.note:
        blocks.append(Paragraph(found.note))
    if len(found.at) < 2:
        return [*blocks, Paragraph("There are too few children yet to see anything change.")]
    blocks.append(Paragraph(_how(record, found)))
    says = "Entropy over the number of children, in nats"
    says += ": the search solid, random search dashed." if found.beside is not None else "."
    blocks.append(Chart("entropy", says, entropy_chart(found)))
    names = found.by_change
    if not names:
        return blocks
    drawn, rest = names[:MOST], names[MOST:]
    what = (
        "how likely each option was" if found.window is None else "how often each option was taken"
    )
    says = f"For each decision, {what}, over the number of children."
    blocks.append(Chart("options", says, panels_chart(found, drawn)))
    note = "The decisions that changed most come first."
    if rest:
        named = ", ".join(shown(name) for name in rest[:100])
        note += f" Not drawn: {named}{' and others' if len(rest) > 100 else ''}."
    blocks.append(Paragraph(note, quiet=True))
    blocks.append(_preferred(record, found, names))
    return blocks


def _how(record: Record, found: Learned) -> str:
    if found.window is None:
        return (
            "The strategy was rebuilt from the journal and asked for the probability of each option, in the "
            "mean over children as it would draw them. Its entropy, in nats for all decisions of a child "
            "together, is high while it is undecided, and 0 when it always draws the same child."
        )
    return (
        "The strategy has no probabilities of its own: this is how often each option was taken among the "
        f"last {counted_children(found.window)}, and the entropy of that, in nats, for all decisions "
        "together. It is high while children are unlike each other. So few children have a lower "
        "entropy than the space has, so random search is counted the same way."
    )


def _preferred(record: Record, found: Learned, names: list[str]) -> Table:
    """What each decision came to."""
    best = record.chosen
    answers = {} if best is None else record.space.values(best.answers)
    rows: list[list[Text]] = []
    for name in names[:_ROWS]:
        end = found.last(name)
        option, part = ("–", "–") if end is None else (end[0], f"{100 * end[1]:.0f} %")
        rows.append(
            [
                [Code(shown(name))],
                option,
                part,
                shown(answers[name]) if name in answers else "–",
                f"{100 * found.change(name):.0f} %",
            ]
        )
    what = "probability" if found.window is None else "taken by"
    head = ("decision", "preferred at the end", what, "the best child has", "moved since the start")
    caption = "What each decision came to"
    if len(names) > _ROWS:
        caption += f" ({_ROWS} of {counted(len(names), 'decision')})"
    return Table(head, rows, frozenset((2, 4)), caption)
