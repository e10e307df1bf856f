"""Batches: in an order that follows from seed and epoch, shared out between processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad
from torch.utils.data import DataLoader, Dataset

from archspec.train.seeds import seed_of

from .images import Images
from .splits import Data

NOBODY = -100
"""The label of a place that is only there so that all processes have equally many."""


class Batch(NamedTuple):
    """The places of a batch's images, and the seed of its augmentation."""

    where: Tensor
    seed: int


class Order:
    """The batches of each epoch.

    A step takes `batch` images in each of `world` processes: together they go through the images as
    one process with batches `world` times as large would. Training leaves out what does not fill a
    step; evaluation (seed=None) fills it with places of nobody. `epoch` and `skip` say where a
    resumed run goes on.
    """

    def __init__(
        self,
        number: int,
        batch: int,
        *,
        seed: int | None,
        rank: int = 0,
        world: int = 1,
    ):
        self.number = number
        self.seed = seed
        self.rank, self.world = rank, world
        self.epoch = self.skip = 0
        if seed is not None:
            self.batch = min(batch, max(1, number // world))
            self.steps = max(1, number // (self.batch * world))
        else:
            self.batch = batch
            self.steps = -(-number // (batch * world))
        self.sampler = self  # Lightning tells a batch sampler's sampler the epoch

    def set_epoch(self, epoch: int) -> None:
        """What Lightning calls before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Batch]:
        first, self.skip = self.skip, 0
        seed = seed_of(self.seed or 0, "order", self.epoch)
        if self.seed is None:
            order = torch.arange(self.number)
        else:
            order = torch.randperm(self.number, generator=torch.Generator().manual_seed(seed))
        whole = self.batch * self.world
        missing = max(0, self.steps * whole - self.number)
        order = pad(order, (0, missing), value=NOBODY)
        for step in range(first, self.steps):
            start = step * whole + self.rank * self.batch
            yield Batch(order[start : start + self.batch], seed_of(seed, step, self.rank))


class _Pixels(Dataset[tuple[Tensor, Tensor]]):  # type: ignore[misc]
    """Normalised images, augmented where training asks for it."""

    def __init__(self, images: Images, data: Data, flip: bool, crop: int):
        self.images = images
        mean, deviation = data.normalisation
        self.mean, self.deviation = mean.view(1, -1, 1, 1), deviation.view(1, -1, 1, 1)
        self.flip, self.crop = flip, crop

    def __getitems__(self, batch: Batch) -> tuple[Tensor, Tensor]:
        nobody = batch.where == NOBODY
        where = batch.where.masked_fill(nobody, 0)
        pixels = (self.images.at(where).float() - self.mean) / self.deviation
        labels = self.images.labels[where].masked_fill(nobody, NOBODY)
        if self.flip or self.crop:
            pixels = self._augmented(pixels, torch.Generator().manual_seed(batch.seed))
        return pixels, labels

    def _augmented(self, images: Tensor, draw: torch.Generator) -> Tensor:
        number, _channels, height, width = images.shape
        if self.flip:
            mirrored = torch.rand(number, generator=draw) < 0.5
            images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(-1), images)
        if self.crop:
            shift = torch.randint(2 * self.crop + 1, (2, number, 1), generator=draw)
            rows = (shift[0] + torch.arange(height)).view(number, 1, height, 1)
            columns = (shift[1] + torch.arange(width)).view(number, 1, 1, width)
            padded = pad(images, (self.crop,) * 4)
            images = padded[
                torch.arange(number).view(-1, 1, 1, 1),
                torch.arange(images.shape[1]).view(1, -1, 1, 1),
                rows,
                columns,
            ]
        return images


def _same(batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return batch


def batches(
    images: Images,
    data: Data,
    order: Order,
    *,
    flip: bool = False,
    crop: int = 0,
    workers: int = 0,
) -> DataLoader[tuple[Tensor, Tensor]]:
    """A loader of normalised images (N x C x H x W, float32) and labels (N, int64)."""
    return DataLoader(
        _Pixels(images, data, flip, crop),
        batch_sampler=order,  # type: ignore[arg-type]
        collate_fn=_same,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=workers > 0,
    )
