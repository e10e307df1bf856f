"""The graph of a network: ops with shapes, weights, cost and origin; networkx for whoever asks."""

from .graph import Graph, Node, build_graph, state_entries

__all__ = ["Graph", "Node", "build_graph", "state_entries"]
