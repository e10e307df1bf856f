"""`repeat:`, `for:` and `dense:`: copies, their names and their indices."""

from __future__ import annotations

import pytest

from .running import load, op, paths, refused, shape


def test_copies_are_numbered() -> None:
    assert paths("stages:\n  l: {repeat: 3, body: relu}") == ["l.0", "l.1", "l.2"]


def test_copies_of_several_nodes() -> None:
    text = "stages:\n  l: {repeat: 2, body: [{conv: 4, kernel: 1}, relu]}"
    assert paths(text) == ["l.0.0", "l.0.1", "l.1.0", "l.1.1"]


def test_names() -> None:
    text = "stages:\n  l: {repeat: 2, names: block$(i + 1), body: relu}"
    assert paths(text) == ["l.block1", "l.block2"]


def test_the_index_in_arguments() -> None:
    net = load("stages:\n  l: {repeat: 3, body: {conv: $(2 ** i), kernel: 1}}")
    assert [op(net, f"l.{i}").out_channels for i in range(3)] == [1, 2, 4]


def test_inner_index_hides_the_outer() -> None:
    text = "stages:\n  l: {repeat: 2, body: {repeat: 2, body: {conv: $(i + 1), kernel: 1}}}"
    net = load(text)
    assert [op(net, f"l.1.{i}").out_channels for i in range(2)] == [1, 2]


def test_inline_in_a_list_numbers_on() -> None:
    text = "stages:\n  f: [relu, {repeat: 2, inline: true, body: [tanh, relu]}, sigmoid]"
    assert paths(text) == [f"f.{i}" for i in range(6)]


def test_inline_in_a_mapping_is_named() -> None:
    text = "stages:\n  a: relu\n  l: {repeat: 2, inline: true, names: act$(i + 1), body: relu}"
    assert paths(text) == ["a", "act1", "act2"]


def test_inline_names_in_the_keys_of_the_body() -> None:
    text = """
    stages:
      l:
        repeat: 2
        inline: true
        body:
          conv$(i + 1): {conv: 4, kernel: 1}
          relu$(i + 1): relu
    """
    assert paths(text) == ["conv1", "relu1", "conv2", "relu2"]


def test_inline_inside_inline() -> None:
    text = """
    stages:
      f:
        - for: {n: [1, 2]}
          inline: true
          body:
            - {repeat: $n, inline: true, body: relu}
            - tanh
    """
    net = load(text)
    names = [op(net, f"f.{i}").name for i in range(5)]
    assert names == ["relu", "tanh", "relu", "relu", "tanh"]


def test_an_inline_copy_can_be_left_out() -> None:
    text = "stages:\n  f: [{repeat: 3, inline: true, body: {relu: , when: $(i != 1)}}, tanh]"
    assert paths(text) == ["f.0", "f.1", "f.2"]


def test_spliced_copies_without_names_are_refused() -> None:
    refused("stages:\n  l: {repeat: 2, inline: true, body: relu}", "AS0311", "names:")


def test_equal_names_are_refused() -> None:
    refused("stages:\n  l: {repeat: 2, names: same, body: relu}", "AS0331", "same")


def test_no_copies() -> None:
    assert paths("stages:\n  l: {repeat: 0, body: relu}\n  m: tanh") == ["m"]
    assert shape("stages:\n  l: {repeat: 0, body: {conv: 9, kernel: 1}}\n  m: tanh") == (4, 8, 8)


@pytest.mark.parametrize("count", ["-1", "2.5", "true", "text", "10001", "[1]", "null"])
def test_bad_counts(count: str) -> None:
    refused(f"stages:\n  l: {{repeat: {count}, body: relu}}", "AS0310")


def test_for_over_lists_side_by_side() -> None:
    net = load("stages:\n  l: {for: {w: [2, 3], k: [1, 3]}, body: {conv: $w, kernel: $k}}")
    assert [(op(net, f"l.{i}").out_channels, op(net, f"l.{i}").kernel[0]) for i in (0, 1)] == [
        (2, 1),
        (3, 3),
    ]


def test_for_over_a_parameter() -> None:
    text = (
        "params: {widths: [2, 3]}\nstages:\n  l: {for: {w: $widths}, body: {conv: $w, kernel: 1}}"
    )
    assert shape(text) == (3, 8, 8)
    assert shape(text, widths=[5, 6, 7]) == (7, 8, 8)
    assert paths(text, widths=[]) == []


def test_for_has_an_index_too() -> None:
    text = "stages:\n  l: {for: {w: [2, 3]}, names: c$(i)_$(w), body: {conv: $w, kernel: 1}}"
    assert paths(text) == ["l.c0_2", "l.c1_3"]


@pytest.mark.parametrize("loops", ["{a: [1], b: [1, 2]}", "{a: 3}", "{}", "[1, 2]", "3"])
def test_bad_lists(loops: str) -> None:
    refused(f"stages:\n  l: {{for: {loops}, body: relu}}", "AS0310")


def test_dense() -> None:
    text = "stages:\n  d: {dense: {conv: 3, kernel: 1}, repeat: 2, names: layer$(i + 1)}"
    net = load(text)
    assert paths(net) == ["d.layer1", "d.layer2"]
    assert shape(net) == (4 + 3 + 3, 8, 8)
    assert net.state["d.layer2.weight"][0] == (3, 7, 1, 1)


def test_dense_of_nothing() -> None:
    assert shape("stages:\n  d: {dense: {conv: 3, kernel: 1}, repeat: 0}") == (4, 8, 8)


def test_a_dense_layer_must_keep_its_size() -> None:
    refused("stages:\n  d: {dense: {conv: 3, kernel: 3}, repeat: 1}", "AS0401")


def test_structure_cannot_depend_on_the_image_size() -> None:
    block = "blocks:\n  b: {body: {l: {repeat: '$(in_shape[1])', body: relu}}}\nstages: [b]"
    refused(block, "AS0405", "in_shape")
    assert len(paths(block.replace("in_shape[1]", "in_channels"))) == 4
