"""What was searched and what came of it, and the comparison with random search."""

from __future__ import annotations

import math

from archspec.diagnostics import counted, visible
from archspec.trials.journal import Entry
from archspec.trials.report.charts import best_chart
from archspec.trials.report.comparison import PROXIES, Comparison, verdict
from archspec.trials.report.costs import costs
from archspec.trials.report.document import (
    Block,
    Bullets,
    Chart,
    Code,
    Heading,
    Paragraph,
    Strong,
    Table,
    Text,
)
from archspec.trials.report.quantities import duration
from archspec.trials.report.record import Record, counted_children

from .results import TEST, mean_value, spread

_DECISIONS = 8
"""Of the best child, in one line."""


def summary(record: Record, comparison: Comparison) -> list[Block]:
    """The head of the report: what was done, and what came of it."""
    judged = verdict(record, comparison)
    best = record.chosen
    rows: list[tuple[Text, Text]] = [
        ("Space", [Code(record.quoted), f": {_size(record)}"]),
        ("Strategy", _strategy(record)),
        ("Wanted", _wanted(record)),
        ("Data", _data(record)),
        ("Budget", _budget(record)),
        ("Spent", _spent(record)),
        ("Best child", _best(record, best) if best else "no child was trained to the end"),
        ("Better than random?", [Strong(judged.sentence)]),
    ]
    blocks: list[Block] = []
    if record.missing:
        blocks.append(Paragraph([Strong("Not finished: "), f"{'; '.join(record.missing)}."]))
    blocks.append(Table(("", ""), rows))
    return blocks


def beside_random(record: Record, comparison: Comparison) -> list[Block]:
    """The best so far, random search beside it, and what needs no training."""
    blocks: list[Block] = [Heading("Better than random search?")]
    judged = verdict(record, comparison)
    blocks.append(Paragraph([Strong(judged.sentence)]))
    if judged.reasons:
        blocks.append(Bullets(judged.reasons))
    if not any(value is not None for value in (*comparison.search, *comparison.random)):
        return [*blocks, Paragraph("No child was trained to the end: there is nothing to draw.")]
    says = "The best value so far over the number of children."
    blocks.append(Chart("best-so-far", says, best_chart(record, comparison)))
    note = "Solid: the best of the search so far."
    if record.random:
        note += " Dashed: of random search at the same budget."
    if comparison.ordered is not None:
        pool = "random search" if record.random else "the search"
        note += f" Dotted: of the children of {pool}, had they been taken in the order of their parameters."
    blocks.append(Paragraph(note, quiet=True))
    blocks.append(_at_budgets(record, comparison))
    return [*blocks, *_proxies(record, comparison)]


def _at_budgets(record: Record, comparison: Comparison) -> Table:
    """The lines of the chart at some places."""
    n = comparison.n or len(record.search)
    places = sorted({max(1, math.ceil(n * part)) for part in (0.1, 0.25, 0.5, 0.75, 1.0)})

    def at(values: list[float | None] | None, place: int) -> str:
        return record.worth.text(values[place - 1] if values and place <= len(values) else None)

    head = ["after children", visible(record.plan.strategy)]
    columns = [comparison.search]
    if record.random:
        head.append("random search")
        columns.append(comparison.random)
    if comparison.ordered is not None:
        head.append("most parameters first")
        columns.append(comparison.ordered)
    rows = [[f"{place:,}", *(at(column, place) for column in columns)] for place in places]
    return Table(head, rows, frozenset(range(len(head))), f"Best {record.worth.label} so far")


def _proxies(record: Record, comparison: Comparison) -> list[Block]:
    """What would have been had without any search: large children."""
    blocks: list[Block] = []
    main = record.main.label
    if comparison.largest is not None:
        entry = comparison.largest
        pool = "random search" if record.random else "the search"
        said = (
            "Without any training one could have taken the child with the most parameters. Among "
            f"those of {pool} it is child {entry.child}, with {_count(record, 'params', entry)} "
            f"parameters: {record.worth.text(record.reward(entry))}."
        )
        best = record.best(record.search)
        if best is not None:
            ahead = record.reward(best) - record.reward(entry)
            said += (
                f" The best of the search is better by {record.worth.difference(ahead)}."
                if ahead > 0
                else " The best of the search is no better: it has found out that large networks are good."
            )
        blocks.append(Paragraph(said))
    if not comparison.proxies:
        blocks.append(
            Paragraph("The journal has no parameter counts, so no proxy can be set beside it.")
        )
        return blocks
    rows = [
        [p.part, PROXIES[p.of], "–" if p.rank is None else _signed(p.rank), f"{p.n:,}"]
        for p in comparison.proxies
    ]
    caption = f"Rank correlation (Spearman) of {main} with what is known before training"
    blocks.append(
        Table(("children of", "proxy", "rank correlation", "n"), rows, frozenset((2, 3)), caption)
    )
    blocks.append(
        Paragraph(
            "From −1 to 1; 0 where the proxy says nothing. n: networks trained to the end, each once. "
            "Random search's children are a fair sample of the space; those of the search are its choice.",
            quiet=True,
        )
    )
    return blocks


# -- the rows of the head ------------------------------------------------------------------


def _size(record: Record) -> str:
    decisions = counted(len(record.space.decisions), "decision")
    if not math.isfinite(record.size):
        return f"{decisions}, with ranges of floats, so there is no end of children"
    return f"exactly {record.size:,} sets of answers to {decisions}"


def _strategy(record: Record) -> Text:
    options = ", ".join(f"{name} = {value}" for name, value in sorted(record.plan.options.items()))
    seed = f"seed {record.plan.seed}"
    return [
        Code(visible(record.plan.strategy)),
        f" ({visible(options)}; {seed})" if options else f" ({seed})",
    ]


def _wanted(record: Record) -> str:
    said = []
    for objective in record.plan.objectives.wanted:
        label = record.quantity(objective.name).label
        goal = f"{'high' if objective.up else 'low'} {label}"
        if objective.target is not None:
            goal += f" (target {objective.target:g})"
        said.append(goal)
    text = ", ".join(said)
    return f"{text}; the reward is {visible(record.formula)}" if record.is_product else text


def _data(record: Record) -> Text:
    if "the function" in record.identity:
        return "none: a function says what a child is worth"
    return [
        Code(visible(record.plan.data)),
        f", {counted(record.plan.epochs, 'epoch')} for a child",
    ]


def _budget(record: Record) -> str:
    plan = record.plan
    said = []
    if plan.children is not None:
        said.append(counted_children(plan.children))
    if plan.max_epochs is not None:
        said.append(f"{counted(plan.max_epochs, 'epoch')} of training")
    if plan.hours is not None:
        said.append(f"{duration(3600 * plan.hours)} by the clock")
    text = ", ".join(said)
    if record.has_baseline:
        text += (
            "; the same again for random search"
            if plan.hours is None
            else "; random search included"
        )
    if plan.top:
        text += f"; the best {plan.top} trained again {counted(plan.repeats, 'time')} each"
    return text


def _spent(record: Record) -> str:
    found = costs(record)
    if not found:
        return "nothing yet"
    named = {"search": "the search", "random": "random search", "final": "last trainings"}
    said = ", ".join(
        f"{counted_children(c.children)} of {named[p]}"
        if p != "final"
        else f"{c.children:,} {named[p]}"
        for p, c in found.items()
    )
    epochs = sum(c.epochs for c in found.values())
    seconds = sum(c.seconds for c in found.values())
    if epochs:
        said += f"; {counted(epochs, 'epoch')}"
    if seconds:
        said += f"; {duration(seconds)} of training"
    return f"{said}; {duration(record.journal.seconds)} by the clock"


def _best(record: Record, best: Entry) -> str:
    said = [
        f"child {best.child}: {record.main.text(record.number_of(record.main.name, best))} {record.main.label}"
    ]
    repeats = record.repeats.get(best.child, [])
    if repeats:
        again = spread(record.main, mean_value(record, repeats, record.main.name))
        said[0] += f" in the search; {again} trained again"
        test = mean_value(record, repeats, TEST)
        if test is not None:
            said[0] += f", {spread(record.quantity(TEST), test)} on the test split"
        said[0] += f" (n = {len(repeats)})"
    for objective in record.plan.objectives.wanted[1:]:
        if objective.name not in PROXIES:
            found = record.quantity(objective.name)
            said.append(f"{found.label} {found.text(record.number_of(found.name, best))}")
    said += [
        f"{_count(record, name, best)} {PROXIES[name]}"
        for name in PROXIES
        if record.number_of(name, best) is not None
    ]
    return f"{', '.join(said)}; {record.answers(best, _DECISIONS)}"


def _count(record: Record, name: str, entry: Entry) -> str:
    return record.quantity(name).number(record.number_of(name, entry))


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")
