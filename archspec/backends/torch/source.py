"""Source: the Python text of a network's classes, as a person would have written them."""

from __future__ import annotations

import json
import posixpath
import textwrap
from typing import NamedTuple

from archspec.connections import Module
from archspec.expand import Network
from archspec.graph import Graph
from archspec.names import MODULE_ATTRIBUTES
from archspec.ops import Arg

from .calls import attribute, call_text, helpers_by_name, is_default, is_import, operand_text
from .classes import Classes
from .initialisation import initialisation_source
from .literals import repr_literal
from .skeleton import Class, Done, Made
from .units import Unit, build_units
from .variables import WIDTH, Variables, hint, input_names, signature


class Line:
    """A line of source and the place in the spec that it comes from."""

    __slots__ = ("module", "text")

    def __init__(self, text: str, module: Module | None = None):
        self.text = text
        self.module = module


class Generated(NamedTuple):
    """The source of a network: its text, the name of the root class, and for every line the place
    in the spec that it comes from (`net.yaml:12`, or nothing), one to a line."""

    text: str
    class_name: str
    origins: str


def generate(network: Network, graph: Graph, inplace: frozenset[Module]) -> Generated:
    """The source of a network."""
    root, units = build_units(network.root, graph)
    classes = Classes(units, root, inplace, network.program.name)
    writer = _Writer(network, graph, classes)
    lines = writer.module(root)
    return Generated(
        "\n".join(line.text for line in lines) + "\n",
        classes.of[root][0].name,
        "\n".join(_origin(line) for line in lines),
    )


def _origin(line: Line) -> str:
    """Where a line comes from; the file without its folder, for it may go into a pickle."""
    if line.module is None or line.module.node is None or "\n" in line.text:
        return ""
    span = line.module.node.span
    name = posixpath.basename(span.source.name)
    return f"{''.join(c if c.isprintable() else '?' for c in name)}:{span.line}"


class _Writer:
    def __init__(self, network: Network, graph: Graph, classes: Classes):
        self.network = network
        self.graph = graph
        self.classes = classes
        self.helpers: dict[str, str] = {}
        self.known_helpers = helpers_by_name(graph)
        self.initialisation = initialisation_source(network, graph)

    # -- the file -------------------------------------------------------------------------

    def module(self, root: Unit) -> list[Line]:
        body: list[Line] = []
        outputs = self.graph.outputs
        top = self.classes.of[root][0]
        returned = f"{top.name}Outputs" if len(outputs) > 1 else "Tensor"
        if len(outputs) > 1:
            body += self._outputs_class(returned)
        for cls in self.classes.all:
            body += [Line(""), Line("")]
            body += self._class(cls, is_root=cls is top, returned=returned)
        initialise = self.initialisation
        helpers = list(dict.fromkeys(self.helpers.values()))
        constants = [
            line
            for source, name in self.classes.constants.items()
            for line in _wrapped(f"{name} = {source}")
        ]
        text = "\n".join([*(line.text for line in body), *initialise, *helpers, *constants])
        head = [f'"""{self._title()}"""', ""]
        if "math." in text:
            head.append("import math")
        if "OrderedDict(" in text:
            head.append("from collections import OrderedDict")
        if "(NamedTuple)" in text:
            head.append("from typing import NamedTuple")
        if head[-1]:
            head.append("")
        head += ["import torch"] if "torch." in text else []
        if "F." in text:
            head.append("import torch.nn.functional as F")
        head.append("from torch import Tensor, nn")
        head += [helper for helper in helpers if is_import(helper)]
        for helper in helpers:
            if not is_import(helper):
                head += ["", "", *helper.strip("\n").split("\n")]
        head += ["", *constants] if constants else []
        tail = ["", "", *initialise] if initialise else []
        lines = [Line(text) for text in head] + body + [Line(text) for text in tail]
        return lines

    def _title(self) -> str:
        program = self.network.program
        title = program.description.strip() or f"The network {program.name}."
        safe = json.dumps(title)[1:-1].replace('"""', "'''")
        return f"{safe}" if safe.endswith(".") else f"{safe}."

    def _outputs_class(self, name: str) -> list[Line]:
        lines = [Line(""), Line(""), Line(f"class {name}(NamedTuple):")]
        for output, value in self.graph.outputs.items():
            only = value.producer is not None and value.producer.train_only
            lines.append(Line(f"    {output}: Tensor" + (" | None" if only else "")))
        return lines

    # -- one class ------------------------------------------------------------------------

    def _class(self, cls: Class, *, is_root: bool, returned: str) -> list[Line]:
        unit = cls.first.unit
        lines = [Line(f"class {cls.name}(nn.Module):", unit.module)]
        params = []
        for param in cls.params:
            kind = hint(param.values)
            default = f" = {repr_literal(param.default)}" if param.has_default else ""
            params.append(f"{param.name}: {kind}{default}")
        lines += [Line(t) for t in signature("__init__", ["self", *params], "None")]
        lines.append(Line("        super().__init__()"))
        for name, made, module in cls.first.made:
            before, after = f"self.{name} = ", ""
            if made.buffer:
                before = f'self.register_buffer("{name}", '
                after = ")" if made.buffer == "persistent" else ", persistent=False)"
            elif not name.isidentifier():
                is_parameter = made.function.startswith("nn.Parameter(")
                register = "register_parameter" if is_parameter else "add_module"
                before, after = f'self.{register}("{name}", ', ")"
            text = f"        {before}{self._made(made, cls, 8, len(before))}{after}"
            lines += [Line(part, module) for part in text.split("\n")]
        lines += [Line(f"        self.{name} = {source}") for source, name in _stored(cls).items()]
        if is_root and self.initialisation:
            lines.append(Line("        initialise(self)"))
        if is_root or cls.first.outputs:  # what no output depends on is never run
            lines.append(Line(""))
            lines += self._forward(cls, is_root=is_root, returned=returned)
        return lines

    def _made(self, made: Made, cls: Class, indent: int, prefix: int) -> str:
        """A constructor call, on one line or with an argument on each."""
        parts: list[str] = []
        if made.function == "nn.Sequential":
            inner = [
                self._made(part, cls, indent + 4 + (4 if made.names else 0), len(name) + 6)
                for (name, _), part in zip(
                    [(n, 0) for n in made.names] or [("", 0)] * len(made.args),
                    [part for _k, part in made.args],
                    strict=True,
                )
                if isinstance(part, Made)
            ]
            if made.names:
                pad = " " * (indent + 8)
                pairs = [f'("{n}", {text})' for n, text in zip(made.names, inner, strict=True)]
                one = f"nn.Sequential(OrderedDict([{', '.join(pairs)}]))"
                if len(one) + indent + prefix <= WIDTH and "\n" not in one:
                    return one
                body = ",\n".join(pad + pair for pair in pairs)
                close = " " * (indent + 4)
                return f"nn.Sequential(\n{close}OrderedDict([\n{body},\n{close}])\n{' ' * indent})"
            one = f"nn.Sequential({', '.join(inner)})"
            if len(inner) == 1 and len(one) + indent + prefix <= WIDTH and "\n" not in one:
                return one
            pad = " " * (indent + 4)
            return "nn.Sequential(\n" + ",\n".join(pad + t for t in inner) + f",\n{' ' * indent})"
        if "{" in made.function:
            return made.function.format(
                **{name: cls.sources[part] for name, part in made.args if isinstance(part, int)}
            )
        for name, part in made.args:
            assert isinstance(part, int)
            literal = cls.first.literals[part]
            source = cls.sources[part]
            if is_default(cls, part, literal.default):
                continue
            parts.append(f"{name}={source}" if name else source)
        self._note_helper(made.function)
        one = f"{made.function}({', '.join(parts)})"
        if len(one) + indent + prefix <= WIDTH:
            return one
        pad = " " * (indent + 4)
        return f"{made.function}(\n" + ",\n".join(pad + p for p in parts) + f",\n{' ' * indent})"

    def _note_helper(self, function: str) -> None:
        """Put the helper class that a call names into the file, once."""
        if function in self.known_helpers:
            self.helpers.setdefault(function, self.known_helpers[function])

    # -- forward --------------------------------------------------------------------------

    def _forward(self, cls: Class, *, is_root: bool, returned: str) -> list[Line]:
        shape = cls.first
        names = Variables(shape.done, shape.outputs, input_names(cls, self.network, is_root))
        results = (
            "Tensor"
            if len(shape.outputs) == 1
            else (f"tuple[{', '.join(['Tensor'] * len(shape.outputs))}]")
        )
        header = signature(
            "forward",
            ["self", *(f"{n}: Tensor" for n in names.inputs)],
            returned + (" | Tensor" if is_root and self._has_heads() else "")
            if is_root
            else results,
        )
        body = [Line(text) for text in header]
        for done in shape.done:
            plain = [names.of[n] for n in done.operands]
            operands = [
                name + form.format(*plain) for name, form in zip(plain, done.forms, strict=True)
            ]
            targets = names.assign(done)
            body += self._step(done, cls, operands, targets)
        body += self._return(cls, names, is_root=is_root, returned=returned)
        return _merged(body)

    def _has_heads(self) -> bool:
        values = self.graph.outputs.values()
        always = [v for v in values if v.producer is None or not v.producer.train_only]
        return len(always) == 1 and len(values) > 1

    def _return(self, cls: Class, names: Variables, *, is_root: bool, returned: str) -> list[Line]:
        if not is_root:
            return [Line(f"        return {', '.join(names.of[n] for n in cls.first.outputs)}")]
        values = self.graph.outputs
        texts = [names.of[cls.first.values[value]] for value in values.values()]
        if len(texts) == 1:
            return [Line(f"        return {texts[0]}")]
        lines = [Line(f"        return {returned}({', '.join(texts)})")]
        if self._has_heads():
            always = next(
                text
                for text, v in zip(texts, values.values(), strict=True)
                if v.producer is None or not v.producer.train_only
            )
            lines = [
                Line("        if not self.training:"),
                Line(f"            return {always}"),
                *lines,
            ]
        return lines

    def _step(self, done: Done, cls: Class, operands: list[str], targets: list[str]) -> list[Line]:
        target = ", ".join(targets)
        if done.call is None:
            assert done.member is not None
            text = f"{attribute(done.member)}({', '.join(operands)})"
        else:
            if done.inplace and done.call.function == "+" and len(operands) == 2:
                lines = [] if target == operands[0] else [Line(f"        {target} = {operands[0]}")]
                return [*lines, Line(f"        {target} += {operands[1]}", done.module)]
            text = self._call(done, cls, operands)
        if done.train_only:
            nothing = f"({', '.join(['None'] * len(targets))})" if len(targets) > 1 else "None"
            text = f"{text} if self.training else {nothing}"
        elif target == text:
            return []
        return [Line(f"        {target} = {text}", done.module)]

    def _call(self, done: Done, cls: Class, operands: list[str]) -> str:
        assert done.call is not None

        def source(number: int) -> str:
            if number in cls.stored:
                return f"self.{cls.stored[number]}"
            return cls.sources[number]

        sources: list[tuple[Arg, str | None]] = []
        for arg, number in done.args:
            if number is None:
                sources.append((arg, operand_text(arg.value, operands)))
            elif not is_default(cls, number, arg.default):
                sources.append((arg, source(number)))
            else:
                sources.append((arg, None))
        member = attribute(done.member) if done.member else ""
        self._note_helper(done.call.function.partition("(")[0])
        return call_text(done.call, operands, sources, member)


def _wrapped(text: str) -> list[str]:
    """A long list of numbers on several lines; within its parentheses any space may be broken."""
    return textwrap.wrap(
        text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _stored(cls: Class) -> dict[str, str]:
    """The literals that `forward` reads: by their source, the attribute that each is kept in."""
    attributes: dict[str, str] = {}
    taken = {name for name, _made, _module in cls.first.made} | MODULE_ATTRIBUTES
    for number in cls.stored:
        source = cls.sources[number]
        if source not in attributes:
            base = source if source.isidentifier() else f"_{cls.first.literals[number].slot}"
            name, n = base, 2
            while name in taken:
                name, n = f"{base}_{n}", n + 1
            taken.add(name)
            attributes[source] = name
        cls.stored[number] = attributes[source]
    return attributes


def _merged(lines: list[Line]) -> list[Line]:
    """`x = f(x)` followed by `return x` is `return f(x)`."""
    if len(lines) < 2:
        return lines
    last, step = lines[-1], lines[-2]
    if not last.text.startswith("        return "):
        return lines
    name = last.text.removeprefix("        return ")
    start = f"        {name} = "
    if name.isidentifier() and step.text.startswith(start):
        return [*lines[:-2], Line(f"        return {step.text.removeprefix(start)}", step.module)]
    return lines
