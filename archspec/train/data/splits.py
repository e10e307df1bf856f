"""A data set: training, validation and test images that have nothing in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import torch
from torch import Tensor

from archspec.diagnostics import TrainingError, counted
from archspec.train.seeds import seed_of

from .images import Images, Shape, shown

VALIDATION_OF_POOL = 0.15
TEST_OF_POOL = 0.15
VALIDATION_OF_TRAINING = 0.1
_MEASURED = 2000
"""Images of the training split that the normalisation is taken from, where there are more."""


@dataclass(frozen=True)
class Data:
    """A data set in its splits.

    name: what it was asked for as. classes: the names of the labels. test: None where the set comes
    with a validation split and no test split.
    """

    name: str
    classes: tuple[str, ...]
    train: Images
    val: Images
    test: Images | None

    @property
    def shape(self) -> Shape:
        """Channels, height and width of an image."""
        return self.train.shape

    @cached_property
    def normalisation(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each channel, over (at most 2,000 images of) the training
        split."""
        step = max(1, len(self.train) // _MEASURED)
        pixels = self.train.at(torch.arange(0, len(self.train), step)).float()
        deviation, mean = torch.std_mean(pixels, dim=(0, 2, 3), correction=0)
        return mean, deviation.clamp_min(1e-6)

    @cached_property
    def digest(self) -> str:
        """A hash of the splits' labels, to tell that a resumed run has the same data."""
        found = sha256(repr(self.classes).encode())
        for part in (self.train, self.val, self.test):
            found.update(b"|" if part is None else part.labels.numpy().tobytes() + b"|")
        return found.hexdigest()

    def fitted(self, shape: Shape) -> Data:
        """The same data in another shape of image."""
        if shape == self.shape:
            return self
        test = None if self.test is None else self.test.fitted(shape)
        return replace(self, train=self.train.fitted(shape), val=self.val.fitted(shape), test=test)

    def limited(self, number: int | None, seed: int) -> Data:
        """The same data with fewer images to train on."""
        if number is None or number >= len(self.train):
            return self
        kept = _order(len(self.train), seed_of(seed, "limit"))[:number].sort().values
        return replace(self, train=self.train.some(kept))

    def __deepcopy__(self, _memo: Any) -> Data:
        return self  # a moving average copies the module that holds it

    @property
    def about(self) -> str:
        """What the data are, in a line."""
        parts = (("train", self.train), ("val", self.val), ("test", self.test))
        counts = ", ".join(f"{len(part):,} {name}" for name, part in parts if part is not None)
        classes = counted(len(self.classes), "class", "classes")
        return f"{self.name}: {classes}, {shown(self.shape)}, {counts}"

    def __repr__(self) -> str:
        return f"<Data {self.about}>"


def split(
    name: str,
    classes: Sequence[str],
    train: Images,
    val: Images | None = None,
    test: Images | None = None,
    seed: int = 0,
) -> Data:
    """A data set from the splits that it comes with; validation, and the test where there is
    neither, are cut from the training images. Raises TrainingError where these are too few."""
    if val is None:
        order = _order(len(train), seed_of(seed, "split"))
        if test is None:
            cut = max(1, round(len(train) * TEST_OF_POOL))
            held, order = order[:cut], order[cut:]
            test = train.some(held.sort().values)
            share = VALIDATION_OF_POOL
        else:
            share = VALIDATION_OF_TRAINING
        cut = max(1, round(len(train) * share))
        if len(order) <= cut:
            raise TrainingError(f"{name}: {counted(len(train), 'image')}, too few to split")
        val, train = train.some(order[:cut].sort().values), train.some(order[cut:].sort().values)
    for part, kind in ((train, "training"), (val, "validation"), (test, "test")):
        if part is None:
            continue
        if not len(part):
            raise TrainingError(f"{name}: there are no {kind} images")
        if part.labels.max() >= len(classes):
            raise TrainingError(
                f"{name}: a {kind} image has label {int(part.labels.max())}, and there are "
                f"{len(classes)} classes, counted from 0"
            )
        if part.shape != train.shape:
            raise TrainingError(
                f"{name}: {kind} images are {shown(part.shape)}, training images "
                f"{shown(train.shape)}"
            )
    return Data(name, tuple(classes), train, val, test)


def _order(number: int, seed: int) -> Tensor:
    return torch.randperm(number, generator=torch.Generator().manual_seed(seed))
