"""The gallery: pictures of the shipped networks, each with the command that made it."""

from __future__ import annotations

import contextlib
import io
import shlex
import tempfile
from pathlib import Path
from typing import NamedTuple

from archspec.cli import run

DOCS = Path(__file__).parent


class Shown(NamedTuple):
    """One picture, at its own size. args: of `archspec render`, without the file that it writes.

    height: in pixels, where it is shown smaller."""

    name: str
    args: str
    text: str
    height: int | None = None


INTRODUCTION = """# Gallery

Every picture here is drawn from a shipped spec by the command above it, and drawn again whenever
archspec changes. [Drawing](drawing.md) says what the options do and how to read the pictures; the
[zoo](zoo.md) has all networks. Each command takes `-o FILE`; `svg` stands here, and `png`, `pdf` and
`tex` look the same.
"""

SECTIONS: tuple[tuple[str, tuple[Shown, ...]], ...] = (
    (
        "AlexNet, ZFNet and VGG",
        (
            Shown(
                "alexnet_volume",
                "alexnet_paper --style volume",
                "Krizhevsky et al. (2012) as feature maps: sides go with the square root of the "
                "pixels, thickness with that of the channels.",
            ),
            Shown("zfnet_volume", "zfnet --style volume", "Zeiler and Fergus (2013)."),
            Shown("vgg16_volume", "vgg16 --style volume", "Simonyan and Zisserman (2014)."),
            Shown("alexnet", "alexnet", "AlexNet in torchvision's form, layer by layer."),
            Shown(
                "vgg16",
                "vgg16 --params --macs",
                "VGG-16: equal layers in a row are one box; with what each of them costs.",
            ),
        ),
    ),
    (
        "GoogLeNet and Inception",
        (
            Shown(
                "googlenet",
                "googlenet",
                "Szegedy et al. (2014). The auxiliary classifiers, which exist in training alone, "
                "stand apart; an inception module is drawn open once.",
            ),
            Shown(
                "googlenet_open",
                "googlenet --expand inception3a.branch2 --no-insets --hide aux1 --hide aux2",
                "One module open in its place: opening one branch opens those beside it.",
            ),
        ),
    ),
    (
        "Residual networks",
        (
            Shown(
                "columns",
                "vgg19 plain34 resnet34",
                "Figure 3 of He et al. (2015): three networks in columns, aligned by the size of what "
                "they compute. Solid shortcuts are the identity, dashed ones a projection.",
            ),
            Shown("resnet18", "resnet18", "Basic blocks."),
            Shown(
                "resnet152",
                "resnet152",
                "Bottlenecks: 152 layers on one screen, since copies are folded; the first block of a "
                "stage differs and stays apart.",
                900,
            ),
            Shown("resnetv2_50", "resnetv2_50", "Pre-activation (He et al., 2016)."),
            Shown("resnext50", "resnext50_32x4d", "ResNeXt (Xie et al., 2017)."),
            Shown(
                "diff",
                "resnet50 resnext50_32x4d --diff",
                "What changes from the one to the other, with the difference in parameters.",
            ),
            Shown("resnet50_dark", "resnet50 --theme dark", "Dark."),
            Shown("resnet50_grey", "resnet50 --theme grey", "For print without colours."),
        ),
    ),
    (
        "DenseNet",
        (
            Shown(
                "densenet121",
                "densenet121",
                "Huang et al. (2017): a dense block is a stack with its bus; it says how its channels "
                "grow, and layers and transitions are drawn open once.",
            ),
            Shown(
                "denseblock",
                "densenet121 --level op --join --layout spine --only features.denseblock1",
                "The dense connections of one block, each drawn: a lane for every layer.",
            ),
        ),
    ),
    (
        "MobileNets",
        (
            Shown("mobilenetv1", "mobilenetv1_100", "Howard et al. (2017)."),
            Shown("mobilenet_v2", "mobilenet_v2", "Inverted residuals (Sandler et al., 2018)."),
            Shown("mobilenet_v3_small", "mobilenet_v3_small", "Howard et al. (2019)."),
            Shown(
                "efficientnet_b0",
                "efficientnet_b0",
                "Tan and Le (2019): squeeze and excitation is in its block, drawn open.",
            ),
        ),
    ),
    (
        "Searched networks",
        (
            Shown(
                "nasnet_cell",
                "nasnetamobile --only cell_2",
                "A cell of NASNet (Zoph et al., 2018) has no spine: graphviz lays it out.",
            ),
            Shown("nasnet", "nasnetamobile --no-insets", "The network of such cells."),
        ),
    ),
    (
        "Transformers",
        (
            Shown("vit_b_16", "vit_b_16", "Dosovitskiy et al. (2020)."),
            Shown(
                "swin_t",
                "swin_t",
                "Liu et al. (2021). Blocks that alternate are folded as a pattern.",
            ),
        ),
    ),
)

TABLE = "resnet18 resnet50 resnet101 --style table"


def page_and_pictures() -> dict[Path, bytes]:
    """The page `gallery.md` and the pictures that it shows."""
    made: dict[Path, bytes] = {}
    text = INTRODUCTION
    for title, shown in SECTIONS:
        text += f"\n## {title}\n"
        for one in shown:
            text += f"\n{one.text}\n\n```sh\narchspec render {one.args}\n```\n\n"
            size = f' height="{one.height}"' if one.height else ""
            text += f'<img src="images/gallery/{one.name}.svg" alt="{one.text}"{size}>\n'
            made[DOCS / "images" / "gallery" / f"{one.name}.svg"] = _rendered(one.args, "svg")
    text += "\n## Tables\n\nTable 1 of He et al. (2015), with any networks as columns; "
    text += "`-o table.tex` writes it for LaTeX.\n\n"
    text += f"```sh\narchspec render {TABLE}\n```\n\n{_rendered(TABLE, 'md').decode()}"
    return {DOCS / "gallery.md": text.encode(), **made}


def _rendered(args: str, form: str) -> bytes:
    """What the command writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"picture.{form}")
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = run(["render", *shlex.split(args), "-o", str(path)])
        if code:
            raise SystemExit(f"archspec render {args}: {said.getvalue()}")
        return path.read_bytes()
