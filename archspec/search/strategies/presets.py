"""Presets of the controller: the settings of the papers, and one that learns at a small budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from .options import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of the controller; `OPTIONS` says what each is."""

    batch: int
    layers: int
    hidden: int
    init: float
    algorithm: str = "reinforce"
    lr: float
    advantage: str = "baseline"
    decay: float = 0.95
    entropy: float = 0.0
    power: float = 1.0
    clip: float = 0.2
    steps: int = 1
    tanh: float = 0.0
    share: bool = False
    skip_target: float = 0.4
    skip_weight: float = 0.0


ZOPH2017 = Settings(batch=8, layers=2, hidden=35, init=0.08, lr=6e-4, power=3.0)
"""Zoph & Le 2017, "Neural architecture search with reinforcement learning", sections 3.2 and 4.1: an
LSTM of two layers of 35, drawn within ±0.08, Adam at 0.0006, REINFORCE with a moving average of the
rewards as baseline, the reward the accuracy cubed, 8 children per replica. Its 100 replicas, which
stepped without waiting for each other, trained 12,800 children on 800 GPUs. The decay of the average
is not said; 0.95 is NASNet's."""

NASNET = Settings(
    batch=20, layers=1, hidden=100, init=0.1, algorithm="ppo", lr=3.5e-4, entropy=1e-5, steps=4
)
"""Zoph et al. 2018, "Learning transferable architectures for scalable image recognition", appendix
A.1: an LSTM of one layer of 100, drawn within ±0.1, PPO at 0.00035, entropy 0.00001, a moving average
with decay 0.95, 20 architectures per update, 20,000 children. PPO's clip of 0.2 is Schulman et al.'s;
its number of steps is not said."""

ENAS = Settings(
    batch=20,
    layers=1,
    hidden=64,
    init=0.1,
    lr=1e-3,
    decay=0.99,
    entropy=1e-4,
    tanh=1.5,
    share=True,
    skip_weight=0.8,
)
"""Pham et al. 2018, "Efficient neural architecture search via parameter sharing", by its published
code for the macro space: an LSTM of one layer of 64, Adam at 0.001, decay 0.99, entropy 0.0001,
logits within ±1.5 by a tanh, one softmax for all choices of the same kind, and skip connections held
at 40 % by a divergence of weight 0.8. Its shared weights are no part of this."""

SMALL_BUDGET = Settings(
    batch=5,
    layers=1,
    hidden=100,
    init=0.1,
    lr=3.5e-3,
    advantage="standardised",
    entropy=0.1,
)
"""What learns within some hundred children: NASNet's LSTM at ten times its rate, rewards standardised
within small batches, and enough entropy that it does not settle on what it happened to see first.
Found by measuring, not in a paper; see docs/search-statistics.md."""

PRESETS: Mapping[str, Settings] = {
    "small-budget": SMALL_BUDGET,
    "zoph2017": ZOPH2017,
    "nasnet": NASNET,
    "enas": ENAS,
}

_ABOUT: Mapping[str, tuple[str, dict[str, Any]]] = {
    "batch": ("children per gradient step", {"low": 1}),
    "layers": ("layers of the LSTM", {"low": 1, "high": 8}),
    "hidden": ("their width", {"low": 1, "high": 4096}),
    "init": ("bound within which parameters are drawn", {"low": 0}),
    "algorithm": ("how rewards become a gradient", {"among": ("reinforce", "ppo")}),
    "lr": ("learning rate of Adam", {"low": 0}),
    "advantage": (
        "reward less its moving average, or standardised within the batch",
        {"among": ("baseline", "standardised")},
    ),
    "decay": ("decay of the moving average", {"low": 0, "high": 1}),
    "entropy": ("weight of the entropy bonus, in nats per child", {"low": 0}),
    "power": ("the reward is raised to this", {"low": 0}),
    "clip": ("PPO: how far a probability's ratio may move", {"low": 0}),
    "steps": ("PPO: gradient steps per batch", {"low": 1}),
    "tanh": ("bound of the logits by a tanh; 0 for none", {"low": 0}),
    "share": ("one softmax for all decisions with the same options", {}),
    "skip_target": ("part of the yes/no decisions that should be yes", {"low": 0.01, "high": 0.99}),
    "skip_weight": ("weight of the divergence from that; 0 for none", {"low": 0}),
}

OPTIONS: Mapping[str, Option] = {
    "preset": Option("the settings that the others change", "small-budget", among=tuple(PRESETS)),
    **{
        field.name: Option(
            _ABOUT[field.name][0], getattr(SMALL_BUDGET, field.name), **_ABOUT[field.name][1]
        )
        for field in fields(Settings)
    },
}
"""The options of the controller; the defaults are those of `small-budget`."""
