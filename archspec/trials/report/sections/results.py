"""The results: the Pareto front, and the best children trained again."""

from __future__ import annotations

from archspec.diagnostics import counted
from archspec.trials.journal import Entry
from archspec.trials.report.charts import beyond_the_axis, every_nth, front_chart
from archspec.trials.report.document import Block, Chart, Heading, Paragraph, Strong, Table, Text
from archspec.trials.report.fronts import Front, fronts
from archspec.trials.report.quantities import Quantity
from archspec.trials.report.record import Record, counted_children
from archspec.trials.report.statistics import Mean, mean_of

_ROWS = 25
_DECISIONS = 6
TEST = "test_accuracy"


def pareto(record: Record) -> list[Block]:
    """What cannot be had better without giving something up."""
    blocks: list[Block] = [Heading("Pareto front")]
    found = fronts(record)
    if found is None:
        why = "No child has two things to weigh"
        if len(record.plan.objectives.wanted) == 1:
            why += ": one thing is wanted, and parameters were not counted"
        return [*blocks, Paragraph(f"{why}.")]
    goals = [f"{'high' if o.up else 'low'} {record.quantity(o.name).label}" for o in found.wanted]
    text = f"For {' and '.join(goals)}, a child is on the front where none is better in one and as good in the rest."
    if len(record.plan.objectives.wanted) == 1:
        text += " The search was for the first alone; parameters are set beside it."
    blocks.append(Paragraph(text))
    says = (
        f"{goals[0]} against {' and '.join(goals[1:])}: children, and the fronts of both searches."
    )
    blocks.append(Chart("pareto", says[0].upper() + says[1:], front_chart(record, found)))
    notes = []
    beyond = beyond_the_axis(record, found)
    if beyond:
        notes.append(f"Not seen: {counted_children(beyond)} far off the rest.")
    if max(every_nth(found.search), every_nth(found.random)) > 1:
        notes.append("Not every child is drawn; the fronts are whole.")
    if notes:
        blocks.append(Paragraph(" ".join(notes), quiet=True))
    blocks.append(_on_front(record, found))
    blocks.append(Paragraph(_volume(record, found)))
    return blocks


def _on_front(record: Record, found: Front) -> Table:
    names = [record.quantity(objective.name) for objective in found.wanted]
    rows: list[list[Text]] = [
        [
            str(entry.child),
            *(q.text(value) for q, value in zip(names, found.values(entry), strict=True)),
            record.answers(entry, _DECISIONS),
        ]
        for entry in found.on_search[:_ROWS]
    ]
    caption = f"The front of the search: {counted_children(len(found.on_search))}"
    if len(found.on_search) > _ROWS:
        caption += f", the first {_ROWS}"
    head = ("child", *(q.label for q in names), "answers")
    return Table(head, rows, frozenset(range(len(names) + 1)), caption)


def _volume(record: Record, found: Front) -> str:
    if found.volumes is None:
        return "The hypervolume is computed for three objectives at most."

    def named(point: tuple[float, ...]) -> str:
        pairs = zip(found.wanted, point, strict=True)
        known = ((record.quantity(o.name), value) for o, value in pairs)
        return ", ".join(f"{q.label} {q.text(value)}" for q, value in known)

    if not found.box:
        return "All children are alike in one of them, so there is no hypervolume."
    mine, other = found.volumes
    beside = f", that of random search {other / found.box:.3f}" if other is not None else ""
    return (
        f"Hypervolume after {counted_children(found.n)}: {mine / found.box:.3f}{beside}, as a part of the box "
        f"between the worst of each among all children ({named(found.reference)}: the reference "
        f"point) and the best of each ({named(found.ideal)})."
    )


def trained_again(record: Record) -> list[Block]:
    """The best children over several seeds, on data that chose nothing."""
    blocks: list[Block] = [Heading("The best, trained again")]
    plan = record.plan
    if not plan.top:
        return [*blocks, Paragraph("The plan leaves this out (a top of 0).")]
    if not record.finals:
        return [*blocks, Paragraph("There are no last trainings yet.")]
    main, test = record.main, record.quantity(TEST)
    rows = []
    up = 1 if plan.objectives.main.up else -1
    children = {entry.child: entry for entry in record.search}
    for child, repeats in record.repeats.items():
        value = mean_value(record, repeats, main.name)
        rows.append((up * value.mean if value else float("-inf"), child, value, repeats))
    rows.sort(key=lambda row: (-row[0], row[1]))
    table: list[list[Text]] = []
    tested = any(record.number_of(TEST, entry) is not None for entry in record.finals)
    for _order, child, value, repeats in rows:
        first = children.get(child)
        found = None if first is None else record.number_of(main.name, first)
        cells = [str(child), main.text(found), spread(main, value)]
        if tested:
            cells.append(spread(test, mean_value(record, repeats, TEST)))
        cells += [str(value.n if value else 0), str(sum(e.status != "ok" for e in repeats))]
        table.append(list(cells))
    head = ["child", f"{main.label} in the search", f"{main.label}, again"]
    head += [test.label] if tested else []
    caption = f"Mean ± standard deviation over seeds, {counted(plan.last_epochs, 'epoch')} each"
    head += ["n", "failed"]
    blocks.append(Table(head, table, frozenset(range(len(head))), caption))
    note = "Ordered by validation."
    if tested:
        note += " The test split chose nothing: no decision of the search or of this order saw it."
    note += (
        " The value in the search is of one training, and it is the largest of many: it is likely too "
        "good, and the mean of these trainings is the one to quote."
    )
    if record.random:
        note += " The best of random search was not trained again, so it has no number here."
    blocks.append(Paragraph(note))
    best, chosen = record.best(record.search), record.chosen
    if best is not None and chosen is not None and best is not chosen:
        blocks.append(
            Paragraph(
                [
                    Strong("Another child leads now: "),
                    f"child {best.child} was the best of the search, by one training; trained again, child "
                    f"{chosen.child} is ahead, so that is the one in best.yaml. Where deviations overlap, "
                    "the order is open.",
                ]
            )
        )
    return blocks


def mean_value(record: Record, entries: list[Entry], name: str) -> Mean | None:
    """The mean of what was measured of the trainings that came to an end."""
    found = (record.number_of(name, entry) for entry in entries if entry.status == "ok")
    return mean_of([value for value in found if value is not None])


def spread(quantity: Quantity, mean: Mean | None) -> str:
    """A mean with its standard deviation."""
    if mean is None:
        return "–"
    if mean.deviation is None:
        return quantity.text(mean.mean)
    unit = f" {quantity.unit}" if quantity.unit else ""
    return f"{quantity.number(mean.mean)} ± {quantity.number(mean.deviation)}{unit}"
