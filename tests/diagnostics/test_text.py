"""How a diagnostic looks: what stands in the terminal, character by character."""

from __future__ import annotations

import pickle
import re

from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import (
    Diagnostic,
    Frame,
    Label,
    Source,
    Span,
    SpecError,
    counted,
    visible,
)

BLOCK = Source(
    "blocks/bottleneck.yaml",
    "\n" * 23
    + "      conv3: {conv: $(width * 4), kernel: 1}\n"
    + "\n" * 6
    + "      add: [bn3, shortcut]\n",
)
MODEL = Source("model.yaml", "\n" * 20)


def span(source: Source, line: int, column: int, length: int) -> Span:
    return Span(source, line, column, line, column + length)


def test_the_whole_look() -> None:
    diagnostic = Diagnostic(
        "AS0402",
        "error",
        "residual add joins 256 and 512 channels",
        span(BLOCK, 31, 12, 15),
        labels=(
            Label(span(BLOCK, 31, 13, 3), "256 x 14 x 14"),
            Label(span(BLOCK, 31, 18, 8), "512 x 14 x 14"),
            Label(span(BLOCK, 24, 21, 12), "64 * 4 = 256"),
        ),
        stack=(
            Frame(span(MODEL, 12, 5, 1), "stage layer3"),
            Frame(span(MODEL, 14, 9, 1), "copy 4 of 6 of block bottleneck, width = 64"),
        ),
        notes=("shapes: body 512 -> conv1 64; shortcut 512 (identity)", "also in copies 5 and 6"),
        help="width 128 would give 512; or give the shortcut a 1x1 convolution",
    )
    assert (
        diagnostic.format()
        == """\
error[AS0402]: residual add joins 256 and 512 channels
  --> blocks/bottleneck.yaml:31:12
   |
31 |       add: [bn3, shortcut]
   |             ^^^  ^^^^^^^^ 512 x 14 x 14
   |             |
   |             256 x 14 x 14
24 |       conv3: {conv: $(width * 4), kernel: 1}
   |                     ------------ 64 * 4 = 256
   = shapes: body 512 -> conv1 64; shortcut 512 (identity)
   = in: model.yaml:12:5 stage layer3; model.yaml:14:9 copy 4 of 6 of block bottleneck, width = 64
   = note: also in copies 5 and 6
   = help: width 128 would give 512; or give the shortcut a 1x1 convolution
   = more: archspec explain AS0402"""
    )


def plain(text: str, column: int, length: int, **more: object) -> str:
    source = Source("a.yaml", text)
    return Diagnostic("AS0001", "error", "m", span(source, 1, column, length), **more).format()  # type: ignore[arg-type]


def test_without_a_place_there_is_no_excerpt() -> None:
    assert Diagnostic("AS0001", "warning", "m").format() == (
        "warning[AS0001]: m\n   = more: archspec explain AS0001"
    )


def test_carets_stand_under_what_is_wide_or_a_tab() -> None:
    assert plain("你好: x", 5, 1).splitlines()[3:5] == [" 1 | 你好: x", "   |       ^"]
    assert plain("a:\tx", 4, 1).splitlines()[3:5] == [" 1 | a:    x", "   |       ^"]


def test_an_empty_span_past_the_end_still_has_a_caret() -> None:
    assert plain("a:", 3, 0).splitlines()[4] == "   |   ^"
    assert plain("", 1, 0).splitlines()[4] == "   | ^"


def test_the_margin_fits_the_longest_line_number() -> None:
    source = Source("a.yaml", "x\n" * 12_000)
    shown = Diagnostic(
        "AS0001", "error", "m", span(source, 2, 1, 1), (Label(span(source, 11_000, 1, 1), "t"),)
    ).format()
    assert "    2 | x" in shown
    assert "11000 | x" in shown


def test_a_label_in_another_file_names_it() -> None:
    other = Source("b.yaml", "there")
    shown = plain("here", 1, 4, labels=(Label(span(other, 1, 1, 5), "declared"),))
    assert "  --> b.yaml\n 1 | there\n   | ----- declared" in shown


def test_a_long_line_is_cut_around_the_fault() -> None:
    source = Source("a.yaml", "x" * 5_000 + "FAULT" + "y" * 500_000)
    for width in (None, 40, 80):
        lines = (
            Diagnostic("AS0001", "error", "m", span(source, 1, 5_001, 5))
            .format(width=width)
            .splitlines()
        )
        at = lines[4].index("^")
        assert lines[3][at : at + 5] == "FAULT"
        assert lines[4].count("^") == 5
        assert len(lines[3]) <= (width or 165) + 8


def test_a_deep_stack_is_folded() -> None:
    stack = tuple(Frame(span(MODEL, 1, 1, 1), f"f{i}") for i in range(50))
    shown = plain("x", 1, 1, stack=stack)
    assert "f0;" in shown
    assert "... 46 more ..." in shown
    assert "f49" in shown


def test_colour_changes_nothing_but_colour() -> None:
    source = Source("a.yaml", "a: b")
    diagnostic = Diagnostic("AS0001", "error", "m", span(source, 1, 4, 1), help="h")
    assert re.sub("\x1b\\[[0-9;]*m", "", diagnostic.format(color=True)) == diagnostic.format()
    assert "\x1b[" not in diagnostic.format()


@given(st.text(), st.text(), st.integers(1, 40), st.integers(0, 40))
def test_no_text_of_a_spec_reaches_the_terminal_raw(
    text: str, said: str, column: int, length: int
) -> None:
    source = Source(said, text)
    place = span(source, 1, column, length)
    shown = Diagnostic(
        "AS0001", "error", said, place, (Label(place, said),), (Frame(place, said),), (said,), said
    ).format()
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert shown.splitlines()[0] == f"error[AS0001]: {visible(said)}"


def test_lines_are_what_yaml_counts() -> None:
    source = Source("a", "\ufeffone\r\ntwo\rthree\x0cstill\nfour")
    assert [source.line(n) for n in (0, 1, 2, 3, 4, 5)] == [
        "",
        "one",
        "two",
        "three\x0cstill",
        "four",
        "",
    ]


def test_an_error_is_its_diagnostics_and_survives_pickling() -> None:
    error = SpecError(
        Diagnostic("AS0001", "error", "m", span(Source("a", "b"), 1, 1, 1)),
        Diagnostic("AS0002", "error", "n"),
    )
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert [d.code for d in again.diagnostics] == ["AS0001", "AS0002"]
    assert error.diagnostics[0].to_json()["line"] == 1
    assert error.diagnostics[1].to_json()["file"] is None


def test_things_are_counted_as_people_count_them() -> None:
    assert [counted(n, "epoch") for n in (0, 1, 2)] == ["0 epochs", "1 epoch", "2 epochs"]
    assert counted(1, "child", "children") == "1 child"
    assert counted(12_000, "child", "children") == "12,000 children"
