"""Drawing networks: what is to be seen and how it looks, to the bytes of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol

from archspec.connections import Module
from archspec.diagnostics import RenderError, did_you_mean
from archspec.graph import Graph

from .layout.sizes import Written
from .scene.build import build_scene
from .scene.model import Scene
from .scene.view import Opening, View

if TYPE_CHECKING:
    from .layout.placed import Placed
    from .paint.themes import Theme
    from .picture import Picture

PICTURES = ("svg", "png", "pdf", "tex", "tikz")
"""Formats of pictures; `tex` is a whole document, `tikz` what stands in one."""

SCENES = ("html", "dot", "mmd", "json")
"""Formats of what is in a picture, which are laid out elsewhere."""

TABLES = ("tex", "md")
"""Formats of tables."""

FORMATS = (*PICTURES, *SCENES, "md")
STYLES = ("graph", "volume", "table")
LAYOUTS = ("auto", "spine", "graphviz")
_OTHER_NAMES = {"latex": "tex", "mermaid": "mmd", "markdown": "md", "gv": "dot"}
_MANY = 1_500  # boxes; graphviz takes half a minute for some graphs of 5,000
_TANGLED = 6  # boxes that are neither in series nor in parallel: graphviz places them better


class Network(Protocol):
    """A network to draw; an `archspec.Architecture` is one."""

    ir: Graph

    @property
    def name(self) -> str: ...

    @property
    def root(self) -> Module: ...


@dataclass(frozen=True)
class Look:
    """How a picture looks.

    theme: light, dark or grey. written: what boxes say. title, legend: whether they are there.
    insets: whether blocks that occur often are drawn open beside the network. layout: `spine` (our
    own), `graphviz`, or what fits. provider: of graphviz. width: the column of a paper, as `column`,
    `page` or inches; least: the smallest letters that it may have, in points. dpi: of a PNG.
    """

    theme: str = "light"
    written: Written = field(default_factory=Written)
    title: bool = True
    legend: bool = True
    insets: bool = True
    layout: str = "auto"
    provider: str | None = None
    width: str | float | None = None
    least: float = 5.0
    dpi: float = 192.0


class Drawn(NamedTuple):
    """A picture, and what its reader should know of how it came about."""

    data: bytes
    notes: tuple[str, ...] = ()


def format_of(name: str) -> str:
    """The format that a name or the ending of a file means. Raises RenderError."""
    found = _OTHER_NAMES.get(name.lower(), name.lower())
    return _one_of("format", found, FORMATS)


def draw(
    networks: Sequence[Network],
    *,
    format: str = "svg",
    style: str = "graph",
    view: View | None = None,
    look: Look | None = None,
    diff: bool = False,
) -> Drawn:
    """The picture of a network, or of several in columns.

    style: `graph`, `volume` (feature maps) or `table`. diff: two networks as one, with what was
    added, removed and changed. Raises RenderError.
    """
    view, look = view or View(), look or Look()
    kind = format_of(format)
    _one_of("style", style, STYLES)
    if diff and (len(networks) != 2 or style != "graph"):
        raise RenderError("a comparison takes two networks, drawn as graphs")
    if style == "table":
        return Drawn(_table(networks, kind).encode())
    if kind == "md":
        raise RenderError("`md` is a format of tables: add the style `table`")
    if style == "volume":
        return _write(_volume(networks, look), kind, look)
    if len(networks) > 1 and not diff:
        return _write(_columns(networks, view, look), kind, look)
    if kind == "html" and not diff:
        return Drawn(_html(networks[0], view).encode())
    scenes = [build_scene(network.ir, network.root, view) for network in networks]
    scene = scenes[0]
    if diff:
        from .scene.diff import compare

        scene = compare(*scenes)
    if kind in SCENES:
        return Drawn(_text(scene, kind, look).encode())
    if look.insets and not diff and view.level == "block" and view.only is None:
        from .scene.insets import insets

        scene.insets = insets(scene, networks[0].ir, networks[0].root)
    notes: list[str] = []
    picture = _page(scene, view, look, notes)
    return _write(picture, kind, look, tuple(notes))


def _page(scene: Scene, view: View, look: Look, notes: list[str]) -> Picture:
    from .paint.page import page
    from .paint.themes import theme

    colors: Theme = theme(look.theme)
    plain = view.level == "op" and not view.joins
    return page(
        scene,
        lambda part: _layout(part, look, notes, plain=plain and part is scene),
        look.written,
        colors,
        title=look.title,
        key=look.legend,
    )


def _layout(scene: Scene, look: Look, notes: list[str], *, plain: bool) -> Placed:
    """Where everything is: by graphviz where that was asked for, at the op level, and for graphs
    that have no spine; by our own layout otherwise, and where graphviz cannot."""
    from .layout.spine import place_structure
    from .layout.structure import structure, tangled

    _one_of("layout", look.layout, LAYOUTS)
    column = structure(scene)
    asked = look.layout == "graphviz" or look.provider is not None
    fitting = look.layout == "auto" and (plain or tangled(column) > _TANGLED)
    count = sum(1 for _box in scene.root.boxes())
    if fitting and not asked and count > _MANY:
        notes.append(
            f"{scene.name} is drawn by archspec's own layout: graphviz takes long for {count:,} boxes, "
            "`--layout graphviz` asks for it"
        )
    elif asked or fitting:
        from .layout.graphviz import place as by_graphviz

        try:
            return by_graphviz(scene, look.written, look.provider)
        except RenderError as error:
            if look.provider is not None:
                raise
            notes.append(f"{scene.name} is drawn by archspec's own layout: {error}")
    return place_structure(column, scene, look.written)


def _columns(networks: Sequence[Network], view: View, look: Look) -> Picture:
    from .figures.columns import columns
    from .paint.themes import theme

    asked = View("op", view.expand, view.hide, view.only, fold=bool(view.fold), join=True)
    scenes = [build_scene(network.ir, network.root, asked) for network in networks]
    written = look.written
    plain = Written(False, False, written.params, written.macs, False)
    return columns(scenes, plain, theme(look.theme))


def _volume(networks: Sequence[Network], look: Look) -> Picture:
    from .figures.volume import volume_picture

    if len(networks) != 1:
        raise RenderError("feature maps are drawn of one network at a time")
    return volume_picture(networks[0].ir, networks[0].root, theme=look.theme)


def _table(networks: Sequence[Network], kind: str) -> str:
    from .figures.table import table

    if kind not in TABLES:
        raise RenderError(f"a table is written as {' or '.join(TABLES)}, not as {kind}")
    return table(networks, "latex" if kind == "tex" else "markdown")


def _html(network: Network, view: View) -> str:
    from .formats.html import write_html

    whole = View("op", hide=view.hide, only=view.only, fold=False, join=False)
    scene = build_scene(network.ir, network.root, whole)
    opening = Opening(replace(view, join=False), network.ir, network.root)
    shown = [
        frame.id
        for frame in scene.root.frames()
        if frame.path in opening.paths and opening.is_open(opening.paths[frame.path])
    ]
    return write_html(scene, open=shown)


def _text(scene: Scene, kind: str, look: Look) -> str:
    from .paint.themes import theme

    colors = theme(look.theme)
    if kind == "dot":
        from .formats.dot import to_dot

        return to_dot(scene, written=look.written, theme=colors)
    if kind == "mmd":
        from .formats.mermaid import to_mermaid

        return to_mermaid(scene, written=look.written, theme=colors)
    if kind == "json":
        from .formats.json import to_json

        return to_json(scene)
    raise RenderError("a comparison has no interactive page; svg, png and pdf have it")


def _write(picture: Picture, kind: str, look: Look, notes: tuple[str, ...] = ()) -> Drawn:
    """A picture in a format, fitted to a column where one is asked for."""
    from .formats import PICTURE_WRITERS
    from .formats.png import write_png

    if kind not in PICTURES:
        raise RenderError(f"this picture is written as {', '.join(PICTURES)}, not as {kind}")
    if not 10 <= look.dpi <= 1200:
        raise RenderError(f"the dots per inch are a number from 10 to 1200, not {look.dpi:g}")
    if not 1 <= look.least < inf:
        raise RenderError(f"the smallest letters have 1 point or more, not {look.least:g}")
    if look.width is not None:
        from .formats.widths import fit

        picture = fit(picture, _inches(look.width), look.least)
    if kind == "png":
        return Drawn(write_png(picture, dpi=look.dpi), notes)
    data = PICTURE_WRITERS[kind](picture)
    return Drawn(data.encode() if isinstance(data, str) else data, notes)


def _inches(width: str | float) -> float:
    """The inches of a width, which may be the name of a column."""
    from .formats.widths import WIDTHS

    if isinstance(width, str) and width in WIDTHS:
        return WIDTHS[width]
    try:
        inches = float(width)
    except ValueError:
        inches = 0.0
    if not 0.5 <= inches <= 100:
        raise RenderError(
            f"a width is {', '.join(WIDTHS)} or inches from 0.5 to 100, not `{width}`"
        )
    return inches


def _one_of(what: str, name: str, known: Sequence[str]) -> str:
    if name not in known:
        hint = did_you_mean(name, known) or f"one of {', '.join(known)}"
        raise RenderError(f"no {what} is called `{name}`: {hint}")
    return name
