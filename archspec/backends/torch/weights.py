"""Weights: initialising a fresh model once, and loading checkpoints with a readable report."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archspec.diagnostics import CheckpointError, did_you_mean
from archspec.graph import Graph, Node

from .initialisation import Initialiser, Initialisers

PARALLEL_FROM = 1 << 16  # elements; below, a thread costs more than it saves


def initialise(
    model: nn.Module, graph: Graph, resolved: Mapping[Node, Initialisers], seed: int | None = None
) -> None:
    """Fill every parameter once, each from its own stream of random numbers.

    A stream is keyed by the seed and the parameter's path, so that inserting a layer does not
    reseed the rest, and parameters can be filled side by side. Without `seed` it is drawn from
    torch's global generator, which `torch.manual_seed` sets.
    """
    if seed is None:
        seed = int(torch.randint(2**62, ()).item())
    jobs: list[tuple[int, Any]] = []
    with torch.no_grad():
        for node in graph:
            if not node.weights:
                continue
            inits = resolved.get(node, {})
            for name, weight in node.weights.items():
                if not weight.trained or name in inits:
                    continue
                job = _torch_default(model, node, name, seed)
                if job is not None:
                    jobs.append(job)
            for name, init in inits.items():
                path = f"{node.path}.{name}" if name else node.path
                tensor = model.get_parameter(path)
                jobs.append((tensor.numel(), _Filling(tensor, init, _stream(seed, path))))
        _run(jobs)


class _Filling:
    """One parameter to fill by a function of torch.nn.init."""

    __slots__ = ("init", "stream", "tensor")

    def __init__(self, tensor: Tensor, init: Initialiser, stream: int):
        self.tensor = tensor
        self.init = init
        self.stream = stream

    def __call__(self) -> None:
        fill = getattr(nn.init, f"{self.init.name}_")
        args = dict(self.init.args)
        if self.init.name not in ("constant", "ones", "zeros", "eye", "dirac"):
            args["generator"] = torch.Generator().manual_seed(self.stream)
        with torch.no_grad():
            fill(self.tensor, **args)


def _stream(seed: int, path: str) -> int:
    digest = hashlib.blake2b(f"{seed}:{path}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def _torch_default(model: nn.Module, node: Node, name: str, seed: int) -> tuple[int, Any] | None:
    """The job that gives a weight torch's own default."""
    module = model.get_submodule(node.path) if name else None
    path = f"{node.path}.{name}" if name else node.path
    tensor = model.get_parameter(path)
    if isinstance(module, nn.modules.conv._ConvNd | nn.Linear) and name in ("weight", "bias"):
        fan_in, _fan_out = nn.init._calculate_fan_in_and_fan_out(module.weight)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
        init = Initialiser("uniform", (("a", -bound), ("b", bound)))
        return tensor.numel(), _Filling(tensor, init, _stream(seed, path))
    if module is None:  # the constructor has filled it, with numbers of another stream if at random
        if getattr(node.op, "init", None) != "normal":
            return None
        init = Initialiser("normal", (("std", getattr(node.op, "std", 1.0)),))
        return tensor.numel(), _Filling(tensor, init, _stream(seed, path))
    if name != next(n for n, w in node.weights.items() if w.trained):
        return None
    return tensor.numel(), _Resetting(module, _stream(seed, node.path))


class _Resetting:
    """A module to reset by its own method, which draws from the global generator."""

    __slots__ = ("module", "stream")

    def __init__(self, module: nn.Module, stream: int):
        self.module = module
        self.stream = stream

    def __call__(self) -> None:
        reset = getattr(self.module, "reset_parameters", None) or getattr(
            self.module, "_reset_parameters", None
        )
        if reset is None:
            return
        if isinstance(self.module, nn.modules.batchnorm._NormBase | nn.LayerNorm | nn.GroupNorm):
            reset()
            return
        state = torch.get_rng_state()
        torch.default_generator.manual_seed(self.stream)  # torch.manual_seed would reseed GPUs too
        reset()
        torch.set_rng_state(state)


def _run(jobs: list[tuple[int, Any]]) -> None:
    """The large fillings side by side, everything else one after the other."""
    large = [job for job in jobs if job[0] >= PARALLEL_FROM and isinstance(job[1], _Filling)]
    chosen = {id(job) for job in large}
    workers = min(len(large), os.cpu_count() or 1, 8)
    if workers < 2:
        chosen = set()
    for job in jobs:
        if id(job) not in chosen:
            job[1]()
    if chosen:
        large.sort(key=lambda job: -job[0])
        with ThreadPoolExecutor(workers) as pool:
            for _done in pool.map(lambda job: job[1](), large):
                pass


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
