"""The interactive page: one HTML file that opens from disk and asks nothing of anybody."""

from .page import write_html

__all__ = ["write_html"]
