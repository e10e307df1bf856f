"""Small specs, written as the part of them that matters."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

import archspec
from archspec import SpecError


def spec(text: str, input: str = "[4, 8, 8]") -> str:
    """A whole spec of some of its keys; `stages:` may be all."""
    text = textwrap.dedent(text).strip("\n")
    head = "archspec: 1\n"
    if "\ninput:" not in f"\n{text}" and "\nextends:" not in f"\n{text}":
        head += f"input: {input}\n"
    return head + text + "\n"


def load(text: str, input: str = "[4, 8, 8]", **params: Any) -> archspec.Architecture:
    return archspec.load(spec(text, input), **params)


def paths(text: str | archspec.Architecture, **params: Any) -> list[str]:
    """The paths of the named ops."""
    architecture = load(text, **params) if isinstance(text, str) else text
    return [m.path for m in architecture.root.walk() if m.kind == "op" and m.named]


def op(architecture: archspec.Architecture, path: str) -> Any:
    """The op at a path."""
    return next(m.op for m in architecture.root.walk() if m.path == path)


def shape(text: str | archspec.Architecture, **params: Any) -> tuple[Any, ...]:
    """The shape of the only output."""
    architecture = load(text, **params) if isinstance(text, str) else text
    (output,) = architecture.outputs.values()
    return output.shape


def refused(text: str, code: str, saying: str = "", **params: Any) -> None:
    """The spec is refused with this code, first and alone."""
    with pytest.raises(SpecError) as caught:
        load(text, **params)
    first = caught.value.diagnostics[0]
    assert first.code == code, caught.value
    shown = " ".join(f"{first.message} {first.help or ''}".split())
    assert saying in shown, shown
