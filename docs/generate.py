"""Regenerates what the documentation takes from the code: `make docs`.

Tables in `language.md`, `cli.md`, `safety.md` and `strategies.md` between `<!-- begin: NAME -->` and `<!-- end -->`, the pages `ops.md`
and `diagnostics.md`, the index of the zoo, the gallery, the JSON Schema, and the pictures. The tests check that all of it is current.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import gallery_pages
import zoo_index

import archspec
from archspec import limits
from archspec.analysis.initialisers import INITIALISERS
from archspec.cli import COMMANDS, cli
from archspec.cli.ops_ import describe
from archspec.codes import all_rules
from archspec.codes.expressions import OUT_OF_BOUNDS, TOO_LONG
from archspec.codes.network import BAD_SHAPE, TOO_MANY_NODES, TOO_MANY_PARAMS
from archspec.codes.spaces import TOO_OPEN
from archspec.codes.spec import BAD_COUNT, BAD_VALUE, CYCLE
from archspec.codes.text import NO_SUCH_FEATURE, TOO_BIG, TOO_LARGE, TOO_MUCH
from archspec.connections import COMMON_KEYS, CONNECTIONS, choice, repeat
from archspec.expand import deciding, loading, scoping
from archspec.expressions import evaluation, value, values
from archspec.expressions import parser as expressions
from archspec.expressions.functions import FUNCTIONS
from archspec.ops import catalogue
from archspec.schema.keys import BODY_KEYS
from archspec.schema.spec import BLOCK_KEYS, CONTRACTS, PARAM_TYPES, SpecFile
from archspec.search import finding
from archspec.search.strategies import STRATEGIES
from archspec.search.strategies.presets import OPTIONS, PRESETS
from archspec.syntax import parser

DOCS = Path(__file__).parent
MARKED = re.compile(r"(<!-- begin: ([\w ]+) -->)(.*?)(<!-- end -->)", re.DOTALL)


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(headings)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(c.replace('|', chr(92) + '|') for c in row)} |\n" for row in lines
    )


def _spec_keys() -> str:
    fields = SpecFile.declared().items()
    return table(
        ("key", "what it is"),
        ((f"`{info.alias or name}`", info.description or "") for name, info in fields),
    )


def _keys(keys: dict[str, str]) -> str:
    return table(("key", "what it is"), ((f"`{key}`", text) for key, text in keys.items()))


def _connection(key: str) -> Callable[[], str]:
    (found,) = (c for c in CONNECTIONS if c.key == key)

    def made() -> str:
        fields = found.declared().items()
        return _keys({info.alias or name: info.description or "" for name, info in fields})

    return made


def _functions() -> str:
    return ", ".join(f"`{function.usage}`" for function in FUNCTIONS.values()) + ".\n"


def _initialisers() -> str:
    rows = ((f"`{name}`", ", ".join(f"`{a}`" for a in args)) for name, args in INITIALISERS.items())
    return table(("initialiser", "arguments, the main one first"), rows)


def _types() -> str:
    return ", ".join(f"`{name}`" for name in PARAM_TYPES)


def _limits() -> str:
    catalogue()  # the families in their order, whatever is imported next
    from archspec.ops import dims, joining

    nodes = scoping.MAX_NODES
    rows = [
        ("a file", f"{parser.MAX_BYTES >> 20} MiB", TOO_LARGE),
        ("YAML: levels", f"{parser.MAX_DEPTH}", TOO_LARGE),
        ("YAML: keys and values", f"{parser.MAX_NODES:,}", TOO_LARGE),
        (
            "YAML: tags, anchors, aliases, `<<`, directives, second documents",
            "none",
            NO_SUCH_FEATURE,
        ),
        ("YAML: a whole number", "2^63", TOO_BIG),
        ("an expression: characters", f"{expressions.MAX_LENGTH}", TOO_LONG),
        ("an expression: levels", f"{expressions.MAX_DEPTH}", TOO_LONG),
        ("a text with expressions: characters", f"{value.MAX_TEXT:,}", TOO_LONG),
        ("an expression: its numbers", "finite, within ±2^53", OUT_OF_BOUNDS),
        ("an expression: an exponent", f"±{evaluation.MAX_EXPONENT}", OUT_OF_BOUNDS),
        ("an expression: items of a list", f"{values.MAX_ITEMS:,}", OUT_OF_BOUNDS),
        ("a `for` in an expression: items", f"{evaluation.MAX_ROUNDS:,}", OUT_OF_BOUNDS),
        (
            "all expressions: items gone through, every copy counted",
            f"{scoping.WORK * nodes:,} *",
            OUT_OF_BOUNDS,
        ),
        ("a `repeat`, `for` or `dense`: copies", f"{repeat.LIMIT:,}", BAD_COUNT),
        ("all loops: copies", f"{nodes:,} *", TOO_MANY_NODES),
        ("a network: nodes", f"{nodes:,} *", TOO_MANY_NODES),
        ("a network: connections", f"{scoping.EDGES * nodes:,} *", TOO_MANY_NODES),
        ("a network: nodes inside each other", f"{scoping.MAX_DEPTH}", TOO_MANY_NODES),
        ("a network: parameters", "10^12", TOO_MANY_PARAMS),
        ("a tensor: axes", f"{dims.MAX_AXES}", BAD_SHAPE),
        ("a tensor: a size", "2^53", BAD_SHAPE),
        ("an argument: a number with a point", "±3.4 · 10^38, or infinite", BAD_VALUE),
        ("`split`, `chunk`: pieces", f"{joining.MOST_PIECES:,}", BAD_SHAPE),
        ("a choice: options", f"{choice.MOST_OPTIONS:,}", TOO_OPEN),
        ("a search space: decisions", f"{deciding.MAX_DECISIONS:,}", TOO_OPEN),
        ("a search space: networks built to try it", f"{finding.MAX_EXPANSIONS:,}", TOO_OPEN),
        ("files that a spec takes in", f"{loading.MAX_FILES}", CYCLE),
        ("files that take in each other: levels", f"{loading.MAX_CHAIN}", CYCLE),
        (
            "`--untrusted`: CPU time, memory",
            f"{limits.SECONDS} s, {limits.MEMORY >> 20} MiB",
            TOO_MUCH,
        ),
    ]
    return table(("what", "at most", "code"), ((a, b, f"`{rule.code}`") for a, b, rule in rows))


def _commands() -> str:
    text = ""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        context = click.Context(command, info_name=f"archspec {name}", terminal_width=88)
        text += f"## `archspec {name}`\n\n```text\n{command.get_help(context)}\n```\n\n"
    return text


def _strategies() -> str:
    return table(
        ("strategy", "option", "default", ""),
        (
            (f"`{name}`", f"`{option}`", f"`{_yaml(o.default)}`", o.about)
            for name, strategy in STRATEGIES.items()
            if name != "controller"
            for option, o in strategy.OPTIONS.items()
        ),
    )


def _presets() -> str:
    return table(
        ("option", *(f"`{name}`" for name in PRESETS), ""),
        (
            (f"`{name}`", *(_yaml(getattr(p, name)) for p in PRESETS.values()), option.about)
            for name, option in OPTIONS.items()
            if name != "preset"
        ),
    )


TABLES: dict[str, Callable[[], str]] = {
    "spec keys": _spec_keys,
    "common keys": lambda: _keys(COMMON_KEYS),
    "block keys": lambda: _keys(BLOCK_KEYS),
    "body": lambda: _keys(BODY_KEYS),
    "contracts": lambda: _keys(CONTRACTS),
    "functions": _functions,
    "types": _types,
    "initialisers": _initialisers,
    "commands": _commands,
    "limits": _limits,
    "strategies": _strategies,
    "presets": _presets,
    **{c.key: _connection(c.key) for c in CONNECTIONS},
}


def filled(page: str) -> str:
    """A page with its tables as the code has them."""

    def replace(match: re.Match[str]) -> str:
        made = TABLES[match[2]]()
        inline = "\n" not in made
        return f"{match[1]}{made}{match[4]}" if inline else f"{match[1]}\n\n{made}\n{match[4]}"

    return MARKED.sub(replace, page)


def ops_page() -> str:
    """The catalogue: every op with its arguments."""
    text = (
        "# Ops\n\nGenerated from the declarations; `archspec ops NAME` prints the same. The main "
        "argument, marked *main*, is the value of the op's own key: `{conv: 64, kernel: 3}`. Shapes "
        "are without the batch, and axes are counted without it.\n\n"
    )
    families: dict[str, list[Any]] = {}
    for op in catalogue().values():
        if op.__module__.startswith("archspec.ops."):
            families.setdefault(op.family, []).append(describe(op))
    for family, ops in families.items():
        text += f"## {family.capitalize()}\n\n"
        for op in ops:
            torch = f" (`{op['torch']}`)" if op["torch"] else ""
            text += f"### {op['name']}\n\n{op['description']}{torch}\n\n"
            if op["arguments"]:
                rows = (_argument(a, op) for a in op["arguments"])
                text += table(("argument", "takes", "default", ""), rows)
                text += "\n"
    return text


def _argument(argument: dict[str, Any], op: dict[str, Any]) -> tuple[str, ...]:
    main = ", *main*" if argument["name"] == op["main"] else ""
    default = "required" if argument["required"] else f"`{_yaml(argument['default'])}`"
    return f"`{argument['name']}`{main}", argument["type"], default, argument["description"]


def _yaml(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


def diagnostics_page() -> str:
    """Every code with its explanation and examples."""
    text = (
        "# Diagnostics\n\nEvery code, as `archspec explain CODE` has it: what it means, a spec that "
        "raises it, and one that does not.\n\n"
    )
    for rule in all_rules().values():
        text += f"## {rule.code}\n\n**{rule.title.capitalize()}.** {rule.explanation}\n\n"
        text += f"Wrong:\n\n```yaml\n{rule.wrong}```\n\nRight:\n\n```yaml\n{rule.right}```\n\n"
    return text


def tutorial_spec() -> str:
    """The last `stripes.yaml` of the tutorial."""
    found = re.findall(r'```yaml title="stripes.yaml"\n(.*?)```', _read("tutorial.md"), re.DOTALL)
    return str(found[-1])


def _read(name: str) -> str:
    return (DOCS / name).read_text()


def generated() -> dict[Path, bytes]:
    """Every generated file and what belongs into it."""
    schema = json.dumps(archspec.json_schema(), indent=1) + "\n"
    texts = {
        DOCS / "language.md": filled(_read("language.md")),
        DOCS / "cli.md": filled(_read("cli.md")),
        DOCS / "strategies.md": filled(_read("strategies.md")),
        DOCS / "ops.md": ops_page(),
        DOCS / "safety.md": filled(_read("safety.md")),
        DOCS / "diagnostics.md": diagnostics_page(),
        DOCS.parent / "specs" / "archspec.schema.json": schema,
    }
    pictures = {
        "resnet50.svg": archspec.load("resnet50").render(),
        "stripes.svg": archspec.load_str(tutorial_spec()).render(level="block"),
    }
    return {
        **{path: text.encode() for path, text in texts.items()},
        **{DOCS / "images" / name: picture for name, picture in pictures.items()},
        **zoo_index.page_and_pictures(),
        **gallery_pages.page_and_pictures(),
    }


def main(*, check: bool) -> int:
    """Write what is not current; with `check` only say so, and give 1."""
    stale = [
        (path, content)
        for path, content in generated().items()
        if not path.exists() or path.read_bytes() != content
    ]
    for path, content in stale:
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        print(f"{'not current' if check else 'wrote'}: {path.relative_to(DOCS.parent)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
