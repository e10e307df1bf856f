"""Reading YAML: what is read, what is refused, and where the caret stands."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from archspec.diagnostics import Source, Span, SpecError
from archspec.syntax import Mapping, Scalar, Sequence, Tree, parse, plain


def tree(text: str) -> Tree:
    return parse(Source("a.yaml", text))


def fault(text: str) -> tuple[str, str, str]:
    """Code, marked text and message of what is wrong with a text."""
    source = Source("a.yaml", text)
    with pytest.raises(SpecError) as caught:
        parse(source)
    (diagnostic,) = caught.value.diagnostics
    span = diagnostic.span
    assert span is not None
    marked = source.line(span.line)[span.column - 1 : span.end_column - 1]
    return diagnostic.code, marked, diagnostic.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None), ("~", None), ("Null", None), ("NULL", None), ("", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("tRUE", "tRUE"),
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("no", "no"), ("y", "y"), ("n", "n"),
        ("0", 0), ("012", 12), ("-7", -7), ("+7", 7), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"),
        ("1_000", "1_000"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"), ("1.2.3", "1.2.3"),
        ("1e3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-1.5E-3", -0.0015), ("1e", "1e"),
        (".inf", float("inf")), ("-.INF", float("-inf")), ("+.inf", float("inf")), ("inf", "inf"),
        ("'1'", "1"), ('"true"', "true"), ("''", ""), ("|-\n  1", "1"), ("9223372036854775807", 2**63 - 1),
        ("0" * 5_000 + "1", 1), ("१", "१"), ("-", [None]), ("$width", "$width"), ("+", "+"),
        ("0." + "3" * 200, 1 / 3),
    ],
)  # fmt: skip
def test_a_scalar_means_what_the_core_schema_says(text: str, value: object) -> None:
    found = plain(tree(f"a: {text}\n" if text != "-" else "a:\n-\n"))["a"]
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    found = plain(tree("[.nan]"))[0]
    assert found != found


def test_quoted_scalars_know_that_they_are() -> None:
    found = tree("[a, 'a', \"a\"]")
    assert isinstance(found, Sequence)
    assert [s.quoted for s in found.items if isinstance(s, Scalar)] == [False, True, True]


def test_every_key_and_value_knows_its_place() -> None:
    source = Source("a.yaml", "\ufeffa: 1\r\nb:\r\n  - x y\r\n  - {c: 'd'}\r\n")
    found = parse(source)
    assert isinstance(found, Mapping)
    assert found.span == Span(source, 1, 1, 4, 13)
    assert str(found.entries["b"].key_span) == "a.yaml:2:1"
    items = found.get("b")
    assert isinstance(items, Sequence)
    assert items.span == Span(source, 3, 3, 4, 13)
    assert items.items[0].span == Span(source, 3, 5, 3, 8)
    inner = items.items[1]
    assert isinstance(inner, Mapping)
    assert inner.span == Span(source, 4, 5, 4, 13)
    assert inner.entries["c"].value.span == Span(source, 4, 9, 4, 12)
    assert list(found.keys()) == ["a", "b"]
    assert "a" in found
    assert "z" not in found
    assert found.get("z") is None


@pytest.mark.parametrize(
    ("text", "code", "marked", "said"),
    [
        ("", "AS0102", "", "empty"),
        ("# nothing\n", "AS0102", "#", "empty"),
        ("---\n", "AS0102", "", "empty"),
        ("a: [1, 2\nb: 3\n", "AS0101", "[", "not closed"),
        ("a: {b: 1\nc: 3\n", "AS0101", "{", "not closed"),
        ("a: [1 2, {b: c d: e}]\n", "AS0101", ":", "expected"),
        ("a: [1, 2}\n", "AS0101", "}", "`]` was expected, got `}`"),
        ("a: 'x\nb: 1\n", "AS0101", "'", "quote is not closed"),
        ("a:\n\tb: 1\n", "AS0101", "\t", "tab"),
        ("archspec:1\ninput: 3\n", "AS0101", "archspec:", "space is missing"),
        ("a: 1\nb:2\nc: 3\n", "AS0101", "b:", "space is missing"),
        ("a: {b: 1,kernel:7}\n", "AS0101", "kernel:7", "space is missing after `kernel:`"),
        ("a: b: c\n", "AS0101", ":", "second colon"),
        ("a: 1\n  b: 2\n", "AS0101", "b", "indented under a value"),
        ("a:\n  b: 1\n c: 2\n", "AS0101", "c", "indentation"),
        ("a: @x\n", "AS0101", "@", "cannot begin with `@`"),
        ("a: &\n", "AS0101", "", "cannot begin with `&`"),
        ('a: "\\q"\n', "AS0101", "\\", "double quotes"),
        ("a: 1\n- b\n", "AS0101", "-", "list item among keys"),
        ("- b\na: 1\n", "AS0101", "a", "key among list items"),
        ("a: - b\n", "AS0101", "-", "list cannot begin here"),
        ("a: ]\n", "AS0101", "]", "got `]`"),
        ("a: 1\nb: 2\na: 3\n", "AS0103", "a", "`a` is written twice"),
        ("{x: {a: 1, 'a': 2}}", "AS0103", "'a'", "twice"),
        ("a: &x 1\n", "AS0104", "&x 1", "anchor"),
        ("a: *x\n", "AS0104", "*x", "alias"),
        ("a: !!python/name:os.system x\n", "AS0104", "!!python/name:os.system x", "tag"),
        ("a: ! x\n", "AS0104", "! x", "tag"),
        ("&k a: 1\n", "AS0104", "&k a", "anchor"),
        ("<<: {a: 1}\n", "AS0104", "<<", "merge"),
        ("--- a\n--- b\n", "AS0104", "---", "second document"),
        ("1: a\n", "AS0106", "1", "`1` is no text"),
        ("true: a\n", "AS0106", "true", "`true` is no text"),
        (f"{'9' * 500}: a\n", "AS0106", "9" * 500, "is no text"),
        ("? [a]\n: b\n", "AS0106", "[", "a key is a name"),
        ("?\n: b\n", "AS0106", "", "key was expected"),
        ("a: x\0y\n", "AS0107", "\0", "U+0000"),
        ("é: 1\nb: é\x1b[2J\n", "AS0107", "\x1b", "U+001B"),
        ('a: "\\0"\n', "AS0107", '"\\0"', "escape"),
        ('"a\\eb": 1\n', "AS0107", '"a\\eb"', "escape"),
        ("a: \ud800\n", "AS0107", "\ud800", "U+D800"),
        ("a: 9223372036854775809\n", "AS0120", "9223372036854775809", "beyond 2**63"),
        (f"a: -{'9' * 5000}\n", "AS0120", "-" + "9" * 5000, "beyond 2**63"),
        (f"a: 0x{'f' * 5000}\n", "AS0120", "0x" + "f" * 5000, "beyond 2**63"),
        ("a: 1e999\n", "AS0120", "1e999", "beyond 1.8e308"),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(text: str, code: str, marked: str, said: str) -> None:
    assert fault(text)[:2] == (code, marked)
    assert said in fault(text)[2]


def test_a_key_of_two_words_can_stand_behind_a_question_mark() -> None:
    assert plain(tree("? my blocks.yaml\n: [unit]\n")) == {"my blocks.yaml": ["unit"]}


def test_the_first_of_two_equal_keys_is_shown() -> None:
    with pytest.raises(SpecError) as caught:
        tree("a: 1\nb: 2\na: 3\n")
    (label,) = caught.value.diagnostics[0].labels
    assert str(label.span) == "a.yaml:1:1"


def test_depth_is_counted_on_events() -> None:
    deep = "[" * 63 + "x" + "]" * 63
    assert isinstance(tree(deep), Sequence)
    for text in ("[" * 1_000_000, "{a: " * 200_000, "- " * 500_000, "? " * 500_000):
        assert fault(text)[0] in ("AS0105", "AS0106", "AS0101")


def test_a_text_is_at_most_a_mebibyte_and_200_000_values() -> None:
    assert fault("# " + "x" * (1 << 20))[0] == "AS0105"
    assert fault("# " + "é" * (1 << 19))[0] == "AS0105"
    assert fault("- a\n" * 200_001)[0] == "AS0105"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60 + "a, " * 300_000, "{a: " + "{b: c}, " * 100_000, "'" * 1_000_000, '"' * 999_999,
        "&a " * 300_000, "!" * 1_000_000, "a: |\n" + " \n" * 400_000, "a" * 1_000_000 + ":",
        "? a\n" * 250_000, "%" * 1_000_000, "- - - - -\n" * 90_000, "\n" * 1_000_000, "[a:" * 300_000,
        '"' + "\\x41" * 200_000 + '"', "#" * 1_000_000, "\r" * 1_000_000, "a: b\n" * 200_000,
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    start = time.process_time()
    try:
        tree(text)
    except SpecError as error:
        assert len(str(error)) < 3_000 or text[0] in "&!"
    assert time.process_time() - start < 5


BITS = st.sampled_from(
    [*"[]{}:,-?&*!|>'\"%@`#\n\r\t \\$<~.0", "a", "key: ", "- ", "\n  ", "\n\t", "---\n", "...\n",
     "<<: ", "'", '"', "0x", "1e", "\ufeff", "\0", "é", "\u2028", "\x85", "\ud800", "!!str "]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(BITS, max_size=40).map("".join)))
@example("a: b: c")
@example("\t")
@example("key: \n- \n'")
@example("%YAML")
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    source = Source("a.yaml", text)
    try:
        found = parse(source)
    except SpecError as error:
        (diagnostic,) = error.diagnostics
        assert diagnostic.code.startswith("AS01")
        assert diagnostic.span is not None
        assert diagnostic.span.line >= 1
        assert diagnostic.span.column >= 1
        assert str(error)
    else:
        _check_places(found, source)


def _check_places(found: Tree, source: Source) -> None:
    span = found.span
    assert (span.line, span.column) <= (span.end_line, span.end_column)
    if isinstance(found, Sequence):
        for item in found.items:
            _check_places(item, source)
    elif isinstance(found, Mapping):
        for entry in found.entries.values():
            _check_places(entry.value, source)


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"),
    max_size=8,
)  # fmt: skip
DATA: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: round(x, 3))
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_json_is_read_as_what_it_says(data: object) -> None:
    for indent in (None, 2):
        text = json.dumps(data, ensure_ascii=False, indent=indent)
        if data is not None:
            assert plain(tree(text)) == data


@given(st.dictionaries(TEXT, st.lists(TEXT, max_size=3), min_size=1, max_size=4))
def test_text_that_another_library_writes_is_read_back(data: dict[str, list[str]]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True, width=2**30, default_style='"')
    assert plain(tree(text)) == data


def test_the_slow_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "archspec: 1\nstages:\n  - {conv: $(a + 1), bias: off}\n  - 'x'\n"
    fast = plain(tree(text))
    monkeypatch.setattr("archspec.syntax.parser._Parser", yaml.SafeLoader)
    assert plain(tree(text)) == fast
    assert fault("a: [1, 2\nb: 3\n")[:2] == ("AS0101", "[")
    assert fault("a: b: c\n")[:2] == ("AS0101", ":")
    assert fault("a:\n\tb: 1\n")[:2] == ("AS0101", "\t")


@pytest.mark.parametrize("cut", ["$(6 * widths", "$widths"])
def test_an_expression_that_yaml_cuts_off(cut: str) -> None:
    with pytest.raises(SpecError) as caught:
        tree(f"a: {{b: {cut}[0]}}\n")
    assert caught.value.diagnostics[0].help == (
        f"put the expression in quotes: YAML cuts `{cut}` off here"
    )
