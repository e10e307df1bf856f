"""Every code: its wrong example raises it, its right one raises nothing."""

from __future__ import annotations

import pytest

import archspec
from archspec.codes import all_rules
from archspec.diagnostics import Rule

RULES = all_rules()
ABOUT_FILES = {
    "AS0110",  # a file that is not there
    "AS0111",  # a file that cannot be read
    "AS0112",  # too much work for an untrusted spec
    "AS0341",  # outside the project
    "AS0344",  # files that need each other
    "AS0370",  # no spec of that name
    "AS0792",  # a stale baseline
}
"""What a text alone cannot show: tested where files are read."""


@pytest.mark.parametrize("code", sorted(RULES.keys() - ABOUT_FILES))
def test_wrong_raises_it_and_right_does_not(code: str) -> None:
    rule = RULES[code]

    def wanted(other: Rule) -> bool:
        return other is rule or not other.optional

    assert code in {d.code for d in archspec.validate("wrong", text=rule.wrong, wanted=wanted)}
    assert archspec.validate("right", text=rule.right, wanted=wanted) == []


def test_every_rule_says_enough() -> None:
    for rule in RULES.values():
        assert rule.title and rule.explanation.endswith("."), rule.code
