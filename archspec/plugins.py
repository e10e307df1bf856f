"""Plugins: trusted Python that adds ops, never named by a spec.

An op comes from an installed package (entry point group `archspec.ops`), from
`archspec.register(...)` in the caller's code, or from a file given on the command line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from archspec.connections import COMMON_KEYS, CONNECTIONS
from archspec.diagnostics import PluginError
from archspec.installed import entry_points
from archspec.ops import Op, catalogue
from archspec.ops import register as register_op


@cache
def load_entry_points() -> None:
    """Import what installed packages declare; each adds its ops by being imported."""
    catalogue()
    for point in entry_points():
        try:
            point.load()
        except Exception as error:  # the package's own code
            raise PluginError(f"plugin {point.name} ({point.value}) failed: {error}") from error


def load_plugin(path: str | os.PathLike[str]) -> None:
    """Run a Python file that declares ops. It is code: only files that the caller trusts.

    Raises PluginError when the file is missing or fails.
    """
    import hashlib
    import importlib.util

    file = Path(path).resolve()
    digest = hashlib.sha256(os.fsencode(file)).hexdigest()[:12]
    name = f"archspec_plugin_{digest}.{file.stem}"  # the stem is the family of its ops
    if name in sys.modules:
        return
    catalogue()
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise PluginError(f"no such plugin file: {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before = set(catalogue())
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # the file's own code
        del sys.modules[name]
        raise PluginError(f"plugin {path} failed: {type(error).__name__}: {error}") from error
    _check_names(catalogue().keys() - before)


def register(op: type[Op]) -> type[Op]:
    """Add an op to the catalogue; usable as a decorator.

    A subclass of `archspec.Op` with a `name` registers itself; this also checks that no connection
    is called so. Raises PluginError.
    """
    catalogue()
    if not (isinstance(op, type) and issubclass(op, Op)):
        raise PluginError(f"{op!r} is not a subclass of archspec.Op")
    _check_names([getattr(op, "name", op.__name__)])
    try:
        return register_op(op)
    except ValueError as error:
        raise PluginError(str(error)) from None


def _check_names(names: Iterable[str]) -> None:
    """Refuse ops with names that mean something else in a spec."""
    taken = {
        *COMMON_KEYS,
        "body",
        "output",
        "register",
        *(connection.key for connection in CONNECTIONS),
    }
    for name in names:
        if name in taken:
            catalogue().pop(name, None)
            raise PluginError(f"an op cannot be called `{name}`: the word has a meaning in specs")
