"""The JSON Schema of a spec, made of the pydantic models, for editors and other validators.

An op's key decides which arguments stand beside it: editors complete and blame that better than a
union of all ops. It does so under `dependencies`, of which a validator looks only at those whose keys
are there. Blocks are not known to a schema, so a mapping without an op's key is left open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.connections import COMMON_KEYS, CONNECTIONS, Connection
from archspec.connections.choice import SHARED
from archspec.ops import Op, catalogue

from .spec import CONTRACTS, PARAM_TYPES, SpecFile

ID = "urn:archspec:spec:1"
"""The stable identity of version 1 of the format: a name, and no address that could change hands."""

_NOUNS = ("convolution", "linear", "pooling", "normalization", "attention")
"""Families whose ops' names are no likely names of a block's parameters, as `dropout` and `expand`
are in `{my_block: 64, dropout: 0.1}`: beside these names an unknown key is a mistake."""

_EXPRESSION = {"$ref": "#/$defs/expression"}
_NODE = {"$ref": "#/$defs/node"}
_OPEN = {"$ref": "#/$defs/open"}
_INPUT = {"$ref": "#/$defs/open_input"}


def json_schema() -> dict[str, Any]:
    """The schema of a spec file."""
    spec = SpecFile.model().model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "archspec",
        "description": "A neural-network architecture.",
        "type": "object",
        "required": ["archspec"],
        "additionalProperties": False,
        "properties": {key: _cleaned(value) for key, value in spec["properties"].items()}
        | {"archspec": {"const": 1, "description": "the version of the format"}},
        "$defs": _definitions(),
    }
    _mark_down(whole)
    return whole


def _mark_down(schema: Any) -> None:
    """Say of descriptions with code in them that they are Markdown, as editors want to know."""
    if isinstance(schema, dict):
        text = schema.get("description")
        if isinstance(text, str) and "`" in text:
            schema["markdownDescription"] = text
        for value in schema.values():
            _mark_down(value)
    elif isinstance(schema, list):
        for item in schema:
            _mark_down(item)


def _definitions() -> dict[str, Any]:
    ops = catalogue()
    named = {"type": "object", "additionalProperties": {}}
    arguments = {"type": "object", "additionalProperties": {"type": "object"}}
    return {
        "expression": {"title": "expression", "type": "string", "pattern": r"^\$"},
        "arguments": {name: _properties(op) for name, op in ops.items()},
        "common": {key: _key(text) for key, text in COMMON_KEYS.items()},
        "count": {
            "type": ["integer", "string", "object"],
            "minimum": 0,
            "maximum": 10_000,
            "pattern": r"^\$",
            "if": {"type": "object"},
            "then": _OPEN,
        },
        "references": {
            "anyOf": [
                {"type": ["string", "integer"]},
                {"type": "array", "items": {"anyOf": [{"type": ["string", "integer"]}, _INPUT]}},
                _INPUT,
            ]
        },
        **_choices(ops),
        "values": named,
        "params": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [{"enum": list(PARAM_TYPES)}, {}],
                "description": "a type, a default that gives the type, or both: {any: 3}",
            },
        },
        "defaults": {
            **arguments,
            "properties": {
                name: {
                    "type": "object",
                    "description": _sentence(op),
                    "properties": _arguments(op),
                    "additionalProperties": False,
                }
                for name, op in ops.items()
            },
        },
        "blocks": {"type": "object", "additionalProperties": {"$ref": "#/$defs/block"}},
        "block": {
            "type": "object",
            "properties": {
                **_common(),
                **_beside(),
                "params": {"$ref": "#/$defs/params"},
                "let": {"$ref": "#/$defs/values"},
                "inputs": {"$ref": "#/$defs/references"},
                "defaults": {"$ref": "#/$defs/defaults"},
                "description": {"type": "string"},
                "output": {"$ref": "#/$defs/references"},
                "register": {"$ref": "#/$defs/references"},
                "body": _NODE,
            },
            "additionalProperties": False,
        },
        "expect": {
            "type": "object",
            "properties": {key: _key(text) for key, text in CONTRACTS.items()},
            "additionalProperties": False,
        },
        "init": {
            "type": "object",
            "properties": {name: _key(_sentence(op)) for name, op in ops.items()},
            "additionalProperties": False,
        },
        "nodes": {"type": "object", "additionalProperties": _NODE},
        "inserts": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "anyOf": [{"required": ["after"]}, {"required": ["before"]}],
            },
        },
        "outputs": {
            "anyOf": [
                {"$ref": "#/$defs/references"},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        },
        "children": {
            "type": ["array", "object"],
            "items": _NODE,
            "additionalProperties": _NODE,
        },
        "child": {
            "anyOf": [
                {"type": "object", "not": {"$ref": "#/$defs/open_values"}},
                {"enum": list(ops)},
                {"type": "array", "contains": {"type": "object"}},
            ]
        },
        "node": {
            "type": ["string", "array", "object"],
            "items": _NODE,
            "anyOf": [{"$ref": "#/$defs/word"}, {}],
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/mapping"},
        },
        "word": {
            "anyOf": [
                {"const": name, "description": _sentence(op)}
                for name, op in ops.items()
                if op.main is None
            ],
        },
        "mapping": {
            "type": "object",
            "dependencies": {
                **{name: _rule(name, op) for name, op in ops.items()},
                **{c.key: _connection(c) for c in CONNECTIONS},
            },
            "if": {"not": {"$ref": "#/$defs/children_by_name"}},
            "else": {
                "properties": {
                    **{name: _key(_sentence(op)) for name, op in ops.items()},
                    **_common(),
                    **{c.key: _key(_sentence(c)) for c in CONNECTIONS},
                },
                "additionalProperties": {"$ref": "#/$defs/inner"},
            },
        },
        "children_by_name": {
            "$comment": "a mapping that is neither an op nor a connection",
            "properties": {
                name: {"$ref": "#/$defs/child"} for name, op in ops.items() if op.family in _NOUNS
            },
            "dependencies": {
                **{
                    name: {"not": _called(name, op)}
                    for name, op in ops.items()
                    if op.family not in _NOUNS
                },
                **{c.key: {"not": _connects(c)} for c in CONNECTIONS},
            },
        },
        "inner": {
            "description": "a child, or an argument of a block, which a schema does not know",
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/mapping"},
            "else": {"items": {"$ref": "#/$defs/inner"}},
        },
    }


def _choices(ops: Mapping[str, type[Op]]) -> dict[str, Any]:
    """What is left open: as a value, as nodes to choose from, as inputs."""
    shared = {"type": "boolean", "description": SHARED}
    several = {"type": "array", "minItems": 2}
    names = {"type": ["string", "integer", "array"], "items": {"type": ["string", "integer"]}}
    keys: dict[str, Any] = {
        "choice": {
            "description": "the values to choose from, in a list or by name",
            "anyOf": [several, {"type": "object", "minProperties": 2}],
        },
        "range": {
            "description": "both ends of a range: whole numbers, or numbers with a point",
            **several,
            "items": {"type": "number"},
            "maxItems": 2,
        },
        "step": {"type": "integer", "minimum": 1, "description": "between whole numbers"},
        "log": {"type": "boolean", "description": "a range on a logarithmic scale"},
        "default": _key("the option or number where nobody chooses; otherwise the first"),
        "shared": shared,
    }
    no_node = {"not": {"anyOf": [{"type": "object"}, {"enum": list(ops)}]}}
    return {
        "open": {
            "description": "a choice of values: `{choice: [3, 5, 7]}` or `{range: [16, 64], step: 16}`",
            "type": "object",
            "properties": keys,
            "anyOf": [{"required": ["choice"]}, {"required": ["range"]}],
            "additionalProperties": False,
        },
        "open_values": {
            "$comment": "a choice of values, and not of nodes",
            "anyOf": [
                {"required": ["range"], "properties": keys, "additionalProperties": False},
                {
                    "required": ["choice"],
                    "properties": {
                        **keys,
                        "choice": {"type": "array", "contains": no_node},
                    },
                    "additionalProperties": False,
                },
            ],
        },
        "open_input": {
            "description": "inputs that are chosen, or that no node has taken yet",
            "type": "object",
            "properties": {
                "optional": {"description": "each of these is in or out", **names},
                "choice": {"description": "one of these", **names},
                "unused": {"description": "those of these that no node takes", **names},
                "default": _key("where nobody chooses: a name, or `present` or `absent`"),
                "shared": shared,
            },
            "additionalProperties": False,
        },
        "options": {
            "anyOf": [
                {
                    "type": "object",
                    "minProperties": 2,
                    "additionalProperties": {"$ref": "#/$defs/inner"},
                },
                several,
            ]
        },
    }


def _beside() -> dict[str, Any]:
    """The keys of all connections, as they stand in a block beside its `params`."""
    keys: dict[str, Any] = {}
    for connection in CONNECTIONS:
        fields = _fields(connection)
        if connection.key in fields:
            keys |= {key: _cleaned(value) for key, value in fields.items()}
        else:
            keys[connection.key] = _own(connection)
    return keys


def _rule(name: str, op: type[Op]) -> dict[str, Any]:
    """`{conv: 64, ...}` takes the arguments of conv; `{conv: {...}}` is a child called conv."""
    return {
        "if": _called(name, op),
        "then": {
            "properties": {name: _main(op), **_arguments(op), **_common()},
            "additionalProperties": False if op.family in _NOUNS else {"type": "null"},
        },
    }


def _called(name: str, op: type[Op]) -> dict[str, Any]:
    """That the mapping is an op. Beside a name that a block's parameter could have nothing is unknown
    but keys that have no value yet: somebody is writing them."""
    value: dict[str, Any] = {} if op.main_is_inputs else {"not": {"$ref": "#/$defs/child"}}
    if op.family in _NOUNS:
        return {"properties": {name: value}}
    known: dict[str, Any] = {key: {} for key in (*op.model().model_fields, *COMMON_KEYS)}
    return {"properties": known | {name: value}, "additionalProperties": {"type": "null"}}


def _connection(connection: type[Connection]) -> dict[str, Any]:
    fields = _fields(connection)
    if connection.key in fields:
        properties = {key: _cleaned(value) for key, value in fields.items()}
        own = properties[connection.key]
        own["description"] = f"{_sentence(connection)}\n\n{own.get('description', '')}".strip()
    else:
        properties = {connection.key: _own(connection)}
    return {
        "if": _connects(connection),
        "then": {"properties": {**properties, **_common()}, "additionalProperties": False},
    }


def _connects(connection: type[Connection]) -> dict[str, Any]:
    """That the mapping is a connection: alone its key is no child's name."""
    fields = _fields(connection)
    alone = {
        "properties": {key: {} for key in (connection.key, *COMMON_KEYS)},
        "additionalProperties": {"type": "null"},
    }
    if connection.key not in fields:
        some = [{"required": [key]} for key in fields]
        inner = {"properties": {connection.key: {"type": "object", "anyOf": some}}}
        return {"anyOf": [inner, alone]}
    others = [{"required": [key]} for key in fields if key != connection.key]
    condition: dict[str, Any] = {"anyOf": [*others, alone]}
    if connection.key == "repeat":
        condition["not"] = {"required": ["dense"]}
    return condition


def _own(connection: type[Connection]) -> dict[str, Any]:
    """What stands under a connection's key."""
    fields = _fields(connection)
    if connection.key in fields:
        own: dict[str, Any] = _cleaned(fields[connection.key])
        return own
    return {
        "type": "object",
        "description": _sentence(connection),
        "properties": {key: _cleaned(value) for key, value in fields.items()} | _common(),
        "additionalProperties": False,
    }


def _fields(model: type[Connection]) -> dict[str, Any]:
    fields: dict[str, Any] = model.model().model_json_schema(by_alias=True)["properties"]
    return fields


def _properties(op: type[Op]) -> dict[str, Any]:
    """The arguments of an op; each may be an expression."""
    found = {}
    for name, value in op.model().model_json_schema()["properties"].items():
        clean = _cleaned(value)
        shown = {k: clean.pop(k) for k in ("description", "default") if k in clean}
        inside = _inside(clean)
        options = inside["anyOf"] if inside.keys() == {"anyOf"} else [inside]
        found[name] = {"anyOf": [*options, _EXPRESSION, _OPEN], **shown}
    return found


def _arguments(op: type[Op]) -> dict[str, Any]:
    return {
        name: {"$ref": f"#/$defs/arguments/{op.name}/{name}"} for name in op.model().model_fields
    }


def _inside(schema: Any) -> Any:
    """The schema of an argument in which each item of a list may be an expression too."""
    if not isinstance(schema, dict):
        return schema
    whole = dict(schema)
    for key in ("anyOf", "prefixItems"):
        if key in whole:
            whole[key] = [_inside(item) for item in whole[key]]
    if isinstance(whole.get("items"), dict):
        whole["items"] = {"anyOf": [_inside(whole["items"]), _EXPRESSION, _OPEN]}
    if "prefixItems" in whole:
        whole["prefixItems"] = [{"anyOf": [i, _EXPRESSION, _OPEN]} for i in whole["prefixItems"]]
    return whole


def _main(op: type[Op]) -> dict[str, Any]:
    """What stands at an op's own key, with what the op is."""
    about = {"description": _sentence(op)}
    if op.main_is_inputs:
        return {"anyOf": [{"$ref": "#/$defs/references"}, {"type": "null"}], **about}
    if op.main is None:
        return about
    argument = _properties(op)[op.main]
    options = argument["anyOf"]
    if not op.fields()[op.main].is_required():
        options = [*options, {"type": "null"}]
    if "description" in argument:
        about["description"] += f"\n\n`{op.main}`: {argument['description']}"
    return {"anyOf": options, **about}


def _key(description: str) -> dict[str, Any]:
    """A key that takes anything. Editors put a colon behind what has an `anyOf`."""
    return {"description": description, "anyOf": [{}]}


def _common() -> dict[str, Any]:
    return {key: {"$ref": f"#/$defs/common/{key}"} for key in COMMON_KEYS}


def _sentence(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _cleaned(schema: Any) -> Any:
    """Without the titles that pydantic makes up of names."""
    if isinstance(schema, dict) and "x-ref" in schema:
        reference = {"allOf": [{"$ref": f"#/$defs/{schema['x-ref']}"}]}
        return (
            {**_key(schema["description"]), **reference} if "description" in schema else reference
        )
    if isinstance(schema, dict):
        options = schema.get("anyOf", ())
        if len(options) == 2 and "x-ref" in options[0] and options[1] == {"type": "null"}:
            schema = {**options[0], **{k: v for k, v in schema.items() if k == "description"}}
            return _cleaned(schema)
        return {
            key: _cleaned(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(schema, list):
        return [_cleaned(item) for item in schema]
    return schema
