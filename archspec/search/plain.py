"""A child as a plain spec: what was left open is written as it was decided.

Stages in which nothing was open stand as they are written, and blocks in which nothing was open are
called. Everything else is written out: copies one by one, arguments as numbers, and inputs by name
where they are not the node before. Module paths stay the same, and with them the `state_dict`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.connections import CONNECTIONS, Block, Call, Loop, Module, Node, OpenValue, Value
from archspec.diagnostics import Source
from archspec.expand import Network, names_in
from archspec.expand.deciding import in_block, in_node, in_value
from archspec.expand.parameters import NodeValue, names_read
from archspec.expand.program import File
from archspec.expand.resolved import Resolver
from archspec.expand.writing import Entry, lines_of
from archspec.ops import catalogue
from archspec.syntax import parse

from .ops_written import op_as_written


def plain(network: Network, *, name: str | None = None, description: str = "") -> str:
    """The text of a child's own spec, complete in one file, with nothing open."""
    return "\n".join(lines_of(_Plain(network).spec(name, description), 0, False)) + "\n"


class _Plain:
    def __init__(self, network: Network):
        self.network = network
        self.program = network.program
        self.resolver = Resolver(network)
        self.names: dict[Module, str] = {}
        """What children are called in the text; those without a name get one."""
        self.children: dict[Module, list[Module]] = {}
        self.parents: dict[Module, Module] = {}
        self._open: dict[int, bool] = {}
        self.alike: dict[Module, str] = {}
        """Uses of a block in which something was open, by the name that those alike have together."""
        self.written: dict[str, Entry] = {}
        """The blocks that these are uses of."""

    def spec(self, name: str | None, description: str) -> dict[str, Entry]:
        program, network = self.program, self.network
        self._name_all()
        self._find_alike()
        stages = Entry(self._stages(), None)
        data: dict[str, Any] = {"archspec": 1, "name": name or program.name}
        if description or program.description:
            data["description"] = description or program.description
        if program.origin:
            data["source"] = program.origin
        shapes = {n: value.shape for n, value in network.inputs.items()}
        one = len(shapes) == 1 and "input" in shapes
        if program.input is not None and not isinstance(program.input.value, dict):
            data["input"] = program.input.value
        else:
            data["input"] = (
                list(shapes["input"]) if one else {n: list(s) for n, s in shapes.items()}
            )
        kept = self._kept(data["input"], stages)
        params = {n: self._param(n) for n in program.params if n in kept}
        if params:
            data["params"] = Entry({n: Entry(v, None) for n, v in params.items()}, None)
        lets = {n: self._let(n) for n in program.let if n in kept}
        if lets:
            data["let"] = Entry({n: Entry(v, None) for n, v in lets.items()}, None)
        if program.init:
            data["init"] = Entry({n: Entry(a.value, a.span) for n, a in program.init.items()}, None)
        blocks = {**self.written, **self.resolver.declared()}
        if blocks:
            data["blocks"] = Entry(blocks, None)
        data["stages"] = stages
        if program.outputs is not None:
            data["outputs"] = Entry(
                {n: Entry(ref.name, ref.span) for n, ref in program.outputs.items()}, None
            )
        expect = self._expect()
        if expect:
            data["expect"] = Entry(expect, None)
        return {k: v if isinstance(v, Entry) else Entry(v, None) for k, v in data.items()}

    def _kept(self, shape: Any, stages: Entry) -> set[str]:
        """The parameters and derived values that what is written still reads."""
        text = "\n".join(lines_of({"stages": stages}, 0, False)) + "\n"
        read = names_in(parse(Source("<child>", text))) | names_read(shape)
        for argument in (*self.program.init.values(), *self.program.expect.values()):
            read |= names_read(argument.value)
        lets = self.program.let
        while True:
            more = {n for name in read & lets.keys() for n in names_read(lets[name].value)} - read
            if not more:
                return read
            read |= more

    def _param(self, name: str) -> Any:
        declared = self.program.params[name]
        shown = self.resolver.param(name)
        return shown if declared.kind is None else {declared.kind: shown}

    def _let(self, name: str) -> Any:
        value = self.program.let[name].value
        return self.network.env[name] if any(True for _ in in_value(value)) else value

    def _expect(self) -> dict[str, Any]:
        """What the child was held to, and what it must go on to hold."""
        program = self.program
        required = (
            {} if self.network.is_open else program.require
        )  # of children, and not of defaults
        expect = {n: a.value for n, a in required.items()}
        held = {n: a.value for n, a in program.expect.items() if names_read(a.value)}
        return {**expect, **held}

    # -- names ----------------------------------------------------------------------------

    def _name_all(self) -> None:
        """Give every module the name that it has in the text; children of what has no name stand in
        the scope around it."""
        ops = catalogue()
        for module in self.network.root.walk():
            if module is not self.network.root and (not module.named and module.op is None):
                continue
            own = list(self._flat(module))
            self.children[module] = own
            taken = {child.name for child in own if child.named} | {"input"}
            for child in own:
                self.parents[child] = module
                if child.named:
                    self.names[child] = child.name
                    continue
                assert child.op is not None
                n = 1
                while (free := f"{child.op.name}{n}") in taken or free in ops:
                    n += 1
                taken.add(free)
                self.names[child] = free

    def _flat(self, module: Module) -> Iterator[Module]:
        for child in module.children:
            if child.named or child.op is not None:
                yield child
            else:
                yield from self._flat(child)

    def _find_alike(self) -> None:
        """Uses of an open block for which the same was decided are uses of one block."""
        groups: dict[tuple[str, str], list[Module]] = {}
        contents: dict[tuple[str, str], Any] = {}
        walk = list(self.network.root.walk())
        for module in reversed(walk):  # what stands inside comes first
            block = module.block_written
            if block is None or module not in self.names or not self._block_is_open(block):
                continue
            self.alike[module] = ""  # as a block it knows its inputs by name
            data = self._body(module)
            key = (block.name, "\n".join(lines_of({"body": Entry(data, None)}, 0, False)))
            groups.setdefault(key, []).append(module)
            contents[key] = data
            del self.alike[module]
            if len(groups[key]) == 2:
                self._one_block(key[0], groups[key], data, block)
            elif len(groups[key]) > 2:
                self.alike[module] = self.alike[groups[key][0]]

    def _one_block(self, wanted: str, modules: list[Module], data: Any, block: Block) -> None:
        name, n = wanted, 2
        while name in self.written or name in self.resolver.blocks:
            name, n = f"{wanted}_{n}", n + 1
        self.resolver.blocks[name] = block
        self.alike.update(dict.fromkeys(modules, name))
        written: dict[str, Any] = {}
        if block.inputs != ("input",):
            written["inputs"] = list(block.inputs)
        whole = data if isinstance(data, dict) and "body" in data else {"body": Entry(data, None)}
        self.written[name] = Entry({**written, **whole}, block.span)

    def _refer(self, value: Value, scope: Module) -> str:
        """The name by which a node in a scope finds a value."""
        inner: set[str] = set()
        here: Module | None = scope
        while here is not None:
            if here in self.alike and here.block_written is not None:
                names = here.block_written.inputs
                name = names[here.inputs.index(value)] if value in here.inputs else ""
                if name and name not in inner:
                    return name
            elif value in here.inputs and "input" not in inner:
                if len(here.inputs) == 1:
                    return "input"
                if here is not self.network.root:
                    return f"input.{here.inputs.index(value)}"
            if here is self.network.root and value.producer is None:
                return value.name
            path = self._below(value, here)
            if path is not None and path.partition(".")[0] not in inner:
                return path
            inner |= {self.names[child] for child in self.children[here]} | {"input"}
            here = self.parents.get(here)
        raise ValueError(f"`{scope.path}` cannot name `{value.path}`")

    def _below(self, value: Value, scope: Module) -> str | None:
        """The path from a scope down to the value's producer."""
        steps: list[Module] = []
        module = value.producer
        while module is not None and module is not scope:
            if module in self.names:
                steps.append(module)
            module = module.parent
        if module is None or not steps:
            return None
        steps.reverse()
        names = []
        for step in steps:
            names.append(self.names[step])
            if value in step.outputs:
                if len(step.outputs) > 1:
                    names.append(str(step.outputs.index(value)))
                break
        return ".".join(names)

    # -- what was open --------------------------------------------------------------------

    def _is_open(self, node: Node, *, inside: bool = False) -> bool:
        """Whether something is open in a node (inside of a block) or in the blocks that it uses."""
        if any(True for _ in in_node(node)):
            return True
        stack = [node]
        while stack:
            here = stack.pop()
            if isinstance(here, Call) and self._call_is_open(here, inside=inside):
                return True
            stack += here.nodes()
            if here.common.else_ is not None:
                stack.append(here.common.else_)
        return False

    def _call_is_open(self, call: Call, *, inside: bool) -> bool:
        file = self.program.files[call.key_span.source]
        given = [argument for _span, argument in call.args.values()]
        if call.main is not None:
            given.append(call.main)
        if isinstance(call.key, str):
            given += file.defaults.get(call.key, {}).values()
            block = file.blocks.get(call.key)
            if block is not None and self._block_is_open(block):
                return True
        elif not call.key.text.isidentifier():
            return True
        elif not inside and self._passes_open(call.key.names):
            return True  # what a block is given is looked at where it is given
        if not inside and any(self._passes_open(names_read(a.value)) for a in given):
            return True
        return any(self._value_is_open(argument.value, file) for argument in given)

    def _passes_open(self, names: frozenset[str]) -> bool:
        """Whether parameters of the spec are nodes or blocks in which something is open."""
        values = (self.network.params.get(name) for name in names)
        return any(isinstance(value, NodeValue) and self._is_open(value.node) for value in values)

    def _value_is_open(self, value: Any, file: File) -> bool:
        """Whether something is open in a value, or in a node or block that it passes on."""
        if isinstance(value, str):
            block = file.blocks.get(value)
            return block is not None and self._block_is_open(block)
        if isinstance(value, tuple):
            return any(self._value_is_open(item, file) for item in value)
        if isinstance(value, dict):
            named = any(self._value_is_open(key, file) for key in value)
            inside = any(self._value_is_open(item, file) for item in value.values())
            return named or inside or "optional" in value
        return isinstance(value, OpenValue)

    def _block_is_open(self, block: Block) -> bool:
        known = self._open.get(id(block))
        if known is None:
            self._open[id(block)] = False  # a block that uses itself
            file = self.program.files[block.span.source]
            defaults = [argument.value for argument in block.params.values()]
            known = any(True for _ in in_block(block)) or any(
                self._value_is_open(value, file) for value in defaults
            )
            if not known and block.body is not None:
                known = self._is_open(block.body, inside=True)
            self._open[id(block)] = known
        return known

    # -- writing --------------------------------------------------------------------------

    def _stages(self) -> Any:
        """The stages: as they are written where nothing in them is open."""
        root, stages = self.network.root, self.program.stages
        assert stages is not None
        items = stages.items
        by_name = {self.names[child]: child for child in self.children[root]}
        verbatim = all(isinstance(item.name, str) for item in items) and not any(
            isinstance(item.node, Loop) and item.node.inline and self._is_open(item.node)
            for item in items
        )
        if not verbatim:
            return self._content(root)
        written: dict[str, Entry] = {}
        flow: tuple[Value, ...] | None = root.inputs
        for item in items:
            assert isinstance(item.name, str)
            module = by_name.get(item.name)
            inline = isinstance(item.node, Loop) and item.node.inline
            if inline or not self._is_open(item.node):
                written[item.name] = Entry(self.resolver.node(item.node), item.span)
            elif module is not None:
                written[item.name] = Entry(self._child(module, root, flow), item.span)
            else:
                continue  # left out by its `when`
            if inline:
                flow = None
            elif module is not None and not module.train_only:
                flow = module.outputs
        return written

    def _content(self, module: Module) -> Any:
        """The children of a module, as a list where they are numbered."""
        flow: tuple[Value, ...] | None = module.inputs
        found: dict[str, Entry] = {}
        for child in self.children[module]:
            span = None if child.node is None else child.node.span
            found[self.names[child]] = Entry(self._child(child, module, flow), span)
            if not child.train_only or module.train_only:
                flow = child.outputs
        if list(found) != [str(n) for n in range(len(found))]:
            return found
        return list(found.values())

    def _flows_out(self, module: Module) -> tuple[Value, ...]:
        flow = module.inputs
        for child in self.children[module]:
            if not child.train_only or module.train_only:
                flow = child.outputs
        return flow

    def _child(self, module: Module, scope: Module, flow: tuple[Value, ...] | None) -> Any:
        """One child: an op, a call of a block, or a scope with its children."""
        said = self._said(module, scope)
        names: list[str] | None = None
        if module.inputs != flow and module.inputs:
            names = [self._refer(value, scope) for value in module.inputs]
        if module.op is not None:
            return op_as_written(module.op, names, said)
        if names is not None:
            said = {"from": names[0] if len(names) == 1 else names, **said}
        call = self._call(module)
        if call is not None:
            kind, main, arguments = call
            if main is None and not arguments and not said:
                return kind
            return {kind: main, **arguments, **said}
        if module in self.alike:
            return {self.alike[module]: None, **said} if said else self.alike[module]
        if not self.children[module]:
            return {"identity": None, **said} if said else "identity"
        return self._body(module, said)

    def _body(self, module: Module, said: dict[str, Any] | None = None) -> Any:
        """The children of a scope with what is said of it."""
        said = said or {}
        data: dict[str, Any] = {}
        if module.outputs != self._flows_out(module):
            outputs = [self._refer(value, module) for value in module.outputs]
            data["output"] = outputs[0] if len(outputs) == 1 else outputs
        if module.register:
            data["register"] = list(module.register)
        content = self._content(module)
        if not data and isinstance(content, list):
            first = content[0].value
            calls = isinstance(first, str) or (isinstance(first, dict) and "from" not in first)
            if len(content) > 1 and calls and all(item.value == first for item in content):
                return {"repeat": len(content), "body": first, **said}
        if data or said or _could_be_one_node(content):
            return {"body": Entry(content, None), **data, **said}
        return content

    def _said(self, module: Module, scope: Module) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if module.train_only and not scope.train_only:
            said["train_only"] = True
        if module.loss_weight is not None:
            said["loss_weight"] = module.loss_weight
        if module.init is not None:
            said["init"] = module.init
        return said

    def _call(self, module: Module) -> tuple[str, Any, dict[str, Any]] | None:
        """A block that nothing is open in, as a call of it; None where it is written out."""
        block = module.block_written
        if module.kind != "block" or block is None or self._block_is_open(block):
            return None
        if any(connection.key == block.name for connection in CONNECTIONS):
            return None  # a word that means something else beside `from:`
        arguments: dict[str, Any] = {}
        for name, default in block.params.items():
            value = module.bound[name]
            if isinstance(value, NodeValue):
                node = value.node
                if not isinstance(node, Call) or node.main or node.args or node.refs:
                    return None
                if not isinstance(node.key, str) or self._is_open(node):
                    return None
                value = self.resolver.kind(node.key, node.key_span.source)
            elif self._value_is_open(value, self.program.files[block.span.source]):
                return None
            if (
                type(value) is type(default.value)
                and value == default.value
                and default.kind is None
            ):
                continue
            arguments[name] = value
        main = arguments.pop(next(iter(block.params), ""), None)
        return self.resolver.named(block), main, arguments


def _could_be_one_node(content: Any) -> bool:
    """Whether children by name might be read as one node: `{conv: relu, kernel: relu}`."""
    words = {"body", "from", *catalogue(), *(connection.key for connection in CONNECTIONS)}
    return isinstance(content, dict) and not words.isdisjoint(content)
