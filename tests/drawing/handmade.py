"""Scenes made by hand, small enough to know what a picture of them must show."""

from __future__ import annotations

from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.ops.dims import Dim


def residual() -> Scene:
    """A residual block with a projection, a dense edge, an inset, and every kind of box."""

    def op(name: str, title: str, family: str, **given: object) -> Box:
        return Box(name, name, title, "op", title, family, lines=(name,), **given)  # type: ignore[arg-type]

    layer = Frame("layer1", "layer1", "layer1", role="skip", count=3, params=3000)
    shortcut = Frame("layer1.down", "layer1.down", "down", [op("d", "1×1 conv, 64", "convolution")])
    layer.items = [
        op(
            "a",
            "3×3 conv, 64",
            "convolution",
            in_shape=(3, 8, 8),
            out_shape=(64, 8, 8),
            params=1728,
        ),
        op("b", "BN", "normalization"),
        shortcut,
        Box("add", "", "+", "join", "add", "arithmetic"),
    ]
    root = Frame("", "", "net")
    root.items = [
        Box("input:x", "", "x", "input", "input", "input", out_shape=(3, 8, 8)),
        layer,
        Box("head", "head", "bottleneck, 64", "block", "bottleneck", "block", lines=("head.0",), count=2,
            last="head.1", shortcut="identity", macs=Dim.free("height"), place="net.yaml:3"),
        op("aux", "linear, 10", "linear", train_only=True),
        Box("output:y", "", "y", "output", "output", "output", in_shape=(10,)),
    ]  # fmt: skip
    edges = [
        Edge("input:x", "a", shape=(3, 8, 8)),
        Edge("a", "b", shape=(64, 8, 8)),
        Edge("input:x", "d", "projection", (3, 8, 8)),
        Edge("b", "add", shape=(64, 8, 8)),
        Edge("d", "add", "projection", (64, 8, 8), 1),
        Edge("add", "head"),
        Edge("a", "head", "dense", slot=1),
        Edge("head", "output:y"),
        Edge("head", "aux"),
        Edge("add", "output:y", "identity", slot=1),
    ]
    inside = Frame(
        "",
        "head.0",
        "bottleneck, 64",
        [op("i", "conv", "convolution"), op("j", "ReLU", "activation")],
    )
    inset = Scene("bottleneck, 64", inside, [Edge("i", "j")], description="head.0–1")
    return Scene("net", root, edges, params=4728, macs=Dim.free("height"), insets=[inset])


def chain(count: int, every: int = 17) -> Scene:
    """Boxes in a row, and a skip past five of them at `every` box."""
    boxes = [Box(f"b{n}", f"b{n}", f"conv {n}", "op", "conv", "convolution") for n in range(count)]
    edges = [Edge(f"b{n}", f"b{n + 1}") for n in range(count - 1)]
    edges += [Edge(f"b{n}", f"b{n + 5}", "identity") for n in range(0, count - 5, every)]
    return Scene("chain", Frame("", "", "chain", [*boxes]), edges)


def said(texts: list[str]) -> Scene:
    """A box and a frame around it for each text."""
    frames = [
        Frame(
            f"f{n}", f"f{n}", text, [Box(f"b{n}", text, text, "op", text, "linear", lines=(text,))]
        )
        for n, text in enumerate(texts)
    ]
    edges = [Edge(f"b{n}", f"b{n + 1}") for n in range(len(texts) - 1)]
    return Scene(texts[0] if texts else "", Frame("", "", "root", [*frames]), edges)


HOSTILE = [
    "<b>bold</b>",
    "<<img src='/etc/passwd'/>>",
    "<img src=x onerror=alert(1)>",
    '"]; n9 [label="x"]; //',
    '"]; click n0 "javascript:alert(1)"',
    "ends with a backslash\\",
    r"\N \G \l \n",
    "two\nlines",
    "a\x00b\x1b[31m\u202e",
    "&amp; &#60; ]]> -->",
    "end",
    "click",
    "subgraph",
    "#35; #quot; a;b",
    '"`**bold**`"',
    "`code`",
    "12. list",
    "- item",
    "_em_ __b__ a_b_c",
    '%%{init: {"theme": "dark"}}%%',
    "%% comment",
    "---",
    "style x:#f;",
    "@{shape: x}",
    "A:::b",
    "ﬂ°°60¶ß",
    "fa:fa-car",
    "$$x^2$$",
    "\ud800",
    "",
    " ",
    "3×3 conv, 64, /2",
]
