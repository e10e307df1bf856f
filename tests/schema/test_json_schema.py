"""The JSON Schema: it takes every shipped spec, and blames a typo precisely."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import archspec
from archspec.files import packaged_folder
from archspec.syntax import parse, plain, read

TYPO = {"conv": 64, "kernle": 3}
SPECS = sorted(packaged_folder().rglob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = archspec.json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_takes_every_shipped_spec(validator: Any, path: Path) -> None:
    assert list(validator.iter_errors(plain(parse(read(path))))) == []


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_every_shipped_spec_names_it_in_its_first_line(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    mark = "# yaml-language-server: $schema="
    assert first.startswith(mark)
    assert (path.parent / first.removeprefix(mark)).resolve().name == "archspec.schema.json"
    assert (path.parent / first.removeprefix(mark)).is_file()


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"conv": 64, "kernle": 3}, "'kernle' was unexpected"),
        ({"repeat": 3, "bdy": "relu", "names": "a"}, "'bdy' was unexpected"),
        ({"branches": ["relu"], "merge": "concat", "mrge": 1}, "'mrge' was unexpected"),
        ({"skip": {"body": ["relu"], "shortcutt": "relu"}}, "'shortcutt' was unexpected"),
    ],
)
def test_blames_a_misspelt_argument(validator: Any, node: Any, said: str) -> None:
    errors = list(validator.iter_errors({"archspec": 1, "stages": [node]}))
    assert [said in error.message for error in errors] == [True]


@pytest.mark.parametrize(
    "node",
    [
        {"a": {"c": TYPO}},
        {"branches": {"x": TYPO, "y": "relu"}, "merge": "concat"},
        {"skip": {"body": {"c": TYPO}}},
        {"skip": {"body": {"c": {"conv": 3}}, "shortcut": {"p": [TYPO]}}},
        {"repeat": 3, "body": {"c": TYPO}},
        {"for": {"n": [1, 2]}, "body": [{"x": {"c": TYPO}}]},
        {"dense": {"c": TYPO}, "repeat": 3},
        {"own_block": 3, "inner": TYPO},
        {"body": {"c": TYPO}, "output": "c"},
    ],
)
def test_blames_it_however_deep_it_stands(validator: Any, node: Any) -> None:
    for spec in (
        {"archspec": 1, "stages": {"s": node}},
        {"archspec": 1, "blocks": {"b": {"body": {"s": node}}}},
    ):
        errors = [e.message for e in validator.iter_errors(spec)]
        assert any("'kernle' was unexpected" in error for error in errors), errors


@pytest.mark.parametrize(
    "spec",
    [
        {"blocks": {"b": {"parms": {"w": 3}, "body": ["relu"]}}},
        {"expect": {"parms": 3}},
        {"init": {"covn": "zeros"}},
    ],
)
def test_refuses_unknown_keys(validator: Any, spec: Any) -> None:
    (error,) = validator.iter_errors({"archspec": 1, **spec})
    assert "was unexpected" in error.message


def test_refuses_an_unknown_key_at_the_top(validator: Any) -> None:
    (error,) = validator.iter_errors({"archspec": 1, "satges": []})
    assert "'satges' was unexpected" in error.message


def test_the_shipped_copy_is_current() -> None:
    # in a process of its own, since other tests add ops to the catalogue of this one
    done = subprocess.run(
        [sys.executable, "-m", "archspec", "schema"], capture_output=True, text=True, check=True
    )
    shipped = (packaged_folder() / "archspec.schema.json").read_text()
    assert shipped == done.stdout, "run `make docs`"


def test_has_a_name_that_stays() -> None:
    """Editors and catalogues know the schema by it; another version of the format has another."""
    assert archspec.json_schema()["$id"] == "urn:archspec:spec:1"


@pytest.mark.parametrize(
    "node",
    [
        {"my_block": 64, "dropout": 0.1},
        {"my_block": None, "pad": 1},
        {"skip": {"conv": 8, "kernel": 3}, "act": "relu"},
        {"conv": {"conv": 8, "kernel": 3}, "act": "relu"},
        {"repeat": "$n", "body": "relu"},
        {"relu": None},
        "my_block",
    ],
)
def test_leaves_open_what_it_cannot_know(validator: Any, node: Any) -> None:
    assert list(validator.iter_errors({"archspec": 1, "stages": {"a": node}})) == []


@pytest.mark.parametrize(
    "node",
    [
        {"conv": {"choice": [16, 32]}, "kernel": [{"choice": [1, 3]}, 3]},
        {"conv": {"range": [16, 64], "step": 16}, "kernel": {"choice": [3, 5], "default": 5}},
        {"choice": {"conv3": {"conv": 8, "kernel": 3}, "pool": {"max_pool": 3}}, "default": "pool"},
        {"choice": ["relu", "gelu"], "from": {"choice": ["a", "b"]}},
        {"optional": {"conv": 8, "kernel": 3}, "default": "absent", "shared": True},
        {"concat": ["a", {"optional": ["b", "c"]}, {"unused": "d"}]},
        {"repeat": {"choice": [1, 2]}, "body": "relu"},
        {"my_block": {"range": [16, 64]}, "kernel": {"choice": [3, 5], "default": 3}},
    ],
)
def test_takes_choices(validator: Any, node: Any) -> None:
    assert list(validator.iter_errors({"archspec": 1, "stages": [node]})) == []


@pytest.mark.parametrize(
    "node",
    [
        {"conv": {"choice": [16]}, "kernel": 3},
        {"conv": 8, "kernel": {"choise": [3, 5]}},
        {"conv": 8, "kernel": {"range": [3, 5], "setp": 2}},
        {"choice": {"conv3": {"conv": 8, "kernle": 3}, "pool": {"max_pool": 3}}},
        {"optional": "relu", "default": "gone"},
        {"concat": ["a", {"optionl": "b"}]},
        {"repeat": {"rnage": [1, 2]}, "body": "relu"},
    ],
)
def test_blames_a_misspelt_choice(validator: Any, node: Any) -> None:
    assert list(validator.iter_errors({"archspec": 1, "stages": [node]}))
