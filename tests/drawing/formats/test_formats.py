"""All writers of pictures: the same bytes everywhere, and nothing loaded that is not needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(code: str, seed: str = "0") -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_another_process_with_other_hashes_writes_the_same() -> None:
    code = (
        "from hashlib import sha256\n"
        "from archspec.drawing.formats import PICTURE_WRITERS\n"
        "from tests.drawing.formats.pictures import block\n"
        "for name, write in PICTURE_WRITERS.items():\n"
        "    data = write(block())\n"
        "    print(name, sha256(data if isinstance(data, bytes) else data.encode()).hexdigest())\n"
    )
    first = run(code, "1")
    assert first == run(code, "2")
    assert [line.split()[0] for line in first.splitlines()] == ["svg", "png", "pdf", "tex", "tikz"]


def test_svg_and_tikz_load_nothing_of_png_and_pdf() -> None:
    code = (
        "import sys\n"
        "from archspec.drawing.formats import PICTURE_WRITERS\n"
        "from tests.drawing.formats.pictures import block\n"
        "for name in ('svg', 'tikz', 'tex'):\n"
        "    PICTURE_WRITERS[name](block())\n"
        "wanted = ('reportlab', 'resvg_py', 'PIL', 'torch', 'networkx')\n"
        "print([name for name in wanted if name in sys.modules])\n"
    )
    assert run(code) == "[]\n"
