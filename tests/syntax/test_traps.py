"""What YAML is known to surprise people with, as the answer that a whole spec gets."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec

HEAD = "archspec: 1\ninput: [3, 8, 8]\n"
FINE = HEAD + "stages: [{conv: 8, kernel: 3}]\n"


def answer(text: str | bytes, folder: Path) -> list[str]:
    """The codes of the errors in a file."""
    path = folder / "net.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [d.code for d in archspec.validate(path) if d.severity == "error"]


def said(text: str, folder: Path) -> str:
    """What is said of the only mistake in a file."""
    path = folder / "net.yaml"
    path.write_text(text)
    (found,) = [d for d in archspec.validate(path) if d.severity == "error"]
    return f"{found.message} {found.help or ''}"


@pytest.mark.parametrize(
    ("word", "right"), [("on", "true"), ("yes", "true"), ("no", "false"), ("off", "false")]
)
def test_a_word_is_no_truth_value_and_the_error_says_which(
    word: str, right: str, tmp_path: Path
) -> None:
    text = HEAD + f"stages: [{{conv: 8, kernel: 3, bias: {word}}}]\n"
    assert f"write `{right}`" in said(text, tmp_path)


@pytest.mark.parametrize("word", ["on", "no", "y", "yes"])
def test_a_word_can_be_a_name(word: str, tmp_path: Path) -> None:
    text = HEAD + f"stages: {{{word}: {{conv: 8, kernel: 3}}}}\n"
    (tmp_path / "net.yaml").write_text(text)
    assert f"{word}.weight" in archspec.load(tmp_path / "net.yaml").state


@pytest.mark.parametrize(
    ("written", "channels"), [("012", 12), ("0o12", 10), ("0x1F", 31), ("+7", 7)]
)
def test_whole_numbers(written: str, channels: int, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(HEAD + f"stages: [{{conv: {written}, kernel: 3}}]\n")
    (output,) = archspec.load(tmp_path / "net.yaml").outputs.values()
    assert output.shape == (channels, 6, 6)


@pytest.mark.parametrize(
    ("written", "told"),
    [("1_000", "write `1000`"), ("1e3", "whole number"), ("12:30", "whole number"),
     ("'8'", "without them"), ("0b11", "whole number")],
)  # fmt: skip
def test_what_is_no_whole_number(written: str, told: str, tmp_path: Path) -> None:
    assert told in said(HEAD + f"stages: [{{conv: {written}, kernel: 3}}]\n", tmp_path)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (FINE, []),
        ("\ufeff" + FINE, []),
        (FINE.replace("\n", "\r\n"), []),
        ("---\n" + FINE + "...\n", []),
        ("%YAML 1.2\n---\n" + FINE, []),
        ("", ["AS0102"]),
        ("\ufeff", ["AS0102"]),
        ("\r\n\r\n", ["AS0102"]),
        ("# a comment\n", ["AS0102"]),
        ("---\n...\n", ["AS0102"]),
        ("null\n", ["AS0102"]),
        (FINE + "\t\n", ["AS0101"]),
        (FINE + "blocks:\n\tb: {body: [relu]}\n", ["AS0101"]),
        (FINE + "input: [3, 9, 9]\n", ["AS0103"]),
        (HEAD + "stages: {a: relu, 'a': relu}\n", ["AS0103"]),
        (HEAD.replace("[", "&i [") + "stages: [relu]\n", ["AS0104"]),
        (HEAD + "stages: [*a]\n", ["AS0104"]),
        (HEAD + "stages: {<<: {a: relu}}\n", ["AS0104"]),
        (HEAD + "stages: !!seq [relu]\n", ["AS0104"]),
        ("%YAML 1.1\n---\n" + FINE, ["AS0104"]),
        ("%TAG ! tag:x,2000:\n---\n" + FINE, ["AS0104"]),
        (FINE + "---\n" + FINE, ["AS0104"]),
        (FINE + "...\n---\n", ["AS0104"]),
        (HEAD + "stages: {1: relu}\n", ["AS0106"]),
        (HEAD + "stages: {true: relu}\n", ["AS0106"]),
        (HEAD + "stages: {~: relu}\n", ["AS0106"]),
        (FINE.encode("utf-16"), ["AS0110"]),
        (FINE.encode("utf-16-be"), ["AS0107"]),
        (FINE.encode("utf-32"), ["AS0110"]),
        ((FINE + "name: caf\u00e9\n").encode("latin-1"), ["AS0110"]),
        (FINE.encode() + b"# \xff\n", ["AS0110"]),
        (FINE.encode() + b"# \xed\xa0\x80\n", ["AS0110"]),
    ],
)  # fmt: skip
def test_a_file(text: str | bytes, codes: list[str], tmp_path: Path) -> None:
    assert answer(text, tmp_path) == codes
