"""Building a scene: which boxes and frames there are, and what flows between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import PurePath
from typing import Literal

from archspec.analysis import cost
from archspec.analysis.summary import made_of
from archspec.connections import Module, Value
from archspec.graph import Graph, Node
from archspec.ops.dims import Dim

from .edges import between
from .folding import fold
from .joining import Cell, cells, is_join
from .model import Box, Frame, Scene
from .notation import notation, short_name, sign, stride_suffix
from .shortcuts import Shortcut, shortcuts
from .variants import variant, variants
from .view import Opening, View, role

_LEADING = ("normalization", "activation")
"""Families that a paper writes before the op: `BN-ReLU-3×3 conv`."""

_BESIDE = ("regularization", "padding", "tensors")
_SAID = (*_LEADING, *_BESIDE)


def build_scene(graph: Graph, root: Module, view: View) -> Scene:
    """The scene of a network in a view. Raises RenderError for a path that there is none of."""
    return _Building(graph, root, view).scene()


class _Building:
    def __init__(self, graph: Graph, root: Module, view: View):
        self.graph = graph
        self.root = root
        self.view = view
        self.opening = Opening(view, graph, root)
        self.top = self.opening.top
        self.shortcuts: Mapping[Node, Shortcut] = shortcuts(graph)
        self.frames: dict[Module, Frame] = {}
        self.whole = self.top is root
        self.box_of: dict[Module, str] = {}  # by op
        self.modules: dict[str, Module] = {}  # by id of a box or frame
        self.nodes: dict[str, list[Node]] = {}
        self.names: dict[str, int] = {}
        self.variants = variants(self.top.walk())
        self._kept = list(graph.outputs.values()) if self.whole else list(self.top.outputs)

    def scene(self) -> Scene:
        name = self.graph.name if self.whole else self.top.path
        frame = Frame("", self.top.path, name, role=role(self.top), train_only=self.top.train_only)
        self.frames[self.top] = frame
        shown = [node for node in self.graph if self.opening.inside(node.module)]
        inputs = self._inputs(shown)
        frame.items += inputs.values()
        self._boxes(shown)
        outputs = self._outputs(shown)
        plain = self.view.level == "op" and not self.view.folds and not self.view.joins
        edges = between(
            shown,
            self.box_of,
            {value: box.id for value, box in inputs.items()},
            [(box.id, value) for box, value in outputs],
            self.shortcuts,
            every_operand=plain,
        )
        frame.items += [box for box, _value in outputs]
        if self.whole:
            totals = cost(self.graph)
            params, macs = totals.params, totals.macs
        else:
            params, macs = self._sum(shown)
        for module in self.frames:
            self._count(module)
        scene = Scene(name, frame, edges, level=self.view.level, params=params, macs=macs)
        if self.view.folds:
            fold(scene, self.modules, self.nodes)
        if self.view.folds or self.view.joins:
            _dissolve(frame)
        return scene

    # -- boxes -------------------------------------------------------------------------------------

    def _inputs(self, shown: list[Node]) -> dict[Value, Box]:
        """A box for each tensor that comes from outside."""
        if self.whole:
            values = {value: name for name, value in self.graph.inputs.items()}
        else:
            inside = {node.module for node in shown}
            values = {}
            for node in shown:
                for value in node.inputs:
                    if value.producer not in inside and value not in values:
                        values[value] = value.path or "input"
        found = {}
        for value, name in values.items():
            title = name if self.whole else "input" if len(values) == 1 else name
            found[value] = Box(
                self._id(f"input:{name}"), "", title, "input", "input", "input",
                out_shape=value.shape,
            )  # fmt: skip
        return found

    def _outputs(self, shown: list[Node]) -> list[tuple[Box, Value]]:
        """A box for each tensor that goes outside, with the tensor."""
        if self.whole:
            named = [
                (name, value)
                for name, value in self.graph.outputs.items()
                if value.producer is None or not self.opening.hidden(value.producer)
            ]
        else:
            named = [("output", value) for value in self.top.outputs]
        found = []
        for name, value in named:
            title = name if self.whole and len(self.graph.outputs) > 1 else "output"
            train_only = value.producer is not None and value.producer.train_only
            found.append(
                (
                    Box(
                        self._id(f"output:{name}"), "", title, "output", "output", "output",
                        in_shape=value.shape, out_shape=value.shape, train_only=train_only,
                    ),
                    value,
                )
            )  # fmt: skip
        return found

    def _boxes(self, shown: list[Node]) -> None:
        """Make the boxes in order of flow, each in its frame."""
        loose: list[Node] = []
        closed: dict[Module, list[Node]] = {}
        owners: dict[Module, Module] = {}
        for node in shown:
            owner = self.opening.owner(node.module)
            owners[node.module] = owner
            if owner is not node.module:
                closed.setdefault(owner, []).append(node)
            elif not self._left_out(node):
                loose.append(node)
        kept = set(self._kept)
        homes = {node.module: self._home(node.module) for node in loose}
        joined = cells(loose, lambda node: homes[node.module], kept, join=self.view.joins)
        named = {cell.core.module: cell for cell in joined}
        made: set[Module] = set()
        for node in shown:
            owner = owners[node.module]
            if owner is not node.module:
                if owner not in made and not self.opening.hidden(owner):
                    made.add(owner)
                    self._add(self._closed(owner, closed[owner]), owner, closed[owner], owner)
            elif node.module in named:
                cell = named[node.module]
                self._add(self._cell(cell), cell.core.module, cell.nodes, None)

    def _left_out(self, node: Node) -> bool:
        """Whether a picture says nothing of an op: a hidden one; one that changes no number, where
        ops are joined; a concatenation between the layers of a dense block, where copies are folded."""
        if self.opening.hidden(node.module):
            return True
        if self.view.joins and _changes_nothing(node):
            return not set(node.outputs) & set(self._kept)
        parent = node.module.parent
        return (
            self.view.folds
            and node.op.name == "concat"
            and not node.module.named
            and parent is not None
            and role(parent) == "dense"
            and node.outputs[0] not in self._kept
        )

    def _add(self, box: Box, at: Module, nodes: list[Node], closed: Module | None) -> None:
        self._frame(at).items.append(box)
        for node in nodes:
            self.box_of[node.module] = box.id
        self.nodes[box.id] = nodes
        self.modules[box.id] = at if closed is None else closed

    def _home(self, module: Module) -> Module:
        """The open named module that a box stands in."""
        parent = module.parent
        while parent is not None and parent is not self.top and not parent.named:
            parent = parent.parent
        return parent if parent is not None else self.top

    def _frame(self, module: Module) -> Frame:
        """The frame that a box of a module stands in; made with those around it."""
        home = self._home(module)
        if home not in self.frames:
            around = self._frame(home)
            made = Frame(
                self._id(home.path), home.path, self._name(home), role=role(home),
                train_only=home.train_only, place=_place(home),
            )  # fmt: skip
            around.items.append(made)
            self.frames[home] = made
            self.modules[made.id] = home
        return self.frames[home]

    def _count(self, module: Module) -> None:
        frame = self.frames[module]
        if module is not self.top:
            inside = [n for box in frame.boxes() for n in self.nodes.get(box.id, [])]
            frame.params, frame.macs = self._sum(inside)

    def _closed(self, module: Module, nodes: list[Node]) -> Box:
        """The box of a closed module."""
        params, macs = self._sum(nodes)
        kind = made_of(module)
        out = module.outputs[0] if module.outputs else None
        entry = module.inputs[0] if module.inputs else None
        title = kind or module.path
        if module.kind == "block" and out is not None and _channels_first(out):
            title += f", {out.shape[0]}{_reduction(entry, out)}"
        title += variant(module, self.variants.get(module.block or "", ()))
        lines = []
        if role(module) == "dense" and entry is not None and out is not None:
            lines.append(_growth(module, entry, out))
        return Box(
            self._id(module.path or module.label), module.path, title, "block", kind or "module",
            "block", self._name(module), tuple(lines), entry.shape if entry is not None else None,
            out.shape if out is not None else None, params, macs,
            shortcut=self._around(module, nodes), train_only=module.train_only,
            place=_place(module),
        )  # fmt: skip

    def _around(self, module: Module, nodes: list[Node]) -> Literal["", "identity", "projection"]:
        """What goes around the inside of a closed residual block."""
        if module.kind != "block" or not self._ends_in_shortcut(module):
            return ""
        kinds = {self.shortcuts[node].kind for node in nodes if node in self.shortcuts}
        return "projection" if "projection" in kinds else "identity" if kinds else ""

    def _ends_in_shortcut(self, module: Module) -> bool:
        """Whether what a block gives is a sum with a shortcut, but for an activation or the like."""
        node = self.graph.producer(module.outputs[0]) if module.outputs else None
        while node is not None and node not in self.shortcuts and len(node.inputs) == 1:
            if node.op.family not in _SAID:
                return False
            node = self.graph.producer(node.inputs[0])
        return node in self.shortcuts

    def _cell(self, cell: Cell) -> Box:
        """The box of an op, and of what is joined to it."""
        node = cell.core
        module = node.module
        params, macs = self._sum(cell.nodes)
        out = cell.nodes[-1].outputs[0]
        entry = next((n.inputs[0] for n in cell.nodes if n.inputs), None)
        join = is_join(node)
        title = sign(node.op) if join else notation(node.op, node.outputs[0].shape)
        lead, follow = _names(cell.before, _LEADING), _names(cell.after)
        if join:
            lead += _names(cell.before, _BESIDE)
        lines = []
        if join and (lead or follow):
            lines = ["-".join([*lead, *follow])]
        elif not join:
            title = "-".join([*lead, title])
            beside = [*_names(cell.before, _BESIDE), *follow]
            if beside:
                lines = [", ".join(beside)]
        return Box(
            self._id(node.label), module.path, title, "join" if join else "op", node.op.name,
            node.op.family, self._name(module) if module.named else "", tuple(lines),
            entry.shape if entry is not None else None, out.shape, params, macs,
            train_only=module.train_only, place=_place(module),
        )  # fmt: skip

    def _sum(self, nodes: list[Node]) -> tuple[int, int | Dim]:
        macs: int | Dim = 0
        for node in nodes:
            macs = macs + node.macs
        return sum(node.params for node in nodes), macs

    def _name(self, module: Module) -> str:
        """What to call a module in the frame that it stands in: its path from there, with what is
        before a number."""
        around = self._home(module)
        names = module.path.split(".")
        outer = len(around.path.split(".")) if around.path else 0
        while outer and names[outer].isdecimal():
            outer -= 1
        return ".".join(names[outer:])

    def _id(self, name: str) -> str:
        count = self.names.get(name, 0) + 1
        self.names[name] = count
        return name if count == 1 else f"{name}#{count}"


def _dissolve(frame: Frame) -> None:
    """Take away the frames around one box: they say nothing that its path does not."""
    for number, item in enumerate(frame.items):
        if isinstance(item, Frame):
            _dissolve(item)
            if len(item.items) == 1 and item.role != "dense" and item.count == 1:
                inner = item.items[0]
                frame.items[number] = inner
                if isinstance(inner, Box):
                    inner.name = _within(inner.name, item, inner)
                else:
                    if not inner.title.startswith(f"{item.title}."):
                        inner.title = f"{item.title}.{inner.title}"


def _within(name: str, frame: Frame, box: Box) -> str:
    """What to call the only box of a frame: as the frame, unless it stands for copies."""
    return frame.title if box.count == 1 or name.startswith(frame.title) else name


def _changes_nothing(node: Node) -> bool:
    """Whether an op passes its numbers on, as dropout of nothing does."""
    if len(node.inputs) != 1:
        return False
    dropped = node.op.family == "regularization" and vars(node.op).get("p") == 0
    return dropped or node.op.name in ("flatten", "identity")


def _channels_first(value: Value) -> bool:
    """Whether a tensor is channels and spatial axes, as far as its strides are followed."""
    return isinstance(value.stride, tuple) and 0 < len(value.stride) == len(value.shape) - 1


def _names(nodes: list[Node], families: Collection[str] = _SAID) -> list[str]:
    """The names of joined ops of these families, where they do something."""
    found = []
    for node in nodes:
        if node.op.family not in families or vars(node.op).get("p") == 0:
            continue
        if node.op.family == "tensors":
            found += [node.module.name] if node.module.named else []
        elif node.op.name != "identity":
            found.append(short_name(node.op))
    return found


def _reduction(entry: Value | None, out: Value) -> str:
    """`, /2` where a block makes its input smaller by strides."""
    if entry is None or not isinstance(entry.stride, tuple) or not isinstance(out.stride, tuple):
        return ""
    if len(entry.stride) != len(out.stride):
        return ""
    pairs = zip(entry.stride, out.stride, strict=True)
    steps = tuple(Fraction(after) / before for before, after in pairs)
    return stride_suffix(steps)


def _growth(module: Module, entry: Value, out: Value) -> str:
    """How the channels of a dense block grow."""
    layers = [child for child in module.children if child.op is None or child.named]
    text = f"{entry.shape[0]} → {out.shape[0]} channels"
    if layers and layers[0].outputs:
        text += f", +{layers[0].outputs[0].shape[0]} each"
    return text


def _place(module: Module) -> str:
    """FILE:LINE of a module in its spec."""
    if module.node is None:
        return ""
    span = module.node.span
    return f"{PurePath(span.source.name).name}:{span.line}"
