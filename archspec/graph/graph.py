"""The graph: every op of a network once, in execution order, with shapes, weights and cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.connections import Module, Value
from archspec.expand import Network
from archspec.ops import Op, Weight
from archspec.ops.dims import Dim

from .outline import Outline, outline

if TYPE_CHECKING:
    import networkx


class Node:
    """One op of the graph.

    weights: `state_dict` entries below the path. macs: multiply-accumulates for one sample.
    """

    __slots__ = ("_names", "applied", "index", "inputs", "module", "op", "outputs")

    def __init__(self, index: int, module: Module, names: _Names):
        assert module.applied is not None
        self.index = index
        self.module = module
        self._names = names
        self.applied = module.applied
        self.op: Op = module.applied.op
        self.inputs = module.inputs
        self.outputs = module.outputs

    @property
    def path(self) -> str:
        """Where its module stands in the compiled model, "" for an anonymous op."""
        return self._names.paths.get(self.module, "")

    @property
    def label(self) -> str:
        """What to call it in any case."""
        return self._names.labels[self.module]

    @property
    def train_only(self) -> bool:
        return self.module.train_only

    @property
    def weights(self) -> Mapping[str, Weight]:
        return self.applied.weights

    @property
    def params(self) -> int:
        """Number of trained parameters."""
        return self.applied.params

    @property
    def buffers(self) -> int:
        """Number of elements that are kept but not trained."""
        return self.applied.buffers

    @property
    def macs(self) -> int | Dim:
        """Multiply-accumulates for one sample."""
        return self.applied.macs

    def __repr__(self) -> str:
        return f"<Node {self.label} {self.op.name}>"


class Graph:
    """The ops of a network in execution order, and the values between them."""

    def __init__(self, network: Network):
        self.network = network
        self.name = network.program.name
        self.inputs: Mapping[str, Value] = network.inputs
        self.outputs: Mapping[str, Value] = network.outputs

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes; who can do with the outline spares the network to make its copies."""
        from archspec.schedule import execution_order

        order = execution_order(self.network.root)
        names = _Names(self.network, order)
        return tuple([Node(index, module, names) for index, module in enumerate(order)])

    @cached_property
    def outline(self) -> Outline:
        """What the network is made of."""
        return outline(self.network.root, self.outputs.values())

    @cached_property
    def by_module(self) -> dict[Module, Node]:
        """The nodes by what they were made of."""
        return {node.module: node for node in self.nodes}

    def producer(self, value: Value) -> Node | None:
        """The node that makes a value; None for an input of the network."""
        return None if value.producer is None else self.by_module[value.producer]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def networkx(self) -> networkx.MultiDiGraph[str]:
        """The graph for networkx: nodes by label, parallel edges kept apart by operand slot.

        Node attributes: path, op, args, in_shapes, out_shapes, params, macs, train_only, span,
        stack. Inputs and outputs of the network are nodes of the ops `input` and `output`. Edges
        are keyed by the operand's number and carry `shape` and `output`, the number of the
        producer's output.
        """
        import networkx

        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=self.name)
        labels: dict[Value, str] = {}
        for name, value in self.inputs.items():
            labels[value] = name
            graph.add_node(
                name,
                op="input",
                path="",
                args={},
                in_shapes=(),
                out_shapes=(value.shape,),
                params=0,
                macs=0,
            )
        for node in self.nodes:
            span = node.module.node.span if node.module.node is not None else None
            graph.add_node(
                node.label,
                path=node.path,
                op=node.op.name,
                args=dict(vars(node.op)),
                in_shapes=tuple(v.shape for v in node.inputs),
                out_shapes=tuple(v.shape for v in node.outputs),
                params=node.params,
                macs=node.macs,
                train_only=node.train_only,
                span=span,
                stack=node.module.origin.frames(),
            )
            for slot, value in enumerate(node.inputs):
                graph.add_edge(
                    self._source(value, labels),
                    node.label,
                    key=slot,
                    shape=value.shape,
                    output=value.index,
                )
        for name, value in self.outputs.items():
            key = f"output:{name}"
            graph.add_node(
                key,
                op="output",
                path="",
                args={},
                in_shapes=(value.shape,),
                out_shapes=(),
                params=0,
                macs=0,
            )
            graph.add_edge(
                self._source(value, labels), key, key=0, shape=value.shape, output=value.index
            )
        return graph

    def _source(self, value: Value, labels: Mapping[Value, str]) -> str:
        node = self.producer(value)
        return labels[value] if node is None else node.label


def build_graph(network: Network) -> Graph:
    """The graph of an expanded network, in execution order."""
    return Graph(network)


class _Names:
    """What the nodes of a graph are called, worked out when somebody asks."""

    def __init__(self, network: Network, order: Sequence[Module]):
        self.network = network
        self.order = order

    @cached_property
    def paths(self) -> dict[Module, str]:
        """The paths of all named modules, in one walk."""
        root = self.network.root
        paths: dict[Module, str] = {root: ""}
        for module in root.walk():
            prefix = paths.get(module)
            if prefix is None:
                continue
            for child in module.children:
                if child.named:
                    paths[child] = f"{prefix}.{child.name}" if prefix else child.name
        return paths

    @cached_property
    def labels(self) -> dict[Module, str]:
        """The paths, and for anonymous ops names that nothing else has."""
        found = {}
        taken: dict[str, int] = dict.fromkeys(self.network.inputs, 1)
        for module in self.order:
            label = self.paths.get(module) or _anonymous(module, self.network.root)
            count = taken[label] = taken.get(label, 0) + 1
            found[module] = label if count == 1 else f"{label}#{count}"
        return found


def _anonymous(module: Module, root: Module) -> str:
    parent = module.parent
    while parent is not None and not parent.named:
        parent = parent.parent
    prefix = parent.path if parent is not None and parent is not root else ""
    assert module.op is not None
    return f"{prefix}.{module.op.name}" if prefix else module.op.name


def state_entries(root: Module) -> Iterator[tuple[str, Weight]]:
    """The `state_dict` of the compiled model: keys and weights in torch's own order.

    A module lists the parameters and buffers that it owns itself before those of its children.
    """
    yield from _entries(root, "")


def _entries(module: Module, prefix: str) -> Iterator[tuple[str, Weight]]:
    own = []
    for child in module.registered:
        if child.applied is not None and "" in child.applied.weights:
            own.append((prefix + child.name, child.applied.weights[""]))
    yield from sorted(own, key=lambda entry: not entry[1].trained)
    for child in module.registered:
        path = f"{prefix}{child.name}." if child.named else prefix
        if child.applied is None:
            yield from _entries(child, path)
            continue
        for name, weight in child.applied.weights.items():
            if name:
                yield path + name, weight
