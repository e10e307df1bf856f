"""Rules and suggestions."""

from __future__ import annotations

import time

import pytest

from archspec.diagnostics import RULES, SpecError, did_you_mean, rule, suggest


def test_a_code_is_declared_once() -> None:
    made = rule("AS9901", "t", "e", wrong="w", right="r")
    try:
        assert RULES["AS9901"] is made
        with pytest.raises(ValueError, match="AS9901"):
            rule("AS9901", "t", "e", wrong="w", right="r")
        error = made.error(None, "message", help="h")
        assert isinstance(error, SpecError)
        assert error.diagnostics == (made.at(None, "message", help="h"),)
    finally:
        del RULES["AS9901"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("strides", "stride"),
        ("Stride", "stride"),
        ("widht", "width"),
        ("batch-norm", "batch_norm"),
        ("BatchNorm", "batch_norm"),
        ("paddings", "padding"),
        ("zzz", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_what_a_misspelt_word_meant(word: str, meant: str | None) -> None:
    known = ["stride", "width", "weight", "batch_norm", "padding", ""]
    assert suggest(word, known) == ([meant] if meant else [])
    assert did_you_mean(word, known) == (f"did you mean `{meant}`?" if meant else None)


def test_long_words_cost_little() -> None:
    start = time.process_time()
    suggest("ab" * 30, ["ba" * 50_000] * 5 + [f"name{i}" for i in range(100_000)])
    assert time.process_time() - start < 1
