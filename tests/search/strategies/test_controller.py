"""The controller learns: rewarded options become likely, in every algorithm and preset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objectives, Result
from archspec.search.space import Answer, Decision, Space
from archspec.search.strategies import Controller
from archspec.search.strategies.presets import PRESETS, Settings

from ..runs import search
from ..spaces import accuracy, cells

BANDIT = Space((Decision("arm", "choice", tuple("abcd")),))

# What the third option brings is only there when it is chosen.
BRANCHED = Space(
    (
        Decision("kind", "choice", ("plain", "deep")),
        Decision("depth", "int", (2, 3, 4, 5), when=((("kind", 1),),)),
        Decision("rate", "float", low=1e-4, high=1.0, log=True),
        Decision("width", "int", tuple(range(16, 1041)), log=True),
    )
)


def learned(space: Space, judge: Any, children: int, **options: Any) -> Controller:
    controller = Controller(space, Objectives(), 5, **options)
    search(controller, children, judge)
    return controller


def third_arm(answers: Mapping[str, Answer]) -> Result:
    return accuracy(90.0 if answers["arm"] == 2 else 50.0)


@pytest.mark.parametrize(
    ("options", "children"),
    [
        ({}, 200),
        ({"advantage": "baseline", "lr": 0.02}, 400),
        ({"algorithm": "ppo", "steps": 4}, 200),
        ({"algorithm": "ppo", "steps": 4, "advantage": "baseline", "lr": 0.01}, 400),
        ({"share": True, "tanh": 2.5}, 300),
    ],
)
def test_a_rewarded_option_becomes_likely(options: dict[str, Any], children: int) -> None:
    before = Controller(BANDIT, Objectives(), 5, **options)
    after = learned(BANDIT, third_arm, children, **options)
    assert before.probabilities()["arm"][2] < 0.35
    assert after.probabilities()["arm"][2] > 0.75
    assert after.entropy() < before.entropy()
    assert before.entropy() == pytest.approx(math.log(4), abs=0.02)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_moves_towards_the_reward(preset: str) -> None:
    before = Controller(BANDIT, Objectives(), 5, preset=preset).probabilities()["arm"][2]
    after = learned(BANDIT, third_arm, 800, preset=preset).probabilities()["arm"][2]
    assert after > before


def test_one_step_of_ppo_without_a_bonus_is_one_of_reinforce() -> None:
    """With the probabilities that the children were drawn with, the ratio is 1 and its gradient
    that of the logarithm."""
    runs = [
        learned(cells().space, cells().result, 30, hidden=16, algorithm=algorithm)
        for algorithm in ("reinforce", "ppo")
    ]
    for one, other in zip(runs[0].policy.parameters, runs[1].policy.parameters):
        assert (one - other).abs().max() < 1e-5


def test_the_gradient_is_that_of_the_expected_reward() -> None:
    """The loss's gradient, by hand in float arithmetic: raising one logit of one decision."""
    controller = Controller(BANDIT, Objectives(), 5, entropy=0.0)
    children = [{"arm": n} for n in (0, 1, 2, 2)]
    now = controller.policy.evaluate(children)
    import torch

    gains = now.logs * torch.tensor([0.5, -1.0, 2.0, 0.25])[now.owners]
    (-gains.sum() / now.children).backward()
    probabilities = controller.probabilities()["arm"]
    advantages = {0: 0.5, 1: -1.0, 2: 2.25, 3: 0.0}
    expected = [-(advantages[k] - 1.75 * probabilities[k]) / 4 for k in range(4)]
    assert controller.policy.out.bias.grad.tolist() == pytest.approx(expected, abs=1e-6)


def test_what_was_drawn_has_the_probability_that_the_gradient_sees() -> None:
    """Drawing step by step and evaluating at once are two ways through the same network."""
    for options in ({}, {"layers": 2, "share": True, "tanh": 1.5}):
        controller = Controller(BRANCHED, Objectives(), 2, hidden=16, init=0.8, **options)
        policy = controller.policy
        randoms = [controller.random(n) for n in range(12)]
        answers, seen = policy.sample(randoms)
        now = policy.evaluate(answers)
        summed = [0.0] * 12
        for log, owner in zip(now.logs.tolist(), now.owners.tolist()):
            summed[owner] += log
        came = dict.fromkeys(seen, 0)
        for n, chosen in enumerate(answers):
            expected = 0.0
            for name in chosen:
                row = seen[name][came[name]]
                came[name] += 1
                expected += math.log(row[policy.classes[name].of(chosen[name])])
            assert summed[n] == pytest.approx(expected, abs=1e-4)
        assert {len(a) for a in answers} == {3, 4}  # with and without the depth


def test_decisions_that_depend_on_others_are_learned_where_they_are() -> None:
    def judge(answers: Mapping[str, Answer]) -> Result:
        return accuracy(60 + 15 * (answers["kind"] == 1) + 15 * (answers.get("depth") == 2))

    after = learned(BRANCHED, judge, 400).probabilities()
    assert after["kind"][1] > 0.75
    assert after["depth"][2] > 0.6


def test_ranges_are_learned_along_their_scale() -> None:
    def judge(answers: Mapping[str, Answer]) -> Result:
        near = abs(math.log10(answers["rate"]) + 3)  # best at 0.001, on a scale from 0.0001 to 1
        return accuracy(90 - 10 * near)

    controller = learned(BRANCHED, judge, 400)
    labels = controller.policy.classes["rate"].labels()
    likely = controller.probabilities()["rate"]
    near = sum(p for (low, high), p in zip(labels, likely) if low > 0.0003 and high < 0.0035)
    assert near > 0.6


def test_yes_no_decisions_are_held_at_the_target() -> None:
    space = Space(tuple(Decision(f"skip{n}", "choice", (False, True)) for n in range(3)))
    controller = learned(
        space, lambda _answers: accuracy(50.0), 200, skip_weight=0.8, skip_target=0.2, lr=0.02
    )
    for yes in (row[1] for row in controller.probabilities().values()):
        assert yes == pytest.approx(0.2, abs=0.05)


def test_the_reward_is_raised_to_a_power() -> None:
    controller = Controller(BANDIT, Objectives(), preset="zoph2017")
    for child in range(8):
        controller.tell(child, controller.ask(child), accuracy(80.0))
    assert controller.baseline == pytest.approx(0.8**3)


def test_a_moving_average_is_the_baseline() -> None:
    controller = Controller(BANDIT, Objectives(), batch=1, decay=0.9, advantage="baseline")
    for child, percent in enumerate((50.0, 100.0)):
        controller.tell(child, controller.ask(child), accuracy(percent))
    assert controller.baseline == pytest.approx(0.9 * 0.5 + 0.1 * 1.0)


def test_a_batch_of_one_is_not_standardised() -> None:
    with pytest.raises(UsageError, match="a batch of 1 cannot be standardised"):
        Controller(BANDIT, Objectives(), batch=1)


def test_equal_children_teach_nothing() -> None:
    controller = Controller(BANDIT, Objectives(), entropy=0.0)
    before = controller.probabilities()
    search(controller, 50, lambda _answers: accuracy(70.0))
    assert controller.probabilities() == before


def test_the_state_of_torch_is_left_alone() -> None:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.manual_seed(7)
    expected = torch.rand(3).tolist()
    torch.manual_seed(7)
    with torch.no_grad():
        learned(BANDIT, third_arm, 30)
    assert torch.rand(3).tolist() == expected
    assert torch.get_num_threads() == 2
    torch.set_num_threads(threads)


def test_the_presets_have_the_numbers_of_their_papers() -> None:
    zoph, nasnet, enas = (PRESETS[name] for name in ("zoph2017", "nasnet", "enas"))
    assert (zoph.layers, zoph.hidden, zoph.lr, zoph.init, zoph.power) == (2, 35, 6e-4, 0.08, 3)
    assert (nasnet.layers, nasnet.hidden, nasnet.lr, nasnet.init) == (1, 100, 3.5e-4, 0.1)
    assert (nasnet.algorithm, nasnet.entropy, nasnet.decay, nasnet.batch) == ("ppo", 1e-5, 0.95, 20)
    assert (enas.lr, enas.decay, enas.tanh, enas.entropy) == (1e-3, 0.99, 1.5, 1e-4)
    assert (enas.skip_target, enas.skip_weight) == (0.4, 0.8)


def test_every_setting_is_an_option() -> None:
    assert set(Controller.OPTIONS) == {"preset", *(f.name for f in fields(Settings))}
