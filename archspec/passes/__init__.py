"""Graph to graph: what makes the compiled model faster, each provably output-preserving."""

from .inplace import inplace

__all__ = ["inplace"]
