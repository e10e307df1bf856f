"""Reading: from the positioned tree of a file to nodes as written.

One rule decides what a mapping is: a key that names a connection, an op or a block says what the
node is; a mapping without such a key holds children by name.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from archspec.codes.spec import (
    NOT_A_NODE,
    TWO_KINDS,
    UNKNOWN_KEY,
)
from archspec.connections import (
    COMMON_KEYS,
    CONNECTIONS,
    Broken,
    Call,
    Connection,
    Item,
    Node,
    Sequence,
)
from archspec.connections.node import NOTHING
from archspec.diagnostics import Span, SpecError, suggest
from archspec.expressions import Template, parse_value
from archspec.names import check_name
from archspec.ops.aliases import our_name
from archspec.syntax import Entry, Mapping, Scalar, Tree
from archspec.syntax import Sequence as ListTree

from .calls import Calls, references
from .choices import (
    of_values,
    stands_open,
)
from .keys import BODY, BODY_KEYS, keys_of
from .misspelt import any_slip, check_body, check_choice, check_connection, is_dollar
from .refusals import shown


class Reader(Calls):
    """Reads the nodes of one file."""

    # -- nodes ----------------------------------------------------------------------------

    def node(self, tree: Tree) -> Node:
        """A node: one call, one connection, or children; what is wrong with it is a problem noted."""
        try:
            return self._node(tree)
        except SpecError as error:
            self.problems += error.diagnostics
            return Broken(tree.span, inline=isinstance(tree, Mapping) and "inline" in tree.entries)

    def _node(self, tree: Tree) -> Node:
        if isinstance(tree, Scalar):
            return self._word(tree)
        if isinstance(tree, ListTree):
            return self.children(tree)
        return self._mapping(tree)

    def children(self, tree: Tree) -> Sequence:
        """A list or a mapping that always holds children."""
        if isinstance(tree, ListTree):
            return Sequence(
                tuple(Item(None, item.span, self.node(item)) for item in tree.items), tree.span
            )
        if isinstance(tree, Mapping):
            common = {k: e for k, e in tree.entries.items() if k in COMMON_KEYS and k != "init"}
            items = tuple(
                self._item(key, entry) for key, entry in tree.entries.items() if key not in common
            )
            return Sequence(items, tree.span, self._common(common))
        raise NOT_A_NODE.error(
            tree.span,
            f"children by name or a list of nodes were expected, got {shown(tree)}",
            help="for example `[{conv: 64, kernel: 3}, relu]`",
        )

    def _item(self, key: str, entry: Entry) -> Item:
        try:
            name = _name(key, entry.key_span)
        except SpecError as error:
            self.problems += error.diagnostics
            node = self.node(entry.value)
            if "$" in key:
                return Item(None, entry.key_span, Broken(entry.key_span))
            self.refused.add(key)
            return Item(key, entry.key_span, node)
        return Item(name, entry.key_span, self.node(entry.value))

    def named(self, tree: Tree) -> Sequence:
        """Children of which all keys are names: nothing is said of the whole."""
        if isinstance(tree, Mapping) and tree.entries.keys() & COMMON_KEYS.keys() - {"init"}:
            raise self._among_children(tree)
        return self.children(tree)

    @staticmethod
    def _among_children(tree: Tree) -> SpecError:
        entries = tree.entries if isinstance(tree, Mapping) else {}
        key = next(key for key in entries if key in COMMON_KEYS and key != "init")
        return UNKNOWN_KEY.error(
            entries[key].key_span,
            f"`{key}` stands among children here, and is no name for one",
            help="indent it under the node that it is about",
        )

    def _word(self, tree: Scalar) -> Node:
        if not isinstance(tree.value, str):
            raise NOT_A_NODE.error(
                tree.span,
                f"a node was expected, got {shown(tree)}",
                help="write the op as a key, for example `{conv: 64, kernel: 3}`",
            )
        key = parse_value(tree.value, tree.span)
        if isinstance(key, str) and not self.is_kind(key):
            raise self.unknown_op(key, tree.span)
        return Call(cast(Any, key), tree.span, tree.span)

    def _mapping(self, tree: Mapping) -> Node:
        if not tree.entries:
            raise NOT_A_NODE.error(tree.span, "an empty mapping says nothing", help="`identity`?")
        node = self._one(tree)
        if node is not None:
            return node
        return self._body(tree) if _has_body(tree) else self._several(tree)

    def _one(self, tree: Mapping) -> Node | None:
        """The connection or the call that a mapping is, if it is one."""
        for connection in CONNECTIONS:
            if connection.key in tree.entries and self._is_connection(connection, tree):
                return self._connection(connection, tree)
        kinds = self._kinds(tree.entries)
        if len(kinds) == 1 and self._is_call(kinds[0], tree):
            return self._call(kinds[0], tree)
        return None

    def _several(self, tree: Mapping) -> Sequence:
        """The children that a mapping holds, where it is not meant for one node."""
        keys = tree.entries
        kinds = self._kinds(keys)
        if len(kinds) > 1 and not all(self._like_node(e.value) for e in keys.values()):
            first, second = kinds[0], kinds[1]
            raise TWO_KINDS.error(
                keys[second].key_span,
                f"both `{first}` and `{second}` say what this node is",
                help="two nodes are two list items: "
                f"[{{{first}: ...}}, {{{second}: ...}}]; children that carry these names stand "
                "under `body:`",
            )
        if not kinds:
            self._check_misspelt(tree)
        return self.children(tree)

    def _kinds(self, keys: Collection[str]) -> list[str]:
        """The keys that could say what a node is, less those that are arguments of another one
        (`dropout` in `{multi_head_attention: 8, dropout: 0.1}`)."""
        kinds = [key for key in keys if self.is_kind(key)]
        if len(kinds) > 1:
            if kinds[0].startswith("$") and kinds[0] == next(iter(keys)):
                return kinds[:1]  # what it takes is not known here
            for kind in kinds:
                takes = self.arguments(kind)
                if all(other == kind or other in takes for other in kinds):
                    return [kind]
        return kinds

    def _is_connection(self, connection: type[Connection], tree: Mapping) -> bool:
        """`dense` is a connection in `{dense: ..., repeat: 6}` and may be a child's name elsewhere."""
        fields = keys_of(connection)
        others = [key for key in tree.entries if key != connection.key and key not in COMMON_KEYS]
        if not others:  # alone it is no child's name, whatever is missing
            return True
        if connection.key not in fields:
            inner = tree.entries[connection.key].value
            return isinstance(inner, Mapping) and any(key in fields for key in inner.entries)
        return any(key in fields for key in others)

    def _is_call(self, kind: str, tree: Mapping) -> bool:
        """Whether the one key that could say what the node is does so, or is a child's name."""
        main = tree.entries[kind].value
        if of_values(main, self._like_node):
            return True
        others = [k for k in tree.entries if k != kind and k not in COMMON_KEYS]
        if kind.startswith("$"):
            return True
        if kind in self.blocks:  # or all are children, and one is called as its block is
            params = self.blocks[kind]
            if not others or any(key in params for key in others) or not self._like_node(main):
                return True
            slips = [key for key in others if self._is_argument(tree.entries[key].value, key)]
            if not isinstance(main, Mapping) and any_slip(slips, (*params, *COMMON_KEYS)):
                return True
            beside = [tree.entries[key].value for key in others]
            if all(map(self._like_node, beside)):
                return False
            words = all(self._like_node(v) or _is_word(v) for v in beside)
            return not words or any(suggest(key, params) for key in others)
        values = main.items if isinstance(main, ListTree) else (main,)
        if not self._like_node(main) or all(map(is_dollar, values)):
            return True  # `{reshape: [$rows, $columns]}`
        fields = self.ops[kind].declared()
        if self.ops[kind].main_is_inputs:
            return True
        return bool(others) and all(key in fields for key in others)

    @staticmethod
    def _is_argument(tree: Tree, key: str) -> bool:
        """Whether a value that may be a node may also be that of a misspelt parameter or common key."""
        value = is_dollar(tree) or (isinstance(tree, Mapping) and stands_open(tree))
        return value and len(key) >= _SHORTEST

    def _like_node(self, tree: Tree) -> bool:
        if isinstance(tree, Scalar):
            return isinstance(tree.value, str) and self.is_kind(tree.value)
        if isinstance(tree, ListTree):  # not all: one of them may be misspelt
            some = any(self._like_node(item) for item in tree.items)
            return some and not any(map(_is_no_node, tree.items))
        return bool(tree.entries)

    def _check_misspelt(self, tree: Mapping) -> None:
        """A mapping of children whose first value is no node is an op with a misspelt name."""
        check_choice(tree)
        check_body(tree)
        check_connection(tree)
        alone = sum(key not in COMMON_KEYS for key in tree.entries) == 1
        for key, entry in tree.entries.items():
            if key in COMMON_KEYS or isinstance(entry.value, Mapping):
                continue
            if isinstance(entry.value, ListTree):
                if any(map(_is_no_node, entry.value.items)):
                    raise self.unknown_op(key, entry.key_span)
                continue
            plain = isinstance(entry.value, Scalar) and not isinstance(entry.value.value, str)
            nothing = plain and entry.value.value is None  # type: ignore[union-attr]
            if plain and (not nothing or alone or our_name(key) is not None):
                raise self.unknown_op(key, entry.key_span)

    def _body(self, tree: Mapping) -> Node:
        entries = tree.entries
        inner = entries[BODY].value
        if isinstance(inner, Mapping):
            body = self._inner(inner)
        else:
            body = self.node(inner)
        common = self._common({k: e for k, e in entries.items() if k in COMMON_KEYS})
        output = references(entries["output"].value) if "output" in entries else None
        register = references(entries["register"].value) if "register" in entries else ()
        if isinstance(body, Sequence):
            if body.common is not NOTHING:
                raise self._among_children(inner)
            return Sequence(body.items, tree.span, common, output, register)
        if isinstance(body, Connection) and len(entries) == 1:
            return body
        return Sequence((Item(None, body.span, body),), tree.span, common, output, register)

    def _inner(self, tree: Mapping) -> Node:
        """Under an explicit `body:` a mapping holds children, unless it can only be one node."""
        kinds = self._kinds(tree.entries)
        sure = len(kinds) == 1 and (kinds[0].startswith("$") or kinds[0] in self.blocks)
        if sure and kinds[0] in self.blocks:  # what stands beside it can be meant for it
            others = [k for k in tree.entries if k != kinds[0] and k not in COMMON_KEYS]
            sure = not others or any(key in self.blocks[kinds[0]] for key in others)
        if sure and not isinstance(tree.entries[kinds[0]].value, Scalar):
            sure = False  # `{stem: {conv: 8}}` names a child as a block is called
        sure = sure or any(
            c.key in tree.entries and self._is_connection(c, tree) for c in CONNECTIONS
        )
        if not sure and all(self._like_node(e.value) for e in tree.entries.values()):
            return self.children(tree)
        node = self._one(tree)
        if node is not None:
            return node
        return self.children(tree) if _has_body(tree) else self._several(tree)


_SHORTEST = 4
"""A shorter word has too many near it."""


def _name(key: str, span: Span) -> str | Template:
    """The name of a child, checked where it is written."""
    name = parse_value(key, span)
    if isinstance(name, str):
        check_name(name, span)
    return cast(str | Template, name)


def _has_body(tree: Mapping) -> bool:
    """Whether a mapping says `body:`, and nothing that does not stand beside it."""
    keys = tree.entries
    return BODY in keys and all(key in BODY_KEYS or key in COMMON_KEYS for key in keys)


def _is_no_node(tree: Tree) -> bool:
    """Whether a value is a number, or true or false."""
    return isinstance(tree, Scalar) and isinstance(tree.value, int | float)


def _is_word(tree: Tree) -> bool:
    """Whether a value may be a misspelt op."""
    return isinstance(tree, Scalar) and isinstance(tree.value, str) and tree.value.isidentifier()
