"""What a connection's expansion works with: the scope that it builds into, and the builder."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any, Protocol

from archspec.codes.spec import BAD_VALUE
from archspec.diagnostics import SpecError

from .node import NOTHING, Argument, Block, Call, Node, Reference
from .tree import Module, Origin, Value

if TYPE_CHECKING:
    from .choice import Choice, Optional


class Env:
    """What names mean in expressions: values, and which of them depend on the image size.

    `tainted` names carry height, width or length; structure and weights must not depend on them.
    `waiting` names have no value, because of a mistake elsewhere.
    """

    __slots__ = ("tainted", "values", "waiting")

    def __init__(
        self,
        values: Mapping[str, Any],
        tainted: frozenset[str] = frozenset(),
        waiting: Set[str] = frozenset(),
    ):
        self.values = values
        self.tainted = tainted
        self.waiting = waiting

    def extended(self, values: Mapping[str, Any]) -> Env:
        """The same names and these."""
        tainted, waiting = self.tainted, self.waiting
        if not tainted.isdisjoint(values):
            tainted = tainted - values.keys()
        if not waiting.isdisjoint(values):
            waiting = waiting - values.keys()
        return Env({**self.values, **values}, tainted, waiting)


class Scope:
    """The module under construction: where names are found and where children go.

    names: what `from:` finds, the outputs of earlier nodes by name. A block's scope has no outer
    scope: it sees its own inputs and nothing else.
    """

    __slots__ = ("block", "env", "inner", "input", "lost", "module", "names", "origin", "outer")

    def __init__(
        self,
        module: Module,
        env: Env,
        origin: Origin,
        outer: Scope | None,
        input: tuple[Value, ...],
        block: Block | None,
    ):
        self.module = module
        self.env = env
        self.origin = origin
        self.outer = outer
        self.input = input
        self.block = block
        self.names: dict[str, tuple[Value, ...]] = {}
        self.inner: dict[str, Scope] = {}
        self.lost: list[Node] = []  # children that could not be built, whose names are not known

    def with_values(self, values: Mapping[str, Any], origin: Origin) -> Scope:
        """The same scope, seen from inside a loop: `values` are added to what names mean."""
        scope = Scope(
            self.module, self.env.extended(values), origin, self.outer, self.input, self.block
        )
        scope.names = self.names
        scope.inner = self.inner
        scope.lost = self.lost
        return scope


def entered(
    build: Builder, node: Node, scope: Scope, inputs: tuple[Value, ...]
) -> tuple[Value, ...]:
    """What a node takes whose content becomes part of the scope around it.

    There is no module of its own to be a head or to be initialised: saying so is an error.
    """
    common = node.common
    if common is NOTHING:
        return inputs
    own = {"train_only": common.train_only, "loss_weight": common.loss_weight, "init": common.init}
    for key, said in own.items():
        if said and not isinstance(node, Call):
            raise BAD_VALUE.error(
                node.span,
                f"`{key}` has no node here: the content becomes part of the scope around it",
                help="say it on the nodes inside",
            )
    return inputs if common.from_ is None else build.resolve(common.from_, scope)


def register(build: Builder, scope: Scope, children: tuple[Reference, ...]) -> None:
    """Note the children that come first in the `state_dict`; called when all are built."""
    for reference in children:
        if not isinstance(reference.name, str) or "." in reference.name:
            raise BAD_VALUE.error(reference.span, "`register` takes the names of children")
        if reference.name in scope.module.register:
            raise BAD_VALUE.error(reference.span, f"`{reference.name}` is named twice")
        build.resolve((reference,), scope)  # there must be such a child
        scope.module.register += (reference.name,)


class Builder(Protocol):
    """What `expand` gives to a connection: the ways to make children."""

    def choose(self, node: Node, scope: Scope, *, named: bool = False) -> Node | None:
        """The node itself, its `else`, or None, as its `when` says.

        The condition may depend on the image size where the node is `named`, so that no sibling is
        called otherwise without it, and has no weights.
        """

    def child(
        self, name: str | None, node: Node, scope: Scope, previous: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build a node as the child `name` (None: anonymous, must have no weights)."""

    def repeated(self, copies: int, node: Node, scope: Scope) -> None:
        """Count the copies of a loop, and what they build at the least, before the first is built."""

    def failed(self, error: SpecError, name: Any, node: Node, scope: Scope) -> tuple[Value, ...]:
        """Note what is wrong with a child and go on without it; gives an unknown output."""

    def decided(
        self, choice: Choice | Optional, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build the option that is chosen, in the place of the choice."""

    def skipped(
        self, name: str, node: Node, scope: Scope, previous: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Let `name` stand for the input of a node that `when` leaves out."""

    def call(
        self, call: Call, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build the call of an op or a block."""

    def operation(
        self, op: str, scope: Scope, inputs: tuple[Value, ...], node: Node, **args: Any
    ) -> tuple[Value, ...]:
        """Apply a catalogue op without weights, as an anonymous node."""

    def resolve(self, references: tuple[Reference, ...], scope: Scope) -> tuple[Value, ...]:
        """The values that names mean."""

    def keeps(self, start: Value, end: Value) -> bool:
        """Whether the body of a skip keeps the channels and the strides of its input."""

    def evaluate(self, argument: Argument, scope: Scope, *, structural: bool = False) -> Any:
        """The value of an argument; `structural` refuses what depends on the image size."""

    def name(self, template: Any, scope: Scope) -> str:
        """The name that a text or a template gives."""
