"""The space of a spec: its decisions, when they exist, and what is wrong in any of its options."""

from __future__ import annotations

import itertools
import math
import random

import pytest

import archspec
from archspec import SpecError
from archspec.search.space import Decision, Space
from archspec.search.spec_space import SpecSpace

HEAD = "archspec: 1\ninput: [3, 8, 8]\n"


def space(text: str) -> SpecSpace:
    return archspec.load_space(HEAD + text)


def sets(found: SpecSpace) -> list[dict[str, object]]:
    return [found.space.values(answers) for answers in found.space.all()]


NESTED = """
stages:
  - choice:
      conv: {conv: 3, kernel: {choice: [1, 3]}, padding: half}
      two: [{optional: relu}, {dropout: {choice: [0.1, 0.2, 0.3]}}]
      none: identity
  - {repeat: {choice: [1, 2]}, body: {conv: 3, kernel: {choice: [1, 3]}, padding: half}}
"""


def test_decisions_under_an_option_exist_with_it() -> None:
    found = space(NESTED)
    when = {d.name: d.when for d in found.space.decisions}
    assert when["0"] == () and when["1.repeat"] == ()
    assert when["0.conv.kernel"] == ((("0", 0),),)
    assert when["0.two.1.dropout"] == ((("0", 1),),)
    assert when["1.1.kernel"] == ((("1.repeat", 1),),)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (NESTED, (2 + 2 * 3 + 1) * (2 + 2 * 2)),
        ("stages: [{conv: {range: [8, 64], step: 8}, kernel: 1}]", 8),
        ("stages: {a: relu, b: {concat: [input, {optional: a}]}}", 2),
        (
            "params: {k: {choice: [1, 3]}}\nstages: [{conv: 3, kernel: $k}, {conv: 3, kernel: $k}]",
            2,
        ),
    ],
)
def test_the_size_is_the_number_of_sets_and_each_means_a_child(text: str, size: int) -> None:
    found = space(text)
    every = list(found.space.all())
    assert found.space.size == len(every) == size
    assert len({found.space.key(answers) for answers in every}) == size
    for answers in every:
        assert found.network(answers).decisions.asked.keys() == answers.keys()


WHEN = """
params: {a: {choice: [0, 1]}, b: {choice: [0, 1]}, c: {choice: [0, 1]}}
stages:
  - {conv: 3, kernel: {choice: [1, 3]}, padding: half, when: CONDITION}
  - {dropout: $(0.1 * (a + b + c))}
"""


@pytest.mark.parametrize(
    "condition",
    [
        "a == 1",
        "a == 1 and b == 1",
        "a == 1 or b == 1",
        "a == b",
        "a + b + c != 1",
        "a == 0 or c == 0",
    ],
)
def test_conditions_of_several_choices_are_found(condition: str) -> None:
    found = space(WHEN.replace("CONDITION", f"$({condition})"))
    for a, b, c in itertools.product((0, 1), repeat=3):
        there = found.space.by_name["0.kernel"].exists({"a": a, "b": b, "c": c})
        assert there == eval(condition, {"a": a, "b": b, "c": c})


def test_a_range_of_floats_has_no_end() -> None:
    found = space("stages: [{dropout: {range: [0.1, 0.5]}}]")
    assert found.space.size == math.inf
    drawn = [found.sample(random.Random(n))["0.dropout"] for n in range(20)]
    assert all(0.1 <= p <= 0.5 for p in drawn) and len(set(drawn)) == 20


def test_every_option_is_checked_and_the_message_names_decision_and_option() -> None:
    with pytest.raises(SpecError) as caught:
        space(
            "stages: [{conv: 8, kernel: {choice: [3, 5, 11]}}, {conv: 8, kernel: {choice: [1, x]}}]"
        )
    said = [(d.code, d.message.partition(":")[0]) for d in caught.value.diagnostics]
    assert said == [
        ("AS0804", "no child has `0.kernel` = `11`"),
        ("AS0804", "no child has `1.kernel` = `x`"),
    ]


def test_an_option_that_fits_only_some_others_is_no_mistake() -> None:
    found = space(
        "stages:\n  a: {conv: {choice: [3, 8]}, kernel: 1}\n  b: {conv: {choice: [3, 8]}, kernel: 1}\n"
        "  c: {add: [a, b]}\n"
    )
    reasons = [found.reason(answers) for answers in found.space.all()]
    assert [reason is None for reason in reasons] == [True, False, False, True]
    assert "add joins" in str(reasons[1])


def test_an_argument_that_only_some_options_take_is_no_mistake() -> None:
    found = space("""
params: {kind: {choice: [sized, plain]}}
blocks:
  sized: {params: {n: int, k: 3}, body: [{conv: $n, kernel: $k, padding: half}]}
  plain: {params: {n: int}, body: [{conv: $n, kernel: 1}]}
stages: [{choice: {small: {$kind: 8, k: 3}, large: {$kind: 8, k: 5}, none: {$kind: 8}}}]
""")
    reasons = [found.reason(answers) for answers in found.space.all()]
    assert [reason is None for reason in reasons] == [True, True, True, False, False, True]


def test_each_value_of_a_range_that_no_child_has_is_told() -> None:
    with pytest.raises(SpecError) as caught:
        space("params: {rows: {range: [4, 7]}}\nstages: [{reshape: [$rows, -1]}]")
    said = [d.message.partition(":")[0] for d in caught.value.diagnostics]
    assert said == ["no child has `rows` = `5`", "no child has `rows` = `7`"]


def test_the_space_says_how_many_children_meet_what_is_required() -> None:
    found = space("require: {params: <= 100}\nstages: [{conv: {range: [1, 50]}, kernel: 1}]")
    good, tried = found.acceptance
    assert 0.3 < good / tried < 0.7  # 25 of the 50 have at most 100


def test_a_choice_that_no_child_has_is_told() -> None:
    text = "stages: [{conv: 3, kernel: {choice: [1, 3]}, when: false}, relu]"
    assert [d.code for d in space(text).findings] == ["AS0805"]


def test_finding_a_space_is_bounded() -> None:
    wide = "".join(f"  l{n}: {{dropout: {{range: [1, 9999]}}}}\n" for n in range(3))
    with pytest.raises(SpecError) as caught:
        space(f"stages:\n{wide}")
    assert caught.value.diagnostics[0].code in ("AS0806", "AS0804")


def test_all_goes_through_a_space_in_order() -> None:
    decisions = (
        Decision("a", "choice", ("x", "y")),
        Decision("b", "choice", (1, 2), when=((("a", 1),),)),
    )
    assert list(Space(decisions).all()) == [{"a": 0}, {"a": 1, "b": 0}, {"a": 1, "b": 1}]


def test_a_key_may_be_written_with_an_escape() -> None:
    text = 'archspec: 1\ninput: [3, 8, 8]\nstages: {a: {"\\u0063hoice": {x: relu, y: tanh}}}\n'
    assert [d.name for d in archspec.load_space(text).space.decisions] == ["a"]
