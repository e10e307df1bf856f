"""Packaging: what is declared once, and for every machine."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path

import pytest

import archspec

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_installed_command_is_the_command_line() -> None:
    try:
        installed = version("archspec")
    except PackageNotFoundError:
        pytest.skip("run from a checkout that is not installed")
    (command,) = entry_points(group="console_scripts", name="archspec")
    from archspec.cli import main

    assert command.load() is main
    assert installed == archspec.__version__


def test_the_shipped_specs_are_in_the_wheel_where_the_package_looks() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {"specs": "archspec/specs"}


def test_torch_is_an_extra() -> None:
    needed = " ".join(PROJECT["project"]["dependencies"])
    assert "torch" not in needed
    assert any(
        each.startswith("torch") for each in PROJECT["project"]["optional-dependencies"]["torch"]
    )


def test_the_malicious_releases_of_lightning_are_never_installed() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["train"]
    (wanted,) = (each for each in extra if each.startswith("lightning"))
    assert {"!=2.6.2", "!=2.6.3"} <= set(wanted.removeprefix("lightning").split(","))


@pytest.mark.parametrize("name", ["constraints.txt", "pyproject.toml", "Makefile", ".ci/run"])
def test_set_up_names_no_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|file://|--index|--find-links|\+cpu|\+cu\d", text)
    assert not re.search(r"(?<![\w.$(){}])/(home|root|opt|work|tmp|Users)/", text)


def test_everything_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", (ROOT / "README.md").read_text())
    assert links
    for link in links:
        target = ROOT / (link[0] or link[1])
        assert target.exists(), target
