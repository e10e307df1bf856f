"""The law of an op: what its declaration says is what torch does with the code it gives."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from archspec.ops import Call, Op, Operand, Operands, Raw, Shape, ShapeError

BATCH = 4
INFIX = ("+", "-", "*", "/", "@")
UNCOUNTED = ("bilinear",)
"""Ops whose products torch's counter does not see."""


def source(call: Call, operands: list[str]) -> str:
    """The call as Python text."""

    def written(value: Any) -> str:
        if isinstance(value, Operand):
            return operands[value.index]
        if isinstance(value, Operands):
            return f"[{', '.join(operands)}]"
        return value.text if isinstance(value, Raw) else repr(value)

    if call.function in INFIX:
        return f" {call.function} ".join(operands)
    if "{" in call.function:
        values = {arg.name: written(arg.value) for arg in call.args}

        def fill(found: re.Match[str]) -> str:
            key = found[1]
            if key == "self":
                return "own"
            return operands[int(key)] if key.isdigit() else values[key]

        return re.sub(r"\{(\w+)\}", fill, call.function)
    args = [
        f"{arg.name}={written(arg.value)}" if arg.name else written(arg.value)
        for arg in call.args
        if not arg.name or type(arg.value) is not type(arg.default) or arg.value != arg.default
    ]
    function = f"{operands[0]}{call.function}" if call.function[0] == "." else call.function
    return f"{function}({', '.join(args)})"


def run(call: Call, tensors: list[torch.Tensor], own: Any = None, helper: str = "") -> Any:
    """What the call gives for these operands, in training mode unless `own` says otherwise."""
    names = {f"x{number}": tensor for number, tensor in enumerate(tensors)}
    mode = nn.Identity().train(own.training if isinstance(own, nn.Module) else True)
    space = {"torch": torch, "nn": nn, "F": F, "Tensor": torch.Tensor, "own": own, "self": mode}
    exec(helper, space)
    return eval(source(call, list(names)), {**space, **names})


def tensors(
    *shapes: Shape, device: str = "meta", integers: bool = False, op: Op | None = None
) -> list[torch.Tensor]:
    """A batch of each shape, or one of those that the op takes without."""
    made = []
    for number, shape in enumerate(shapes):
        batch = () if op is not None and number in op.unbatched_inputs else (BATCH,)
        whole = integers or (op is not None and number in op.integer_inputs)
        if whole:
            made.append(torch.zeros(*batch, *shape, device=device, dtype=torch.int64))
        else:
            made.append(torch.rand(*batch, *shape, device=device))
    return made


def ways(op: Op, *shapes: Shape, device: str = "meta") -> list[tuple[Call, Any]]:
    """Each way in which the op can stand in a `forward`, with the module or tensor it owns."""
    found: list[tuple[Call, Any]] = []
    with torch.device(device):
        made = op.module(*shapes)
        if made is not None:
            operands = ", ".join(f"{{{number}}}" for number in range(len(shapes)))
            module = run(made, [], helper=op.helper_source)
            found.append((op.invocation(*shapes) or Call(f"{{self}}({operands})"), module))
        owned = op.parameter(*shapes)
        own = None if owned is None else run(owned, [])
    if type(op).expression is not Op.expression:
        found.append((op.expression(*shapes), own))
    return found


def check(op: Op, *shapes: Shape, integers: bool = False) -> None:
    """The shape rule, the weights and the cost agree with torch, in every way to write the op."""
    expected = op.shapes(*shapes)
    weights = op.weights(*shapes)
    inputs = tensors(*shapes, integers=integers, op=op)
    for call, own in ways(op, *shapes):
        counter = FlopCounterMode(display=False)
        with counter:
            result = run(call, inputs, own, op.helper_source)
        results = list(result) if isinstance(result, tuple | list) else [result]
        batch = () if op.bare else (1 if op.arity == (0, 0) else BATCH,)
        assert [tuple(r.shape) for r in results] == [(*batch, *shape) for shape in expected]
        if op.name not in UNCOUNTED:
            assert counter.get_total_flops() == 2 * BATCH * op.macs(shapes, expected)
        if isinstance(own, torch.Tensor):
            state = {"": own}
            parameters = {"" for _ in [own] if isinstance(own, nn.Parameter)}
        else:
            state = own.state_dict() if own is not None else {}
            parameters = {name for name, _ in own.named_parameters()} if own is not None else set()
        if isinstance(own, torch.Tensor) and not weights:
            continue  # a buffer that is not persistent
        assert list(state) == list(weights)
        for name, weight in weights.items():
            assert tuple(state[name].shape) == weight.shape
            assert str(state[name].dtype) == f"torch.{weight.dtype}"
            assert (name in parameters) == weight.trained


def check_overwriting(op: Op, *shapes: Shape) -> None:
    """An output that is not saved may be overwritten: inputs and gradients stay as they are."""
    for call, own in ways(op, *shapes, device="cpu"):
        torch.manual_seed(0)
        inputs = tensors(*shapes, device="cpu", op=op)
        gradients = []
        for overwrite in (False, True):
            leaves = [t.clone().requires_grad_(t.is_floating_point()) for t in inputs]
            result = run(call, [leaf * 1 for leaf in leaves], own, op.helper_source)
            for output in result if isinstance(result, tuple | list) else [result]:
                if overwrite:
                    output.add_(1)
                output.sum().backward(retain_graph=True)
            gradients.append([leaf.grad for leaf in leaves])
        for once, again in zip(*gradients, strict=True):
            torch.testing.assert_close(once, again, equal_nan=True)
        result = run(call, inputs, own, op.helper_source)
        before = [tensor.clone() for tensor in inputs]
        for output in result if isinstance(result, tuple | list) else [result]:
            with torch.no_grad():
                output.add_(1)
        for tensor, kept in zip(inputs, before, strict=True):
            torch.testing.assert_close(tensor, kept)


def torch_refuses(op: Op, *shapes: Shape, integers: bool = False) -> bool:
    """torch raises for these inputs in some way of writing the op, or no code can be given.

    Either device may be lenient: meta does not ask what a kernel asks for, and the processor's
    kernels may read past what does not fit.
    """
    return any(_refuses(op, shapes, device, integers) for device in ("meta", "cpu"))


def _refuses(op: Op, shapes: tuple[Shape, ...], device: str, integers: bool) -> bool:
    try:
        for call, own in ways(op, *shapes, device=device):
            inputs = tensors(*shapes, device=device, integers=integers, op=op)
            result = run(call, inputs, own, op.helper_source)
            results = result if isinstance(result, tuple | list) else [result]
            if any(0 in tensor.shape for tensor in results):
                return True  # a tensor of no elements, which is refused here
    except (
        RuntimeError,
        ValueError,
        IndexError,
        NotImplementedError,
        TypeError,
        AssertionError,
        ArithmeticError,
        ShapeError,
    ):
        return True
    return False
