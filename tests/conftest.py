"""What all tests share. It imports nothing heavy: tests of the lower floors need no torch."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import settings

# A change is held to the same examples every time; `make test-all` looks for new ones.
settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("new", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

if "PYTEST_XDIST_WORKER" in os.environ:
    # The workers share the cores: one thread each, before torch counts them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("MKL_NUM_THREADS", "1")

_kept: list[Any] = []  # a torch library takes its operators with it when it is collected


class _TorchvisionOperators(importlib.abc.MetaPathFinder):
    """Declares torchvision's C++ operators when somebody imports torchvision and they cannot load.

    Its wheel is built for one build of torch; beside another its library does not load, and its
    Python, which names the operators while it is imported, fails. The models need none of them.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        if fullname == "torchvision" and not _kept:
            _kept.append(None)
            spec = importlib.machinery.PathFinder.find_spec(fullname)
            if spec is not None and spec.origin is not None:
                _declare(Path(spec.origin).parent)


def _declare(package: Path) -> None:
    import torch

    for library in sorted(package.glob("_C*")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return
    operators = torch.library.Library("torchvision", "DEF")
    operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept.append(operators)


sys.meta_path.insert(0, _TorchvisionOperators())
