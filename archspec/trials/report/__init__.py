"""The report of a search, finished or not: what came of it, whether it was worth it, and what it cost.

The journal is all that is read, and best.yaml beside it. `record` is what a journal says, `comparison`,
`learned`, `fronts` and `costs` compute from it, `sections` make a document of that, and `html` and
`markdown` write it. `charts` and `panels` draw, by matplotlib.
"""

from __future__ import annotations

from pathlib import Path

from archspec.diagnostics import UsageError
from archspec.files import write_whole
from archspec.trials.journal import Journal

HTML, MARKDOWN = "report.html", "report.md"


def write_report(folder: Path, journal: Journal | None = None) -> list[Path]:
    """Write report.html, report.md, and the charts of the latter, into the folder of a search.

    journal: as it was read, where somebody has it already. Gives the files that were written. The
    same journal gives the same files, byte for byte. Raises UsageError where there is no search, and
    where matplotlib is not installed; OSError of what cannot be written.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise UsageError(
            "the charts of a report need matplotlib: pip install 'archspec[search]'"
        ) from None
    from .document import Picture
    from .html import write_html
    from .markdown import CHARTS, write_markdown
    from .paper import as_file
    from .record import Record
    from .sections import document

    found = document(Record(folder, journal if journal is not None else Journal.read(folder)))
    contents: dict[str, bytes] = {
        HTML: write_html(found).encode(),
        MARKDOWN: write_markdown(found).encode(),
    }
    for chart in found.charts:
        contents[f"{CHARTS}/{chart.name}.svg"] = as_file(chart.svg, chart.says).encode()
    for block in found.blocks:
        if isinstance(block, Picture) and block.target.startswith(f"{CHARTS}/"):
            contents[block.target] = block.svg
    (folder / CHARTS).mkdir(exist_ok=True)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


__all__ = ["write_report"]
