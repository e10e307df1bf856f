"""The document: what a report says, in an order, without any format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Code(NamedTuple):
    """A name or a command."""

    text: str


class Strong(NamedTuple):
    """What must not be overlooked."""

    text: str


class Link(NamedTuple):
    """A file beside the report."""

    text: str
    target: str


Inline = str | Code | Strong | Link
Text = str | Sequence[Inline]
"""A sentence. What is a plain string in it is text, whatever stands in it."""


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Paragraph:
    """quiet: a note, which is read after the rest."""

    text: Text
    quiet: bool = False


@dataclass(frozen=True)
class Bullets:
    items: Sequence[Text]


@dataclass(frozen=True)
class Table:
    """numbers: the columns, from 0, whose cells are numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[Text]]
    numbers: frozenset[int] = frozenset()
    caption: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawn chart. name: of its file. says: what can be seen in it, for who cannot see it. svg: as
    `paper.drawn` gives it, in no theme yet."""

    name: str
    says: str
    svg: str


@dataclass(frozen=True)
class Picture:
    """A finished picture in a file beside the report."""

    target: str
    says: str
    svg: bytes


@dataclass(frozen=True)
class Listing:
    """Text as it stands in a file."""

    title: str
    text: str
    language: str = ""


Block = Heading | Paragraph | Bullets | Table | Chart | Picture | Listing


@dataclass
class Document:
    """title: of the page. blocks: in order, each heading before what it is about."""

    title: str
    subtitle: str = ""
    blocks: list[Block] = field(default_factory=list)

    @property
    def charts(self) -> list[Chart]:
        return [block for block in self.blocks if isinstance(block, Chart)]


def plain(text: Text) -> str:
    """A sentence without what marks its parts."""
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else part.text for part in text)
