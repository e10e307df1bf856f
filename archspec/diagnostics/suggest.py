"""Suggestions: the known word that a misspelt one was meant to be."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import islice

_LONGEST = 64  # no name is longer; comparing long texts costs their product
_MOST = 2_000
_CUTOFF = 0.6
_LISTED = 40
_ENOUGH = 30_000
"""Comparisons for one spec: half a second. Who reads hundreds of findings needs no more suggestions."""


class _Effort(threading.local):
    left = _ENOUGH


_effort = _Effort()


def think_anew() -> None:
    """Begin with another spec, for which suggestions are looked for again."""
    _effort.left = _ENOUGH


def suggest(word: str, candidates: Iterable[str], n: int = 1) -> list[str]:
    """The `n` candidates nearest to `word`, the nearest first; none where nothing is near.

    >>> suggest("Batch-Norm", ["batch_norm", "layer_norm"])
    ['batch_norm']
    """
    if _effort.left <= 0 or not word or len(word) > _LONGEST:
        return []
    from difflib import get_close_matches  # only a failing run needs it

    known: dict[str, str] = {}
    for candidate in islice(candidates, _MOST):
        if len(candidate) <= _LONGEST and candidate != word:
            known.setdefault(_plain(candidate), candidate)
    _effort.left -= len(known)
    plain = _plain(word)
    if plain in known:
        near = [plain]
    elif len(plain) < 3:  # of two letters one may be wrong, but not the first
        near = sorted(k for k in known if len(k) < 4 and k[0] == plain[0])
    else:
        near = get_close_matches(plain, _with_letters_of(plain, known), max(n, 3), _CUTOFF)
        # `widht` is nearer to `width` than its common letters in order say.
        near.sort(key=lambda k: sorted(k) != sorted(plain))
    return [known[k] for k in near[:n]]


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The question to ask, or None where nothing is near.

    >>> did_you_mean("strides", ["stride", "padding"])
    'did you mean `stride`?'
    """
    found = suggest(word, candidates)
    return f"did you mean `{found[0]}`?" if found else None


def listed(words: Collection[str], nothing: str = "none") -> str:
    """The words there are, of many the first; `nothing` where there are none.

    >>> listed(["width", "depth"])
    'width, depth'
    """
    shown = ", ".join(islice(words, _LISTED))
    more = len(words) - _LISTED
    return f"{shown} and {more:,} more" if more > 0 else shown or nothing


def _with_letters_of(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that have letters enough in common with a word to be near it at all; counting
    them is quick, and in a long list most are far."""
    letters = str.maketrans("", "", word)
    length = len(word)
    return [
        candidate
        for candidate in candidates
        if 2.0 * min(length, (size := len(candidate)) - len(candidate.translate(letters)))
        >= _CUTOFF * (length + size)
    ]


@lru_cache(4096)  # each misspelt word of a spec is held to the same ones
def _plain(word: str) -> str:
    """A word without what people mix up: case, hyphens, underscores and spaces."""
    return word.lower().replace("-", "").replace("_", "").replace(" ", "") or word
