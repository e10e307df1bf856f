"""How many examples a law is held to."""

from __future__ import annotations

from hypothesis import settings


def examples(few: int, many: int) -> int:
    """A few where they are the same every time, many where `make test-all` looks for new ones."""
    return few if settings.default.derandomize else many
