"""A report as one HTML file: it opens from disk, runs no script, and asks nothing of anybody."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files

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
from .paper import for_page, variables

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_html(document: Document) -> str:
    """The document as a page."""
    style = (files(__package__) / "page.css").read_text(encoding="utf-8")
    title = escape(document.title)
    body = "\n".join(_block(block) for block in document.blocks)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ {variables(dark=False)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {variables(dark=True)} }} }}
{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="subtitle">{escape(document.subtitle)}</p>
{body}
</main>
</body>
</html>
"""


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Paragraph(text, quiet):
            return f"<p{_class('quiet' if quiet else '')}>{_text(text)}</p>"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"
        case Table():
            return _table(block)
        case Chart(name, says, svg):
            return f"<figure>{for_page(svg, name, says)}</figure>"
        case Picture(_target, says, svg):
            data = b64encode(svg).decode()
            return (
                f'<figure class="diagram"><img alt="{escape(says)}" '
                f'src="data:image/svg+xml;base64,{data}"></figure>'
            )
        case Listing(title, text):
            head = f"<summary>{escape(title)}</summary>"
            return (
                f"<details open>{head}<pre><code>{escape(_holdable(text))}</code></pre></details>"
            )


def _table(table: Table) -> str:
    def cells(tag: str, texts: Sequence[Text]) -> str:
        kinds = (_class("number" if n in table.numbers else "") for n in range(len(texts)))
        pairs = zip(kinds, texts, strict=True)
        return "".join(f"<{tag}{kind}>{_text(text)}</{tag}>" for kind, text in pairs)

    caption, label = "", ""
    if table.caption:
        caption = f'<p class="caption">{escape(table.caption)}</p>'
        label = f' aria-label="{escape(table.caption)}"'
    head = f"<thead><tr>{cells('th', table.head)}</tr></thead>" if any(table.head) else ""
    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    body = f"<table{label}>{head}<tbody>{rows}</tbody></table>"
    return f'{caption}<div class="wide">{body}</div>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _text(text: Text) -> str:
    if isinstance(text, str):
        return escape(_holdable(text))
    return "".join(_inline(part) for part in text)


def _inline(part: str | Code | Strong | Link) -> str:
    match part:
        case Code(text):
            return f"<code>{escape(_holdable(text))}</code>"
        case Strong(text):
            return f"<strong>{escape(_holdable(text))}</strong>"
        case Link(text, target):
            return f'<a href="{escape(target)}">{escape(_holdable(text))}</a>'
        case text:
            return escape(_holdable(text))


def _holdable(text: str) -> str:
    """Text that a file can hold: no lone surrogates."""
    return text.encode("utf-8", "replace").decode()
