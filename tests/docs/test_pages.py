"""The pages are true: their samples run, their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .samples import run, samples

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
RUN = [page for page in PAGES if any(s.kind in ("python", "console") for s in samples(page))]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_samples(page: Path, tmp_path: Path) -> None:
    assert run(page, tmp_path)


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
