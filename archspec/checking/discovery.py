"""Which specs to check: files, folders, globs, and what changed since a commit."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

from archspec.diagnostics import SpecError, UsageError

STDIN = "-"


class Found:
    """Specs in order, each once; and the YAML files that are none."""

    def __init__(self) -> None:
        self.specs: list[str] = []
        self.others: list[str] = []


def find_specs(
    names: Sequence[str], *, exclude: Iterable[str] = (), folder: Path, only_specs: bool = False
) -> Found:
    """The specs that `names` mean: files and shipped networks by name, folders, globs, `-`.

    exclude: patterns relative to `folder` for what a folder or a glob holds; a file that is named
    is taken. only_specs: for programs that name files: those that are excluded are passed over, and
    those that do not say `archspec:`. Raises UsageError where a name means no spec.
    """
    found = Found()
    patterns = tuple(exclude)
    for name in names:
        path = Path(name)
        if name != STDIN and path.is_dir():
            yaml = [str(p) for p in sorted(path.rglob("*")) if _is_yaml(p, path)]
            _search(found, yaml, patterns, folder, f"in {name}")
        elif glob.has_magic(name) and not os.path.lexists(name):
            matches = sorted(p for p in glob.glob(name, recursive=True) if os.path.isfile(p))
            if not matches:
                raise UsageError(f"no file matches {name}")
            _search(found, matches, patterns, folder, f"among what matches {name}")
        elif only_specs and path.is_file():
            _take(found, [] if _excluded(name, patterns, folder) else [name])
        else:
            found.specs.append(name)
    # a file that is named twice is one, however it is spelt
    found.specs = list({os.path.normpath(spec): spec for spec in reversed(found.specs)}.values())
    found.specs.reverse()
    return found


def _search(
    found: Found, files: list[str], patterns: tuple[str, ...], folder: Path, where: str
) -> None:
    """Take the specs among the files that a person did not name. Raises UsageError without any."""
    before = len(found.specs)
    _take(found, [file for file in files if not _excluded(file, patterns, folder)])
    if len(found.specs) == before and not (files and patterns):
        raise UsageError(f"no specs {where} (files that say `archspec: 1`)")


def changed_since(ref: str, specs: Iterable[str]) -> list[str]:
    """Those of the specs that have changed since a commit, or take in a file that has.

    What is not committed counts, and so does what git does not know yet. Where the branches have
    parted the commit is where they did. Raises UsageError where git cannot tell.
    """
    from archspec.api import read_program

    top = Path(_git(None, "rev-parse", "--show-toplevel").strip("\n"))
    _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", ref=ref)
    base = _git(top, "merge-base", "--end-of-options", ref, "HEAD", ref=ref).strip()
    listed = _git(top, "diff", "--name-only", "--no-ext-diff", "-z", base, "--")
    listed += _git(top, "ls-files", "--others", "--exclude-standard", "-z")
    changed = {os.path.realpath(top / name) for name in listed.split("\0") if name}
    chosen = []
    for spec in specs:
        if spec == STDIN or os.path.realpath(spec) in changed:
            chosen.append(spec)
            continue
        try:
            program = read_program(spec)
        except SpecError:
            chosen.append(spec)
            continue
        # with a fault, it may need a file that is gone
        if program.faults or any(os.path.realpath(path) in changed for path in program.paths):
            chosen.append(spec)
    return chosen


def _git(folder: Path | None, *args: str, ref: str | None = None) -> str:
    import subprocess

    command = ["git", "-c", "core.fsmonitor=false", *args]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    except OSError:
        raise UsageError("--changed-since needs git, which is not on the PATH") from None
    if done.returncode == 0:
        return os.fsdecode(done.stdout)
    said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
    if ref is None:
        raise UsageError(f"--changed-since: git says: {said}")
    if args[0] == "rev-parse":
        raise UsageError(
            f"--changed-since: git knows no commit `{ref}`; was it fetched? "
            "A shallow clone has few (`fetch-depth: 0`)"
        )
    raise UsageError(
        f"--changed-since: `{ref}` and HEAD have no commit in common here; a shallow clone "
        "has to fetch more (`fetch-depth: 0`)"
    )


def _take(found: Found, files: list[str]) -> None:
    for file in files:
        (found.specs if _is_spec(file) else found.others).append(file)


def _is_yaml(path: Path, folder: Path) -> bool:
    """Whether a file below a folder is YAML, and not in a folder that is hidden or holds what
    others wrote."""
    inside = path.relative_to(folder).parts
    others = any(part.startswith(".") or part == "node_modules" for part in inside)
    return path.suffix in (".yaml", ".yml") and path.is_file() and not others


def _excluded(path: str, patterns: tuple[str, ...], folder: Path) -> bool:
    return bool(patterns) and matches(path, patterns, folder)


def matches(path: str, patterns: Iterable[str], folder: Path) -> bool:
    """Whether one of the patterns means the file, or a folder that it is in."""
    inside = Path(os.path.relpath(path, folder)).as_posix()
    return any(fnmatch(inside, p) or fnmatch(inside, f"{p.rstrip('/')}/*") for p in patterns)


def _is_spec(path: str) -> bool:
    """Whether a YAML file has a key `archspec`."""
    try:
        with open(path, "rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return True  # checking it says what is wrong
    return any(line.startswith(b"archspec:") for line in head.replace(b"\r", b"\n").split(b"\n"))
