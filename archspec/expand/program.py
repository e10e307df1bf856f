"""A program: a spec with everything that it extends and imports, read and joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archspec.connections import Argument, Block, Reference, Sequence
from archspec.connections.node import Node
from archspec.diagnostics import Diagnostic, Source, Span, SpecError
from archspec.schema import Reader
from archspec.syntax import Tree


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
    declared: dict[str, Argument] = field(default_factory=dict)
    """The parameters of a base that an extending spec has set, as the base has them."""
    unsure: set[str] = field(default_factory=set)
    """The parameters that may have been meant by a misspelt one."""
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
    faults: list[Diagnostic] = field(default_factory=list)
    """What is wrong with how the files are joined."""

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
        read = (problem for file in self.files.values() for problem in file.problems)
        return [*self.faults, *read]
