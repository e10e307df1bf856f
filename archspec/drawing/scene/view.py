"""A view: what of a network a picture opens, hides, folds and joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from archspec.connections import Branches, Dense, Module, Skip
from archspec.diagnostics import RenderError, did_you_mean
from archspec.graph import Graph
from archspec.ops import catalogue

from .joining import is_one_op

Level = Literal["stage", "block", "op"]
LEVELS: tuple[Level, ...] = ("stage", "block", "op")
Role = Literal["", "branches", "skip", "dense"]


@dataclass(frozen=True)
class View:
    """What a picture opens.

    level: `stage` closes the network's own children, `block` the instances of blocks, `op` nothing.
    expand: paths of modules to open beside. hide: paths or names of ops to leave out; edges go
    through them. only: the path of the one module to draw. fold: copies in a row become one box;
    join: norms and activations go into the box of their convolution; both above `op` unless said.
    """

    level: Level = "block"
    expand: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    only: str | None = None
    fold: bool | None = None
    join: bool | None = None

    @property
    def folds(self) -> bool:
        return self.level != "op" if self.fold is None else self.fold

    @property
    def joins(self) -> bool:
        return self.level != "op" if self.join is None else self.join


class Opening:
    """A view of one network: which modules are open, and which are hidden.

    Raises RenderError for a level or a path that there is none of.
    """

    def __init__(self, view: View, graph: Graph, root: Module):
        if view.level not in LEVELS:
            raise RenderError(_no("level", view.level, LEVELS))
        self.view = view
        self._root = root
        self.top = root if view.only is None else self._module(view.only)
        if self.top.op is not None:
            raise RenderError(f"`{view.only}` is an op, there is nothing in it to draw")
        self._hidden_ops = set()
        self._hidden: set[Module] = set()
        for name in view.hide:
            if name in catalogue():
                self._hidden_ops.add(name)
            else:
                self._hidden.update(self._module(name, "hide").walk())
        self._expanded: set[Module] = set()
        for path in view.expand:
            self._expand(self._module(path, "expand"))

    def hidden(self, module: Module) -> bool:
        """Whether an op or a module is left out."""
        return module in self._hidden or (
            module.op is not None and module.op.name in self._hidden_ops
        )

    @cached_property
    def paths(self) -> Mapping[str, Module]:
        """All modules that have a path, by it."""
        return {path: module for module in self._root.walk() if (path := module.path)}

    @cached_property
    def _tops(self) -> set[Module]:
        """The modules that are open whatever the level: the one to draw, and what is around it."""
        found = {self.top}
        module = self.top.parent
        while module is not None:
            found.add(module)
            module = module.parent
        return found

    def is_open(self, module: Module) -> bool:
        """Whether a module shows what is in it."""
        if module in self._tops or module in self._expanded:
            return True
        if module.op is not None:
            return False
        if not module.named or self.view.level == "op":
            return True
        if self.view.level == "stage":
            return module.parent in self._expanded and module.kind != "block"
        return module.kind != "block" or (self.view.joins and is_one_op(module))

    def owner(self, leaf: Module) -> Module:
        """The module that stands for an op: the outermost closed one around it, or itself."""
        chain = []
        module: Module | None = leaf
        while module is not None and module not in self._tops:
            chain.append(module)
            module = module.parent
        return next((m for m in reversed(chain) if not self.is_open(m)), leaf)

    def inside(self, leaf: Module) -> bool:
        """Whether an op is in the part that is drawn."""
        if self.top is self._root:
            return True
        module: Module | None = leaf
        while module is not None and module is not self.top:
            module = module.parent
        return module is not None

    def _expand(self, module: Module) -> None:
        """Open a module, what is around it, and the branches beside it, so that all are alike."""
        current: Module | None = module
        while current is not None and current not in self._expanded:
            self._expanded.add(current)
            parent = current.parent
            if parent is not None and role(parent) == "branches":
                self._expanded.update(c for c in parent.children if c.op is None)
            current = parent

    def _module(self, path: str, option: str = "only") -> Module:
        found: Module | None = self._root
        for name in path.split("."):
            inside = found.children if found is not None else ()
            found = next((c for c in inside if c.named and c.name == name), None)
        if found is None:
            known = [*self.paths, *catalogue()] if option == "hide" else list(self.paths)
            raise RenderError(_no("module" if option != "hide" else "module or op", path, known))
        return found


def role(module: Module) -> Role:
    """How the children of a module are joined."""
    written = module.node
    if module.block_written is not None:
        written = module.block_written.body
    if isinstance(written, Branches):
        return "branches"
    if isinstance(written, Skip):
        return "skip"
    return "dense" if isinstance(written, Dense) else ""


def _no(what: str, name: str, known: object) -> str:
    hint = did_you_mean(name, list(known))  # type: ignore[call-overload]
    return f"no {what} is called `{name}`" + (f": {hint}" if hint else "")
