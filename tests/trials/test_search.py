"""A search in a folder, of the networks for the digits that the smallest shipped space has."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.api import load_space
from archspec.diagnostics import UsageError
from archspec.search.objectives import Objective, Objectives
from archspec.trials.engines.in_process import InProcess
from archspec.trials.journal import Journal
from archspec.trials.plan import Plan
from archspec.trials.problem import Child, OfFunction
from archspec.trials.search import Search, problem_of

from .problems import SMALL, SPACE, Analytic, searched, total

pytest.importorskip("lightning")

SPEC = """\
archspec: 1
name: tiny
input: [1, 8, 8]
stages:
  conv: {conv: {choice: [4, 8]}, kernel: {choice: [1, 3]}, padding: half}
  pool: global_avg_pool
  flatten: flatten
  fc: {linear: 10}
"""
PLAN = {
    "children": 3,
    "epochs": 1,
    "strategy": "random",
    "training": {"limit_train": 128},
    "top": 1,
    "repeats": 2,
}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(SPEC)
    return path


def begun(spec: Path, folder: Path, **more: Any) -> Search:
    plan = Plan(**{**PLAN, **more})
    how = {"spec": str(spec), "text": None, "params": {}, "plugins": [], "limit": None}
    return Search.begin(folder, plan, problem_of(load_space(spec), plan), how)


def run(search: Search) -> Search:
    with InProcess() as engine:
        search.run(engine)
    search.close()
    return search


def test_networks_are_trained_and_the_best_is_a_spec(spec: Path, tmp_path: Path) -> None:
    search = run(begun(spec, tmp_path / "run"))
    best = search.best()
    assert best is not None
    arch = archspec.load(tmp_path / "run" / "best.yaml")
    child = archspec.child(load_space(spec), best.answers)
    assert arch.fingerprint == child.fingerprint == best.fingerprint
    assert arch.name == f"tiny-{best.child}"
    assert f"Child {best.child} of tiny: accuracy" in arch.description
    assert arch.description.endswith(" after 1 epoch on digits.")
    assert archspec.compile(tmp_path / "run" / "best.yaml") is not None
    for entry in search.journal.part("search"):
        assert entry.status == "ok" and 0 < entry.objectives["accuracy"] <= 1
        assert entry.cost["params"] > 0 and entry.cost["macs"] > 0 and entry.cost["seconds"] > 0
        assert (
            len(entry.epochs) == 1
            and entry.epochs[0]["val_accuracy"] == entry.objectives["accuracy"]
        )
    last = search.journal.part("final")
    assert len(last) == 2 and all("test_accuracy" in entry.objectives for entry in last)


def test_a_child_is_built_once_and_once_more_to_be_written(tmp_path: Path) -> None:
    built: list[Any] = []
    written: list[Any] = []

    class Counted(OfFunction):
        def child(self, answers: Any) -> Child:
            built.append(answers)
            return super().child(answers)

        def written(self, answers: Any, name: str, description: str) -> str:
            written.append(answers)
            return f"{name}: {description}"

    plan = Plan(strategy="random", children=6, top=0)
    search = searched(tmp_path / "run", plan, Counted(SMALL, total))
    found = search.journal.part("search")
    assert built == [entry.answers for entry in found]
    best = -1.0
    bests = []
    for entry in found:
        if entry.objectives["accuracy"] > best:
            best = entry.objectives["accuracy"]
            bests.append(entry)
    assert written == [entry.answers for entry in bests] and len(bests) > 1
    assert (tmp_path / "run" / "best.yaml").read_text().startswith(f"space-{bests[-1].child}: ")


def test_no_child_of_the_search_sees_the_test_split(spec: Path, tmp_path: Path) -> None:
    search = run(begun(spec, tmp_path / "run"))
    assert not any("test_accuracy" in e.objectives for e in search.journal.part("search"))


def test_where_there_is_no_test_split_the_best_are_trained_again_without(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from archspec.train import read_data
    from archspec.trials import training

    data = replace(read_data("digits"), test=None)
    monkeypatch.setattr(training, "_data", lambda _name, _seed: data)
    search = run(begun(spec, tmp_path / "run"))
    last = search.journal.part("final")
    assert [entry.status for entry in last] == ["ok", "ok"]
    assert all(set(entry.objectives) == {"accuracy"} for entry in last)


def test_a_search_goes_on_from_its_folder_alone(spec: Path, tmp_path: Path) -> None:
    whole = run(begun(spec, tmp_path / "run"))
    cut = tmp_path / "cut"
    shutil.copytree(tmp_path / "run", cut)
    lines = (cut / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (cut / "journal.jsonl").write_bytes(b"".join(lines[:3]))
    again = run(Search.resume(cut))
    assert again.digest == whole.digest

    def found(search: Search) -> Any:
        return [
            (e.key, e.objectives, e.epochs)
            for e in sorted(search.journal.entries.values(), key=lambda e: e.key)
        ]

    assert found(again) == found(whole)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("[4, 8]", "[4, 16]"),
        lambda text: text.replace("global_avg_pool", "{avg_pool: 8}"),
        lambda text: text.replace("flatten: flatten", "flatten: flatten\n  drop: {dropout: 0.5}"),
    ],
)
def test_a_space_that_has_changed_is_refused(spec: Path, tmp_path: Path, change: Any) -> None:
    run(begun(spec, tmp_path / "run"))
    spec.write_text(change(SPEC))
    with pytest.raises(UsageError, match="the space of the search in .* has changed"):
        Search.resume(tmp_path / "run")


def test_a_comment_changes_no_space(spec: Path, tmp_path: Path) -> None:
    run(begun(spec, tmp_path / "run"))
    spec.write_text("# A note.\n" + SPEC)
    Search.resume(tmp_path / "run").close()


def test_code_that_has_changed_is_refused(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(begun(spec, tmp_path / "run"))
    monkeypatch.setattr("archspec.trials.identity._own_code", lambda: "another")
    with pytest.raises(UsageError, match="the code of the search in .* has changed"):
        Search.resume(tmp_path / "run")


def test_a_function_that_has_changed_is_refused(tmp_path: Path) -> None:
    plan = Plan(children=3, top=0)
    searched(tmp_path / "run", plan, OfFunction(SMALL, total, version="1"))
    with pytest.raises(UsageError, match="the function of the search"):
        searched(tmp_path / "run", plan, OfFunction(SMALL, total, version="2"))
    with pytest.raises(UsageError, match="gone on with from Python"):
        Search.resume(tmp_path / "run")


def test_a_search_that_did_not_begin_leaves_nothing(spec: Path, tmp_path: Path) -> None:
    begun(spec, tmp_path / "run").close()
    assert not (tmp_path / "run").exists()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "notes.txt").touch()
    begun(spec, tmp_path / "own").close()
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["notes.txt"]


def test_a_spec_that_leaves_nothing_open_is_refused(spec: Path, tmp_path: Path) -> None:
    spec.write_text(SPEC.replace("{choice: [4, 8]}", "4").replace("{choice: [1, 3]}", "1"))
    with pytest.raises(UsageError, match="`tiny` leaves nothing open"):
        begun(spec, tmp_path / "run")


def test_an_objective_that_is_not_measured_is_refused(spec: Path, tmp_path: Path) -> None:
    wanted = Objectives((Objective("accuracy"), Objective("beauty")))
    with pytest.raises(UsageError, match="no `beauty`: there are accuracy, latency"):
        begun(spec, tmp_path / "run", objectives=wanted)


def test_latency_is_measured_where_it_is_wanted(spec: Path, tmp_path: Path) -> None:
    wanted = Objectives((Objective("accuracy"), Objective("latency", up=False)))
    search = run(begun(spec, tmp_path / "run", objectives=wanted, top=0))
    assert all(0 < e.objectives["latency"] < 1000 for e in search.journal.part("search"))


def test_a_child_that_diverges_is_noted_as_failed(spec: Path, tmp_path: Path) -> None:
    search = run(begun(spec, tmp_path / "run", training={"lr": 1e30, "limit_train": 128}, top=0))
    found = search.journal.part("search")
    assert {entry.status for entry in found} == {"failed"}
    assert search.best() is None and not (tmp_path / "run" / "best.yaml").exists()


def test_the_rest_of_a_search_is_priced_by_what_is_known(tmp_path: Path, spec: Path) -> None:
    search = begun(spec, tmp_path / "run", children=4, top=0)
    with InProcess() as engine:
        search.run(engine)
        price = search.price(engine)
    assert price.parts["search"][0] == 0
    assert price.epoch > 0
    search.close()


def test_the_best_is_that_of_the_last_trainings(tmp_path: Path) -> None:
    problem = OfFunction(SPACE, Analytic())
    search = searched(tmp_path / "run", Plan(children=8, top=2, repeats=2, baseline=False), problem)
    journal = Journal.read(tmp_path / "run")
    first, second = dict.fromkeys(e.of for e in journal.part("final"))
    text = journal.path.read_text().splitlines(keepends=True)
    worse = [
        line.replace('"accuracy":', '"accuracy":0.0, "was":') if f'"of":{first}' in line else line
        for line in text
    ]
    journal.path.write_text("".join(worse))
    again = Search(tmp_path / "run", search.plan, problem, Journal.read(tmp_path / "run"))
    best = again.best()
    assert best is not None and best.child == second
