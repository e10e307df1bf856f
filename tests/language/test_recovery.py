"""One run tells every mistake: none hides another, none makes up a second one."""

from __future__ import annotations

import archspec

HEAD = "archspec: 1\ninput: [3, 32, 32]\n"


def found(text: str) -> list[tuple[str, int]]:
    """The codes with their lines."""
    diagnostics = archspec.validate("spec", text=HEAD + text)
    return [(d.code, d.span.line - 2) for d in diagnostics if d.span is not None]


def test_independent_mistakes_are_told_together() -> None:
    text = """\
stages:
  stem: {conv: 64, kernel: 99}
  wide: {conv: $widht, kernel: 3, from: input}
  uneven: {conv: 7, groups: 2, kernel: 3, from: input}
  typo: {cnov: 3}
  sum: {add: [wide, nowhere]}
outputs: {x: [z]}
"""
    assert sorted(found(text), key=lambda one: one[1]) == [
        ("AS0401", 2),
        ("AS0202", 3),
        ("AS0401", 4),
        ("AS0301", 5),
        ("AS0402", 6),
        ("AS0402", 7),
    ]


def test_what_takes_a_broken_node_waits_in_silence() -> None:
    text = """\
stages:
  stem: {conv: 64, kernel: 99}
  down: {max_pool: 50}
  sum: {add: [stem, input]}
  flat: flatten
  fc: {linear: 10}
expect: {params: 3}
"""
    assert found(text) == [("AS0401", 2)]


def test_what_takes_a_node_by_a_name_that_is_refused_waits_in_silence() -> None:
    text = """\
stages:
  half: {max_pool: 2}
  a: {conv: 8, kernel: 1}
  b: {conv: 8, kernel: 1, from: half}
  class: {conv: 8, kernel: 1}
  sum: {add: [class, nowhere]}
"""
    assert found(text) == [("AS0330", 2), ("AS0330", 5), ("AS0402", 6)]


def test_a_name_that_may_be_that_of_a_broken_node_is_not_called_unknown() -> None:
    text = """\
stages:
  - for: {n: [1, $nowhere]}
    names: conv$n
    inline: true
    body: {conv: 8, kernel: 3}
  - {relu: null, from: conv1}
"""
    assert found(text) == [("AS0202", 2)]


def test_blocks_are_read_where_their_input_is_not_known() -> None:
    text = """\
blocks:
  unit:
    params: {channels: int}
    let: {inner: $(in_channels // 4), twice: $(channels * 2)}
    body: [{conv: $inner, kernel: 1}, {conv: $twcie, kernel: 3}, {conv: $channels, kernel: 200}]
stages: [{conv: 64, kernel: 99}, {unit: 8}]
"""
    assert found(text) == [("AS0202", 5), ("AS0401", 6)]


def test_a_mistake_in_a_repeated_block_is_said_once_with_its_count() -> None:
    text = """\
blocks:
  unit: {body: [{conv: $nowhere, kernel: 1}]}
stages:
  layer: {repeat: 6, body: unit}
"""
    (diagnostic,) = archspec.validate("spec", text=HEAD + text)
    assert diagnostic.path == "layer.0.0"
    assert diagnostic.notes == ("the same in `layer.1.0`, `layer.2.0`, `layer.3.0` and 2 more",)
    assert [frame.text for frame in diagnostic.stack] == ["copy 1 of 6", "block unit"]


def test_a_broken_block_is_read_on_and_its_users_are_checked() -> None:
    text = """\
blocks:
  unit:
    params: {channels: int}
    body: [{conv: $channels, kernal: 3}, {linear: 3, bais: true}]
stages:
  a: {unit: 3, wdith: 4}
  b: {unit: 3}
  c: {unit: 3, from: nowhere}
"""
    assert found(text) == [("AS0302", 4), ("AS0302", 4), ("AS0352", 6), ("AS0402", 8)]


def test_a_limit_stops_the_run_and_is_told_with_what_was_found_before() -> None:
    text = """\
stages:
  a: {conv: $nowhere, kernel: 1}
  b: {repeat: $(9999 + 1), body: {repeat: $(9999 + 1), body: relu}}
"""
    assert found(text) == [("AS0202", 2), ("AS0407", 3)]


def test_what_the_spec_itself_says_of_its_size_is_known_before_anything_is_built() -> None:
    text = """\
stages:
  a: {conv: $nowhere, kernel: 1}
  b: {repeat: 10000, body: {repeat: 10000, body: relu}}
"""
    assert found(text) == [("AS0407", 3)]


def test_a_node_whose_name_is_refused_is_read_and_built() -> None:
    text = """\
stages:
  half: {cnov: 3}
  class: {conv: 8, kernel: 3, from: input}
  a.b: {conv: 8, kernal: 3}
  c: {conv: 8, kernel: 99, from: class}
  d: {relu: null, from: a.b}
"""
    assert found(text) == [
        ("AS0330", 2),
        ("AS0301", 2),
        ("AS0330", 3),
        ("AS0330", 4),
        ("AS0302", 4),
        ("AS0401", 5),
    ]


def test_parameters_derived_values_and_inputs_are_told_together() -> None:
    text = """\
params: {width: $(wdth), depth: int, fine: 3}
let: {wide: $(width * 2), zero: $(1 / 0), good: $(fine * 2)}
stages:
  a: {conv: $wide, kernel: 3}
  b: {conv: $good, kernel: $nowhere}
"""
    assert found(text) == [("AS0202", 1), ("AS0361", 1), ("AS0207", 2), ("AS0202", 5)]
    text = (
        "params: {size: 32}\ninput: [3, $(1 / 0), $size]\nstages: [{conv: $nix}, {linear: $size}]\n"
    )
    diagnostics = archspec.validate("spec", text="archspec: 1\n" + text)
    assert [d.code for d in diagnostics] == ["AS0207", "AS0202"]
    text = "input: {a: [3, 8, -8], b: [3, 8, 8]}\nstages: {sum: {add: [a, b]}, c: {add: [a, n]}}\n"
    diagnostics = archspec.validate("spec", text="archspec: 1\n" + text)
    assert [d.code for d in diagnostics] == ["AS0360", "AS0402"]


def test_all_edits_of_an_extended_spec_are_told() -> None:
    text = """\
archspec: 1
extends: archspec:resnet18
params: {wdith: 3, num_clases: 3}
remove: [layre1, layer1.0.convv1, fc.inner]
replace: {layer9: relu}
insert: {new: {relu: null, after: nowhere}}
"""
    diagnostics = archspec.validate("spec", text=text)
    assert [(d.code, d.span.line) for d in diagnostics if d.span] == [
        ("AS0345", 3),
        ("AS0345", 3),
        ("AS0346", 4),
        ("AS0346", 4),
        ("AS0346", 4),
        ("AS0346", 5),
        ("AS0346", 6),
    ]


def test_what_does_not_depend_on_the_extended_spec_is_told_without_it() -> None:
    text = """\
archspec: 1
extends: archspec:resnet19
import: {"archspec:residual": [bottlneck]}
nmae: x
blocks:
  a: {body: [{conv: 3, kernal: 3}, {theirs: 3, stride: 4}, {conv: $(3 +), kernel: 3}]}
replace: {class: {theirs: {a: 3}}, layer1: {bottlneck: 3, foo: 3}}
expect: {parms: 3}
"""
    diagnostics = archspec.validate("spec", text=text)
    assert [(d.code, d.span.line) for d in diagnostics if d.span] == [
        ("AS0340", 2),
        ("AS0342", 3),
        ("AS0302", 4),
        ("AS0302", 6),
        ("AS0201", 6),
        ("AS0502", 8),
    ]


def test_wrong_declarations_are_told_together() -> None:
    text = "params:\n  a: itn\n  a-b: 3\n  b: flaot\nstages: [relu]\n"
    assert found(text) == [("AS0305", 2), ("AS0330", 3), ("AS0305", 4)]


def test_an_insert_beside_nothing_or_two_nodes_is_told() -> None:
    text = "archspec: 1\nextends: archspec:resnet18\ninsert: {x: {before: %s, relu: }}\n"
    for beside in ("[]", "[fc, layer1]"):
        (told,) = archspec.validate("spec", text=text % beside)
        assert (told.code, told.span and told.span.text) == ("AS0306", beside)
