"""Backends: what a graph is turned into."""
