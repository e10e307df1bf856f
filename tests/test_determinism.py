"""The same spec gives the same bytes, whatever the order of hashes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.zoo.networks import KINDS, ZOO

CODE = """
import hashlib, sys, archspec
digest = hashlib.sha256()
for name in sys.argv[1:]:
    arch = archspec.load(name)
    for made in (arch.source(), arch.resolved(), arch.hash, str(list(arch.graph.nodes(data=True)))):
        digest.update(made.encode())
    for level in ("stage", "block", "op"):
        digest.update(arch.render(format="dot", level=level))
print(digest.hexdigest())
"""


@pytest.mark.parametrize(
    ("names", "seeds"),
    [(KINDS, (0, 4242)), pytest.param(ZOO, (0, 1, 12345), marks=pytest.mark.slow)],
    ids=["kinds", "zoo"],
)
def test_the_order_of_hashes_does_not_matter(names: list[str], seeds: tuple[int, ...]) -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", CODE, *names],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            timeout=300,
        ).stdout
        for seed in seeds
    }
    assert len(digests) == 1 and len(digests.pop()) == 65
