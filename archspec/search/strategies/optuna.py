"""Optuna's samplers by ask and tell: TPE, and NSGA-II for several objectives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objectives
from archspec.search.space import Answer, Decision, Space

from .base import Strategy, Told, child_seed
from .options import Option

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.samplers import BaseSampler


class _Optuna(Strategy):
    """A study in memory, to which each batch is asked in order, and each child by a sampler of its own.

    A sampler draws from a random stream that moves on with every call. Made anew for each child, with
    the child's seed, it draws the same whatever was asked before. A child that is told without being
    asked, in a replay, is asked first, so that the study is the same; answers that it would not have
    given are refused.
    """

    directions: int = 1

    def __init__(self, space: Space, objectives: Objectives, seed: int = 0, **options: Any):
        super().__init__(space, objectives, seed, **options)
        try:
            import optuna
        except ImportError:
            raise UsageError(
                f"strategy `{self.name}` needs Optuna: pip install 'archspec[optuna]'"
            ) from None
        self._optuna = optuna
        with _quiet(optuna):
            self.study: Study = optuna.create_study(
                directions=["maximize"] * self.directions, sampler=self._sampler(0)
            )
        self._trials: dict[int, tuple[Trial, dict[str, Answer]]] = {}

    def _ask(self, child: int) -> Mapping[str, Answer]:
        first = self.told - len(self._open)
        if first not in self._trials:
            self._ask_batch(first)
        return self._trials[child][1]

    def _ask_batch(self, first: int) -> None:
        with _quiet(self._optuna):
            for child in range(first, first + self.batch):
                self.study.sampler = self._sampler(child_seed(self.seed, child, self.name) % 2**32)
                trial = self.study.ask()
                self._trials[child] = (trial, self._answers(trial))

    def _learn(self, batch: Sequence[Told]) -> None:
        if batch[0].child not in self._trials:
            self._ask_batch(batch[0].child)
        for told in batch:
            trial, answers = self._trials.pop(told.child)
            if answers != told.answers:
                raise ValueError(
                    f"child {told.child} was told with answers that `{self.name}` did not give: "
                    "this is the history of another search"
                )
            values = self._values(told)
            state = self._optuna.trial.TrialState.FAIL if values is None else None
            with _quiet(self._optuna):
                self.study.tell(trial, values, state=state)

    def _suggest(self, trial: Trial, decision: Decision) -> Answer:
        if not decision.options:
            return trial.suggest_float(decision.name, decision.low, decision.high, log=decision.log)
        if decision.kind == "choice":
            found: int = trial.suggest_categorical(decision.name, range(len(decision.options)))
            return found
        last = len(decision.options) - 1
        low, high = decision.options[0], decision.options[last]
        if decision.log and high - low == last:
            return trial.suggest_int(decision.name, low, high, log=True) - int(low)
        return trial.suggest_int(decision.name, 0, last)

    def _answers(self, trial: Trial) -> dict[str, Answer]:
        return self.space.choose(lambda decision: self._suggest(trial, decision))

    def _values(self, told: Told) -> Any:
        raise NotImplementedError

    def _sampler(self, seed: int) -> BaseSampler:
        raise NotImplementedError


class Tpe(_Optuna):
    """The tree-structured Parzen estimator (Bergstra et al. 2011) on the reward.

    The first `startup` children are random. Within a batch it takes children that are still open for
    bad ones, so that it does not ask for the same again ("constant liar").
    """

    name = "tpe"
    OPTIONS = {
        "startup": Option("how many of the first children are random", 10, low=1),
        "batch": Option("children asked for together", 4, low=1),
    }

    def _sampler(self, seed: int) -> BaseSampler:
        sampler: BaseSampler = self._optuna.samplers.TPESampler(
            n_startup_trials=self.options["startup"], constant_liar=True, seed=seed
        )
        return sampler

    def _values(self, told: Told) -> Any:
        return self.objectives.reward(told.result)


class Nsga2(_Optuna):
    """NSGA-II (Deb et al. 2002) on all objectives at once: a population spread along the front.

    A failed child has no place in it. All decisions of the space are in a child's genome, those that
    do not exist for it included: the sampler crosses only what all children have.
    """

    name = "nsga2"
    OPTIONS = {
        "population": Option("children of a generation", 20, low=2),
        "batch": Option("children asked for together", 20, low=1),
    }

    def __init__(self, space: Space, objectives: Objectives, seed: int = 0, **options: Any):
        self.directions = len(objectives.wanted)
        super().__init__(space, objectives, seed, **options)

    def _sampler(self, seed: int) -> BaseSampler:
        sampler: BaseSampler = self._optuna.samplers.NSGAIISampler(
            population_size=self.options["population"], seed=seed
        )
        return sampler

    def _answers(self, trial: Trial) -> dict[str, Answer]:
        genome = {d.name: self._suggest(trial, d) for d in self.space.decisions}
        return self.space.choose(lambda decision: genome[decision.name])

    def _values(self, told: Told) -> Any:
        return self.objectives.point(told.result)


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Optuna without its lines about every trial."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)
