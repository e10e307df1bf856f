"""A program: a spec with everything that it extends and imports, read and joined.

Precedence is one rule: the nearer file wins, key by key. An extending spec's `params`, `let`,
`defaults`, `init` and `outputs` go over those of its base; `expect` is not inherited, since a
contract speaks of one network; two blocks of one name are an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archspec.codes.spec import (
    CYCLE,
    MISSING_KEY,
    NO_SUCH_BLOCK,
    NO_SUCH_NODE,
    TWO_BLOCKS,
    UNKNOWN_PARAM,
)
from archspec.connections import Argument, Block, Item, Reference, Sequence
from archspec.connections.node import Node
from archspec.diagnostics import Diagnostic, Source, Span, SpecError, did_you_mean, think_anew
from archspec.expressions import names_of
from archspec.files import packaged_folder
from archspec.schema import Reader, Spec, read_spec
from archspec.schema.spec import check_header
from archspec.syntax import Mapping as MappingTree
from archspec.syntax import Scalar, Tree

from .files import (
    called,
    library_with,
    locate,
    open_source,
    parsed,
    shipped,
)

MAX_FILES = 64
MAX_CHAIN = 16


@dataclass(slots=True)
class File:
    """What nodes written in one file can see: blocks by name and arguments by default."""

    blocks: dict[str, Block]
    defaults: dict[str, dict[str, Argument]]
    reader: Reader
    problems: tuple[Diagnostic, ...] = ()


@dataclass(slots=True)
class Program:
    """A whole network as written: the merged keys of its files."""

    name: str
    description: str
    source: Source
    span: Span
    origin: str = ""
    params: dict[str, Argument] = field(default_factory=dict)
    let: dict[str, Argument] = field(default_factory=dict)
    input: Argument | None = None
    init: dict[str, Argument] = field(default_factory=dict)
    stages: Sequence | None = None
    outputs: dict[str, Reference] | None = None
    expect: dict[str, Argument] = field(default_factory=dict)
    require: dict[str, Argument] = field(default_factory=dict)
    files: dict[Source, File] = field(default_factory=dict)
    tree: Tree | None = None
    """The file as written, without those that it extends."""
    lineage: tuple[Source, ...] = ()
    """The file and those that it extends, the farthest first."""
    paths: dict[Path, Source] = field(default_factory=dict)
    """Where the texts were read."""
    choices: tuple[Any, ...] | None = None
    """What the files leave open, as written; see `deciding.written_choices`."""

    def read_node(self, tree: Tree) -> Node:
        """A node that stands where a value was expected, such as `act: {leaky_relu: 0.1}`."""
        reader = self.files[tree.span.source].reader
        known = len(reader.problems)
        node = reader.node(tree)
        if len(reader.problems) > known:
            raise SpecError(*reader.problems[known:])
        return node

    @property
    def is_network(self) -> bool:
        """Whether the spec is one of a network, and no library of blocks."""
        return (
            self.stages is not None or self.input is not None or not self.files[self.source].blocks
        )

    @property
    def problems(self) -> list[Diagnostic]:
        """What could not be read of the files; the rest is there."""
        return [problem for file in self.files.values() for problem in file.problems]


class Loader:
    """Reads a spec's files, each once."""

    def __init__(self, root: Path | None):
        self.root = root
        self.blocks: dict[Path, tuple[dict[str, Block], Source, Tree]] = {}
        self.files: dict[Source, File] = {}
        self.paths: dict[Path, Source] = {}
        self.opened = 0
        think_anew()

    def load(
        self, source: Source, path: Path | None, root: Path | None, chain: tuple[Path, ...] = ()
    ) -> Program:
        """The program of one file and its bases."""
        tree = check_header(parsed(source))
        imported = self._imports(tree, path, root, chain)
        base = None
        if "extends" in tree.entries:
            entry = tree.entries["extends"].value
            base = self._extends(entry, path, root, chain)
            base_file = self.files[base.source]
            visible = {**base_file.blocks, **imported}
        else:
            visible = dict(imported)
        spec = read_spec(tree, {n: tuple(b.params) for n, b in visible.items()}, library_with)
        self._check_blocks(spec, visible, imported)
        defaults = dict(self.files[base.source].defaults) if base is not None else {}
        for op, arguments in spec.file.defaults.items():
            defaults[op] = {**defaults.get(op, {}), **arguments}
        self.files[source] = File(
            {**visible, **spec.file.blocks}, defaults, spec.reader, tuple(spec.reader.problems)
        )
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

    # -- other files ----------------------------------------------------------------------

    def _open(
        self, entry: Any, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> tuple[Source, Path, Path]:
        name = getattr(entry, "value", None)
        if not isinstance(name, str):
            raise MISSING_KEY.error(entry.span, "the name of a file was expected")
        found, inside = locate(name, entry.span, path, root)
        return self._read(name, found, inside, entry.span, chain), found, inside

    def _read(
        self, name: str, found: Path, inside: Path, span: Span, chain: tuple[Path, ...]
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

    def _extends(
        self, entry: Any, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> Program:
        source, found, inside = self._open(entry, path, root, chain)
        return self.load(source, found, inside, (*chain, found))

    def _imports(
        self, tree: Any, path: Path | None, root: Path | None, chain: tuple[Path, ...]
    ) -> dict[str, Block]:
        if "import" not in tree.entries:
            return {}
        spec = tree.entries["import"].value
        visible: dict[str, Block] = {}
        if not hasattr(spec, "entries"):
            raise MISSING_KEY.error(
                spec.span,
                "`import` takes a mapping of files to blocks",
                help="import: {blocks.yaml: [my_block]}",
            )
        for name, entry in spec.entries.items():
            found, inside = locate(name, entry.key_span, path, root)
            blocks = self._library(name, found, inside, entry.key_span, chain)
            for theirs, ours, span in _wanted(entry.value):
                if theirs not in blocks:
                    raise NO_SUCH_BLOCK.error(
                        span,
                        f"`{name}` has no block called `{theirs}`",
                        help=did_you_mean(theirs, blocks)
                        or f"it has {', '.join(blocks) or 'no blocks'}",
                    )
                if ours in visible and visible[ours] is not blocks[theirs]:
                    raise TWO_BLOCKS.error(span, f"two blocks are called `{ours}`")
                visible[ours] = blocks[theirs]
        return visible

    def _library(
        self, name: str, found: Path, inside: Path, span: Span, chain: tuple[Path, ...]
    ) -> Mapping[str, Block]:
        if found not in self.blocks:
            source = self._read(name, found, inside, span, chain)
            tree = check_header(parsed(source))
            visible = self._imports(tree, found, inside, (*chain, found))
            spec = read_spec(tree, {n: tuple(b.params) for n, b in visible.items()}, library_with)
            self._check_blocks(spec, visible, visible)
            self.files[source] = File(
                {**visible, **spec.file.blocks},
                spec.file.defaults,
                spec.reader,
                tuple(spec.reader.problems),
            )
            self.blocks[found] = (spec.file.blocks, source, tree)
        return self.blocks[found][0]

    @staticmethod
    def _check_blocks(
        spec: Spec, visible: Mapping[str, Block], imported: Mapping[str, Block]
    ) -> None:
        for name, block in spec.file.blocks.items():
            if name in visible:
                where = "imported" if name in imported else "in the extended spec"
                raise TWO_BLOCKS.error(block.span, f"`{name}` is also {where}")
            if name in spec.reader.ops:
                raise TWO_BLOCKS.error(
                    block.span,
                    f"`{name}` is an op of the catalogue",
                    help=f"call it `{name}_block`",
                )

    # -- joining --------------------------------------------------------------------------

    @staticmethod
    def _plain(spec: Spec, source: Source, path: Path | None) -> Program:
        file = spec.file
        for key in ("replace", "insert", "remove"):
            if getattr(file, key):
                raise MISSING_KEY.error(spec.place(key), f"`{key}` needs `extends`")
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

    @staticmethod
    def _over(base: Program, spec: Spec, source: Source, path: Path | None) -> Program:
        file = spec.file
        used = names_in(spec.tree)
        for name in file.params:
            if name not in base.params and name not in used:
                raise UNKNOWN_PARAM.error(
                    spec.tree.entries["params"].value.entries[name].key_span,  # type: ignore[union-attr]
                    f"the extended spec has no parameter `{name}`, and nothing here uses it",
                    help=did_you_mean(name, base.params)
                    or f"it has {', '.join(base.params) or 'none'}",
                )
        stages = file.stages if file.stages is not None else base.stages
        if stages is not None:
            stages = _edited(stages, spec)
        return Program(
            name=file.name or (path.stem if path is not None else base.name),
            description=file.description or base.description,
            source=source,
            span=spec.span,
            origin=file.source or base.origin,
            params={**base.params, **file.params},
            let={**base.let, **file.let},
            input=file.input or base.input,
            init={**base.init, **file.init},
            stages=stages,
            outputs=file.outputs or base.outputs,
            expect=file.expect,
            require={**base.require, **file.require},
        )


def _wanted(tree: Any) -> list[tuple[str, str, Span]]:
    """(their name, our name, place) for what an import asks for."""
    if hasattr(tree, "entries"):
        return [(k, _name_of(e.value), e.key_span) for k, e in tree.entries.items()]
    items = getattr(tree, "items", (tree,))
    return [(_name_of(i), _name_of(i), i.span) for i in items]


def _name_of(tree: Tree) -> str:
    """The name of a block, where one is to stand."""
    value = getattr(tree, "value", None)
    if not isinstance(value, str):
        raise MISSING_KEY.error(
            tree.span, "the name of a block was expected", help="import: {blocks.yaml: [my_block]}"
        )
    return value


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


class _Edit:
    """What `replace`, `remove` and `insert` say about the node at one path."""

    def __init__(self, span: Span, shown: str):
        self.span = span
        self.shown = shown
        self.node: Node | None = None
        self.removed = False
        self.before: list[Item] = []
        self.after: list[Item] = []


def _edited(stages: Sequence, spec: Spec) -> Sequence:
    """The stages with the nodes of `replace`, `insert` and `remove`; every path is as the extended
    spec has it, whatever the other edits do."""
    edits: dict[tuple[str, ...], _Edit] = {}
    places = spec.tree.entries
    for path, node in spec.file.replace.items():
        span = places["replace"].value.entries[path].key_span  # type: ignore[union-attr]
        edits.setdefault(tuple(path.split(".")), _Edit(span, path)).node = node
    for reference in spec.file.remove:
        shown = str(reference.name)
        edits.setdefault(tuple(shown.split(".")), _Edit(reference.span, shown)).removed = True
    for path, insert in spec.file.insert.items():
        *parents, name = path.split(".")
        at = (*parents, insert.anchor)
        edit = edits.setdefault(at, _Edit(insert.span, insert.anchor))
        (edit.after if insert.after else edit.before).append(Item(name, insert.span, insert.node))
    return _edit(stages, (), edits)


def _edit(
    stages: Sequence, at: tuple[str, ...], edits: Mapping[tuple[str, ...], _Edit]
) -> Sequence:
    """The children of the node at a path, edited."""
    items: list[Item] = []
    names = []
    for number, item in enumerate(stages.items):
        name = str(number) if item.name is None else str(getattr(item.name, "text", item.name))
        names.append(name)
        path = (*at, name)
        edit = edits.get(path)
        if edit is not None:
            items += _beside(item, edit.before)
        if edit is None or not edit.removed:
            node = item.node if edit is None or edit.node is None else edit.node
            span = item.span if edit is None or edit.node is None else node.span
            below = [e for p, e in edits.items() if len(p) > len(path) and p[: len(path)] == path]
            if below:
                if not isinstance(node, Sequence):
                    raise NO_SUCH_NODE.error(below[0].span, f"`{name}` has no children as written")
                node = _edit(node, path, edits)
            items.append(Item(item.name, span, node))
        if edit is not None:
            items += _beside(item, edit.after)
    for path, edit in edits.items():
        if path[: len(at)] == at and path[len(at)] not in names:
            raise NO_SUCH_NODE.error(
                edit.span,
                f"the extended spec has no node `{edit.shown}`",
                help=did_you_mean(path[len(at)], names) or f"it has {', '.join(names)}",
            )
    return Sequence(tuple(items), stages.span, stages.common, stages.output, stages.register)


def _beside(item: Item, new: list[Item]) -> list[Item]:
    """New items for the scope of `item`: in a list they have no names."""
    return [i if item.name is not None else Item(None, i.span, i.node) for i in new]
