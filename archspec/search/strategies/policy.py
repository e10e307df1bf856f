"""The policy: an LSTM that makes the decisions of any space one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

from archspec.search.space import Answer, Choices, Decision, Space

from .classes import Classes
from .presets import Settings

if TYPE_CHECKING:
    from torch import Tensor


class Policy:
    """A distribution over the answers of a space, with parameters to learn.

    At each decision the LSTM takes in the answer before it and which decision this is, both embedded,
    and the decision's own linear layer gives the logits of its classes. Decisions that do not exist,
    and those with one option, are no steps. torch is imported when a policy is made; its parameters
    are float32 on the CPU, and all maths is done in one thread, where sums have one order.
    """

    def __init__(self, space: Space, settings: Settings, seed: int):
        import torch

        self.space = space
        self.settings = settings
        self.classes = {d.name: Classes(d) for d in space.decisions}
        self.steps = [d for d in space.decisions if self.classes[d.name].count > 1]
        self.number = {d.name: n for n, d in enumerate(self.steps)}
        self.head, sizes = self._heads()
        self.first_token = [1 + sum(sizes[:n]) for n in range(len(sizes))]  # 0: none before it
        self.generator = torch.Generator("cpu").manual_seed(seed % 2**63)
        width, kind = settings.hidden, {"device": "cpu", "dtype": torch.float32}
        with torch.random.fork_rng(devices=[]):  # torch draws parameters from the global stream
            self.lstm = torch.nn.LSTM(width, width, settings.layers, **kind)
            self.before = torch.nn.Embedding(1 + sum(sizes), width, **kind)
            self.which = torch.nn.Embedding(max(len(self.steps), 1), width, **kind)
            self.out = torch.nn.Linear(width, max(sum(sizes), 1), **kind)
        self.sizes = sizes
        modules = (self.lstm, self.before, self.which, self.out)
        self.parameters: list[Any] = [p for module in modules for p in module.parameters()]
        with torch.no_grad():
            for parameter in self.parameters:
                parameter.uniform_(-settings.init, settings.init, generator=self.generator)

    def _heads(self) -> tuple[list[int], list[int]]:
        """The head of every step, and the number of classes of every head."""
        heads: dict[Any, int] = {}
        sizes: list[int] = []
        found = []
        for n, d in enumerate(self.steps):
            same = (d.kind, d.options, d.low, d.high, d.log) if self.settings.share else n
            if same not in heads:
                heads[same] = len(sizes)
                sizes.append(self.classes[d.name].count)
            found.append(heads[same])
        return found, sizes

    def sample(
        self, randoms: Sequence[Random]
    ) -> tuple[list[dict[str, Answer]], dict[str, list[list[float]]]]:
        """Answers for some children, each by its own random numbers, and for every decision the
        probabilities of its classes, for each child that came to it."""
        import torch

        chosen: list[dict[str, Answer]] = [{} for _ in randoms]
        seen: dict[str, list[list[float]]] = {}
        with torch.inference_mode(), one_thread():
            weights, biases = self._out()
            cells = self.lstm.all_weights
            shape = (len(randoms), self.settings.hidden)
            zeros = torch.zeros(shape, device="cpu", dtype=torch.float32)
            state = [(zeros.clone(), zeros.clone()) for _ in cells]
            tokens = torch.zeros(len(randoms), device="cpu", dtype=torch.long)
            for decision in self.space.decisions:
                rows = [n for n, answers in enumerate(chosen) if decision.exists(answers)]
                step = self.number.get(decision.name)
                if step is None:
                    for n in rows:
                        chosen[n][decision.name] = _only(decision)
                if step is None or not rows:
                    continue
                head = self.head[step]
                at = None if len(rows) == len(randoms) else torch.tensor(rows, device="cpu")
                before = tokens if at is None else tokens[at]
                flows = self.before(before) + self.which.weight[step]
                for layer, cell in enumerate(cells):
                    h, c = state[layer]
                    held = (h, c) if at is None else (h[at], c[at])
                    flows, kept = torch.lstm_cell(flows, held, *cell)
                    if at is None:
                        state[layer] = flows, kept
                    else:
                        h[at], c[at] = flows, kept
                logits = self._bounded(flows @ weights[head].T + biases[head])
                probabilities = logits.softmax(1).tolist()
                seen[decision.name] = probabilities
                numbers = [_pick(randoms[n], p) for n, p in zip(rows, probabilities, strict=True)]
                classes = self.classes[decision.name]
                for n, number in zip(rows, numbers, strict=True):
                    chosen[n][decision.name] = classes.draw(number, randoms[n])
                after = torch.tensor(numbers, device="cpu") + self.first_token[head]
                if at is None:
                    tokens = after
                else:
                    tokens[at] = after
        return chosen, seen

    def evaluate(self, children: Sequence[Choices]) -> Evaluated:
        """The log probabilities of answers given before, for the gradient."""
        import torch

        inputs: list[list[tuple[int, int, int]]] = []  # step, token before it, class
        for answers in children:
            token, steps = 0, []
            for step, decision in enumerate(self.steps):
                if decision.name in answers:
                    number = self.classes[decision.name].of(answers[decision.name])
                    steps.append((step, token, number))
                    token = self.first_token[self.head[step]] + number
            inputs.append(steps)
        longest = max(map(len, inputs))
        padded = torch.zeros(2, longest, len(children), device="cpu", dtype=torch.long)
        by_head: dict[int, list[tuple[int, int, int, int]]] = {}  # place, class, child, step
        for child, steps in enumerate(inputs):
            if steps:
                padded[:, : len(steps), child] = torch.tensor(
                    [s[:2] for s in steps], device="cpu"
                ).T
            for n, (step, _token, number) in enumerate(steps):
                place = n * len(children) + child
                by_head.setdefault(self.head[step], []).append((place, number, child, step))
        left, _ = self.lstm(self.which(padded[0]) + self.before(padded[1]))
        flat = left.flatten(0, 1)
        weights, biases = self._out()
        rows = []
        for head in sorted(by_head):
            places, numbers, owners, steps_ = torch.tensor(by_head[head], device="cpu").T
            logits = self._bounded(flat[places] @ weights[head].T + biases[head])
            logs = logits.log_softmax(1)
            rows.append((logs.gather(1, numbers[:, None])[:, 0], logs, owners, steps_))
        return Evaluated(rows, len(children))

    def _out(self) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
        """The weights and the biases of every head."""
        if not self.sizes:
            return (), ()
        return self.out.weight.split(self.sizes), self.out.bias.split(self.sizes)

    def _bounded(self, logits: Tensor) -> Tensor:
        return self.settings.tanh * logits.tanh() if self.settings.tanh else logits


class Evaluated:
    """The log probabilities of the answers of some children, decision by decision.

    rows: for each head the log probability of each answer, those of all its classes, and the number
    of its child and its step. children: how many there are.
    """

    def __init__(self, rows: Sequence[tuple[Tensor, Tensor, Tensor, Tensor]], children: int):
        import torch

        self.rows = rows
        self.children = children
        self.logs = torch.cat([row[0] for row in rows])
        self.owners = torch.cat([row[2] for row in rows])

    def entropy(self) -> Tensor:
        """In nats, the sum over the decisions of a child, in the mean over the children."""
        total: Any = 0.0
        for _log, logs, _owners, _steps in self.rows:
            total = total - (logs.exp() * logs).sum()
        return total / self.children


def mean_probabilities(
    classes: Mapping[str, Classes], seen: Mapping[str, list[list[float]]]
) -> dict[str, list[float]]:
    """The probabilities of every decision's classes, in the mean over the children that came to it."""
    return {
        name: [sum(row[n] for row in rows) / len(rows) for n in range(classes[name].count)]
        for name, rows in seen.items()
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """torch's maths in one thread, and as many as before afterwards."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _only(decision: Decision) -> Answer:
    """The answer of a decision that has but one."""
    return 0 if decision.options else decision.low


def _pick(random: Random, probabilities: Sequence[float]) -> int:
    left = random.random()
    for number, probability in enumerate(probabilities):
        left -= probability
        if left < 0:
            return number
    return max(range(len(probabilities)), key=probabilities.__getitem__)
