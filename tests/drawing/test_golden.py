"""A small scene in every text format, and where graphviz places it: the same as before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .golden import GOLDEN, NAMES, made


@pytest.mark.parametrize("name", NAMES)
def test_a_small_scene_is_written_as_before(name: str) -> None:
    """`python -m tests.drawing.golden` accepts what is written now."""
    assert made(name) == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_hash_seed_changes_nothing(seed: str) -> None:
    code = (
        "import sys\nfrom tests.drawing.golden import NAMES, made\n"
        "sys.stdout.buffer.write(''.join(map(made, NAMES)).encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.decode() == "".join(made(name) for name in NAMES)
