"""The controller: a recurrent network that learns, by policy gradients, which children are good."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import fields
from random import Random
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objectives
from archspec.search.space import Answer, Space

from .base import Strategy, Told, child_seed
from .policy import Policy, mean_probabilities, one_thread
from .presets import OPTIONS, PRESETS, Settings

if TYPE_CHECKING:
    from torch import Tensor

    from .policy import Evaluated

LOOKS = 64
"""How many children are drawn to see what the controller prefers."""


class Controller(Strategy):
    """Zoph & Le's controller over the decisions of any space; see `Policy`.

    After each batch it takes a gradient step: REINFORCE (Williams 1992), or several of PPO's
    (Schulman et al. 2017), with the ratio clipped decision by decision. The advantage of a child is
    its reward less a moving average of the rewards before its batch (the first batch's own mean, for
    the first), or its reward standardised within the batch. A bonus rewards entropy.

    preset: where the settings come from, `small-budget` if not said; other options change single
    ones. Needs torch.
    """

    name = "controller"
    OPTIONS = OPTIONS

    def __init__(self, space: Space, objectives: Objectives, seed: int = 0, **options: Any):
        preset = options.get("preset", "small-budget")
        if isinstance(preset, str) and preset in PRESETS:
            named = {f.name: getattr(PRESETS[preset], f.name) for f in fields(Settings)}
            options = {"preset": preset, **named, **options}
        super().__init__(space, objectives, seed, **options)
        try:
            import torch
        except ImportError:
            raise UsageError(
                "strategy `controller` needs torch: pip install 'archspec[torch]'"
            ) from None
        self.settings = Settings(**{f.name: self.options[f.name] for f in fields(Settings)})
        if self.batch == 1 and self.settings.advantage == "standardised":
            raise UsageError(
                "a batch of 1 cannot be standardised, and teaches nothing: give `controller` a "
                "larger batch, or advantage=baseline"
            )
        with one_thread():
            self.policy = Policy(space, self.settings, child_seed(seed, 0, "controller parameters"))
        self.optimizer = torch.optim.Adam(self.policy.parameters, lr=self.settings.lr, fused=True)
        self.baseline: float | None = None
        self._asked: tuple[int, list[dict[str, Answer]]] = (-1, [])

    def _ask(self, child: int) -> Mapping[str, Answer]:
        # A whole batch at once: it is quicker, and a row's last bit may depend on its neighbours.
        first = self.told - len(self._open)
        if self._asked[0] != first:
            randoms = [self.random(n) for n in range(first, first + self.batch)]
            self._asked = (first, self.policy.sample(randoms)[0])
        return self._asked[1][child - first]

    def _learn(self, batch: Sequence[Told]) -> None:
        import torch

        rewards = [self._reward(told) for told in batch]
        advantages = torch.tensor(self._advantages(rewards), device="cpu", dtype=torch.float32)
        answers = [told.answers for told in batch]
        if not any(step.name in each for step in self.policy.steps for each in answers):
            return
        with torch.enable_grad(), one_thread():
            if self.settings.algorithm == "ppo":
                with torch.no_grad():
                    old = self.policy.evaluate(answers).logs
                for _ in range(self.settings.steps):
                    now = self.policy.evaluate(answers)
                    self._step(now, self._clipped(now, old, advantages))
            else:
                now = self.policy.evaluate(answers)
                self._step(now, now.logs * advantages[now.owners])

    def _clipped(self, now: Evaluated, old: Tensor, advantages: Tensor) -> Tensor:
        ratio = (now.logs - old).exp()
        advantage = advantages[now.owners]
        near = ratio.clamp(1 - self.settings.clip, 1 + self.settings.clip)
        return (ratio * advantage).minimum(near * advantage)

    def _step(self, now: Evaluated, gains: Tensor) -> None:
        loss = -gains.sum() / now.children - self.settings.entropy * now.entropy()
        if self.settings.skip_weight:
            loss = loss + self.settings.skip_weight * self._divergence(now)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def _divergence(self, now: Evaluated) -> Any:
        """ENAS's penalty: the divergence of yes/no decisions from how often they should be yes."""
        target = self.settings.skip_target
        total: Any = 0.0
        for _log, logs, _owners, steps in now.rows:
            options = self.policy.steps[int(steps[0])].options
            if options in ((False, True), (True, False)) and isinstance(options[0], bool):
                wanted = [target if option else 1 - target for option in options]
                for n, part in enumerate(wanted):
                    total = total + (logs[:, n].exp() * (logs[:, n] - math.log(part))).sum()
        return total / now.children

    def _reward(self, told: Told) -> float:
        reward = self.objectives.reward(told.result)
        # A power keeps the sign of a reward below 0, and the order of all.
        return math.copysign(abs(reward) ** self.settings.power, reward)

    def _advantages(self, rewards: Sequence[float]) -> list[float]:
        mean = sum(rewards) / len(rewards)
        baseline = mean if self.baseline is None else self.baseline
        decay = self.settings.decay
        self.baseline = decay * baseline + (1 - decay) * mean
        if self.settings.advantage == "baseline":
            return [reward - baseline for reward in rewards]
        deviation = math.sqrt(sum((reward - mean) ** 2 for reward in rewards) / len(rewards))
        # The mean of equal numbers may be another in its last bit, which would be all there is.
        if min(rewards) == max(rewards) or not deviation:
            return [0.0] * len(rewards)
        return [(reward - mean) / deviation for reward in rewards]

    def probabilities(self) -> dict[str, list[float]]:
        """For every decision the probability of each class, in the mean over children as they would
        be drawn now that come to the decision. `policy.classes[name].labels()` names the classes."""
        return mean_probabilities(self.policy.classes, self._look())

    def entropy(self) -> float:
        """In nats, of a child's decisions together, in the mean over children as they would be drawn
        now. It falls from the logarithm of the number of children towards 0."""
        rows = (row for rows in self._look().values() for row in rows)
        return -sum(p * math.log(p) for row in rows for p in row if p > 0) / LOOKS

    def _look(self) -> dict[str, list[list[float]]]:
        randoms = [Random(child_seed(self.seed, n, "controller look")) for n in range(LOOKS)]
        return self.policy.sample(randoms)[1]

    def _learned(self) -> bytes:
        """Parameters, what the optimizer keeps of each, the baseline, and the generator."""
        parts = []
        for parameter in self.policy.parameters:
            parts.append(parameter.detach().numpy().tobytes())
            kept = self.optimizer.state.get(parameter, {})
            parts += [kept[name].numpy().tobytes() for name in sorted(kept)]
        parts.append(struct.pack("<d", math.nan if self.baseline is None else self.baseline))
        parts.append(self.policy.generator.get_state().numpy().tobytes())
        return b"".join(parts)
