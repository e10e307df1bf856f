"""Initialisers: what the spec says of initialisation, checked and resolved per node.

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
from archspec.expressions.values import written
from archspec.fields import LARGEST
from archspec.graph import Graph, Node
from archspec.ops import catalogue
from archspec.syntax import Mapping, Tree

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


def initialiser(value: Any, tree: Tree) -> Initialiser:
    """The initialiser that a value names; `tree` is how it was written."""
    given = {value: None} if isinstance(value, str) else value
    names = [name for name in given if name in INITIALISERS] if isinstance(given, dict) else []
    if len(names) != 1:
        shown = f"`{', '.join(given)}`" if isinstance(given, dict) and given else written(value)
        raise BAD_INIT.error(
            tree.span,
            f"{shown} is no initialiser of torch.nn.init",
            help=did_you_mean(shown.strip("`"), INITIALISERS)
            or f"one of {', '.join(INITIALISERS)}",
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
                _key(tree, key),
                f"`{name}` has no argument called `{key}`",
                help=did_you_mean(key, takes) or f"it takes {', '.join(takes) or 'none'}",
            )
        else:
            args[key] = argument
    for key, argument in args.items():
        expected = _expected(key, argument)
        if expected:
            place = key if key in given else name
            raise BAD_INIT.error(
                _value(tree, place),
                f"`{key}` of `{name}` does not take {written(argument)}: {expected} was expected",
                help=did_you_mean(str(argument), _WORDS.get(key, ())),
            )
    wrong = _together(name, args)
    if wrong:
        raise BAD_INIT.error(tree.span, f"`{name}` {wrong}")
    return Initialiser(name, tuple(args.items()))


_LINEAR = ("linear", *(f"conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3)))
_WORDS = {
    "mode": ("fan_in", "fan_out"),
    "nonlinearity": ("leaky_relu", "relu", "tanh", "sigmoid", "selu", *_LINEAR),
}
"""The words that an argument takes; all others take numbers."""


def _expected(key: str, value: Any) -> str | None:
    """What was expected of one argument; None where its value is right."""
    words = _WORDS.get(key)
    if words is not None:
        return None if value in words else f"one of {', '.join(words)}"
    if key == "groups":
        right = type(value) is int and value > 0
        return None if right else "a whole number greater than 0"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "a number"
    if not abs(value) <= LARGEST:
        return "a number within 3.4e38"
    if key in ("std", "gain") and value < 0:
        return "a number of at least 0"
    return "a number from 0 to 1" if key == "sparsity" and not 0 <= value <= 1 else None


def _together(name: str, args: dict[str, Any]) -> str | None:
    """What is wrong with the arguments together."""
    required = {"constant": "val", "sparse": "sparsity"}.get(name)
    if required is not None and required not in args:
        return f"needs `{required}`"
    low, high = {"uniform": (0, 1), "trunc_normal": (-2, 2)}.get(name, (0, 1))
    low, high = args.get("a", low), args.get("b", high)
    if name == "uniform" and not 0 <= high - low <= LARGEST:
        return f"draws from `a` to `b`, and from {low} to {high} there is nothing to draw"
    if name == "trunc_normal" and not (args.get("std", 1) > 0 and low < high):
        return f"needs `std` above 0 and `a` below `b`, not {args.get('std', 1)}, {low} and {high}"
    return None


def _misfit(init: Initialiser, shape: tuple[int, ...]) -> str | None:
    """What a weight must be for an initialiser; None where it is."""
    axes = len(shape)
    if init.name.startswith(("xavier", "kaiming", "orthogonal")) and axes < 2:
        return "is for weights of 2 axes and more"
    if init.name in ("eye", "sparse") and axes != 2:
        return "is for weights of 2 axes"
    if init.name == "dirac":
        groups = dict(init.args).get("groups", 1)
        if not 3 <= axes <= 5:
            return "is for the weights of convolutions"
        if shape[0] % groups:
            return f"divides the output channels into {groups} groups, which does not come out even"
    return None


def initialisers(value: Any, tree: Tree, weights: tuple[str, ...]) -> Initialisers:
    """Initialisers per weight: of the first one where none is named."""
    if isinstance(value, dict) and not any(name in INITIALISERS for name in value):
        found = {}
        for name, inner in value.items():
            if name not in weights and name not in ("weight", "bias"):
                raise BAD_INIT.error(
                    _key(tree, name),
                    f"no weight is called `{name}`",
                    help=did_you_mean(name, weights) or f"there are {', '.join(weights)}",
                )
            entry = tree.entries.get(name) if isinstance(tree, Mapping) else None
            found[name] = initialiser(inner, tree if entry is None else entry.value)
        return found
    return {weights[0] if weights else "weight": initialiser(value, tree)}


def _value(tree: Tree, key: str) -> Span:
    """Where the value at a key stands; of one that was chosen, the choice."""
    known = isinstance(tree, Mapping) and key in tree.entries
    return tree.entries[key].value.span if known else tree.span  # type: ignore[union-attr]


def _key(tree: Tree, key: str) -> Span:
    """Where a key of a mapping stands; the whole where a parameter gave the mapping."""
    if isinstance(tree, Mapping) and key in tree.entries:
        return tree.entries[key].key_span
    return tree.span


def resolve(network: Network, graph: Graph) -> dict[Node, Initialisers]:
    """The initialisers of every node that the spec says something of."""
    program = network.program
    found: dict[Node, Initialisers] = {}
    spec_wide: dict[str, tuple[Any, Argument]] = {
        op: (evaluate(argument.value, network.env), argument)
        for op, argument in program.init.items()
    }
    for op, (value, argument) in spec_wide.items():
        if op not in catalogue():
            said = program.tree.get("init") if isinstance(program.tree, Mapping) else None
            raise BAD_INIT.error(
                argument.span if said is None else _key(said, op),
                f"no op is called `{op}`",
                help=did_you_mean(op, catalogue()) or "`init` takes the names of ops",
            )
        initialisers(value, argument.tree, ("weight", "bias"))
    if not spec_wide and not graph.outline.said:
        return found
    for_kind: dict[tuple[str, tuple[str, ...]], Initialisers] = {}
    for node in graph.nodes:
        if (node.module.init is None and node.op.name not in spec_wide) or not node.weights:
            continue
        trained = tuple([name for name, weight in node.weights.items() if weight.trained])
        kind = (node.op.name, trained)
        if kind not in for_kind:
            for_kind[kind] = {}
            if node.op.name in spec_wide:
                value, argument = spec_wide[node.op.name]
                inits = initialisers(value, argument.tree, trained)
                for_kind[kind] = {name: init for name, init in inits.items() if name in trained}
        merged = for_kind[kind]
        own: Initialisers = {}
        argument_: Argument | None = None
        if node.module.init is not None:
            assert node.module.node is not None
            argument_ = node.module.node.common.init
            assert argument_ is not None
            own = initialisers(node.module.init, argument_.tree, trained)
            merged = merged | {name: init for name, init in own.items() if name in trained}
        for name, init in merged.items():
            wrong = _misfit(init, node.weights[name].shape)
            if wrong:
                by_op = spec_wide.get(node.op.name)
                blamed = argument_ if name in own or by_op is None else by_op[1]
                assert blamed is not None
                shape = " x ".join(map(str, node.weights[name].shape)) or "one number"
                what = f"`{node.path}.{name}`" if name else f"`{node.path}`"
                raise BAD_INIT.error(blamed.span, f"`{init.name}` {wrong}, and {what} is {shape}")
        if merged:
            found[node] = merged
    return found
