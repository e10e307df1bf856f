"""The JSON Schema in a real session of the YAML language server, which most editors talk to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from archspec.files import packaged_folder
from archspec.ops import catalogue

from .language_server import Session

ROOT = Path(__file__).parents[2]
SERVER = ROOT / ".venv/npm/node_modules/yaml-language-server/bin/yaml-language-server"
HEAD = "# yaml-language-server: $schema=archspec.schema.json\narchspec: 1\ninput: [3, 32, 32]\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
    pytest.mark.skipif(not SERVER.exists(), reason="needs the server: `make .venv/.editor`"),
]


class Place(NamedTuple):
    """A spec, and the place in it where a `|` stood."""

    text: str
    line: int
    column: int


def at(marked: str) -> Place:
    before, after = marked.split("|")
    text = HEAD + before
    return Place(text + after, text.count("\n"), len(text) - text.rfind("\n") - 1)


COMMAND = ["node", str(SERVER), "--stdio"]
SETTINGS: dict[str, Any] = {
    "validate": True,
    "hover": True,
    "completion": True,
    "schemaStore": {"enable": False},
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("editor")
    shutil.copy(packaged_folder() / "archspec.schema.json", folder)
    with Session(COMMAND, folder, {"yaml": SETTINGS}) as session:
        yield session


def completed(session: Session, marked: str) -> dict[str, dict[str, Any]]:
    place = at(marked)
    session.open("net.yaml", place.text)
    return session.complete("net.yaml", place.line, place.column)


def hovered(session: Session, marked: str) -> str:
    place = at(marked)
    session.open("net.yaml", place.text)
    return session.hover("net.yaml", place.line, place.column)


class TestCompletion:
    @pytest.mark.parametrize("marked", ["stages:\n  - |\n", "stages:\n  stem:\n    |\n"])
    def test_of_ops_and_connections_where_a_node_begins(
        self, session: Session, marked: str
    ) -> None:
        offered = completed(session, marked)
        shipped = {name for name, op in catalogue().items() if "archspec.ops" in op.__module__}
        assert shipped | {"skip", "branches", "repeat"} <= offered.keys()
        assert offered["conv"]["insertText"] == "conv: "
        assert "convolution" in str(offered["conv"]["documentation"])

    @pytest.mark.parametrize(
        "marked",
        [
            "stages:\n  - conv: 8\n    |\n",
            "stages:\n  - conv: 8\n    ke|\n",
            "stages:\n  - {conv: 8, ke|}\n",
            "stages:\n  stem:\n    conv: 8\n    |\n",
            "blocks:\n  unit:\n    body:\n      - conv: 3\n        |\n",
            "stages:\n  - {repeat: 2, body: [{conv: 8, st|}]}\n",
        ],
    )
    def test_of_the_arguments_of_the_op_at_hand_alone(self, session: Session, marked: str) -> None:
        offered = completed(session, marked)
        assert {"kernel", "stride", "padding", "groups", "from", "when"} <= offered.keys()
        assert not offered.keys() & {"linear", "relu", "skip", "inplace", "body", "eps"}
        assert "Step of the kernel" in str(offered["stride"]["documentation"])

    def test_of_arguments_beside_a_name_that_a_block_may_have_for_one(
        self, session: Session
    ) -> None:
        offered = completed(session, "stages:\n  - dropout: 0.5\n    |\n")
        assert "p" in offered and "conv" not in offered

    @pytest.mark.parametrize(
        ("marked", "expected"),
        [
            ("stages:\n  - repeat: 3\n    |\n", {"body", "names"}),
            ("stages:\n  - skip:\n      |\n", {"body", "shortcut", "merge", "after"}),
            ("blocks:\n  unit:\n    |\n", {"params", "body", "skip", "branches"}),
            ("expect:\n  |\n", {"params", "macs", "output"}),
            ("defaults:\n  conv:\n    |\n", {"bias", "padding"}),
            ("|\n", {"stages", "blocks", "extends", "expect"}),
        ],
    )
    def test_of_keys_elsewhere(self, session: Session, marked: str, expected: set[str]) -> None:
        offered = completed(session, marked)
        assert expected <= offered.keys()
        assert "conv" not in offered

    @pytest.mark.parametrize(
        "marked",
        ["stages:\n  - {conv: 8, padding: |}\n", "stages:\n  - conv: 8\n    padding: |\n"],
    )
    def test_of_values(self, session: Session, marked: str) -> None:
        assert completed(session, marked).keys() == {"0", "half", "same", "valid"}


class TestHover:
    @pytest.mark.parametrize(
        ("marked", "expected"),
        [
            ("stages: [{co|nv: 8, kernel: 3}]\n", "2-d convolution over the height and width"),
            ("stages: [{conv: 8, ker|nel: 3}]\n", "Size of the kernel: one number"),
            ("stages:\n  a:\n    conv: 8\n    pad|ding: half\n", "Border on both sides."),
            ("stages: [{conv: 8, kernel: 3, stri|de: $s}]\n", "Step of the kernel"),
            ("stages: [{conv: 8, kernel: 3, fr|om: input}]\n", "instead of the node before it"),
            ("stages: [{rep|eat: 3, body: [relu]}]\n", "the body N times"),
            ("stages: [re|lu]\n", "max(0, x)"),
            ("defaults: {conv: {bi|as: false}}\n", "Whether a learned number is added"),
            ("expect: {par|ams: 3}\n", "trained parameters"),
            ("sta|ges: [relu]\n", "the network: nodes in order"),
        ],
    )
    def test_says_what_stands_there(self, session: Session, marked: str, expected: str) -> None:
        shown = hovered(session, marked).replace("\\", "")
        assert expected in shown
        assert "||" not in shown and "Example" not in shown
        assert len(shown) < 500


class TestErrors:
    @pytest.mark.parametrize(
        "text",
        [
            "stages: [{conv: 8, kernle: 3}]\n",
            "stages:\n  stem:\n    conv: 8\n    kernle: 3\n",
            "stages: [{repeat: 2, body: [relu, {conv: 8, kernle: 3}]}]\n",
            "stages: [{skip: {body: {a: {conv: 8, kernle: 3}}}}]\n",
            "blocks: {unit: {body: {a: {conv: 8, kernle: 3}}}}\nstages: [unit]\n",
            "defaults: {conv: {kernle: 3}}\n",
        ],
    )
    def test_one_at_a_misspelt_argument(self, session: Session, text: str) -> None:
        whole = HEAD + text
        (error,) = session.open("net.yaml", whole)
        assert "kernle" in error["message"]
        line = whole[: whole.index("kernle")].count("\n")
        column = whole.splitlines()[line].index("kernle")
        assert error["range"]["start"] == {"line": line, "character": column}
        assert error["range"]["end"] == {"line": line, "character": column + len("kernle")}

    def test_one_at_each_of_two(self, session: Session) -> None:
        found = session.open("net.yaml", HEAD + "stages: [{conv: 8, kernle: 3, strid: 2}]\n")
        assert sorted(error["message"].split()[1] for error in found) == ["kernle", "strid"]

    def test_one_at_a_wrong_value(self, session: Session) -> None:
        (error,) = session.open("net.yaml", HEAD + "stages: [{conv: 8, kernel: -3}]\n")
        assert "minimum of 1" in error["message"]

    def test_none_in_what_a_schema_cannot_know(self, session: Session) -> None:
        text = (
            "stages:\n  - {unit: 8, dropout: 0.5}\n  - {unit: null, pad: 1}\n  - unit\n  - relu\n"
        )
        assert session.open("net.yaml", HEAD + text) == []

    @pytest.mark.parametrize("name", ["resnet50", "googlenet", "nasnetalarge", "swin_t"])
    def test_none_in_a_shipped_spec(self, session: Session, name: str) -> None:
        assert session.open(f"{name}.yaml", (packaged_folder() / f"{name}.yaml").read_text()) == []


def test_settings_name_the_schema_for_a_folder(tmp_path: Path) -> None:
    """As docs/editors.md has it: a path from the workspace, and a pattern."""
    shutil.copy(packaged_folder() / "archspec.schema.json", tmp_path)
    (tmp_path / "models").mkdir()
    schemas = {"./archspec.schema.json": ["models/**/*.yaml"]}
    text = "archspec: 1\nstages: [{conv: 8, kernle: 3}]\n"
    with Session(COMMAND, tmp_path, {"yaml": {**SETTINGS, "schemas": schemas}}) as session:
        (error,) = session.open("models/net.yaml", text)
        assert "kernle" in error["message"]
        assert session.open("net.yaml", text) == []
