"""Lettering: the font that drawings are set in, and how wide a text is in it.

The font has the widths of Helvetica and Arial, so a text fits where a reader's own font of that kind
replaces it. PNG and PDF use the font itself.
"""

from __future__ import annotations

import struct
from functools import cache
from importlib.resources import files
from pathlib import Path

FAMILY = "Archspec Sans"
STACK = f"'{FAMILY}', Helvetica, Arial, 'Liberation Sans', sans-serif"
"""The fonts of an SVG, all of the same widths but the last."""

ASCENT = 0.73
"""Height of capital letters and digits over the size."""


def font_file(*, bold: bool = False) -> Path:
    """The TrueType file of a face."""
    name = f"ArchspecSans-{'Bold' if bold else 'Regular'}.ttf"
    return Path(str(files("archspec.drawing") / "fonts" / name))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in points; a letter that the font lacks counts as a whole em."""
    widths, em = _advances(bold)
    return sum(widths.get(ord(letter), em) for letter in text) * size / em


@cache
def _advances(bold: bool) -> tuple[dict[int, int], int]:
    """The advance widths by code point, in units of the em, and the em.

    Read from the font's tables `cmap` (format 4), `hmtx` and `head`; see the OpenType specification.
    """
    data = font_file(bold=bold).read_bytes()
    tables = {}
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        tables[tag] = offset
    em = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    metrics = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    advance = [struct.unpack_from(">H", data, tables[b"hmtx"] + 4 * n)[0] for n in range(metrics)]
    return {
        code: advance[min(glyph, metrics - 1)] for code, glyph in _glyphs(data, tables[b"cmap"])
    }, em


def _glyphs(data: bytes, cmap: int) -> list[tuple[int, int]]:
    """Code points and their glyphs, from the first subtable of format 4."""
    for number in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", data, cmap + 4 + 8 * number + 4)[0]
        if struct.unpack_from(">H", data, at)[0] == 4:
            break
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    found = []
    for segment in range(count):
        end, start, delta, offset = (
            struct.unpack_from(">H", data, at + 14 + shift + 2 * segment)[0]
            for shift in (0, 2 * count + 2, 4 * count + 2, 6 * count + 2)
        )
        for code in range(start, min(end, 0xFFFE) + 1):
            if offset == 0:
                glyph = (code + delta) & 0xFFFF
            else:
                place = at + 14 + 6 * count + 2 + 2 * segment + offset + 2 * (code - start)
                glyph = struct.unpack_from(">H", data, place)[0]
                glyph = (glyph + delta) & 0xFFFF if glyph else 0
            if glyph:
                found.append((code, glyph))
    return found
