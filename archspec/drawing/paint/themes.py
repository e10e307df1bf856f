"""Themes: the colours of a picture. Families of ops are told apart by shape too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archspec.diagnostics import RenderError, did_you_mean


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as `#rrggbb`. ink: texts and flow; faint: notes; families: fills, by the op's family."""

    background: str
    ink: str
    faint: str
    line: str
    frame: str
    frame_line: str
    families: Mapping[str, str]
    other: str
    identity: str
    dense: str
    badge: str
    badge_ink: str
    changes: Mapping[str, str] = field(default_factory=dict)


LIGHT = Theme(
    background="#ffffff",
    ink="#1a1a1a",
    faint="#5c5c5c",
    line="#4d4d4d",
    frame="#f7f8f9",
    frame_line="#b4bac0",
    families={  # Okabe and Ito's palette, lightened for text in black
        "input": "#ececec",
        "output": "#ececec",
        "block": "#cfe4f5",
        "convolution": "#a6d4f2",
        "linear": "#f3d08f",
        "pooling": "#f6bfa6",
        "normalization": "#f8f2ad",
        "activation": "#afdfce",
        "regularization": "#e2e2e2",
        "attention": "#e6c3d7",
    },
    other="#f4f4f4",
    identity="#d55e00",
    dense="#0072b2",
    badge="#1a1a1a",
    badge_ink="#ffffff",
    changes={"added": "#009e73", "removed": "#d55e00", "changed": "#e69f00"},
)

DARK = Theme(
    background="#16191d",
    ink="#f1f3f5",
    faint="#a9b1ba",
    line="#aab2bb",
    frame="#1e2228",
    frame_line="#4a525c",
    families={
        "input": "#33383f",
        "output": "#33383f",
        "block": "#1f4763",
        "convolution": "#16587f",
        "linear": "#6f5011",
        "pooling": "#7a3d22",
        "normalization": "#5f5b16",
        "activation": "#125a45",
        "regularization": "#3c4249",
        "attention": "#663650",
    },
    other="#2a2f36",
    identity="#ff9350",
    dense="#5bb3ea",
    badge="#f1f3f5",
    badge_ink="#16191d",
    changes={"added": "#2fd0a1", "removed": "#ff7f3a", "changed": "#ffbd3e"},
)

GREY = Theme(
    background="#ffffff",
    ink="#000000",
    faint="#4d4d4d",
    line="#333333",
    frame="#fafafa",
    frame_line="#a6a6a6",
    families={
        "input": "#ffffff",
        "output": "#ffffff",
        "block": "#e3e3e3",
        "convolution": "#cfcfcf",
        "linear": "#f0f0f0",
        "pooling": "#b8b8b8",
        "normalization": "#fafafa",
        "activation": "#ececec",
        "regularization": "#ffffff",
        "attention": "#dadada",
    },
    other="#f6f6f6",
    identity="#000000",
    dense="#666666",
    badge="#000000",
    badge_ink="#ffffff",
    changes={"added": "#000000", "removed": "#808080", "changed": "#4d4d4d"},
)

THEMES: Mapping[str, Theme] = {"light": LIGHT, "dark": DARK, "grey": GREY}


def theme(name: str) -> Theme:
    """The theme of a name. Raises RenderError."""
    if name not in THEMES:
        hint = did_you_mean(name, THEMES) or f"one of {', '.join(THEMES)}"
        raise RenderError(f"no theme is called `{name}`: {hint}")
    return THEMES[name]
