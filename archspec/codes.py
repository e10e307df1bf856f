"""All diagnostic codes: imports the modules that declare them."""

from __future__ import annotations

from importlib import import_module

from archspec.diagnostics import RULES, Rule

DECLARING = (
    "archspec.syntax",
    "archspec.expressions",
    "archspec.connections",
    "archspec.schema",
    "archspec.names",
    "archspec.expand",
    "archspec.analysis",
    "archspec.backends.torch.initialisation",
    "archspec.api",
)


def all_rules() -> dict[str, Rule]:
    """Every rule by its code, in order."""
    for module in DECLARING:
        import_module(module)
    return dict(sorted(RULES.items()))
