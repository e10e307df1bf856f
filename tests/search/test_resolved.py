"""The resolved form of what is open: a spec that leaves the same open."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import archspec

OPEN = (Path(__file__).parent / "open.yaml").read_text()
SPACES = [info.name for info in archspec.list_spaces()]


@pytest.mark.parametrize("spec", [OPEN, *SPACES], ids=["open", *SPACES])
def test_the_resolved_form_leaves_the_same_open(spec: str) -> None:
    architecture = archspec.load(spec)
    text = architecture.resolved(origins=False)
    again = archspec.load_str(text)
    assert again.resolved(origins=False) == text
    assert list(again.network.decisions.asked) == list(architecture.network.decisions.asked)
    for name, asked in architecture.network.decisions.asked.items():
        other = again.network.decisions.asked[name]
        assert (asked.options, asked.default) == (other.options, other.default)


def test_a_closed_choice_is_closed_in_the_resolved_form() -> None:
    text = archspec.load(OPEN, act="gelu").resolved(origins=False)
    assert "act: gelu" in text
    assert "act" not in archspec.load_str(text).network.decisions.asked


def test_a_child_is_resolved_as_its_own_spec() -> None:
    space = archspec.load_space(OPEN)
    child = archspec.child(space, space.space.default())
    assert not archspec.load_str(child.resolved(origins=False)).network.decisions.asked


def test_a_model_of_an_open_spec_is_pickled_as_its_default_child() -> None:
    architecture = archspec.load(OPEN)
    copied = pickle.loads(pickle.dumps(architecture))
    assert copied.state == architecture.state
    assert not copied.network.is_open
