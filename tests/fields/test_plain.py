"""What is let through without pydantic is what pydantic takes, and comes out the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.fields import Field, Fields, PositiveInt, check
from archspec.ops import Op, catalogue, typed

from ..examples import examples
from ..ops.strategies import cases

ODD = st.sampled_from(
    [0, 1, -1, 2, True, False, None, 0.0, 1.0, -0.5, 1e9, math.nan, math.inf, 2**70]
    + ["half", "same", "none", "", (), (1,), (1, 2), (1.0, 2), [1, 2], (True, 1), {}, {"a": 1}]
)
LAW = settings(
    max_examples=examples(10, 40), deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("name", sorted(catalogue()))
@given(data=st.data())
@LAW
def test_an_op_lets_through_what_its_model_takes(name: str, data: st.DataObject) -> None:
    kind = catalogue()[name]
    values = dict(data.draw(cases(kind)).arguments)
    for field in data.draw(st.lists(st.sampled_from([*kind.declared(), "strange"]), max_size=2)):
        values[field] = data.draw(ODD)
    plain = kind.plainly(values)
    if plain is not None:
        assert same(plain, modelled(kind, values))


@pytest.mark.parametrize("name", sorted(catalogue()))
@given(data=st.data())
@LAW
def test_what_is_usual_is_plainly_right(name: str, data: st.DataObject) -> None:
    kind = catalogue()[name]
    values = data.draw(cases(kind)).arguments
    try:
        kind.model().model_validate(values)
    except pydantic.ValidationError:
        return
    assert kind.plainly(values) is not None


def modelled(kind: type[Fields], values: Mapping[str, Any]) -> dict[str, Any]:
    return kind.model().model_validate(values).__dict__


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Equal with their types and in their order; not a number is itself."""
    return repr(typed(list(one.items()))) == repr(typed(list(other.items())))


class Pair(Fields):
    low: float = Field(0.0, ge=0)
    high: float = Field(1, validate_default=True)
    names: dict[str, PositiveInt] = Field(default_factory=dict, alias="called")

    @check("high")
    @staticmethod
    def _above(high: float, before: Mapping[str, Any]) -> float:
        if high <= before.get("low", -math.inf):
            raise ValueError("it must be above `low`")
        return high


@pytest.mark.parametrize(
    "values", [{}, {"low": 0, "high": 3}, {"called": {"a": 1}, "low": 0.5}], ids=str
)
def test_defaults_aliases_and_checks_are_the_models(values: dict[str, Any]) -> None:
    plain = Pair.plainly(values)
    assert plain is not None
    assert same(plain, modelled(Pair, values))


@pytest.mark.parametrize(
    "values",
    [{"low": -1}, {"low": 1.0}, {"low": "0"}, {"names": {}}, {"called": {"a": 0}}],
    ids=str,
)
def test_what_is_wrong_is_refused_by_both(values: dict[str, Any]) -> None:
    assert Pair.plainly(values) is None
    with pytest.raises(pydantic.ValidationError):
        Pair(**values)


class Held(Fields):
    one: float = Field(0.0)
    some: int | float | tuple[int | float, ...] | None = Field(None)


@pytest.mark.parametrize("wrong", [math.nan, 1e39, -1e39])
@pytest.mark.parametrize("held", [lambda x: {"one": x}, lambda x: {"some": (1, x)}])
def test_a_number_is_one_that_a_tensor_holds(held: Any, wrong: float) -> None:
    assert Held.plainly(held(wrong)) is None
    with pytest.raises(pydantic.ValidationError, match="a number"):
        Held(**held(wrong))
    Held(**held(-math.inf))
    Held(**held(3.4e38))


class Pydantics(Fields):
    """A class whose author knows pydantic."""

    start: float = pydantic.Field(1e-5, gt=0)

    @pydantic.field_validator("start")
    @classmethod
    def _small(cls, start: float) -> float:
        if start > 1:
            raise ValueError("it must be small")
        return start


def test_pydantics_own_fields_and_checks_hold() -> None:
    assert vars(Pydantics()) == {"start": 1e-5}
    assert vars(Pydantics(start=1)) == {"start": 1.0}
    for wrong in (0.0, 2.0):
        with pytest.raises(pydantic.ValidationError):
            Pydantics(start=wrong)


def test_a_field_is_called_as_nothing_else_is() -> None:
    class Bad(Op):
        shapes: int = 1

    with pytest.raises(TypeError, match="`shapes`"):
        Bad.declared()
