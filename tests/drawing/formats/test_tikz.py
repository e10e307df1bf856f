"""TikZ: the source, and what LaTeX makes of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest

from archspec.diagnostics import RenderError
from archspec.drawing.formats import write_tikz
from archspec.drawing.picture import Circle, Group, Picture, Rect, Stroke, Text

from .pictures import HOSTILE, block

GOLDEN = Path(__file__).parent / "golden"


def missing_latex() -> str:
    """Why nothing can be compiled here; empty where it can."""
    if not shutil.which("pdflatex"):
        return "pdflatex is not on the PATH"
    for file in ("standalone.cls", "tikz.sty", "helvet.sty", "phvr8t.tfm"):
        if (
            not shutil.which("kpsewhich")
            or subprocess.run(["kpsewhich", file], capture_output=True).returncode
        ):
            return f"LaTeX is here without {file}"
    return ""


needs_latex = pytest.mark.skipif(bool(missing_latex()), reason=missing_latex() or "LaTeX is here")


def compiled(source: str, folder: Path) -> pypdf.PdfReader:
    (folder / "picture.tex").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [
            "pdflatex",
            "-interaction=nonstopmode",
            "-halt-on-error",
            "-no-shell-escape",
            "picture.tex",
        ],
        cwd=folder,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    return pypdf.PdfReader(folder / "picture.pdf")


def node(text: str) -> str:
    """How a text is written in its node."""
    lines = write_tikz(
        Picture(9, 9, [Text(1, 2, text, 8, "#000000")]), standalone=False
    ).splitlines()
    (line,) = (line for line in lines if line.startswith(r"\node"))
    return line.removeprefix(r"\node[size 8,text=archspec2] at (1,2) {").removesuffix("};")


def test_golden() -> None:
    assert write_tikz(block(), standalone=False) == (GOLDEN / "block.tikz").read_text(
        encoding="utf-8"
    )


def test_a_document_holds_the_same_picture() -> None:
    document = write_tikz(block(), standalone=True)
    picture = write_tikz(block(), standalone=False)
    assert document.startswith(r"\documentclass")
    assert picture[picture.index(r"\begin{tikzpicture}") :] in document


def test_a_colour_is_defined_once_and_used_by_name() -> None:
    made = write_tikz(block(), standalone=False)
    assert made.count("9ED0F0") == 1
    assert made.count("fill=archspec4") == 2


def test_texts_have_their_size_in_the_points_of_the_picture() -> None:
    made = write_tikz(Picture(9, 9, [Text(0, 0, "a", 7.5, "#000000", bold=True)]), standalone=False)
    assert r"size 7.5 bold/.style={font=\sffamily\bfseries\fontsize{7.5bp}{9bp}\selectfont}" in made
    assert "x=1bp,y=-1bp" in made


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b & 50% #1 $x$ {y}", r"a\_b \& 50\% \#1 \$x\$ \{y\}"),
        (r"\input", r"\textbackslash{}input"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("3×3, α → ⊕", r"3\by{}3, $\alpha$ $\rightarrow$ $\oplus$"),
        ("a -- b ``c''", "a -{}- b `{}`c'{}'"),
        ("  a  b ", r"\ \ a\ \ b\ "),
        ("中é", "?é"),
        ("a\nb", r"a\textbackslash{}nb"),
    ],
)
def test_a_text_means_nothing_to_latex(text: str, written: str) -> None:
    assert node(text) == written


def test_a_group_is_named_in_a_comment_that_it_cannot_leave() -> None:
    made = write_tikz(
        Picture(
            9, 9, [Group([Circle(1, 1, 1, "#000000")], id="a\n\\evil", role="box")], title="t\ru"
        ),
        standalone=False,
    )
    assert "% box a\\n\\evil\n" in made
    assert "% t\\ru\n" in made


def test_each_gap_of_a_dash_is_said() -> None:
    rect = Rect(0, 0, 9, 9, stroke=Stroke("#000000", dash=(3,)))
    assert "dash pattern=on 3bp off 3bp]" in write_tikz(Picture(9, 9, [rect]), standalone=False)


def test_a_picture_that_tex_cannot_measure_is_refused() -> None:
    with pytest.raises(RenderError, match=r"300 × 20,000 points.*open less.*SVG or PDF"):
        write_tikz(Picture(300, 20_000, []), standalone=True)


@needs_latex
def test_latex_compiles_it_to_a_page_of_its_size(tmp_path: Path) -> None:
    reader = compiled(write_tikz(block(), standalone=True), tmp_path)
    assert len(reader.pages) == 1
    size = [float(side) for side in reader.pages[0].mediabox]
    assert size == pytest.approx([0, 0, 180, 150], abs=0.05)
    text = reader.pages[0].extract_text()
    assert "conv1" in text
    assert "conv, 128, /2" in text


@needs_latex
def test_latex_compiles_it_inside_a_paper_in_any_language(tmp_path: Path) -> None:
    picture = write_tikz(block(), standalone=False)
    paper = "\\documentclass{article}\n\\usepackage{tikz}\n\\begin{document}\n%s\\end{document}\n"
    assert len(compiled(paper % picture, tmp_path).pages) == 1


@needs_latex
def test_latex_compiles_hostile_texts_and_does_nothing_else(tmp_path: Path) -> None:
    texts = [
        Text(5, 10 * n, text, 8, "#000000", anchor="start")
        for n, text in enumerate([*HOSTILE, FIRST, SECOND], 1)
    ]
    reader = compiled(write_tikz(Picture(400, 200, list(texts)), standalone=True), tmp_path)
    text = reader.pages[0].extract_text()
    assert r"\input{/etc/passwd}" in text
    assert r"\end{tikzpicture}" in text


FIRST = "".join(map(chr, range(0x20, 0x7F)))
SECOND = "".join(map(chr, range(0xA0, 0x180))) + "αβγΩ×⊕→≤…–—“”‘’"
