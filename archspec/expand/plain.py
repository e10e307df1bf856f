"""Plain blocks: ops in sequence, perhaps around a skip, whatever the parameters and the sizes are."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from archspec.connections import Block, Call, Node, Reference, Sequence, Skip
from archspec.connections.node import NOTHING
from archspec.ops import Op


def is_plain(block: Block, ops: Mapping[str, type[Op]], blocks: Collection[str]) -> bool:
    """Whether two instances of a block have the same modules, but for the shortcut of a skip.

    ops, blocks: what a key can name where the block is written.
    """
    body = block.body
    if isinstance(body, Skip):
        parts = [part for part in (body.body, body.shortcut, body.merge, body.after) if part]
        return body.common is NOTHING and all(_is_plain(part, ops, blocks) for part in parts)
    return body is not None and _is_plain(body, ops, blocks)


def _is_plain(node: Node, ops: Mapping[str, type[Op]], blocks: Collection[str]) -> bool:
    common = node.common
    if common is not NOTHING and (
        common.when is not None
        or common.train_only
        or common.loss_weight is not None
        or common.init is not None
        or not _are_names(common.from_)
    ):
        return False
    if isinstance(node, Sequence):
        return _are_names(node.output) and all(
            (item.name is None or isinstance(item.name, str)) and _is_plain(item.node, ops, blocks)
            for item in node.items
        )
    if not isinstance(node, Call) or not isinstance(node.key, str) or node.key in blocks:
        return False
    op = ops.get(node.key)
    return op is not None and op.__module__.startswith("archspec.ops.") and _are_names(node.refs)


def _are_names(references: tuple[Reference, ...] | None) -> bool:
    return all(isinstance(reference.name, str) for reference in references or ())
