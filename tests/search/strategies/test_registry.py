"""Strategies by name, and what is said of names, options and values that are none."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objectives
from archspec.search.strategies import STRATEGIES, make_strategy

from ..spaces import cells


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_is_made_by_its_name(name: str) -> None:
    strategy = make_strategy(name, cells().space, Objectives(), seed=1)
    assert type(strategy) is STRATEGIES[name]
    assert strategy.name == name
    assert strategy.options == {n: strategy.options[n] for n in STRATEGIES[name].OPTIONS}


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("evolutoin", {}, "there is no strategy `evolutoin`: did you mean `evolution`?"),
        ("grid", {}, "there are evolution, controller, random, tpe, nsga2"),
        ("evolution", {"popluation": 5}, "no option `popluation`: did you mean `population`?"),
        ("random", {"temperature": 5}, "no option `temperature`: it has batch"),
        ("evolution", {"population": 0}, "is 0: expected a whole number from 1"),
        ("evolution", {"population": 2.5}, "is 2.5: expected a whole number from 1"),
        ("evolution", {"population": True}, "is True: expected a whole number from 1"),
        ("evolution", {"identity": 1.5}, "is 1.5: expected a number from 0 to 1"),
        ("evolution", {"identity": float("nan")}, "is nan: expected a number from 0 to 1"),
        ("controller", {"preset": "zoph"}, "expected one of small-budget, zoph2017, nasnet, enas"),
        ("controller", {"algorithm": "a2c"}, "expected one of reinforce, ppo"),
        ("controller", {"share": 1}, "is 1: expected true or false"),
        ("controller", {"preset": ["nasnet"]}, "expected one of small-budget"),
    ],
)
def test_what_is_none_is_refused(name: str, options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        make_strategy(name, cells().space, Objectives(), **options)


def test_a_preset_is_changed_by_the_options_beside_it() -> None:
    strategy = make_strategy(
        "controller", cells().space, Objectives(), preset="nasnet", lr=1, hidden=12
    )
    assert strategy.options["algorithm"] == "ppo"
    assert strategy.options["lr"] == 1.0
    assert strategy.batch == 20


MISSING = """
import sys
sys.modules[sys.argv[2]] = None
from archspec.search.objectives import Objectives
from archspec.search.space import Decision, Space
from archspec.search.strategies import make_strategy
try:
    make_strategy(sys.argv[1], Space((Decision("a", "choice", (1, 2)),)), Objectives())
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("controller", "torch", "torch"), ("tpe", "optuna", "optuna"), ("nsga2", "optuna", "optuna")],
)
def test_a_package_that_is_missing_is_said_with_the_extra_that_brings_it(
    name: str, package: str, extra: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING, name, package], capture_output=True, text=True
    )
    assert done.stdout.startswith(f"UsageError strategy `{name}` needs"), done.stderr
    assert f"pip install 'archspec[{extra}]'" in done.stdout


def test_strategies_that_learn_by_counting_import_neither_torch_nor_optuna() -> None:
    code = (
        "import sys\nfrom archspec.search.objectives import Objectives\n"
        "from archspec.search.space import Decision, Space\n"
        "from archspec.search.strategies import make_strategy\n"
        "space = Space((Decision('a', 'choice', (1, 2)),))\n"
        "for name in ('random', 'evolution'): make_strategy(name, space, Objectives()).ask(0)\n"
        "print([m for m in ('torch', 'optuna', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
