"""Rendering from Python: the options by name, the picture as bytes and into a file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypedDict, Unpack

from archspec.diagnostics import RenderError, did_you_mean
from archspec.files import write_whole

from .draw import Look, Network, draw
from .layout.sizes import Written
from .scene.view import View


class RenderWarning(UserWarning):
    """A picture is not drawn as it was asked for."""


class Options(TypedDict, total=False):
    """How to draw.

    format: svg, png, pdf, tex, tikz, html, dot, mmd, json, or md for a table; the ending of the path
    by default. style: graph, volume (feature maps) or table.

    What is seen: level (stage, block or op), expand (paths of modules to open beside), hide (paths,
    or names of ops), only (the path of the one module to draw), fold (copies in a row are one box),
    join (norms and activations share the box of their convolution), diff (two networks as one, with
    what was added, removed and changed).

    What boxes say: names, notes, params, macs, shapes. What is around: title, legend, insets (blocks
    drawn open beside the network).

    How it looks: theme (light, dark or grey), layout (auto, spine or graphviz), provider (of
    graphviz), width (of a paper's column: column, page or inches), least (points of the smallest
    letters at that width), dpi (of a PNG).
    """

    format: str | None
    style: str
    level: str
    expand: Iterable[str]
    hide: Iterable[str]
    only: str | None
    fold: bool | None
    join: bool | None
    diff: bool
    names: bool
    notes: bool
    params: bool
    macs: bool
    shapes: bool
    title: bool
    legend: bool
    insets: bool
    theme: str
    layout: str
    provider: str | None
    width: str | float | None
    least: float
    dpi: float


def render(
    networks: Sequence[Network],
    path: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> bytes:
    """Draw a network, or several in columns; gives the picture and writes it to `path`.

    Raises RenderError. Warns with RenderWarning where the picture is not drawn as asked.
    """
    given: dict[str, Any] = dict(options)
    for name in given:
        if name not in Options.__annotations__:
            hint = did_you_mean(name, Options.__annotations__) or "see `archspec.Options`"
            raise RenderError(f"no option of a picture is called `{name}`: {hint}")
    form = given.pop("format", None)
    if form is None:
        form = os.path.splitext(path)[1].lstrip(".") if path is not None else "svg"
    seen = _taken(given, View)
    seen.update((key, tuple(seen[key])) for key in ("expand", "hide") if key in seen)
    view = View(**seen)
    written = Written(**_taken(given, Written))
    look = Look(written=written, **_taken(given, Look))
    drawn = draw(networks, format=form, view=view, look=look, **given)
    for note in drawn.notes:
        warnings.warn(note, RenderWarning, stacklevel=3)
    if path is not None:
        write_whole(path, drawn.data)
    return drawn.data


def _taken(options: dict[str, Any], kind: type) -> dict[str, Any]:
    """The options that are fields of a class, which are taken out of the others."""
    names = [field.name for field in fields(kind) if field.name in options]
    return {name: options.pop(name) for name in names}
