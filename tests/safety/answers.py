"""What archspec answers to a spec, in a process that may take 2 s and 500 MB."""

from __future__ import annotations

import json
from pathlib import Path

import archspec
from archspec.limits import within_limits

SECONDS = 2
MEMORY = 500 << 20


def answer(path: Path, limit: int | None = None) -> list[str]:
    """The codes of the errors in a spec, each once; a network is generated and drawn as well.

    Raises LimitReached where that takes too much or ends in a traceback.
    """

    def work() -> bytes:
        found = archspec.validate(path, limit=limit)
        for diagnostic in found[:100]:
            assert len(diagnostic.format()) < 20_000
        errors = dict.fromkeys(d.code for d in found if d.severity == "error")
        if not errors:
            architecture = archspec.load(path, limit=limit)
            compile(architecture.source(), "network", "exec")
            architecture.render(level="op", format="dot")
            architecture.render(layout="spine")
        return json.dumps(list(errors)).encode()

    found: list[str] = json.loads(within_limits(work, SECONDS, MEMORY))
    return found
