"""Editing: what `replace`, `insert` and `remove` make of the stages of an extended spec."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.codes.spec import NO_SUCH_NODE
from archspec.connections import Broken, Item, Sequence
from archspec.connections.node import Node
from archspec.diagnostics import Diagnostic, Span, did_you_mean, listed
from archspec.schema import Spec


class _Edit:
    """What `replace`, `remove` and `insert` say about the node at one path."""

    def __init__(self, span: Span, shown: str):
        self.span = span
        self.shown = shown
        self.node: Node | None = None
        self.removed = False
        self.before: list[Item] = []
        self.after: list[Item] = []


def edited(stages: Sequence, spec: Spec) -> tuple[Sequence, list[Diagnostic]]:
    """The stages with the nodes of `replace`, `insert` and `remove`, and what cannot be done of it;
    every path is as the extended spec has it, whatever the other edits do."""
    edits: dict[tuple[str, ...], _Edit] = {}
    places = spec.tree.entries
    for path, node in spec.file.replace.items():
        span = places["replace"].value.entries[path].key_span  # type: ignore[union-attr]
        edits.setdefault(tuple(path.split(".")), _Edit(span, path)).node = node
    for reference in spec.file.remove:
        shown = str(reference.name)
        edits.setdefault(tuple(shown.split(".")), _Edit(reference.span, shown)).removed = True
    for path, insert in spec.file.insert.items():
        *parents, name = path.split(".")
        at = (*parents, insert.anchor)
        edit = edits.setdefault(at, _Edit(insert.span, insert.anchor))
        (edit.after if insert.after else edit.before).append(Item(name, insert.span, insert.node))
    wrong: list[Diagnostic] = []
    return _edit(stages, (), edits, wrong), wrong


def _edit(
    stages: Sequence,
    at: tuple[str, ...],
    edits: Mapping[tuple[str, ...], _Edit],
    wrong: list[Diagnostic],
) -> Sequence:
    """The children of the node at a path, edited. edits: those below that path."""
    of_child: dict[str, dict[tuple[str, ...], _Edit]] = {}
    for path, edit in edits.items():
        of_child.setdefault(path[len(at)], {})[path] = edit
    items: list[Item] = []
    names = []
    for number, item in enumerate(stages.items):
        name = str(number) if item.name is None else str(getattr(item.name, "text", item.name))
        names.append(name)
        path = (*at, name)
        below = dict(of_child.get(name, {}))
        own = below.pop(path, None)
        if own is not None:
            items += _beside(item, own.before)
        if own is None or not own.removed:
            node = item.node if own is None or own.node is None else own.node
            span = item.span if own is None or own.node is None else node.span
            if below and isinstance(node, Sequence):
                node = _edit(node, path, below, wrong)
            elif not isinstance(node, Broken):  # of that one all is said
                said = f"`{name}` has no children as written"
                wrong += [NO_SUCH_NODE.at(edit.span, said) for edit in below.values()]
            items.append(Item(item.name, span, node))
        else:
            said = f"`{name}` is removed"
            wrong += [NO_SUCH_NODE.at(edit.span, said) for edit in below.values()]
        if own is not None:
            items += _beside(item, own.after)
    known = set(names)
    for name in [name for name in of_child if name not in known]:
        wrong += [
            NO_SUCH_NODE.at(
                edit.span,
                f"the extended spec has no node `{edit.shown}`",
                help=did_you_mean(name, names) or f"it has {listed(names)}",
            )
            for edit in of_child[name].values()
        ]
    return Sequence(tuple(items), stages.span, stages.common, stages.output, stages.register)


def _beside(item: Item, new: list[Item]) -> list[Item]:
    """New items for the scope of `item`: in a list they have no names."""
    return [i if item.name is not None else Item(None, i.span, i.node) for i in new]
