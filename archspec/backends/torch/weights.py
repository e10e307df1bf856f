"""Weights: loading checkpoints, with a readable report of what does not fit."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archspec.diagnostics import CheckpointError, did_you_mean


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The tensors of a `.safetensors` file, or of a torch file read with `weights_only=True`."""
    file = Path(path)
    if not file.is_file():
        near = [p.name for p in file.parent.glob("*.pt*")] if file.parent.is_dir() else []
        raise CheckpointError(
            f"no such checkpoint: {file}"
            + (f"; {m}" if (m := did_you_mean(file.name, near)) else "")
        )
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # what is wrong with the file, in one sentence
        first = str(error).strip().split("\n")[0]
        raise CheckpointError(
            f"{file} is not a checkpoint that can be read safely: {first}"
        ) from None
    for key in ("state_dict", "model", "model_state_dict"):
        if isinstance(loaded, dict) and isinstance(loaded.get(key), dict):
            loaded = loaded[key]
    if not isinstance(loaded, dict) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise CheckpointError(f"{file} does not hold a state_dict (names and tensors)")
    return dict(loaded)


def load_weights(
    model: nn.Module,
    state: Mapping[str, Tensor],
    *,
    strict: bool = True,
    heads: Collection[str] | None = None,
    ignored: tuple[str, ...] = (),
    what: str = "the checkpoint",
) -> list[str]:
    """Copy a state_dict into a model; gives the names that keep their fresh values.

    strict: every name and shape must agree, else CheckpointError with a report. heads: modules that
    keep their fresh values where a shape differs (a classifier with another number of classes);
    everything else must agree. ignored: prefixes of heads left out of the model.
    """
    own = model.state_dict()
    state = _unwrapped(state, own)
    if ignored:
        state = {k: v for k, v in state.items() if not k.startswith(ignored)}
    missing = [key for key in own if key not in state]
    unexpected = [key for key in state if key not in own]
    shaped = [key for key in own if key in state and own[key].shape != state[key].shape]
    changed = {key.rpartition(".")[0] for key in shaped} & set(heads or ())
    fresh = [key for key in own if key.rpartition(".")[0] in changed]
    refused_shapes = [key for key in shaped if key not in fresh]
    if strict and (missing or unexpected or refused_shapes):
        raise CheckpointError(_report(what, own, state, missing, unexpected, refused_shapes, heads))
    loadable = {
        key: value
        for key, value in state.items()
        if key in own and key not in fresh and key not in shaped
    }
    model.load_state_dict(loadable, strict=False)
    if missing or unexpected or refused_shapes:
        report = _report(what, own, state, missing, unexpected, refused_shapes, heads)
        warnings.warn(f"strict=False: {report}", stacklevel=4)
    return fresh + missing + refused_shapes


def _unwrapped(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without the prefix that DataParallel or torch.compile put before every name."""
    for prefix in ("module.", "_orig_mod."):
        wrapped = bool(state) and all(key.startswith(prefix) for key in state)
        if wrapped and not any(key in own for key in state):
            state = {key.removeprefix(prefix): value for key, value in state.items()}
    return dict(state)


def _report(
    what: str,
    own: Mapping[str, Tensor],
    state: Mapping[str, Tensor],
    missing: list[str],
    unexpected: list[str],
    shaped: list[str],
    heads: Collection[str] | None,
) -> str:
    lines = [f"{what} does not fit the model"]

    def part(title: str, keys: list[str], show: Any) -> None:
        if keys:
            lines.append(f"  {title} ({len(keys)}):")
            lines.extend(f"    {show(key)}" for key in keys[:10])
            if len(keys) > 10:
                lines.append(f"    ... and {len(keys) - 10} more")

    def size(tensor: Tensor) -> str:
        return " x ".join(str(n) for n in tensor.shape) or "scalar"

    part("missing from the checkpoint", missing, lambda k: f"{k}  {size(own[k])}")
    part(
        "unexpected in the checkpoint",
        unexpected,
        lambda k: (
            f"{k}  {size(state[k])}" + (f"  ({m})" if (m := did_you_mean(k, missing)) else "")
        ),
    )
    part("other shape", shaped, lambda k: f"{k}  model {size(own[k])}, file {size(state[k])}")
    if shaped and heads is not None:
        lines.append(
            f"  help: only a head may have another shape, and here that is {', '.join(heads)}"
        )
    elif shaped and not missing and not unexpected:
        lines.append("  help: for another number of classes use new_head=True (--new-head)")
    return "\n".join(lines)
