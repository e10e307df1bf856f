"""Names that a child of a module could not have are refused."""

from __future__ import annotations

import pytest
from torch import nn

from archspec import SpecError
from archspec.diagnostics import Source, Span
from archspec.names import MODULE_ATTRIBUTES, check_name

SPAN = Span(Source("x.yaml", "name"), 1, 1, 1, 5)


def test_all_that_a_module_has_is_known() -> None:
    has = {name for name in dir(nn.Module()) if not name.startswith("__")}
    assert has <= MODULE_ATTRIBUTES


@pytest.mark.parametrize(
    "name", ["conv1", "block1-0", "0", "12", "_private", "Layer", "relu", "layer_1"]
)
def test_fine(name: str) -> None:
    check_name(name, SPAN)


@pytest.mark.parametrize(
    "name", ["train", "type", "_modules", "class", "__init__", "input", "self"]
)
def test_taken(name: str) -> None:
    with pytest.raises(SpecError, match=f"call it `{name}_`"):
        check_name(name, SPAN)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("a.b", ": `a_b`"),
        ("1x1", ": `_1x1`"),
        ("größe", ": `gr__e`"),
        ("a b", ": `a_b`"),
        ("１", ""),
    ],
)
def test_no_identifier(name: str, better: str) -> None:
    with pytest.raises(SpecError, match=f"letters, digits, `_` and `-` make one{better}"):
        check_name(name, SPAN)
