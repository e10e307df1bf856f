"""Reading YAML: from libyaml's events to the positioned tree, refusing as it goes."""

from __future__ import annotations

from typing import Any

import yaml

from archspec.diagnostics import Source, Span, SpecError, rule

from .scalars import resolve
from .tree import Entry, Mapping, Scalar, Sequence, Tree

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 200_000

NOT_YAML = rule(
    "AS0101",
    "not YAML",
    "The text is not well-formed YAML.",
    wrong="archspec: 1\ninput: [3, 8, 8\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
EMPTY = rule(
    "AS0102",
    "an empty file",
    "A spec begins with its version: `archspec: 1`.",
    wrong="# nothing yet\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
TWICE = rule(
    "AS0103",
    "a key written twice",
    "A mapping has each key once; YAML readers silently keep the last.",
    wrong="archspec: 1\ninput: [3, 8, 8]\ninput: [3, 9, 9]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
NO_SUCH_FEATURE = rule(
    "AS0104",
    "a feature of YAML that specs do not have",
    "Specs have no tags, anchors, aliases, merge keys or second documents: blocks and parameters say "
    "the same, and say it visibly.",
    wrong="archspec: 1\ninput: &shape [3, 8, 8]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
TOO_LARGE = rule(
    "AS0105",
    "a file too large",
    "A file has at most 1 MiB, 200,000 values, and 64 levels.",
    wrong="archspec: 1\ninput: " + "[" * 70 + "]" * 70 + "\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
BAD_KEY = rule(
    "AS0106",
    "a key that is no text",
    "Keys are names.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: {[a, b]: relu}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: {a: relu}\n",
)

_Loader: Any = getattr(yaml, "CSafeLoader", None) or yaml.SafeLoader


def parse(source: Source) -> Tree:
    """The tree of a text. Raises SpecError with the place of what is wrong."""
    text = source.text
    if len(text) > MAX_BYTES:
        raise TOO_LARGE.error(Span(source, 1, 1, 1, 2), "the file is larger than 1 MiB")
    reader = _Reader(source)
    try:
        loader = _Loader(text.removeprefix("\ufeff"))
        try:
            return reader.read(loader)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise reader.yaml_error(error) from None
    except (yaml.YAMLError, ValueError) as error:
        raise reader.other_error(error) from None


class _Reader:
    def __init__(self, source: Source):
        self.source = source
        self.count = 0

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def read(self, loader: Any) -> Tree:
        get = loader.get_event
        get()  # the stream begins
        event = get()
        if isinstance(event, yaml.StreamEndEvent):
            raise EMPTY.error(
                Span(self.source, 1, 1, 1, 2),
                "the file is empty",
                help="begin it with `archspec: 1`",
            )
        tree = self.node(get, get(), 1)
        get()  # the document ends
        event = get()
        if not isinstance(event, yaml.StreamEndEvent):
            raise NO_SUCH_FEATURE.error(
                self.span(event), "a second document begins here", help="one file is one spec"
            )
        return tree

    def node(self, get: Any, event: Any, depth: int) -> Tree:
        self.count += 1
        if depth > MAX_DEPTH:
            raise TOO_LARGE.error(self.span(event), f"more than {MAX_DEPTH} levels deep")
        if self.count > MAX_NODES:
            raise TOO_LARGE.error(self.span(event), f"more than {MAX_NODES:,} values")
        kind = type(event)
        if kind is yaml.AliasEvent:
            raise NO_SUCH_FEATURE.error(
                self.span(event), f"an alias (`*{event.anchor}`)", help="use a block or a parameter"
            )
        if event.anchor is not None:
            raise NO_SUCH_FEATURE.error(
                self.span(event),
                f"an anchor (`&{event.anchor}`)",
                help="use a block or a parameter",
            )
        if event.tag is not None:
            raise NO_SUCH_FEATURE.error(
                self.span(event),
                f"a tag (`{event.tag}`)",
                help="a `!` at the beginning of text needs quotes",
            )
        span = self.span(event)
        if kind is yaml.ScalarEvent:
            if not event.style:
                return Scalar(resolve(event.value, span), span)
            return Scalar(event.value, span, True)
        if kind is yaml.SequenceStartEvent:
            items = []
            event = get()
            while type(event) is not yaml.SequenceEndEvent:
                items.append(self.node(get, event, depth + 1))
                event = get()
            return Sequence(tuple(items), self.closed(span, event, items))
        return self.mapping(get, span, depth)

    def mapping(self, get: Any, span: Span, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        event = get()
        while type(event) is not yaml.MappingEndEvent:
            key_span = self.span(event)
            if type(event) is not yaml.ScalarEvent:
                raise BAD_KEY.error(key_span, "a key is a name")
            if event.anchor is not None or event.tag is not None:
                raise NO_SUCH_FEATURE.error(key_span, "an anchor or a tag on a key")
            key = event.value
            if not event.style and key == "<<":
                raise NO_SUCH_FEATURE.error(
                    key_span, "a merge key (`<<`)", help="use a block, or `extends:`"
                )
            if key in entries:
                first = entries[key].key_span
                raise TWICE.error(
                    key_span, f"`{key}` is written twice", notes=(f"first in line {first.line}",)
                )
            entries[key] = Entry(key_span, self.node(get, get(), depth + 1))
            event = get()
        last = [entry.value for entry in entries.values()]
        return Mapping(entries, self.closed(span, event, last))

    def closed(self, span: Span, event: Any, items: list[Tree]) -> Span:
        """The span of a collection: to its bracket, or to its last value in block style."""
        end = event.end_mark
        if event.start_mark.index != end.index:
            return span._replace(end_line=end.line + 1, end_column=end.column + 1)
        if not items:
            return span
        inner = items[-1].span
        return span._replace(end_line=inner.end_line, end_column=inner.end_column)

    # -- errors ---------------------------------------------------------------------------

    def yaml_error(self, error: yaml.MarkedYAMLError) -> SpecError:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        span = Span(self.source, line, column, line, column + 1)
        problem = str(error.problem or error.context or "not well-formed")
        return NOT_YAML.error(
            span, _plain(problem, self.source, line), help=_way_out(problem, self.source.line(line))
        )

    def other_error(self, error: Exception) -> SpecError:
        position = getattr(error, "position", None)
        line = self.source.text.count("\n", 0, position) + 1 if position is not None else 1
        span = Span(self.source, line, 1, line, 2)
        return NOT_YAML.error(
            span,
            "a character that YAML does not allow",
            help="control characters have no place in a spec",
        )


def _plain(problem: str, source: Source, line: int) -> str:
    if "\\t" in problem or source.line(line).lstrip(" ").startswith("\t"):
        return "a tab where YAML takes spaces"
    known = {
        "mapping values are not allowed in this context": "a second colon in this line",
        "could not find expected ':'": "a colon is missing, or a space after it",
        "did not find expected ',' or ']'": "a list is not closed: `,` or `]` was expected",
        "did not find expected ',' or '}'": "a mapping is not closed: `,` or `}` was expected",
        "did not find expected key": "the indentation does not fit",
        "did not find expected '-' indicator": "the indentation does not fit",
    }
    return known.get(problem, f"not well-formed: {problem}")


def _way_out(problem: str, line: str) -> str | None:
    if "\t" in line:
        return "indent with spaces"
    if "mapping values" in problem:
        return "quote text that has a colon and a space in it"
    return None
