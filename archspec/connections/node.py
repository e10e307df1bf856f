"""Nodes as written: what the file says, before anything is resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self

from archspec.diagnostics import Span
from archspec.expressions import Expression, Template
from archspec.fields import Field, Fields
from archspec.syntax import Tree

if TYPE_CHECKING:
    from .building import Builder, Scope
    from .tree import Value


class Argument(NamedTuple):
    """A value as written: plain data in which expressions stand unevaluated, and its place.

    kind: of a parameter's default, the type that it is declared with (`kernel: {any: 3}`).
    """

    value: Any
    tree: Tree
    kind: str | None = None

    @property
    def span(self) -> Span:
        return self.tree.span


class Reference(NamedTuple):
    """A name in `from:`, `output:` or the inputs of `add:`; it may have dots."""

    name: str | Template | Expression
    span: Span


@dataclass(slots=True)
class Common:
    """What every node may say beside what it is."""

    from_: tuple[Reference, ...] | None = None
    when: Argument | None = None
    else_: Node | None = None
    train_only: bool = False
    loss_weight: Argument | None = None
    init: Argument | None = None


NOTHING = Common()
"""What most nodes say: nothing beside what they are. Not to be changed."""

COMMON_KEYS: dict[str, str] = {
    "from": "the node or nodes whose output this one takes, instead of the node before it",
    "when": "the condition for the node to exist",
    "else": "the node to build where `when` is false",
    "train_only": "exists in the state_dict but runs in training mode alone",
    "loss_weight": "the weight of this head's loss",
    "init": "how the weights are initialised, by the names of torch.nn.init",
}


class Node:
    """A node as written: a call of an op or a block, or a connection."""

    __slots__ = ()

    if TYPE_CHECKING:
        span: Span
        common: Common

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        """Build this node's content into the scope's module; gives the output values."""
        raise NotImplementedError

    def nodes(self) -> Iterator[Node]:
        """The nodes written directly inside this one."""
        return iter(())


class Call(Node):
    """A use of an op or a block: `{conv: 64, kernel: 3}`, `relu`, `{$block: $width}`."""

    __slots__ = ("args", "common", "key", "key_span", "main", "refs", "span")

    def __init__(
        self,
        key: str | Expression,
        key_span: Span,
        span: Span,
        main: Argument | None = None,
        args: Mapping[str, tuple[Span, Argument]] | None = None,
        common: Common | None = None,
        refs: tuple[Reference, ...] | None = None,
    ):
        self.key = key
        self.key_span = key_span
        self.span = span
        self.main = main
        self.args = args or {}
        self.common = common or NOTHING
        self.refs = refs

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        return build.call(self, None, scope, inputs)


class Broken(Node):
    """A node that could not be read. The reader has said what is wrong; building it says no more.

    inline: its children may be those of the scope around it.
    """

    __slots__ = ("common", "inline", "span")

    def __init__(self, span: Span, *, inline: bool = False):
        self.span = span
        self.inline = inline
        self.common = NOTHING

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        from .tree import Waiting

        raise Waiting


class _RefersTo:
    def __init__(self, definition: str | None, schema: dict[str, Any] | None = None):
        # pydantic would look a `$ref` up itself; the schema's writer makes one of this
        self.schema = {"x-ref": definition} if schema is None else schema

    def __get_pydantic_json_schema__(self, _core: Any, _handler: Any) -> dict[str, Any]:
        return dict(self.schema)


class Read(NamedTuple):
    """How a field of a connection is read from the file: `node`, `refs` or `value`."""

    kind: str


ChildNode = Annotated[Node, Read("node"), _RefersTo("node")]
"""A field that holds a node."""

References = Annotated[tuple[Reference, ...], Read("refs"), _RefersTo("references")]
"""A field that holds a name or a list of names."""

Value_ = Annotated[Argument, Read("value"), _RefersTo(None, {})]
"""A field that holds any value, expressions included, with its place."""

TextOrExpression = Annotated[str | Expression | Template, _RefersTo(None, {"type": "string"})]

CountOrExpression = Annotated[
    Annotated[int, Field(ge=0, le=10_000)] | Expression, _RefersTo("count")
]


class Connection(Fields, Node):
    """A node that joins other nodes. A subclass is one kind: its keys and its expansion.

    `key` is the key that says what the node is; the fields are the keys it takes.
    """

    key: ClassVar[str]

    def written(self, span: Span, common: Common) -> Self:
        """The same node with its place in the file and what every node may say."""
        self.span = span
        self.common = common
        return self


@dataclass(slots=True)
class Block:
    """A block as written: parameters, derived values and a body."""

    name: str
    span: Span
    params: dict[str, Argument] = field(default_factory=dict)
    let: dict[str, Argument] = field(default_factory=dict)
    inputs: tuple[str, ...] = ("input",)
    defaults: dict[str, dict[str, Argument]] = field(default_factory=dict)
    body: Node | None = None
    register: tuple[Reference, ...] = ()
    description: str = ""
