"""The summary: totals that add up, and a text that shows them."""

from __future__ import annotations

import pytest

import archspec
from archspec.analysis.summary import rows


@pytest.mark.parametrize("spec", archspec.list_specs(), ids=lambda spec: spec.name)
def test_the_outermost_rows_add_up_to_the_totals(spec: archspec.SpecInfo) -> None:
    network = archspec.load(spec.name)
    outermost = [row for row in rows(network.ir, network.root) if row.depth == 1]
    assert sum(row.params for row in outermost) == network.cost.params
    assert sum(row.macs for row in outermost) == network.cost.train_macs


def test_depth_leaves_out_rows_and_nothing_from_their_totals() -> None:
    network = archspec.load("resnet50")
    everything = rows(network.ir, network.root)
    assert rows(network.ir, network.root, 2) == [row for row in everything if row.depth <= 2]


def test_a_scope_of_one_block_says_so() -> None:
    network = archspec.load("resnet50")
    kinds = {row.path: row.kind for row in rows(network.ir, network.root, 2)}
    assert kinds["layer1"] == "3 x bottleneck"
    assert kinds["layer1.0"] == "bottleneck"
    assert kinds["fc"] == "linear"


def test_printing_a_summary_gives_a_table() -> None:
    text = str(archspec.load("resnet18", num_classes=10).summary(depth=1))
    assert text.splitlines()[-1].split() == ["total", "11,181,642", "1,813,566,464"]
    assert "\x1b" not in text


def test_a_name_is_no_markup() -> None:
    text = str(archspec.load('archspec: 1\nname: "[red]x"\ninput: [3]\nstages: [relu]\n').summary())
    assert text.splitlines()[0].strip() == "[red]x"
