"""Data and network fitted to each other: shapes and classes agree, or it is said what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.diagnostics import TrainingError, counted

from .data import Data, shown
from .settings import Settings


def fitted(arch: Any, data: Data, settings: Settings) -> Data:
    """The data as the network takes them. Raises TrainingError where they do not fit."""
    if len(arch.inputs) != 1:
        raise TrainingError(
            f"{arch.name} has the inputs {', '.join(arch.inputs)}: a classifier that can be trained "
            "here has one"
        )
    (value,) = arch.inputs.values()
    if len(value.shape) != 3 or not all(isinstance(side, int) for side in value.shape):
        raise TrainingError(
            f"{arch.name} takes {shown(value.shape)}: images are channels x height x width"
        )
    wanted = tuple(value.shape)
    has = data.shape
    channels = {"rgb": 3, "grey": 1, None: has[0]}[settings.color]
    sides = wanted[1:] if settings.resize else has[1:]
    if (channels, *sides) != wanted:
        raise TrainingError(_misfit(arch, data, settings, wanted, (channels, *sides)))
    _check_classes(arch, data)
    return data.fitted(wanted)


def _misfit(
    arch: Any,
    data: Data,
    settings: Settings,
    wanted: tuple[int, ...],
    given: tuple[int, ...],
) -> str:
    lines = [f"{arch.name} takes images of {shown(wanted)}, {data.name} has {shown(data.shape)}"]
    if given[0] != wanted[0]:
        lines.append(f"  channels: the network takes {wanted[0]}, the data give {given[0]}")
        color = {3: "rgb", 1: "grey"}.get(wanted[0])
        if color and given[0] in (1, 3, 4):
            lines.append(f"    help: --color {color} converts the images")
    for axis, side in ((1, "height"), (2, "width")):
        if given[axis] != wanted[axis]:
            lines.append(f"  {side}: the network takes {wanted[axis]}, the data give {given[axis]}")
    if given[1:] != wanted[1:]:
        lines.append(f"    help: --resize scales the images to {shown(wanted[1:])}")
    lines.append(f"  or change the spec: {_change(arch.params, wanted, data.shape)}")
    return "\n".join(lines)


def _change(params: Mapping[str, Any], wanted: tuple[int, ...], has: tuple[int, ...]) -> str:
    """What to write for the spec to take the data; by `--set` where a parameter is such a side."""
    for name, value in params.items():
        pairs = zip(wanted, has, strict=True)
        found = {own for side, own in pairs if side == value and own != side}
        if len(found) == 1 and any(word in name for word in ("size", "res", "channels", "side")):
            return f"--set {name}={found.pop()}"
    return f"`input: [{', '.join(map(str, has))}]`"


def _check_classes(arch: Any, data: Data) -> None:
    for name, value in arch.outputs.items():
        if tuple(value.shape) != (len(data.classes),):
            param = "num_classes" if "num_classes" in arch.params else ""
            help_ = (
                f"set num_classes={len(data.classes)}"
                if param
                else f"give its last layer {counted(len(data.classes), 'output')}"
            )
            raise TrainingError(
                f"the output `{name}` of {arch.name} is {shown(value.shape)}, and {data.name} has "
                f"{counted(len(data.classes), 'class', 'classes')}: {help_}"
            )


def classes_to_set(arch: Any, data: Data, given: Mapping[str, Any]) -> int | None:
    """The number of classes that a spec should be loaded with, where it is not given and differs."""
    own = arch.params.get("num_classes")
    if "num_classes" in given or own is None or own == len(data.classes):
        return None
    return len(data.classes)
