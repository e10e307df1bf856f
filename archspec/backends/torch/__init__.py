"""The torch backend: a network becomes Python source, and the source an `nn.Module`.

`source` writes without torch; `compiler`, `loader`, `filling` and `weights` run it.
"""

from .source import Generated, generate

__all__ = ["Generated", "generate"]
