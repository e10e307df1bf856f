"""A spec file as written: its top-level keys, its blocks and its stages."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal, NamedTuple

from archspec.codes.contracts import UNKNOWN_CONTRACT
from archspec.codes.spec import BAD_VALUE, BAD_VERSION, MISSING_KEY, NOT_A_SPEC
from archspec.connections import Argument, Block, Broken, Reference, Sequence
from archspec.connections.node import Read, References, Value_, _RefersTo
from archspec.diagnostics import Diagnostic, Label, Span, SpecError, did_you_mean, suggest
from archspec.expressions import Expression, Template
from archspec.fields import Field, Fields
from archspec.names import check_readable
from archspec.syntax import Mapping, Scalar, Tree
from archspec.syntax import Sequence as ListTree

from .calls import argument, references, value
from .choices import check_closed
from .keys import how_read
from .misspelt import is_slip, is_swap
from .reader import Reader
from .refusals import checked, unknown_key

ParamTypes = Literal["int", "float", "number", "bool", "str", "list", "node", "any"]
PARAM_TYPES: tuple[str, ...] = ("int", "float", "number", "bool", "str", "list", "node", "any")
"""What `params: {width: int}` can say; any other value is a default and gives the type."""

CONTRACTS: dict[str, str] = {
    "output": "the shape of the output, without the batch",
    "params": "trained parameters, those of train-only heads included",
    "macs": "multiply-accumulates of convolutions, linear layers and matrix products for one "
    "sample in evaluation mode",
    "receptive_field": "input pixels along one axis that an output sees before anything pools globally",
    "depth": "convolutions and linear layers on the longest way, as papers count layers",
    "nodes": "ops of the graph",
}
"""What `expect:` can say."""
_children = Annotated[Sequence, Read("children"), _RefersTo("children")]
_values = Annotated[dict[str, Argument], Read("values"), _RefersTo("values")]
_params = Annotated[dict[str, Argument], Read("params"), _RefersTo("params")]
_expect = Annotated[dict[str, Argument], Read("expect"), _RefersTo("expect")]
_init = Annotated[dict[str, Argument], Read("values"), _RefersTo("init")]


class SpecFile(Fields):
    """The keys of a spec file."""

    archspec: int = Field(description="the version of the format: 1")
    name: str | None = Field(None, description="the network's name; otherwise the file's")
    description: str = Field("", description="one sentence that says what the network is")
    source: str = Field("", description="the paper or code that it comes from")
    extends: str | None = Field(
        None, description="the spec that this one is a variation of: a file or `archspec:NAME`"
    )
    import_: Annotated[
        Argument | None,
        Read("value"),
        _RefersTo(
            None,
            {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        {"type": "array", "items": {"type": "string"}},
                        {"type": "object", "additionalProperties": {"type": "string"}},
                    ]
                },
            },
        ),
    ] = Field(None, alias="import", description="blocks of other files: {file: [block, ...]}")
    params: _params = Field(default_factory=dict, description="parameters and their defaults")
    let: _values = Field(default_factory=dict, description="names for derived values")
    input: Value_ | None = Field(
        None,
        description="the input's shape without the batch, [channels, height, width]; a word stands "
        "for a size left free until run time; several inputs by name",
    )
    defaults: Annotated[dict[str, dict[str, Argument]], Read("defaults"), _RefersTo("defaults")] = (
        Field(default_factory=dict, description="arguments per op for the whole file")
    )
    blocks: Annotated[dict[str, Block], Read("blocks"), _RefersTo("blocks")] = Field(
        default_factory=dict, description="reusable blocks, used like ops"
    )
    stages: _children | None = Field(None, description="the network: nodes in order")
    replace: Annotated[dict[str, Any], Read("nodes"), _RefersTo("nodes")] = Field(
        default_factory=dict, description="with `extends`: nodes by path, replaced"
    )
    insert: Annotated[dict[str, Any], Read("inserts"), _RefersTo("inserts")] = Field(
        default_factory=dict,
        description="with `extends`: new nodes by path, each with `after:` or `before:` a sibling",
    )
    remove: References = Field((), description="with `extends`: paths of nodes to leave out")
    outputs: Annotated[dict[str, Reference] | None, Read("outputs"), _RefersTo("outputs")] = Field(
        None, description="what the model returns: names and the nodes they stand for"
    )
    expect: _expect = Field(default_factory=dict, description="what must hold of the network")
    require: _expect = Field(
        default_factory=dict, description="what a child of a search space must meet, as in `expect`"
    )
    init: _init = Field(default_factory=dict, description="initialisation per op")


class Insert(NamedTuple):
    """A node to insert beside a sibling."""

    node: Any
    anchor: str
    after: bool
    span: Any


class Spec:
    """A file read: its keys, and where each of them stands."""

    def __init__(self, file: SpecFile, tree: Mapping, reader: Reader):
        self.file = file
        self.tree = tree
        self.reader = reader

    @property
    def span(self) -> Span:
        return self.tree.span

    def place(self, *keys: str) -> Span:
        """Where the value at `keys` stands, or the nearest place around it."""
        tree: Tree = self.tree
        for key in keys:
            if not isinstance(tree, Mapping) or key not in tree.entries:
                break
            tree = tree.entries[key].value
        return tree.span if tree is not self.tree else self.tree.span


_READS: dict[str, str] = {}


def _reads() -> dict[str, str]:
    if not _READS:
        for name, field in SpecFile.declared().items():
            _READS[field.alias or name] = how_read(field.annotation)
    return _READS


def own_blocks(tree: Tree) -> dict[str, tuple[str, ...]]:
    """The blocks that a file declares, and their parameters, before anything is read."""
    if not isinstance(tree, Mapping) or "blocks" not in tree.entries:
        return {}
    blocks = tree.entries["blocks"].value
    found: dict[str, tuple[str, ...]] = {}
    if isinstance(blocks, Mapping):
        for name, entry in blocks.entries.items():
            params = entry.value.get("params") if isinstance(entry.value, Mapping) else None
            found[name] = tuple(params.entries) if isinstance(params, Mapping) else ()
    return found


def misspelt_key(tree: Mapping, meant: Collection[str]) -> bool:
    """Whether a file has a key that is none and may be one of these."""
    known = _reads()
    return any(
        key not in known and any(is_slip(key, word) for word in meant) for key in tree.entries
    )


def check_header(tree: Tree) -> Mapping:
    """The file's mapping, if it is a spec of a version that we read."""
    if not isinstance(tree, Mapping):
        raise NOT_A_SPEC.error(
            tree.span, "a spec is a mapping", help="begin the file with `archspec: 1`"
        )
    version = tree.entries.get("archspec")
    if version is None:
        for key, entry in tree.entries.items():
            if suggest(key, ["archspec"]):
                raise NOT_A_SPEC.error(
                    entry.key_span,
                    "the spec does not say its version",
                    help=f"write `archspec` for `{key}`",
                )
        raise NOT_A_SPEC.error(
            tree.span, "the spec does not say its version", help="begin the file with `archspec: 1`"
        )
    if not (
        isinstance(version.value, Scalar)
        and version.value.value == 1
        and type(version.value.value) is int
    ):
        raise BAD_VERSION.error(
            version.value.span,
            "this archspec reads version 1 of the format",
            help="write `archspec: 1`, or install a later archspec",
        )
    return tree


def read_spec(
    tree: Tree, visible: dict[str, Any], shipped: Callable[[str], str | None] = lambda _block: None
) -> Spec:
    """The spec that a file's tree says. `visible` are the imported blocks by name (with their
    parameters), which nodes may name beside the file's own; `shipped` gives the library of archspec
    that has a block."""
    mapping = check_header(tree)
    reader = Reader({**visible, **own_blocks(mapping)}, shipped)
    reads = _reads()
    data: dict[str, Any] = {}
    rest = True  # whether the rest can be checked without what could not be read
    for key, entry in mapping.entries.items():
        read = reads.get(key)
        try:
            if read is None:
                raise unknown_key(key, entry.key_span, reads, "the top level of a spec")
            data[key] = _read(read, entry.value, reader, key)
        except SpecError as error:
            reader.problems += error.diagnostics
            rest = rest and key in _APART
    try:
        file = checked(SpecFile, data, mapping)
    except SpecError as error:
        raise SpecError(*reader.problems, *error.diagnostics) from None
    if not rest:
        raise SpecError(*reader.problems)
    return Spec(file, mapping, reader)


_APART = {"outputs", "expect", "require", "init", "description", "source", "name"}
"""The keys that nothing else in a spec depends on."""


def _read(read: str, tree: Tree, reader: Reader, key: str) -> Any:
    if isinstance(tree, Scalar) and tree.value is None and read != "plain":
        return {} if read in _MAPPINGS else None
    if read == "value":
        return argument(tree)
    if read == "children":
        return reader.named(tree)
    if read == "refs":
        return references(tree)
    if read == "outputs":
        return _outputs(tree)
    if read in _MAPPINGS:
        if not isinstance(tree, Mapping):
            raise BAD_VALUE.error(tree.span, f"`{key}` takes a mapping of names")
        found = {}
        wrong: list[Diagnostic] = []
        for name, entry in tree.entries.items():
            try:
                if key in ("params", "let"):
                    check_readable(name, entry.key_span)
                found[name] = _MAPPINGS[read](entry.value, reader, name, entry.key_span)
            except SpecError as error:
                wrong += error.diagnostics
        if wrong:
            raise SpecError(*wrong)
        return found
    plain = value(tree)
    if isinstance(plain, Expression | Template):
        raise BAD_VALUE.error(
            tree.span,
            f"`{key}` takes plain text, not an expression",
            help="`$$` stands for a dollar sign",
        )
    return plain


def _outputs(tree: Tree) -> dict[str, Reference]:
    found: dict[str, Reference] = {}
    if isinstance(tree, Mapping):
        wrong = []
        for name, entry in tree.entries.items():
            named = references(entry.value)
            if len(named) == 1:
                found[name] = named[0]
                continue
            wrong.append(
                BAD_VALUE.at(
                    entry.value.span,
                    f"the output `{name}` is one node, and {len(named) or 'none'} "
                    f"{'are' if named else 'is'} named",
                    help="give each node a name of its own, or join them in a stage",
                )
            )
        if wrong:
            raise SpecError(*wrong)
        return found
    for reference in references(tree):
        name = str(reference.name).replace(".", "_")
        if name in found:
            raise BAD_VALUE.error(
                reference.span,
                f"two outputs would be called `{name}`",
                labels=(Label(found[name].span, "the first"),),
                help="name them: `outputs: {one: ..., other: ...}`",
            )
        found[name] = reference
    return found


def _defaults(tree: Tree, reader: Reader, op: str, span: Span) -> dict[str, Argument]:
    if not reader.is_kind(op):
        raise reader.unknown_op(op, span)
    if not isinstance(tree, Mapping):
        raise BAD_VALUE.error(tree.span, f"`{op}` takes a mapping of arguments")
    fields = reader.arguments(op)
    for name, entry in tree.entries.items():
        if name not in fields:
            raise unknown_key(name, entry.key_span, fields, op)
    return {name: argument(entry.value, name) for name, entry in tree.entries.items()}


BLOCK_KEYS = {
    "params": "parameters: a type name, a default that gives the type, or both: `{any: 3}`",
    "let": "names for derived values",
    "inputs": "names of several inputs",
    "defaults": "arguments per op inside the block",
    "register": "the children that come first in the state_dict, where that is not the order of flow",
    "description": "one sentence that says what the block is",
}


def _expectation(tree: Tree, reader: Reader, name: str, span: Span) -> Argument:
    if name not in CONTRACTS:
        reader.problems.append(
            UNKNOWN_CONTRACT.at(
                span,
                f"`expect` has nothing called `{name}`",
                help=did_you_mean(name, CONTRACTS) or f"it has {', '.join(CONTRACTS)}",
            )
        )
    contract = argument(tree, name)
    check_closed(contract)
    return contract


def _declared(tree: Tree, reader: Reader, name: str = "") -> Argument:
    """What `params:` says of one: a type, a default, or both (`kernel: {any: 3}`)."""
    if isinstance(tree, Mapping) and len(tree.entries) == 1:
        ((kind, entry),) = tree.entries.items()
        if kind in PARAM_TYPES:
            return Argument(value(entry.value, name), entry.value, kind)
    if isinstance(tree, Scalar) and isinstance(tree.value, str) and not tree.quoted:
        meant = next((kind for kind in PARAM_TYPES if is_swap(tree.value, kind)), None)
        if meant is not None and not reader.is_kind(tree.value):
            raise BAD_VALUE.error(
                tree.span,
                f"`{tree.value}` is no type of a parameter",
                help=f"did you mean `{meant}`? As a default, text like it stands in quotes",
            )
    return argument(tree, name)


def _block(tree: Tree, reader: Reader, name: str, span: Span) -> Block:
    """A block; one that cannot be read has a body that cannot, and the rest of the file goes on."""
    try:
        return _read_block(tree, reader, name, span)
    except SpecError as error:
        reader.problems += error.diagnostics
        return Block(name, span, body=Broken(span))


def _read_block(tree: Tree, reader: Reader, name: str, span: Span) -> Block:
    if not isinstance(tree, Mapping):
        raise BAD_VALUE.error(
            tree.span, f"block `{name}` takes a mapping with a `body:` or a connection"
        )
    block = Block(name, span)
    rest = {}
    for key, entry in tree.entries.items():
        if key not in BLOCK_KEYS:
            rest[key] = entry
        elif key == "description":
            block.description = str(value(entry.value))
        elif key == "inputs":
            block.inputs = tuple(str(ref.name) for ref in references(entry.value))
        elif key == "register":
            block.register = references(entry.value)
        elif not isinstance(entry.value, Mapping):
            raise BAD_VALUE.error(entry.value.span, f"`{key}` takes a mapping of names")
        elif key == "defaults":
            block.defaults = {
                op: _defaults(e.value, reader, op, e.key_span)
                for op, e in entry.value.entries.items()
            }
        else:
            for n, e in entry.value.entries.items():
                check_readable(n, e.key_span)
            given = entry.value.entries.items()
            if key == "params":
                block.params = {n: _declared(e.value, reader, n) for n, e in given}
            else:
                block.let = {n: argument(e.value, n) for n, e in given}
    if not rest:
        raise MISSING_KEY.error(
            span,
            f"block `{name}` has no body",
            help="add `body:`, `skip:`, `branches:` or `dense:`",
        )
    first = next(iter(rest.values()))
    inner = Mapping(
        rest, first.key_span._replace(end_line=tree.span.end_line, end_column=tree.span.end_column)
    )
    kinds = {"body", "skip", "branches", "dense", "repeat", "for"}
    if not kinds & rest.keys():
        key, entry = next(iter(rest.items()))
        raise unknown_key(
            key,
            entry.key_span,
            [*BLOCK_KEYS, *sorted(kinds), "output"],
            f"block `{name}`",
        )
    block.body = reader.node(inner)
    return block


def _insert(tree: Tree, reader: Reader, name: str, span: Span) -> Insert:
    entries = dict(tree.entries) if isinstance(tree, Mapping) else {}
    where = [key for key in ("after", "before") if key in entries]
    if len(where) != 1:
        raise MISSING_KEY.error(
            span,
            f"`{name}` must say where it goes",
            help="`after: NODE` or `before: NODE` names the sibling",
        )
    anchor = entries.pop(where[0])
    siblings = references(anchor.value)
    if len(siblings) != 1:
        raise MISSING_KEY.error(
            anchor.value.span,
            f"`{where[0]}` takes one node, got {len(siblings)}",
            help=f"`{where[0]}: NODE` names the sibling",
        )
    node = reader.node(Mapping(entries, tree.span))
    return Insert(
        node=node,
        anchor=str(siblings[0].name),
        after=where[0] == "after",
        span=anchor.value.span,
    )


_MAPPINGS: dict[str, Any] = {
    "values": lambda tree, _reader, name, _span: argument(tree, name),
    "expect": _expectation,
    "params": lambda tree, reader, name, _span: _declared(tree, reader, name),
    "defaults": _defaults,
    "blocks": _block,
    "nodes": lambda tree, reader, _name, _span: reader.node(tree),
    "inserts": _insert,
}

__all__ = ["PARAM_TYPES", "Insert", "ListTree", "Spec", "SpecFile", "check_header", "read_spec"]
