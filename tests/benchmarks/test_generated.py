"""The generated specs are what they are said to be: right, of ResNet-50's size, no two alike."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec

from .generated import SMALL, write_specs


@pytest.mark.parametrize("flat", [False, True], ids=["with blocks", "flat"])
def test_specs_are_right_and_of_resnet50s_size(tmp_path: Path, flat: bool) -> None:
    folder = tmp_path / "specs"
    write_specs(folder, 6, flat=flat)
    graphs = [archspec.load(path).ir for path in sorted(folder.iterdir())]
    assert all(archspec.validate(path) == [] for path in folder.iterdir())
    assert {len(graph) for graph in graphs} == {len(archspec.load("resnet50").ir)}
    assert len({path.read_text() for path in folder.iterdir()}) == 6


def test_blocks_and_flat_are_the_same_networks(tmp_path: Path) -> None:
    write_specs(tmp_path / "blocks", 3)
    write_specs(tmp_path / "flat", 3, flat=True)
    for path in (tmp_path / "blocks").iterdir():
        flat = archspec.load(tmp_path / "flat" / path.name)
        assert flat.cost == archspec.load(path).cost


def test_the_small_spec_is_right() -> None:
    assert archspec.validate("small.yaml", text=SMALL) == []
