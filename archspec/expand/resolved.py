"""The resolved form: a spec whole, in one file, with the origin of every line.

Bases are merged, imported blocks stand in the file, arguments by default stand at their calls, and
parameters have the values that they were given. The form is canonical: resolving it again gives the
same text, so its hash names the architecture as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.connections import (
    CONNECTIONS,
    Argument,
    Block,
    Branches,
    Call,
    Choice,
    Connection,
    Dense,
    For,
    Loop,
    Node,
    OpenReference,
    OpenValue,
    Optional,
    Reference,
    Repeat,
    Sequence,
    Skip,
    is_open,
)
from archspec.diagnostics import Source
from archspec.expressions import Expression
from archspec.ops import catalogue

from .network import Network
from .parameters import NodeValue
from .program import File
from .writing import Entry, lines_of, text_of


def resolved(network: Network, *, origins: bool = True) -> str:
    """The text of a network's resolved spec."""
    data = Resolver(network, keep_open=True).spec()
    return "\n".join(lines_of(data, 0, origins)) + "\n"


class Resolver:
    """Writes the nodes, blocks and parameters of one network as they stand in its resolved spec.

    keep_open: parameters that are choices are written as such, and not as they were decided.
    """

    def __init__(self, network: Network, *, keep_open: bool = False):
        self.network = network
        self.keep_open = keep_open
        self.program = network.program
        self.ops = catalogue()
        blocks = {name for file in self.program.files.values() for name in file.blocks}
        self.words = {"body", *blocks, *(connection.key for connection in CONNECTIONS)}
        """What says what a node is, beside the ops."""
        self.names: dict[int, str] = {}  # blocks by identity
        self.blocks: dict[str, Block] = {}
        self.waiting: list[Block] = []

    def spec(self) -> dict[str, Entry]:
        program = self.program
        file = program.files[program.source]
        for name, block in file.blocks.items():
            if block in self._reachable_from_root():
                self.named(block, name)
        data: dict[str, Entry] = {"archspec": Entry(1, None), "name": Entry(program.name, None)}
        if program.description:
            data["description"] = Entry(program.description, None)
        if program.origin:
            data["source"] = Entry(program.origin, None)
        if program.input is not None:
            data["input"] = Entry(program.input.value, program.input.span)
        if program.params:
            data["params"] = Entry(
                {
                    name: Entry(_typed(argument, self.param(name)), argument.span)
                    for name, argument in program.params.items()
                },
                None,
            )
        if program.let:
            data["let"] = Entry(_arguments(program.let), None)
        if program.init:
            data["init"] = Entry(_arguments(program.init), None)
        stages = Entry({}, None)
        if program.stages is not None:
            stages = Entry(self._children(program.stages, None), None)
        blocks = self.declared()
        if blocks:
            data["blocks"] = Entry(blocks, None)
        data["stages"] = stages
        if program.outputs is not None:
            data["outputs"] = Entry(
                {name: Entry(ref.name, ref.span) for name, ref in program.outputs.items()}, None
            )
        if program.expect and not self.network.overridden:
            data["expect"] = Entry(_arguments(program.expect), None)
        if program.require:
            data["require"] = Entry(_arguments(program.require), None)
        return data

    def declared(self) -> dict[str, Entry]:
        """The blocks that what was written so far uses."""
        blocks: dict[str, Entry] = {}
        while self.waiting:
            block = self.waiting.pop(0)
            blocks[self.names[id(block)]] = Entry(self._block(block), block.span)
        return blocks

    def node(self, node: Node) -> Any:
        """A node of the stages as it is written."""
        return self._node(node, None)

    def _reachable_from_root(self) -> list[Block]:
        used: list[Block] = []
        for module in self.network.root.walk():
            if module.kind == "block" and module.block_written is not None:
                if module.block_written not in used:
                    used.append(module.block_written)
        return used

    def param(self, name: str) -> Any:
        """The value of a parameter."""
        declared = self.program.params[name]
        if self.keep_open and is_open(declared.value) and name not in self.network.overridden:
            return self._default(declared, declared.span.source)
        value = self.network.params[name]
        if not isinstance(value, NodeValue):
            return value
        return self._node(value.node, None)

    def named(self, block: Block, wanted: str = "") -> str:
        """What a block is called in the resolved file."""
        known = self.names.get(id(block))
        if known is not None:
            return known
        wanted = wanted or block.name
        name, n = wanted, 2
        while name in self.blocks:
            name, n = f"{wanted}_{n}", n + 1
        self.names[id(block)] = name
        self.blocks[name] = block
        self.waiting.append(block)
        return name

    # -- blocks and nodes -----------------------------------------------------------------

    def _file(self, source: Source) -> File:
        return self.program.files[source]

    def kind(self, key: str, source: Source) -> str:
        """The name of an op or a block as it is called in the resolved file."""
        block = self._file(source).blocks.get(key)
        return key if block is None else self.named(block, key)

    def _block(self, block: Block) -> dict[str, Entry]:
        data: dict[str, Entry] = {}
        if block.description:
            data["description"] = Entry(block.description, None)
        if block.params:
            source = block.span.source
            data["params"] = Entry(
                {
                    name: Entry(_typed(a, self._default(a, source)), a.span)
                    for name, a in block.params.items()
                },
                None,
            )
        if block.let:
            data["let"] = Entry(_arguments(block.let), None)
        if block.inputs != ("input",):
            data["inputs"] = Entry(block.inputs, None)
        if block.register:
            data["register"] = Entry(_names(block.register), None)
        dynamic = self._defaults_for_dynamic(block)
        if dynamic:
            data["defaults"] = Entry(dynamic, None)
        body = block.body
        assert body is not None
        written = self._node(body, block)
        plain = isinstance(body, Sequence) and not (
            isinstance(written, dict) and written.keys() & {"body"}
        )
        if plain or not isinstance(written, dict):
            data["body"] = Entry(written, None)
        else:
            data |= written
        return data

    def _default(self, argument: Argument, source: Source) -> Any:
        value = argument.value
        if isinstance(value, str) and value in self._file(source).blocks:
            return self.kind(value, source)
        if isinstance(value, OpenValue) and value.options:
            return value.written([self._default(option, source) for option in value.options])
        return value

    def _defaults_for_dynamic(self, block: Block) -> dict[str, Any]:
        """Arguments by default stand at their calls, except where a parameter names the op."""
        if not any(isinstance(c.key, Expression) for c in _calls(block.body)):
            return {}
        file = self._file(block.span.source)
        merged = {**file.defaults}
        for name, arguments in block.defaults.items():
            merged[name] = {**merged.get(name, {}), **arguments}
        return {
            self.kind(name, block.span.source): {k: a.value for k, a in arguments.items()}
            for name, arguments in merged.items()
        }

    def _children(self, sequence: Sequence, block: Block | None) -> Any:
        if all(item.name is None for item in sequence.items):
            return [Entry(self._node(item.node, block), item.span) for item in sequence.items]
        return {
            str(text_of(item.name)): Entry(self._node(item.node, block), item.span)
            for item in sequence.items
        }

    def _could_be_one_node(self, children: Any) -> bool:
        """Whether children by name might be read as one node: `{add: {conv: 8, kernel: 1}}`."""
        if not isinstance(children, dict):
            return False
        for name, entry in children.items():
            op = self.ops.get(name)
            others = children.keys() - {name}
            if (
                name in self.words
                or name.startswith("$")
                or (op is not None and op.main_is_inputs)
                or (op is not None and isinstance(entry.value, Expression))
                or (op is not None and others and others <= op.declared().keys())
            ):
                return True
        return False

    def _node(self, node: Node, block: Block | None) -> Any:
        common = self._common(node, block)
        if isinstance(node, Call):
            return self._call(node, block, common)
        if isinstance(node, Sequence):
            children = self._children(node, block)
            said: dict[str, Any] = {}
            if node.output is not None:
                said["output"] = _names(node.output)
            if node.register:
                said["register"] = _names(node.register)
            if not said and not common and not self._could_be_one_node(children):
                return children
            return {"body": Entry(children, None), **said, **common}
        assert isinstance(node, Connection)
        return {**self._connection(node, block), **common}

    def _connection(self, node: Connection, block: Block | None) -> dict[str, Any]:
        if isinstance(node, Loop):
            data: dict[str, Any] = {}
            if isinstance(node, Repeat):
                data["repeat"] = node.repeat.value
            if isinstance(node, For):
                data["for"] = node.for_.value
            if node.names is not None:
                data["names"] = node.names
            if node.inline:
                data["inline"] = True
            return {**data, "body": Entry(self._node(node.body, block), None)}
        if isinstance(node, Branches):
            merge = None if node.merge is None else self._node(node.merge, block)
            return {"branches": Entry(self._children(node.branches, block), None), "merge": merge}
        if isinstance(node, Dense):
            data = {
                "dense": Entry(self._node(node.dense, block), None),
                "repeat": node.repeat.value,
            }
            return data if node.names is None else {**data, "names": node.names}
        if isinstance(node, Choice | Optional):
            return self._choice(node, block)
        assert isinstance(node, Skip)
        inner: dict[str, Any] = {}
        for key in ("body", "shortcut", "merge", "after"):
            part = getattr(node, key)
            if part is not None:
                written = self._node(part, block)
                if key == "shortcut" and isinstance(part, Sequence) and not part.items:
                    written = self._common(part, block)
                inner[key] = Entry(written, None)
        return {"skip": Entry(inner, None)}

    def _choice(self, node: Choice | Optional, block: Block | None) -> dict[str, Any]:
        if isinstance(node, Choice):
            options = {o.label: Entry(self._node(o.node, block), o.span) for o in node.choice}
            data: dict[str, Any] = {"choice": Entry(options, None)}
            if node.default is not None:
                data["default"] = node.default
        else:
            data = {"optional": Entry(self._node(node.optional, block), None)}
            if node.default != "present":
                data["default"] = node.default
        return {**data, **({"shared": True} if node.shared else {})}

    def _call(self, call: Call, block: Block | None, common: dict[str, Any]) -> Any:
        key, source = call.key, call.span.source
        arguments: dict[str, Any] = {}
        main: Any = None
        if isinstance(key, Expression):
            kind = text_of(key)
            if block is None and key.text in self.network.params:
                value = self.network.params[key.text]
                if isinstance(value, NodeValue) and isinstance(value.node, Call):
                    if not value.node.args and value.node.main is None:
                        key, source = str(value.node.key), value.node.span.source
        if isinstance(key, str):
            kind = self.kind(key, source)
            arguments = self._by_default(key, call, block)
        op = self.ops.get(kind) if kind not in self.blocks else None
        first = op.main if op is not None else None
        if op is None and kind in self.blocks:
            first = next(iter(self.blocks[kind].params), None)
        arguments |= {name: self._value(a, source) for name, (_s, a) in call.args.items()}
        if call.refs is not None:
            main = _names(call.refs)
        elif call.main is not None:
            main = self._value(call.main, source)
            arguments.pop(first or "", None)
        if main is None and not arguments and not common:
            return key if isinstance(key, Expression) else kind
        return {kind: main, **arguments, **common}

    def _by_default(self, key: str, call: Call, block: Block | None) -> dict[str, Any]:
        found: dict[str, Argument] = {}
        file = self.program.files.get(call.span.source)
        if file is not None:
            found |= file.defaults.get(key, {})
        if block is not None:
            found |= block.defaults.get(key, {})
        return {name: argument.value for name, argument in found.items()}

    def _value(self, argument: Argument, source: Source) -> Any:
        return self._default(argument, argument.span.source)

    def _common(self, node: Node, block: Block | None) -> dict[str, Any]:
        common = node.common
        data: dict[str, Any] = {}
        if common.from_ is not None:
            data["from"] = _names(common.from_)
        if common.when is not None:
            data["when"] = common.when.value
        if common.else_ is not None:
            data["else"] = self._node(common.else_, block)
        if common.train_only:
            data["train_only"] = True
        if common.loss_weight is not None:
            data["loss_weight"] = common.loss_weight.value
        if common.init is not None:
            data["init"] = common.init.value
        return data


def _calls(node: Node | None) -> Iterator[Call]:
    stack = [node] if node is not None else []
    while stack:
        here = stack.pop()
        if isinstance(here, Call):
            yield here
        stack += here.nodes()
        if here.common.else_ is not None:
            stack.append(here.common.else_)


def _arguments(arguments: Mapping[str, Argument]) -> dict[str, Entry]:
    return {name: Entry(argument.value, argument.span) for name, argument in arguments.items()}


def _typed(declared: Argument, shown: Any) -> Any:
    """A default, with the type that it was declared with."""
    return shown if declared.kind is None else {declared.kind: shown}


def _names(references: tuple[Reference, ...]) -> Any:
    names = [
        reference.written() if isinstance(reference, OpenReference) else reference.name
        for reference in references
    ]
    return names[0] if len(names) == 1 else names


# -- text ---------------------------------------------------------------------------------


_OPENED = {"blocks", "stages", "params", "body", "skip", "branches", "init", "expect"}
