"""Specs that import blocks and extend other specs, within their project."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

import archspec
from archspec import SpecError

BASE = """
archspec: 1
name: base
input: [3, 8, 8]
params: {width: 4, classes: 2}
init: {conv: zeros}
defaults: {conv: {bias: false}}
blocks:
  unit:
    params: {width: int, kernel: 1}
    body: {conv: {conv: $width, kernel: $kernel, padding: half}}
stages:
  stem: {unit: $width}
  features:
    - {unit: $(width * 2)}
    - relu
  flatten: flatten
  fc: {linear: $classes}
expect: {output: [$classes]}
"""

LIBRARY = """
archspec: 1
blocks:
  unit: {params: {width: int}, body: {conv: {conv: $width, kernel: 1}}}
  other: {params: {width: int}, body: {unit: $width}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    write("base.yaml", BASE)
    write("blocks/library.yaml", LIBRARY)
    return tmp_path


def write(name: str, text: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(textwrap.dedent(text))
    return name


def extended(text: str, **params: object) -> archspec.Architecture:
    write("net.yaml", f"archspec: 1\nextends: base.yaml\n{textwrap.dedent(text)}")
    return archspec.load("net.yaml", **params)


def refused(text: str, code: str, saying: str = "") -> None:
    write("bad.yaml", text)
    with pytest.raises(SpecError) as caught:
        archspec.load("bad.yaml")
    (first, *_) = caught.value.diagnostics
    assert first.code == code, caught.value
    assert saying in f"{first.message} {first.help}"


def paths(architecture: archspec.Architecture) -> list[str]:
    return [node.path for node in architecture.ir if node.path]


# -- extends ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("project")
class TestExtends:
    def test_nothing_changed_but_the_name(self) -> None:
        net = extended("")
        assert net.name == "net"
        assert net.state == archspec.load("base.yaml").state

    def test_parameters(self) -> None:
        net = extended("params: {width: 8}")
        assert net.params == {"width": 8, "classes": 2}
        assert net.state["stem.conv.weight"] == ((8, 3, 1, 1), "float32")
        assert extended("params: {width: 8}", width=6).params["width"] == 6

    def test_the_input(self) -> None:
        assert extended("input: [1, 4, 4]").state["fc.weight"][0] == (2, 8 * 16)

    def test_defaults_of_a_block(self) -> None:
        net = extended("defaults: {unit: {kernel: 3}}")
        assert net.state["stem.conv.weight"][0] == (4, 3, 3, 3)

    def test_the_own_expectations_alone(self) -> None:
        write("wrong.yaml", BASE.replace("expect: {output: [$classes]}", "expect: {nodes: 99}"))
        write("net.yaml", "archspec: 1\nextends: wrong.yaml\n")
        assert archspec.validate("net.yaml") == []
        assert archspec.validate("wrong.yaml")[0].code == "AS0501"

    def test_replace(self) -> None:
        net = extended("replace: {stem: {conv: 5, kernel: 3}, features.1: gelu}")
        assert net.state["stem.weight"][0] == (5, 3, 3, 3)
        assert [node.op.name for node in net.ir if node.path == "features.1"] == ["gelu"]

    def test_remove(self) -> None:
        net = extended("remove: [features.0]")
        assert paths(net) == ["stem.conv", "features.0", "flatten", "fc"]

    def test_insert(self) -> None:
        net = extended(
            "insert: {norm: {batch_norm: , after: stem}, pool: {max_pool: 2, before: flatten}}"
        )
        assert paths(net) == [
            "stem.conv",
            "norm",
            "features.0.conv",
            "features.1",
            "pool",
            "flatten",
            "fc",
        ]

    def test_insert_into_a_list(self) -> None:
        net = extended("insert: {features.x: {max_pool: 2, after: 0}}")
        assert paths(net)[1:4] == ["features.0.conv", "features.1", "features.2"]

    @pytest.mark.parametrize(
        ("edits", "left"),
        [
            ("remove: [features.0, features.1]", []),
            ("remove: [features.1, features.0]", []),
            ("remove: [features.0]\ninsert: {features.x: {max_pool: 2, after: 1}}", ["relu", "max_pool"]),
            ("remove: [features.1]\nreplace: {features.0: gelu}", ["gelu"]),
            ("insert: {features.x: {tanh: , after: 0}, features.y: {gelu: , after: 0}}\nremove: [features.0]",
             ["tanh", "gelu", "relu"]),
        ],
    )  # fmt: skip
    def test_paths_are_as_written_whatever_else_is_edited(
        self, edits: str, left: list[str]
    ) -> None:
        net = extended(edits)
        assert [n.op.name for n in net.ir if n.path.startswith("features")] == left

    def test_new_stages_with_the_blocks_of_the_base(self) -> None:
        net = extended(
            "blocks: {two: {params: {width: int}, body: {a: {unit: $width}}}}\n"
            "stages: {only: {two: 7}}\nexpect: {output: [7, 8, 8]}\n"
        )
        assert paths(net) == ["only.a.conv"]

    def test_defaults_reach_through_a_chain(self) -> None:
        write("middle.yaml", "archspec: 1\nextends: base.yaml\nparams: {width: 8}\n")
        write("net.yaml", "archspec: 1\nextends: middle.yaml\ndefaults: {unit: {kernel: 3}}\n")
        assert archspec.load("net.yaml").state["stem.conv.weight"][0] == (8, 3, 3, 3)
        assert archspec.load("middle.yaml").state["stem.conv.weight"][0] == (8, 3, 1, 1)

    def test_a_chain(self) -> None:
        write("middle.yaml", "archspec: 1\nextends: base.yaml\nparams: {width: 8}\n")
        write("net.yaml", "archspec: 1\nextends: middle.yaml\nparams: {classes: 5}\n")
        assert archspec.load("net.yaml").params == {"width": 8, "classes": 5}

    @pytest.mark.parametrize(
        ("text", "code", "saying"),
        [
            ("params: {widht: 8}", "AS0345", "width"),
            ("remove: [stemm]", "AS0346", "stem"),
            ("replace: {features.7: relu}", "AS0346", "features.7"),
            ("insert: {a: {relu: }}", "AS0306", "where"),
            ("insert: {a: {relu: , after: nothing}}", "AS0346", ""),
            ("insert: {stem: {relu: , after: fc}}", "AS0331", "stem"),
            ("blocks: {unit: {body: [relu]}}", "AS0343", "extended"),
        ],
    )
    def test_what_is_refused(self, text: str, code: str, saying: str) -> None:
        refused(f"archspec: 1\nextends: base.yaml\n{text}\n", code, saying)

    def test_edits_need_a_base(self) -> None:
        refused(BASE + "remove: [stem]\n", "AS0306", "extends")

    def test_itself(self) -> None:
        refused("archspec: 1\nextends: bad.yaml\n", "AS0344", "bad.yaml -> bad.yaml")

    def test_a_typo_in_the_file(self) -> None:
        refused("archspec: 1\nextends: bsae.yaml\n", "AS0340", "base.yaml")

    def test_a_typo_in_a_shipped_name(self) -> None:
        refused("archspec: 1\nextends: archspec:resnet5\n", "AS0340", "did you mean `resnet50`?")


# -- imports ------------------------------------------------------------------------------------

USE = "archspec: 1\ninput: [3, 8, 8]\nimport: {IMPORT}\nstages: {a: {STAGE}}\n"


def using(imported: str, stage: str) -> str:
    return USE.replace("IMPORT", imported).replace("STAGE", stage)


@pytest.mark.usefixtures("project")
class TestImports:
    def test_a_block(self) -> None:
        net = archspec.load(write("net.yaml", using("blocks/library.yaml: [unit]", "unit: 5")))
        assert paths(net) == ["a.conv"]

    def test_by_another_name(self) -> None:
        text = using("blocks/library.yaml: {unit: cell}", "cell: 5")
        assert paths(archspec.load(write("net.yaml", text))) == ["a.conv"]

    def test_a_block_brings_what_it_uses(self) -> None:
        text = using("blocks/library.yaml: [other]", "other: 5")
        assert paths(archspec.load(write("net.yaml", text))) == ["a.0.conv"]
        refused(text.replace("a: {other: 5}", "a: {unit: 5}"), "AS0301", "unit")

    def test_of_a_shipped_library(self) -> None:
        text = using("archspec:residual: [basic_block]", "basic_block: 5")
        assert "a.conv1" in paths(archspec.load(write("net.yaml", text)))

    def test_relative_to_the_file(self) -> None:
        write("deep/net.yaml", using("../blocks/library.yaml: [unit]", "unit: 5"))
        assert paths(archspec.load("deep/net.yaml")) == ["a.conv"]

    def test_from_another_folder(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write("net.yaml", using("blocks/library.yaml: [unit]", "unit: 5"))
        monkeypatch.chdir("/")
        assert paths(archspec.load(project / "net.yaml")) == ["a.conv"]

    def test_an_unknown_block(self) -> None:
        refused(using("blocks/library.yaml: [unti]", "unti: 5"), "AS0342", "unit")

    def test_two_of_one_name(self) -> None:
        write("second.yaml", LIBRARY)
        text = using("blocks/library.yaml: [unit], second.yaml: [unit]", "unit: 5")
        refused(text, "AS0343", "unit")
        refused(
            text.replace(", second.yaml: [unit]", "") + "blocks: {unit: {body: [relu]}}\n", "AS0343"
        )

    def test_an_op_is_no_block(self) -> None:
        refused(BASE.replace("unit:", "linear:", 1), "AS0343", "linear_block")

    def test_a_circle(self) -> None:
        write("one.yaml", "archspec: 1\nimport: {two.yaml: [b]}\nblocks: {a: {body: [b]}}\n")
        write("two.yaml", "archspec: 1\nimport: {one.yaml: [a]}\nblocks: {b: {body: [a]}}\n")
        refused(using("one.yaml: [a]", "a: "), "AS0344", "one.yaml")

    @pytest.mark.parametrize(
        "name", ["../outside.yaml", "/etc/passwd", "blocks/../../outside.yaml"]
    )
    def test_outside_of_the_project(self, name: str, project: Path) -> None:
        (project.parent / "outside.yaml").write_text(LIBRARY)
        refused(using(f"{name}: [unit]", "unit: 5"), "AS0341", "outside the project root")

    def test_through_a_link(self, project: Path) -> None:
        (project.parent / "secret.yaml").write_text(LIBRARY)
        os.symlink(project.parent / "secret.yaml", "link.yaml")
        refused(using("link.yaml: [unit]", "unit: 5"), "AS0110", "link")

    def test_no_file_to_wait_for(self) -> None:
        os.mkfifo("pipe.yaml")
        refused(using("pipe.yaml: [unit]", "unit: 5"), "AS0340", "pipe.yaml")

    def test_text_has_no_place_to_import_from(self) -> None:
        with pytest.raises(SpecError, match="relative"):
            archspec.load_str(using("blocks/library.yaml: [unit]", "unit: 5"))


def test_edits_beside_a_node_and_below_it(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "archspec: 1\ninput: [3, 8, 8]\nstages: {a: relu, b: {x: relu, y: tanh}}\n"
    )
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "archspec: 1\nextends: base.yaml\ninsert: {n: {after: b, relu: }}\nreplace: {b.x: tanh}\n"
    )
    assert paths(archspec.load(spec)) == ["a", "b.x", "b.y", "n"]


def test_an_edit_below_a_removed_node_is_told() -> None:
    text = "archspec: 1\nextends: archspec:resnet18\nremove: [layer4]\nreplace: {layer4.0: relu}\n"
    (found,) = archspec.validate("net.yaml", text=text)
    assert (found.code, found.message) == ("AS0346", "`layer4` is removed")


def test_an_optional_node_is_the_default_of_a_parameter() -> None:
    head = "archspec: 1\ninput: [3, 8, 8]\n"
    arch = archspec.load_str(head + "params: {act: {optional: relu}}\nstages: {x: $act}\n")
    assert paths(arch) == ["x"]
