"""The codes of all diagnostics, each with an explanation, a wrong example and a right one.

Declared here and raised above; nothing but the diagnostics stands below, so that
`archspec explain` is quick.
"""

from __future__ import annotations

from archspec.diagnostics import RULES, Rule

from . import (  # noqa: F401 (they declare the codes)
    contracts,
    expressions,
    lint,
    network,
    spaces,
    spec,
    text,
)


def all_rules() -> dict[str, Rule]:
    """Every rule by its code, in order."""
    return dict(sorted(RULES.items()))
