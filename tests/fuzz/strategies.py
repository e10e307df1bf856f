"""Specs at random: mostly right, in every part of the language, and then changed in a few places."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

NAMES = ("a", "b", "conv1", "bn", "body", "layer", "0", "x-1")
SIZES = st.one_of(
    st.sampled_from([1, 2, 3, 4, 8, 64]),
    st.sampled_from(
        ["$width", "$(width * 2)", "$(width // 2)", "$in_channels", "$(i + 1)", "$layers[0]"]
        + [
            "$(8 if width > 4 else 2)",
            "$(sum([j for j in range(3)]))",
            "$(make_divisible(width, 8))",
        ]
    ),
)
CONDITIONS = st.sampled_from(
    [True, False, "$flag", "$(i > 0)", "$(width > 4)", "$(in_channels == 3)", "$(not flag)"]
)
ODD = st.one_of(
    st.sampled_from(
        [
            None,
            "",
            -1,
            0,
            2**53,
            2**63,
            10**18,
            1e308,
            float("inf"),
            "$",
            "$(",
            "$(1/0)",
            "$(2**60)",
        ]
        + ["$(10**15 * 10**15)", "$missing", "$$", "relu", "input", "no", "os.system", "../x.yaml"]
        + ["archspec:residual", "]]>", "::error::x", "a\nb", '"', "\\", "<b>", "[1, 2]", True]
    ),
    st.text(max_size=6),
    st.integers(),
    st.floats(),
    st.lists(st.integers(-2, 4), max_size=4),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), max_size=2),
)

PLAIN = st.sampled_from(
    [
        "relu",
        "batch_norm",
        "identity",
        "flatten",
        "global_avg_pool",
        "gelu",
        "dropout",
        "unit",
        "pair",
    ]
)
OPS = st.one_of(
    st.fixed_dictionaries(
        {"conv": SIZES, "kernel": st.sampled_from([1, 3, 5, 7])},
        optional={
            "stride": st.sampled_from([1, 2]),
            "padding": st.sampled_from(["half", 0, 1]),
            "groups": st.sampled_from([1, 2, "$in_channels"]),
            "bias": st.booleans(),
            "init": st.sampled_from(["zeros", "kaiming_normal", {"normal": 0.1}]),
        },
    ),
    st.fixed_dictionaries({"linear": SIZES}, optional={"bias": st.booleans()}),
    st.fixed_dictionaries(
        {"max_pool": st.sampled_from([1, 2, 3])}, optional={"stride": st.sampled_from([1, 2])}
    ),
    st.fixed_dictionaries({"dropout": st.sampled_from([0, 0.5, 1])}),
    st.fixed_dictionaries({"upsample": st.sampled_from([2, 4])}),
    st.fixed_dictionaries({"chunk": st.sampled_from([1, 2, 3]), "dim": st.sampled_from([0, 1])}),
    st.fixed_dictionaries({"add": st.lists(st.sampled_from(["input", *NAMES]), max_size=3)}),
    st.fixed_dictionaries({"concat": st.lists(st.sampled_from(["input", *NAMES]), max_size=3)}),
    st.fixed_dictionaries({"unit": SIZES}, optional={"act": st.sampled_from(["relu", "gelu", 3])}),
    st.fixed_dictionaries({"pair": st.none()}),
)


def _children(node: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(node, min_size=1, max_size=4),
        st.dictionaries(st.sampled_from(NAMES), node, min_size=1, max_size=4),
    )


def _connected(node: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    body = st.one_of(node, _children(node))
    count = st.one_of(st.integers(0, 3), st.sampled_from(["$(len(layers))", "$layers[0]", 10_001]))
    return st.one_of(
        _children(node),
        st.fixed_dictionaries(
            {"repeat": count, "body": body},
            optional={
                "names": st.sampled_from(["n$(i)", "n$(i + 1)", "n"]),
                "inline": st.booleans(),
            },
        ),
        st.fixed_dictionaries(
            {
                "for": st.sampled_from([{"c": [1, 2]}, {"c": "$layers"}, {"c": [1], "d": [1, 2]}]),
                "body": body,
            }
        ),
        st.fixed_dictionaries(
            {
                "branches": _children(node),
                "merge": st.sampled_from(["concat", "add", "mul", None, "stack"]),
            }
        ),
        st.fixed_dictionaries(
            {
                "skip": st.fixed_dictionaries(
                    {"body": body},
                    optional={
                        "shortcut": st.just({"proj": {"conv": "$out_channels", "kernel": 1}}),
                        "after": st.sampled_from(["relu", "identity"]),
                        "merge": st.sampled_from(["add", "concat"]),
                    },
                )
            }
        ),
        st.fixed_dictionaries({"dense": body, "repeat": count}),
    )


def _common(node: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What any node may say, said of some."""
    said = st.fixed_dictionaries(
        {},
        optional={
            "from": st.sampled_from(["input", "a", "conv1", "a.b", ["a", "b"], "layer.0"]),
            "when": CONDITIONS,
            "train_only": st.booleans(),
            "loss_weight": st.sampled_from([0.3, 1]),
            "else": PLAIN,
        },
    )
    return st.tuples(node, st.one_of(st.just({}), said)).map(_with)


def _with(pair: tuple[Any, dict[str, Any]]) -> Any:
    node, said = pair
    if not said:
        return node
    if isinstance(node, dict):
        return {**node, **said}
    return {"body": node, **said} if isinstance(node, list) else {node: None, **said}


NODES = st.recursive(_common(PLAIN | OPS), lambda inner: _common(_connected(inner)), max_leaves=8)

BLOCKS = {
    "unit": {
        "params": {"width": "int", "act": "relu"},
        "body": {"conv": {"conv": "$width", "kernel": 1}, "act": "$act"},
    },
    "pair": {"body": {"skip": {"body": {"unit": {"unit": "$in_channels"}}}}},
}

SPECS = st.fixed_dictionaries(
    {
        "archspec": st.just(1),
        "input": st.sampled_from([[3, 8, 8], [4, 16, 16], [8], [3, "h", "w"], {"x": [3, 8, 8]}]),
        "params": st.just({"width": 8, "layers": [2, 1], "flag": True}),
        "blocks": st.sampled_from([BLOCKS, BLOCKS, {**BLOCKS, "more": {"body": ["pair", "more"]}}]),
        "stages": _children(NODES),
    },
    optional={
        "name": st.sampled_from(["net", "a b", "a\nb", "]]>", "import os"]),
        "let": st.sampled_from([{"half": "$(width // 2)"}, {"many": "$(range(9999))"}]),
        "import": st.sampled_from(
            [{"blocks.yaml": ["unit"]}, {"archspec:residual": ["bottleneck"]}]
        ),
        "extends": st.sampled_from(["base.yaml", "archspec:resnet18", "link.yaml", "pipe.yaml"]),
        "outputs": st.sampled_from([{"y": "a"}, {"y": "a", "z": "layer"}]),
        "expect": st.sampled_from([{"params": "<= 1M"}, {"output": [8]}, {"macs": 3}]),
        "defaults": st.sampled_from([{"conv": {"bias": False, "padding": "half"}}]),
        "replace": st.just({"a": "relu"}),
        "init": st.sampled_from([{"conv": "zeros"}, {"linear": {"normal": 0.01}}]),
    },
)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every place of a tree: a container and the key in it."""
    found: list[tuple[Any, Any]] = []
    stack = [tree]
    while stack:
        here = stack.pop()
        for key in list(here) if isinstance(here, dict) else range(len(here)):
            found.append((here, key))
            if isinstance(here[key], dict | list):
                stack.append(here[key])
    return found


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The text of a spec of which some places, or none, were changed."""
    import copy

    spec = copy.deepcopy(draw(SPECS))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 4]))):
        places = _places(spec)
        if not places:
            break
        at, key = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["odd", "odd", "node", "key", "gone", "move"]))
        if change == "odd":
            at[key] = draw(ODD)
        elif change == "node":
            at[key] = draw(PLAIN | OPS)
        elif change == "move":
            other, there = draw(st.sampled_from(places))
            at[key] = copy.deepcopy(other[there]) if there in _keys(other) else None
        elif isinstance(at, dict):
            value = at.pop(key)
            if change == "key":
                at[draw(st.sampled_from([*NAMES, "kernl", "repeat", "from", "skip", "i"]))] = value
    text: str = yaml.dump(
        spec,
        Dumper=_Plain,
        sort_keys=False,
        allow_unicode=draw(st.booleans()),
        default_flow_style=draw(st.sampled_from([None, False, True])),
    )
    return text


def _keys(at: Any) -> Any:
    return at if isinstance(at, dict) else range(len(at))


class _Plain(yaml.SafeDumper):
    """Writes what is in two places twice: a spec has no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
