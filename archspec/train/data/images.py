"""Images with labels: in memory, or as files that are read when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from archspec.diagnostics import TrainingError

Shape = tuple[int, int, int]
"""Channels, height, width."""


@dataclass(frozen=True)
class Arrays:
    """Images in memory.

    pixels: N x C x H x W, as they are stored. labels: N whole numbers. shape: what `at` gives,
    which is the shape of the pixels unless they are fitted to another.
    """

    pixels: Tensor
    labels: Tensor
    shape: Shape

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, where: Tensor) -> Tensor:
        """The images at these places, N x C x H x W, not normalised."""
        found = self.pixels[where]
        if found.shape[1:] == self.shape:
            return found
        channels, height, width = self.shape
        found = _recolored(found.float(), channels)
        if found.shape[2:] == (height, width):
            return found
        found = _trimmed(found, height, width)
        return interpolate(found, (height, width), mode="bilinear", antialias=True)

    def some(self, where: Tensor) -> Arrays:
        """A part of the images."""
        return Arrays(self.pixels[where], self.labels[where], self.shape)

    def fitted(self, shape: Shape) -> Arrays:
        """The same images in another shape."""
        return replace(self, shape=shape)


@dataclass(frozen=True)
class Files:
    """Images in files, decoded when they are needed; `resize` cuts to the shape's proportions."""

    paths: tuple[Path, ...]
    labels: Tensor
    shape: Shape
    resize: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, where: Tensor) -> Tensor:
        """The images at these places, N x C x H x W in 0 to 255. Raises TrainingError."""
        return torch.stack([self._decoded(self.paths[place]) for place in where.tolist()])

    def _decoded(self, path: Path) -> Tensor:
        from PIL import Image, ImageOps

        channels, height, width = self.shape
        try:
            with Image.open(path) as image:
                pixels: Any = image.convert("L" if channels == 1 else "RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise TrainingError(f"{path} is no image that can be read: {error}") from None
        if pixels.size != (width, height):
            if not self.resize:
                raise TrainingError(
                    f"{path} has {pixels.height} x {pixels.width} pixels, not {height} x {width}: "
                    "--resize brings all images to one size"
                )
            pixels = ImageOps.fit(pixels, (width, height), Image.Resampling.BILINEAR)
        array = np.array(pixels, dtype=np.uint8).reshape(height, width, channels)
        return torch.from_numpy(array).permute(2, 0, 1)

    def some(self, where: Tensor) -> Files:
        """A part of the images."""
        paths = tuple(self.paths[place] for place in where.tolist())
        return replace(self, paths=paths, labels=self.labels[where])

    def fitted(self, shape: Shape) -> Files:
        """The same images in another shape."""
        return replace(self, shape=shape, resize=True)


Images = Arrays | Files


def from_numbers(pixels: Any, labels: Any, what: str) -> Arrays:
    """Images from arrays of numbers: N x H x W, N x C x H x W or N x H x W x C, and N labels.

    Raises TrainingError, which names `what`.
    """
    images, classes = np.asarray(pixels), np.asarray(labels)
    if images.dtype.kind not in "uif" or classes.dtype.kind not in "uif":
        raise TrainingError(
            f"{what}: images and labels are numbers, not {images.dtype} and {classes.dtype}"
        )
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim != 4:
        shape = " x ".join(map(str, images.shape))
        raise TrainingError(f"{what}: images are N x H x W or N x C x H x W, these are {shape}")
    if images.shape[-1] in _CHANNELS and images.shape[1] not in _CHANNELS:
        images = images.transpose(0, 3, 1, 2)
    if classes.ndim == 2 and classes.shape[1] == 1:
        classes = classes[:, 0]
    if classes.ndim != 1 or len(classes) != len(images):
        shape = " x ".join(map(str, classes.shape))
        raise TrainingError(f"{what}: {len(images)} images need {len(images)} labels, not {shape}")
    if not len(images):
        raise TrainingError(f"{what}: there are no images")
    whole = classes.astype(np.int64)
    if (whole != classes).any() or whole.min() < 0:
        raise TrainingError(f"{what}: labels are whole numbers from 0, these are not")
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise TrainingError(f"{what}: some pixels are not finite numbers")
    kept = images if images.dtype == np.uint8 else images.astype(np.float32)
    tensor = torch.from_numpy(np.ascontiguousarray(kept))
    return Arrays(tensor, torch.from_numpy(whole), tuple(tensor.shape[1:]))


_CHANNELS = (1, 3, 4)


def _recolored(images: Tensor, channels: int) -> Tensor:
    if images.shape[1] == channels:
        return images
    if images.shape[1] == 1:
        return images.expand(-1, channels, -1, -1)
    if channels == 3:
        return images[:, :3]
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)  # ITU-R BT.601, as pillow has it
    return (images[:, :3] * weights).sum(1, keepdim=True)


def _trimmed(images: Tensor, height: int, width: int) -> Tensor:
    """The middle, in the proportions of height to width."""
    own_height, own_width = images.shape[2:]
    tall = min(own_height, max(1, round(own_width * height / width)))
    wide = min(own_width, max(1, round(own_height * width / height)))
    top, left = (own_height - tall) // 2, (own_width - wide) // 2
    return images[:, :, top : top + tall, left : left + wide]


def shown(shape: Sequence[int]) -> str:
    """A shape as a reader knows it."""
    return " x ".join(map(str, shape))
