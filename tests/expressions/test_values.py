"""What a text means, what an expression gives, and where an error points."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from archspec.diagnostics import Source, Span, SpecError
from archspec.expressions import Expression, Template, make_divisible, parse_value

BLOCK = SimpleNamespace()
ENV: dict[str, Any] = {
    "width": 64, "layers": (3, 4, 6, 3), "nested": [[1, 2], [3]], "ratio": 0.25, "i": 0, "on": True,
    "mode": "same", "nothing": None, "act": BLOCK, "zero": 0, "big": 2**62, "empty": (),
}  # fmt: skip


def scalar(raw: str, prefix: str = "a: ") -> Span:
    """The span of a scalar that stands in a file after `prefix`."""
    start = len(prefix) + 1
    return Span(Source("a.yaml", prefix + raw), 1, start, 1, start + len(raw))


def value(text: str) -> Any:
    found = parse_value(text, scalar(text))
    return found if isinstance(found, str) else found.evaluate(ENV)


def fault(text: str, raw: str | None = None, env: Any = None) -> tuple[str, str, str]:
    """Code, underlined text and message (with help) of what is wrong."""
    span = scalar(text if raw is None else raw)
    with pytest.raises(SpecError) as caught:
        found = parse_value(text, span)
        assert not isinstance(found, str)
        found.evaluate(ENV if env is None else env)
    (diagnostic,) = caught.value.diagnostics
    at = diagnostic.span
    assert at is not None
    marked = at.source.line(at.line)[at.column - 1 : at.end_column - 1]
    return diagnostic.code, marked, f"{diagnostic.message} ({diagnostic.help})"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("relu", str), ("", str), ("a$$b", str), ("$$", str), ("$width", Expression),
        ("$layers[0]", Expression), ("$nested[0][1]", Expression), ("$(width)", Expression),
        ("$(layers[(0)])", Expression), ("x$width", Template), ("$(i)$(i)", Template),
        ("denselayer$(i + 1)", Template), ("$i.conv", Template), ("$$$i", Template),
        ("$(')' == mode)", Expression), ("<= $width", Template), ("$(width) ", Template),
    ],
)  # fmt: skip
def test_what_a_text_is(text: str, kind: type) -> None:
    assert type(parse_value(text, scalar(text))) is kind


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a$$b", "a$b"), ("$$", "$"), ("$$x$$", "$x$"), ("denselayer$(i + 1)", "denselayer1"),
        ("$mode$(i)$on$$", "same0true$"), ("$i.conv", "0.conv"), ("r$ratio", "r0.25"),
        ("$width", 64), ("$layers[1]", 4), ("$layers[-1]", 3), ("$nested[0][1]", 2), ("$act", BLOCK),
        ("$(width * 4)", 256), ("$(1 + 2 * 3)", 7), ("$((1 + 2) * 3)", 9), ("$(7 // 2)", 3),
        ("$(-7 // 2)", -4), ("$(7 / 2)", 3.5), ("$(7 % 4)", 3), ("$(2 ** 3 ** 2)", 512),
        ("$(-2 ** 2)", -4), ("$(2 ** -1)", 0.5), ("$(- - 3)", 3), ("$(10 - 4 - 3)", 3),
        ("$(2 if i == 0 else 1)", 2), ("$(1 if zero else 2 if on else 3)", "AS0203"),
        ("$(1 if not on else 2 if on else 3)", 2), ("$(on and not on)", False),
        ("$(on or missing)", True), ("$(not on and missing)", False), ("$(not 1 == 2)", True),
        ("$(1 < 2 <= 2 != 3)", True), ("$(1 < 2 > 2)", False), ("$(3 in layers)", True),
        ("$(5 not in layers)", True), ("$(mode == 'same')", True), ("$(mode in ['a', \"same\"])", True),
        ("$(nothing == none)", True), ("$(act == act)", True), ("$(act if on else none)", BLOCK),
        ("$([act, 1][0])", BLOCK), ("$([[1, 2], [3]] == nested)", True), ("$([1, 2] in nested)", True),
        ("$([])", ()), ("$([1, [2, 3],])", (1, (2, 3))), ("$(layers + [1])", (3, 4, 6, 3, 1)),
        ("$(nested[0] + layers)", (1, 2, 3, 4, 6, 3)), ("$(1e3)", 1000.0), ("$(.5)", 0.5), ("$(012)", 12),
        ("$(len(layers))", 4), ("$(sum(layers))", 16), ("$(max(layers))", 6), ("$(min(3, 1, 2))", 1),
        ("$(range(3))", (0, 1, 2)), ("$(range(4, 0, -2))", (4, 2)), ("$(range(0, 10**9, 10**8)[1])", 10**8),
        ("$(round(2.5))", 2), ("$(ceil(2.1))", 3), ("$(floor(-2.1))", -3), ("$(int(2.9))", 2),
        ("$(float(2))", 2.0), ("$(int(on))", 1), ("$(abs(-2))", 2), ("$(any([1 > 2, on]))", True),
        ("$(all([]))", True), ("$(make_divisible(100))", 104), ("$(make_divisible(32 * ratio, 16))", 16),
        ("$(make_divisible(3, divisor=8, min_value=4))", 4), ("$(make_divisible(3, min_value=none))", 8),
        ("$(nothing)", None), ("$big", 2**62), ("$(true)", True), ("$(False)", False), ("$(None)", None),
    ],
)  # fmt: skip
def test_what_an_expression_gives(text: str, result: object) -> None:
    if isinstance(result, str) and result.startswith("AS"):
        assert fault(text)[0] == result
        return
    found = value(text)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("text", "code", "marked", "said"),
    [
        ("$widht", "AS0202", "widht", "did you mean `width`?"),
        ("x$(1 + widht)", "AS0202", "widht", "nothing here is called `widht`"),
        ("$(zzzz)", "AS0202", "zzzz", "known here: width"),
        ("$(2 +)", "AS0201", ")", "a value was expected, got the end"),
        ("$()", "AS0201", ")", "a value was expected"),
        ("$(1 2)", "AS0201", "2", "an operator or the end was expected, got `2`"),
        ("$(i if on)", "AS0201", ")", "`else` was expected"),
        ("$(width", "AS0201", "$(", "not closed"),
        ("a $layers[0", "AS0201", "[", "`[` is not closed"),
        ("$", "AS0201", "$", "`$$`"),
        ("costs 5 $!", "AS0201", "$", "`$$`"),
        ("$(i = 1)", "AS0201", "=", "write `==`"),
        ("$(on && on)", "AS0201", "&&", "write `and`"),
        ("$(width.real)", "AS0201", ".", "no attributes"),
        ("$(a $b)", "AS0201", "$", "without a dollar"),
        ("$('a)", "AS0201", "$(", "not closed"),
        ("$('a\\')", "AS0201", "'", "backslash"),
        ("$(lambda: 1)", "AS0201", ":", "expected"),
        ("$(max(1, a=2, 3))", "AS0201", "3", "a named argument"),
        ("$(round(1, a=2, a=3))", "AS0201", "a", "given twice"),
        ("$width * 4", "AS0201", "$width * 4", "write `$(width * 4)`"),
        ("2 * $layers[0]", "AS0201", "2 * $layers[0]", "write `$(2 * layers[0])`"),
        ("-$width", "AS0201", "-$width", "write `$(-width)`"),
        ("$(i + 1) * 2", "AS0201", "$(i + 1) * 2", "write `$((i + 1) * 2)`"),
        ("$max(1, 2)", "AS0201", "$max(1, 2)", "write `$(max(1, 2))`"),
        ("$(mode * 2)", "AS0203", "mode", "`*` takes numbers, got the text `same`"),
        ("$(2 * (mode))", "AS0203", "mode", "`*` takes numbers, got the text"),
        ("$(mode + 'x')", "AS0203", "mode", "side by side"),
        ("$(on + 1)", "AS0203", "on", "got true"),
        ("$(layers + 1)", "AS0203", "1", "a list and `1` cannot be joined"),
        ("$(layers * 2)", "AS0203", "layers", "got a list"),
        ("$('%s' % 1)", "AS0203", "'%s'", "takes numbers"),
        ("$(-nothing)", "AS0203", "nothing", "got nothing"),
        ("$(1 < mode)", "AS0203", "mode", "`<` takes numbers"),
        ("$('a' in mode)", "AS0203", "mode", "`in` takes a list"),
        ("$(1 if width else 2)", "AS0203", "width", "a condition is true or false"),
        ("$(not width)", "AS0203", "width", "a condition is true or false"),
        ("$(width[0])", "AS0203", "width", "only a list has items, got `64`"),
        ("$layers[ratio]", "AS0203", "ratio", "an index is a whole number"),
        ("$(layers[on])", "AS0203", "on", "an index is a whole number"),
        ("$((-8) ** ratio)", "AS0203", "(-8) ** ratio", "negative number"),
        ("$(cbrt(2))", "AS0204", "cbrt", "no function `cbrt`"),
        ("$(rond(2))", "AS0204", "rond", "did you mean `round`?"),
        ("$(__import__('os'))", "AS0204", "__import__", "no function"),
        ("$(round(2.5, 1))", "AS0203", "round", "does not take 2 values (round(x))"),
        ("$(len(mode))", "AS0203", "mode", "`len` takes a list"),
        ("$(sum([1, mode]))", "AS0203", "[1, mode]", "got the text `same` in it"),
        ("$(any([1]))", "AS0203", "[1]", "list of true and false"),
        ("$(max(layers, 2))", "AS0203", "layers", "takes numbers, got a list"),
        ("$(max(width))", "AS0203", "width", "takes a list, got `64`"),
        ("$(max(empty))", "AS0203", "max(empty)", "at least one value"),
        ("$(sum(layers, start=1))", "AS0203", "sum", "does not take `start=`"),
        ("$(range(0, 5, 0))", "AS0203", "range(0, 5, 0)", "zero"),
        ("$(range(1.5))", "AS0203", "1.5", "whole numbers"),
        ("$(1e999)", "AS0205", "1e999", "beyond 2**53"),
        ("$(9007199254740993)", "AS0205", "9007199254740993", "beyond 2**53"),
        ("$(" + "9" * 250 + ")", "AS0205", "9" * 250, "beyond 2**53"),
        ("$(2 ** 60)", "AS0205", "2 ** 60", "beyond 2**53"),
        ("$(4000000 ** 4000000)", "AS0205", "4000000", "exponent"),
        ("$(big * big)", "AS0205", "big * big", "beyond 2**53"),
        ("$(-big)", "AS0205", "-big", "beyond 2**53"),
        ("$(range(10001))", "AS0205", "range(10001)", "out of bounds"),
        ("$(range(2 ** 53))", "AS0205", "range(2 ** 53)", "out of bounds"),
        ("$(range(6000) + range(6000))", "AS0205", "range(6000) + range(6000)", "10,000 items"),
        ("$([range(6000), range(6000)])", "AS0205", "[range(6000), range(6000)]", "10,000 items"),
        ("$layers[4]", "AS0206", "4", "no item 4 in a list of 4 items (its items are 0 to 3)"),
        ("$(layers[-5])", "AS0206", "-5", "no item -5"),
        ("$(empty[0])", "AS0206", "0", "a list of 0 items"),
        ("$(1 // zero)", "AS0207", "zero", "`1` is divided by zero"),
        ("$(1 % 0.0)", "AS0207", "0.0", "divided by zero"),
        ("$(zero ** -1)", "AS0207", "zero ** -1", "zero to a negative power"),
        ("$(make_divisible(3, 0))", "AS0207", "make_divisible(3, 0)", "divides by zero"),
        ("$(" + "(" * 17 + "1" + ")" * 17 + ")", "AS0208", "(", "16 levels"),
        ("$(" + "-" * 100 + "1)", "AS0208", "-", "16 levels"),
        ("$(" + "not " * 40 + "on)", "AS0208", "not", "16 levels"),
        ("$(" + "2 ** " * 40 + "2)", "AS0208", "2", "16 levels"),
        ("$(layers" + "[0]" * 60 + ")", "AS0208", "0", "16 levels"),
        ("$(" + "1 + " * 100 + "1)", "AS0208", "1 + " * 100 + "1", "256 is most"),
        ("$a" * 600, "AS0208", "$", "1,024"),
        ("a$layers", "AS0203", "layers", "only text and numbers"),
        ("a$nothing", "AS0203", "nothing", "got nothing"),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(text: str, code: str, marked: str, said: str) -> None:
    assert fault(text)[:2] == (code, marked)
    assert said in fault(text)[2]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("'$(widht)'", "$(widht)"),
        ('"$(widht)"', "$(widht)"),
        ("'''a''' '$(widht)'", None),
        ("'it''s $(widht)'", "it's $(widht)"),
        ('"\\"\\x41\\u0041 $(widht)"', '"AA $(widht)'),
        ("$(  widht  )", "$(  widht  )"),
    ],
)
def test_quotes_and_escapes_do_not_move_the_caret(raw: str, text: str | None) -> None:
    if text is not None:
        assert fault(text, raw)[:2] == ("AS0202", "widht")


def test_what_is_not_written_in_the_file_is_marked_whole() -> None:
    assert fault("$(widht)", "--set")[:2] == ("AS0202", "--set")
    source = Source("a.yaml", "a: $(width +\n  widht)")
    span = Span(source, 1, 4, 2, 9)
    found = parse_value("$(width + widht)", span)
    assert isinstance(found, Expression)
    with pytest.raises(SpecError) as caught:
        found.evaluate(ENV)
    assert caught.value.diagnostics[0].span == span


def test_names_are_those_that_are_read() -> None:
    found = parse_value("$(max(a, b[c]) if d else len([e, 'f']) + true)", scalar("x"))
    assert isinstance(found, Expression)
    assert found.names == {"a", "b", "c", "d", "e"}
    found = parse_value("$a-x-$(b)", scalar("x"))
    assert isinstance(found, Template)
    assert found.names == {"a", "b"}


def test_lists_cannot_grow_from_let_to_let() -> None:
    found: Any = (1, 2)
    with pytest.raises(SpecError, match="10,000 items"):
        for _ in range(20):
            expression = parse_value("$([a, a, a])", scalar("$([a, a, a])"))
            assert isinstance(expression, Expression)
            found = expression.evaluate({"a": found})


def test_text_cannot_grow_from_let_to_let() -> None:
    found = "xx"
    with pytest.raises(SpecError, match="longer than 1,024"):
        for _ in range(20):
            template = parse_value("$a$a", scalar("$a$a"))
            assert isinstance(template, Template)
            found = template.evaluate({"a": found})


class Size:
    """A size as far as expressions know one: a polynomial with terms."""

    def __init__(self, *terms: tuple[tuple[str, ...], int]):
        self.terms = terms

    def __add__(self, other: object) -> Size:
        return self

    __radd__ = __floordiv__ = __add__

    def __mul__(self, other: object) -> Size:
        return Size(((*self.terms[0][0], "h"), 2))

    def __neg__(self) -> Size:
        return self

    def __str__(self) -> str:
        return "height"


@pytest.mark.parametrize("text", ["$(h + 1)", "$(2 + h)", "$(-h)", "$(h // 2)", "$([h][0])"])
def test_sizes_compute_with_whole_numbers(text: str) -> None:
    found = parse_value(text, scalar(text))
    assert isinstance(found, Expression)
    assert isinstance(found.evaluate({"h": Size((("h",), 1))}), Size)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$(h / 2)", "AS0203"), ("$(h // 0)", "AS0203"), ("$(h // h)", "AS0203"), ("$(8 // h)", "AS0203"),
        ("$(h % 2)", "AS0203"), ("$(h ** 2)", "AS0203"), ("$(h * 0.5)", "AS0203"), ("$(h > 1)", "AS0203"),
        ("$(max(h, 1))", "AS0203"), ("$(h if h else 1)", "AS0203"), ("a$h", "AS0203"),
        ("$(" + "h * " * 20 + "h)", "AS0205"),
    ],
)  # fmt: skip
def test_sizes_do_nothing_else(text: str, code: str) -> None:
    assert fault(text, env={"h": Size((("h",), 1))})[0] == code


def test_make_divisible_is_torchvisions() -> None:
    def reference(v: float, divisor: int, min_value: int | None = None) -> int:
        if min_value is None:
            min_value = divisor
        new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
        if new_v < 0.9 * v:
            new_v += divisor
        return new_v

    for divisor in (1, 4, 8, 16):
        for v in range(2_000):
            assert make_divisible(v / 4, divisor) == reference(v / 4, divisor)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$layers[1:]", (4, 6, 3)), ("$layers[:2]", (3, 4)), ("$layers[1:-1]", (4, 6)),
        ("$layers[:]", (3, 4, 6, 3)), ("$layers[i:i + 1]", (3,)), ("$layers[9:]", ()),
        ("$(sum(layers[:2]))", 7), ("$(layers[:1] + layers[-1:])", (3, 3)),
        ("$([d * 2 for d in layers])", (6, 8, 12, 6)), ("$([sum(n) for n in nested])", (3, 3)),
        ("$([ceil(d * ratio) for d in layers])", (1, 1, 2, 1)), ("$([x for x in []])", ()),
        ("$([[a * b for a in [1, 2]] for b in [3, 4]])", ((3, 6), (4, 8))),
        ("$([a * b for b in [3, 4] for a in [1, 2]])", (3, 6, 4, 8)),
        ("$([b for a in [[1], [2, 3]] for b in a])", (1, 2, 3)), ("$([b for b in c for c in [1]])", "AS0202"),
        ("$([[a for a in b] for c in [[[1]]] for b in c])", ((1,),)), ("$([a for a in [1] for])", "AS0201"),
        ("$([a for a in range(90) for b in range(90)])", "AS0205"),
        ("$([width for width in layers][0] + width)", 67), ("$([act for x in [1]])", (BLOCK,)),
        ("$([x for x in layers if x])", "AS0201"), ("$([x, y for x in layers])", "AS0201"),
        ("$([for x in layers])", "AS0201"), ("$([x for 3 in layers])", "AS0201"),
        ("$([x for true in layers])", "AS0201"), ("$(layers[1:2:3])", "AS0201"),
        ("$([x for x in layers] + [x])", "AS0202"), ("$([y for x in layers])", "AS0202"),
        ("$([x for x in width])", "AS0203"), ("$width[1:]", "AS0203"), ("$layers[on:]", "AS0203"),
        ("$([x for x in range(5001)])", "AS0205"), ("$([len(range(999)) for x in layers * 9])", "AS0203"),
        ("$([len(range(999)) for x in range(99)])", "AS0205"),
        ("$([[y for y in range(90)] for x in range(90)])", "AS0205"),
        ("$([len(layers + range(999)) for x in range(99)])", "AS0205"),
        ("$([range(999) == layers for x in range(99)])", "AS0205"),
        ("$([1 in range(999) for x in range(99)])", "AS0205"),
        ("$([[range(999)] for x in range(99)])", "AS0205"),
    ],
)  # fmt: skip
def test_slices_and_comprehensions(text: str, result: Any) -> None:
    if isinstance(result, str):
        assert fault(text)[0] == result
    else:
        assert value(text) == result


def test_a_comprehension_reads_its_source_and_not_its_own_name() -> None:
    found = parse_value("$([a + b for a in xs])", scalar("$([a + b for a in xs])"))
    assert isinstance(found, Expression)
    assert found.names == {"b", "xs"}
    assert found.python({}) == "tuple(a + b for a in xs)"


def test_a_slice_in_python() -> None:
    found = parse_value("$(sum(xs[:k + 1]))", scalar("$(sum(xs[:k + 1]))"))
    assert isinstance(found, Expression)
    assert found.python({}) == "sum(xs[:k + 1])"


def test_the_longest_comprehension_takes_less_than_a_second() -> None:
    start = time.process_time()
    text = "$([" + "+".join(["a"] * 100) + " for a in range(5000)])"
    assert len(value(text)) == 5000
    assert time.process_time() - start < 2
