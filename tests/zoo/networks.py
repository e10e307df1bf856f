"""The shipped networks as parameters of a test: one of each kind is quick, its variants are slow."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.syntax import parse, plain, read

SPECS = archspec.list_specs()
ZOO = [spec.name for spec in SPECS]
KINDS = [spec.name for spec in SPECS if "extends" not in plain(parse(read(spec.path)))]
"""Those that extend no other."""


def networks(quick: Any = KINDS) -> Any:
    """Every shipped network; those that are not quick are slow."""
    return pytest.mark.parametrize(
        "name", [pytest.param(n, marks=() if n in quick else pytest.mark.slow) for n in ZOO]
    )
