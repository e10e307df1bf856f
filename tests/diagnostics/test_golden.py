"""What is said of every broken spec of the corpus, to the letter."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from archspec.codes import all_rules

from .golden import Case, cases, said

CASES = list(cases())


@pytest.fixture(autouse=True)
def plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_is_said(case: Case) -> None:
    """`python -m tests.diagnostics.golden` accepts what is said now."""
    assert said(case) == case.expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_case_is_named_by_what_it_shows(case: Case) -> None:
    text = case.expected.read_text(encoding="utf-8")
    code = re.match(r"AS\d{4}", case.name)
    assert "exit code 0" not in text or "warning[" in text or code is None
    if code is not None:
        assert f"[{code.group()}]: " in text


def test_every_code_has_a_case() -> None:
    texts = chain(case.expected.read_text(encoding="utf-8") for case in CASES)
    shown = {
        code for text in texts for code in re.findall(r"^\w+\[(AS\d{4})\]", text, re.MULTILINE)
    }
    assert shown == set(all_rules())
    assert len(CASES) >= 150
