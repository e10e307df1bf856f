"""The resolved form: a spec whole, in one file, which resolves to itself."""

from __future__ import annotations

import pytest

import archspec
from archspec.syntax import parse, plain, read
from tests.zoo.networks import networks


@networks()
def test_is_the_same_network(name: str) -> None:
    network = archspec.load(name)
    again = archspec.load_str(network.resolved(origins=False))
    assert again.state == network.state
    assert again.cost == network.cost
    assert again.source() == network.source()


@networks()
def test_resolves_to_itself(name: str) -> None:
    text = archspec.load(name).resolved(origins=False)
    again = archspec.load_str(text)
    assert again.resolved(origins=False) == text
    assert again.hash == archspec.load(name).hash


def test_parameters_from_outside_are_in_it() -> None:
    text = archspec.load("resnet18", num_classes=7).resolved(origins=False)
    assert archspec.load_str(text).state["fc.weight"][0] == (7, 512)
    assert archspec.load("resnet18", num_classes=7).hash != archspec.load("resnet18").hash


def test_it_needs_no_other_file() -> None:
    text = archspec.load("wide_resnet50_2").resolved(origins=False)
    assert "extends" not in text and "import" not in text


def test_how_it_was_written_does_not_matter() -> None:
    one = "archspec: 1\nname: n\ninput: [3, 8, 8]\nstages:\n  c: {conv: 4, kernel: 3}\n"
    other = (
        "# a comment\narchspec: 1\nstages: {c: {conv: $w, kernel: 3}}\n"
        "params: {w: 4}\ninput: [3, 8, 8]\nname: n\n"
    )
    assert archspec.load_str(one).source() == archspec.load_str(other).source()
    quoted = one.replace("name: n", "name: 'n'").replace(
        "{conv: 4, kernel: 3}", "{kernel: 3, conv: 4}"
    )
    assert archspec.load_str(one).hash == archspec.load_str(quoted).hash


def test_every_value_says_where_it_is_from() -> None:
    text = archspec.load("resnet18").resolved()
    assert "num_classes: 1000  # archspec:resnet50:" in text or "# resnet50" in text
    without = archspec.load("resnet18").resolved(origins=False)
    assert plain(parse(archspec.diagnostics.Source("x", text))) == plain(
        parse(archspec.diagnostics.Source("x", without))
    )


def test_the_zoo_is_read_from_its_folder() -> None:
    for spec in archspec.list_specs():
        assert plain(parse(read(spec.path)))["archspec"] == 1


@pytest.mark.parametrize(
    "children",
    [
        "{add: {conv: 4, kernel: 1}, z: relu}",
        "{repeat: {conv: 4, kernel: 1}, z: relu}",
        "{body: {conv: 4, kernel: 1}}",
        "{conv: {conv: 4, kernel: 1}, bias: relu}",
        "{unit: {conv: 4, kernel: 1}}",
    ],
)
@pytest.mark.parametrize("where", ["stages: {a: {body: CHILDREN}, u: unit}", "stages: {a: outer}"])
def test_children_called_as_what_a_node_says_stay_children(where: str, children: str) -> None:
    text = (
        "archspec: 1\ninput: [3, 8, 8]\n"
        "blocks: {unit: {body: [tanh]}, outer: {body: {c: {body: CHILDREN}, u: unit}}}\n" + where
    ).replace("CHILDREN", children)
    network = archspec.load_str(text)
    resolved = network.resolved(origins=False)
    again = archspec.load_str(resolved)
    assert again.state == network.state
    assert again.resolved(origins=False) == resolved
