"""The pictures that the writers' tests share."""

from __future__ import annotations

from archspec.drawing.picture import (
    Circle,
    Group,
    Item,
    Line,
    Picture,
    Polygon,
    Rect,
    Stroke,
    Text,
)

GREY = Stroke("#555555")
ORANGE = Stroke("#d55e00", 1.4, (3, 2))


def block() -> Picture:
    """A residual block: everything that a picture can hold, once or more."""
    return Picture(
        width=180,
        height=150,
        title="BasicBlock",
        description="A residual block.\nIts shortcut is a projection.",
        notes=("archspec", "layout: archspec"),
        items=[
            Rect(0.5, 0.5, 179, 149, radius=6, stroke=Stroke("#aaaaaa", 0.75)),
            Text(6, 12, "layer2.0 × 4", 7, "#555555", anchor="start"),
            _box("conv1", "3×3 conv, 128, /2", 25, "#9ed0f0"),
            _box("conv2", "3×3 conv, 128", 75, "#9ed0f0"),
            Line(((75, 2), (75, 25)), GREY, arrow=5),
            Line(((75, 55), (75, 75)), GREY, arrow=5),
            Line(((75, 105), (75, 121)), GREY, arrow=5),
            Group(
                [
                    Circle(75, 128, 7, "#ffffff", GREY),
                    Line(((71, 128), (79, 128)), GREY),
                    Line(((75, 124), (75, 132)), GREY),
                ],
                id="add",
                role="join",
            ),
            Line(((75, 14), (150, 14), (150, 128), (82, 128)), ORANGE, radius=8, arrow=5),
            Line(
                ((75, 135), (75, 142), (110, 138), (110, 146)),
                Stroke("#0072b2"),
                curved=True,
                arrow=4,
            ),
            Polygon(((8, 130), (20, 130), (24, 142), (12, 142)), "#f0c987", Stroke("#555555", 0.5)),
            Text(174, 144, "64×56×56", 6, "#000000", anchor="end"),
        ],
    )


def _box(name: str, op: str, y: float, fill: str) -> Group:
    return Group(
        [
            Rect(25, y, 100, 30, radius=3, fill=fill, stroke=GREY),
            Text(75, y + 12, name, 8, "#000000", bold=True),
            Text(75, y + 24, op, 8, "#000000"),
        ],
        id=name,
        role="box convolution",
        title=f"{name}\n{op}",
        data={"path": f"layer2.0.{name}", "params": "73728"},
    )


def saying(text: str) -> Picture:
    """A picture whose every text is the one given."""
    inside: list[Item] = [Text(50, 20, text, 8, "#000000"), Text(5, 40, text, 8, "#000000", True)]
    return Picture(
        100,
        50,
        [Group(inside, id=text, role=text, title=text, data={"path": text})],
        title=text,
        description=text,
        notes=(text, text),
    )


HOSTILE = [
    "<script>alert(1)</script>",
    '"\' onload="alert(1)" x=\'',
    "]]><!-- --><![CDATA[",
    "--> <b> --- -",
    "&amp; &#0; &x;",
    r"\input{/etc/passwd} \\ \end{tikzpicture}",
    "50% $x_1^2$ #1 {a} ~ & \"q\" <<a>> |b| ``c'' -- ---",
    "a\x00b\x07\r\n\tc\u202e\u2028",
    "\ud800 \U0001f600 é 中 ⊕ α Σ →",
    "  two  spaces  ",
    "",
    " ",
    "%\\",
    "^^M^^5c",
]
