"""Misspelt keys that would be read as the names of children."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache

from archspec.codes.spec import UNKNOWN_KEY
from archspec.connections import COMMON_KEYS, CONNECTIONS, Connection
from archspec.diagnostics import suggest
from archspec.syntax import Mapping, Scalar, Tree
from archspec.syntax import Sequence as ListTree

from .keys import BODY, BODY_KEYS, keys_of
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


def check_body(tree: Mapping) -> None:
    """Refuse what stands beside `body:` and is neither its key nor a child. Raises SpecError."""
    if BODY not in tree.entries:
        return
    for key, entry in tree.entries.items():
        meant = [known for known in BODY_KEYS if is_swap(key, known)]
        if meant or (key in BODY_KEYS and key != BODY and _is_number(entry.value)):
            strange = key if meant else _strange(tree)
            if strange:
                raise unknown_key(
                    strange, tree.entries[strange].key_span, [*BODY_KEYS, *COMMON_KEYS], BODY
                )


def _strange(tree: Mapping) -> str:
    """The first key that neither `body:` nor any node takes."""
    known = {*BODY_KEYS, *COMMON_KEYS}
    return next((key for key in tree.entries if key not in known), "")


def _is_number(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and type(tree.value) is int


def check_connection(tree: Mapping) -> None:
    """Refuse `{brnches: ..., merge: add}`, which would be two children. Raises SpecError.

    Only where all else that is said is the connection's: a child may be called nearly as one is.
    """
    near = {key: connections for key in tree.entries if (connections := _near(key))}
    if len(near) > _MOST_SLIPS:
        return
    for key, connections in near.items():
        value = tree.entries[key].value
        for connection in connections:
            fields = keys_of(connection)
            if connection.key in fields:
                others = [other for other in tree.entries if other != key]
                fits = _NEEDS[connection.key](value)
            else:  # `skip:` holds its keys
                others = list(value.entries) if isinstance(value, Mapping) else []
                fits = BODY in others and len(key) <= len(connection.key)
            known = fields.keys() | COMMON_KEYS.keys()
            needed = {f.alias or n for n, f in connection.declared().items() if f.required}
            given = {*others, connection.key}
            if fits and needed <= given and known >= set(others) and fields.keys() & set(others):
                raise UNKNOWN_KEY.error(
                    tree.entries[key].key_span,
                    f"a node has no key called `{key}`",
                    help=f"did you mean `{connection.key}`?",
                )


_MOST_SLIPS = 4
"""More children are called nearly as connections on purpose."""


def _is_loop(tree: Tree) -> bool:
    """Whether a value can only be that of `for:`: lists of numbers, or expressions."""
    if not isinstance(tree, Mapping):
        return False
    values = [entry.value for entry in tree.entries.values()]
    parts = [p for v in values for p in (v.items if isinstance(v, ListTree) else (v,))]
    return bool(parts) and all(_is_count(part) for part in parts)


def _is_count(tree: Tree) -> bool:
    """Whether a value is a number or an expression."""
    return is_dollar(tree) or (isinstance(tree, Scalar) and isinstance(tree.value, int | float))


def is_dollar(tree: Tree) -> bool:
    """Whether a value is an expression."""
    return isinstance(tree, Scalar) and isinstance(tree.value, str) and tree.value.startswith("$")


_NEEDS: dict[str, Callable[[Tree], bool]] = {
    "for": _is_loop,
    "repeat": _is_count,
    "branches": lambda tree: isinstance(tree, Mapping | ListTree),
    "dense": lambda tree: isinstance(tree, Mapping | ListTree),
    "choice": lambda tree: False,  # see `check_choice`
    "optional": lambda tree: False,
}
"""By connection, whether its key can have a value."""


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


def is_swap(word: str, meant: str) -> bool:
    """Whether a word is another one with two letters that stand side by side the other way round."""
    if len(word) != len(meant):
        return False
    apart = [n for n, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b]
    if len(apart) != 2 or apart[0] + 1 != apart[1]:
        return False
    return word[apart[0]] == meant[apart[1]] and word[apart[1]] == meant[apart[0]]
