"""Weights: loading checkpoints, with a readable report of what does not fit."""

from __future__ import annotations

import os
from collections.abc import Mapping
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
    return {key.removeprefix("module.").removeprefix("_orig_mod."): v for key, v in loaded.items()}


def load_weights(
    model: nn.Module,
    state: Mapping[str, Tensor],
    *,
    strict: bool = True,
    new_head: bool = False,
    ignored: tuple[str, ...] = (),
    what: str = "the checkpoint",
) -> list[str]:
    """Copy a state_dict into a model; gives the names that keep their fresh values.

    strict: every name and shape must agree, else CheckpointError with a report. new_head: the
    tensors whose shapes differ (a classifier with another number of classes) keep their fresh
    values, everything else must agree. ignored: prefixes of heads left out of the model.
    """
    own = model.state_dict()
    state = (
        {k: v for k, v in state.items() if not k.startswith(ignored)} if ignored else dict(state)
    )
    missing = [key for key in own if key not in state]
    unexpected = [key for key in state if key not in own]
    shaped = [key for key in own if key in state and own[key].shape != state[key].shape]
    heads = sorted({key.rpartition(".")[0] for key in shaped}) if new_head else []
    fresh = [key for key in own if new_head and key.rpartition(".")[0] in heads]
    refused_shapes = [key for key in shaped if key not in fresh]
    if strict and (missing or unexpected or refused_shapes):
        raise CheckpointError(_report(what, own, state, missing, unexpected, refused_shapes))
    loadable = {
        key: value
        for key, value in state.items()
        if key in own and key not in fresh and key not in shaped
    }
    model.load_state_dict(loadable, strict=False)
    return fresh + ([] if strict else missing + refused_shapes)


def _report(
    what: str,
    own: Mapping[str, Tensor],
    state: Mapping[str, Tensor],
    missing: list[str],
    unexpected: list[str],
    shaped: list[str],
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
    if shaped and not missing and not unexpected:
        lines.append("  help: for another number of classes use new_head=True (--new-head)")
    return "\n".join(lines)
