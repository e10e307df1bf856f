"""The front, the means over time, the last trainings and the costs, by hand."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from archspec.cli.search_ import command as search
from archspec.search.objectives import Objective, Objectives
from archspec.trials.journal import Journal
from archspec.trials.report.costs import costs, reasons, slowest, total
from archspec.trials.report.document import Paragraph, Table, plain
from archspec.trials.report.fronts import fronts
from archspec.trials.report.progress import groups
from archspec.trials.report.record import Record
from archspec.trials.report.sections.repeating import command
from archspec.trials.report.sections.results import trained_again
from archspec.trials.search import Search

from .journals import SPACE, again, child, drawn, journal, plan, record, searched


def test_front_of_accuracy_and_parameters(tmp_path: Path) -> None:
    points = [(0.9, 100), (0.8, 50), (0.7, 80), (0.95, 200), (0.8, 50)]
    entries = [child(n, value, params) for n, (value, params) in enumerate(points)]
    entries[4] = child(4, 0.8, 50, same=1)
    random = [child(0, 0.5, 40, part="random")]
    found = fronts(record(tmp_path, [*entries, *random], plan=plan(top=0)))
    assert found is not None
    assert [entry.child for entry in found.on_search] == [3, 0, 1]
    assert (found.reference, found.ideal) == ((0.5, 200.0), (0.95, 40.0))
    assert found.box == pytest.approx(0.45 * 160)
    # After one child of each: 0.4 x 100, and nothing, for it is the worst itself.
    assert found.n == 1
    assert found.volumes == (pytest.approx(0.4 * 100), 0.0)


def test_front_of_what_the_plan_wants(tmp_path: Path) -> None:
    wanted = Objectives((Objective("accuracy"), Objective("latency", up=False)))
    points = [(0.9, 3.0), (0.8, 1.0), (0.7, 2.0)]
    entries = [child(n, a, 5, objectives={"latency": ms}) for n, (a, ms) in enumerate(points)]
    entries.append(child(3, 0.99, 5))  # its latency is not known
    found = fronts(record(tmp_path, entries, plan=plan(objectives=wanted, top=0)))
    assert found is not None and [entry.child for entry in found.on_search] == [0, 1]
    assert found.values(found.on_search[0]) == (0.9, 3.0)
    assert found.volumes == (pytest.approx(0.1 * 2.0), None)


def test_no_front_without_parameters(tmp_path: Path) -> None:
    assert fronts(record(tmp_path, [child(0, 0.5)], plan=plan())) is None


def test_means_of_batches(tmp_path: Path) -> None:
    entries = [*searched(), child(8, None), child(9, 0.5)]
    found, called = groups(record(tmp_path, entries, plan=plan(children=10)))
    assert called == "each batch of 4"
    # The third batch is not complete.
    assert [(g.first, g.last) for g in found] == [(0, 3), (4, 7)]
    assert found[0].mean is not None and found[0].mean.mean == pytest.approx(2.35 / 4)


def test_a_failed_child_has_no_part_in_a_mean(tmp_path: Path) -> None:
    entries = [child(0, 0.5), child(1, None), child(2, 0.7), child(3, None)]
    (only,), _called = groups(record(tmp_path, entries, plan=plan(children=4)))
    assert only.untrained == 2
    assert only.mean is not None and (only.mean.mean, only.mean.n) == (pytest.approx(0.6), 2)


def test_many_batches_are_taken_together(tmp_path: Path) -> None:
    entries = [child(n, 0.5) for n in range(100)]
    wanted = plan(children=100, strategy="random", options={"batch": 1})
    found, called = groups(record(tmp_path, entries, plan=wanted))
    assert called == "each 3 children" and len(found) == 33


@pytest.mark.parametrize(
    ("strategy", "options", "batch"),
    [
        ("evolution", {}, 4),
        ("controller", {"preset": "zoph2017"}, 8),
        ("controller", {"preset": "zoph2017", "batch": 3}, 3),
        ("nsga2", {}, 20),
    ],
)
def test_a_batch_is_that_of_the_strategy(
    strategy: str, options: dict[str, object], batch: int, tmp_path: Path
) -> None:
    assert record(tmp_path, plan=plan(strategy=strategy, options=options)).batch == batch


def test_the_best_trained_again_by_hand(tmp_path: Path) -> None:
    found = record(tmp_path, [*searched(), *drawn(), *again()], plan=plan())
    blocks = trained_again(found)
    (table,) = (block for block in blocks if isinstance(block, Table))
    rows = [[plain(cell) for cell in row] for row in table.rows]
    # Child 6: .95 and .93, test .80 and .82; child 7, which won the search: .90 and .92, .88 and .90.
    assert rows == [
        ["6", "92.0 %", "94.0 ± 1.4 %", "81.0 ± 1.4 %", "2", "0"],
        ["7", "93.0 %", "91.0 ± 1.4 %", "89.0 ± 1.4 %", "2", "0"],
    ]
    said = " ".join(plain(block.text) for block in blocks if isinstance(block, Paragraph))
    assert "The test split chose nothing" in said
    assert "best of random search was not trained again" in said
    assert (
        "child 7 was the best of the search, by one training; trained again, child 6 is ahead"
        in said
    )


def test_a_last_training_that_failed_is_counted(tmp_path: Path) -> None:
    finals = again()
    finals[1] = child(1, None, part="final", of=7, repeat=1)
    found = record(tmp_path, [*searched(), *finals], plan=plan())
    (table,) = (block for block in trained_again(found) if isinstance(block, Table))
    assert [plain(cell) for cell in table.rows[1]] == ["7", "93.0 %", "90.0 %", "88.0 %", "1", "1"]


def mixed() -> list:
    return [
        child(0, 0.5, seconds=1.0),
        child(1, 0.6, seconds=5.0),
        child(2, 0.5, seconds=0.0, epochs=0, fingerprint="search0", same=0),
        child(3, 0.1, seconds=3.0, epochs=1, status="stopped"),
        child(4, None, reason="out of memory"),
        child(5, None, reason="out of memory"),
        child(6, None, reason="macs > 300M", status="invalid"),
        child(0, 0.4, part="random", seconds=2.0),
    ]


def test_costs_by_hand(tmp_path: Path) -> None:
    found = record(tmp_path, mixed(), plan=plan())
    cost = costs(found)["search"]
    assert (cost.children, cost.unique, cost.known) == (7, 3, 1)
    assert (cost.invalid, cost.failed, cost.stopped) == (1, 2, 1)
    assert (cost.epochs, cost.seconds) == (5, 9.0)
    assert (cost.middle, cost.longest) == (3.0, 5.0)
    assert (total(found).children, total(found).epochs, total(found).seconds) == (8, 7, 11.0)
    assert reasons(found) == [
        ("failed", "out of memory", 2),
        ("invalid", "macs > 300M", 1),
    ]
    assert [(e.part, e.child) for e in slowest(found, 3)] == [
        ("search", 1),
        ("search", 3),
        ("random", 0),
    ]


@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ([], ["the search has 0 of 8 children"]),
        (searched()[:3], ["the search has 3 of 8 children"]),
        ([*searched(), *drawn()[:2]], ["random search beside it has 2 of 8 children"]),
        ([*searched(), *drawn(), *again()[:3]], ["the last trainings are 3 of 4"]),
        ([*searched(), *drawn(), *again()], []),
    ],
    ids=["nothing", "search", "random", "last", "finished"],
)
def test_what_is_missing_is_said(entries: list, missing: list[str], tmp_path: Path) -> None:
    said = record(tmp_path, entries, plan=plan()).missing
    assert [one for one in said if one in missing] == missing
    assert bool(said) == bool(missing)


def test_the_command_has_what_is_not_by_default(tmp_path: Path) -> None:
    wanted = plan(
        strategy="controller",
        options={"preset": "enas"},
        objectives=Objectives((Objective("accuracy"), Objective("params", up=False, target=5000))),
        training={"batch_size": 64},
        data="/images of mine",
        baseline=False,
        halving=3,
    )
    journal(tmp_path, plan=wanted)
    found = Record(tmp_path, Journal.read(tmp_path))
    assert command(found) is None  # it is not of a spec
    spec = {
        "spec": "cells.yaml",
        "text": None,
        "params": {"width": 8},
        "plugins": [],
        "limit": None,
    }
    about = {**found.header["space"], "spec": spec}
    found.header = {**found.header, "space": about}
    said = command(found)
    assert said is not None and said.replace(" \\\n ", "") == (
        "archspec search cells.yaml --set width=8 --strategy controller --option preset=enas "
        "--objective accuracy --objective params=5000 --children 8 --epochs 2 --halving 3 "
        "--data '/images of mine' --seed 0 --top 2 --repeats 2 --train batch_size=64 --no-baseline"
    )


def test_the_command_is_one_that_the_command_line_takes(tmp_path: Path) -> None:
    wanted = plan(
        max_epochs=100, hours=2.0, limit=30.0, final_epochs=9, halving=3, strategy="controller",
        options={"preset": "enas"}, training={"batch_size": 64}, baseline=False,
    )  # fmt: skip
    journal(tmp_path, plan=wanted)
    found = Record(tmp_path, Journal.read(tmp_path))
    spec = {"spec": "x", "text": None, "params": {"w": 8}, "plugins": [__file__], "limit": 99}
    found.header = {**found.header, "space": {**found.header["space"], "spec": spec}}
    _program, name, *words = shlex.split((command(found) or "").replace("\\\n", ""))
    given = search.make_context(name, words).params
    assert given.pop("limit_") == wanted.limit and given["limit"] == 99
    for name in (
        "strategy",
        "children",
        "max_epochs",
        "hours",
        "epochs",
        "halving",
        "data",
        "seed",
    ):
        assert given[name] == getattr(wanted, name), name
    for name in ("top", "repeats", "final_epochs"):
        assert given[name] == getattr(wanted, name), name
    assert given["no_baseline"] and given["options"] == ("preset=enas",)
    assert given["training"] == ("batch_size=64",) and given["settings"] == ("w=8",)


@pytest.mark.parametrize("finals", [[], again()[:2], again()[:3], again()])
def test_the_chosen_child_is_that_of_the_search(finals: list, tmp_path: Path) -> None:
    found = record(tmp_path, [*searched(), *finals], plan=plan())
    kept = Search(tmp_path, found.plan, None, found.journal).best()  # type: ignore[arg-type]
    assert found.chosen is kept
    assert found.chosen is not None and found.chosen.child == (6 if len(finals) == 4 else 7)


def test_answers_are_those_that_a_reader_knows(tmp_path: Path) -> None:
    found = record(tmp_path, plan=plan())
    entry = child(0, 0.5, answers={"cell": 1, "depth": 2, "skip": 0})
    assert found.answers(entry) == "cell = residual, depth = 3, skip = sum"
    assert found.answers(entry, 1) == "cell = residual, and 2 more"
    assert SPACE.size == found.size == 9
