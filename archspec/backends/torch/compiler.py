"""The compiler: a network becomes an `nn.Module` of generated classes."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import nn

from archspec.analysis.initialisers import resolve
from archspec.connections import Value
from archspec.diagnostics import PluginError
from archspec.expand import Network
from archspec.graph import Graph

from .filling import initialise
from .loader import SkipInit, load_source
from .source import Generated
from .weights import load_weights, read_checkpoint


def build(
    network: Network,
    graph: Graph,
    generated: Generated,
    *,
    weights: str | os.PathLike[str] | dict[str, Any] | None = None,
    strict: bool = True,
    new_head: bool = False,
    init: bool = True,
    seed: int | None = None,
    ignored: tuple[str, ...] = (),
) -> nn.Module:
    """Make the model; nothing is initialised that a checkpoint overwrites, the rest once."""
    module = load_source(generated.text, network.program.name, generated.origins)
    state = None
    if weights is not None:
        state = read_checkpoint(weights) if isinstance(weights, str | os.PathLike) else weights
    drawn = torch.get_rng_state()
    with SkipInit():
        model: nn.Module = getattr(module, generated.class_name)()
    torch.set_rng_state(drawn)  # `torch.empty(...).normal_()` of a constructor is drawn in vain
    _check_declared(model, graph)
    if init and (state is None or new_head or not strict):
        initialise(model, graph, resolve(network, graph), seed)
    if state is not None:
        name = str(weights) if isinstance(weights, str | os.PathLike) else "the state_dict"
        heads = head_modules(graph) if new_head else None
        fresh = load_weights(model, state, strict=strict, heads=heads, ignored=ignored, what=name)
        object.__setattr__(model, "fresh_weights", tuple(fresh))
    return model


def _check_declared(model: nn.Module, graph: Graph) -> None:
    """What a plugin's op declares of its weights is what its module has. Raises PluginError."""
    own = [node for node in graph if not type(node.op).__module__.startswith("archspec.ops.")]
    state = {key: tuple(value.shape) for key, value in model.state_dict().items()} if own else {}
    for node in own:
        declared = {f"{node.path}.{k}" if k else node.path: w for k, w in node.weights.items()}
        prefix = f"{node.path}."
        real = {k: v for k, v in state.items() if k == node.path or k.startswith(prefix)}
        if node.path and {key: weight.shape for key, weight in declared.items()} != real:
            raise PluginError(
                f"op `{node.op.name}` declares the weights "
                f"{ {k: w.shape for k, w in declared.items()} or 'none' }, and its module has "
                f"{real or 'none'}"
            )


def head_modules(graph: Graph) -> list[str]:
    """The last modules with weights on every way to an output: what a change of classes changes."""
    heads = []
    beyond: set[Value] = set()  # values that something with weights is made from
    for node in reversed(graph.nodes):
        leads_on = any(value in beyond for value in node.outputs)
        if node.weights and not leads_on:
            heads.append(node.path)
        if node.weights or leads_on:
            beyond.update(node.inputs)
    return heads[::-1]
