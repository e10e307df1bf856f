"""The torch backend: a network becomes Python source, and the source an `nn.Module`.

`source` writes without torch; `compiler`, `loader` and `weights` run it.
"""

from .source import generate

__all__ = ["generate"]
