"""Problems: what a set of answers means, and how it is found out what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from archspec.diagnostics import SpecError
from archspec.expand.resolved import resolved
from archspec.search.space import Answer, Choices, Space
from archspec.search.spec_space import SpecSpace, nothing_open
from archspec.search.strategies import ShouldStop
from archspec.trials.jobs import Work

from .identity import digest, digest_of_code
from .plan import space_as_json
from .training import Training


class Invalid(Exception):
    """There is no such child; the message says why."""


@dataclass(frozen=True, slots=True)
class Child:
    """What is known of a child before it is trained.

    fingerprint: what children with the same network have in common. cost: params and macs. spec: its
    text, where there is one.
    """

    answers: Mapping[str, Answer]
    fingerprint: str
    cost: Mapping[str, float] = field(default_factory=dict)
    spec: str = ""


class Problem(Protocol):
    """A space, and what its children are worth. name: for the reader. identity: digests of what the
    results depend on, by what that is; a search goes on only where they are the same."""

    @property
    def name(self) -> str: ...

    @property
    def space(self) -> Space: ...

    @property
    def identity(self) -> Mapping[str, str]: ...

    def child(self, answers: Choices) -> Child:
        """The child that a set of answers means. Raises Invalid."""

    def work(
        self,
        child: Child,
        *,
        epochs: int,
        seed: int,
        bars: ShouldStop | None = None,
        test: bool = False,
    ) -> Work:
        """What finds out what a child is worth; see `Training` for what it gives."""

    def written(self, answers: Choices, name: str, description: str) -> str | None:
        """The child as a spec of its own, where it is one."""


class OfSpec:
    """The children of an open spec, trained on a data set.

    data, settings: as `Training` takes them. latency: whether it is measured. plugins: files with the
    ops that the spec uses.
    """

    def __init__(
        self,
        found: SpecSpace,
        data: str,
        settings: Mapping[str, Any],
        *,
        latency: bool = False,
        plugins: tuple[str, ...] = (),
    ):
        if not found.space.decisions:
            raise nothing_open(found.program.name)
        self.found = found
        self.name = found.program.name
        self.space = found.space
        self.data = data
        self.settings = dict(settings)
        self.latency = latency
        self.plugins = tuple(str(Path(plugin).resolve()) for plugin in plugins)

    @property
    def identity(self) -> Mapping[str, str]:
        from archspec.expand import expand

        found = self.found
        written = resolved(expand(found.program, found.params, limit=found.limit), origins=False)
        return {
            "the space": digest(space_as_json(self.space), written),
            "the code": digest_of_code(self.plugins),
        }

    def child(self, answers: Choices) -> Child:
        """See `Problem.child`."""
        from archspec.api import child

        try:
            arch = child(self.found, answers)
        except SpecError as error:
            raise Invalid(error.diagnostics[0].message) from None
        cost = {
            name: value
            for name, value in (("params", arch.cost.params), ("macs", arch.cost.macs))
            if isinstance(value, int)
        }
        return Child(answers, arch.fingerprint, cost, arch.plain())

    def work(
        self,
        child: Child,
        *,
        epochs: int,
        seed: int,
        bars: ShouldStop | None = None,
        test: bool = False,
    ) -> Work:
        """See `Problem.work`."""
        return Training(
            child.spec,
            self.data,
            epochs,
            seed,
            self.settings,
            bars,
            self.latency,
            test,
            self.plugins,
        )

    def written(self, answers: Choices, name: str, description: str) -> str | None:
        """See `Problem.written`."""
        from archspec.api import child

        return child(self.found, answers).plain(name=name, description=description)


Measure = Callable[[Mapping[str, Any]], Mapping[str, float]]
"""Objectives by name, from the values of all decisions. It can be pickled."""


@dataclass(frozen=True)
class OfFunction:
    """Children of any space, worth what a function says: a table, a formula, a training of one's own.

    version: what the function's results depend on beside its code, such as a table's name.
    """

    space: Space
    measure: Measure
    name: str = "space"
    version: str = ""

    @property
    def identity(self) -> Mapping[str, str]:
        called = f"{self.measure.__module__}.{getattr(self.measure, '__qualname__', '')}"
        return {
            "the space": digest(space_as_json(self.space)),
            "the function": digest(called, self.version),
            "the code": digest_of_code(),
        }

    def child(self, answers: Choices) -> Child:
        """See `Problem.child`."""
        return Child(answers, repr(self.space.key(answers)))

    def work(self, child: Child, **_how: Any) -> Work:
        """See `Problem.work`; epochs and seed mean nothing to a function."""
        return Measured(self.measure, self.space.values(child.answers))

    def written(self, answers: Choices, name: str, description: str) -> str | None:
        """None: there is no spec."""
        return None


@dataclass(frozen=True)
class Measured:
    """What a function says of a child."""

    measure: Measure
    values: Mapping[str, Any]

    def __call__(self) -> dict[str, Any]:
        return {"status": "ok", "objectives": dict(self.measure(self.values))}
