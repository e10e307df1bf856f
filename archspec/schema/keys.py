"""The keys of connections and of explicit bodies, and how what stands at them is read."""

from __future__ import annotations

from typing import Any

from archspec.connections import Connection
from archspec.connections.node import Read

BODY = "body"
BODY_KEYS = {
    "body": "children in order",
    "output": "the child whose output is the output",
    "register": "the children that come first in the state_dict, where that is not the order of flow",
}


def keys_of(connection: type[Connection]) -> dict[str, str]:
    """The keys of a connection and how each is read."""
    known = _KEYS.get(connection)
    if known is None:
        known = _KEYS[connection] = {}
        for name, field in connection.declared().items():
            known[field.alias or name] = how_read(field.annotation)
    return known


_KEYS: dict[type[Connection], dict[str, str]] = {}


def how_read(annotation: Any) -> str:
    """How a field is read; `ChildNode | None` keeps it inside the union."""
    for part in (annotation, *getattr(annotation, "__args__", ())):
        for note in getattr(part, "__metadata__", ()):
            if isinstance(note, Read):
                return note.kind
    return "plain"
