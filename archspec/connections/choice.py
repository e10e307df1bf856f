"""Choices: what a spec leaves open as a value, as a node or as the inputs of a node, and how it is
decided while the network is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from archspec.codes.spaces import MISPLACED, SAME_DECISION
from archspec.diagnostics import Label, Span
from archspec.fields import Field

from .building import Builder, Scope
from .node import Argument, ChildNode, Connection, Node, Read, Reference, _RefersTo
from .tree import Value

MOST_OPTIONS = 10_000
SHARED = "one decision for all uses of the block that this stands in"


class Asked(NamedTuple):
    """One decision of one expansion: what it is called, what there is to choose from, and where.

    options: as a reader knows them; empty for a range of floats. key: the choice as written.
    """

    name: str
    kind: Literal["choice", "int", "float"]
    options: tuple[Any, ...]
    low: float
    high: float
    log: bool
    default: int | float
    spans: tuple[Span, ...]
    choice: Any
    origin: Any
    shared: bool = False


class Decisions:
    """The decisions of one expansion: answers by name, and what was asked for, in order.

    What has no answer is decided as the spec says where nobody chooses.
    """

    def __init__(self, answers: Mapping[str, int | float] | None = None):
        self.answers = dict(answers or {})
        self.asked: dict[str, Asked] = {}

    def ask(self, asked: Asked) -> int | float:
        """The answer. Raises SpecError where another choice has the name."""
        known = self.asked.setdefault(asked.name, asked)
        if asked.shared and known.choice.span == asked.choice.span:
            return self.answers.get(asked.name, known.default)
        if known.choice is not asked.choice or known.origin is not asked.origin:
            raise SAME_DECISION.error(
                asked.choice.span,
                f"two decisions are called `{asked.name}`",
                labels=(Label(known.choice.span, "the other one"),)
                if known.choice is not asked.choice
                else (),
                help="give one of the nodes a name, or make the choice a parameter",
            )
        return self.answers.get(asked.name, asked.default)


@dataclass(frozen=True, slots=True, eq=False)
class OpenValue:
    """A choice or a range where a value stands.

    key: the key that it stands at, and items of lists on the way. options: arguments by the label
    that a reader knows them by; none for a range of floats.
    """

    key: str
    span: Span
    kind: Literal["choice", "int", "float"]
    labels: tuple[Any, ...] = ()
    options: tuple[Argument, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    default: int | float = 0
    shared: bool = False
    named: bool = False
    """The options stand by name, and not in a list."""

    @property
    def names(self) -> frozenset[str]:
        """The names that the options' expressions read."""
        return frozenset().union(*(_names(option.value) for option in self.options))

    def evaluate(self, _env: Mapping[str, Any]) -> Any:
        """Nothing decides a choice in such a place. Raises SpecError."""
        raise MISPLACED.error(
            self.span,
            "a choice cannot stand here",
            help="make it the default of a parameter: `params: {name: {choice: [...]}}`",
        )

    def asked(self, name: str, origin: Any) -> Asked:
        """The decision that this is under a name."""
        spans = tuple(option.span for option in self.options) or (self.span,)
        return Asked(
            name,
            self.kind,
            self.labels,
            self.low,
            self.high,
            self.log,
            self.default,
            spans,
            self,
            origin,
            self.shared,
        )

    def written(self, options: Sequence[Any] | None = None) -> dict[str, Any]:
        """The choice as a spec has it; `options`: what to write for them."""
        data: dict[str, Any]
        if self.kind == "float":
            data = {"range": [self.low, self.high], "log": self.log, "default": self.default}
        elif self.kind == "int":
            step = self.labels[1] - self.labels[0]
            data = {"range": [int(self.low), int(self.high)], "step": step}
            data["default"] = self.labels[int(self.default)]
        else:
            values = [option.value for option in self.options] if options is None else options
            data = {"choice": dict(zip(self.labels, values, strict=True)) if self.named else values}
            default = int(self.default)
            data["default"] = self.labels[default] if self.named else values[default]
        if self.default == (self.low if self.kind == "float" else 0):
            del data["default"]
        return {**data, **({"shared": True} if self.shared else {})}

    def value(self, answer: int | float) -> Any:
        """What an answer comes to, expressions not evaluated."""
        return self.options[int(answer)].value if self.options else float(answer)


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset().union(*map(_names, value))
    if isinstance(value, dict):
        return frozenset().union(*map(_names, value.values()))
    return getattr(value, "names", frozenset())


def is_open(value: Any) -> bool:
    """Whether a value holds a choice."""
    if isinstance(value, tuple):
        return any(map(is_open, value))
    if isinstance(value, dict):
        return any(map(is_open, value.values()))
    return isinstance(value, OpenValue)


@dataclass(frozen=True, slots=True, eq=False)
class OpenReference:
    """Inputs that are chosen, or left over: an item of `from:` or of an op's inputs.

    kind: `optional` (each of the names is in or out), `choice` (one of them) or `unused` (those that
    no node has taken). names: as written; an expression gives a list of names.
    """

    key: str
    span: Span
    kind: Literal["optional", "choice", "unused"]
    names: tuple[Reference, ...]
    default: int = 0
    shared: bool = False

    @property
    def name(self) -> str:
        return self.kind

    def written(self) -> dict[str, Any]:
        """The inputs as a spec has them."""
        names = [reference.name for reference in self.names]
        data: dict[str, Any] = {self.kind: names[0] if len(names) == 1 else names}
        if self.default:
            data["default"] = "absent" if self.kind == "optional" else names[self.default]
        return {**data, **({"shared": True} if self.shared else {})}


class Option(NamedTuple):
    """One option of a choice of nodes."""

    label: str
    node: Node
    span: Span


class Options(tuple[Option, ...]):
    """The options of a choice of nodes, in order."""


class Choice(Connection):
    """`choice:` one of several nodes."""

    key: ClassVar[str] = "choice"
    choice: Annotated[Options, Read("options"), _RefersTo("options")] = Field(
        description="the nodes to choose from, by name; words such as `[relu, gelu]` may stand in a "
        "list, and so may values where a value stands"
    )
    default: Annotated[str | None, _RefersTo(None, {})] = Field(
        None, description="the option where nobody chooses; otherwise the first"
    )
    shared: bool = Field(False, description=SHARED)
    slot = ""
    """The key of a connection that this stands at, for a node without a name."""

    def nodes(self) -> Iterator[Node]:
        return (option.node for option in self.choice)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(option.label for option in self.choice)

    def asked(self, name: str, origin: Any) -> Asked:
        """The decision that this is under a name."""
        default = 0 if self.default is None else self.labels.index(self.default)
        spans = tuple(option.span for option in self.choice)
        return Asked(
            name, "choice", self.labels, 0, 0, False, default, spans, self, origin, self.shared
        )

    def option(self, answer: int | float) -> tuple[str, Node | None]:
        """The option that an answer means, and its label."""
        chosen = self.choice[int(answer)]
        return chosen.label, chosen.node

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        return build.decided(self, None, scope, inputs)


class Optional(Connection):
    """`optional:` a node, or the identity in its place."""

    key: ClassVar[str] = "optional"
    optional: ChildNode = Field(
        description="the node; where it is left out, its input goes through"
    )
    default: Literal["present", "absent"] = Field(
        "present", description="`present` or `absent`, where nobody chooses"
    )
    shared: bool = Field(False, description=SHARED)
    slot = ""

    labels = ("present", "absent")

    def nodes(self) -> Iterator[Node]:
        yield self.optional

    def asked(self, name: str, origin: Any) -> Asked:
        """The decision that this is under a name."""
        default = self.labels.index(self.default)
        spans = (self.optional.span, self.span)
        return Asked(
            name, "choice", self.labels, 0, 0, False, default, spans, self, origin, self.shared
        )

    def option(self, answer: int | float) -> tuple[str, Node | None]:
        """The node, or None for the identity, and what to call it."""
        return self.labels[int(answer)], self.optional if answer == 0 else None

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        return build.decided(self, None, scope, inputs)
