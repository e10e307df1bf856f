"""The same spec gives the same bytes, whatever the order of hashes."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import hashlib, archspec
digest = hashlib.sha256()
for spec in archspec.list_specs():
    arch = archspec.load(spec.name)
    for made in (arch.source(), arch.resolved(), str(list(arch.graph.nodes(data=True)))):
        digest.update(made.encode())
    for level in ("stage", "block", "op"):
        digest.update(arch.render(format="dot", level=level))
print(digest.hexdigest())
"""


def test_the_order_of_hashes_does_not_matter() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            timeout=300,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(digests) == 1 and len(digests.pop()) == 65
