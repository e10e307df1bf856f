"""What was learned: counted by hand, and asked of a strategy that was rebuilt."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from archspec.search.objectives import Objectives
from archspec.search.space import Decision, Space
from archspec.search.strategies import make_strategy
from archspec.trials.journal import Entry
from archspec.trials.report.learned import learned

from .journals import SPACE, child, journal, plan, record


def children(strategy: str, count: int, **options: object) -> list[Entry]:
    """What a strategy asks for where residual is good."""
    made = make_strategy(strategy, SPACE, Objectives(), 0, **options)
    found: list[Entry] = []
    while len(found) < count:
        batch = range(len(found), len(found) + made.batch)
        asked = {n: made.ask(n) for n in batch}
        for n, answers in asked.items():
            found.append(child(n, 0.5 + 0.4 * answers["cell"], answers=answers))
            made.tell(n, answers, found[-1].result)
    return found


def test_options_are_counted_in_a_window(tmp_path: Path) -> None:
    # Twelve children, a window of ten: at 10, 11 and 12.
    answers = [{"cell": 0, "depth": 0}] * 6 + [{"cell": 1, "depth": 2, "skip": 1}] * 6
    entries = [child(n, 0.5, answers=a) for n, a in enumerate(answers)]
    found = learned(record(tmp_path, entries, plan=plan(children=12)))
    assert (found.window, list(found.at)) == (10, [10, 11, 12])
    assert found.lines["cell"] == [[0.6, 0.5, 0.4], [0.4, 0.5, 0.6]]
    assert found.lines["depth"][1] == [0.0, 0.0, 0.0]
    assert found.lines["skip"] == [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    # Two decisions at even odds, and one that is always made alike.
    assert found.entropy[1] == pytest.approx(2 * math.log(2))
    assert found.change("cell") == pytest.approx(0.2) and found.change("skip") == 0
    assert found.last("depth") == ("3", pytest.approx(0.6))
    assert set(found.by_change[:2]) == {"cell", "depth"}


def test_a_decision_that_nobody_came_to_is_unknown(tmp_path: Path) -> None:
    entries = [child(n, 0.5, answers={"cell": 0, "depth": n % 3}) for n in range(12)]
    found = learned(record(tmp_path, entries, plan=plan(children=12)))
    assert found.lines["skip"] == [[None] * 3, [None] * 3]
    assert found.last("skip") is None and found.change("skip") == 0
    assert set(found.by_change) == {"cell", "depth"}


def test_random_search_is_counted_alike(tmp_path: Path) -> None:
    same = [child(n, 0.5, answers={"cell": 0, "depth": 0}) for n in range(12)]
    other = [
        child(n, 0.5, part="random", answers={"cell": n % 2, "depth": 0, "skip": 0})
        for n in range(11)
    ]
    found = learned(record(tmp_path, [*same, *other], plan=plan(children=12)))
    assert found.entropy == [0.0, 0.0, 0.0]
    # Five of each in every ten of them; random search has no twelfth child.
    assert found.beside is not None
    assert found.beside[0] == pytest.approx(math.log(2))
    assert found.beside[1] == pytest.approx(math.log(2))
    assert found.beside[2] is None


def test_ranges_are_named_by_their_parts(tmp_path: Path) -> None:
    space = Space(
        (
            Decision("width", "int", tuple(range(1, 129))),
            Decision("lr", "float", low=0.01, high=1.0, log=True),
        )
    )
    entries = [child(n, 0.5, answers={"width": n, "lr": 0.5}) for n in range(12)]
    found = learned(record(tmp_path, entries, plan=plan(children=12), space=space))
    assert found.labels["width"][0] == "1 to 8" and len(found.labels["width"]) == 16
    assert found.labels["lr"][-1] == "0.75 to 1"
    assert all(
        sum(p or 0 for p in column) == pytest.approx(1) for column in zip(*found.lines["lr"])
    )


def test_the_controller_is_asked_as_it_was(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    entries = children("controller", 40)
    found = learned(record(tmp_path, entries, plan=plan(strategy="controller", children=40)))
    made = make_strategy("controller", SPACE, Objectives(), 0)
    assert found.window is None and list(found.at) == list(range(0, 41, 5))
    assert found.entropy[0] == made.entropy()
    for entry in entries:
        made.tell(entry.child, entry.answers, entry.result)
    assert found.entropy[-1] == made.entropy()
    now = made.probabilities()
    assert [line[-1] for line in found.lines["cell"]] == now["cell"]
    # 3 plain ones, and 3 x 2 residual ones.
    assert found.ceiling == pytest.approx(math.log(9))
    assert found.entropy[0] <= found.ceiling


def test_children_after_a_gap_were_not_told(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    entries = children("controller", 20)
    del entries[12]
    found = learned(record(tmp_path, entries, plan=plan(strategy="controller", children=20)))
    assert list(found.at) == [0, 5, 10]


def test_without_torch_the_controllers_children_are_counted(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    entries = children("controller", 20)
    journal(tmp_path / "run", entries, plan=plan(strategy="controller", children=20, top=0))
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'torch':\n"
        "            raise ImportError('torch is blocked')\n"
        "sys.meta_path.insert(0, Block())\n"
        "from pathlib import Path\n"
        "from archspec.trials.report import write_report\n"
        f"write_report(Path({str(tmp_path / 'run')!r}))\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "run" / "report.md").read_text()
    assert "could not be rebuilt" in said and "needs torch" in said
    assert "among the last 10 children" in said


def test_a_strategy_with_no_probabilities_needs_no_torch(tmp_path: Path) -> None:
    entries = children("evolution", 24)
    journal(tmp_path / "run", entries, plan=plan(children=24, top=0))
    code = (
        "import sys\nfrom pathlib import Path\nfrom archspec.trials.report import write_report\n"
        f"write_report(Path({str(tmp_path / 'run')!r}))\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
