"""Data in files: IDX as MNIST has it, NumPy archives, folders of images."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from archspec.diagnostics import TrainingError, did_you_mean

from .images import Arrays, Files, from_numbers
from .splits import Data, split

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Path) -> np.ndarray[Any, Any]:
    """An array in the IDX format, gzipped or not. Raises TrainingError."""
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise TrainingError(f"{path} cannot be read: {error}") from None
    axes = data[3] if len(data) > 3 else 0
    if len(data) < 4 + 4 * axes or data[:2] != b"\0\0" or data[2] not in _TYPES:
        raise TrainingError(f"{path} is no IDX file: its first bytes are {data[:4].hex()}")
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", axes, 4))
    kind = np.dtype(_TYPES[data[2]])
    expected = 4 + 4 * axes + math.prod(shape) * kind.itemsize
    if len(data) != expected:
        raise TrainingError(
            f"{path} should have {expected:,} bytes by its header, and has {len(data):,}"
        )
    array = np.frombuffer(data, kind, offset=4 + 4 * axes).reshape(shape)
    return array.astype(kind.newbyteorder("="))


def read_idx_folder(name: str, folder: Path, seed: int) -> Data:
    """The four files of MNIST and its relatives, or the two of the training set alone."""
    train = _idx_pair(folder, "train")
    test = _idx_pair(folder, "t10k") or _idx_pair(folder, "test")
    if train is None:
        raise TrainingError(f"{folder} has no train-images-idx3-ubyte and train-labels-idx1-ubyte")
    return split(name, _numbered(train, test), train, None, test, seed)


def has_idx(folder: Path) -> bool:
    """Whether a folder holds IDX files."""
    return _idx_file(folder, "train-images") is not None


def _idx_pair(folder: Path, prefix: str) -> Arrays | None:
    images, labels = _idx_file(folder, f"{prefix}-images"), _idx_file(folder, f"{prefix}-labels")
    if images is None or labels is None:
        return None
    return from_numbers(read_idx(images), read_idx(labels), str(images))


def _idx_file(folder: Path, start: str) -> Path | None:
    found = [path for path in sorted(folder.glob(f"{start}*")) if "idx" in path.name]
    return found[0] if found else None


def read_npz(name: str, path: Path, seed: int) -> Data:
    """A NumPy archive with arrays `x` and `y`, or with those of each split (`x_train`,
    `train_images`, ...). Pickled objects are refused. Raises TrainingError."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except Exception as error:  # numpy raises what zipfile, zlib and its own parser raise
        raise TrainingError(f"{path} is no NumPy archive that can be read: {error}") from None
    parts = {kind: _npz_part(arrays, names, path) for kind, names in _SPLIT_NAMES.items()}
    train = parts["train"] or _npz_part(arrays, ("",), path)
    if train is None:
        raise TrainingError(
            f"{path} needs arrays `x` and `y`, or `x_train` and `y_train`; it has "
            f"{', '.join(sorted(arrays)) or 'none'}"
        )
    val, test = parts["val"], parts["test"]
    return split(name, _numbered(train, val, test), train, val, test, seed)


_SPLIT_NAMES = {
    "train": ("train",),
    "val": ("val", "valid", "validation"),
    "test": ("test",),
}
_X, _Y = ("x", "images", "image", "data"), ("y", "labels", "label", "targets")


def _npz_part(arrays: dict[str, Any], splits: tuple[str, ...], path: Path) -> Arrays | None:
    def find(words: Iterable[str]) -> str | None:
        for word in words:
            for part in splits:
                for key in (f"{word}_{part}", f"{part}_{word}") if part else (word,):
                    if key in arrays:
                        return key
        return None

    x, y = find(_X), find(_Y)
    if x is None or y is None:
        return None
    return from_numbers(arrays[x], arrays[y], f"{path}, {x} and {y}")


def _numbered(*parts: Arrays | None) -> list[str]:
    return [str(n) for n in range(max(int(p.labels.max()) for p in parts if p is not None) + 1)]


def read_folder(name: str, folder: Path, seed: int) -> Data:
    """A folder with a folder of images for each class, or with those in `train`, `val` and `test`.

    Raises TrainingError.
    """
    found = {
        kind: next((folder / n for n in names if (folder / n).is_dir()), None)
        for kind, names in _SPLIT_NAMES.items()
    }
    train = found["train"] or folder
    classes = [path.name for path in _folders(train)]
    if not classes:
        raise TrainingError(
            f"{folder} has no folders of images, one for each class, and no IDX files"
        )
    parts = {"train": _labelled(train, classes)}
    if found["train"] is not None:
        for kind in ("val", "test"):
            if (part := found[kind]) is not None:
                parts[kind] = _labelled(part, classes)
    return split(name, classes, parts["train"], parts.get("val"), parts.get("test"), seed)


def _folders(folder: Path) -> list[Path]:
    inside = sorted(folder.iterdir())
    return [path for path in inside if path.is_dir() and not path.name.startswith(".")]


def _labelled(folder: Path, classes: list[str]) -> Files:
    paths: list[Path] = []
    labels: list[int] = []
    for path in _folders(folder):
        if path.name not in classes:
            hint = did_you_mean(path.name, classes) or f"those are {', '.join(classes[:10])}"
            raise TrainingError(f"{path} is none of the classes of the training images: {hint}")
        inside = sorted(
            Path(where, file)
            for where, _folders_, files in os.walk(path)
            for file in files
            if file.lower().endswith(IMAGES) and not file.startswith(".")
        )
        paths += inside
        labels += [classes.index(path.name)] * len(inside)
    if not paths:
        raise TrainingError(f"{folder} has folders, but no images in them ({', '.join(IMAGES)})")
    return Files(tuple(paths), torch.tensor(labels), _first_shape(paths[0]))


def _first_shape(path: Path) -> tuple[int, int, int]:
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise TrainingError("folders of images need pillow: pip install pillow") from None
    try:
        with Image.open(path) as image:
            return (1 if image.mode in ("1", "L", "I;16") else 3, image.height, image.width)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise TrainingError(f"{path} is no image that can be read: {error}") from None
