"""The loop: what is asked, trained, noted and told, whatever carries it out and however it ends."""

from __future__ import annotations

import json
import random
import shutil
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objective, Objectives
from archspec.trials.engines import make_engine
from archspec.trials.engines.in_process import InProcess
from archspec.trials.journal import Entry, Journal, Session
from archspec.trials.plan import Plan
from archspec.trials.problem import OfFunction
from archspec.trials.run import Seen
from archspec.trials.search import Search

from .problems import (
    SMALL,
    SPACE,
    Analytic,
    Trained,
    fails_at_three,
    searched,
    total,
)


def planned(**more: Any) -> Plan:
    return Plan(**{"strategy": "controller", "children": 25, "top": 0, "baseline": False, **more})


def told(folder: Path) -> list[dict[str, Any]]:
    """The children of a journal without what no two runs have alike."""
    found = []
    for entry in sorted(Journal.read(folder).entries.values(), key=lambda entry: entry.key):
        line = json.loads(entry.line())
        line.pop("at")
        found.append(line)
    return found


@pytest.mark.parametrize(("engine", "workers"), [("pool", 1), ("pool", 2), ("pool", 3)])
def test_a_search_is_the_same_on_every_engine(tmp_path: Path, engine: str, workers: int) -> None:
    here = searched(tmp_path / "here", planned())
    there = searched(tmp_path / "there", planned(), engine=make_engine(engine, workers))
    assert here.digest == there.digest
    assert told(tmp_path / "here") == told(tmp_path / "there")


@pytest.mark.parametrize("strategy", ["controller", "evolution", "random", "tpe", "nsga2"])
def test_a_search_goes_on_from_any_point_as_if_nothing_had_been(
    tmp_path: Path, strategy: str
) -> None:
    plan = planned(strategy=strategy, children=30, baseline=True)
    whole = searched(tmp_path / "whole", plan)
    data = (tmp_path / "whole" / "journal.jsonl").read_bytes()
    lines = data.splitlines(keepends=True)
    cuts = random.Random(0).sample(range(2, len(lines)), 6)
    for cut in cuts:
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        torn = lines[cut][: len(lines[cut]) // 2]
        (folder / "journal.jsonl").write_bytes(b"".join(lines[:cut]) + torn)
        again = searched(folder, plan)
        assert again.digest == whole.digest
        assert told(folder) == told(tmp_path / "whole")


def test_a_search_that_is_done_does_nothing_more(tmp_path: Path) -> None:
    plan = planned(children=10)
    first = searched(tmp_path / "run", plan)
    before = told(tmp_path / "run")
    again = searched(tmp_path / "run", plan)
    assert again.digest == first.digest and told(tmp_path / "run") == before


def test_the_children_are_as_many_as_were_asked_for(tmp_path: Path) -> None:
    searched(tmp_path / "run", planned(children=23, baseline=True))
    journal = Journal.read(tmp_path / "run")
    assert [entry.child for entry in journal.part("search")] == list(range(23))
    assert [entry.child for entry in journal.part("random")] == list(range(23))


def test_another_seed_is_another_search(tmp_path: Path) -> None:
    a = searched(tmp_path / "a", planned(seed=0))
    b = searched(tmp_path / "b", planned(seed=1))
    assert a.digest != b.digest
    answers = [[e.answers for e in s.journal.part("search")] for s in (a, b)]
    assert answers[0] != answers[1]


def test_every_child_has_a_seed_of_its_own(tmp_path: Path) -> None:
    searched(tmp_path / "run", planned(strategy="evolution", baseline=True))
    seeds = [e.seed for e in Journal.read(tmp_path / "run").entries.values() if e.same is None]
    assert len(set(seeds)) == len(seeds)


def trained(plan: Plan, folder: Path, **more: Any) -> Journal:
    searched(folder, plan, Trained(SMALL, total), **more)
    return Journal.read(folder)


def test_children_with_the_same_network_are_trained_once(tmp_path: Path) -> None:
    plan = planned(strategy="random", children=6, options={"batch": 2})
    journal = trained(plan, tmp_path / "run")
    found = journal.part("search")
    by_sum: dict[str, int] = {}
    for entry in found:
        if entry.status == "invalid":
            assert entry.reason == "five is refused"
            continue
        first = by_sum.setdefault(entry.fingerprint, entry.child)
        assert entry.same == (None if first == entry.child else first)
        assert (entry.epochs == ()) == (first != entry.child)
    assert len(by_sum) == 3 and len(found) == 6


def test_twins_in_one_batch_are_trained_once(tmp_path: Path) -> None:
    plan = planned(strategy="random", children=6, options={"batch": 6})
    journal = trained(plan, tmp_path / "run", engine=make_engine("pool", 2))
    lone = [e for e in journal.part("search") if e.same is None and e.status == "ok"]
    assert len(lone) == len({entry.fingerprint for entry in lone}) == 3


def test_a_child_that_failed_is_noted_and_the_search_goes_on(tmp_path: Path) -> None:
    problem = OfFunction(SMALL, fails_at_three)
    search = searched(tmp_path / "run", planned(strategy="random", children=6), problem)
    found = search.journal.part("search")
    values = [(SMALL.values(e.answers)["a"], e.status, e.reason) for e in found]
    assert {(s, r) for a, s, r in values if a == 3} == {
        ("failed", "ArithmeticError: three is too many")
    }
    assert {s for a, s, _r in values if a != 3} == {"ok"}
    assert search.best() is not None


def test_a_space_that_is_used_up_ends_the_search(tmp_path: Path) -> None:
    journal = trained(planned(strategy="random", children=100), tmp_path / "run")
    assert len(journal.part("search")) == 6


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("most", [1, 7, 9, 12])
def test_a_budget_of_epochs_is_not_exceeded(tmp_path: Path, most: int, batch: int) -> None:
    plan = planned(
        strategy="evolution", children=200, max_epochs=most, epochs=3, options={"batch": batch}
    )
    journal = trained(plan, tmp_path / "run")
    found = journal.part("search")
    assert sum(len(entry.epochs) for entry in found) <= most
    # It ends with the first child for which there is no more than is left.
    assert sum(len(entry.epochs) for entry in found) == min(most // 3, 3) * 3
    assert [entry.child for entry in found] == list(range(len(found)))


def test_a_budget_of_epochs_is_kept_by_who_goes_on(tmp_path: Path) -> None:
    plan = planned(strategy="random", children=6, max_epochs=6, epochs=3, options={"batch": 3})
    whole = trained(plan, tmp_path / "whole")
    lines = whole.path.read_bytes().splitlines(keepends=True)
    for cut in range(2, len(lines)):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        (folder / "journal.jsonl").write_bytes(b"".join(lines[:cut]))
        trained(plan, folder)
        assert told(folder) == told(tmp_path / "whole")


def test_a_budget_of_hours_is_not_exceeded(tmp_path: Path) -> None:
    plan = Plan(hours=3 / 3600, top=1, repeats=2, strategy="random")
    problem = OfFunction(SPACE, Analytic(0.1))
    began = time.monotonic()
    searched(tmp_path / "run", plan, problem)
    assert time.monotonic() - began < 3.5
    journal = Journal.read(tmp_path / "run")
    assert journal.part("search") and len(journal.part("final")) == 2
    # Going on with it adds nothing: its time is used up but for what the last children had left.
    before = len(journal.part("search"))
    searched(tmp_path / "run", plan, problem)
    assert len(Journal.read(tmp_path / "run").part("search")) == before


def test_time_that_was_used_before_counts(tmp_path: Path) -> None:
    plan = Plan(hours=1.0, top=0, baseline=False)
    problem = OfFunction(SPACE, Analytic(0.1))
    search = Search.begin(tmp_path / "run", plan, problem)
    search.journal.begin(Session(0.0, "pool", 1))
    answers = SPACE.default()
    search.journal.append(
        Entry("random", 0, "ok", answers, objectives={"accuracy": 0.1}, at=3600.0)
    )
    search.close()
    searched(tmp_path / "run", plan, problem)
    assert Journal.read(tmp_path / "run").part("search") == []


@pytest.mark.parametrize(("priced", "children"), [(False, 10), (True, 7)])
def test_the_time_in_which_children_are_timed_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, priced: bool, children: int
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "time", lambda: now[0])

    def a_second(values: Any) -> dict[str, float]:
        now[0] += 1.0
        return Analytic()(values)

    plan = Plan(strategy="random", hours=10 / 3600, top=0, options={"batch": 1})
    problem = OfFunction(SPACE, a_second)
    search = Search.begin(tmp_path / "run", plan, problem)
    with InProcess() as engine:
        if priced:
            search.price(engine)  # of three children
        search.run(engine)
    search.close()
    assert len(search.journal.part("search")) == children
    # The journal has that time as well, for who goes on with it.
    assert Journal.read(tmp_path / "run").seconds == 10.0
    searched(tmp_path / "run", plan, problem)
    assert len(Journal.read(tmp_path / "run").part("search")) == children


def test_halving_stops_the_same_children_on_every_engine(tmp_path: Path) -> None:
    plan = planned(strategy="random", children=6, epochs=9, halving=3, options={"batch": 1})
    here = trained(plan, tmp_path / "here")
    trained(plan, tmp_path / "there", engine=make_engine("pool", 2))
    assert told(tmp_path / "here") == told(tmp_path / "there")
    statuses = {entry.status for entry in here.part("search")}
    assert "stopped" in statuses and "ok" in statuses
    assert all(
        len(entry.epochs) in (1, 3)
        for entry in here.part("search")
        if entry.status == "stopped" and entry.same is None
    )


def test_the_best_are_trained_again_from_other_seeds(tmp_path: Path) -> None:
    plan = planned(strategy="random", children=6, epochs=2, top=2, repeats=3, final_epochs=4)
    journal = trained(plan, tmp_path / "run")
    last = journal.part("final")
    reward = plan.objectives.reward
    search = [e for e in journal.part("search") if e.status == "ok" and e.same is None]
    best = sorted(search, key=lambda e: (-reward(e.result), e.child))[:2]
    assert [entry.of for entry in last] == [best[0].child] * 3 + [best[1].child] * 3
    assert [entry.repeat for entry in last] == [0, 1, 2] * 2
    assert all(len(entry.epochs) == 4 for entry in last)
    # The same seeds for each, so that they are compared with each other on the same ground.
    assert [e.seed for e in last[:3]] == [e.seed for e in last[3:]]
    assert len({e.seed for e in last}) == 3


def test_a_journal_of_another_search_is_not_gone_on_with(tmp_path: Path) -> None:
    searched(tmp_path / "run", planned(children=5))
    path = tmp_path / "run" / "journal.jsonl"
    text = path.read_text().replace('"cell":0', '"cell":1')
    path.write_text("".join(text.splitlines(keepends=True)[:4]))
    with pytest.raises(UsageError, match="not of this search"):
        searched(tmp_path / "run", planned(children=5))


def test_what_is_seen_is_in_order(tmp_path: Path) -> None:
    seen: list[Seen] = []
    plan = planned(children=10, baseline=True, top=1, repeats=2)
    searched(tmp_path / "run", plan, seen=seen.append)
    assert [s.part for s in seen] == sorted(
        (s.part for s in seen), key=["search", "random", "final"].index
    )
    search = [s for s in seen if s.part == "search"]
    assert all(b.done - a.done in (0, 1) for a, b in pairwise(search))
    assert search[0].done == 0 and search[-1].done == search[-1].total == 10
    assert search[-1].entropy is not None and search[-1].best is not None
    bests = [s.best for s in search if s.best is not None]
    assert bests == sorted(bests)


def test_several_objectives_are_told(tmp_path: Path) -> None:
    wanted = Objectives((Objective("accuracy"), Objective("params", up=False)))
    plan = planned(strategy="nsga2", children=40, objectives=wanted)
    journal = trained(plan, tmp_path / "run")
    assert Plan.from_json(journal.header["plan"]) == plan
    assert len(journal.part("search")) == 40


def test_a_copied_folder_goes_on_elsewhere(tmp_path: Path) -> None:
    searched(tmp_path / "run", planned(children=10))
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    assert searched(tmp_path / "copy", planned(children=10)).digest
