"""Searching over architectures: a space of choices, strategies that choose, and runs that learn."""
