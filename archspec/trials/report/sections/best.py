"""The best child, as a spec with its diagram."""

from __future__ import annotations

import warnings
from pathlib import Path

from archspec.diagnostics import ArchspecError, SpecError, visible
from archspec.trials.report.document import (
    Block,
    Code,
    Heading,
    Link,
    Listing,
    Paragraph,
    Picture,
    Table,
    Text,
)
from archspec.trials.report.quantities import shown
from archspec.trials.report.record import Record

SPEC = "best.yaml"
DIAGRAM = "best.svg"
DRAWN = "report/best.svg"


def best_child(record: Record) -> list[Block]:
    """The spec and the diagram, where the search left them; else the answers."""
    blocks: list[Block] = [Heading("The best child")]
    best = record.chosen
    if best is None:
        return [*blocks, Paragraph("No child was trained to the end.")]
    spec = record.folder / SPEC
    if not spec.is_file():
        rows: list[list[Text]] = [
            [[Code(shown(name))], shown(value)]
            for name, value in record.space.values(best.answers).items()
        ]
        note = f"Child {best.child}. The search left no {SPEC}, so these are its answers."
        return [*blocks, Paragraph(note), Table(("decision", "answer"), rows)]
    text = spec.read_bytes().decode("utf-8", "replace")
    blocks.append(
        Paragraph(
            [
                f"Child {best.child} as a spec of its own: ",
                Link(SPEC, SPEC),
                ". ",
                Code(f"archspec compile {SPEC}"),
                " makes a model of it, and ",
                Code(f"archspec train {SPEC}"),
                " trains it.",
            ]
        )
    )
    blocks += _diagram(record.folder, spec)
    blocks.append(Listing(SPEC, text, "yaml"))
    return blocks


def _diagram(folder: Path, spec: Path) -> list[Block]:
    there = folder / DIAGRAM
    if there.is_file():
        return [Picture(DIAGRAM, "The diagram of the best child.", there.read_bytes())]
    from archspec.api import load

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a diagram that is not drawn as well as it could be will do
            return [Picture(DRAWN, "The diagram of the best child.", load(spec).render())]
    except SpecError as error:
        why = error.diagnostics[0].message
    except (ArchspecError, OSError) as error:
        why = str(error)
    return [Paragraph(f"It could not be drawn: {visible(why)}.", quiet=True)]
