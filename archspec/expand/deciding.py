"""Expanding what is open: each choice is asked for under its name and built as it is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.codes.network import TOO_MANY_NODES
from archspec.codes.spaces import TOO_OPEN
from archspec.connections import (
    Argument,
    Block,
    Call,
    Choice,
    Decisions,
    Module,
    Node,
    OpenReference,
    OpenValue,
    Optional,
    Reference,
    Scope,
    Value,
    is_open,
)
from archspec.connections.choice import Asked
from archspec.connections.node import Common
from archspec.diagnostics import Span, SpecError
from archspec.expressions import Expression, spend

from .builder import TreeBuilder, with_common
from .parameters import LITERAL
from .program import Program
from .scoping import MAX_NODES

MAX_DECISIONS = 10_000

Written = OpenValue | OpenReference | Choice | Optional
"""A choice as written."""

_WORDS = ("choice", "range", "optional", "unused", "\\")  # what is escaped may be any of them


class OpenBuilder(TreeBuilder):
    """Builds the module tree of a program that leaves something open."""

    decided_once = False

    def __init__(
        self, program: Program, limit: int = MAX_NODES, decisions: Decisions | None = None
    ):
        super().__init__(program, limit)
        self.decisions = decisions or Decisions()
        self.here: str | None = None
        """The child that is being built and has no module yet."""
        self.flowing: tuple[Value, ...] = ()
        self.options: dict[tuple[Module, str | None], str] = {}
        """The options that nodes are: of a child by name, or (None) of all in a module."""

    # -- names ----------------------------------------------------------------------------

    def _place(self, scope: Scope, name: str | None, *, shared: bool = False) -> str:
        """The path of a child with the options on the way to it; of the scope where it is None.

        shared: from the nearest block on, by its name.
        """
        module = scope.module
        parts = [self.options.get((module, None), "")]
        if name is not None:
            parts.append(name + self.options.get((module, name), ""))
        while module.parent is not None:
            if shared and module.block is not None:
                parts.append(module.block)
                break
            parts.append(module.name + self.options.get((module.parent, module.name), ""))
            module = module.parent
            parts.append(self.options.get((module, None), ""))
        return ".".join(part.strip(".") for part in reversed(parts) if part)

    def _ask(self, asked: Asked, scope: Scope) -> int | float:
        try:
            answer = self.decisions.ask(asked)
        except SpecError as error:
            raise self._located(error, scope) from None
        if len(self.decisions.asked) > MAX_DECISIONS:
            raise self.stop(
                TOO_OPEN.error(
                    asked.choice.span, f"the space has more than {MAX_DECISIONS:,} decisions"
                ),
                scope,
            )
        return answer

    def _named(self, scope: Scope, one: OpenValue | OpenReference) -> str:
        place = self._place(scope, self.here, shared=one.shared)
        return ".".join(part for part in (place, one.key) if part)

    # -- values ---------------------------------------------------------------------------

    def evaluate(self, argument: Argument, scope: Scope, *, structural: bool = False) -> Any:
        if type(argument.value) not in LITERAL and is_open(argument.value):
            argument = argument._replace(value=self._closed(argument.value, scope))
        return super().evaluate(argument, scope, structural=structural)

    def _closed(self, value: Any, scope: Scope) -> Any:
        def answer(one: OpenValue) -> int | float:
            return self._ask(one.asked(self._named(scope, one), scope.origin), scope)

        return closed(value, answer)

    def _argument(self, argument: Argument, kind: str, scope: Scope) -> Any:
        value = argument.value
        if kind == "node" and isinstance(value, OpenValue):
            answer = self._ask(value.asked(self._named(scope, value), scope.origin), scope)
            return self._argument(value.options[int(answer)], kind, scope)
        return super()._argument(argument, kind, scope)

    # -- nodes ----------------------------------------------------------------------------

    def _child(
        self, name: str | None, node: Node, scope: Scope, previous: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        self.here, self.flowing = name, previous
        if isinstance(node, Choice | Optional):
            common = node.common
            inputs = previous if common.from_ is None else self.resolve(common.from_, scope)
            return self.decided(node, name, scope, inputs)
        return super()._child(name, node, scope, previous)

    def decided(
        self, choice: Choice | Optional, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        place = self._place(scope, name, shared=choice.shared)
        if name is None:
            place = ".".join(part for part in (place, choice.slot) if part)
        answer = self._ask(choice.asked(place or choice.key, scope.origin), scope)
        label, node = choice.option(answer)
        common = choice.common
        given = Common(
            train_only=common.train_only, loss_weight=common.loss_weight, init=common.init
        )
        if node is None:
            node = Call("identity", choice.span, choice.span)
            given = Common(train_only=common.train_only)
        node = with_common(node, given)
        at = (scope.module, name)
        before = self.options.get(at, "")
        said = label if isinstance(choice, Choice) else ""
        slot = choice.slot if name is None else ""
        self.options[at] = ".".join(part for part in (before, slot, said) if part)
        if name is not None and self.options[at]:
            self.options[at] = f".{self.options[at].lstrip('.')}"
        try:
            return self.child(name, node, scope, inputs)
        finally:
            if name is None:
                self.options[at] = before

    def _module(self, name: str | None, kind: Any, node: Node, scope: Scope) -> Module:
        module = super()._module(name, kind, node, scope)
        self.here = None  # what follows stands inside
        return module

    def call(
        self, call: Call, name: str | None, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        self.here, self.flowing = name, inputs
        return super().call(call, name, scope, inputs)

    def _block(
        self,
        call: Call,
        block: Block,
        name: str | None,
        scope: Scope,
        inputs: tuple[Value, ...],
    ) -> tuple[Value, ...]:
        asked, known = len(self.decisions.asked), len(self.originals)
        outputs = super()._block(call, block, name, scope, inputs)
        if len(self.decisions.asked) > asked:  # each copy decides for itself
            while len(self.originals) > known:
                self.originals.popitem()
        return outputs

    # -- inputs ---------------------------------------------------------------------------

    def resolve(self, references: tuple[Reference, ...], scope: Scope) -> tuple[Value, ...]:
        if not any(isinstance(ref, OpenReference) for ref in references):
            return super().resolve(references, scope)
        previous = self.flowing
        found: list[Value] = []
        for reference in references:
            if isinstance(reference, OpenReference):
                chosen = tuple(self._chosen(reference, scope))
                values = super().resolve(chosen, scope)
                found += self._unused(values, scope) if reference.kind == "unused" else values
            else:
                found += super().resolve((reference,), scope)
        return tuple(found) or previous

    def _chosen(self, reference: OpenReference, scope: Scope) -> Iterator[Reference]:
        names = list(self._listed(reference, scope))
        if reference.kind == "unused" or not names:
            yield from names
            return
        key = self._named(scope, reference)
        if reference.kind == "choice" and len(names) == 1:
            yield names[0]
        elif reference.kind == "choice":
            labels = tuple(str(name.name) for name in names)
            spans = tuple(name.span for name in names)
            asked = _asked(key, labels, reference, spans, scope)
            yield names[int(self._ask(asked, scope))]
        else:
            for name in names:
                spans = (name.span, reference.span)
                asked = _asked(f"{key}.{name.name}", Optional.labels, reference, spans, scope)
                if self._ask(asked, scope) == 0:
                    yield name

    def _listed(self, reference: OpenReference, scope: Scope) -> Iterator[Reference]:
        """The names; an expression may give a list of them."""
        for one in reference.names:
            if isinstance(one.name, str):
                yield one
                continue
            value = self._said(one.name, scope)
            for name in value if isinstance(value, tuple) else (value,):
                yield Reference(str(name), one.span)

    def _unused(self, values: tuple[Value, ...], scope: Scope) -> list[Value]:
        """Those of the values that no op takes yet."""
        top = scope
        while top.outer is not None:
            top = top.outer
        if not spend(self.count):
            raise self.stop(
                TOO_MANY_NODES.error(
                    top.module.origin.span, "what is unused is looked for too often in this network"
                ),
                scope,
            )
        taken = {id(v) for m in top.module.walk() if m.op is not None for v in m.inputs}
        return [value for value in values if id(value) not in taken]


def _asked(
    name: str,
    labels: tuple[str, ...],
    reference: OpenReference,
    spans: tuple[Span, ...],
    scope: Scope,
) -> Asked:
    return Asked(
        name,
        "choice",
        labels,
        0,
        0,
        False,
        reference.default,
        spans,
        reference,
        scope.origin,
        reference.shared,
    )


def closed(value: Any, answer: Any) -> Any:
    """A value with its choices decided: `answer` gives the answer to each."""
    if isinstance(value, OpenValue):
        return closed(value.value(answer(value)), answer)
    if isinstance(value, tuple):
        return tuple(closed(item, answer) for item in value)
    if isinstance(value, dict):
        return {key: closed(inner, answer) for key, inner in value.items()}
    return value


def chosen_value(argument: Argument, decisions: Decisions) -> Argument:
    """A parameter's default or a `let` of a spec, decided."""
    value = argument.value
    if isinstance(value, OpenValue) and value.options:
        answer = decisions.ask(value.asked(value.key, None))
        return chosen_value(value.options[int(answer)]._replace(kind=argument.kind), decisions)
    return argument._replace(
        value=closed(value, lambda one: decisions.ask(one.asked(one.key, None)))
    )


def written_choices(program: Program) -> tuple[Written, ...]:
    """All choices of a program's files, as written."""
    if program.choices is None:
        texts = (source.text for source in program.files)
        some = any(word in text for text in texts for word in _WORDS)
        program.choices = tuple(dict.fromkeys(_all(program))) if some else ()
    return program.choices


def may_be_open(program: Program) -> bool:
    """Whether something is open: a choice as written, or an optional node that is a value."""
    return bool(written_choices(program)) or any(
        "optional" in source.text or "\\" in source.text for source in program.files
    )


def _all(program: Program) -> Iterator[Written]:
    for argument in (*program.params.values(), *program.let.values()):
        yield from in_value(argument.value)
    if program.stages is not None:
        yield from in_node(program.stages)
    for file in program.files.values():
        for arguments in file.defaults.values():
            for argument in arguments.values():
                yield from in_value(argument.value)
        for block in file.blocks.values():
            yield from in_block(block)


def in_block(block: Block) -> Iterator[Written]:
    """The choices that stand in a block as written; blocks that it uses are not opened."""
    defaults = (a for arguments in block.defaults.values() for a in arguments.values())
    for argument in (*block.params.values(), *block.let.values(), *defaults):
        yield from in_value(argument.value)
    if block.body is not None:
        yield from in_node(block.body)


def in_node(node: Node) -> Iterator[Written]:
    """The choices that stand in a node as written; blocks are not opened."""
    stack = [node]
    while stack:
        here = stack.pop()
        common = here.common
        if isinstance(here, Choice | Optional):
            yield here
        for argument in _arguments(here):
            yield from in_value(argument.value)
        refs = (*(common.from_ or ()), *(getattr(here, "refs", None) or ()))
        yield from (ref for ref in refs if isinstance(ref, OpenReference))
        stack += here.nodes()
        if common.else_ is not None:
            stack.append(common.else_)


def _arguments(node: Node) -> Iterator[Argument]:
    common = node.common
    yield from (a for a in (common.loss_weight, common.init) if a is not None)
    if isinstance(node, Call):
        if node.main is not None:
            yield node.main
        yield from (argument for _span, argument in node.args.values())
        return
    yield from (
        (a for a in vars(node).values() if isinstance(a, Argument))
        if hasattr(node, "__dict__")
        else ()
    )


def in_value(value: Any) -> Iterator[OpenValue]:
    """The choices in a value."""
    if isinstance(value, OpenValue):
        yield value
        for option in value.options:
            yield from in_value(option.value)
    elif isinstance(value, tuple):
        for item in value:
            yield from in_value(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from in_value(item)


def offered(value: Any, choice: Argument, names: Mapping[str, Any]) -> Argument | None:
    """The option that a value from outside means, by its label or by itself; None where it is none."""
    one: OpenValue = choice.value
    if not one.options:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        inside = number and one.low <= value <= one.high
        return Argument(float(value), choice.tree, choice.kind) if inside else None
    for label, option in zip(one.labels, one.options, strict=True):
        inner = option.value
        if isinstance(inner, Expression):
            inner = inner.evaluate(names)
        for meant in (label, inner):
            if meant == value and isinstance(meant, bool) == isinstance(value, bool):
                return option._replace(kind=choice.kind)
    return None
