"""The module tree that expansion makes: concrete modules, the values between them, and where they
came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Protocol

from archspec.diagnostics import Frame, Span, SpecError
from archspec.ops import Applied, Op, Shape, Steps

if TYPE_CHECKING:
    from .node import Block, Call, Node


class Origin:
    """One step of the way to a module: a place in a file, inside the step before it.

    Modules of one scope share their steps.
    """

    __slots__ = ("_text", "parent", "span")

    def __init__(self, span: Span, text: str | Callable[[], str], parent: Origin | None):
        self.span = span
        self._text = text
        self.parent = parent

    @property
    def text(self) -> str:
        """What the step is ("copy 4 of 6", "block bottleneck, width = 64")."""
        return self._text if isinstance(self._text, str) else self._text()

    def within(self, parent: Origin) -> Origin:
        """The same step inside another one."""
        return Origin(self.span, self._text, parent)

    def frames(self) -> tuple[Frame, ...]:
        """The stack, outermost first."""
        frames: list[Frame] = []
        step: Origin | None = self
        while step is not None:
            frames.append(Frame(step.span, step.text))
            step = step.parent
        return tuple(reversed(frames))


class Value:
    """A tensor that flows between ops: output `index` of `producer`, or an input of the network.

    shape: without the batch dimension. stride: how much smaller than the network's input each
    spatial axis has become by strides (never by comparing sizes); an opaque token where an op such
    as global pooling broke the proportion. shared: one tensor for all samples, which depends on no
    input of the network; at run time its batch has size 1. applied, train_only: of the producer,
    which is known without asking for it.
    """

    __slots__ = (
        "_producer",
        "_within",
        "applied",
        "index",
        "name",
        "shape",
        "shared",
        "stride",
        "train_only",
    )

    def __init__(
        self,
        producer: Module | None,
        index: int,
        shape: Shape,
        stride: Steps | object,
        name: str = "",
        *,
        shared: bool = False,
    ):
        self._producer = producer
        self._within: Module | None = None
        self.index = index
        self.shape = shape
        self.stride = stride
        self.name = name
        self.shared = shared
        if producer is None:
            self.applied: Applied | None = None
            self.train_only = False
        else:
            self.applied = producer.applied
            self.train_only = producer.train_only

    @classmethod
    def out_of(
        cls, within: Module, old: Value, shape: Shape, stride: Any, applied: Applied | None
    ) -> Value:
        """What flows out of a copied module where `old` flows out of the original; its producer is
        made when somebody asks for it."""
        value: Value = cls.__new__(cls)
        value._producer = None
        value._within = within
        value.index = old.index
        value.shape = shape
        value.stride = stride
        value.name = old.name
        value.shared = old.shared
        value.applied = applied
        value.train_only = old.train_only
        return value

    @property
    def producer(self) -> Module | None:
        """The op that makes the tensor; None for an input of the network."""
        if self._producer is None and self._within is not None:
            _ = self._within.children
        return self._producer

    @producer.setter
    def producer(self, producer: Module) -> None:
        self._producer = producer

    @property
    def bare(self) -> bool:
        """Whether the tensor has no batch axis at run time: it is stored without one."""
        return self.applied is not None and self.applied.op.bare

    @property
    def path(self) -> str:
        """The name a reader knows it by: the module path of its producer, or the input's name."""
        if self.producer is None:
            return self.name
        return self.producer.path or self.producer.label

    def __repr__(self) -> str:
        return f"<{self.path}:{self.index} {self.shape}>"


class Waiting(SpecError):
    """What a node takes could not be built, so nothing can be said of the node itself."""


class _Unknown(Value):
    """Stands for the output of a node that could not be built, so that the others can be checked:
    whoever asks for its shape has to wait until the mistake is mended."""

    __slots__ = ()

    def __init__(self) -> None:
        self._producer = None
        self._within = None
        self.index = 0
        self.stride = object()
        self.name = "?"
        self.shared = False
        self.applied = None
        self.train_only = False

    @property
    def shape(self) -> Shape:  # type: ignore[override]
        raise Waiting


UNKNOWN: Value = _Unknown()


class Copied(Protocol):
    """How a copy of a module gets its children."""

    def children(self, module: Module) -> list[Module]:
        """The children of `module`, which is the copy."""


_copying = RLock()

Kind = Literal["op", "block", "scope"]


class Module:
    """A node of the module tree.

    kind: "op" (a leaf with an `op`), "block" (an instance of a block) or "scope" (a sequence,
    repeat, branches, ... written in place). `children` are in the order of flow, which is that of
    registration too unless `register` names some to come first; an anonymous child (`named` false)
    has no weights and is no attribute of its parent.

    A module that is a copy of another one has its children when somebody asks for them; checking a
    network can do without, see `graph.outline`.
    """

    __slots__ = (
        "_children",
        "applied",
        "block",
        "block_written",
        "bound",
        "call",
        "copied",
        "declared",
        "depth",
        "env",
        "init",
        "inputs",
        "kind",
        "loss_weight",
        "name",
        "named",
        "node",
        "op",
        "origin",
        "outputs",
        "parent",
        "register",
        "taken",
        "train_only",
    )

    def __init__(
        self,
        name: str,
        kind: Kind,
        parent: Module | None,
        node: Node | None,
        origin: Origin,
        *,
        named: bool = True,
    ):
        self.name = name
        self.kind: Kind = kind
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.node = node
        self.origin = origin
        self.named = named
        self.op: Op | None = None
        self.applied: Applied | None = None  # the op with the shapes of its inputs
        self.block: str | None = None
        self.block_written: Block | None = None
        self.call: Call | None = None  # as written, for the names of literals
        self.env: Mapping[str, Any] = {}  # what names in `call` meant
        self.bound: Mapping[str, Any] = {}  # a block's own parameters and lets
        self.declared: Mapping[str, Any] = {}  # the defaults of a block's parameters
        self._children: list[Module] | None = []
        self.copied: Copied | None = None
        self.register: tuple[str, ...] = ()  # children that are registered first, in this order
        self.taken: set[str] = set()  # names of children, those of anonymous children included
        self.inputs: tuple[Value, ...] = ()
        self.outputs: tuple[Value, ...] = ()
        self.train_only: bool = parent is not None and parent.train_only
        self.loss_weight: float | None = None
        self.init: Any = None

    @property
    def children(self) -> list[Module]:
        """The modules directly below; those of a copy are made now."""
        children = self._children
        if children is None:
            with _copying:  # once, whoever asks
                if self._children is None:
                    assert self.copied is not None
                    self._children = self.copied.children(self)
                return self._children
        return children

    @children.setter
    def children(self, children: list[Module]) -> None:
        self._children = children

    def become(self, copied: Copied) -> None:
        """Be a copy, without children of its own."""
        self.copied = copied
        self._children = None

    def dissolve(self) -> None:
        """Take the tree apart, which is of no use then: its modules refer to each other, and would
        wait for the garbage collector."""
        stack = [self]
        while stack:
            module = stack.pop()
            stack += module._children or ()
            module._children, module.copied, module.outputs = [], None, ()

    @property
    def path(self) -> str:
        """The dotted path in the compiled model; anonymous nodes have none and give ""."""
        names: list[str] = []
        module: Module | None = self
        while module is not None and module.parent is not None:
            if not module.named:
                return ""
            names.append(module.name)
            module = module.parent
        return ".".join(reversed(names))

    @property
    def registered(self) -> list[Module]:
        """The children in order of registration, which is that of the `state_dict`."""
        if not self.register:
            return self.children
        first = {name: position for position, name in enumerate(self.register)}
        return sorted(
            self.children,
            key=lambda child: first.get(child.name if child.named else "", len(first)),
        )

    @property
    def label(self) -> str:
        """What to call the module in a message, also when it has no path."""
        if self.path or self.parent is None:
            return self.path
        kind = self.op.name if self.op is not None else self.kind
        return f"{self.parent.label}.({kind})".lstrip(".")

    def ops(self) -> list[Module]:
        """The ops in the order in which expansion made them."""
        ops = []
        stack = [self]
        while stack:
            module = stack.pop()
            if module.op is not None:
                ops.append(module)
            else:
                stack += module.children[::-1]
        return ops

    def walk(self) -> Iterator[Module]:
        """This module and everything below it, depth first, in order of flow."""
        stack = [self]
        while stack:
            module = stack.pop()
            yield module
            stack.extend(reversed(module.children))

    def __repr__(self) -> str:
        return f"<Module {self.label or 'root'} {self.op.name if self.op else self.kind}>"
