"""Batches: their order, their shares, and what is done to images."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from archspec.train import Data, from_arrays
from archspec.train.data import batches
from archspec.train.data.loading import NOBODY, Order


def places(order: Order, epoch: int = 0) -> list[list[int]]:
    order.set_epoch(epoch)
    return [batch.where.tolist() for batch in order]


def numbered(number: int = 40, side: int = 4) -> Data:
    """Each image is its number, everywhere."""
    pixels = np.arange(number, dtype=np.float32)[:, None, None] * np.ones((1, side, side))
    return from_arrays(pixels, np.arange(number) % 2)


def test_an_epoch_has_each_image_once_in_an_order_of_its_own() -> None:
    first, second = places(Order(20, 4, seed=0)), places(Order(20, 4, seed=0), epoch=1)
    assert sorted(sum(first, [])) == list(range(20))
    assert first != second
    assert first == places(Order(20, 4, seed=0))
    assert first != places(Order(20, 4, seed=1))


def test_processes_share_the_steps_of_one() -> None:
    one = places(Order(21, 6, seed=3))
    two = [places(Order(21, 3, seed=3, rank=rank, world=2)) for rank in (0, 1)]
    assert one == [a + b for a, b in zip(*two, strict=True)]


def test_evaluation_has_all_images_and_fills_up_with_nobody() -> None:
    shares = [places(Order(7, 2, seed=None, rank=rank, world=2)) for rank in (0, 1)]
    assert [len(share) for share in shares] == [2, 2]
    everybody = [place for share in shares for batch in share for place in batch]
    assert sorted(everybody) == [NOBODY, *range(7)]


def test_a_resumed_epoch_goes_on_where_it_was() -> None:
    whole = places(Order(20, 4, seed=0), epoch=2)
    order = Order(20, 4, seed=0)
    order.skip = 3
    assert places(order, epoch=2) == whole[3:]
    assert len(places(order, epoch=3)) == len(order) == 5


def test_fewer_images_than_a_batch_are_one_batch() -> None:
    assert places(Order(3, 64, seed=None)) == [[0, 1, 2, *[NOBODY] * 61]]
    assert [len(batch) for batch in places(Order(3, 64, seed=0))] == [3]


def test_the_normalisation_is_that_of_the_training_images() -> None:
    data = numbered()
    (pixels, _labels), *_rest = batches(data.train, data, Order(len(data.train), 99, seed=0))
    assert pixels.mean().item() == pytest.approx(0, abs=1e-6)
    assert pixels.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    other = numbered()
    values = other.val.pixels * 100
    moved = Data(other.name, other.classes, other.train, other.val.fitted((1, 4, 4)), other.test)
    assert torch.equal(moved.normalisation[0], data.normalisation[0])
    assert values.mean() > 100


def test_flip_mirrors_some_images_and_no_pixel_is_lost() -> None:
    pixels = np.random.default_rng(0).normal(size=(60, 3, 5, 5)).astype(np.float32)
    data = from_arrays(pixels, np.zeros(60))
    order = Order(len(data.train), 99, seed=None)
    (plain, _labels), *_rest = batches(data.train, data, order)
    (flipped, _labels), *_rest = batches(data.train, data, order, flip=True)
    real = len(data.train)
    same = [torch.equal(a, b) for a, b in zip(plain[:real], flipped[:real], strict=True)]
    mirrored = [
        torch.equal(a, b.flip(-1)) for a, b in zip(plain[:real], flipped[:real], strict=True)
    ]
    assert all(a != b for a, b in zip(same, mirrored, strict=True))
    assert 10 < sum(same) < 32


def test_crop_moves_images_by_at_most_its_padding() -> None:
    pixels = np.random.default_rng(0).normal(size=(60, 3, 5, 5)).astype(np.float32)
    data = from_arrays(pixels, np.zeros(60))
    order = Order(len(data.train), len(data.train), seed=None)
    (plain, _labels), *_rest = batches(data.train, data, order)
    (moved, _labels), *_rest = batches(data.train, data, order, crop=2)
    found = set()
    for before, after in zip(plain, moved, strict=True):
        padded = torch.nn.functional.pad(before, (2, 2, 2, 2))
        at = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if torch.equal(padded[:, y : y + 5, x : x + 5], after)
        ]
        assert len(at) == 1
        found.update(at)
    assert len(found) > 10


def test_augmentation_follows_seed_and_epoch() -> None:
    data = numbered()

    def first(seed: int, epoch: int) -> torch.Tensor:
        order = Order(len(data.train), 16, seed=seed)
        order.set_epoch(epoch)
        return next(iter(batches(data.train, data, order, flip=True, crop=2)))[0]

    assert torch.equal(first(0, 1), first(0, 1))
    assert not torch.equal(first(0, 1), first(0, 2))


def test_workers_read_the_same_batches() -> None:
    data = numbered()

    def read(workers: int) -> list[torch.Tensor]:
        order = Order(len(data.train), 8, seed=5)
        return [x for x, _y in batches(data.train, data, order, crop=1, workers=workers)]

    for here, there in zip(read(0), read(2), strict=True):
        assert torch.equal(here, there)


def test_arrays_are_resized_and_recoloured() -> None:
    data = numbered(side=6)
    fitted = data.fitted((3, 12, 9))
    pixels = fitted.train.at(torch.tensor([1]))
    assert pixels.shape == (1, 3, 12, 9)
    assert pixels.unique().numel() == 1
    colors = np.zeros((20, 3, 4, 4), dtype=np.uint8)
    colors[:, 1] = 200
    grey = from_arrays(colors, np.zeros(20)).fitted((1, 4, 4))
    assert grey.train.at(torch.tensor([0])).unique().item() == pytest.approx(200 * 0.587)
