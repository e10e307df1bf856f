"""A report as Markdown, with its charts in files beside it."""

from __future__ import annotations

import re

from .document import (
    Block,
    Bullets,
    Chart,
    Code,
    Document,
    Heading,
    Link,
    Listing,
    Paragraph,
    Picture,
    Strong,
    Table,
    Text,
)

CHARTS = "report"
"""The folder of the charts, beside the report."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!@]|:(?=//)|(?<=www)\.)")
"""What would mean something, and what would make a link of an address."""


def write_markdown(document: Document) -> str:
    """The document as Markdown."""
    parts = [f"# {_escaped(document.title)}", _escaped(document.subtitle)]
    parts += [_block(block) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {_escaped(text)}"
        case Paragraph(text):
            return _text(text)
        case Bullets(items):
            return "\n".join(f"- {_text(item)}" for item in items)
        case Table():
            return _table(block)
        case Chart(name, says):
            return f"![{_escaped(says)}]({CHARTS}/{name}.svg)"
        case Picture(target, says):
            return f"![{_escaped(says)}]({target})"
        case Listing(title, text, language):
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
            body = text if text.endswith("\n") else f"{text}\n"
            return f"{_escaped(title)}:\n\n{fence}{language}\n{body}{fence}"


def _table(table: Table) -> str:
    head = [_escaped(text) or " " for text in table.head]
    rule = ["---:" if n in table.numbers else "---" for n in range(len(head))]
    rows = [head, rule, *([_text(cell) for cell in row] for row in table.rows)]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{_escaped(table.caption)}:\n\n{lines}" if table.caption else lines


def _text(text: Text) -> str:
    if isinstance(text, str):
        return _escaped(text)
    return "".join(_inline(part) for part in text)


def _inline(part: str | Code | Strong | Link) -> str:
    match part:
        case Code(text):
            return _code(text)
        case Strong(text):
            # Blanks at an end of what is strong would make it asterisks.
            return f"**{_escaped(text.strip())}**{' ' if text.endswith(' ') else ''}"
        case Link(text, target):
            return f"[{_escaped(text)}]({target})"
        case text:
            return _escaped(text)


def _code(text: str) -> str:
    """Code with a fence that is longer than any in it. A bar would end a cell even there."""
    line = _one_line(text)
    if "|" in line or not line.strip():
        return _escaped(line)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}"


def _escaped(text: str) -> str:
    """Text that means nothing but itself, in a line and in a cell of a table."""
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split("\n"))
