"""Contracts: what `expect:` says must hold of a network.

An expectation that reads parameters is checked always; one that is a plain number speaks of the
spec's own parameter values, and is not held against a network whose parameters were set from
outside.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from archspec.codes.contracts import BROKEN, NOT_MET, UNKNOWN_CONTRACT
from archspec.codes.network import TOO_MANY_PARAMS
from archspec.connections import Argument
from archspec.diagnostics import Diagnostic
from archspec.expand import Network
from archspec.expand.parameters import evaluate, names_read
from archspec.expressions.values import written
from archspec.graph import Graph
from archspec.ops.dims import Dim, show_shape

from .cost import Cost, cost
from .reach import depth, receptive_field

_QUANTITIES: dict[str, Callable[[Graph, Cost], Any]] = {
    "params": lambda _graph, total: total.params,
    "macs": lambda _graph, total: total.macs,
    "receptive_field": lambda graph, _total: receptive_field(graph),
    "depth": lambda graph, _total: depth(graph),
    "nodes": lambda graph, _total: sum(graph.outline.counts.values()),
}
MAX_PARAMS = 10**12
_BOUND = re.compile(r"(<=|>=|<|>|==|~)?\s*([0-9][0-9_]*(?:\.[0-9]+)?)\s*([KMGT]?)")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def check_contracts(network: Network, graph: Graph) -> Iterator[Diagnostic]:
    """What does not hold, of what the spec says and of what holds for all networks."""
    counts = graph.outline.counts.items()
    if sum([count * (one.params + one.buffers) for one, count in counts]) > MAX_PARAMS:
        yield _too_many(graph)
    if not network.program.expect:
        return
    total = cost(graph)
    for name, argument in network.program.expect.items():
        if network.overridden and not names_read(argument.value):
            continue
        if name == "output":
            yield from _output(argument, network, graph)
        else:
            yield from _quantity(name, argument, network, graph, total)


def check_requirements(network: Network, graph: Graph) -> Iterator[Diagnostic]:
    """What a child of a search space must meet and does not."""
    if not network.program.require:
        return
    total = cost(graph)
    for name, argument in network.program.require.items():
        if name == "output":
            found = _output(argument, network, graph)
        else:
            found = _quantity(name, argument, network, graph, total)
        for diagnostic in found:
            broken = diagnostic.code == BROKEN.code
            yield replace(diagnostic, code=NOT_MET.code, help=None) if broken else diagnostic


def _too_many(graph: Graph) -> Diagnostic:
    """That there are too many parameters, at the node that has most of them."""
    largest = max(graph, key=lambda node: node.params + node.buffers)
    module = largest.module
    place = module.call.span if module.call is not None else module.origin.span
    whole = sum(node.params + node.buffers for node in graph)
    found = TOO_MANY_PARAMS.at(
        place,
        f"the network has {whole:,} parameters, {largest.params + largest.buffers:,} of them here",
        help=f"at most {MAX_PARAMS:,} is what anybody has",
        stack=module.origin.frames()[1:],
    )
    return replace(found, path=largest.label)


def _output(argument: Argument, network: Network, graph: Graph) -> Iterator[Diagnostic]:
    wanted = evaluate(argument.value, network.env)
    main = [v for v in graph.outputs.values() if v.producer is None or not v.producer.train_only]
    if not main:
        yield BROKEN.at(argument.span, "the network has no output when it evaluates")
        return
    got = main[0].shape
    if not isinstance(wanted, tuple | list):
        wanted = (wanted,)
    sizes = all(isinstance(size, int | str) and not isinstance(size, bool) for size in wanted)
    if not sizes:
        yield UNKNOWN_CONTRACT.at(
            argument.span,
            f"`output` takes the sizes of a shape, got {written(wanted)}",
            help=f"for example `[{', '.join(map(str, got))}]`",
        )
        return
    if tuple(str(d) for d in wanted) != tuple(str(d) for d in got):
        yield BROKEN.at(
            argument.span,
            f"the output is {show_shape(got)}, and {show_shape(wanted)} was expected",
        )


def _quantity(
    name: str, argument: Argument, network: Network, graph: Graph, total: Cost
) -> Iterator[Diagnostic]:
    wanted = evaluate(argument.value, network.env)
    match = _BOUND.fullmatch(str(wanted).strip())
    if match is None or isinstance(wanted, bool):
        yield UNKNOWN_CONTRACT.at(
            argument.span,
            f"`{name}` takes a number with a comparison, got {written(wanted)}",
            help="for example 25_557_032, `<= 4.2G` or `~ 4.09G`",
        )
        return
    got = _QUANTITIES[name](graph, total)
    if isinstance(got, Dim) or got is None:
        yield BROKEN.at(
            argument.span, f"`{name}` is {got or 'unbounded'}: it depends on sizes left free"
        )
        return
    sign, digits, unit = match.group(1) or "==", match.group(2).replace("_", ""), match.group(3)
    bound = float(digits) * _UNITS[unit] if "." in digits else int(digits) * _UNITS[unit]
    if not _holds(got, sign, bound, digits, unit):
        shown = f"{got:,}".replace(",", "_")
        yield BROKEN.at(
            argument.span,
            f"`{name}` is {shown}, and {wanted} was expected",
            help=f"if the network is right, write `{name}: {shown}`",
        )


def _holds(got: int, sign: str, bound: float, digits: str, unit: str) -> bool:
    if sign == "~":
        step: float = _UNITS[unit] / 10 ** len(digits.partition(".")[2])
        return abs(got - bound) <= step / 2 * (1 + 1e-9)
    compare: Callable[[float, float], bool] = {
        "==": operator.eq,
        "<=": operator.le,
        ">=": operator.ge,
        "<": operator.lt,
        ">": operator.gt,
    }[sign]
    return bool(compare(got, bound))
