"""Loading: a spec with the files that it extends and imports.

Precedence is one rule: the nearer file wins, key by key. An extending spec's `params`, `let`,
`defaults`, `init` and `outputs` go over those of its base; `expect` is not inherited, since a
contract speaks of one network; two blocks of one name are an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from archspec.codes.contracts import UNKNOWN_CONTRACT
from archspec.codes.expressions import SYNTAX
from archspec.codes.spec import (
    BAD_NAME,
    CYCLE,
    MISSING_KEY,
    NO_SUCH_BLOCK,
    TWO_BLOCKS,
    UNKNOWN_KEY,
    UNKNOWN_PARAM,
)
from archspec.connections import Argument, Block, Broken
from archspec.diagnostics import (
    Diagnostic,
    Frame,
    Source,
    Span,
    SpecError,
    did_you_mean,
    listed,
    suggest,
    think_anew,
)
from archspec.expressions import names_of
from archspec.files import packaged_folder
from archspec.schema import Spec, read_spec
from archspec.schema.spec import check_header, misspelt_key, own_blocks
from archspec.syntax import Mapping as MappingTree
from archspec.syntax import Scalar, Tree

from .editing import edited
from .files import called, library_with, locate, open_source, parsed, shipped
from .overriding import each_cause, is_declared_anew
from .program import File, Program

MAX_FILES = 64
MAX_CHAIN = 16


class Loader:
    """Reads a spec's files, each once. It goes on where one of them is wrong: a block that cannot be
    had is there by its name, and what uses it waits in silence."""

    def __init__(self) -> None:
        self.blocks: dict[Path, Mapping[str, Block] | None] = {}
        self.files: dict[Source, File] = {}
        self.paths: dict[Path, Source] = {}
        self.opened = 0
        self.faults: list[Diagnostic] = []
        self.frames: tuple[Frame, ...] = ()  # where the file that is being read is asked for
        think_anew()

    def load(self, source: Source, path: Path | None, root: Path | None) -> Program:
        """The program of a file with all that it takes in. Raises SpecError where there is none."""
        try:
            program = self._load(source, path, root, () if path is None else (path,))
        except SpecError as error:
            raise SpecError(*each_cause((*self.faults, *error.diagnostics))) from None
        program.faults = self.faults
        return program

    def _load(
        self, source: Source, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> Program:
        """The program of one file and its bases."""
        tree = check_header(parsed(source))
        imported = self._imports(tree, path, root, chain)
        base = None
        visible = imported
        if "extends" in tree.entries:
            try:
                base = self._extends(tree.entries["extends"].value, path, root, chain)
            except SpecError as error:
                raise SpecError(*error.diagnostics, *_apart(tree, imported)) from None
            visible = {**self.files[base.source].blocks, **imported}
        if misspelt_key(tree, ("extends", "import")):
            raise SpecError(*_apart(tree, visible))  # among them that there is no such key
        spec = self._spec(tree, visible, imported)
        defaults = dict(self.files[base.source].defaults) if base is not None else {}
        for op, arguments in spec.file.defaults.items():
            defaults[op] = {**defaults.get(op, {}), **arguments}
        self.files[source] = self._file(spec, visible, defaults)
        if base is None:
            program = self._plain(spec, source, path)
            program.lineage = (source,)
        else:
            for older in base.lineage if spec.file.defaults else ():
                merged = dict(self.files[older].defaults)
                for op, arguments in spec.file.defaults.items():
                    merged[op] = {**merged.get(op, {}), **arguments}
                self.files[older] = replace(self.files[older], defaults=merged)
            program = self._over(base, spec, source, path)
            program.lineage = (*base.lineage, source)
        program.tree = tree
        program.files = self.files
        if path is not None:
            self.paths[path] = source
        program.paths = self.paths
        return program

    def _spec(
        self, tree: MappingTree, visible: Mapping[str, Block], imported: Mapping[str, Block]
    ) -> Spec:
        """What a file says where these blocks of others are visible."""
        spec = read_spec(tree, {n: _params(b) for n, b in visible.items()}, library_with)
        for name, block in spec.file.blocks.items():
            if name in visible:
                where = "imported" if name in imported else "in the extended spec"
                self._fault(TWO_BLOCKS.at(block.span, f"`{name}` is also {where}"))
            elif name in spec.reader.ops:
                self._fault(
                    TWO_BLOCKS.at(
                        block.span,
                        f"`{name}` is an op of the catalogue",
                        help=f"call it `{name}_block`",
                    )
                )
        return spec

    def _file(
        self,
        spec: Spec,
        visible: Mapping[str, Block],
        defaults: dict[str, dict[str, Argument]],
    ) -> File:
        problems = tuple([self._led(problem) for problem in spec.reader.problems])
        return File({**visible, **spec.file.blocks}, defaults, spec.reader, problems)

    def _fault(self, *found: Diagnostic) -> None:
        self.faults += map(self._led, found)

    def _led(self, found: Diagnostic) -> Diagnostic:
        """The finding with what led to its file."""
        return replace(found, stack=self.frames) if self.frames and not found.stack else found

    # -- other files ----------------------------------------------------------------------

    def _open(
        self, name: str, span: Span, found: Path, inside: Path, chain: tuple[Path, ...]
    ) -> Source:
        if found in chain:
            names = " -> ".join(p.name for p in (*chain[chain.index(found) :], found))
            raise CYCLE.error(span, f"files that need each other: {names}")
        self.opened += 1
        if self.opened > MAX_FILES or len(chain) > MAX_CHAIN:
            raise CYCLE.error(span, f"more than {MAX_FILES} files, or files {MAX_CHAIN} deep")
        if inside == packaged_folder():
            source = shipped(found)
        else:
            source = open_source(found, inside, called(name, span.source, found), span)
        self.paths[found] = source
        return source

    @contextmanager
    def _reading(self, span: Span, why: str) -> Iterator[None]:
        """What is found meanwhile is in a file that is asked for at `span`."""
        before = self.frames
        self.frames = (*before, Frame(span, why))
        try:
            yield
        except SpecError as error:
            raise SpecError(*map(self._led, error.diagnostics)) from None
        finally:
            self.frames = before

    def _extends(
        self, entry: Tree, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> Program:
        """What a spec extends. Where it cannot be had, little can be said of the spec itself."""
        name = getattr(entry, "value", None)
        if not isinstance(name, str):
            raise MISSING_KEY.error(entry.span, "the name of a file was expected")
        found, inside = locate(name, entry.span, path, root)
        source = self._open(name, entry.span, found, inside, chain)
        with self._reading(entry.span, "extended here"):
            return self._load(source, found, inside, (*chain, found))

    def _imports(
        self, tree: MappingTree, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> dict[str, Block]:
        """The blocks that a file imports; what is wrong with some is a fault noted."""
        if "import" not in tree.entries:
            return {}
        files = tree.entries["import"].value
        if not isinstance(files, MappingTree):
            raise MISSING_KEY.error(
                files.span,
                "`import` takes a mapping of files to blocks",
                help="import: {blocks.yaml: [my_block]}",
            )
        visible: dict[str, Block] = {}
        own = own_blocks(tree)
        for name, entry in files.entries.items():
            blocks: Mapping[str, Block] | None = None
            try:
                if self.opened <= MAX_FILES:  # that there are too many is said once
                    blocks = self._library(name, entry.key_span, path, root, chain)
            except SpecError as error:
                self._fault(*error.diagnostics)
            known = len(self.faults)
            asked = list(self._asked(entry.value))
            if len(self.faults) > known:  # which ones were meant is not known
                for other in (blocks or {}).keys() - own.keys():
                    visible.setdefault(
                        other, Block(other, entry.key_span, body=Broken(entry.key_span))
                    )
            for theirs, ours, span in asked:
                block = None if blocks is None else blocks.get(theirs)
                if block is None:
                    if blocks is not None:
                        self._fault(_no_block(name, blocks, theirs, span))
                    block = Block(theirs, span, body=Broken(span))
                    for meant in suggest(theirs, blocks or ()):
                        if meant not in own:
                            visible.setdefault(meant, block)
                if ours in visible and visible[ours] is not block:
                    self._fault(TWO_BLOCKS.at(span, f"two blocks are called `{ours}`"))
                visible[ours] = block
        return visible

    def _library(
        self, name: str, span: Span, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> Mapping[str, Block] | None:
        """The blocks of a file; None where all is said of why there are none."""
        found, inside = locate(name, span, path, root)
        if found not in self.blocks:
            source = self._open(name, span, found, inside, chain)
            blocks = None
            try:
                with self._reading(span, "imported here"):
                    tree = check_header(parsed(source))
                    visible = self._imports(tree, found, inside, (*chain, found))
                    spec = self._spec(tree, visible, visible)
                    self.files[source] = self._file(spec, visible, spec.file.defaults)
                    blocks = spec.file.blocks
            finally:
                self.blocks[found] = blocks
        return self.blocks[found]

    def _asked(self, tree: Tree) -> Iterator[tuple[str, str, Span]]:
        """(their name, our name, place) for what an import asks for."""
        names: list[tuple[str | None, Tree, Span]]
        if isinstance(tree, MappingTree):
            names = [(key, e.value, e.key_span) for key, e in tree.entries.items()]
        else:
            names = [(None, item, item.span) for item in getattr(tree, "items", (tree,))]
        for theirs, named, span in names:
            ours = getattr(named, "value", None)
            if isinstance(ours, str):
                yield theirs or ours, ours, span
                continue
            self._fault(
                MISSING_KEY.at(
                    named.span,
                    "the name of a block was expected",
                    help="import: {blocks.yaml: [my_block]}",
                )
            )

    # -- joining --------------------------------------------------------------------------

    def _plain(self, spec: Spec, source: Source, path: Path | None) -> Program:
        file = spec.file
        for key in ("replace", "insert", "remove"):
            if getattr(file, key):
                self._fault(MISSING_KEY.at(spec.place(key), f"`{key}` needs `extends`"))
        return Program(
            name=file.name or (path.stem if path is not None else "network"),
            description=file.description,
            source=source,
            span=spec.span,
            origin=file.source,
            params=file.params,
            let=file.let,
            input=file.input,
            init=file.init,
            stages=file.stages,
            outputs=file.outputs,
            expect=file.expect,
            require=file.require,
        )

    def _over(self, base: Program, spec: Spec, source: Source, path: Path | None) -> Program:
        file = spec.file
        try:
            used = names_in(spec.tree)
        except SpecError:  # what cannot be read is a problem of the file
            used = set(file.params)
        unsure = set(base.unsure)
        declared = dict(base.declared)
        for name in file.params.keys() & base.params.keys():
            if name not in declared or is_declared_anew(base.params[name]):
                declared[name] = base.params[name]
        for name in file.params:
            if name not in base.params and name not in used:
                unsure.update(suggest(name, base.params))
                self._fault(
                    UNKNOWN_PARAM.at(
                        spec.tree.entries["params"].value.entries[name].key_span,  # type: ignore[union-attr]
                        f"the extended spec has no parameter `{name}`, and nothing here uses it",
                        help=did_you_mean(name, base.params) or f"it has {listed(base.params)}",
                    )
                )
        stages = file.stages if file.stages is not None else base.stages
        if stages is not None:
            stages, wrong = edited(stages, spec)
            self._fault(*wrong)
        return Program(
            name=file.name or (path.stem if path is not None else base.name),
            description=file.description or base.description,
            source=source,
            span=spec.span,
            origin=file.source or base.origin,
            params={**base.params, **file.params},
            declared=declared,
            unsure=unsure,
            let={**base.let, **file.let},
            input=file.input or base.input,
            init={**base.init, **file.init},
            stages=stages,
            outputs=file.outputs or base.outputs,
            expect=file.expect,
            require={**base.require, **file.require},
        )


def _apart(tree: MappingTree, imported: Mapping[str, Block]) -> list[Diagnostic]:
    """What is wrong with a file whatever it extends, which cannot be had."""
    try:
        found = read_spec(tree, {n: _params(b) for n, b in imported.items()}).reader.problems
    except SpecError as error:
        found = list(error.diagnostics)
    return [problem for problem in found if problem.code in _OF_NO_BASE]


_OF_NO_BASE = {rule.code for rule in (BAD_NAME, SYNTAX, UNKNOWN_CONTRACT, UNKNOWN_KEY)}


def _no_block(file: str, blocks: Mapping[str, Block], name: str, span: Span) -> Diagnostic:
    return NO_SUCH_BLOCK.at(
        span,
        f"`{file}` has no block called `{name}`",
        help=did_you_mean(name, blocks) or f"it has {listed(blocks, 'no blocks')}",
    )


class _Anything(Collection[str]):
    """The parameters of a block of which nothing is known."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


_ANYTHING = _Anything()


def _params(block: Block) -> Collection[str]:
    """The parameters that a block takes."""
    unread = isinstance(block.body, Broken) and not block.params
    return _ANYTHING if unread else tuple(block.params)


def names_in(tree: Tree) -> set[str]:
    """The names that expressions anywhere in a tree read."""
    used: set[str] = set()
    stack: list[Tree] = [tree]
    while stack:
        part = stack.pop()
        kind = type(part)
        if kind is Scalar:
            text = part.value  # type: ignore[union-attr]
            if type(text) is str and "$" in text:
                used |= names_of(text, part.span)
        elif kind is MappingTree:
            for key, entry in part.entries.items():  # type: ignore[union-attr]
                if "$" in key:
                    used |= names_of(key, entry.key_span)
                stack.append(entry.value)
        else:
            stack += part.items  # type: ignore[union-attr]
    return used
