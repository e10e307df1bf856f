"""Which file a name means: relative to the spec within the project root, or packaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from archspec.codes.spec import NO_SUCH_SPEC, OUTSIDE_ROOT
from archspec.diagnostics import Source, Span, SpecError, did_you_mean, suggest
from archspec.files import packaged_folder
from archspec.schema.spec import own_blocks
from archspec.syntax import Tree, parse, read

PACKAGED = "archspec:"


@cache
def packaged() -> dict[str, Path]:
    """The shipped specs, search spaces and libraries by name."""
    folder = packaged_folder()
    found = {path.stem: path for path in sorted((folder / "library").glob("*.yaml"))}
    found |= dict(spaces())
    found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return found


def zoo() -> Iterator[tuple[str, Path]]:
    """The shipped networks by name."""
    for path in sorted(packaged_folder().glob("*.yaml")):
        yield path.stem, path


def spaces() -> Iterator[tuple[str, Path]]:
    """The shipped search spaces by name."""
    for path in sorted((packaged_folder() / "spaces").glob("*.yaml")):
        yield path.stem, path


def locate(name: str, span: Span, importing: Path | None, root: Path | None) -> tuple[Path, Path]:
    """The path that an `import:` or `extends:` means, and the root it must stay in."""
    if name.startswith(PACKAGED):
        key = name.removeprefix(PACKAGED)
        path = packaged().get(key)
        if path is None:
            raise NO_SUCH_SPEC.error(
                span,
                f"no packaged spec is called `{key}`",
                help=did_you_mean(key, packaged()) or "`archspec list` shows them",
            )
        return path, packaged_folder()
    if importing is None or root is None:
        raise NO_SUCH_SPEC.error(
            span,
            f"`{name}` is relative, and this spec is no file",
            help="use a packaged spec (`archspec:NAME`) or save the spec",
        )
    path = Path(os.path.normpath(importing.parent / name))
    if Path(name).is_absolute() or not path.is_relative_to(root):
        raise OUTSIDE_ROOT.error(
            span, f"`{name}` is outside the project root", help="copy the file into the project"
        )
    if not os.path.isfile(path) and not os.path.islink(path):  # no name makes these two raise
        beside = path.parent.glob("*.yaml") if os.path.isdir(path.parent) else ()
        stems = (other.stem for other in beside if other != importing)
        meant = suggest(path.stem, stems)  # all end alike, which says nothing
        folder = f"`{name}` is a folder: name a file in it" if os.path.isdir(path) else None
        raise NO_SUCH_SPEC.error(
            span,
            f"no such file: `{name}`",
            help=folder or (f"did you mean `{meant[0]}.yaml`?" if meant else None),
        )
    return path, root


@cache
def shipped(path: Path) -> Source:
    """The text of a shipped file, called as a spec calls it. It is read once: many specs need it."""
    return Source(f"{PACKAGED}{path.stem}", read(path, root=packaged_folder()).text)


def library_with(block: str) -> str | None:
    """The shipped library that has a block of this name: `archspec:residual`."""
    return _libraries().get(block)


@cache
def _libraries() -> dict[str, str]:
    """The blocks of the shipped libraries, and the first library that has each."""
    found: dict[str, str] = {}
    for path in sorted((packaged_folder() / "library").glob("*.yaml")):
        for block in own_blocks(parsed(shipped(path))):
            found.setdefault(block, f"{PACKAGED}{path.stem}")
    return found


def parsed(source: Source) -> Tree:
    """The tree of a text; that of a shipped file is made once."""
    return _parsed(source) if source.name.startswith(PACKAGED) else parse(source)


_parsed = lru_cache(maxsize=512)(parse)


def open_source(path: Path, root: Path, name: str, span: Span) -> Source:
    """The text of a file that a spec names at `span`, opened without following links."""
    try:
        return read(path, root, name)
    except SpecError as error:
        raise SpecError(
            *(replace(d, span=span) if d.span is None else d for d in error.diagnostics)
        ) from None


def called(name: str, importing: Source, path: Path) -> str:
    """What to call a file that another one names: as the user would from where that one was named."""
    if not os.path.splitext(importing.name)[1] or name.startswith(PACKAGED):
        return str(path)
    return os.path.normpath(os.path.join(os.path.dirname(importing.name), name))
