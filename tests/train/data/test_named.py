"""Data by name and from files."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from archspec.diagnostics import TrainingError
from archspec.train import from_arrays, read_data
from archspec.train.data.named import FASHION_MNIST


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.astype("u1").tobytes()


def images(number: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (number, *shape), dtype=np.uint8)


def labels(number: int, classes: int = 3) -> np.ndarray:
    return np.arange(number) % classes


def mnist(folder: Path, end: str = "") -> Path:
    pack = gzip.compress if end else bytes
    for part, number in (("train", 60), ("t10k", 12)):
        (folder / f"{part}-images-idx3-ubyte{end}").write_bytes(pack(idx(images(number, 6, 5))))
        (folder / f"{part}-labels-idx1-ubyte{end}").write_bytes(pack(idx(labels(number))))
    return folder


def picture(path: Path, size: tuple[int, int] = (8, 6), mode: str = "RGB") -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    seed = len(str(path)) + sum(path.name.encode())
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)


def test_digits_are_split_into_images_that_have_nothing_in_common() -> None:
    data = read_data("digits")
    assert data.shape == (1, 8, 8)
    assert [len(part) for part in (data.train, data.val, data.test)] == [1257, 270, 270]
    assert data.classes == tuple("0123456789")
    whole = [part.pixels for part in (data.train, data.val, data.test)]
    from sklearn.datasets import load_digits

    found = torch.cat(whole).flatten(1)
    expected = torch.tensor(load_digits().data, dtype=torch.float32)
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, expected.tolist()))


def test_the_split_follows_its_seed() -> None:
    assert read_data("digits").digest == read_data("digits").digest
    assert read_data("digits").digest != read_data("digits", seed=1).digest


@pytest.mark.parametrize("end", ["", ".gz"])
def test_idx_files_are_read_gzipped_or_not(tmp_path: Path, end: str) -> None:
    data = read_data(mnist(tmp_path, end))
    assert data.shape == (1, 6, 5)
    assert [len(part) for part in (data.train, data.val, data.test)] == [54, 6, 12]
    assert torch.equal(data.test.pixels[:, 0], torch.from_numpy(images(12, 6, 5)))
    assert data.test.labels.tolist() == labels(12).tolist()


def test_a_torn_idx_file_is_refused(tmp_path: Path) -> None:
    path = mnist(tmp_path) / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(
        TrainingError, match=r"should have 1,816 bytes by its header, and has 1,815"
    ):
        read_data(tmp_path)
    path.write_bytes(b"P5 ...")
    with pytest.raises(TrainingError, match="is no IDX file"):
        read_data(tmp_path)


@pytest.mark.skipif(not FASHION_MNIST.is_dir(), reason="dataset-fashion-mnist is not installed")
def test_fashion_mnist_is_found_where_debian_has_it() -> None:
    data = read_data("fashion-mnist")
    assert [len(part) for part in (data.train, data.val, data.test)] == [54_000, 6_000, 10_000]
    assert data.shape == (1, 28, 28)
    assert data.test.labels.bincount().tolist() == [1000] * 10


def test_an_archive_has_arrays_or_those_of_each_split(tmp_path: Path) -> None:
    np.savez(tmp_path / "pool.npz", x=images(40, 5, 5), y=labels(40))
    pool = read_data(tmp_path / "pool.npz")
    assert [len(part) for part in (pool.train, pool.val, pool.test)] == [28, 6, 6]
    np.savez(
        tmp_path / "split.npz",
        train_images=images(20, 5, 5, 3),
        train_labels=labels(20)[:, None],
        val_images=images(6, 5, 5, 3),
        val_labels=labels(6)[:, None],
    )
    data = read_data(tmp_path / "split.npz")
    assert data.shape == (3, 5, 5)
    assert (len(data.train), len(data.val), data.test) == (20, 6, None)


def test_an_archive_with_pickles_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> object:
            return os.mkdir, (str(tmp_path / "owned"),)

    array = np.empty(1, dtype=object)
    array[0] = Evil()
    np.savez(tmp_path / "evil.npz", x=array, y=labels(1))
    with pytest.raises(TrainingError, match="no NumPy archive that can be read"):
        read_data(tmp_path / "evil.npz")
    (tmp_path / "plain.npz").write_bytes(pickle.dumps(array))
    with pytest.raises(TrainingError):
        read_data(tmp_path / "plain.npz")
    assert not (tmp_path / "owned").exists()


def test_an_archive_without_images_says_what_it_has(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weights=images(4, 2))
    with pytest.raises(TrainingError, match="it has weights"):
        read_data(tmp_path / "other.npz")


def test_a_folder_has_a_folder_of_images_for_each_class(tmp_path: Path) -> None:
    for number in range(10):
        picture(tmp_path / ("cat" if number % 2 else "dog") / f"{number}.png")
    (tmp_path / "cat" / "notes.txt").write_text("not an image")
    data = read_data(tmp_path)
    assert data.classes == ("cat", "dog")
    assert data.shape == (3, 6, 8)
    assert len(data.train) + len(data.val) + len(data.test) == 10
    paths = [path for part in (data.train, data.val, data.test) for path in part.paths]
    assert len(set(paths)) == 10


def test_a_folder_may_come_in_splits(tmp_path: Path) -> None:
    for part, number in (("train", 6), ("val", 2)):
        for each in range(number):
            picture(tmp_path / part / "ab"[each % 2] / f"{each}.png", mode="L")
    data = read_data(tmp_path)
    assert data.shape == (1, 6, 8)
    assert (len(data.train), len(data.val), data.test) == (6, 2, None)
    picture(tmp_path / "val" / "c" / "x.png")
    with pytest.raises(TrainingError, match="none of the classes"):
        read_data(tmp_path)


def test_pixels_of_a_folder_are_those_of_its_files(tmp_path: Path) -> None:
    from PIL import Image

    for number in range(8):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png")
    data = read_data(tmp_path)
    first = data.train.at(torch.tensor([0]))[0]
    with Image.open(data.train.paths[0]) as image:
        assert torch.equal(first, torch.from_numpy(np.array(image)).permute(2, 0, 1))


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    for number in range(8):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png")
    broken = tmp_path / "a" / "4.png"
    broken.write_bytes(broken.read_bytes()[:60])
    data = read_data(tmp_path)
    with pytest.raises(TrainingError, match="4.png is no image that can be read"):
        for part in (data.train, data.val, data.test):
            part.at(torch.arange(len(part)))


def test_images_of_other_sizes_need_resize(tmp_path: Path) -> None:
    for number in range(8):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png", size=(8, 6 + number))
    data = read_data(tmp_path)
    with pytest.raises(TrainingError, match="--resize brings all images to one size"):
        data.train.at(torch.arange(len(data.train)))
    fitted = data.train.fitted((1, 4, 4))
    assert fitted.at(torch.arange(len(data.train))).shape == (len(data.train), 1, 4, 4)


@pytest.mark.parametrize("name", ["digit", "no/such/folder", "x.npz"])
def test_what_is_not_there_is_said_with_what_there_is(name: str) -> None:
    with pytest.raises(TrainingError, match="give digits, fashion-mnist, torchvision:NAME:FOLDER"):
        read_data(name)


def test_torchvisions_sets_are_read_from_disk(tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    mnist(raw)
    data = read_data(f"torchvision:MNIST:{tmp_path}")
    assert data.shape == (1, 6, 5)
    assert (len(data.train), len(data.val), len(data.test)) == (54, 6, 12)
    with pytest.raises(TrainingError, match="cannot be read"):
        read_data(f"torchvision:MNIST:{tmp_path / 'none'}")
    with pytest.raises(TrainingError, match="no such data set"):
        read_data(f"torchvision:MNISTT:{tmp_path}")


@pytest.mark.parametrize(
    ("pixels", "classes", "said"),
    [
        (np.zeros((4, 5)), np.zeros(4), "images are N x H x W or N x C x H x W, these are 4 x 5"),
        (np.zeros((4, 5, 5)), np.zeros(3), "4 images need 4 labels, not 3"),
        (np.zeros((4, 5, 5)), np.array([0, 1, 2, -1]), "labels are whole numbers from 0"),
        (np.zeros((4, 5, 5)), np.array([0, 1, 2, 0.5]), "labels are whole numbers from 0"),
        (np.full((4, 5, 5), np.nan), np.zeros(4), "not finite"),
        (np.zeros((0, 5, 5)), np.zeros(0), "there are no images"),
        (np.zeros((2, 5, 5)), np.zeros(2), "too few to split"),
        (np.array([["a"]]), np.zeros(1), "images and labels are numbers"),
    ],
)
def test_arrays_that_are_no_images_are_refused(
    pixels: np.ndarray, classes: np.ndarray, said: str
) -> None:
    with pytest.raises(TrainingError) as error:
        from_arrays(pixels, classes)
    assert said in str(error.value)


def test_labels_of_a_test_split_are_held_to_the_classes() -> None:
    with pytest.raises(TrainingError, match="a test image has label 4, and there are 3 classes"):
        from_arrays(
            images(20, 4, 4),
            labels(20),
            test=(images(2, 4, 4), np.array([0, 4])),
            classes=("a", "b", "c"),
        )
