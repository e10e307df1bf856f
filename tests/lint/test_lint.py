"""Warnings: where they point, what they spare, and how they are ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.codes import all_rules
from archspec.diagnostics import Diagnostic, Rule
from archspec.expand import zoo
from archspec.lint.checks import OF_FILES, OF_GRAPHS
from tests.language.running import spec


def found(text: str, input: str = "[3, 32, 32]") -> list[Diagnostic]:
    return archspec.validate("net.yaml", text=spec(text, input))


def codes(text: str, input: str = "[3, 32, 32]") -> list[str]:
    return [diagnostic.code for diagnostic in found(text, input)]


def under(diagnostic: Diagnostic) -> str:
    """The text that the carets stand under."""
    span = diagnostic.span
    assert span is not None
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


def test_every_warning_has_its_check() -> None:
    declared = {rule.code for rule in all_rules().values() if rule.severity == "warning"}
    assert declared == {*OF_FILES, *OF_GRAPHS, "AS0790", "AS0791", "AS0792", "AS0805"}
    assert len(declared) >= 15


@pytest.mark.parametrize("name", [name for name, _path in zoo()])
def test_the_shipped_networks_have_nothing_to_warn_of(name: str) -> None:
    assert archspec.validate(name) == []


def test_a_warning_points_at_the_argument_that_is_to_blame() -> None:
    (bias,) = found("stages: [{conv: 8, kernel: 3, bias: true}, batch_norm]")
    assert under(bias) == "true"
    (border,) = found("stages: [{max_pool: 2, stride: 2}]", "[3, 33, 33]")
    assert under(border) == "2"


def test_a_warning_in_a_repeated_block_is_said_once_with_its_count() -> None:
    text = """
    blocks:
      unit: {body: [{conv: 8, kernel: 3, padding: half}, batch_norm, relu]}
    stages:
      layer: {repeat: 5, body: unit}
    """
    (warning,) = found(text)
    assert warning.code == "AS0710"
    assert warning.notes == ("the same in `layer.1.0`, `layer.2.0`, `layer.3.0` and 1 more",)


def test_what_is_wrong_in_a_shipped_block_is_said_where_the_block_is_called() -> None:
    text = """
    import: {archspec:squeeze_excitation: [squeeze_excite]}
    stages: [{conv: 16, kernel: 1}, relu, {squeeze_excite: 2}]
    """
    for warning in found(text):
        assert warning.span is not None
        assert warning.span.source.name == "net.yaml"


def test_errors_come_alone() -> None:
    assert codes("stages: [{conv: 8, kernel: 3}, batch_norm, {conv: 8, kernel: 99}]") == ["AS0401"]


def test_a_residual_pair_of_the_same_value_is_no_dead_node() -> None:
    assert codes("stages:\n  a: {conv: 3, kernel: 1}\n  s: {add: [a, input]}") == []


def test_a_gate_is_no_activation() -> None:
    assert codes("stages: [{conv: 8, kernel: 3}, relu, sigmoid]") == []


def test_dropout_before_the_last_linear_layer_is_fine() -> None:
    assert codes("stages: [{linear: 8}, relu, {dropout: 0.5}, {linear: 4}]", "[16]") == []


def test_a_parameter_of_a_base_is_not_called_unused(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        spec("params: {width: 8}\nstages: [{conv: $width, kernel: 3}]")
    )
    child = tmp_path / "child.yaml"
    child.write_text("archspec: 1\nextends: base.yaml\nparams: {width: 16}\n")
    assert archspec.validate(child) == []


def test_a_library_is_looked_at_as_a_file(tmp_path: Path) -> None:
    library = tmp_path / "library.yaml"
    library.write_text(
        "archspec: 1\nblocks:\n  unit:\n    params: {width: 8, depth: 3}\n"
        "    body: [{conv: $width, kernel: 3}]\n"
    )
    (warning,) = archspec.validate(library)
    assert warning.code == "AS0703"
    assert under(warning) == "depth"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AS0740", "stages: [{conv: 30, kernel: 3}, relu, {conv: 8, kernel: 3}]"),
        ("AS0741", "stages: [{conv: 32, kernel: 3}]"),
        ("AS0742", "stages: [{conv: 32, kernel: 3}]"),
        ("AS0743", "stages: [{conv: 32, kernel: 3, stride: 1}]"),
    ],
)
def test_optional_warnings_are_for_who_selects_them(code: str, text: str) -> None:
    assert code not in codes(text)

    def wanted(rule: Rule) -> bool:
        return rule.code == code

    assert [d.code for d in archspec.validate("net", text=spec(text), wanted=wanted)] == [code]


class TestComments:
    NET = "stages:\n  - {conv: 8, kernel: 3}%s\n  - batch_norm\n"

    def test_at_the_end_of_a_line(self) -> None:
        assert codes(self.NET % "  # archspec: ignore[AS0710] as in the paper") == []

    def test_alone_above_the_line(self) -> None:
        text = (
            "stages:\n  # archspec: ignore[AS0710] as in the paper\n" + self.NET.split("\n", 1)[1]
        )
        assert codes(text % "") == []

    def test_for_the_whole_file(self) -> None:
        assert codes("# archspec: ignore-file[AS0710] as in the paper\n" + self.NET % "") == []

    def test_several_codes(self) -> None:
        text = "stages:\n  - {conv: 8, kernel: 3}\n  - relu\n"
        line = "  - {relu: null}  # archspec: ignore[AS0711, AS0701] on purpose\n"
        assert codes(text + line) == ["AS0791"]  # AS0701 is not found there

    def test_one_that_gives_no_reason(self) -> None:
        assert codes(self.NET % "  # archspec: ignore[AS0710]") == ["AS0790"]

    def test_one_that_ignores_nothing(self) -> None:
        (stale,) = found("stages: [relu]  # archspec: ignore[AS0710] as in the paper")
        assert stale.code == "AS0791"
        assert "not found here" in stale.message

    def test_one_for_an_unknown_code_or_an_error(self) -> None:
        (unknown,) = found("stages: [relu]  # archspec: ignore[AS9999] hm")
        assert "no such code" in unknown.message
        (error,) = found("stages: [relu]  # archspec: ignore[AS0301] hm")
        assert "cannot be ignored" in error.message

    def test_text_in_quotes_is_no_comment(self) -> None:
        text = 'description: "say # archspec: ignore[AS0710] there"\n' + self.NET % ""
        assert codes(text) == ["AS0710"]
        block = "description: |\n  say # archspec: ignore-file[AS0710] there\n"
        assert codes(block + self.NET % "") == ["AS0710"]
