"""The public functions: load, validate and compile specs."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import yaml

from archspec.architecture import Architecture
from archspec.codes.spec import NO_SPEC
from archspec.diagnostics import RULES, Diagnostic, Rule, Source, SpecError, did_you_mean
from archspec.expand import Loader, Program, expand, spaces, zoo
from archspec.expand.files import packaged
from archspec.expand.overriding import each_cause
from archspec.expand.scoping import MAX_NODES
from archspec.files import packaged_folder, project_root
from archspec.lint import by_default, lint
from archspec.plugins import load_entry_points, load_plugin
from archspec.syntax import parse, read

if TYPE_CHECKING:
    from torch import nn

    from archspec.drawing import Options
    from archspec.search.spec_space import SpecSpace


class SpecInfo(NamedTuple):
    """A shipped network or search space."""

    name: str
    path: Path
    description: str


def list_specs() -> list[SpecInfo]:
    """The shipped networks."""
    return _described(zoo())


def list_spaces() -> list[SpecInfo]:
    """The shipped search spaces."""
    return _described(spaces())


def _described(specs: Iterable[tuple[str, Path]]) -> list[SpecInfo]:
    found = []
    for name, path in specs:
        tree = parse(read(path))
        description = getattr(tree, "get", lambda _key: None)("description")
        found.append(SpecInfo(name, path, str(getattr(description, "value", "") or "")))
    return found


def load(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    *,
    plugins: Iterable[str | os.PathLike[str]] = (),
    limit: int | None = None,
    **params: Any,
) -> Architecture:
    """The architecture of a spec, with parameters set from outside.

    spec: a path, the name of a shipped network, the text of a spec (it has a line break), or a
    dict. plugins: Python files whose ops the spec uses; trusted code, run here. limit: most nodes.

    Raises SpecError, which carries the diagnostics.
    """
    return load_architecture(spec, params, plugins, limit)


def load_architecture(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    params: Mapping[str, Any],
    plugins: Iterable[str | os.PathLike[str]] = (),
    limit: int | None = None,
) -> Architecture:
    """`load` with the parameters as a mapping, whatever they are called."""
    return _architecture(read_program(spec, plugins=plugins), params, limit)


def load_space(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    *,
    plugins: Iterable[str | os.PathLike[str]] = (),
    limit: int | None = None,
    text: str | None = None,
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> SpecSpace:
    """The search space of a spec that leaves choices open, with every option tried.

    spec, plugins, limit: as for `load`. text: the spec itself, when `spec` is only its name.

    Raises SpecError with everything that is wrong, in whichever option it is.
    """
    from archspec.search.finding import find_space

    if text is None:
        program = read_program(spec, plugins=plugins)
    else:
        program = read_text(str(spec), text, plugins=plugins)
    return find_space(program, {**(params or {}), **more}, limit)


def child(space: SpecSpace, answers: Mapping[str, int | float]) -> Architecture:
    """The child of a space with these answers: see `archspec.search.space.Space`.

    Raises SpecError where there is none, or where it does not meet what the space requires.
    """
    return Architecture(space.network(answers))


def load_str(
    text: str,
    *,
    name: str = "<string>",
    plugins: Iterable[str | os.PathLike[str]] = (),
    limit: int | None = None,
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> Architecture:
    """The architecture of a spec given as text; relative imports are not possible."""
    program = read_text(name, text, plugins=plugins)
    return _architecture(program, {**(params or {}), **more}, limit)


def _architecture(program: Program, params: Mapping[str, Any], limit: int | None) -> Architecture:
    return Architecture(expand(program, params, limit=MAX_NODES if limit is None else limit))


def read_program(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    *,
    plugins: Iterable[str | os.PathLike[str]] = (),
) -> Program:
    """The spec and its files, read and joined but not expanded."""
    load_entry_points()
    for plugin in plugins:
        load_plugin(plugin)
    if isinstance(spec, Mapping):
        return read_text("<dict>", yaml.safe_dump(dict(spec), sort_keys=False, allow_unicode=True))
    if isinstance(spec, str) and "\n" in spec:
        return read_text("<string>", spec)
    path = find_spec(spec)
    real = Path(os.path.abspath(path))
    inside = path.is_relative_to(packaged_folder())
    source = read(path)
    shown = source if inside else Source(os.fspath(spec), source.text)
    root = packaged_folder() if inside else real.parent
    if not inside and any(word in source.text for word in ("import", "extends", "\\")):
        root = project_root(path.parent)  # other files are looked for in it
    return Loader().load(shown, real, root)


def read_text(name: str, text: str, *, plugins: Iterable[str | os.PathLike[str]] = ()) -> Program:
    """`read_program` of a text, which can take in shipped files alone."""
    load_entry_points()
    for plugin in plugins:
        load_plugin(plugin)
    return Loader().load(Source("<stdin>" if name == "-" else name, text), None, None)


def find_spec(spec: str | os.PathLike[str]) -> Path:
    """The file that a name or a path means. Raises SpecError."""
    path = Path(spec)
    name = os.fspath(spec).removeprefix("archspec:")
    known = packaged()
    if os.path.lexists(path) and not (name in known and path.is_dir()):
        return path
    if name in known and path.name == os.fspath(spec):
        return known[name]
    near = [p.name for p in path.parent.glob("*.y*ml")] if os.path.isdir(path.parent) else []
    raise SpecError(
        NO_SPEC.at(
            None,
            f"no file and no shipped network is called `{spec}`",
            help=did_you_mean(name, [*known, *near])
            or "`archspec list` shows the shipped networks",
        )
    )


def validate(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    *,
    plugins: Iterable[str | os.PathLike[str]] = (),
    text: str | None = None,
    params: Mapping[str, Any] | None = None,
    wanted: Callable[[Rule], bool] = by_default,
    limit: int | None = None,
    **more: Any,
) -> list[Diagnostic]:
    """What is wrong with a spec, and where nothing is, what could be better; in order of the file.

    text: the spec itself, when `spec` is only its name (`-` is standard input). wanted: which
    warnings to look for; all but the optional ones by default. limit: most nodes. A file that
    declares blocks and neither `stages` nor `input` is a library, of which the file alone is read.
    """
    try:
        if text is None:
            program = read_program(spec, plugins=plugins)
        else:
            program = read_text(str(spec), text, plugins=plugins)
    except SpecError as error:
        return in_order(error.diagnostics)
    return check_program(program, {**(params or {}), **more}, wanted=wanted, limit=limit)


def check_program(
    program: Program,
    params: Mapping[str, Any],
    *,
    wanted: Callable[[Rule], bool] = by_default,
    limit: int | None = None,
) -> list[Diagnostic]:
    """`validate` for what is read already."""
    architecture = None
    try:
        graph = None
        more: tuple[Diagnostic, ...] = ()
        if program.is_network:
            architecture = _architecture(program, params, limit)
            graph = architecture.ir
            if architecture.network.decisions.asked or program.choices:
                from archspec.search.finding import find_space

                more = find_space(program, params, limit).findings
        elif program.problems:
            raise SpecError(*each_cause(program.problems))
        more = tuple(one for one in more if wanted(RULES[one.code]))
        return in_order((*lint(program, graph, wanted), *more))
    except SpecError as error:
        return in_order(error.diagnostics)
    finally:
        if architecture is not None:
            architecture.network.root.dissolve()


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings by file, in the order in which these turn up, and by place."""
    files: dict[str, int] = {}

    def place(found: Diagnostic) -> tuple[int, int, int]:
        if found.span is None:
            return (-1, 0, 0)
        return (files[found.span.source.name], found.span.line, found.span.column)

    found = list(diagnostics)
    for diagnostic in found:
        if diagnostic.span is not None:
            files.setdefault(diagnostic.span.source.name, len(files))
    return sorted(found, key=place)


_recent: OrderedDict[Any, Architecture] = OrderedDict()
_MOST_RECENT = 8


def _known(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    plugins: Iterable[str | os.PathLike[str]],
    params: Mapping[str, Any],
) -> Architecture:
    """The architecture of a spec; that of a shipped network, whose text does not change, is kept
    for the next model of it (an ensemble, the folds of a validation, the trials of a search)."""
    fixed = all(isinstance(value, int | float | str) for value in params.values())
    if not (isinstance(spec, str) and spec in packaged() and fixed) or os.path.exists(spec):
        return load(spec, plugins=plugins, **params)
    for plugin in plugins:
        load_plugin(plugin)
    key = (spec, *((name, type(value), value) for name, value in sorted(params.items())))
    if key not in _recent:
        _recent[key] = load(spec, **params)
        if len(_recent) > _MOST_RECENT:
            _recent.popitem(last=False)
    _recent.move_to_end(key)
    return _recent[key].again()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a spec file, for editors and other validators."""
    from archspec.schema.json_schema import json_schema

    load_entry_points()
    return json_schema()


def compile(
    spec: str | os.PathLike[str] | Mapping[str, Any],
    *,
    weights: str | os.PathLike[str] | dict[str, Any] | None = None,
    optimize: str | None = None,
    strict: bool = True,
    new_head: bool = False,
    init: bool = True,
    seed: int | None = None,
    train_only: bool = True,
    plugins: Iterable[str | os.PathLike[str]] = (),
    **params: Any,
) -> nn.Module:
    """The model of a spec; see `load` for `spec` and `Architecture.compile` for the rest.

    optimize: None for the network as it is, "inference" for evaluation mode without train-only
    heads.
    """
    if optimize not in (None, "inference"):
        raise ValueError(f'optimize takes None or "inference", got {optimize!r}')
    model = _known(spec, plugins, params).compile(
        weights=weights,
        strict=strict,
        new_head=new_head,
        init=init,
        seed=seed,
        train_only=train_only and optimize is None,
    )
    if optimize == "inference":
        model.eval().requires_grad_(False)
    return model


def render(
    specs: Iterable[str | os.PathLike[str] | Mapping[str, Any] | Architecture],
    path: str | os.PathLike[str] | None = None,
    **options: Unpack[Options],
) -> bytes:
    """Draw several networks in columns, or two as one with `diff=True`; see `Architecture.render`."""
    from archspec.drawing import render as drawn

    networks = [spec if isinstance(spec, Architecture) else load(spec) for spec in specs]
    return drawn(networks, path, **options)
