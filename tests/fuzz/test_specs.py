"""Any spec gets an answer: random ones that are nearly right, and the corpus."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from archspec.limits import within_limits
from tests.fuzz import target
from tests.fuzz.strategies import texts

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
MANY = os.environ.get("HYPOTHESIS_PROFILE") == "new"
SECONDS = 2
MEMORY = 500 << 20


@pytest.fixture(scope="module")
def net() -> Iterator[Path]:
    """The spec of a project with a library, a base, a link and a FIFO."""
    with tempfile.TemporaryDirectory() as folder:
        path = target.project(Path(folder))
        target.check("archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n", path)  # what comes late
        yield path


@settings(
    max_examples=4_000 if MANY else 300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(text=texts())
def test_a_random_spec_is_a_network_or_has_findings(net: Path, text: str) -> None:
    target.check(text, net)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_is_answered_in_time_and_memory(net: Path, path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")

    def work() -> bytes:
        return b"fine" if target.check(text, net) else b"refused"

    assert within_limits(work, SECONDS, MEMORY) in (b"fine", b"refused")


def test_nothing_outside_the_project_is_opened(tmp_path: Path) -> None:
    """In a process of its own, since what watches the files of a process cannot be taken away."""
    program = (
        "import json, sys, pathlib\n"
        "from tests.fuzz import target\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "path = target.project(root)\n"
        "target.watch(root)\n"
        "print(json.dumps([target.check(text, path) for text in json.load(sys.stdin)]))\n"
    )
    heads = [
        *("extends: link.yaml", "extends: pipe.yaml", "extends: ../x.yaml", "extends: /etc/passwd"),
        *("import: {link.yaml: [unit]}", "import: {/etc/passwd: [a]}", "extends: base.yaml"),
        *("import: {pipe.yaml: [unit]}", "import: {blocks.yaml: [unit]}", "extends: ~/x.yaml"),
        *("extends: archspec:../../etc/passwd", "extends: archspec:resnet18", "extends: ."),
    ]
    given = [f"archspec: 1\ninput: [3, 8, 8]\n{head}\nstages: [relu]\n" for head in heads]
    given += [path.read_bytes().decode("utf-8", "replace") for path in CORPUS]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = dict(zip(heads, json.loads(done.stdout), strict=False))
    assert answers == {
        head: head.split(": ")[1].startswith("base")
        or "blocks" in head
        or head.endswith("resnet18")
        for head in heads
    }
