"""Drawing: a cold process to SVG beside others' programs, and pictures in a running process."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import archspec
from archspec.drawing import View, draw

from .measure import Row, Target, compare, cpu_of, cpu_seconds

FASTER = 5
"""How many times faster than others, from a cold process to SVG."""

RIVALS = ("torchview", "torchlens", "keras")
NETWORKS = {"resnet50": "ResNet50", "densenet121": "DenseNet121"}


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows of cold processes at the default level of each program, and of warm drawing.

    The others' programs come with `make bench`, and need graphviz's `dot`; what is missing is said.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            ours = [sys.executable, "-m", "archspec", "render", name, "-o", f"{folder}/{name}.svg"]
            for rival in RIVALS:
                missing = _missing(rival)
                if missing:
                    print(f"  drawing: {rival} is left out: {missing}", file=sys.stderr)
                    continue
                theirs = [
                    *(sys.executable, "-m", "tests.benchmarks.drawing"),
                    *(rival, name, f"{folder}/{rival}-{name}"),
                ]
                yield from compare(
                    "drawing",
                    f"{name}, cold, to SVG",
                    (rival, theirs),
                    {"": (ours, Target(1 / FASTER))},
                    rounds=1 if quick else 3,
                    clock=cpu_seconds,
                )
    yield from _warm(quick=quick)


def _missing(rival: str) -> str:
    if importlib.util.find_spec(rival) is None:
        return f"no package {rival}"
    return "" if shutil.which("dot") else "it needs graphviz's `dot`, which is not on the PATH"


def _warm(*, quick: bool) -> Iterator[Row]:
    """Pictures in a running process, in CPU time with that of graphviz; the baseline is loading the
    spec, which comes before."""
    network = archspec.load("resnet152")
    long = archspec.load_str(_long(5_000))
    for name, architecture, level, most in (
        ("resnet152, stage level, warm", network, "stage", 50),
        ("resnet152, block level, warm", network, "block", 50),
        ("resnet152, op level (517 boxes), warm", network, "op", 300),
        ("a network of 5,000 ops, op level, warm", long, "op", 3_000),
    ):
        yield from compare(
            "drawing",
            name,
            ("loading resnet152", lambda: archspec.load("resnet152")),
            {"": (lambda a=architecture, v=View(level): draw([a], view=v), Target(most, True))},  # type: ignore[misc]
            rounds=2 if quick else 9,
            clock=cpu_of,
        )


def _long(ops: int) -> str:
    """A spec of so many ops in residual blocks, of which graphviz takes the skips."""
    blocks = ops // 18
    return (
        "archspec: 1\nname: long\ninput: [8, 16, 16]\ndefaults: {conv: {padding: half}}\n"
        "blocks:\n  unit:\n    skip:\n      body:\n        repeat: 8\n"
        "        body: [{conv: 8, kernel: 3}, relu]\n"
        f"stages:\n  body: {{repeat: {blocks}, body: unit}}\n"
    )


def _torchview(name: str, path: str) -> None:
    import torchview

    model = getattr(_torchvision().models, name)()
    graph = torchview.draw_graph(model, input_size=(1, 3, 224, 224), device="meta")
    graph.visual_graph.render(path, format="svg")


def _torchlens(name: str, path: str) -> None:
    import torch
    import torchlens

    model = getattr(_torchvision().models, name)().eval()
    trace = torchlens.trace(model, torch.zeros(1, 3, 224, 224))
    trace.draw(vis_outpath=path, vis_fileformat="svg", vis_save_only=True)


def _keras(name: str, path: str) -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    sys.modules["IPython"] = None  # type: ignore[assignment] # where it is, Keras shows, not only writes
    import keras

    model = getattr(keras.applications, NETWORKS[name])(weights=None)
    keras.utils.plot_model(model, f"{path}.svg", show_shapes=True)


def _torchvision() -> Any:
    from .. import conftest  # noqa: F401 (torchvision beside any build of torch)
    from ..oracle import torchvision

    return torchvision


if __name__ == "__main__":  # one rival's picture, in a process of its own
    rival, name, path = sys.argv[1:]
    {"torchview": _torchview, "torchlens": _torchlens, "keras": _keras}[rival](name, path)
