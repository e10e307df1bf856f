"""The floors of the house: imports go down only, and everything below the backends needs no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import archspec

from .benchmarks.generated import SMALL
from .zoo.networks import KINDS, ZOO

PACKAGE = Path(archspec.__file__).parent

FLOORS: dict[str, int] = {
    "diagnostics": 0,
    "syntax": 1,
    "expressions": 1,
    "ops": 1,
    "fields": 0,
    "files": 0,
    "installed": 0,
    "connections": 2,
    "schema": 2,
    "names": 1,
    "expand": 3,
    "graph": 4,
    "schedule": 4,
    "analysis": 5,
    "lint": 5,
    "passes": 5,
    "backends": 6,
    "drawing": 6,
    "search": 7,
    "train": 7,
    "plugins": 6,
    "architecture": 8,
    "api": 8,
    "limits": 1,
    "reports": 9,
    "trials": 9,
    "checking": 10,
    "codes": 0,
    "cli": 11,
    "__main__": 11,
    "__init__": 8,
}
"""The floor of every room, from the ground up."""


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a file imports, wherever in the file it does so."""
    found = set()
    package = ["archspec", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            names = [".".join([*base, *([node.module] if node.module else [])])]
        for name in names:
            parts = name.split(".")
            if parts[0] == "archspec" and len(parts) > 1:
                found.add(parts[1])
    return found


FILES = sorted(p for p in PACKAGE.rglob("*.py") if "specs" not in p.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = room(path)
    assert own in FLOORS, f"{own} stands on no floor: say which in FLOORS"
    if own == "__init__":
        return
    for other in imported_rooms(path):
        allowed = FLOORS[other] <= FLOORS[own]
        assert allowed, f"{path.relative_to(PACKAGE)} (floor {FLOORS[own]}) imports {other}"


def test_no_two_rooms_of_the_compiler_need_each_other() -> None:
    needs: dict[str, set[str]] = {}
    for path in FILES:
        own = room(path)
        if FLOORS[own] <= 7:
            needs.setdefault(own, set()).update(imported_rooms(path) - {own})
    assert list(TopologicalSorter(needs).static_order())  # raises CycleError


BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "torch" or name.startswith("torch."):
            raise ImportError("torch is blocked")
sys.meta_path.insert(0, Block())
import archspec
from importlib import import_module
for name in MODULES:
    import_module(name)
for name in sys.argv[1:]:
    architecture = archspec.load(name)
    architecture.source()
    assert architecture.graph.number_of_nodes() > 10
    assert architecture.cost.params > 0
    assert archspec.validate(name) == [], name
assert "torch" not in sys.modules
print("fine")
"""


@pytest.mark.parametrize(
    "names", [KINDS, pytest.param(ZOO, marks=pytest.mark.slow)], ids=["kinds", "zoo"]
)
def test_the_zoo_is_checked_and_written_without_torch(names: list[str]) -> None:
    modules = [
        ".".join(["archspec", *path.relative_to(PACKAGE).with_suffix("").parts])
        for path in FILES
        if room(path) not in ("backends", "train", "__main__")
    ]
    code = f"MODULES = {modules!r}\n{BLOCKED}"
    command = [sys.executable, "-c", code, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stdout == "fine\n", done.stderr


HEAVY = ("torch", "numpy", "networkx", "pydantic", "pydantic_core", "rich", "graphviz", "xml")
"""What takes longer to import than a small spec to check."""


@pytest.mark.parametrize(
    ("args", "unwanted"),
    [
        (["--help"], (*HEAVY, "yaml", "archspec.diagnostics")),
        (["explain", "AS0302"], (*HEAVY, "yaml", "archspec.ops")),
        (["validate", "--no-cache", "small.yaml"], HEAVY),
        (["validate", "--no-cache", "resnet50"], HEAVY),
        (["train", "--help"], (*HEAVY, "lightning")),
    ],
    ids=lambda value: " ".join(value),
)
def test_commands_import_what_they_need(
    args: list[str], unwanted: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    code = (
        "import sys\nfrom archspec.cli import run\n"
        f"assert run({args!r}) == 0\n"
        f"print([m for m in {unwanted!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]"
