"""Loops: `repeat: N` of a body, and `for:` over values side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from archspec.codes.spec import BAD_COUNT, UNNAMED_COPIES
from archspec.diagnostics import Span
from archspec.expressions.values import written
from archspec.fields import Field
from archspec.names import check_readable

from .building import Builder, Scope, entered
from .node import ChildNode, Connection, Node, TextOrExpression, Value_, _RefersTo
from .tree import Origin, Value

if TYPE_CHECKING:
    from .sequence import Numbering

LIMIT = 10_000


class Loop(Connection):
    """A body built several times, one copy after the other."""

    body: ChildNode = Field(description="what is repeated; the index of the copy is `$i`")
    names: TextOrExpression | None = Field(
        None, description="the copies' names, e.g. `layer$(i + 1)`; otherwise 0, 1, 2, ..."
    )
    inline: bool = Field(False, description="splice the copies into the enclosing scope")

    def nodes(self) -> Iterator[Node]:
        yield self.body

    def rounds(self, build: Builder, scope: Scope) -> list[dict[str, Any]]:
        """The values of the loop's names, copy by copy."""
        raise NotImplementedError

    def copies(self, build: Builder, scope: Scope) -> Iterator[Scope]:
        """The scope of every copy."""
        rounds = self.rounds(build, scope)
        build.repeated(len(rounds), self, scope)
        for values in rounds:
            text = partial(_told, values, len(rounds))
            yield scope.with_values(values, Origin(self.span, text, scope.origin))

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        from .sequence import Numbering

        return self._build(build, scope, inputs, Numbering(), spliced=False)

    def splice(
        self, build: Builder, scope: Scope, inputs: tuple[Value, ...], numbering: Numbering | None
    ) -> tuple[Value, ...]:
        """Build the copies into the enclosing scope; a copy that is a sequence gives its items."""
        return self._build(build, scope, inputs, numbering, spliced=True)

    def beside(
        self, build: Builder, scope: Scope, inputs: tuple[Value, ...], numbering: Numbering
    ) -> tuple[Value, ...]:
        """Build the copies as branches: each takes the same input."""
        outputs: tuple[Value, ...] = ()
        for copy in self.copies(build, scope):
            body = build.choose(self.body, copy)
            if body is not None:
                name = numbering.take() if self.names is None else build.name(self.names, copy)
                outputs += build.child(name, body, copy, inputs)
        return outputs

    def _build(
        self,
        build: Builder,
        scope: Scope,
        inputs: tuple[Value, ...],
        numbering: Numbering | None,
        *,
        spliced: bool,
    ) -> tuple[Value, ...]:
        from .sequence import Sequence

        current = inputs
        for copy in self.copies(build, scope):
            body = build.choose(self.body, copy)
            if body is None:
                continue
            if self.names is not None:
                name = build.name(self.names, copy)
            elif (spliced and isinstance(body, Sequence)) or (
                spliced and isinstance(body, Loop) and body.inline
            ):
                entry = entered(build, body, copy, current)
                current = body.splice(build, copy, entry, numbering)
                continue
            else:
                name = take_number(numbering, self.span)
            current = build.child(name, body, copy, current)
        return current


def _told(values: Mapping[str, Any], copies: int) -> str:
    """Which copy it is, with the values of its names."""
    shown = "".join(
        f", {name} = {written(value).strip('`')}" for name, value in values.items() if name != "i"
    )
    return f"copy {values['i'] + 1} of {copies}{shown}"


def take_number(numbering: Numbering | None, span: Span) -> str:
    """The next number of a list; spliced into a mapping, a copy needs a name."""
    if numbering is None:
        raise UNNAMED_COPIES.error(
            span,
            "copies spliced into a mapping need names",
            help="say `names: NAME$(i + 1)`, or give the body names with `$(i + 1)` in them",
        )
    return numbering.take()


class Repeat(Loop):
    """`repeat: N`: the body N times; the index is `$i`."""

    key: ClassVar[str] = "repeat"
    repeat: Annotated[Value_, _RefersTo("count")] = Field(description="how many copies")

    def rounds(self, build: Builder, scope: Scope) -> list[dict[str, Any]]:
        return [{"i": i} for i in range(count(self.repeat, build, scope))]


class For(Loop):
    """`for: {c: [64, 128], n: [2, 3]}`: the body once for each value, lists side by side."""

    key: ClassVar[str] = "for"
    for_: Value_ = Field(
        alias="for", description="names and their lists of values, of equal length"
    )

    def rounds(self, build: Builder, scope: Scope) -> list[dict[str, Any]]:
        loops = build.evaluate(self.for_, scope, structural=True)
        if not isinstance(loops, dict) or not loops:
            raise BAD_COUNT.error(
                self.for_.span,
                "`for:` takes a mapping of names to lists",
                help="for example `for: {c: [64, 128], n: [2, 3]}`",
            )
        lengths = {}
        for name, values in loops.items():
            check_readable(name, self.for_.span)
            if not isinstance(values, tuple | list):
                raise BAD_COUNT.error(
                    self.for_.span, f"`{name}` takes a list of values, got {written(values)}"
                )
            lengths[name] = len(values)
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            raise BAD_COUNT.error(self.for_.span, f"lists side by side differ in length: {shown}")
        length = next(iter(lengths.values()))
        if length > LIMIT:
            raise BAD_COUNT.error(
                self.for_.span, f"`for` takes lists of at most {LIMIT:,} values, got {length:,}"
            )
        return [
            {"i": i, **{name: values[i] for name, values in loops.items()}} for i in range(length)
        ]


def count(argument: Any, build: Builder, scope: Scope) -> int:
    """The checked number of copies."""
    n = build.evaluate(argument, scope, structural=True)
    if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= LIMIT:
        raise BAD_COUNT.error(
            argument.span, f"`repeat` takes a whole number from 0 to {LIMIT:,}, got {written(n)}"
        )
    return n
