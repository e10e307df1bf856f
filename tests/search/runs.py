"""A search in a loop: what an engine does, without training."""

from __future__ import annotations

import random
from collections.abc import Callable

from archspec.search.objectives import Result
from archspec.search.space import Answer, Choices
from archspec.search.strategies import Strategy

History = list[tuple[int, dict[str, Answer], Result]]


def search(
    strategy: Strategy,
    children: int,
    judge: Callable[[Choices], Result],
    shuffle: random.Random | None = None,
) -> History:
    """Ask for children batch by batch, and tell what the judge says of them. With `shuffle` each
    batch is asked in another order, some children twice."""
    history: History = []
    for first in range(0, children, strategy.batch):
        batch = list(range(first, min(first + strategy.batch, children)))
        order = batch
        if shuffle is not None:
            order = shuffle.sample(batch, len(batch)) + shuffle.choices(batch, k=2)
        asked = {child: strategy.ask(child) for child in order}
        for child in batch:
            result = judge(asked[child])
            strategy.tell(child, asked[child], result)
            history.append((child, asked[child], result))
    return history


def replay(strategy: Strategy, history: History) -> Strategy:
    """Tell a strategy a history that it was never asked for."""
    for child, answers, result in history:
        strategy.tell(child, answers, result)
    return strategy
