"""Initialisation: what the spec says of it, resolved per node, as source and as one pass.

`init:` of the spec gives an initialiser per op, a node's own `init:` goes over it; without either
torch's default stands. The names are those of `torch.nn.init`, without the underscore.
"""

from __future__ import annotations

from typing import Any

from archspec.codes.contracts import BAD_INIT
from archspec.connections import Argument
from archspec.diagnostics import Span, did_you_mean
from archspec.expand import Network
from archspec.expand.parameters import evaluate
from archspec.graph import Graph, Node

INITIALISERS: dict[str, tuple[str, ...]] = {
    "uniform": ("a", "b"),
    "normal": ("mean", "std"),
    "trunc_normal": ("mean", "std", "a", "b"),
    "constant": ("val",),
    "ones": (),
    "zeros": (),
    "eye": (),
    "dirac": ("groups",),
    "xavier_uniform": ("gain",),
    "xavier_normal": ("gain",),
    "kaiming_uniform": ("a", "mode", "nonlinearity"),
    "kaiming_normal": ("a", "mode", "nonlinearity"),
    "orthogonal": ("gain",),
    "sparse": ("sparsity", "std"),
}
"""The functions of torch.nn.init and their arguments; the first is the main one."""


class Initialiser:
    """One function of torch.nn.init with its arguments."""

    __slots__ = ("args", "name")

    def __init__(self, name: str, args: tuple[tuple[str, Any], ...]):
        self.name = name
        self.args = args

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Initialiser) and (self.name, self.args) == (other.name, other.args)

    def __hash__(self) -> int:
        return hash((self.name, self.args))

    def call(self, tensor: str) -> str:
        """The call as source."""
        args = "".join(
            f', {name}="{value}"' if isinstance(value, str) else f", {name}={value!r}"
            for name, value in self.args
        )
        return f"nn.init.{self.name}_({tensor}{args})"


Initialisers = dict[str, Initialiser]


def initialiser(value: Any, span: Span) -> Initialiser:
    """The initialiser that a value names."""
    given = {value: None} if isinstance(value, str) else value
    names = [name for name in given if name in INITIALISERS] if isinstance(given, dict) else []
    if len(names) != 1:
        shown = value if isinstance(value, str) else ", ".join(given or ())
        raise BAD_INIT.error(
            span,
            f"`{shown}` is no initialiser of torch.nn.init",
            help=did_you_mean(str(shown), INITIALISERS) or f"one of {', '.join(INITIALISERS)}",
        )
    name = names[0]
    takes = INITIALISERS[name]
    args = {}
    for key, argument in given.items():
        if key == name:
            if argument is not None and takes:
                args[takes[0]] = argument
        elif key not in takes:
            raise BAD_INIT.error(
                span,
                f"`{name}` has no argument called `{key}`",
                help=did_you_mean(key, takes) or f"it takes {', '.join(takes) or 'none'}",
            )
        else:
            args[key] = argument
    return Initialiser(name, tuple(args.items()))


def initialisers(value: Any, span: Span, weights: tuple[str, ...]) -> Initialisers:
    """Initialisers per weight: of the first one where none is named."""
    if isinstance(value, dict) and not any(name in INITIALISERS for name in value):
        found = {}
        for name, inner in value.items():
            if name not in weights and name not in ("weight", "bias"):
                raise BAD_INIT.error(
                    span,
                    f"no weight is called `{name}`",
                    help=did_you_mean(name, weights) or f"there are {', '.join(weights)}",
                )
            found[name] = initialiser(inner, span)
        return found
    return {weights[0] if weights else "weight": initialiser(value, span)}


def resolve(network: Network, graph: Graph) -> dict[Node, Initialisers]:
    """The initialisers of every node that the spec says something of."""
    program = network.program
    found: dict[Node, Initialisers] = {}
    spec_wide: dict[str, tuple[Any, Argument]] = {
        op: (evaluate(argument.value, network.env), argument)
        for op, argument in program.init.items()
    }
    for op, (value, argument) in spec_wide.items():
        if op not in _catalogue():
            raise BAD_INIT.error(
                argument.span, f"no op is called `{op}`", help=did_you_mean(op, _catalogue())
            )
        initialisers(value, argument.span, ("weight", "bias"))
    for_kind: dict[tuple[str, tuple[str, ...]], Initialisers] = {}
    for node in graph:
        if not node.weights or (node.op.name not in spec_wide and node.module.init is None):
            continue
        trained = tuple([name for name, weight in node.weights.items() if weight.trained])
        kind = (node.op.name, trained)
        if kind not in for_kind:
            for_kind[kind] = {}
            if node.op.name in spec_wide:
                value, argument = spec_wide[node.op.name]
                said = initialisers(value, argument.span, trained)
                for_kind[kind] = {name: init for name, init in said.items() if name in trained}
        merged = for_kind[kind]
        if node.module.init is not None:
            assert node.module.node is not None
            argument_ = node.module.node.common.init
            assert argument_ is not None
            own = initialisers(node.module.init, argument_.span, trained)
            merged = merged | {name: init for name, init in own.items() if name in trained}
        if merged:
            found[node] = merged
    return found


def _catalogue() -> Any:
    from archspec.ops import catalogue

    return catalogue()


def initialisation_source(network: Network, graph: Graph) -> list[str]:
    """The function `initialise(model)` of the written-out file, or nothing."""
    resolved = resolve(network, graph)
    if not resolved:
        return []
    groups: dict[str, dict[tuple[tuple[str, Initialiser], ...], list[str]]] = {}
    for node in graph:
        made = node.applied.module
        kind = made.function if made is not None else ""
        if node.weights:
            inits = tuple(resolved.get(node, {}).items())
            groups.setdefault(kind, {}).setdefault(inits, []).append(node.path)
    lines = [
        "def initialise(model: nn.Module) -> None:",
        '    """Initialise the weights as the spec says; the rest keeps torch\'s default."""',
    ]
    whole: dict[tuple[tuple[str, Initialiser], ...], list[str]] = {}
    single: list[tuple[tuple[tuple[str, Initialiser], ...], list[str]]] = []
    for kind, variants in groups.items():
        if len(variants) == 1 and kind:
            ((inits, _paths),) = variants.items()
            if inits:
                whole.setdefault(inits, []).append(kind)
        else:
            single += [(inits, paths) for inits, paths in variants.items() if inits]
    if whole:
        lines.append("    for module in model.modules():")
        for number, (inits, kinds) in enumerate(whole.items()):
            kind = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
            lines.append(f"        {'el' if number else ''}if isinstance(module, {kind}):")
            lines += _calls(inits, "module", " " * 12, _optional(kinds, resolved))
    for inits, paths in single:
        names = ", ".join(f'"{path}"' for path in paths)
        lines.append(f"    for name in ({names},):")
        if any(name == "" for name, _init in inits):
            lines.append(f"        {inits[0][1].call('model.get_parameter(name)')}")
        else:
            lines.append("        module = model.get_submodule(name)")
            lines += _calls(inits, "module", " " * 8, ())
    return lines


def _optional(kinds: list[str], resolved: dict[Node, Initialisers]) -> tuple[str, ...]:
    """Weights that some modules of these kinds do not have."""
    missing = set()
    for node in resolved:
        made = node.applied.module
        if made is not None and made.function in kinds and "bias" not in node.weights:
            missing.add("bias")
    return tuple(missing)


def _calls(
    inits: tuple[tuple[str, Initialiser], ...], module: str, pad: str, optional: tuple[str, ...]
) -> list[str]:
    lines = []
    for name, init in inits:
        if name in optional:
            lines += [
                f"{pad}if {module}.{name} is not None:",
                f"{pad}    {init.call(f'{module}.{name}')}",
            ]
        else:
            lines.append(f"{pad}{init.call(f'{module}.{name}')}")
    return lines
