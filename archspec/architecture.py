"""The architecture: a checked spec, and everything that can be asked of it."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from archspec.analysis import Cost, check_contracts, check_requirements, cost
from archspec.analysis.initialisers import resolve
from archspec.connections import Module, Value
from archspec.diagnostics import SpecError
from archspec.expand import Network
from archspec.graph import Graph, build_graph, state_entries
from archspec.passes import inplace

if TYPE_CHECKING:
    import networkx
    from torch import nn

    from archspec.backends.torch import Generated
    from archspec.drawing import Options


class Architecture:
    """A spec that was validated and expanded, with its shapes known.

    Made by `archspec.load`; needs no torch until `compile`.
    """

    def __init__(self, network: Network):
        self.network = network
        self.ir: Graph = build_graph(network)
        self._made: dict[bool, tuple[Generated, Network, Graph]] = {}
        problems = list(check_contracts(network, self.ir))
        if not network.is_open:
            problems += check_requirements(network, self.ir)
        try:
            self.initialisers = resolve(network, self.ir)
        except SpecError as error:
            problems += error.diagnostics
        if problems:
            raise SpecError(*problems)

    @property
    def name(self) -> str:
        """The network's name."""
        return self.network.program.name

    @property
    def description(self) -> str:
        """The spec's one sentence about itself."""
        return self.network.program.description

    @property
    def root(self) -> Module:
        """The module tree."""
        return self.network.root

    @property
    def params(self) -> Mapping[str, Any]:
        """The values of the spec's parameters."""
        return self.network.params

    @property
    def inputs(self) -> Mapping[str, Value]:
        """The inputs by name; shapes without the batch dimension."""
        return self.ir.inputs

    @property
    def outputs(self) -> Mapping[str, Value]:
        """The outputs by name; shapes without the batch dimension."""
        return self.ir.outputs

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[str]:
        """The network as a networkx graph; see `archspec.graph.Graph.networkx`."""
        return self.ir.networkx()

    @cached_property
    def cost(self) -> Cost:
        """Parameters, buffers and MACs in total."""
        return cost(self.ir)

    @cached_property
    def state(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """The `state_dict` of the compiled model: shape and dtype by key, in torch's order."""
        return {key: (weight.shape, weight.dtype) for key, weight in state_entries(self.root)}

    def summary(self, depth: int | None = None) -> Any:
        """A table of the modules down to `depth`, for rich to print."""
        from archspec.analysis.summary import summary_table

        return summary_table(self.ir, self.root, depth)

    def render(
        self, path: str | os.PathLike[str] | None = None, **options: Unpack[Options]
    ) -> bytes:
        """Draw the network; gives the picture and writes it to `path`.

        options: see `archspec.drawing.Options`; `level="op"`, `theme="dark"`, `params=True`, ...
        Raises RenderError. Warns with RenderWarning where the picture is not drawn as asked.
        """
        from archspec.drawing import render

        return render([self], path, **options)

    def _repr_mimebundle_(self, **_asked: Any) -> dict[str, str]:
        """The picture for a notebook, at the level of blocks."""
        return {"image/svg+xml": self.render().decode(), "text/plain": repr(self)}

    def source(self, *, train_only: bool = True) -> str:
        """The generated Python, which depends on torch alone."""
        return self._generated(train_only)[0].text

    def _generated(self, train_only: bool) -> tuple[Generated, Network, Graph]:
        from archspec.backends.torch import generate

        if train_only not in self._made:
            network, graph = self.network, self.ir
            if not train_only:
                network = _without_heads(network)
                graph = build_graph(network)
            self._made[train_only] = (generate(network, graph, inplace(graph)), network, graph)
        return self._made[train_only]

    def again(self) -> Architecture:
        """The same architecture for somebody else, who may change what `graph` gives."""
        other = Architecture.__new__(Architecture)
        other.__dict__.update(self.__dict__)
        other.__dict__.pop("graph", None)
        return other

    def compile(
        self,
        *,
        weights: str | os.PathLike[str] | dict[str, Any] | None = None,
        strict: bool = True,
        new_head: bool = False,
        init: bool = True,
        seed: int | None = None,
        train_only: bool = True,
    ) -> nn.Module:
        """The network as an `nn.Module` of generated classes.

        weights: a checkpoint (`.pth`, `.safetensors`; read safely) or a state_dict. strict: every
        key and shape must agree. new_head: the last layers with weights, such as a classifier with
        another number of classes, keep fresh weights where their shape differs; `model.fresh_weights`
        names them. init=False leaves the memory as it is.
        seed: of the initialisation; drawn from torch's generator by default. train_only=False
        leaves heads out that run in training alone.

        Raises CheckpointError with a report of what does not fit.
        """
        from archspec.backends.torch.compiler import build

        generated, network, graph = self._generated(train_only)
        heads = (
            ()
            if train_only
            else tuple(f"{m.path}." for m in self.root.walk() if m.train_only and m.named)
        )
        model = build(
            network,
            graph,
            generated,
            weights=weights,
            strict=strict,
            new_head=new_head,
            init=init,
            seed=seed,
            ignored=heads,
        )
        object.__setattr__(model, "archspec", self)
        return model

    def resolved(self, *, origins: bool = True) -> str:
        """The spec whole, in one file: bases, imports, defaults and parameters resolved.

        origins: whether every line says where it came from. Resolving the text again gives the
        same text.
        """
        from archspec.expand.resolved import resolved

        if self.network.decisions.answers:  # a child is what its own spec says
            from archspec.expand import read_alone

            return resolved(read_alone(self.plain()), origins=origins)
        return resolved(self.network, origins=origins)

    def plain(self, *, name: str | None = None, description: str = "") -> str:
        """The spec in one file with nothing left open: choices are written as they were decided.

        What nothing was open in stands as it was written. The names of modules, and with them the
        `state_dict`, stay the same.
        """
        from archspec.search.plain import plain

        return plain(self.network, name=name, description=description)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what the network computes: the same for isomorphic networks, whatever the names;
        see `archspec.search.fingerprint`."""
        from archspec.search.fingerprint import fingerprint

        return fingerprint(self.ir)

    @cached_property
    def hash(self) -> str:
        """The sha256 of the resolved spec: what the architecture is, however it was written."""
        import hashlib

        return hashlib.sha256(self.resolved(origins=False).encode()).hexdigest()

    def __reduce__(self) -> Any:
        text = self.plain() if self.network.is_open else self.resolved(origins=False)
        return _from_text, (text,)

    def __deepcopy__(self, _memo: Any) -> Architecture:
        return self

    def __repr__(self) -> str:
        return f"<Architecture {self.name}: {self.cost.params:,} parameters>"


def _from_text(text: str) -> Architecture | None:
    from archspec.api import load_str

    try:
        return load_str(text)
    except SpecError as error:  # an op of a plugin that this process has not loaded
        import warnings

        warnings.warn(f"the model's spec cannot be read here: {error}", stacklevel=2)
        return None


def _without_heads(network: Network) -> Network:
    """The network without what runs in training alone."""
    from dataclasses import replace

    root = _pruned(network.root)
    outputs = {
        name: value
        for name, value in network.outputs.items()
        if value.producer is None or not value.producer.train_only
    }
    return replace(network, root=root, outputs=outputs)


def _pruned(module: Module) -> Module:
    if not any(child.train_only for child in module.walk()):
        return module
    pruned = copy.copy(module)
    pruned.children = [_pruned(child) for child in module.children if not child.train_only]
    return pruned
