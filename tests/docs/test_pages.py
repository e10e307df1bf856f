"""The pages are true: their samples run, their links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .samples import samples

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
RUN = [
    page for page in PAGES if any(s.kind in ("python", "console") or s.title for s in samples(page))
]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_samples(page: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.docs.samples", str(page), str(tmp_path)]
    env = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, env=env)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_what_is_generated_is_current() -> None:
    """In a process of its own: other tests add ops to the catalogue."""
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"run `make docs`:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)|<img src=\"([^\"]+)\"", text):
        link = "".join(target)
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), f"{page.name} links to {link}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in slugs, f"{page.name} links to {link}"
