"""How to repeat the search: its command, all its settings, and what its results depend on."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from archspec.diagnostics import visible
from archspec.search.objectives import Objective, Objectives
from archspec.trials.plan import Plan
from archspec.trials.report.document import Block, Code, Heading, Listing, Paragraph, Table, Text
from archspec.trials.report.record import Record

_KNOWN = ("journal", "plan", "space", "identity")
"""Of the header, what has a place of its own."""

_OPTIONS = {
    "children": "--children",
    "max_epochs": "--max-epochs",
    "hours": "--hours",
    "epochs": "--epochs",
    "halving": "--halving",
    "data": "--data",
    "seed": "--seed",
    "limit": "--time-limit",
    "top": "--top",
    "repeats": "--repeats",
    "final_epochs": "--final-epochs",
}


def repeating(record: Record) -> list[Block]:
    """Everything that somebody else needs."""
    blocks: list[Block] = [Heading("How to repeat it")]
    said = command(record)
    if said is not None:
        blocks.append(Listing("The command", said, "sh"))
    else:
        blocks.append(
            Paragraph("It was begun from Python; Plan.from_json reads the settings below.")
        )
    blocks.append(
        Paragraph(
            [
                f"The engine and the number of workers change nothing but the time{_but(record)}. ",
                Code("archspec search --resume FOLDER"),
                " goes on with a search that is not finished, in the folder that holds its journal.",
            ]
        )
    )
    plan = record.plan.as_json()
    rows: list[list[Text]] = [
        [[Code(name)], [Code(visible(_json(value)))]] for name, value in plan.items()
    ]
    blocks.append(Table(("setting", "value"), rows, caption="All settings"))
    rows = [
        [f"digest of {visible(str(name))}", [Code(visible(str(value)))]]
        for name, value in record.identity.items()
    ]
    rows += [
        [visible(str(name)), [Code(visible(_json(value)))]]
        for name, value in record.header.items()
        if name not in _KNOWN
    ]
    if rows:
        blocks.append(Table(("", ""), rows, caption="What the results depend on"))
    return blocks


def _but(record: Record) -> str:
    wanted = {objective.name for objective in record.plan.objectives.wanted}
    if record.plan.hours is not None:
        return ", and how much is done in it"
    return ", and the latency that is measured" if "latency" in wanted else ""


def command(record: Record) -> str | None:
    """The command that begins the same search; None where it was begun otherwise."""
    spec = record.header["space"].get("spec")
    plan = record.plan
    if not isinstance(spec, Mapping) or spec.get("text") or not _said_by_names(plan.objectives):
        return None
    parts = ["archspec search", shlex.quote(str(spec.get("spec")))]
    parts += _pairs("--set", spec.get("params") or {})
    parts += [f"--plugin {shlex.quote(str(plugin))}" for plugin in spec.get("plugins") or ()]
    if spec.get("limit"):
        parts.append(f"--max-nodes {spec['limit']}")
    parts.append(f"--strategy {shlex.quote(plan.strategy)}")
    parts += _pairs("--option", plan.options)
    for one in plan.objectives.wanted:
        target = "" if one.target is None else f"={one.target:g}"
        parts.append(f"--objective {shlex.quote(one.name + target)}")
    defaults = {field.name: field.default for field in fields(Plan)}
    for name, option in _OPTIONS.items():
        value = getattr(plan, name)
        if value != defaults[name] or name in ("children", "epochs", "data", "seed"):
            if value is not None:
                parts.append(f"{option} {shlex.quote(str(value))}")
    parts += _pairs("--train", plan.training)
    if not plan.baseline:
        parts.append("--no-baseline")
    return visible_lines(parts)


def visible_lines(parts: Iterable[str]) -> str:
    """A command over several lines, as a shell takes it."""
    return " \\\n  ".join(visible(part) for part in parts)


def _pairs(option: str, values: Mapping[str, Any]) -> list[str]:
    return [
        f"{option} {shlex.quote(f'{name}={_json(value) if not isinstance(value, str) else value}')}"
        for name, value in values.items()
    ]


def _said_by_names(objectives: Objectives) -> bool:
    """Whether the command line can say them."""
    return objectives.failed is None and all(
        one == Objective(one.name, up=one.name == "accuracy", target=one.target)
        for one in objectives.wanted
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
