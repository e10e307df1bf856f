"""Limits at their edge: what is just within is a network, one more is refused by its code."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec import SpecError
from archspec.limits import LimitReached, within_limits
from tests.safety.answers import answer

HEAD = "archspec: 1\ninput: [3, 8, 8]\n"


def nested(levels: int) -> str:
    """A list whose innermost item stands in so many others, those of the file included."""
    return HEAD + "stages: " + "[" * (levels - 1) + "relu" + "]" * (levels - 1) + "\n"


def values(count: int) -> str:
    """A spec of so many values (not a word of its keys counts)."""
    filler = count - 10
    return HEAD + "stages: [relu]\nparams: {p: [" + ("0," * filler)[:-1] + "]}\n"


def text_of(expression: str) -> str:
    return HEAD + f'stages: [{{dropout: 0.5}}]\nlet: {{x: "$({expression})"}}\n'


FINE = HEAD + "stages: [relu]\n#"
LEVELS = [
    ("bytes", FINE.ljust(1 << 20, "x"), FINE.ljust((1 << 20) + 1, "x"), "AS0110"),
    ("levels of YAML", nested(64), nested(65), "AS0105"),
    ("characters", text_of("1+" * 127 + "10"), text_of("1+" * 128 + "1"), "AS0208"),
    ("brackets", text_of("(" * 15 + "1" + ")" * 15), text_of("(" * 17 + "1" + ")" * 17), "AS0208"),
    ("size", text_of("2**53"), text_of("2**53 + 1"), "AS0205"),
    ("size below", text_of("-2**53"), text_of("-2**53 - 1"), "AS0205"),
    ("exponent", text_of("1**64"), text_of("1**65"), "AS0205"),
    ("items", text_of("range(10000)"), text_of("range(10001)"), "AS0205"),
    ("copies", HEAD + "stages: [{repeat: 10000, body: {relu: , when: false}}]\n",
     HEAD + "stages: [{repeat: 10001, body: {relu: , when: false}}]\n", "AS0310"),
    ("copies by a list", HEAD + "stages: [{for: {c: '$(range(10000))'}, body: {relu: , when: false}}]\n",
     HEAD + "stages: [{for: {c: '$(range(9999) + [1, 2])'}, body: {relu: , when: false}}]\n", "AS0205"),
    ("parameters", "archspec: 1\ninput: [1000000]\nstages: [{linear: 1000000, bias: false}]\n",
     "archspec: 1\ninput: [1000000]\nstages: [{linear: 1000001, bias: false}]\n", "AS0411"),
    ("axes", f"archspec: 1\ninput: [{', '.join('2' * 64)}]\nstages: [relu]\n",
     f"archspec: 1\ninput: [{', '.join('2' * 65)}]\nstages: [relu]\n", "AS0360"),
    ("pieces", "archspec: 1\ninput: [10000, 2]\nstages: [{chunk: 10000, dim: 0}, concat]\n",
     "archspec: 1\ninput: [10001, 2]\nstages: [{chunk: 10001, dim: 0}, concat]\n", "AS0401"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("within", "beyond", "code"), [c[1:] for c in LEVELS], ids=[c[0] for c in LEVELS]
)
def test_the_edge(within: str, beyond: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(within)
    assert code not in [d.code for d in archspec.validate(path)]
    path.write_text(beyond)
    assert answer(path)[0] == code


def test_200_000_values(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(values(199_990))
    assert "AS0105" not in [d.code for d in archspec.validate(tmp_path / "net.yaml")]
    (tmp_path / "net.yaml").write_text(values(200_020))
    assert answer(tmp_path / "net.yaml") == ["AS0105"]


@pytest.mark.parametrize(
    "stages", ["[{repeat: 10, body: relu}]", "{a: {repeat: $(5 + 5), body: relu}}"]
)
def test_the_limit_of_nodes_is_the_callers(stages: str) -> None:
    text = HEAD + f"stages: {stages}\n"
    assert len(archspec.load_str(text, limit=11).ir) == 10
    with pytest.raises(SpecError) as caught:
        archspec.load_str(text, limit=10)
    assert caught.value.diagnostics[0].code == "AS0407"


@pytest.mark.slow
def test_a_million_nodes_are_a_matter_of_asking() -> None:
    text = (
        HEAD
        + "blocks: {b: {body: [{repeat: 1000, body: relu}]}}\nstages: [{repeat: 999, body: b}]\n"
    )
    assert len(archspec.load_str(text, limit=1_100_000).ir) == 999_000


class TestFiles:
    @staticmethod
    def chain(folder: Path, length: int) -> Path:
        """A spec, and files that each extend the next."""
        for n in range(length):
            (folder / f"f{n}.yaml").write_text(f"archspec: 1\nextends: f{n + 1}.yaml\n")
        (folder / f"f{length}.yaml").write_text(HEAD + "stages: [relu]\n")
        return folder / "f0.yaml"

    def test_sixteen_deep(self, tmp_path: Path) -> None:
        assert answer(self.chain(tmp_path, 16)) == []
        assert answer(self.chain(tmp_path, 17)) == ["AS0344"]

    def test_sixty_four(self, tmp_path: Path) -> None:
        for n in range(65):
            (tmp_path / f"l{n}.yaml").write_text(
                f"archspec: 1\nblocks: {{b{n}: {{body: [relu]}}}}\n"
            )
        for count, codes in ((64, []), (65, ["AS0344"])):
            imports = ", ".join(f"l{n}.yaml: [b{n}]" for n in range(count))
            (tmp_path / "net.yaml").write_text(HEAD + f"import: {{{imports}}}\nstages: [relu]\n")
            assert answer(tmp_path / "net.yaml") == codes


class TestProcess:
    def test_time(self) -> None:
        def forever() -> bytes:
            while True:
                pass

        with pytest.raises(LimitReached, match="1 s of CPU time"):
            within_limits(forever, seconds=1)

    def test_memory(self) -> None:
        with pytest.raises(LimitReached, match="100 MiB of memory"):
            within_limits(lambda: bytes(1 << 30), memory=100 << 20)

    def test_interrupted(self, capfd: pytest.CaptureFixture[str]) -> None:
        def interrupted() -> bytes:
            raise KeyboardInterrupt

        with pytest.raises(LimitReached):
            within_limits(interrupted)
        assert capfd.readouterr().err == ""

    def test_within(self) -> None:
        assert within_limits(lambda: bytes(1 << 20)) == bytes(1 << 20)

    def test_whatever_fails_where_memory_is_short_is_put_down_to_that(self) -> None:
        held = []

        def work() -> bytes:
            try:
                while True:
                    held.append(bytes(1 << 20))
            except MemoryError:
                raise SystemError("error return without exception set") from None

        with pytest.raises(LimitReached, match="100 MiB of memory"):
            within_limits(work, memory=100 << 20)

    def test_a_failure_of_its_own_is_told_as_such(self, capfd: pytest.CaptureFixture[str]) -> None:
        def work() -> bytes:
            raise ValueError("a bug")

        with pytest.raises(LimitReached, match=r"ended its process \(1\)"):
            within_limits(work)
        assert "ValueError: a bug" in capfd.readouterr().err
