"""Reading choices: what a file leaves open, as a value, as a node or as inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from archspec.codes.spaces import BAD_CHOICE, MISPLACED, TOO_OPEN
from archspec.connections import (
    Argument,
    Broken,
    Choice,
    Loop,
    OpenReference,
    OpenValue,
    Optional,
    Options,
    Reference,
    is_open,
)
from archspec.connections.choice import MOST_OPTIONS, Option
from archspec.connections.node import NOTHING, Node
from archspec.diagnostics import Span, did_you_mean
from archspec.expressions import Expression, Template, parse_value
from archspec.syntax import Mapping, Scalar, Tree
from archspec.syntax import Sequence as ListTree

from .refusals import hint, shown, unknown_key

if TYPE_CHECKING:
    from .calls import Calls

_CHOICE = ("choice", "default", "shared")
_RANGE = ("range", "step", "log", "default", "shared")
_ENDS = ({"from", "to"}, {"min", "max"}, {"low", "high"}, {"start", "stop"}, {"start", "end"})


def check_closed(argument: Argument) -> None:
    """Refuse a choice in a value that no decision can be about. Raises SpecError."""
    if is_open(argument.value):
        raise MISPLACED.error(
            argument.span,
            "a choice cannot stand here",
            help="make it the default of a parameter, and read that: "
            "`params: {name: {choice: [...]}}`",
        )


def stands_open(tree: Tree) -> bool:
    """Whether a mapping is a choice or a range where a value is expected."""
    return isinstance(tree, Mapping) and ("choice" in tree.entries or "range" in tree.entries)


def of_values(tree: Tree, like_node: Callable[[Tree], bool]) -> bool:
    """Whether a mapping can only be a choice of values: a range, or a list in which no node stands."""
    if not isinstance(tree, Mapping):
        return False
    entry = tree.entries.get("choice")
    listed = entry is not None and isinstance(entry.value, ListTree)
    if listed and set(tree.entries) <= set(_CHOICE):
        return not all(map(like_node, entry.value.items))  # type: ignore[union-attr]
    return "range" in tree.entries and set(tree.entries) <= set(_RANGE)


def open_value(tree: Mapping, key: str, value: Callable[[Tree, str], Any]) -> OpenValue:
    """The choice or range that a mapping says where a value is expected. Raises SpecError."""
    if "range" in tree.entries:
        _check_keys(tree, "range", _RANGE)
        return _range(tree, key)
    _check_keys(tree, "choice", _CHOICE)
    inner = tree.entries["choice"].value
    if isinstance(inner, Mapping):
        ends = [getattr(entry.value, "value", None) for entry in inner.entries.values()]
        if set(inner.entries) in _ENDS and all(isinstance(end, int | float) for end in ends):
            raise BAD_CHOICE.error(
                inner.span,
                f"a choice lists its options, and `{'` and `'.join(inner.entries)}` look like ends",
                help=f"a range of numbers is `{{range: [{ends[0]}, {ends[1]}]}}`",
            )
        labels: tuple[Any, ...] = tuple(inner.entries)
        trees: tuple[Tree, ...] = tuple(entry.value for entry in inner.entries.values())
        options = tuple(
            Argument(value(t, f"{key}.{n}"), t) for n, t in zip(labels, trees, strict=True)
        )
    elif isinstance(inner, ListTree):
        trees = inner.items
        options = tuple(Argument(value(t, f"{key}.{n}"), t) for n, t in enumerate(trees))
        labels = tuple(_label(option.value) for option in options)
    else:
        raise BAD_CHOICE.error(
            inner.span,
            f"a list of values was expected, got {shown(inner)}",
            help="for example `{choice: [3, 5, 7]}`",
        )
    _check_options(labels, trees, inner.span)
    default = 0
    if "default" in tree.entries:
        entry = tree.entries["default"].value
        wanted = _label(value(entry, key))
        default = _position(wanted, labels, entry)
    shared = _flag(tree, "shared")
    return OpenValue(
        key,
        tree.span,
        "choice",
        labels,
        options,
        default=default,
        shared=shared,
        named=isinstance(inner, Mapping),
    )


def _flag(tree: Mapping, name: str) -> bool:
    """A key that says true or false; false where it is not there."""
    if name not in tree.entries:
        return False
    flag = tree.entries[name].value
    if not isinstance(flag, Scalar) or not isinstance(flag.value, bool):
        raise BAD_CHOICE.error(flag.span, f"`{name}` takes true or false, got {shown(flag)}")
    return flag.value


def _label(value: Any) -> Any:
    """An option as a reader knows it."""
    if isinstance(value, Expression | Template):
        return f"$({value.text})" if isinstance(value, Expression) else value.text
    if isinstance(value, tuple):
        return tuple(map(_label, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_label(inner)}" for name, inner in value.items())
    return f"a {value.kind}" if isinstance(value, OpenValue) else value


def _check_keys(tree: Mapping, owner: str, known: tuple[str, ...]) -> None:
    for name, entry in tree.entries.items():
        if name not in known:
            raise unknown_key(name, entry.key_span, known, owner)


def _check_options(labels: tuple[Any, ...], trees: tuple[Tree, ...], span: Span) -> None:
    if len(labels) < 2:
        raise BAD_CHOICE.error(
            span,
            f"a choice has two options or more, and here {'is one' if labels else 'are none'}",
            help="leave `choice` out, or add an option",
        )
    if len(labels) > MOST_OPTIONS:
        raise TOO_OPEN.error(span, f"a choice has at most {MOST_OPTIONS:,} options")
    seen: set[Any] = set()
    for label, tree in zip(labels, trees, strict=True):
        known = (type(label), label)
        if known in seen:
            raise BAD_CHOICE.error(
                tree.span, f"the option {shown(tree)} is there twice", help="leave one of them out"
            )
        seen.add(known)


def _position(wanted: Any, labels: tuple[Any, ...], tree: Tree) -> int:
    """Which option is meant by its label."""
    for number, label in enumerate(labels):
        if label == wanted and type(label) is type(wanted):
            return number
    words = [label for label in labels if isinstance(label, str)]
    listed = ", ".join(map(_written, labels[:20]))
    raise BAD_CHOICE.error(
        tree.span,
        f"the default {shown(tree)} is none of the options",
        help=(did_you_mean(wanted, words) if isinstance(wanted, str) else None)
        or f"they are {listed}",
    )


def _written(label: Any) -> str:
    if isinstance(label, bool):
        return "true" if label else "false"
    return f"[{', '.join(map(_written, label))}]" if isinstance(label, tuple) else str(label)


def _range(tree: Mapping, key: str) -> OpenValue:
    entry = tree.entries["range"].value
    bounds = entry.items if isinstance(entry, ListTree) else ()
    if len(bounds) != 2:
        raise BAD_CHOICE.error(
            entry.span,
            f"a range is a list of its two ends, got {shown(entry)}",
            help="for example `{range: [16, 64], step: 16}` or `{range: [0.1, 0.5]}`",
        )
    low, high = (_number(bound) for bound in bounds)
    if not low < high:
        raise BAD_CHOICE.error(
            entry.span, "the smaller end of a range stands first, then the larger"
        )
    whole = isinstance(low, int) and isinstance(high, int)
    log = _flag(tree, "log")
    given = _number(tree.entries["default"].value) if "default" in tree.entries else low
    if whole:
        return _whole(tree, key, int(low), int(high), given, log=log)
    if "step" in tree.entries:
        raise BAD_CHOICE.error(
            tree.entries["step"].key_span,
            "`step` is for ranges of whole numbers",
            help="a choice lists numbers: `{choice: [0.1, 0.2, 0.3]}`",
        )
    if log and low <= 0:
        raise BAD_CHOICE.error(bounds[0].span, "a range on a logarithmic scale begins above 0")
    if not low <= given <= high:
        raise BAD_CHOICE.error(
            tree.entries["default"].value.span, f"the default is not within {low} and {high}"
        )
    return OpenValue(
        key,
        tree.span,
        "float",
        low=float(low),
        high=float(high),
        log=log,
        default=float(given),
        shared=_flag(tree, "shared"),
    )


def _whole(tree: Mapping, key: str, low: int, high: int, given: float, *, log: bool) -> OpenValue:
    """A range of whole numbers, both ends included: its numbers are the options."""
    step: int | float = 1
    entry = tree.entries["range"].value
    if "step" in tree.entries:
        place = tree.entries["step"].value
        step = _number(place)
        if not isinstance(step, int) or step < 1:
            raise BAD_CHOICE.error(
                place.span, f"`step` is a whole number from 1 on, got {shown(place)}"
            )
        if step > high - low:
            raise BAD_CHOICE.error(place.span, f"from {low} on, a step of {step} is beyond {high}")
    if log:
        raise BAD_CHOICE.error(
            tree.entries["log"].key_span,
            "`log` is for ranges of numbers with a point",
            help=f"write `{low}.0`, or list whole numbers: `{{choice: [16, 32, 64]}}`",
        )
    count = (high - low) // int(step) + 1
    if count > MOST_OPTIONS:
        raise TOO_OPEN.error(
            entry.span,
            f"a range of {count:,} numbers, and {MOST_OPTIONS:,} is most",
            help="say a `step:`",
        )
    numbers = tuple(range(low, high + 1, int(step)))
    if given not in numbers:
        place = tree.entries["default"].value
        raise BAD_CHOICE.error(
            place.span, f"the default {shown(place)} is none of the numbers", help=_near(numbers)
        )
    options = tuple(Argument(number, entry) for number in numbers)
    return OpenValue(
        key,
        tree.span,
        "int",
        numbers,
        options,
        low=float(low),
        high=float(high),
        default=numbers.index(int(given)),
        shared=_flag(tree, "shared"),
    )


def _near(numbers: tuple[int, ...]) -> str:
    listed = ", ".join(map(str, numbers[:6]))
    return f"they are {listed}{', ...' if len(numbers) > 6 else ''}"


def _number(tree: Tree) -> int | float:
    value = tree.value if isinstance(tree, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BAD_CHOICE.error(
            tree.span,
            f"a number was expected, got {shown(tree)}",
            help=hint(tree, "a number was expected") or "a range says its ends as numbers",
        )
    return value


# -- nodes ----------------------------------------------------------------------------


def node_options(tree: Tree, reader: Calls) -> Options:
    """The options of a choice of nodes. Raises SpecError."""
    found = Options(_options(tree, reader))
    labels = tuple(option.label for option in found)
    _check_options(labels, tuple(_place(option) for option in found), tree.span)
    for option in found:
        check_option(option.node)
    return found


def _place(option: Option) -> Tree:
    return Scalar(option.label, option.span)


def _options(tree: Tree, reader: Calls) -> Iterator[Option]:
    if isinstance(tree, Mapping):
        for key, entry in tree.entries.items():
            if not key.isidentifier() and not key.isdecimal():
                raise BAD_CHOICE.error(
                    entry.key_span,
                    f"an option cannot be called `{key}`",
                    help="its name is made of letters, digits and _",
                )
            yield Option(key, reader.node(entry.value), entry.key_span)
    elif isinstance(tree, ListTree):
        for item in tree.items:
            if not (isinstance(item, Scalar) and isinstance(item.value, str)):
                raise BAD_CHOICE.error(
                    item.span,
                    f"a node to choose from has a name, and {shown(item)} has none",
                    help="write `{choice: {small: {conv: 8, kernel: 3}, ...}}`",
                )
            yield Option(item.value, reader.node(item), item.span)
    else:
        raise BAD_CHOICE.error(
            tree.span,
            f"nodes by name were expected, got {shown(tree)}",
            help="for example `{choice: {conv3: {conv: 8, kernel: 3}, pool: {max_pool: 3}}}`",
        )


def check_option(node: Node) -> None:
    """Refuse a node that would not be one node, under one name, in the place of a choice."""
    if isinstance(node, Broken):
        return
    if node.common is not NOTHING and node.common.when is not None:
        raise MISPLACED.error(
            node.common.when.span,
            "an option is there or not by being chosen, and has no `when` of its own",
            help="say `when:` beside `choice:`, or on the nodes inside",
        )
    if isinstance(node, Loop) and node.inline:
        raise MISPLACED.error(
            node.span,
            "an option is one node, and `inline` would make it several",
            help="leave `inline` out",
        )


def checked_choice(node: Choice | Optional, tree: Mapping) -> None:
    """Refuse a default that is no option, and what cannot be optional."""
    if isinstance(node, Optional):
        check_option(node.optional)
    elif node.default is not None:
        _position(node.default, node.labels, tree.entries["default"].value)


# -- inputs ---------------------------------------------------------------------------

_INPUTS = ("optional", "choice", "unused")


def open_reference(tree: Mapping, key: str, number: int | None) -> OpenReference:
    """Inputs that are chosen or left over. Raises SpecError."""
    kinds = [name for name in tree.entries if name in _INPUTS]
    if len(kinds) != 1:
        name, entry = next(iter(tree.entries.items()))
        raise unknown_key(name, entry.key_span, _INPUTS, "an input")
    kind = kinds[0]
    _check_keys(tree, kind, (kind, "default", "shared") if kind != "unused" else (kind,))
    inner = tree.entries[kind].value
    names = tuple(_names(inner))
    default = 0
    if kind == "choice":
        labels = tuple(getattr(ref.name, "text", ref.name) for ref in names)
        if all(isinstance(ref.name, str) for ref in names):  # else they are counted when built
            _check_options(labels, tuple(Scalar(str(r.name), r.span) for r in names), inner.span)
        if "default" in tree.entries:
            wanted = tree.entries["default"].value
            said = getattr(wanted, "value", None)
            default = _position(str(said) if type(said) is int else said, labels, wanted)
    elif kind == "optional" and "default" in tree.entries:
        labels = ("present", "absent")
        place = tree.entries["default"].value
        default = _position(getattr(place, "value", None), labels, place)
    where = key if number is None or kind == "optional" else f"{key}.{number}"
    shared = _flag(tree, "shared")
    return OpenReference(where, tree.span, kind, names, default, shared)  # type: ignore[arg-type]


def _names(tree: Tree) -> Iterator[Reference]:
    for item in tree.items if isinstance(tree, ListTree) else (tree,):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield Reference(parse_value(item.value, item.span), item.span)
        elif isinstance(item, Scalar) and type(item.value) is int:
            yield Reference(str(item.value), item.span)
        else:
            raise BAD_CHOICE.error(
                item.span,
                f"the name of a node was expected, got {shown(item)}",
                help="for example `{optional: conv1}`",
            )


__all__ = [
    "check_closed",
    "checked_choice",
    "node_options",
    "of_values",
    "open_reference",
    "open_value",
    "stands_open",
]
