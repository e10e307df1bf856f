"""Attacks: specs that were made to take time, memory or files. Each is answered at once, by its code.

They are what was found in the libraries that others use for the same, and by fuzzing.
"""

from __future__ import annotations

import os
from itertools import islice, permutations
from pathlib import Path

import pytest

import archspec
from tests.safety.answers import answer

HEAD = "archspec: 1\ninput: [3, 8, 8]\n"


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """What is imported on first use is no part of an answer."""
    archspec.validate("resnet18")
    archspec.load("resnet18").source()


def doubling(times: int, first: str, calls: int = 2) -> str:
    """Blocks that each call the one before several times."""
    lines = [f"  b0: {{body: [{first}]}}"]
    for n in range(1, times + 1):
        lines.append(f"  b{n}: {{body: [{', '.join([f'b{n - 1}'] * calls)}]}}")
    return HEAD + "blocks:\n" + "\n".join(lines) + f"\nstages: [b{times}]\n"


def chain(count: int, body: str = "[b{}]") -> str:
    lines = ["  b0: {body: [relu]}"]
    lines += [f"  b{n}: {{body: {body.format(n - 1)}}}" for n in range(1, count)]
    return HEAD + "blocks:\n" + "\n".join(lines) + f"\nstages: [b{count - 1}]\n"


def nested(times: int, inside: str) -> str:
    """Bodies in bodies, each with a word that is no op."""
    text = "relu"
    for _ in range(times):
        text = inside.format(text)
    return HEAD + f"stages: {{a: {{body: {text}}}}}\n"


def lets(first: str, times: int, made_of: str) -> str:
    """Values that each are made of the one before."""
    lines = [f"  a0: '{first}'"]
    lines += [f"  a{n}: '{made_of.format(p=f'a{n - 1}', n=n)}'" for n in range(1, times)]
    return HEAD + "let:\n" + "\n".join(lines) + "\nstages: [relu]\n"


def linear(expression: str) -> str:
    return HEAD + f'stages: [{{linear: "$({expression})"}}]\n'


OFF = "{relu: , when: false}"
RANGES = "len([1 for a in range(5000) for b in range(5000) for c in range(5000)])"
ATTACKS: dict[str, tuple[str, str]] = {
    # YAML
    "merge keys": ("AS0104", "a: &a {x: 1}\nb: &b {<<: [*a, *a, *a]}\nc: {<<: [*b, *b, *b]}\n"),
    "a merge key alone": ("AS0104", HEAD + "stages: {<<: {a: relu}}\n"),
    "a billion laughs": ("AS0104", "a: &a [x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )),
    "30,000 open brackets": ("AS0101", "[" * 30_000),
    "30,000 open brackets on lines": ("AS0105", "[\n" * 30_000),
    "30,000 open braces": ("AS0105", "{a: " * 30_000),
    "5,000 digits": ("AS0120", HEAD + f"stages: [{{linear: {'9' * 5_000}}}]\n"),
    "5,000 digits in hexadecimal": ("AS0120", HEAD + f"stages: [{{linear: 0x{'f' * 5_000}}}]\n"),
    "a number beyond floats": ("AS0120", HEAD + "stages: [{dropout: 1e999999}]\n"),
    "a Python object": ("AS0104", HEAD + "stages: !!python/object/apply:os.system ['true']\n"),
    # expressions
    "a power of powers": ("AS0205", linear("4000000**4000000")),
    "a power of a power": ("AS0205", linear("9**9**9**9")),
    "a format of a gigabyte": ("AS0203", linear("'%1000000000d' % 1")),
    "a text a billion times": ("AS0203", linear("'x' * 1000000000")),
    "a list a billion times": ("AS0203", linear("len([0] * 1000000000)")),
    "rounded to 2**53 digits": ("AS0203", linear("round(5,-2**53)")),
    "a range of 2**53": ("AS0205", linear("len(range(2**53))")),
    "loops in loops": ("AS0205", linear(RANGES)),
    "brackets": ("AS0208", linear("(" * 100 + "1" + ")" * 100)),
    "signs": ("AS0208", linear("-" * 200 + "1")),
    "digits": ("AS0205", linear("9" * 240)),
    "a list that grows tenfold": ("AS0205", lets("$([1, 1])", 20, "$(" + "+".join(["{p}"] * 10) + ")")),
    "lists in lists": ("AS0205", lets("$([1, 1])", 20, "$([" + ",".join(["{p}"] * 10) + "])")),
    "a text that grows tenfold": ("AS0208", lets("x$(1)", 20, "${p}" * 10)),
    "long lists one after another": ("AS0205", lets("$(1)", 4_000, "$([j + {n} for j in range(5000)])")),
    "a long list in each copy": ("AS0205", HEAD + "stages: [{repeat: 10000, body: {relu: , "
        "when: '$(len([j + i for j in range(5000)]) < i)'}}]\n"),
    "attributes": ("AS0201", linear("().__class__.__bases__")),
    "an import": ("AS0204", linear("__import__('os')")),
    # loops
    "a billion copies": ("AS0310", HEAD + "stages: [{repeat: 1000000000, body: relu}]\n"),
    "10**15 copies": ("AS0310", HEAD + "stages: [{repeat: $(10**15), body: relu}]\n"),
    "copies of copies of copies": ("AS0407", HEAD + "stages: [" + "{repeat: 9999, body: [" * 3 + "relu"
        + "]}" * 3 + "]\n"),
    "copies of nothing": ("AS0407", HEAD + "stages: [" + "{repeat: 9999, body: [" * 3 + "]}" * 3 + "]\n"),
    "copies that are left out": ("AS0407", HEAD + "stages: [" + "{repeat: 9999, inline: true, body: " * 3
        + OFF + "}" * 3 + "]\n"),
    "copies by lists that are left out": ("AS0407", HEAD + "stages: ["
        + "{for: {c: '$(range(9999))'}, inline: true, body: " * 3 + OFF + "}" * 3 + "]\n"),
    "dense copies": ("AS0407", HEAD + "stages: [{dense: {conv: 1, kernel: 1}, repeat: 10000}]\n"),
    "a sum of 9,000 in 9,000 copies": ("AS0407", HEAD + "stages: [{repeat: 9000, body: {add: ["
        + ", ".join(["input"] * 9_000) + "]}}]\n"),
    # blocks
    "doubling 40 times": ("AS0407", doubling(40, "relu")),
    "doubling nothing 40 times": ("AS0407", doubling(40, "")),
    "doubling what is left out": ("AS0407", doubling(40, OFF)),
    "ten times nine times": ("AS0407", doubling(9, "relu", 10)),
    "a block of itself": ("AS0407", HEAD + "blocks: {b: {body: [b]}}\nstages: [b]\n"),
    "a block of itself twice": ("AS0407", HEAD + "blocks: {b: {body: [b, b]}}\nstages: [b]\n"),
    "a block of itself, each time another": ("AS0407", HEAD + "blocks: {b: {params: {n: int}, "
        "body: [{b: $(n + 1)}, {b: $(n + 2)}]}}\nstages: [{b: 0}]\n"),
    "two blocks of each other": ("AS0407", HEAD + "blocks: {a: {body: [b, b]}, b: {body: [a, a]}}\n"
        "stages: [a]\n"),
    "2,000 blocks in each other": ("AS0407", chain(2_000)),
    "deep lists in deep blocks": ("AS0407", chain(60, "[" * 50 + "b{}" + "]" * 50)),
    "skips in blocks": ("AS0407", chain(60, "{{skip: {{body: " * 20 + "[b{}]" + "}}}}" * 20)),
    "5,000 parameters in 5,000 copies": ("AS0407", HEAD + "blocks:\n  b:\n    params:\n"
        + "".join(f"      p{n}: 1\n" for n in range(5_000))
        + f"    body: [{OFF}]\nstages: [{{repeat: 5000, body: b}}]\n"),
    "30 bodies in each other": ("AS0301", nested(30, "{{x: foo, a: {{body: {}}}}}")),
    "50 bodies with outputs in each other": ("AS0301", nested(50, "{{output: foo, body: {}}}")),
    # sizes
    "a kernel of 2**53": ("AS0411", HEAD + "stages: [{conv: 8, kernel: 9007199254740992, padding: half}]\n"),
    "2**53 channels": ("AS0411", HEAD + "stages: [{conv: 9007199254740992, kernel: 1}]\n"),
    "2**53 features": ("AS0411", HEAD + "stages: [{linear: 9007199254740992}]\n"),
    "100,000 axes": ("AS0360", f"archspec: 1\ninput: [{', '.join(['2'] * 100_000)}]\nstages: [flatten]\n"),
    "a million pieces": ("AS0401", "archspec: 1\ninput: [1000000, 8]\nstages: [{chunk: 1000000, dim: 0}]\n"),
    "2**53 pieces": ("AS0401", "archspec: 1\ninput: [9007199254740992, 8]\nstages: [{split: 1, dim: 0}]\n"),
    "twice as large 5,000 times": ("AS0401", HEAD + "stages: [{repeat: 5000, body: {upsample: 2}}]\n"),
    "an unbounded scale": ("AS0401", HEAD + "stages: [{upsample: 1e38}]\n"),
    "a scale beyond 32 bits": ("AS0305", HEAD + "stages: [{upsample: 1e308}]\n"),
    "a scale that is no number": ("AS0305", HEAD + "stages: [{upsample: .nan}]\n"),
    "an initialiser that is none": ("AS0601", HEAD + "stages: {a: {conv: 3, kernel: 1, init: 5}}\n"),
    "a free size cut in half 5,000 times": ("AS0401", "archspec: 1\ninput: [3, h, w]\n"
        "stages: [{repeat: 5000, body: {max_pool: 2, stride: 2, padding: 1}}]\n"),
    # names
    "code by its path": ("AS0301", HEAD + "stages: [os.system]\n"),
    "code by its path, called": ("AS0330", HEAD + "stages: [{builtins.eval: '1'}]\n"),
    "a module of torch": ("AS0301", HEAD + "stages: [{torch.nn.Linear: 3}]\n"),
    "code by an expression": ("AS0305", HEAD + "params: {f: os.system}\nstages: [{$f: 'true'}]\n"),
    # files
    "a path of 100,000 steps": ("AS0341", HEAD + "extends: " + "../" * 100_000 + "etc/passwd\n"),
    "a path of 100,000 folders": ("AS0340", HEAD + "extends: " + "a/" * 100_000 + "b.yaml\n"),
    "an absolute path": ("AS0341", HEAD + "extends: /etc/passwd\n"),
    "a packaged name that climbs": ("AS0340", HEAD + "extends: archspec:../../../etc/passwd\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_its_code(name: str, tmp_path: Path) -> None:
    code, text = ATTACKS[name]
    (tmp_path / "net.yaml").write_text(text)
    assert answer(tmp_path / "net.yaml")[0] == code


@pytest.mark.parametrize(
    ("line", "code"),
    [("- cnov{n}", "AS0301"), ("- {{conv: 3, kernl{n}: 9}}", "AS0302"), ("- relu{n}", "AS0301")],
)
def test_thousands_of_mistakes_are_told_in_time(line: str, code: str, tmp_path: Path) -> None:
    blocks = "blocks:\n" + "".join(f"  b{n}: {{body: [relu]}}\n" for n in range(3_000))
    stages = "stages:\n" + "".join(line.format(n=n) + "\n" for n in range(3_000))
    (tmp_path / "net.yaml").write_text(HEAD + blocks + stages)
    assert answer(tmp_path / "net.yaml") == [code]


BRANCHES = ["".join(letters) for letters in islice(permutations("branches"), 1, 20_000)]


@pytest.mark.parametrize(
    "text",
    [
        "blocks:\n  b:\n    params: {" + ", ".join(f"pa{n:04d}: 1" for n in range(3_000)) + "}\n"
        "    body: cnov\nstages: [{b: relu, "
        + ", ".join(f"qx{n:04d}: relu" for n in range(3_000)) + "}]\n",
        "stages:\n  a:\n" + "".join(f"    {word}: relu\n" for word in BRANCHES) + "    z: cnov\n",
        "blocks: {b: {params: {? " + "a" * 200_000 + " : 1}, body: cnov}}\n"
        "stages: [{b: relu, ? " + "a" * 100_000 + "cc" + "a" * 99_999 + " : relu}]\n",
    ],
    ids=["arguments", "connections", "letters"],
)  # fmt: skip
def test_slips_are_looked_for_in_time(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(HEAD + text)
    assert "AS0301" in answer(tmp_path / "net.yaml")


class TestFiles:
    """Files that a spec names: within the project, no links, nothing that waits."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        root = tmp_path / "project"
        root.mkdir()
        (root / "pyproject.toml").touch()
        (tmp_path / "secret.yaml").write_text(HEAD + "blocks: {unit: {body: [relu]}}\n")
        (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
        (root / "folder").symlink_to(tmp_path)
        os.mkfifo(root / "pipe.yaml")
        return root

    @pytest.mark.parametrize("key", ["extends: {}", "import: {{{}: [unit]}}"])
    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("link.yaml", "AS0110"), ("folder/secret.yaml", "AS0110"), ("pipe.yaml", "AS0340"),
            ("../secret.yaml", "AS0341"), ("/dev/zero", "AS0341"), ("a/../../secret.yaml", "AS0341"),
            (".", "AS0340"), ("os.system", "AS0340"), ("'a\\0b'", "AS0340"), ("~/x.yaml", "AS0340"),
            ("'file:///etc/passwd'", "AS0340"), ("'http://localhost/x.yaml'", "AS0340"),
        ],
    )  # fmt: skip
    def test_what_is_not_opened(self, key: str, name: str, code: str, root: Path) -> None:
        text = HEAD + key.format(name) + "\nstages: [relu]\n"
        (root / "net.yaml").write_text(text)
        assert answer(root / "net.yaml")[0] == code

    def test_files_that_need_each_other_are_named(self, root: Path) -> None:
        for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
            (root / f"{name}.yaml").write_text(f"archspec: 1\nextends: {other}.yaml\n")
            (root / f"i{name}.yaml").write_text(
                f"archspec: 1\nimport: {{i{other}.yaml: [{other}]}}\n"
                f"blocks: {{{name}: {{body: [relu]}}}}\n"
            )
        for name, said in (("a", "a.yaml -> b.yaml -> c.yaml -> a.yaml"), ("ia", "ia.yaml -> ")):
            assert answer(root / f"{name}.yaml") == ["AS0344"]
            (found,) = archspec.validate(root / f"{name}.yaml")
            assert said in found.message

    def test_a_file_that_needs_itself(self, root: Path) -> None:
        (root / "a.yaml").write_text("archspec: 1\nextends: a.yaml\n")
        assert answer(root / "a.yaml") == ["AS0344"]

    def test_files_that_double(self, root: Path) -> None:
        for n in range(1, 12):
            (root / f"f{n}.yaml").write_text(
                f"archspec: 1\nimport: {{f{n - 1}.yaml: [b{n - 1}]}}\nblocks:\n"
                f"  b{n}: {{body: [b{n - 1}, b{n - 1}, b{n - 1}]}}\n"
            )
        (root / "f0.yaml").write_text("archspec: 1\nblocks: {b0: {body: [relu]}}\n")
        (root / "net.yaml").write_text(HEAD + "import: {f11.yaml: [b11]}\nstages: [b11]\n")
        assert answer(root / "net.yaml") == ["AS0407"]

    @pytest.mark.parametrize(
        ("line", "key", "code"),
        [
            ("m{n}: gelu", "replace", "AS0346"),
            ("q{n}: 1", "params", "AS0345"),
            ("p{n}: 0", "params", "AS0401"),
        ],
    )
    def test_thousands_of_mistakes_over_thousands_of_lines(
        self, line: str, key: str, code: str, root: Path
    ) -> None:
        numbers = range(2_000)
        params = "".join(f"  p{n}: 1\n" for n in numbers)
        node = "  n{n}: {{max_pool: 9, when: $(p{n} < 1), from: input}}\n"
        stages = "".join(node.format(n=n) for n in numbers)
        (root / "base.yaml").write_text(f"{HEAD}params:\n{params}stages:\n{stages}")
        text = "".join(f"  {line.format(n=n)}\n" for n in numbers)
        (root / "net.yaml").write_text(f"archspec: 1\nextends: base.yaml\n{key}:\n{text}")
        assert answer(root / "net.yaml") == [code]
        found = archspec.validate(root / "net.yaml")
        assert sum(len(one.help or "") for one in found) < 1_000_000


def test_many_keys_of_two_words_in_one_line_are_read_in_time(tmp_path: Path) -> None:
    keys = ", ".join(f"a {n}: 1" for n in range(15_000))
    (tmp_path / "net.yaml").write_text(
        f"{HEAD}params: {{'\N{GRINNING FACE}': 1, {keys}}}\nstages: [relu]\n"
    )
    assert answer(tmp_path / "net.yaml") == ["AS0330"]
