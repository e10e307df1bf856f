"""Scenes of specs, for tests."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.architecture import Architecture
from archspec.drawing.scene.build import build_scene
from archspec.drawing.scene.model import Box, Frame, Scene
from archspec.drawing.scene.view import View

FAMILIES = (
    "alexnet", "cifar_densenet_l40_k12", "convnext_tiny", "densenet121", "efficientnet_b0",
    "googlenet", "inception_v3", "maxvit_t", "mnasnet1_0", "mobilenet_v3_small",
    "nasnetamobile", "plain34", "regnet_y_400mf", "repvgg_a0", "resnet152", "resnetv2_50",
    "shufflenet_v2_x1_0", "squeezenet1_0", "swin_t", "vgg16", "vit_b_16",
)  # fmt: skip
"""A network of each kind."""

ZOO = [
    spec.name if spec.name in FAMILIES else pytest.param(spec.name, marks=pytest.mark.slow)
    for spec in archspec.list_specs()
]
"""All shipped networks, for tests that hold for every one."""


def scene(spec: str | Architecture, **view: Any) -> Scene:
    """The scene of a spec in a view."""
    architecture = archspec.load(spec) if isinstance(spec, str) else spec
    return build_scene(architecture.ir, architecture.root, View(**view))


def outline(item: Scene | Frame | Box, indent: str = "") -> str:
    """What is in a scene, a line each: `[frame]`, `title × count (name)`."""
    if isinstance(item, Scene):
        return "\n".join(outline(each) for each in item.root.items)
    count = f" ×{item.count}" if item.count > 1 else ""
    if isinstance(item, Frame):
        inner = "\n".join(outline(each, indent + "  ") for each in item.items)
        return f"{indent}[{item.title}]{count}\n{inner}"
    name = f" ({item.name})" if item.name else ""
    return f"{indent}{item.title}{count}{name}"
