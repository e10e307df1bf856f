"""One mistake is told once and where it was made, however many places it shows in."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec import Diagnostic

HEAD = "archspec: 1\ninput: [3, 32, 32]\n"


def said(text: str) -> list[Diagnostic]:
    return archspec.validate("spec", text=text if text.startswith("archspec") else HEAD + text)


def only(text: str) -> Diagnostic:
    (diagnostic,) = said(text)
    return diagnostic


def test_a_misspelt_parameter_is_told_once_with_the_places_that_read_it() -> None:
    found = only("""\
params: {widht: 8}
stages:
  a: {conv: $width, kernel: 3}
  b: {conv: $width, kernel: 3}
  c: {conv: $(width * 2), kernel: 3}
  d: {conv: $width, kernel: 3}
  e: {conv: $width, kernel: 3}
  f: {conv: $width, kernel: 3}
""")
    assert found.code == "AS0202"
    assert found.help == "did you mean `widht`?"
    assert [label.span.line for label in found.labels] == [6, 7, 8, 9, 10]
    assert found.format().count("- and here") == 3
    assert "= note: and in lines 9 and 10\n" in found.format()


def test_a_misspelt_block_is_told_once_with_the_places_that_use_it() -> None:
    found = only("blocks: {unti: {body: [relu]}}\nstages: [unit, {unit: , from: 0}]\n")
    assert (found.code, found.help) == ("AS0301", "did you mean `unti`?")
    assert [label.text for label in found.labels] == ["and here"]


def test_a_misspelt_node_is_told_once() -> None:
    found = only("stages: {a: relu, b: {tanh: , from: aa}, c: {relu: , from: aa}}\n")
    assert (found.code, len(found.labels)) == ("AS0402", 1)


def test_a_value_that_no_op_takes_is_told_once_with_its_place() -> None:
    text = """\
params: {width: 0}
stages: [{conv: $width, kernel: 3}, {conv: $width, kernel: 1}, {conv: $width, kernel: 1}]
"""
    found = only(text)
    assert found.code == "AS0305"
    assert [label.text for label in found.labels] == ["and here", "and here", "`width` is set here"]


def test_what_is_misspelt_in_a_declaration_is_told_there() -> None:
    block = "blocks: {unit: {params: {a: itn}, body: [{conv: $a, kernel: 1}]}}\n"
    found = only(block + "stages: [{unit: 3}, {unit: 4}]\n")
    assert found.message == "`itn` is no type of a parameter"
    assert said(block.replace("itn", "int") + "stages: [{unit: 3}]\n") == []
    mode = "blocks: {unit: {params: {a: %s}, body: [{conv: 3, kernel: 1, padding_mode: $a}]}}\n"
    assert only(mode % '"many"' + "stages: [unit]\n").message.startswith("`padding_mode` does not")


def test_a_misspelt_import_or_base_does_not_make_its_blocks_unknown() -> None:
    found = only("""\
import: {"archspec:residual": [plian_block]}
stages: [{plain_block: 8}]
""")
    assert (found.code, found.help) == ("AS0342", "did you mean `plain_block`?")
    found = only("archspec: 1\nextensd: archspec:resnet18\nreplace: {fc: {foo: 3}}\n")
    assert (found.code, found.help) == ("AS0302", "did you mean `extends`?")


def test_mistakes_of_one_kind_are_told_one_by_one() -> None:
    found = said("stages: [{conv: 8, kernel: 99}, {conv: 8, kernel: 99, from: input}]\n")
    assert [d.code for d in found] == ["AS0401", "AS0401"]


def test_a_default_argument_is_told_where_it_is_written() -> None:
    found = only("defaults: {conv: {padding: hlaf}}\nstages: [{conv: 8, kernel: 3}, {conv: 8, kernel: 3}]\n")  # fmt: skip
    assert found.code == "AS0305"
    assert found.message.startswith("`padding` does not take `hlaf`: ")
    assert found.help == "did you mean `half`?"
    assert found.span is not None
    assert (found.span.line, found.span.text) == (3, "hlaf")
    assert found.notes == ("the same in `1`",)


def test_a_loop_that_cannot_be_read_does_not_make_its_children_unknown() -> None:
    text = """\
stages:
  pairs: {repeat: 2, inline: rtue, names: $(i + 1), body: relu}
  sum: {add: ["1", "2"]}
"""
    assert only(text).code == "AS0305"
    assert only(text.replace("rtue", "true").replace("repeat: 2", "repeat: $n")).code == "AS0202"


def test_a_shortcut_that_cannot_be_read_is_not_missing() -> None:
    skip = "{skip: {body: [{conv: 8, kernel: 1}], shortcut: {dientity: }}}"
    assert only(f"stages: {{a: {skip}}}\n").code == "AS0301"


def test_a_misspelt_condition_is_told_as_such() -> None:
    found = only("blocks: {b: {params: {w: int}, body: [relu]}}\nparams: {w: 3}\nstages: {a: {b: $w, whne: $(w > 2)}}\n")  # fmt: skip
    assert (found.code, found.help) == ("AS0352", "did you mean `when`?")


def test_an_op_whose_name_waits_waits() -> None:
    found = only("params: {act: {raleu: 0.1}, kind: $(act)}\nstages: [{$act: }, {$kind: }]\n")
    assert found.code == "AS0301"


def test_every_option_with_a_mistake_is_told() -> None:
    found = said("stages: {x: {choice: {a: {conv: 8, kernel: 3}, b: {conv: $zz, kernel: 1}, c: {conv: $yy, kernel: 1}}}}\n")  # fmt: skip
    assert [one.message for one in found] == [
        "nothing here is called `zz`",
        "nothing here is called `yy`",
    ]


def test_an_option_is_wrong_where_another_choice_makes_it_so_only() -> None:
    text = """\
blocks:
  b1: {params: {w: int}, body: [relu]}
  b2: {params: {d: int}, body: [relu]}
params: {op: {choice: [b1, b2]}}
stages: {x: {choice: {one: {$op: , w: 3}, uno: {$op: , w: 4}, two: {$op: , d: 3}}}}
"""
    assert [one for one in said(text) if one.severity == "error"] == []


def test_an_option_in_copies_is_told_once() -> None:
    found = only("stages: {layer: {repeat: 4, body: {conv: 8, kernel: {choice: [1, 99]}}}}\n")
    assert found.code == "AS0804"
    assert found.notes[-1].startswith("the same in `layer.1.kernel`")


BASE = "archspec: 1\nextends: archspec:"


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ("vgg16\nparams: {batch_norm: ture}", "AS0350", "`batch_norm` takes true or false, got `ture`"),
        ("vgg16\nparams: {depths: 3}", "AS0350", "`depths` takes a list, got `3`"),
        ("vgg16\nparams: {dropout: }", "AS0350", "`dropout` takes a number, got nothing"),
        ("resnet50\nparams: {width: 2.5}", "AS0350", "`width` takes a whole number, got `2.5`"),
        ("mobilenet_v3_large\nparams: {head: 1e3}", "AS0350", "`head` takes a whole number, got `1000.0`"),
    ],
)  # fmt: skip
def test_what_overrides_a_parameter_is_of_its_type(params: str, code: str, message: str) -> None:
    found = only(BASE + params + "\n")
    assert (found.code, found.message) == (code, message)
    assert found.span is not None
    assert (found.span.source.name, found.span.line) == ("spec", 3)


def test_a_misspelt_block_for_a_parameter_of_the_base() -> None:
    text = """\
archspec: 1
extends: archspec:resnet50
import: {"archspec:residual": [basic_block]}
params: {block: basic_blokc}
"""
    found = only(text)
    assert (found.code, found.help) == ("AS0301", "did you mean `basic_block`?")
    assert found.span is not None
    assert found.span.line == 4


@pytest.mark.parametrize(
    ("base", "over"),
    [
        ("p: relu", 'p: \'$("relu" if 1 > 0 else "tanh")\''),
        ("p: relu", "p: {choice: [relu, tanh]}"),
        ("p: 3", "p: {any: [1, 1]}"),
        ("p: 3", "p: {list: [1, 1]}"),
        ("p: 0.5", "p: 1"),
        ("p: null", "p: 3"),
        ("p: identity", "p: zeros"),
        ("p: constant", "p: reflect"),
    ],
)
def test_what_may_override_a_parameter(base: str, over: str, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(f"{HEAD}params: {{{base}}}\nstages: {{a: relu}}\n")
    spec = tmp_path / "net.yaml"
    spec.write_text(f"archspec: 1\nextends: base.yaml\nparams: {{{over}}}\n")
    assert [d for d in archspec.validate(spec) if d.severity == "error"] == []


@pytest.mark.parametrize(
    "anew", ["{any: 1}", "any", "{list: [1, 3]}", "{choice: [[1, 1], [3, 1]]}"]
)
def test_the_type_is_that_of_the_nearest_declaration(anew: str, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        HEAD + "params: {k: 1}\nstages: {a: {conv: 8, kernel: $k, padding: half}}\n"
    )
    (tmp_path / "mid.yaml").write_text(f"archspec: 1\nextends: base.yaml\nparams: {{k: {anew}}}\n")
    (tmp_path / "net.yaml").write_text("archspec: 1\nextends: mid.yaml\nparams: {k: [1, 3]}\n")
    assert archspec.validate(tmp_path / "net.yaml") == []


def test_what_is_of_another_type_says_how_it_would_do(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        HEAD + "params: {p: half}\nstages: {a: {conv: 8, kernel: 3, padding: $p}}\n"
    )
    spec = tmp_path / "net.yaml"
    spec.write_text("archspec: 1\nextends: base.yaml\nparams: {p: 1}\n")
    (found,) = archspec.validate(spec)
    assert (found.code, found.help) == ("AS0350", "`p: {any: 1}` would declare it anew")
    spec.write_text("archspec: 1\nextends: base.yaml\nparams: {p: {any: 1}}\n")
    assert archspec.validate(spec) == []


def test_a_mistake_of_the_base_alone_is_not_laid_on_the_spec(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        HEAD + "params: {q: 1}\nstages: {a: rulu, b: {conv: $zz}}\n"
    )
    spec = tmp_path / "net.yaml"
    spec.write_text("archspec: 1\nextends: base.yaml\nparams: {q: 3}\n")
    labels = [label.text for found in archspec.validate(spec) for label in found.labels]
    assert "`q` is set here" not in labels


def test_a_parameter_of_the_base_can_be_overridden_by_any_number() -> None:
    assert said(BASE + "vgg16\nparams: {dropout: 1}\n") == []


@pytest.mark.parametrize(
    ("params", "code", "names"),
    [
        ("vgg16\nparams: {depths: [1, 1, 1]}", "AS0310", ["depths"]),
        ("vgg16\nparams: {depths: [1, 1, 1, 1, -2]}", "AS0310", ["depths"]),
        ("resnet18\nparams: {layers: [2, 2, 2]}", "AS0206", ["layers"]),
    ],
)
def test_a_mistake_in_a_base_says_what_the_spec_sets(
    params: str, code: str, names: list[str]
) -> None:
    found = only(BASE + params + "\n")
    assert found.code == code
    assert found.span is not None
    assert found.span.source.name.startswith("archspec:")
    assert [label.text for label in found.labels] == [f"`{name}` is set here" for name in names]
    assert {label.span.source.name for label in found.labels} == {"spec"}


def test_a_misspelt_override_does_not_build_the_base_with_half_of_them() -> None:
    found = only(BASE + "regnet_y_400mf\nparams: {widhts: [72, 168], depths: [2, 4]}\n")
    assert (found.code, found.help) == ("AS0345", "did you mean `widths`?")


def test_an_edit_below_a_node_that_cannot_be_read_is_not_another_mistake(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(HEAD + "stages: {a: {skip: {bdoy: {x: relu}}}, b: relu}\n")
    (tmp_path / "net.yaml").write_text(
        "archspec: 1\nextends: base.yaml\nreplace: {a.x: gelu, b.x: gelu}\n"
    )
    found = archspec.validate(tmp_path / "net.yaml")
    assert [(d.code, d.message) for d in found] == [
        ("AS0346", "`b` has no children as written"),
        ("AS0302", "`skip` has no argument called `bdoy`"),
    ]


def test_a_value_of_a_base_is_shown_though_it_stands_in_a_line_of_the_same_number(
    tmp_path: Path,
) -> None:
    (tmp_path / "base.yaml").write_text(HEAD + "params: {width: 0}\nstages: [relu]\n")
    (tmp_path / "net.yaml").write_text(
        "archspec: 1\nextends: base.yaml\nstages: [{conv: $width, kernel: 1}]\n"
    )
    (found,) = archspec.validate(tmp_path / "net.yaml")
    (label,) = found.labels
    assert (label.text, label.span.source.name) == (
        "`width` is set here",
        str(tmp_path / "base.yaml"),
    )


def test_a_word_that_cannot_be_read_does_not_follow_from_what_is_set(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(HEAD + "params: {width: 4}\nstages: [cnov]\n")
    (tmp_path / "net.yaml").write_text("archspec: 1\nextends: base.yaml\nparams: {width: 8}\n")
    (found,) = archspec.validate(tmp_path / "net.yaml")
    assert (found.code, found.labels) == ("AS0301", ())


def test_an_own_block_is_not_taken_for_a_misspelt_import() -> None:
    found = only("""\
import: {"archspec:residual": [plian_block]}
blocks: {plain_block: {body: [relu]}}
stages: [plain_block]
""")
    assert found.code == "AS0342"
