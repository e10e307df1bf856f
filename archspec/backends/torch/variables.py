"""Variables: what values are called in `forward`, and what stands in a signature."""

from __future__ import annotations

from typing import Any

from archspec.expand import Network

from .calls import attribute
from .literals import usable
from .skeleton import Class, Done

WIDTH = 100


def hint(values: tuple[Any, ...]) -> str:
    names = []
    for value in values:
        name = type(value).__name__
        if isinstance(value, tuple):
            name = f"tuple[{', '.join(type(v).__name__ for v in value)}]"
        if value is None:
            name = "None"
        if name not in names:
            names.append(name)
    if set(names) == {"int", "float"}:
        return "float"
    return " | ".join(names)


def signature(name: str, params: list[str], result: str) -> list[str]:
    one = f"    def {name}({', '.join(params)}) -> {result}:"
    if len(one) <= WIDTH:
        return [one]
    two = f"        {', '.join(params)}"
    if len(two) <= WIDTH:
        return [f"    def {name}(", two, f"    ) -> {result}:"]
    return [f"    def {name}(", *(f"        {p}," for p in params), f"    ) -> {result}:"]


def input_names(cls: Class, network: Network, is_root: bool) -> list[str]:
    unit = cls.first.unit
    if is_root:
        return ["x"] if len(network.inputs) == 1 else list(network.inputs)
    names: list[str] = []
    for value in unit.ins:
        name = "x" if not names else (value.path.rpartition(".")[2] or "y")
        if not usable(name) or name in names:
            name = f"y{len(names)}"
        names.append(name)
    return names


class Variables:
    """Which variable holds which value: a value that is read for the last time gives up its name."""

    def __init__(self, steps: list[Done], outputs: tuple[int, ...], inputs: list[str]):
        self.inputs = inputs
        self.of: dict[int, str] = dict(enumerate(inputs))
        self.last: dict[int, int] = {}
        self.position = -1
        for i, done in enumerate(steps):
            for operand in done.operands:
                self.last[operand] = i
        for value in outputs:
            self.last[value] = len(steps)

    def assign(self, done: Done) -> list[str]:
        """Names for the results of the next step."""
        self.position += 1
        if done.is_own and not done.train_only:  # an attribute needs no variable
            (result,) = done.results
            assert done.member is not None
            self.of[result] = attribute(done.member)
            self.last.setdefault(result, self.position)
            return [self.of[result]]
        held = [self.of[n] for n in dict.fromkeys(done.operands) if self.last[n] == self.position]
        free = [name for name in held if usable(name)]
        targets: list[str] = []
        for result in done.results:
            busy = {
                self.of[n]
                for n, last in self.last.items()
                if n in self.of and last > self.position and n != result
            }
            if len(done.results) > 1 or done.train_only or not free:
                name = self._fresh(done, busy | set(targets))
            else:
                name = free[0]
            targets.append(name)
            self.of[result] = name
            self.last.setdefault(result, self.position)
        return targets

    def _fresh(self, done: Done, busy: set[str]) -> str:
        wanted = done.branch if done.branch.isidentifier() else ""
        if not done.train_only and not wanted.startswith(("branch", "path")) and "out" not in busy:
            wanted = "out"
        base = wanted or "y"
        name, n = base, 2
        while name in busy or not usable(name):
            name, n = f"{base}{n}", n + 1
        return name
