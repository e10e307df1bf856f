"""Every op of the catalogue keeps the law: what it declares is what torch does.

For arguments and inputs drawn at random either torch gives the declared shapes, weights and cost,
or both refuse; a size left free becomes the number that it would have been; and what may be
overwritten may be overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.ops import Call, Dim, Op, Shape, ShapeError, catalogue
from archspec.ops.arguments import SizeReader
from archspec.passes.inplace import written_inplace

from ..examples import examples
from .laws import check, check_overwriting, run, tensors, torch_refuses
from .strategies import SHAPES, Case, cases

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
NAMES = sorted(catalogue())
LAW = settings(
    max_examples=examples(10, 30),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
FEW = settings(LAW, max_examples=examples(4, 8))
INTEGERS = ("embedding",)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """The tensors are so small that sharing the work costs more than it saves."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_every_op_has_a_strategy() -> None:
    assert sorted(SHAPES) == NAMES


# -- torch gives this, or both refuse ---------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@LAW
def test_torch_gives_what_is_declared_or_both_refuse(name: str, data: st.DataObject) -> None:
    kind = catalogue()[name]
    case = data.draw(cases(kind))
    integers = name in INTEGERS
    assume(not reaches_the_batch(case))
    try:
        op = kind(**case.arguments)
        op.shapes(*case.shapes)
    except ValidationError:
        op = unchecked(kind, case.arguments)
        op.module(*case.shapes)  # that it can be written shows that it is torch that refuses
        refused = True
    except ShapeError:
        refused = True
    else:
        refused = False
        check(op, *case.shapes, integers=integers)
    if not (refused and stricter(op, case)):
        assert torch_refuses(op, *case.shapes, integers=integers) == refused


def unchecked(kind: type[Op], arguments: dict[str, Any]) -> Op:
    """The op with arguments that it refuses."""
    values = {}
    for name, field in kind.fields().items():
        reader = next((r for m in field.metadata if (r := getattr(m, "func", None))), None)
        is_number = isinstance(reader, SizeReader) and type(field.default) is int
        values[name] = (field.default,) * reader.axes if is_number else field.default
    return kind.unchecked({**values, **arguments})


def reaches_the_batch(case: Case) -> bool:
    """A dim so far from the end that torch takes it for the batch's, which ops do not have."""
    given = [case.arguments.get(name) for name in ("dim", "dims", "start_dim", "end_dim")]
    dims = [d for v in given if v is not None for d in (v if isinstance(v, list) else [v])]
    return any(dim < -len(case.shapes[0]) for dim in dims)


def stricter(op: Op, case: Case) -> bool:
    """Whether an op may refuse what torch takes."""
    allowed = STRICTER.get(op.name)
    return allowed is not None and allowed(op, case)


def always(op: Any, case: Case) -> bool:
    return True


def gives_nothing(op: Any, case: Case) -> bool:
    """torch gives an empty tensor."""
    return 0 in op.size


def crops(op: Any, case: Case) -> bool:
    """torch takes a negative border, or no step between the elements of a kernel of 1."""
    return (not isinstance(op.padding, str) and min(op.padding) < 0) or 0 in op.dilation


def broadcasts(op: Any, case: Case) -> bool:
    """Size 1 stretches only where `broadcast` says so."""
    return not op.broadcast


STRICTER: dict[str, Callable[[Any, Case], bool]] = {
    **dict.fromkeys(
        (f"adaptive_{kind}_pool{axes}" for kind in ("avg", "max") for axes in ("1d", "", "3d")),
        gives_nothing,
    ),
    **dict.fromkeys((n for n in NAMES if catalogue()[n].family == "convolution"), crops),
    **dict.fromkeys(("add", "sub", "mul", "div", "maximum", "minimum"), broadcasts),
    "slice": always,  # nothing would be left
    "squeeze": always,  # a dim whose size is not 1 would stay
    "tile": always,  # fewer or more repeats than dims
}
"""Where an op refuses on purpose what torch takes."""


# -- free sizes -------------------------------------------------------------------------------

BOUND = ("linear", "bilinear", "linear_with", "layer_norm", "rms_norm")
"""Ops whose weights or arguments depend on sizes beyond the channels."""


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@FEW
def test_a_free_size_becomes_the_number_it_would_have_been(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(catalogue()[name]))
    op, expected = accepted(name, case)
    sizes = {f"n{size}": size for shape in case.shapes for size in shape}
    free = tuple((*s[:1], *(Dim.free(f"n{size}") for size in s[1:])) for s in case.shapes)
    try:
        shapes = op.shapes(*free)
    except ShapeError:
        assert op.family not in OWN or name in BOUND
        return
    assert tuple(tuple(at(size, sizes) for size in shape) for shape in shapes) == expected
    assert at(op.macs(free, shapes), sizes) == op.macs(case.shapes, expected)
    assert op.weights(*free) == op.weights(*case.shapes)
    assert op.reduction(*free) == op.reduction(*case.shapes)


OWN = ("convolution", "linear", "pooling", "normalization", "regularization")


def at(size: int | Dim, sizes: dict[str, int]) -> int:
    return size.at(sizes) if isinstance(size, Dim) else size


def accepted(name: str, case: Case) -> tuple[Op, tuple[Shape, ...]]:
    """The op and its output shapes, of a case that fits."""
    try:
        op = catalogue()[name](**case.arguments)
        return op, op.shapes(*case.shapes)
    except (ValidationError, ShapeError):
        assume(False)
        raise


@pytest.mark.parametrize("name", ["conv", "batch_norm", "linear", "layer_norm", "group_norm"])
def test_weights_cannot_depend_on_a_free_size(name: str) -> None:
    arguments = {
        "conv": {"out_channels": 4, "kernel": 1},
        "linear": {"out_features": 4},
        "group_norm": {"groups": 1},
    }
    op = catalogue()[name](**arguments.get(name, {}))
    free = (Dim.free("c"), 4, 4) if name not in ("linear", "layer_norm") else (4, Dim.free("c"))
    with pytest.raises(ShapeError, match="weights cannot depend on a size left free"):
        op.shapes(free)


# -- overwriting ------------------------------------------------------------------------------

OVERWRITABLE = [n for n in NAMES if not catalogue()[n].output_is_saved and n not in INTEGERS]
OVERWRITING = [n for n in NAMES if catalogue()[n].accepts_inplace]


@pytest.mark.parametrize("name", OVERWRITABLE)
@given(data=st.data())
@FEW
def test_an_output_that_is_not_saved_may_be_overwritten(name: str, data: st.DataObject) -> None:
    case = data.draw(cases(catalogue()[name]))
    op, _ = accepted(name, case)
    check_overwriting(op, *case.shapes)


@pytest.mark.parametrize("name", OVERWRITING)
@pytest.mark.parametrize("training", [True, False])
@given(data=st.data())
@FEW
def test_overwriting_the_input_changes_nothing_else(
    name: str, training: bool, data: st.DataObject
) -> None:
    case = data.draw(cases(catalogue()[name]))
    op, _ = accepted(name, case)
    (inputs,) = tensors(*case.shapes, device="cpu")
    inputs = inputs * 8 - 4
    for plain, overwriting in zip(
        written(op, case, training), written(op, case, training, inplace=True), strict=True
    ):
        results = []
        for (call, own), overwrite_again in ((plain, False), (overwriting, True)):
            torch.manual_seed(0)
            leaf = inputs.clone().requires_grad_()
            output = run(call, [leaf * 1], own)
            kept = output.detach().clone()
            if overwrite_again and not op.output_is_saved:
                output.add_(1)
            output.sum().backward()
            results.append((kept, leaf.grad))
        torch.testing.assert_close(results[0], results[1])


def written(op: Op, case: Case, training: bool, inplace: bool = False) -> list[tuple[Call, Any]]:
    """The ways to write the op, which may overwrite its input."""
    module = op.module(*case.shapes)
    calls = [module, op.expression(*case.shapes)]
    if inplace:
        calls = [written_inplace(call) for call in calls if call is not None]
    own = run(calls[0], []).train(training)
    mode = torch.nn.Identity().train(training)
    return [(Call("{self}({0})"), own), (calls[1], mode)]
