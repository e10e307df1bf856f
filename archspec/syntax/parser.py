"""Reading YAML: from libyaml's events to the positioned tree, refusing as it goes.

Refused while reading, and so before they cost anything: tags, anchors, aliases, merge keys, second
documents, keys that are no text or come twice, control characters, and more depth, values or text
than a spec has. libyaml itself fails on some of these (30,000 open brackets end the process), which
is why depth is counted on its events and never on a tree of its making.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from archspec.codes.text import BAD_KEY, CONTROL, EMPTY, NO_SUCH_FEATURE, NOT_YAML, TOO_LARGE, TWICE
from archspec.diagnostics import Label, Source, Span

from .scalars import NUMERIC, WORDS, is_text, resolve
from .tree import Entry, Mapping, Scalar, Sequence, Tree

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 200_000


_WORDS = re.compile(r"([A-Za-z_][\w.-]*) ([{\[\w$])")
# U+0085, U+2028 and U+2029 end a line for libyaml and for no editor; U+FEFF is nothing one sees.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SUSPECT = frozenset((*WORDS, "<<"))
_Parser: Any = getattr(yaml, "CSafeLoader", None) or yaml.SafeLoader
_new: Callable[[type[Any], tuple[Any, ...]], Any] = tuple.__new__


def parse(source: Source) -> Tree:
    """The tree of a text. Raises SpecError with the place of what is wrong."""
    text = source.text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES or (
        not text.isascii() and len(text.encode(errors="replace")) > MAX_BYTES
    ):
        raise TOO_LARGE.error(Span(source, 1, 1, 1, 2), "the file is larger than 1 MiB")
    control = _CONTROL.search(text)
    if control is not None:
        _refuse_control(source, text, control.start())
    parser = _Parser(text)
    try:
        return _Reader(source, parser.get_event).read()
    except yaml.MarkedYAMLError as error:
        from .yaml_errors import sentence

        raise sentence(error, source) from None
    except (yaml.YAMLError, ValueError) as error:  # nothing known raises these any more
        raise NOT_YAML.error(Span(source, 1, 1, 1, 2), f"not well-formed: {error}") from None
    finally:
        parser.dispose()


def scalar_spans(source: Source) -> list[Span]:
    """Where the scalars of a text that can be read stand: a `#` in them begins no comment."""
    reader = _Reader(source, lambda: None)
    events = yaml.parse(source.text.removeprefix("\ufeff"), Loader=_Parser)
    return [reader.span(e) for e in events if isinstance(e, ScalarEvent) and e.value]


class _Reader:
    """One reading of one text."""

    def __init__(self, source: Source, get: Callable[[], Any]):
        self.source = source
        self.get = get
        self.count = 0

    def read(self) -> Tree:
        get = self.get
        get()  # the stream begins
        event = get()
        if type(event) is StreamEndEvent:
            raise EMPTY.error(
                Span(self.source, 1, 1, 1, 2),
                "the file is empty",
                help="begin it with `archspec: 1`",
            )
        if event.version not in (None, (1, 2)) or event.tags:
            self.refuse_directive(event)
        tree = self.node(get(), 1)
        get()  # the document ends
        event = get()
        if type(event) is not StreamEndEvent:
            raise NO_SUCH_FEATURE.error(
                self.span(event)._replace(end_line=event.start_mark.line + 1),
                "a second document begins here",
                help="one file is one spec",
            )
        if isinstance(tree, Scalar) and tree.value is None and not tree.quoted:
            raise EMPTY.error(tree.span, "the file is empty", help="begin it with `archspec: 1`")
        return tree

    # The three below are the hot path: a spec of 5,000 lines is 25,000 events. That is why spans
    # are made by `tuple.__new__`, and why scalars are made without a call of their own.

    def node(self, event: Any, depth: int) -> Tree:
        """The value that begins with `event`."""
        self.count += 1
        start, end = event.start_mark, event.end_mark
        span = _new(
            Span, (self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        )
        if event.anchor is not None or event.tag is not None:  # an alias has an anchor, always
            self.refuse(event, span)
        kind = type(event)
        if kind is ScalarEvent:
            if not event.style:
                return Scalar(resolve(event.value, span), span)
            if event.style == '"' and _CONTROL.search(event.value):
                raise CONTROL.error(span, "an escape for a control character")
            return Scalar(event.value, span, True)
        if depth > MAX_DEPTH:
            raise TOO_LARGE.error(
                span,
                f"more than {MAX_DEPTH} levels deep",
                help="what is nested so deep can be a block",
            )
        if kind is SequenceStartEvent:
            return self.sequence(span, depth + 1)
        return self.mapping(span, depth + 1)

    def sequence(self, span: Span, depth: int) -> Sequence:
        get, node = self.get, self.node
        items: list[Tree] = []
        while type(event := get()) is not SequenceEndEvent:
            items.append(node(event, depth))
            if self.count > MAX_NODES:
                self.refuse_count(items[-1].span)
        return Sequence(tuple(items), _closed(span, event, items[-1].span if items else None))

    def mapping(self, span: Span, depth: int) -> Mapping:
        get, node, source = self.get, self.node, self.source
        entries: dict[str, Entry] = {}
        value: Tree | None = None
        while type(event := get()) is not MappingEndEvent:
            start, end = event.start_mark, event.end_mark
            key_span = _new(
                Span, (source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
            )
            if type(event) is not ScalarEvent:
                self.refuse_key(event, key_span)
            key, style = event.value, event.style
            if event.anchor is not None or event.tag is not None:
                self.refuse(event, key_span)
            if not style:
                if (key in _SUSPECT or key[0] in NUMERIC) and not is_text(key):
                    self.refuse_key(event, key_span)
            elif style == '"' and _CONTROL.search(key):
                raise CONTROL.error(key_span, "an escape for a control character")
            if key in entries:
                raise TWICE.error(
                    key_span,
                    f"`{key}` is written twice",
                    labels=(Label(entries[key].key_span, "first here"),),
                    help="remove one of them, or rename it",
                )
            value = node(get(), depth)
            if (":" in key or " " in key) and not style:
                self.check_key(key, key_span, value.span[1:3] == value.span[3:5])
            entries[key] = _new(Entry, (key_span, value))
            if self.count > MAX_NODES:
                self.refuse_count(key_span)
        return Mapping(entries, _closed(span, event, None if value is None else value.span))

    # -- refusals -------------------------------------------------------------------------

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def refuse_directive(self, event: Any) -> NoReturn:
        """Refuse `%TAG`, and a version of YAML in which the same text means something else."""
        at = self.span(event)._replace(end_line=event.start_mark.line + 1)
        line = self.source.line(at.line).rstrip()
        raise NO_SUCH_FEATURE.error(
            at._replace(column=1, end_column=len(line) + 1),
            f"a directive (`{line}`)",
            help="remove the line: a spec is read as YAML 1.2",
        )

    def refuse(self, event: Any, span: Span) -> NoReturn:
        """Refuse an alias, an anchor or a tag."""
        one_line = span._replace(
            end_line=span.line,
            end_column=span.end_column if span.line == span.end_line else span.column + 1,
        )
        instead = "use a block or a parameter"
        if type(event) is AliasEvent:
            raise NO_SUCH_FEATURE.error(
                one_line, f"an alias (`*{event.anchor}`)", help=f"{instead}; quote it if it is text"
            )
        if event.anchor is not None:
            raise NO_SUCH_FEATURE.error(
                one_line,
                f"an anchor (`&{event.anchor}`)",
                help=f"{instead}; quote it if it is text",
            )
        raise NO_SUCH_FEATURE.error(
            one_line, f"a tag (`{event.tag}`)", help="text that begins with `!` needs quotes"
        )

    def refuse_key(self, event: Any, span: Span) -> NoReturn:
        """Refuse a key that is no text, or one that means more than itself."""
        if getattr(event, "anchor", None) is not None:
            self.refuse(event, span)
        if type(event) is not ScalarEvent:
            raise BAD_KEY.error(span, "a key is a name", help="`$` and `{` in a key need quotes")
        if event.value == "<<":
            raise NO_SUCH_FEATURE.error(
                span, "a merge key (`<<`)", help="use a block, or `extends:`"
            )
        if event.value == "":
            raise BAD_KEY.error(span, "a key was expected before the colon")
        raise BAD_KEY.error(
            span, f"the key `{event.value}` is no text", help=f'quote it: `"{event.value}"`'
        )

    def refuse_missing_space(self, key: str, span: Span) -> NoReturn:
        """Refuse `{kernel:7}`, which YAML reads as the key `kernel:7` without a value."""
        name = key[: key.index(":")]
        raise NOT_YAML.error(span, f"a space is missing after `{name}:`", help="write `key: value`")

    def check_key(self, key: str, span: Span, empty: bool) -> None:
        """Refuse `{conv:64}`, `{conv 64}` and `conv {...}`, in which YAML reads one key; empty: whether
        nothing stands at it."""
        if ":" in key and empty:
            self.refuse_missing_space(key, span)
        word = _WORDS.match(key)
        if word is None:
            return
        cut = any(key.count(a) != key.count(b) for a, b in ("{}", "[]"))
        at = span.end_column - 1
        if cut or (empty and self.source.line(span.end_line)[at : at + 100].lstrip()[:1] != ":"):
            end = span.column + len(word[1])
            raise NOT_YAML.error(
                span._replace(column=end, end_line=span.line, end_column=end + 1),
                f"a colon is missing after `{word[1]}`",
                help="write `key: value`",
            )

    def refuse_count(self, span: Span) -> NoReturn:
        raise TOO_LARGE.error(span, f"more than {MAX_NODES:,} values")


def _closed(span: Span, event: Any, last: Span | None) -> Span:
    """The span of a collection: to its bracket, or to its last value in block style."""
    end = event.end_mark
    if event.start_mark.index != end.index:
        line, column = end.line + 1, end.column + 1
    elif last is not None:
        line, column = last.end_line, last.end_column
    else:
        return span
    closed: Span = _new(Span, (span.source, span.line, span.column, line, column))
    return closed


def _refuse_control(source: Source, text: str, at: int) -> NoReturn:
    before = Source(source.name, text[:at])
    line = len(re.findall("\r\n|\r|\n", before.text)) + 1
    column = len(before.line(line)) + 1
    raise CONTROL.error(
        Span(source, line, column, line, column + 1),
        f"a control character (U+{ord(text[at]):04X})",
        help="remove it; it may not show in an editor",
    )
