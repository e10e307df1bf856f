"""Reading calls and connections: what stands beside the key that says what a node is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Mapping as MappingType
from itertools import chain
from typing import Any, cast

from archspec.codes.spec import (
    BAD_VALUE,
    MISSING_KEY,
    TWO_KINDS,
    UNKNOWN_KEY,
    UNKNOWN_OP,
)
from archspec.connections import (
    COMMON_KEYS,
    CONNECTIONS,
    Argument,
    Call,
    Choice,
    Common,
    Connection,
    Node,
    Optional,
    Reference,
    Sequence,
)
from archspec.connections.node import NOTHING
from archspec.diagnostics import Diagnostic, Span, SpecError, did_you_mean, suggest
from archspec.expressions import parse_value
from archspec.ops import catalogue
from archspec.ops.aliases import our_name
from archspec.syntax import Mapping, Scalar, Tree
from archspec.syntax import Sequence as ListTree

from .choices import (
    check_closed,
    checked_choice,
    node_options,
    open_reference,
    open_value,
    stands_open,
)
from .keys import keys_of
from .refusals import checked, unknown_key


def value(tree: Tree, key: str = "") -> Any:
    """Plain data with expressions in it: text that starts with `$` becomes an `Expression`, and a
    choice or a range an `OpenValue`; `key` is what the value stands at."""
    if isinstance(tree, Scalar):
        if isinstance(tree.value, str):
            return parse_value(tree.value, tree.span)
        return tree.value
    if isinstance(tree, ListTree):
        return tuple([value(item, f"{key}.{n}") for n, item in enumerate(tree.items)])
    if stands_open(tree):
        return open_value(tree, key, value)
    return {name: value(entry.value, f"{key}.{name}") for name, entry in tree.entries.items()}


def argument(tree: Tree, key: str = "") -> Argument:
    """A value and its place."""
    return Argument(value(tree, key), tree)


def references(tree: Tree, key: str = "") -> tuple[Reference, ...]:
    """One name, or a list of names; at a `key`, of inputs, some of them may be chosen."""
    items = tree.items if isinstance(tree, ListTree) else (tree,)
    found: list[Any] = []
    for number, item in enumerate(items):
        if key and isinstance(item, Mapping) and item.entries:
            found.append(open_reference(item, key, number if len(items) > 1 else None))
        elif isinstance(item, Scalar) and isinstance(item.value, str):
            found.append(Reference(parse_value(item.value, item.span), item.span))
        elif isinstance(item, Scalar) and type(item.value) is int:
            found.append(Reference(str(item.value), item.span))
        else:
            raise BAD_VALUE.error(
                item.span, "the name of a node was expected", help="for example `from: conv1`"
            )
    return tuple(found)


class Calls:
    """Reads calls and connections of one file; `blocks` are the blocks that it can see and their
    parameters. See `Reader`, which decides what a mapping is."""

    def __init__(
        self,
        blocks: MappingType[str, Collection[str]],
        shipped: Callable[[str], str | None] = lambda _block: None,
    ):
        self.blocks = blocks
        self.shipped = shipped
        self.ops = catalogue()
        self.problems: list[Diagnostic] = []
        """What could not be read so far; the rest of the file was."""
        self.refused: set[str] = set()
        """The names that a child cannot have; what is called so is read, for what else is wrong."""

    def is_kind(self, key: str) -> bool:
        """Whether a key can say what a node is."""
        return key in self.ops or key in self.blocks or key.startswith("$")

    def node(self, tree: Tree) -> Node:
        """A node of any kind."""
        raise NotImplementedError

    def named(self, tree: Tree) -> Sequence:
        """Children of which all keys are names."""
        raise NotImplementedError

    def arguments(self, kind: str) -> Collection[str]:
        """The arguments of an op or the parameters of a block."""
        if kind in self.blocks:
            return self.blocks[kind]
        return self.ops[kind].declared() if kind in self.ops else ()

    def unknown_op(self, name: str, span: Span) -> SpecError:
        """The error for a word that is neither an op nor a visible block."""
        for connection in CONNECTIONS:
            if connection.key == name:
                return UNKNOWN_KEY.error(
                    span,
                    f"what stands beside `{name}` does not belong to it",
                    help=f"it takes {', '.join(keys_of(connection))}",
                )
        known, library = our_name(name), self.shipped(name)
        if known is not None:
            help = f"it is `{known}` here"
        elif library is not None:
            help = f"archspec ships it: `import: {{{library}: [{name}]}}`"
        elif "." in name:
            help = (
                "a spec never names code; an own module becomes an op by a plugin: "
                "`--plugin file.py` or archspec.register(...)"
            )
        else:
            kinds = chain(self.ops, self.blocks, (c.key for c in CONNECTIONS))
            help = did_you_mean(name, kinds) or "`archspec ops` lists the ops"
        return UNKNOWN_OP.error(span, f"no op or block is called `{name}`", help=help)

    # -- connections ----------------------------------------------------------------------

    def _connection(self, connection: type[Connection], tree: Mapping) -> Connection:
        fields = keys_of(connection)
        data: dict[str, Any] = {}
        common = {}
        entries = tree.entries
        if connection.key not in fields:  # `skip:` holds its keys, the others stand beside them
            inner = entries[connection.key].value
            if not isinstance(inner, Mapping):
                raise MISSING_KEY.error(
                    inner.span,
                    f"`{connection.key}` needs `body`",
                    help=f"{connection.key}: {{body: ...}} takes {', '.join(fields)}",
                )
            common = {key: e for key, e in entries.items() if key != connection.key}
            for key, entry in common.items():
                if key not in COMMON_KEYS:
                    raise unknown_key(key, entry.key_span, [*fields, *COMMON_KEYS], connection.key)
            entries = inner.entries
        for key, entry in entries.items():
            read = fields.get(key)
            if read is not None:
                data[key] = self._field(read, entry.value, key)
            elif key in COMMON_KEYS:
                common[key] = entry
            else:
                raise unknown_key(key, entry.key_span, [*fields, *COMMON_KEYS], connection.key)
        node = checked(connection, data, tree)
        if isinstance(node, Choice | Optional):
            checked_choice(node, tree)
        return node.written(tree.span, self._common(common))

    def _field(self, read: str, tree: Tree, key: str) -> Any:
        if read == "node":
            if isinstance(tree, Scalar) and tree.value is None:
                return None
            node = self.node(tree)
            if isinstance(node, Choice | Optional):
                node.slot = key
            return node
        if read == "options":
            return node_options(tree, self)
        if read == "children":
            return self.named(tree)
        if read == "refs":
            return references(tree)
        if read == "value":
            return argument(tree, key)
        return value(tree)

    # -- calls ----------------------------------------------------------------------------

    def _call(self, kind: str, tree: Mapping) -> Call:
        entry = tree.entries[kind]
        key = parse_value(kind, entry.key_span)
        op = self.ops.get(kind) if kind not in self.blocks else None
        if op is not None and op.main_is_inputs and "from" in tree.entries:
            if not (isinstance(entry.value, Scalar) and entry.value.value is None):
                raise TWO_KINDS.error(
                    tree.entries["from"].key_span,
                    f"`{kind}:` names the inputs, and `from:` does so too",
                    help="say them once",
                )
        refs = main = None
        if op is not None and op.main_is_inputs:
            if not (isinstance(entry.value, Scalar) and entry.value.value is None):
                refs = references(entry.value, kind)
        elif not (isinstance(entry.value, Scalar) and entry.value.value is None):
            main = argument(entry.value, kind)
        args: dict[str, tuple[Span, Argument]] = {}
        common = {}
        unknown: list[Diagnostic] = []
        for name, other in tree.entries.items():
            if name == kind:
                continue
            if name in COMMON_KEYS and not (op is not None and name in op.declared()):
                common[name] = other
                continue
            if op is not None and name not in op.declared():
                unknown += unknown_key(
                    name, other.key_span, [*op.declared(), *COMMON_KEYS], kind
                ).diagnostics
                continue
            args[name] = (other.key_span, argument(other.value, name))
        if unknown:
            first = next(iter(tree.entries))
            if first != kind and first not in args and first not in common and op is not None:
                if not suggest(first, op.declared()):  # it comes first, as an op does
                    raise self.unknown_op(first, tree.entries[first].key_span)
            raise SpecError(*unknown)
        call = Call(
            cast(Any, key), entry.key_span, tree.span, main, args, self._common(common), refs
        )
        return call

    def _common(self, entries: dict[str, Any]) -> Common:
        if not entries:
            return NOTHING
        common = Common()
        if "from" in entries:
            common.from_ = references(entries["from"].value, "from")
        if "when" in entries:
            common.when = argument(entries["when"].value, "when")
            check_closed(common.when)
        if "else" in entries:
            if "when" not in entries:
                raise MISSING_KEY.error(
                    entries["else"].key_span, "`else` needs a `when`", help="when: $condition"
                )
            common.else_ = self.node(entries["else"].value)
        if "train_only" in entries:
            flag = value(entries["train_only"].value)
            if not isinstance(flag, bool):
                raise BAD_VALUE.error(
                    entries["train_only"].value.span, "`train_only` takes true or false"
                )
            common.train_only = flag
        if "loss_weight" in entries:
            common.loss_weight = argument(entries["loss_weight"].value, "loss_weight")
        if "init" in entries:
            common.init = argument(entries["init"].value, "init")
        return common
