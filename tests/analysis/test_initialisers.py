"""What `init:` may say: torch takes all that is let through."""

from __future__ import annotations

import pytest

import archspec

TEXT = "archspec: 1\ninput: [4, 8, 8]\nstages:\n  c: {conv: 6, kernel: 3, init: INIT}\n"


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ("5", "`5` is no initialiser"),
        ("{weight: true}", "`true` is no initialiser"),
        ("constant", "`constant` needs `val`"),
        ("{constant: x}", "`val` of `constant` does not take `x`: a number was expected"),
        ("{constant: [1, 2]}", "does not take `[1, 2]`"),
        ("{constant: .nan}", "a number within 3.4e38 was expected"),
        ("{normal: 0, std: -1}", "`std` of `normal` does not take `-1`: a number of at least 0"),
        ("{uniform: 5, b: 1}", "from 5 to 1 there is nothing to draw"),
        ("{trunc_normal: 0, std: 0}", "`std` above 0"),
        ("{trunc_normal: 0, a: 3}", "`a` below `b`, not 1, 3 and 2"),
        ("{kaiming_normal: , mode: fan}", "one of fan_in, fan_out was expected"),
        ("{kaiming_normal: , nonlinearity: gelu}", "one of leaky_relu, relu"),
        ("{xavier_normal: -1}", "`gain` of `xavier_normal` does not take `-1`"),
        ("{dirac: 0}", "a whole number greater than 0"),
        ("{dirac: 4}", "into 4 groups, which does not come out even, and `c.weight` is 6 x 4"),
        ("eye", "`eye` is for weights of 2 axes, and `c.weight` is 6 x 4 x 3 x 3"),
        ("{sparse: 2}", "a number from 0 to 1"),
        ("{bias: kaiming_normal}", "is for weights of 2 axes and more, and `c.bias` is 6"),
    ],
)
def test_what_torch_would_refuse(init: str, message: str) -> None:
    with pytest.raises(archspec.SpecError) as refused:
        archspec.load_str(TEXT.replace("INIT", init))
    (found,) = refused.value.diagnostics
    assert found.code == "AS0601"
    assert message in found.message
    assert found.span is not None and found.span.line == 4


def test_a_weight_that_does_not_fit_what_is_said_of_all_ops_of_a_kind() -> None:
    text = TEXT.replace(", init: INIT", "").replace(
        "stages:", "init: {conv: {bias: zeros, weight: eye}}\nstages:"
    )
    with pytest.raises(archspec.SpecError, match="`eye` is for weights of 2 axes") as refused:
        archspec.load_str(text)
    assert refused.value.diagnostics[0].span.line == 3


@pytest.mark.parametrize(
    "init",
    ["{dirac: 2}", "{kaiming_normal: 3, nonlinearity: selu, mode: fan_out}", "{normal: 2, std: 0}"]
    + ["{uniform: 1}", "{xavier_uniform: 0}", "{orthogonal: 2}", "{constant: -3}", "null", "{}"],
)
def test_torch_takes_what_is_let_through(init: str) -> None:
    archspec.compile(TEXT.replace("INIT", init))
