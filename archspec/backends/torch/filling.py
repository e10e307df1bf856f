"""Filling: every parameter of a fresh model is initialised once, by the seed and its path."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

from archspec.analysis.initialisers import Initialiser, Initialisers
from archspec.graph import Graph, Node
from archspec.ops.tensors import Parameter

PIECE = 1 << 18
"""Elements that one stream of random numbers fills; a larger parameter has several streams, so
that it can be filled side by side and comes out the same on any number of threads."""
PARALLEL_FROM = 1 << 19  # elements for each thread; below, it costs more than it saves

Job = tuple[int, Tensor, Initialiser, int]  # number of elements, what they are filled with, stream

_NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)
"""Modules that start as the identity."""


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
    jobs: list[Job] = []
    resets: dict[nn.Module, int] = {}
    constant: list[tuple[Tensor, float]] = []
    modules: dict[str, nn.Module] = {"": model}
    for node in graph:
        if not node.weights:
            continue
        inits = resolved.get(node, {})
        own = "" in node.weights  # a tensor of its parent
        holder = _module(modules, node.path.rpartition(".")[0] if own else node.path)
        module = None if own else holder
        if not inits and isinstance(module, _NORMS):
            constant += [(t, 1.0 if n == "weight" else 0.0) for n, t in _owned(module)]
            continue
        for name, weight in node.weights.items():
            if not weight.trained:
                continue
            path = f"{node.path}.{name}" if name else node.path
            parameter = _parameter(holder, name or node.path.rpartition(".")[2])
            init = inits.get(name) or _torch_default(node, module, name)
            if init is not None:
                jobs += _fillings(parameter, init, seed, path)
            elif isinstance(module, _NORMS):
                parameter.data.fill_(1.0 if name == "weight" else 0.0)
            elif module is not None:
                resets[module] = _stream(seed, node.path)
    with torch.no_grad():
        for tensor, value in constant:
            tensor.fill_(value)
        for module, stream in resets.items():  # before the initialisers of the spec go over them
            _reset(module, stream)
        _run(jobs)


def _owned(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in module._parameters.items():
        if parameter is not None:
            yield name, parameter


def _module(known: dict[str, nn.Module], path: str) -> nn.Module:
    """The module at a path; those on the way are remembered."""
    found = known.get(path)
    if found is None:
        parent, _, name = path.rpartition(".")
        found = known[path] = getattr(_module(known, parent), name)
    return found


def _parameter(module: nn.Module, name: str) -> Tensor:
    """A parameter of a module or of what it holds (`out_proj.weight`)."""
    *inner, last = name.split(".")
    for step in inner:
        module = getattr(module, step)
    parameter: Tensor = getattr(module, last)
    return parameter


def _torch_default(node: Node, module: nn.Module | None, name: str) -> Initialiser | None:
    """The initialiser that torch's constructor amounts to, where it is one."""
    if isinstance(module, nn.modules.conv._ConvNd | nn.Linear):
        fan_in = module.weight.numel() // module.weight.shape[0]
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0
        return Initialiser("uniform", (("a", -bound), ("b", bound)))
    if isinstance(node.op, Parameter) and node.op.init in ("normal", "trunc_normal"):
        return Initialiser(str(node.op.init), (("std", node.op.std),))
    return None


def _fillings(tensor: Tensor, init: Initialiser, seed: int, path: str) -> Iterator[Job]:
    """The jobs that fill one parameter: pieces of it where every element is drawn alone."""
    tensor = tensor.detach()
    alone = _elementwise(tensor, init)
    if alone is None:
        yield tensor.numel(), tensor, init, _stream(seed, path)
        return
    if tensor.numel() <= PIECE:
        yield tensor.numel(), tensor, alone, _stream(seed, path)
        return
    flat = tensor.view(-1)
    for number, start in enumerate(range(0, len(flat), PIECE)):
        piece = flat[start : start + PIECE]
        stream = _stream(seed, f"{path}#{number}" if number else path)
        yield len(piece), piece, alone, stream


def _elementwise(tensor: Tensor, init: Initialiser) -> Initialiser | None:
    """The same initialiser as one of `uniform`, `normal` or `trunc_normal`, if it is one.

    Source: torch.nn.init; Glorot and Bengio (2010), He et al. (2015).
    """
    if init.name in ("uniform", "normal", "trunc_normal", "zeros", "ones", "constant"):
        return init
    kind, _, distribution = init.name.partition("_")
    if kind not in ("kaiming", "xavier") or tensor.numel() == 0:
        return None
    args = dict(init.args)
    if kind == "kaiming":
        fan = nn.init._calculate_correct_fan(tensor, args.get("mode", "fan_in"))
        gain = nn.init.calculate_gain(args.get("nonlinearity", "leaky_relu"), args.get("a", 0))
        std = gain / math.sqrt(fan)
    else:
        fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(tensor)
        std = args.get("gain", 1.0) * math.sqrt(2 / (fan_in + fan_out))
    if distribution == "normal":
        return Initialiser("normal", (("mean", 0.0), ("std", std)))
    bound = math.sqrt(3) * std
    return Initialiser("uniform", (("a", -bound), ("b", bound)))


def _fill(tensor: Tensor, init: Initialiser, stream: int, generator: torch.Generator) -> None:
    args = dict(init.args)
    if init.name not in ("constant", "ones", "zeros", "eye", "dirac"):
        args["generator"] = generator.manual_seed(stream)
    getattr(nn.init, f"{init.name}_")(tensor, **args)


def _reset(module: nn.Module, stream: int) -> None:
    """Let a module initialise itself, which draws from the global generator."""
    reset = getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)
    if reset is None:
        return
    state = torch.get_rng_state()
    torch.default_generator.manual_seed(stream)  # torch.manual_seed would reseed GPUs too
    reset()
    torch.set_rng_state(state)


def _run(jobs: list[Job]) -> None:
    """All fillings, the largest first, on as many threads as torch uses: each takes the next."""
    large = sum(job[0] for job in jobs) // PARALLEL_FROM
    helpers = min(large, torch.get_num_threads()) - 1
    waiting = deque(sorted(jobs, key=lambda job: -job[0]))

    def fill() -> None:
        generator = torch.Generator()
        with torch.no_grad():
            while True:
                try:
                    _size, tensor, init, stream = waiting.popleft()
                except IndexError:
                    return
                _fill(tensor, init, stream, generator)

    if helpers < 1:
        fill()
        return
    with ThreadPoolExecutor(helpers) as pool:
        running = [pool.submit(fill) for _ in range(helpers)]
        fill()
        for future in running:
            future.result()


def _stream(seed: int, path: str) -> int:
    digest = hashlib.blake2b(f"{seed}:{path}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
