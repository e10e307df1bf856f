"""torchvision and timm, whose models and layers the tests compare with, beside any build of torch.

Its compiled operators load only beside the torch that they were built for. The tests need none of
them, but importing torchvision describes two of them to torch, which must then know their names.
"""

from __future__ import annotations

import torch

_OPERATORS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

try:
    import torchvision
except RuntimeError:
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _name, _schema in _OPERATORS.items():
        if not hasattr(torch.ops.torchvision, _name):
            _library.define(_schema)
    import torchvision

import timm  # noqa: E402 (it imports torchvision, which is importable from here on)

__all__ = ["timm", "torchvision"]
