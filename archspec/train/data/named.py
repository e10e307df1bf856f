"""Data by name: sets that a package carries, files, and torchvision's sets on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from archspec.diagnostics import TrainingError

from .files import has_idx, read_folder, read_idx_folder, read_npz
from .images import Arrays, from_numbers
from .splits import Data, split

FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist has it."""


def read_data(name: str | os.PathLike[str], *, seed: int = 0) -> Data:
    """The data set that a name means.

    name: `digits` (scikit-learn's, 8 x 8), `fashion-mnist` (Debian's package
    dataset-fashion-mnist), `torchvision:CIFAR10:FOLDER` (a set that is on disk; nothing is
    downloaded), or a path: a folder of images or of IDX files, or a NumPy archive. seed: of the
    splits that the set does not come with.

    Raises TrainingError.
    """
    text = os.fspath(name)
    if text == "digits":
        return _digits(seed)
    if text == "fashion-mnist":
        if not FASHION_MNIST.is_dir():
            raise TrainingError(
                "fashion-mnist is not installed: apt install dataset-fashion-mnist, or give the "
                "folder of its IDX files"
            )
        return read_idx_folder(text, FASHION_MNIST, seed)
    if text.startswith("torchvision:"):
        return _torchvision(text, seed)
    path = Path(text)
    if path.is_dir():
        return (read_idx_folder if has_idx(path) else read_folder)(text, path, seed)
    if path.suffix == ".npz" and path.is_file():
        return read_npz(text, path, seed)
    if path.exists():
        raise TrainingError(f"{text} is neither a folder nor a NumPy archive (.npz)")
    raise TrainingError(
        f"there are no data `{text}`: give digits, fashion-mnist, torchvision:NAME:FOLDER, a folder "
        "or an .npz file"
    )


def from_arrays(
    images: Any,
    labels: Any,
    *,
    val: tuple[Any, Any] | None = None,
    test: tuple[Any, Any] | None = None,
    classes: tuple[str, ...] = (),
    name: str = "arrays",
    seed: int = 0,
) -> Data:
    """A data set from arrays: N x H x W or N x C x H x W, and N labels from 0.

    val, test: images and labels of the other splits; they are cut from the images where they are
    not given. Raises TrainingError.
    """
    train = from_numbers(images, labels, name)
    rest = [None if part is None else from_numbers(*part, name) for part in (val, test)]
    highest = max(int(part.labels.max()) for part in (train, *rest) if part is not None)
    names = classes or tuple(str(number) for number in range(highest + 1))
    return split(name, names, train, rest[0], rest[1], seed)


def _digits(seed: int) -> Data:
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError:
        raise TrainingError(
            "digits come with scikit-learn: pip install 'archspec[train]'"
        ) from None
    found = load_digits()
    return split(
        "digits",
        [str(n) for n in range(10)],
        from_numbers(found.images, found.target, "digits"),
        seed=seed,
    )


def _torchvision(text: str, seed: int) -> Data:
    _word, name, folder = ([*text.split(":", 2), "", ""])[:3]
    try:
        from torchvision import datasets
    except ModuleNotFoundError:
        raise TrainingError(f"{text} needs torchvision: pip install torchvision") from None
    except (RuntimeError, OSError) as error:  # it was built for another torch
        raise TrainingError(f"{text} needs torchvision, which does not load: {error}") from None
    kind = getattr(datasets, name, None)
    if not (isinstance(kind, type) and issubclass(kind, datasets.VisionDataset) and folder):
        raise TrainingError(
            f"`{text}`: torchvision has no such data set, or the folder is missing; "
            "an example is torchvision:CIFAR10:data/cifar10"
        )
    train, classes = _torchvision_part(kind, folder, True, text)
    test, _classes = _torchvision_part(kind, folder, False, text)
    return split(text, classes, train, None, test, seed)


def _torchvision_part(
    kind: Any, folder: str, train: bool, text: str
) -> tuple[Arrays, tuple[str, ...]]:
    try:
        try:
            found = kind(folder, train=train)
        except TypeError:  # the newer sets name their split
            found = kind(folder, split="train" if train else "test")
        pairs = [found[number] for number in range(len(found))]
        images = np.stack([np.asarray(image) for image, _label in pairs])
    except Exception as error:  # what a set of torchvision raises is its own affair
        raise TrainingError(f"{text} cannot be read: {str(error).splitlines()[0]}") from None
    arrays = from_numbers(images, [label for _image, label in pairs], text)
    names = getattr(found, "classes", None) or range(int(arrays.labels.max()) + 1)
    return arrays, tuple(str(each) for each in names)
