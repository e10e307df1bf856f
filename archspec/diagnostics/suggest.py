"""Suggestions: the known word that a misspelt one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(word: str, candidates: Iterable[str], n: int = 1) -> list[str]:
    """The `n` candidates nearest to `word`; none where nothing is near."""
    known = {_plain(c): c for c in candidates}
    return [known[m] for m in get_close_matches(_plain(word), known, n, 0.6)]


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The question to ask, or None where nothing is near."""
    found = suggest(word, candidates)
    return f"did you mean `{found[0]}`?" if found else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")
