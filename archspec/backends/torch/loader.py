"""Loading: generated source becomes classes, whose instances can be pickled into any process."""

from __future__ import annotations

import hashlib
import linecache
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from itertools import zip_longest
from types import ModuleType
from typing import Any, Self

import torch
from torch import nn

_MOST = 256
_loaded: OrderedDict[tuple[str, str], ModuleType] = OrderedDict()
_lock = threading.Lock()


def load_source(source: str, name: str = "network", origins: str = "") -> ModuleType:
    """The module that a generated source makes; the same source gives the same classes.

    The text is known to `linecache`, so that tracebacks, debuggers and `inspect` show it. origins:
    for every line the place in the spec that it comes from, or nothing; it stands at the line's end
    as a comment there.
    """
    key = (source, origins)
    with _lock:
        module = _loaded.get(key)
        if module is not None:
            _loaded.move_to_end(key)
            return module
    digest = hashlib.sha256(f"{source}\0{origins}".encode()).hexdigest()[:12]
    filename = f"<archspec {name} {digest}>"
    module = ModuleType(f"archspec_{name}_{digest}")
    module.__dict__["__file__"] = filename
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    if "initialise" in module.__dict__:
        module.__dict__["initialise"] = _unless_skipped(module.__dict__["initialise"])
    for value in list(module.__dict__.values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            if issubclass(value, nn.Module):
                _make_picklable(value, (source, name, origins))
            elif issubclass(value, tuple):
                _make_picklable_tuple(value, (source, name, origins))
    lines = [
        f"{line}  # {origin}\n" if origin else f"{line}\n"
        for line, origin in zip_longest(source.splitlines(), origins.split("\n"))
    ]
    linecache.cache[filename] = (len(source), None, lines, filename)
    with _lock:
        _loaded[key] = module
        sys.modules[module.__name__] = module  # where `inspect` looks for the file of a class
        while len(_loaded) > _MOST:
            _old, forgotten = _loaded.popitem(last=False)
            sys.modules.pop(forgotten.__name__, None)
            linecache.cache.pop(str(forgotten.__dict__["__file__"]), None)
    return module


def _make_picklable(cls: type[nn.Module], origin: tuple[str, str, str]) -> None:
    def reduce(self: nn.Module, _protocol: Any) -> Any:
        state = dict(self.__dict__)
        return _new, (type(self).__qualname__, *origin), state

    cls.__reduce_ex__ = reduce  # type: ignore[method-assign, assignment]


def _make_picklable_tuple(cls: type[Any], origin: tuple[str, str, str]) -> None:
    def reduce(self: Any, _protocol: Any) -> Any:
        return _new_tuple, (tuple(self), type(self).__qualname__, *origin)

    cls.__reduce_ex__ = reduce  # type: ignore[method-assign, assignment]


def _new(cls: str, *origin: str) -> nn.Module:
    found = getattr(load_source(*origin), cls)
    module: nn.Module = found.__new__(found)
    return module


def _new_tuple(values: tuple[Any, ...], cls: str, *origin: str) -> Any:
    return getattr(load_source(*origin), cls)(*values)


def _unless_skipped(initialise: Callable[[nn.Module], None]) -> Callable[[nn.Module], None]:
    def run(model: nn.Module) -> None:
        if not _skipping.get():
            initialise(model)

    return run


_skipping: ContextVar[bool] = ContextVar("skipping initialisation", default=False)


class SkipInit(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
    """While active in this thread, torch.nn.init does nothing: modules are made with their memory
    as it is, because a checkpoint or one later pass fills it."""

    def __enter__(self) -> Self:
        self._token = _skipping.set(True)
        super().__enter__()
        return self

    def __exit__(self, *stop: Any) -> None:
        super().__exit__(*stop)
        _skipping.reset(self._token)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))
