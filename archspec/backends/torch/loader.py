"""Loading: generated source becomes classes, whose instances can be pickled into any process."""

from __future__ import annotations

import hashlib
import linecache
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from itertools import zip_longest
from types import ModuleType
from typing import Any, Self

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
        if threading.get_ident() not in _skipping:
            initialise(model)

    return run


class SkipInit:
    """While active in this thread, torch.nn.init does nothing: modules are made with their memory
    as it is, because a checkpoint or one later pass fills it.

    The functions of torch.nn.init are replaced meanwhile by ones that do nothing in this thread and
    the same as ever in others; what torch itself offers for this costs a third of making a model.
    """

    def __enter__(self) -> Self:
        with _lock:
            if not _skipping:
                for name, function in _INITS.items():
                    setattr(nn.init, name, _skippable(function))
            _skipping.append(threading.get_ident())
        return self

    def __exit__(self, *stop: Any) -> None:
        with _lock:
            _skipping.remove(threading.get_ident())
            if not _skipping:
                for name, function in _INITS.items():
                    setattr(nn.init, name, function)


_skipping: list[int] = []
"""The threads that skip, once for each time that they entered."""

_INITS: dict[str, Callable[..., Any]] = {
    name: function
    for name, function in vars(nn.init).items()
    if name.endswith("_") and callable(function)
}


def _skippable(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() in _skipping:
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)

    return run
