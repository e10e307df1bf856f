"""Scopes and names of an expansion: what a name means, and where an error happened."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

from archspec.codes.expressions import UNKNOWN_NAME
from archspec.codes.network import AMBIGUOUS_OMISSION, SIZE_DEPENDENT, TOO_MANY_NODES, UNKNOWN_NODE
from archspec.codes.spec import BAD_VALUE, SAME_NAME
from archspec.connections import (
    UNKNOWN,
    Argument,
    Call,
    Choice,
    Module,
    Node,
    Optional,
    Reference,
    Scope,
    Sequence,
    Value,
    Waiting,
)
from archspec.connections.node import NOTHING, Common
from archspec.diagnostics import (
    Diagnostic,
    Frame,
    Label,
    Span,
    SpecError,
    counted,
    did_you_mean,
    listed,
)
from archspec.expressions import Expression, spend
from archspec.expressions.values import written
from archspec.names import check_name
from archspec.ops import catalogue
from archspec.schema.refusals import hint

from .counting import Counting
from .parameters import LITERAL, evaluate, names_read
from .program import Program

MAX_NODES = 100_000
MAX_DEPTH = 64
EDGES = 5
"""Tensors that may flow into nodes and out of them, times the most nodes."""
WORK = 15
"""What expressions and the parameters of blocks may go through, times the most nodes."""


class Scoping:
    """Modules by name in the scopes of one program."""

    def __init__(self, program: Program, limit: int = MAX_NODES):
        self.program = program
        self.limit = limit
        self.count = 0
        self.copies = 0
        self.edges = 0
        self.most_edges = EDGES * limit
        self.deepest = 0
        self.counting = Counting(program)
        self.ops = catalogue()
        self.good_names = {name for file in program.files.values() for name in file.reader.refused}
        """Names of children that were found good, or of which all is said."""

    def resolve(self, references: tuple[Reference, ...], scope: Scope) -> tuple[Value, ...]:
        """The values that names mean."""
        values: list[Value] = []
        for reference in references:
            name: Any = reference.name
            if not isinstance(name, str):
                name = self._said(name, scope)
            found = self._find(str(name), scope)
            if found is None and _lost(scope):
                raise Waiting
            if found is None:
                raise self._located(self._unknown_node(str(name), reference.span, scope), scope)
            if not found:
                raise self._located(
                    AMBIGUOUS_OMISSION.error(
                        reference.span,
                        f"`{name}` is left out by its `when`, and has several inputs",
                        help="give it an `else:`",
                    ),
                    scope,
                )
            values += found
        return tuple(values)

    def evaluate(self, argument: Argument, scope: Scope, *, structural: bool = False) -> Any:
        """The value of an argument; `structural` refuses what depends on the image size."""
        value = argument.value
        if type(value) in LITERAL:
            return value
        if structural:
            self._check_untainted(argument, scope)
        if scope.env.waiting and names_read(value) & scope.env.waiting:
            raise Waiting
        try:
            if type(value) is Expression:
                return value.evaluate(scope.env.values)
            return evaluate(value, scope.env.values)
        except SpecError as error:
            raise self._located(error, scope) from None

    def name(self, template: Any, scope: Scope) -> str:
        """The name that a text or a template gives."""
        return template if isinstance(template, str) else str(self._said(template, scope))

    def _said(self, template: Any, scope: Scope) -> Any:
        """What an expression or a template gives where a name is to stand."""
        if names_read(template) & scope.env.waiting:
            raise Waiting
        return self._guard(lambda: template.evaluate(scope.env.values), scope)

    def _check_untainted(self, argument: Argument, scope: Scope) -> None:
        if not scope.env.tainted:
            return
        read = names_read(argument.value) & scope.env.tainted
        if read:
            raise self._located(
                SIZE_DEPENDENT.error(
                    argument.span,
                    f"structure cannot depend on the image size (`{sorted(read)[0]}`)",
                    help="make it a parameter, or read `in_channels`",
                ),
                scope,
            )

    def foresee(self, stages: Sequence) -> None:
        """Refuse a network that is too large before any of it is built."""
        for item in stages.items:
            if self.counting.child(item.node) > self.limit:
                raise self._too_many(item.node)
        if self.counting.inside(stages) > self.limit:
            raise self._too_many(stages)

    def repeated(self, copies: int, node: Node, scope: Scope) -> None:
        """Count the copies of a loop, and what they build at the least, before the first is built."""
        self.copies += copies
        if self.count + copies * self.counting.copy(node) > self.limit:
            raise self.stop(self._too_many(node), scope)
        if self.copies > self.limit or not spend(copies * (1 + len(scope.env.values) // 16)):
            raise self.stop(
                TOO_MANY_NODES.error(
                    node.span,
                    f"the loops of the spec go round more than {self.limit:,} times",
                    help="`--max-nodes` raises the limit",
                ),
                scope,
            )

    def _connect(self, tensors: int, node: Node, scope: Scope) -> None:
        """Count the tensors that flow into a node and out of it."""
        self.edges += tensors
        if self.edges > self.most_edges:
            raise self.stop(
                TOO_MANY_NODES.error(
                    node.span,
                    f"the network has more than {EDGES * self.limit:,} connections",
                    help="`--max-nodes` raises the limit, which is five for a node",
                ),
                scope,
            )

    def _module(self, name: str | None, kind: Any, node: Node, scope: Scope) -> Module:
        self.count += 1
        if self.count > self.limit:
            raise self.stop(self._too_many(node), scope)
        parent = scope.module
        if parent.depth > MAX_DEPTH:  # of blocks alone the builder says more
            raise self.stop(
                TOO_MANY_NODES.error(
                    node.span,
                    f"nodes stand more than {MAX_DEPTH} deep inside each other",
                    help="blocks whose body is one other block can be that block",
                ),
                scope,
            )
        if name is not None:
            owner = parent
            while not owner.named and owner.parent is not None:  # its children are its parent's
                owner = owner.parent
            taken = owner.taken
            if name in taken or (name in scope.names and name != "input"):
                raise self._located(
                    SAME_NAME.error(node.span, f"two nodes here are called `{name}`"), scope
                )
            if name not in self.good_names:
                try:
                    check_name(name, node.span)
                except SpecError as error:
                    raise self._located(error, scope) from None
                self.good_names.add(name)
            taken.add(name)
        module = Module(name or "", kind, parent, node, scope.origin, named=name is not None)
        if module.depth > self.deepest:
            self.deepest = module.depth
        if node.common is not NOTHING:
            self._say(module, node.common, scope)
        parent.children.append(module)
        return module

    def _say(self, module: Module, common: Common, scope: Scope) -> None:
        """Give a module what its node says beside what it is."""
        if common.train_only:
            module.train_only = True
        if common.loss_weight is not None:
            weight = self.evaluate(common.loss_weight, scope)
            number = isinstance(weight, int | float) and not isinstance(weight, bool)
            if not number or not 0 <= weight < inf:
                raise self._located(
                    BAD_VALUE.error(
                        common.loss_weight.span,
                        f"`loss_weight` takes a number of at least 0, got {written(weight)}",
                        help=hint(common.loss_weight.tree, "a number was expected"),
                    ),
                    scope,
                )
            module.loss_weight = weight
        if common.init is not None:
            if module.kind != "op":
                raise self._located(
                    BAD_VALUE.error(
                        common.init.span,
                        "`init` is for ops",
                        help="say it on the ops inside, or for all of a kind in the spec's `init:`",
                    ),
                    scope,
                )
            module.init = self.evaluate(common.init, scope)

    @staticmethod
    def _finish(name: str | None, module: Module, scope: Scope, inner: Scope | None) -> None:
        if name is not None:
            scope.names[name] = module.outputs
            if inner is not None:
                scope.inner[name] = inner

    def _find(self, name: str, scope: Scope) -> tuple[Value, ...] | None:
        first, *rest = name.split(".")
        here: Scope | None = scope
        while here is not None:
            if first in here.names:
                return _down(here, first, rest)
            if rest and name in here.names:  # a child that was refused its name, which has a dot
                return here.names[name]
            here = here.outer
        return None

    def _unknown_node(self, name: str, span: Span, scope: Scope) -> SpecError:
        names: list[str] = []
        inside: list[str] = []
        here: Scope | None = scope
        while here is not None:
            names += here.names
            inside += (f"{n}.{name}" for n, inner in here.inner.items() if name in inner.names)
            later = self._later(name, here)
            if later is not None:
                return UNKNOWN_NODE.error(
                    span,
                    f"`{name}` comes later, in line {later.line}",
                    labels=(Label(later, "here"),),
                    help="a node takes what stands before it: move it up",
                )
            here = here.outer
        if inside:
            help: str | None = f"did you mean `{inside[0]}`?"
        else:
            help = did_you_mean(name, names)
        return UNKNOWN_NODE.error(
            span,
            f"no earlier node is called `{name}`",
            help=help or f"known here: {listed(dict.fromkeys(names))}",
        )

    def _later(self, name: str, scope: Scope) -> Span | None:
        """Where a child of this name stands that is not built yet."""
        written = self.program.stages if scope.module.parent is None else scope.module.node
        if isinstance(written, Call):
            written = None if scope.block is None else scope.block.body
        if not isinstance(written, Sequence):
            return None
        return next((item.span for item in written.items if item.name == name), None)

    def _located(self, error: SpecError, scope: Scope) -> SpecError:
        """The error with the stack of blocks and copies that led to it."""
        frames = scope.origin.frames()[1:]
        found = (self._explained(diagnostic, scope) for diagnostic in error.diagnostics)
        return with_stack(SpecError(*found), frames)

    def _explained(self, diagnostic: Diagnostic, scope: Scope) -> Diagnostic:
        """What to do about a name that means something elsewhere in the spec."""
        if diagnostic.code != UNKNOWN_NAME.code or diagnostic.span is None:
            return diagnostic
        name, block = diagnostic.span.text, scope.block
        outside = name in self.program.params or name in self.program.let
        if block is not None and outside:
            kind = "parameter" if name in self.program.params else "`let`"
            return replace(
                diagnostic,
                help=f"a block sees what it is given, and `{name}` is a {kind} of the spec: declare "
                f"it in the `params:` of `{block.name}` and pass it",
            )
        if name == "i":
            return replace(diagnostic, help="`i` counts the copies, inside a `repeat`")
        return diagnostic

    def stop(self, error: SpecError, scope: Scope) -> SpecError:
        """The error after which nothing more is looked at."""
        raise NotImplementedError

    def decided(
        self, choice: Choice | Optional, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build the option that is chosen; see `deciding`, which builds what is open."""
        raise NotImplementedError

    def _too_many(self, node: Node) -> SpecError:
        return TOO_MANY_NODES.error(
            node.span,
            f"the network has more than {counted(self.limit, 'node')}",
            help="`--max-nodes` raises the limit",
        )

    def _guard(self, work: Any, scope: Scope) -> Any:
        try:
            return work()
        except SpecError as error:
            raise self._located(error, scope) from None


def _lost(scope: Scope) -> bool:
    """Whether a name that is not known may be that of a child that could not be built."""
    here: Scope | None = scope
    while here is not None:
        if here.lost:
            return True
        here = here.outer
    return False


def with_stack(error: SpecError, frames: tuple[Frame, ...]) -> SpecError:
    """The same diagnostics with a stack, where they have none yet."""
    return SpecError(*(d if d.stack else replace(d, stack=frames) for d in error.diagnostics))


def _down(scope: Scope, first: str, rest: list[str]) -> tuple[Value, ...] | None:
    """The outputs of `first`, or of what the dots after it name."""
    values = scope.names[first]
    for position, part in enumerate(rest):
        inner = scope.inner.get(first if position == 0 else rest[position - 1])
        if inner is not None and part in inner.names:
            scope, values = inner, inner.names[part]
        elif position == len(rest) - 1 and part.isdecimal() and int(part) < len(values):
            return (values[int(part)],)
        else:
            return values if UNKNOWN in values else None
    return values
