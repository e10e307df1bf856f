"""Initialisation as source: the written-out file's own function."""

from __future__ import annotations

from archspec.analysis.initialisers import Initialiser, Initialisers, resolve
from archspec.expand import Network
from archspec.graph import Graph, Node


def initialisation_source(network: Network, graph: Graph) -> list[str]:
    """The function `initialise(model)` of the written-out file, or nothing."""
    resolved = resolve(network, graph)
    if not resolved:
        return []
    groups: dict[str, dict[tuple[tuple[str, Initialiser], ...], list[str]]] = {}
    for node in graph:
        made = node.applied.module
        kind = made.function if made is not None else ""
        if node.weights:
            inits = tuple(resolved.get(node, {}).items())
            groups.setdefault(kind, {}).setdefault(inits, []).append(node.path)
    lines = [
        "def initialise(model: nn.Module) -> None:",
        '    """Initialise the weights as the spec says; the rest keeps torch\'s default."""',
    ]
    whole: dict[tuple[tuple[str, Initialiser], ...], list[str]] = {}
    single: list[tuple[tuple[tuple[str, Initialiser], ...], list[str]]] = []
    for kind, variants in groups.items():
        if len(variants) == 1 and kind:
            ((inits, _paths),) = variants.items()
            if inits:
                whole.setdefault(inits, []).append(kind)
        else:
            single += [(inits, paths) for inits, paths in variants.items() if inits]
    if whole:
        lines.append("    for module in model.modules():")
        for number, (inits, kinds) in enumerate(whole.items()):
            kind = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
            lines.append(f"        {'el' if number else ''}if isinstance(module, {kind}):")
            lines += _calls(inits, "module", " " * 12, _optional(kinds, resolved))
    for inits, paths in single:
        names = ", ".join(f'"{path}"' for path in paths)
        lines.append(f"    for name in ({names},):")
        if any(name == "" for name, _init in inits):
            lines.append(f"        {inits[0][1].call('model.get_parameter(name)')}")
        else:
            lines.append("        module = model.get_submodule(name)")
            lines += _calls(inits, "module", " " * 8, ())
    return lines


def _optional(kinds: list[str], resolved: dict[Node, Initialisers]) -> tuple[str, ...]:
    """Weights that some modules of these kinds do not have."""
    missing = set()
    for node in resolved:
        made = node.applied.module
        if made is not None and made.function in kinds and "bias" not in node.weights:
            missing.add("bias")
    return tuple(missing)


def _calls(
    inits: tuple[tuple[str, Initialiser], ...], module: str, pad: str, optional: tuple[str, ...]
) -> list[str]:
    lines = []
    for name, init in inits:
        if name in optional:
            lines += [
                f"{pad}if {module}.{name} is not None:",
                f"{pad}    {init.call(f'{module}.{name}')}",
            ]
        else:
            lines.append(f"{pad}{init.call(f'{module}.{name}')}")
    return lines
