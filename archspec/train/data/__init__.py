"""Data: images with labels, read from where they are and split for good."""

from .images import Arrays, Files, Images, Shape, shown
from .loading import batches
from .named import from_arrays, read_data
from .splits import Data, split

__all__ = [
    "Arrays",
    "Data",
    "Files",
    "Images",
    "Shape",
    "batches",
    "from_arrays",
    "read_data",
    "shown",
    "split",
]
