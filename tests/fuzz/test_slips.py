"""One slip of the finger in a shipped spec: it is told once, and is never a traceback."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import archspec
from archspec.diagnostics import Source, Span
from archspec.files import packaged_folder
from archspec.syntax import Mapping, Scalar, Tree, parse

FILES = [path for path in sorted(packaged_folder().rglob("*.yaml")) if path.parent.name != "spaces"]
VALUES = ["abc", "[1, 2, 3]", "[1, {a: 1}]", "{a: 1}", "true", "null", "$nope", '"5"', "1e3", "-1"]


def sites(tree: Tree) -> Iterator[Span]:
    """Where a word or a value of a spec stands."""
    if isinstance(tree, Mapping):
        for entry in tree.entries.values():
            yield entry.key_span
            yield from sites(entry.value)
    elif isinstance(tree, Scalar):
        yield tree.span
    else:
        for item in tree.items:
            yield from sites(item)


def put(text: str, span: Span, new: str) -> str:
    lines = text.split("\n")
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + new + line[span.end_column - 1 :]
    return "\n".join(lines)


def misspelt(text: str, spans: list[Span], rng: random.Random) -> str:
    """The spec with two letters of a word the other way round."""
    while True:
        span = rng.choice(spans)
        words = re.findall(r"[A-Za-z_]{4,}", span.text)
        if span.line != span.end_line or not words:
            continue
        word = rng.choice(words)
        at = rng.randrange(len(word) - 1)
        other = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if other != word:
            return put(text, span, span.text.replace(word, other, 1))


def replaced(text: str, spans: list[Span], rng: random.Random) -> str:
    """The spec with another value in the place of a value or of a key, or without the colon of it."""
    span = rng.choice([span for span in spans if span.line == span.end_line])
    rest = text.split("\n")[span.line - 1][span.end_column - 1 :]
    if rest.startswith(":"):
        return put(text, span._replace(end_column=span.end_column + 1), span.text)
    return put(text, span, rng.choice(["", *VALUES]))


def slips(
    count: int, seed: int, change: object, folder: Path
) -> Iterator[tuple[str, list[archspec.Diagnostic]]]:
    """Specs with one slip each, and the errors that are told of them."""
    rng = random.Random(seed)
    for number in range(count):
        path = rng.choice(FILES)
        text = path.read_text()
        spans = list(sites(parse(Source(path.name, text))))
        changed = change(text, spans, rng)  # type: ignore[operator]
        spec = folder / f"{number}.yaml"
        spec.write_text(changed)
        found = archspec.validate(spec)
        yield changed, [one for one in found if one.severity == "error"]


COUNTS = [40, pytest.param(1000, marks=pytest.mark.slow)]


@pytest.mark.parametrize("count", COUNTS)
def test_a_misspelt_word_is_told_once(count: int, tmp_path: Path) -> None:
    more = [
        f"{text}\n{errors}"
        for text, errors in slips(count, 1, misspelt, tmp_path)
        if len(errors) > 1 and not all(error.code.startswith("AS05") for error in errors)
    ]
    assert len(more) <= count // 100, "\n\n".join(more)


@pytest.mark.parametrize("count", COUNTS)
def test_another_value_is_never_a_traceback(count: int, tmp_path: Path) -> None:
    told = [errors for _text, errors in slips(count, 2, replaced, tmp_path) if errors]
    assert len(told) > count // 2
