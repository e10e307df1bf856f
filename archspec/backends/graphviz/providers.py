"""Providers: the programs that lay DOT out.

`graphviz-pure` comes with archspec from PyPI and draws SVG and PNG on every platform; `dot` on the
PATH is used for what it lacks, such as PDF.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from archspec.diagnostics import RenderError

SECONDS = 30
_PURE_FORMATS = ("svg", "png")


def layout(dot: str, format: str) -> bytes:
    """The picture of a DOT text. Raises RenderError."""
    program = _program(format)
    try:
        done = subprocess.run(
            [program, f"-T{format}"],
            input=dot.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"graphviz took more than {SECONDS} seconds; draw less, for example --level block"
        ) from None
    except OSError as error:
        raise RenderError(f"cannot run {program}: {error.strerror}") from None
    if done.returncode != 0 or not done.stdout:
        reason = done.stderr.decode(errors="replace").strip().split("\n")[0]
        raise RenderError(f"graphviz failed: {reason or 'no output'}")
    return done.stdout


def _program(format: str) -> str:
    if format in _PURE_FORMATS:
        for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
            found = shutil.which("graphviz-pure", path=str(folder))
            if found:
                return found
        found = shutil.which("graphviz-pure")
        if found:
            return found
    found = shutil.which("dot")
    if found:
        return found
    if format in _PURE_FORMATS:
        raise RenderError("no graphviz: `pip install graphviz-pure==0.2.2` brings one")
    raise RenderError(
        f"{format} needs graphviz's `dot` on the PATH (`apt install graphviz`, "
        "`brew install graphviz`); svg, png and dot work without"
    )
