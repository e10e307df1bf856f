"""Misspelt keys that would be read as the names of children."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from archspec.connections import CONNECTIONS, Connection
from archspec.diagnostics import suggest
from archspec.syntax import Mapping, Scalar

from .keys import BODY, keys_of
from .refusals import unknown_key


def check_choice(tree: Mapping) -> None:
    """Refuse `{choise: {...}}`, which would be a child of that name. Raises SpecError."""
    if len(tree.entries) > 2:
        return
    meant = ["choice", "optional"]
    for key, entry in tree.entries.items():
        if isinstance(entry.value, Scalar) or not any(_close(key, word) for word in meant):
            continue
        near = suggest(key, meant)
        if near and _close(key, near[0]):
            raise unknown_key(key, entry.key_span, meant, "a node")


def _close(word: str, meant: str) -> bool:
    """Whether few letters differ: `options` is a good name for a child."""
    if abs(len(word) - len(meant)) > 1:
        return False
    if sorted(word.lower()) == sorted(meant):
        return True
    return len(set(word) ^ set(meant)) <= 2


def check_connection(tree: Mapping) -> None:
    """Refuse `{brnches: ..., merge: add}`, which would be two children. Raises SpecError."""
    for key, entry in tree.entries.items():
        for connection in _near(key):
            fields = keys_of(connection)
            if connection.key in fields:
                said = {k for k in fields if k in tree.entries and k != key}
            else:  # `skip:` holds its keys
                said = set(entry.value.entries if isinstance(entry.value, Mapping) else ())
                said &= fields.keys()
            swapped = len(key) == len(connection.key)
            # a child can be called `body`, and another one beside it nearly as a connection is
            if key not in fields and said and (swapped or said != {BODY}):
                raise unknown_key(key, entry.key_span, [connection.key], "a node")


@lru_cache(4096)
def _near(key: str) -> tuple[type[Connection], ...]:
    """The connections that a key may be meant for."""
    if len(key) > _LONGEST:
        return ()
    return tuple(connection for connection in CONNECTIONS if is_slip(key, connection.key))


_LONGEST = 2 + max(len(connection.key) for connection in CONNECTIONS)


def any_slip(words: Collection[str], meant: Collection[str]) -> bool:
    """Whether one of the words is a slip for one that is meant; among very many nobody looks."""
    if len(words) * len(meant) > _MOST_PAIRS:
        return False
    return any(is_slip(word, other) for word in words for other in meant)


_MOST_PAIRS = 10_000


def is_slip(word: str, meant: str) -> bool:
    """Whether a word has the letters of another one in another order, or one more or one less."""
    if len(word) == len(meant):
        return word != meant and sorted(word) == sorted(meant)
    longer, shorter = sorted((word, meant), key=len, reverse=True)
    if len(longer) - len(shorter) != 1 or not word.isalpha():
        return False
    at = next((n for n, letter in enumerate(shorter) if longer[n] != letter), len(shorter))
    return longer[at + 1 :] == shorter[at:]
