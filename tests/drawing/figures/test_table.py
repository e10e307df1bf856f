"""The architecture table, against the tables of the papers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import archspec
from archspec.diagnostics import RenderError
from archspec.drawing.figures.table import table

GOLDEN = Path(__file__).parent / "golden"

BASIC = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
}
BOTTLENECK = {
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
}
"""He et al. (2015), table 1: how many blocks there are in conv2_x to conv5_x."""


def cells(text: str) -> list[list[str]]:
    """The rows of a table in Markdown."""
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines()]
    return [[cell.strip() for cell in row] for row in rows]


def one(name: str) -> dict[str, str]:
    """The cells of a network by their output size; a dense block's by its name."""
    rows = cells(table([archspec.load(name)], "markdown"))[2:]
    return {row[0] or row[1]: row[2] for row in rows}


@pytest.mark.parametrize("name", [*BASIC, *BOTTLENECK])
def test_resnets_are_those_of_the_paper(name: str) -> None:
    counts = BASIC.get(name) or BOTTLENECK[name]
    blocks = []
    for width, count in zip((64, 128, 256, 512), counts, strict=True):
        if name in BASIC:
            blocks.append(f"[3×3, {width} · 3×3, {width}] × {count}")
        else:
            blocks.append(f"[1×1, {width} · 3×3, {width} · 1×1, {4 * width}] × {count}")
    got = one(name)
    assert [got[f"conv{n}_x"] for n in (3, 4, 5)] == blocks[1:]
    assert got["conv1"] == "7×7, 64, stride 2"
    assert got["conv2_x"] == f"3×3 max pool, stride 2<br>{blocks[0]}"
    assert got["1×1"] == "average pool, 1000-d fc"


def test_output_sizes_are_those_of_the_paper() -> None:
    rows = cells(table([archspec.load("resnet50")], "markdown"))[2:-2]
    assert [row[1] for row in rows] == ["112×112", "56×56", "28×28", "14×14", "7×7", "1×1"]


def test_a_stride_on_another_convolution_changes_no_cell() -> None:
    paper = one("resnet50_paper")
    assert {k: v for k, v in one("resnet50").items() if k != "MACs"} == {
        k: v for k, v in paper.items() if k != "MACs"
    }


def test_resnext_has_its_groups() -> None:
    got = one("resnext50_32x4d")
    assert got["conv3_x"] == "[1×1, 256 · 3×3, 256, C=32 · 1×1, 512] × 4"
    assert got["conv5_x"] == "[1×1, 1024 · 3×3, 1024, C=32 · 1×1, 2048] × 3"


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("densenet121", (6, 12, 24, 16)),
        ("densenet169", (6, 12, 32, 32)),
        ("densenet201", (6, 12, 48, 32)),
        ("densenet264", (6, 12, 64, 48)),
    ],
)
def test_densenets_are_those_of_the_paper(name: str, counts: tuple[int, ...]) -> None:
    """Huang et al. (2016), table 1."""
    rows = cells(table([archspec.load(name)], "markdown"))
    assert rows[0][2] == f"{name} (k=32)"
    got = {row[0]: row[2] for row in rows}
    for number, count in enumerate(counts, 1):
        assert got[f"dense block ({number})"] == f"[1×1 conv · 3×3 conv] × {count}"
    assert got["transition layer (1)"] == "1×1 conv, 128<br>2×2 average pool, stride 2"
    assert got["pooling"] == "3×3 max pool, stride 2"


def test_a_dense_network_without_bottlenecks_has_its_rows_too() -> None:
    got = one("cifar_densenet_l40_k12")
    assert got["dense block (3)"] == "[3×3 conv] × 12"


def test_mobilenet_v2_is_that_of_the_paper() -> None:
    """Sandler et al. (2018), table 2: t, c and n of each row."""
    text = table([archspec.load("mobilenet_v2")], "markdown")
    rows = re.findall(r"\[1×1, ×(\d+) · 3×3 dw · 1×1, (\d+)\] × (\d+)", text)
    assert [tuple(map(int, row)) for row in rows] == [
        *((6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)),
    ]
    assert "3×3, 32, stride 2<br>[3×3 dw, 32 · 1×1, 16] × 1" in text


def test_vgg_is_that_of_the_paper() -> None:
    """Simonyan and Zisserman (2014), table 1, columns D and E."""
    for name, deep in (("vgg16", 3), ("vgg19", 4)):
        got = one(name)
        assert got["conv1_x"] == "[3×3, 64] × 2"
        assert got["conv3_x"] == f"2×2 max pool, stride 2<br>[3×3, 256] × {deep}"
        assert got["1×1"] == "4096-d fc, 4096-d fc, 1000-d fc"


def test_branches_are_rows() -> None:
    """Szegedy et al. (2014), table 1, inception (3a)."""
    assert (
        "[1×1, 64 · 1×1, 96 – 3×3, 128 · 1×1, 16 – 5×5, 32 · 3×3 max pool – 1×1, 32] × 1"
        in one("googlenet_paper")["conv3_x"]
    )


def test_squeeze_and_excitation_is_told() -> None:
    assert "[1×1, ×6 · 5×5 dw · SE, /4 · 1×1, 40] × 2" in one("efficientnet_b0").values()


def test_columns_are_aligned_by_output_size() -> None:
    names = ["vgg19", "plain34", "resnet34"]
    rows = cells(table([archspec.load(name) for name in names], "markdown"))
    assert rows[0][2:] == names
    by_size = {row[1]: row[2:] for row in rows[2:]}
    assert by_size["224×224"] == ["[3×3, 64] × 2", "", ""]
    assert by_size["112×112"][1:] == ["7×7, 64, stride 2"] * 2
    assert by_size["14×14"] == [
        "2×2 max pool, stride 2<br>[3×3, 512] × 4",
        *["[3×3, 256 · 3×3, 256] × 6"] * 2,
    ]


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "densenet201", "vgg19", "googlenet"])
def test_totals_are_the_cost(name: str) -> None:
    architecture = archspec.load(name)
    got = one(name)
    units = {"k": 1e3, "M": 1e6, "G": 1e9}
    for row, exact in (("parameters", architecture.cost.params), ("MACs", architecture.cost.macs)):
        number, unit = got[row].split()[:2]
        assert isinstance(exact, int)
        assert float(number) * units[unit] == pytest.approx(exact, abs=0.005 * units[unit])


def test_heads_of_training_are_told_apart() -> None:
    cost = archspec.load("googlenet").cost
    told = f"13.00 M ({cost.train_params / 1e6:.2f} M in training alone)"
    assert one("googlenet")["parameters"] == told


def test_free_sizes_stay_letters() -> None:
    free = archspec.load_str(
        "archspec: 1\nname: free\ninput: [3, height, width]\nstages:\n"
        "  conv: {conv: 8, kernel: 3, padding: 1}\n"
    )
    rows = cells(table([free], "markdown"))
    assert rows[2] == ["conv1", "height×width", "3×3, 8"]
    assert rows[-1] == ["MACs", "", "depends on size"]


@pytest.mark.parametrize(("format", "ending"), [("latex", "tex"), ("markdown", "md")])
def test_the_text_is_as_it_was(format: str, ending: str) -> None:
    networks = [archspec.load(name) for name in ("resnet18", "resnet50")]
    assert table(networks, format) == (GOLDEN / f"resnets.{ending}").read_text()


@pytest.mark.parametrize("format", ["latex", "markdown"])
def test_two_runs_give_the_same(format: str) -> None:
    first = table([archspec.load("googlenet"), archspec.load("inception_v3")], format)
    assert first == table([archspec.load("googlenet"), archspec.load("inception_v3")], format)


def test_a_name_is_no_markup() -> None:
    from types import SimpleNamespace

    real = archspec.load("resnet18")
    evil = SimpleNamespace(name="\\input{x}|<b>_$&%#~^", ir=real.ir, root=real.root)
    markdown = table([evil], "markdown").splitlines()[0]  # type: ignore[list-item]
    assert markdown.endswith(r"| \\input\{x\}\|\<b\>\_\$\&%\#\~^ |")
    latex = table([evil], "latex")  # type: ignore[list-item]
    escaped = r"\textbackslash{}input\{x\}$|$$<$b$>$\_\$\&\%\#\textasciitilde{}\textasciicircum{}"
    assert escaped in latex


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(RenderError, match="did you mean `latex`|no format of a table is called"):
        table([archspec.load("resnet18")], "latx")
    with pytest.raises(RenderError, match="at least one network"):
        table([])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_with_amsmath_alone(tmp_path: Path) -> None:
    groups = [
        [*BASIC, *BOTTLENECK],
        ["densenet121", "densenet169"],
        ["mobilenet_v2", "efficientnet_b0", "mobilenet_v3_small"],
        ["vgg19", "plain34", "resnet34"],
        ["googlenet", "nasnetamobile"],
    ]
    tables = [table([archspec.load(name) for name in names]) for names in groups]
    page = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\\tiny\n%s\\end{document}"
    (tmp_path / "t.tex").write_text(page % "\n\n".join(tables))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF")
