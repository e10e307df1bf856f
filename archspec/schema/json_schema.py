"""The JSON Schema of a spec, made of the pydantic models, for editors and other validators.

An op's key decides by `if`/`then` which arguments stand beside it: editors complete and blame that
better than a union of all ops. Blocks are not known to a schema, so a mapping without an op's key is
left open.
"""

from __future__ import annotations

from typing import Any

from archspec.connections import COMMON_KEYS, CONNECTIONS, Connection
from archspec.ops import Op, catalogue

from .spec import CONTRACTS, PARAM_TYPES, SpecFile

ID = "https://archspec.dev/schema/v1.json"
"""The stable identity of version 1 of the format."""

_NOUNS = ("convolution", "linear", "pooling", "normalization", "attention")
"""Families whose ops' names are no likely names of a block's parameters, as `dropout` and `expand`
are in `{my_block: 64, dropout: 0.1}`: beside these names an unknown key is a mistake."""

_EXPRESSION = {"$ref": "#/$defs/expression"}
_NODE = {"$ref": "#/$defs/node"}


def json_schema() -> dict[str, Any]:
    """The schema of a spec file."""
    spec = SpecFile.model().model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    return {
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


def _definitions() -> dict[str, Any]:
    ops = catalogue()
    named = {"type": "object", "additionalProperties": {}}
    arguments = {"type": "object", "additionalProperties": {"type": "object"}}
    return {
        "expression": {
            "type": "string",
            "pattern": r"^\$",
            "description": "an expression: $name or $(...)",
        },
        "common": {key: {"description": text} for key, text in COMMON_KEYS.items()},
        "count": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10_000}, _EXPRESSION]},
        "references": {
            "anyOf": [
                {"type": ["string", "integer"]},
                {"type": "array", "items": {"type": ["string", "integer"]}},
            ]
        },
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
                    "properties": _properties(op),
                    "additionalProperties": False,
                }
                for name, op in ops.items()
            },
        },
        "blocks": {"type": "object", "additionalProperties": {"$ref": "#/$defs/block"}},
        "block": {
            "type": "object",
            "properties": {
                **{key: {"description": text} for key, text in COMMON_KEYS.items()},
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
            "properties": {key: {"description": text} for key, text in CONTRACTS.items()},
            "additionalProperties": False,
        },
        "init": {
            "type": "object",
            "properties": {name: {} for name in ops},
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
                {"type": "object"},
                {"enum": list(ops)},
                {"type": "array", "contains": {"type": "object"}},
            ]
        },
        "node": {
            "type": ["string", "array", "object"],
            "items": _NODE,
            "examples": [name for name, op in ops.items() if op.main is None],
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/mapping"},
        },
        "mapping": {
            "type": "object",
            "properties": {
                **{name: _main(op) for name, op in ops.items()},
                **{key: {"description": text} for key, text in COMMON_KEYS.items()},
                **{c.key: {"description": _sentence(c)} for c in CONNECTIONS},
            },
            "allOf": [
                *(_rule(name, op) for name, op in ops.items()),
                *(_connection(c) for c in CONNECTIONS),
                {
                    "if": {"$ref": "#/$defs/called"},
                    "else": {"additionalProperties": {"$ref": "#/$defs/inner"}},
                },
            ],
        },
        "called": {
            "description": "a mapping that is one op or one connection, not children by name",
            "anyOf": [
                *(_rule(name, op)["if"] for name, op in ops.items()),
                *(_connection(c)["if"] for c in CONNECTIONS),
            ],
        },
        "inner": {
            "description": "a child, or an argument of a block, which a schema does not know",
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/mapping"},
            "else": {"items": {"$ref": "#/$defs/inner"}},
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
    arguments = _properties(op)
    main: dict[str, Any] = {"$ref": "#/$defs/references"} if op.main_is_inputs else {}
    if op.main is not None:
        main = arguments[op.main]
    if op.main is None or not op.fields()[op.main].is_required():
        main = {"anyOf": [*main.get("anyOf", [main]), {"type": "null"}]} if main else {}
    condition: dict[str, Any] = {
        "required": [name],
        "properties": {name: {"not": {"$ref": "#/$defs/child"}}},
    }
    if op.family not in _NOUNS:
        condition["propertyNames"] = {"enum": [name, *arguments, *COMMON_KEYS]}
    return {
        "if": condition,
        "then": {
            "properties": {name: main, **arguments, **_common()},
            "additionalProperties": False,
        },
    }


def _connection(connection: type[Connection]) -> dict[str, Any]:
    fields = _fields(connection)
    beside = connection.key in fields
    others = [key for key in fields if key != connection.key]
    condition: dict[str, Any] = {"required": [connection.key]}
    if beside:
        condition["anyOf"] = [{"required": [key]} for key in others]
        if connection.key == "repeat":
            condition["not"] = {"required": ["dense"]}
        properties = {key: _cleaned(value) for key, value in fields.items()}
    else:
        condition["properties"] = {connection.key: {"type": "object", "required": ["body"]}}
        properties = {connection.key: _own(connection)}
    return {
        "if": condition,
        "then": {"properties": {**properties, **_common()}, "additionalProperties": False},
    }


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
        found[name] = {"anyOf": [_inside(clean), _EXPRESSION], **shown}
    return found


def _inside(schema: Any) -> Any:
    """The schema of an argument in which each item of a list may be an expression too."""
    if not isinstance(schema, dict):
        return schema
    whole = dict(schema)
    for key in ("anyOf", "prefixItems"):
        if key in whole:
            whole[key] = [_inside(item) for item in whole[key]]
    if isinstance(whole.get("items"), dict):
        whole["items"] = {"anyOf": [_inside(whole["items"]), _EXPRESSION]}
    if "prefixItems" in whole:
        whole["prefixItems"] = [{"anyOf": [i, _EXPRESSION]} for i in whole["prefixItems"]]
    return whole


def _main(op: type[Op]) -> dict[str, Any]:
    return {"description": _sentence(op)}


def _common() -> dict[str, Any]:
    return {key: {"$ref": f"#/$defs/common/{key}"} for key in COMMON_KEYS}


def _sentence(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _cleaned(schema: Any) -> Any:
    """Without the titles that pydantic makes up of names."""
    if isinstance(schema, dict) and "x-ref" in schema:
        beside = {key: schema[key] for key in ("description",) if key in schema}
        return {"allOf": [{"$ref": f"#/$defs/{schema['x-ref']}"}], **beside}
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
