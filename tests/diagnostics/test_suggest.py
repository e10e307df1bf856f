"""Suggestions: what is passed over unread would not have been suggested."""

from __future__ import annotations

from difflib import get_close_matches

from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics.suggest import _CUTOFF, _with_letters_of

words = st.text("abcde012", min_size=1, max_size=12)


@given(words, st.lists(words, max_size=30))
def test_no_near_word_is_passed_over(word: str, candidates: list[str]) -> None:
    near = get_close_matches(word, candidates, 30, _CUTOFF)
    assert get_close_matches(word, _with_letters_of(word, candidates), 30, _CUTOFF) == near
