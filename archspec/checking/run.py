"""Checking one spec after another, with what is shared between them."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archspec.codes.text import TOO_MUCH
from archspec.diagnostics import Diagnostic, Source, SpecError
from archspec.diagnostics.packing import pack_whole, unpack_whole
from archspec.installed import installed
from archspec.limits import LimitReached, within_limits

from .cache import Cache, cache_folder
from .selection import Selection


@dataclass
class Checker:
    """How specs are checked.

    plugins: trusted Python files. untrusted: each spec in a process with limits. cached: whether
    what was found earlier may answer.
    """

    selection: Selection
    params: Mapping[str, Any] = field(default_factory=dict)
    plugins: tuple[str, ...] = ()
    limit: int | None = None
    untrusted: bool = False
    cached: bool = True

    def __post_init__(self) -> None:
        asked = [sorted(self.selection.codes), self.params, self.limit, installed()]
        usable = self.cached and not self.plugins and not self.untrusted
        self._cache = Cache(cache_folder(), asked) if usable else None

    def check(self, spec: str, text: str | None = None) -> list[Diagnostic]:
        """What is found in a spec; text: the spec itself where `spec` is only its name."""
        cache = self._cache if text is None else None
        if cache is not None:
            known = cache.get(spec)
            if known is not None:
                return known
        if self.untrusted:
            return self._limited(spec, text)
        found, paths = self._found(spec, text)
        if cache is not None and paths:
            cache.put(spec, found, paths)
        return found

    def _found(self, spec: str, text: str | None) -> tuple[list[Diagnostic], Mapping[Path, Source]]:
        with _rare_collection():
            return self._looked(spec, text)

    def _looked(
        self, spec: str, text: str | None
    ) -> tuple[list[Diagnostic], Mapping[Path, Source]]:
        from archspec.api import check_program, in_order, read_program, read_text

        try:
            if text is None:
                program = read_program(spec, plugins=self.plugins)
            else:
                program = read_text(spec, text, plugins=self.plugins)
        except SpecError as error:
            return in_order(error.diagnostics), {}
        found = check_program(program, self.params, wanted=self.selection, limit=self.limit)
        return found, {} if program.faults else program.paths  # a missing file may come to be

    def _limited(self, spec: str, text: str | None) -> list[Diagnostic]:
        def work() -> bytes:
            return json.dumps(pack_whole(self._found(spec, text)[0])).encode()

        try:
            return unpack_whole(json.loads(within_limits(work)))
        except LimitReached as reached:
            return [TOO_MUCH.at(None, f"{spec}: checking it {reached}")]


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Garbage is collected between specs, and in one only where it makes very much of it: what a
    collection would go through is in use."""
    young, *older = gc.get_threshold()
    gc.set_threshold(max(young, _YOUNG) if young else 0, *older)
    try:
        yield
    finally:
        gc.set_threshold(young, *older)


_YOUNG = 10_000
"""Objects that a spec may leave before garbage is collected; one of ResNet-50's size leaves 2,200."""
