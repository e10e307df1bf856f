"""Journals whose numbers can be computed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from archspec.search.space import Decision, Space
from archspec.trials.journal import Entry, Journal, Session
from archspec.trials.plan import Plan, space_as_json
from archspec.trials.report.record import Record

BEGAN = 1_000_000_000.0

SPACE = Space(
    (
        Decision("cell", "choice", ("plain", "residual")),
        Decision("depth", "int", (1, 2, 3)),
        Decision("skip", "choice", ("sum", "concat"), when=((("cell", 1),),)),
    )
)


def plan(**changes: Any) -> Plan:
    return Plan(**{"children": 8, "epochs": 2, "top": 2, "repeats": 2, **changes})


def journal(
    folder: Path,
    entries: Iterable[Entry] = (),
    *,
    plan: Plan,
    space: Space = SPACE,
    name: str = "cells",
    **header: Any,
) -> Journal:
    """A journal in a folder, closed."""
    size = space.size
    about = {"name": name, "decisions": space_as_json(space), "size": size, "spec": None}
    if size == float("inf"):
        about["size"] = None
    made = Journal.create(
        folder,
        {"archspec": "1.0", "plan": plan.as_json(), "space": about, "identity": {}, **header},
    )
    made.begin(Session(BEGAN, "in-process", 1))
    for entry in entries:
        made.append(entry)
    made.close()
    return made


def record(folder: Path, entries: Iterable[Entry] = (), **more: Any) -> Record:
    journal(folder, entries, **more)
    return Record(folder, Journal.read(folder))


def child(
    number: int,
    accuracy: float | None,
    params: int | None = None,
    *,
    part: Any = "search",
    answers: Mapping[str, Any] | None = None,
    seconds: float = 1.0,
    **more: Any,
) -> Entry:
    """A child that was trained, or that failed where it has no accuracy."""
    cost = {} if params is None else {"params": params, "macs": 10 * params}
    if accuracy is None:
        return Entry(
            part, number, more.pop("status", "failed"), answers or {"cell": 0, "depth": 0},
            **{"reason": "it broke", "cost": cost, "at": BEGAN + number, **more},
        )  # fmt: skip
    return Entry(
        part,
        number,
        more.pop("status", "ok"),
        answers if answers is not None else {"cell": 0, "depth": number % 3},
        objectives={"accuracy": accuracy, **more.pop("objectives", {})},
        cost={**cost, "seconds": seconds},
        epochs=({"val_accuracy": accuracy},) * more.pop("epochs", 2),
        fingerprint=more.pop("fingerprint", f"{part}{number}"),
        at=BEGAN + number,
        **more,
    )


SEARCH = [0.50, 0.60, 0.55, 0.70, 0.90, 0.91, 0.92, 0.93]
RANDOM = [0.40, 0.80, 0.50, 0.60, 0.70, 0.50, 0.55, 0.65]
PARAMS = [100, 800, 300, 400, 700, 200, 500, 600]


def searched() -> list[Entry]:
    return [child(n, value, PARAMS[n]) for n, value in enumerate(SEARCH)]


def drawn() -> list[Entry]:
    return [child(n, value, PARAMS[n], part="random") for n, value in enumerate(RANDOM)]


def again() -> list[Entry]:
    """Children 7 and 6, twice each."""
    values = [(7, 0.90, 0.88), (7, 0.92, 0.90), (6, 0.95, 0.80), (6, 0.93, 0.82)]
    return [
        child(
            n,
            accuracy,
            PARAMS[of],
            part="final",
            of=of,
            repeat=n % 2,
            answers={},
            objectives={"test_accuracy": test},
        )
        for n, (of, accuracy, test) in enumerate(values)
    ]
