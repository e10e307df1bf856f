"""Misspelt keys that would be read as the names of children."""

from __future__ import annotations

from archspec.connections import CONNECTIONS
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
    for connection in CONNECTIONS:
        fields = keys_of(connection)
        within = connection.key not in fields  # `skip:` holds its keys
        beside = set() if within else {key for key in tree.entries if key in fields}
        if not (within or beside):
            continue
        for key, entry in tree.entries.items():
            inner = entry.value.entries if isinstance(entry.value, Mapping) else {}
            said = {k for k in inner if k in fields} if within else beside - {key}
            if said and key not in fields and _is_meant(key, connection.key, said):
                raise unknown_key(key, entry.key_span, [connection.key], "a node")


def _is_meant(word: str, key: str, said: set[str]) -> bool:
    """Whether a word is a misspelt key of a connection of which these fields are given. A child can
    be called `body`, and another one beside it nearly as a connection is."""
    if said == {BODY}:
        return word != key and sorted(word) == sorted(key)
    return is_slip(word, key)


def is_slip(word: str, meant: str) -> bool:
    """Whether a word has the letters of another one in another order, or one more or one less."""
    if len(word) == len(meant) and sorted(word) == sorted(meant):
        return word != meant
    longer, shorter = sorted((word, meant), key=len, reverse=True)
    if not word.isalpha() or len(longer) - len(shorter) != 1:
        return False
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))
