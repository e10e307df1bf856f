"""The report as files: whole at every stage of a search, safe, the same each time, and by itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from archspec.diagnostics import UsageError
from archspec.search.space import Decision, Space
from archspec.trials.journal import Journal
from archspec.trials.report import write_report
from archspec.trials.report.paper import DASHES, MARKERS, SERIES

from .journals import again, child, drawn, journal, plan, searched

VOID = {"meta", "br", "img", "input", "hr"}

HEADINGS = [
    "Better than random search?",
    "Reward over time",
    "What was learned",
    "Pareto front",
    "The best, trained again",
    "The best child",
    "Cost",
    "How to repeat it",
]


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the text in them."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def written(folder: Path) -> tuple[Page, str]:
    files = write_report(folder)
    assert [file.name for file in files[:2]] == ["report.html", "report.md"]
    assert all(file.is_file() for file in files)
    for file in files[2:]:
        ElementTree.fromstring(file.read_bytes())
    page = Page((folder / "report.html").read_text())
    assert page.open == []
    return page, (folder / "report.md").read_text()


STAGES = {
    "nothing": [],
    "one child": searched()[:1],
    "one failed child": [child(0, None)],
    "half a batch": searched()[:6],
    "a gap": [*searched()[:5], searched()[6]],
    "no random search yet": searched(),
    "some random search": [*searched(), *drawn()[:3]],
    "some last trainings": [*searched(), *drawn(), *again()[:3]],
    "finished": [*searched(), *drawn(), *again()],
    "no parameters": [child(n, 0.5 + n / 100) for n in range(8)],
    "all alike": [child(n, 0.5, 100, answers={"cell": 0, "depth": 0}) for n in range(12)],
    "all failed": [child(n, None) for n in range(30)],
    "all stopped": [child(n, 0.5, 10, status="stopped") for n in range(30)],
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_report_at_every_stage(stage: str, tmp_path: Path) -> None:
    journal(tmp_path, STAGES[stage], plan=plan())
    page, markdown = written(tmp_path)
    assert page.headings == HEADINGS
    assert re.findall(r"^## (.*)$", markdown, re.MULTILINE) == HEADINGS
    assert ("Not finished" in page.text) == (stage != "finished")
    assert ("Not finished" in markdown) == (stage != "finished")
    assert "nan" not in page.text.lower().split()


@pytest.mark.parametrize("strategy", ["random", "tpe", "nsga2", "controller", "evolution"])
def test_a_report_of_every_strategy(strategy: str, tmp_path: Path) -> None:
    if strategy == "controller":
        pytest.importorskip("torch")
    journal(tmp_path, [*searched(), *drawn()], plan=plan(strategy=strategy))
    page, _markdown = written(tmp_path)
    assert page.headings == HEADINGS


def test_the_same_journal_gives_the_same_files(tmp_path: Path) -> None:
    """In another folder and another process, where sets have another order."""
    entries = [*(child(n, 0.5 + n / 100, 100 + n) for n in range(16)), *drawn(), *again()]
    for name in ("a", "b"):
        journal(tmp_path / name, entries, plan=plan(children=16))
        (tmp_path / name / "best.yaml").write_text(SPEC)
    files = write_report(tmp_path / "a")
    code = (
        "from pathlib import Path\nfrom archspec.trials.report import write_report\n"
        f"write_report(Path({str(tmp_path / 'b')!r}))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "MPLBACKEND": "Agg", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300, env=environment)
    assert len(files) == 8
    for file in files:
        other = tmp_path / "b" / file.relative_to(tmp_path / "a")
        assert file.read_bytes() == other.read_bytes(), file.name


def test_it_is_written_again_while_the_search_goes_on(tmp_path: Path) -> None:
    journal(tmp_path, searched()[:4], plan=plan())
    before, _ = written(tmp_path)
    going_on = Journal.open(tmp_path)
    for entry in searched()[4:]:
        going_on.append(entry)
    write_report(tmp_path, going_on)
    going_on.close()
    after = Page((tmp_path / "report.html").read_text())
    assert "4 of 8 children" in before.text and "4 of 8 children" not in after.text


def test_nothing_leads_out_of_the_page(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn(), *again()], plan=plan())
    (tmp_path / "best.yaml").write_text(SPEC)
    page, _markdown = written(tmp_path)
    tags = {tag for tag, _attributes in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "base", "audio"}
    links = []
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            value = attributes.get(name)
            if value is None:
                continue
            if tag == "a":
                links.append(value)
            else:
                assert value.startswith(("#", "data:image/svg+xml;base64,")), (tag, value)
    assert links == ["best.yaml"]
    text = (tmp_path / "report.html").read_text()
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    (policy,) = (
        attributes["content"]
        for tag, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None and policy.startswith("default-src 'none'")


def test_ids_in_the_page_are_unique_and_known(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn()], plan=plan())
    page, _markdown = written(tmp_path)
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids)) > 10
    text = (tmp_path / "report.html").read_text()
    wanted = {*re.findall(r'href="#([^"]+)"', text), *re.findall(r"url\(#([^)]+)\)", text)}
    assert wanted and wanted <= set(ids)


HOSTILE = (
    "</text><script>alert(1)</script>",
    "$x^2$ $\\frac{",
    "|`a`|",
    "_under #010203",
    "\x1b[31m\x00\n",
    "]]>--><!--",
    '" onload="alert(1)',
    "[x](http://evil.example)",
    "\ud800",
)


def hostile(folder: Path) -> None:
    """A search in which every text that somebody else wrote is an attack."""
    space = Space(
        (
            Decision('<img src=x>|`$a_"' + "x" * 90, "choice", HOSTILE),
            Decision("_w", "int", tuple(range(1, 100))),
        )
    )
    first = space.decisions[0].name
    entries = [
        child(
            n,
            0.5 + n / 100,
            n + 1,
            part=part,
            answers={first: n % len(HOSTILE), "_w": n},
        )
        for part in ("search", "random")
        for n in range(24)
    ]
    entries[3] = child(
        3, None, reason="bad | <b>thing</b> `x`\n\n# $y$", answers={first: 0, "_w": 1}
    )
    (folder / "x").mkdir(parents=True)
    journal(
        folder / "x" / "run",
        entries,
        plan=plan(children=24, data="</td>|`d`", options={"batch": 4}),
        space=space,
        name="<script>alert(1)</script>|$n$",
        identity={"the <space>": "a|b"},
        extra="</code>",
    )
    (folder / "x" / "run" / "best.yaml").write_text("name: </code></pre><script>\n```\n")


def test_hostile_names_are_text_in_html(tmp_path: Path) -> None:
    hostile(tmp_path)
    page, _markdown = written(tmp_path / "x" / "run")
    tags = {tag for tag, _attributes in page.elements}
    assert "script" not in tags and "b" not in tags
    assert all(attributes.get("src") != "x" for _tag, attributes in page.elements)
    assert not any("onload" in attributes for _tag, attributes in page.elements)
    assert "Search of <script>alert(1)</script>|$n$" in page.text
    assert "bad | <b>thing</b> `x`\\n\\n# $y$" in page.text
    assert "name: </code></pre><script>\n```" in page.text
    assert "It could not be drawn" in page.text


def test_hostile_names_are_text_in_charts(tmp_path: Path) -> None:
    hostile(tmp_path)
    written(tmp_path / "x" / "run")
    root = ElementTree.parse(tmp_path / "x" / "run" / "report" / "options.svg").getroot()
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert "$x^2$ $\\frac{" in texts  # as it is, and no formula
    assert "_under #010203" in texts
    assert "</text><script>…" in texts
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "title", "rect", "g", "path", "defs", "use", "text", "tspan", "clipPath"}


def test_hostile_names_are_text_in_markdown(tmp_path: Path) -> None:
    hostile(tmp_path)
    _page, markdown = written(tmp_path / "x" / "run")
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table"])
    tokens = reader.parse(markdown)
    inside = [inner for token in tokens for inner in token.children or ()]
    kinds = {token.type for token in (*tokens, *inside)}
    assert not kinds & {"html_block", "html_inline"}
    links = {token.attrs["href"] for token in inside if token.type == "link_open"}
    assert links == {"best.yaml"}
    headings = [
        tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open"
    ]
    assert headings[1:] == HEADINGS
    # Every row of a table has as many cells as its head.
    count = None
    for token in tokens:
        if token.type == "tr_open":
            cells = 0
        elif token.type in ("td_open", "th_open"):
            cells += 1
        elif token.type == "tr_close":
            count = cells if count is None else count
            assert cells == count
        elif token.type == "table_close":
            count = None
    for line in markdown.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == line.count("|") - line.count("\\|")


SPEC = """archspec: 1
name: best
input: [1, 8, 8]
stages: {conv: {conv: 4, kernel: 3}, pool: global_avg_pool, flatten: flatten, fc: {linear: 10}}
"""


def test_the_best_child_is_shown_with_its_diagram(tmp_path: Path) -> None:
    journal(tmp_path, searched(), plan=plan())
    (tmp_path / "best.yaml").write_text(SPEC)
    page, markdown = written(tmp_path)
    assert SPEC in page.text and SPEC in markdown
    assert (tmp_path / "report" / "best.svg").read_bytes().startswith(b"<")
    assert "](report/best.svg)" in markdown and "](best.yaml)" in markdown
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(images) == 1


def test_a_diagram_that_is_there_is_taken(tmp_path: Path) -> None:
    journal(tmp_path, searched(), plan=plan())
    (tmp_path / "best.yaml").write_text(SPEC)
    (tmp_path / "best.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    _page, markdown = written(tmp_path)
    assert "](best.svg)" in markdown
    assert not (tmp_path / "report" / "best.svg").exists()


def test_every_chart_of_the_markdown_is_there(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn()], plan=plan())
    _page, markdown = written(tmp_path)
    found = re.findall(r"\]\((report/[^)]+)\)", markdown)
    assert len(found) == 3  # eight children are too few to see anything learned
    assert all((tmp_path / name).is_file() for name in found)


def test_colours_are_those_of_the_reader(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn()], plan=plan())
    written(tmp_path)
    text = (tmp_path / "report.html").read_text()
    assert not re.search(r"#010[23]", text)
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    light, dark = (
        dict(re.findall(r"(--[\w-]+): (#\w+);", part))
        for part in re.findall(r":root {(.*?)}", text)
    )
    assert used <= set(light) == set(dark)
    assert light["--paper"] == "#ffffff" and dark["--paper"] < "#333333"
    chart = (tmp_path / "report" / "best-so-far.svg").read_text()
    assert "var(" not in chart and not re.search(r"#010[23]", chart)


def test_lines_are_told_apart_without_colour(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn()], plan=plan())
    written(tmp_path)
    chart = (tmp_path / "report" / "best-so-far.svg").read_text()
    dashes = set(re.findall(r"stroke-dasharray: ([^;]+)", chart))
    assert len(dashes) == 2  # beside the solid one
    assert len(set(map(str, DASHES))) == len(set(MARKERS)) == len(set(SERIES)) == 8


def test_axes_have_units(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn()], plan=plan())
    written(tmp_path)
    for name, label in (
        ("best-so-far", "best validation accuracy (%) so far"),
        ("reward", "validation accuracy (%)"),
        ("pareto", "validation accuracy (%)"),
    ):
        root = ElementTree.parse(tmp_path / "report" / f"{name}.svg").getroot()
        texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
        assert label in texts


def test_numbers_say_how_many_they_are_of(tmp_path: Path) -> None:
    journal(tmp_path, [*searched(), *drawn(), *again()], plan=plan())
    page, _markdown = written(tmp_path)
    for said in (
        "exactly 9 sets of answers to 3 decisions",
        "8 children of the search, 8 children of random search, 4 last trainings; 40 epochs",
        "child 6: 92.0 % validation accuracy in the search; 94.0 ± 1.4 % trained again, "
        "81.0 ± 1.4 % on the test split (n = 2), 500 parameters, 5,000 MACs",
        "Mean of the last quarter of the search: 92.5 ± 0.5 % (n = 2)",
    ):
        assert said in page.text


def test_a_folder_without_a_search_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no search"):
        write_report(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_of_something_else_is_a_usage_error(tmp_path: Path) -> None:
    Journal.create(tmp_path, {"plan": plan().as_json()}).close()
    with pytest.raises(UsageError, match=r"journal\.jsonl:1: .* does not say what it searches"):
        write_report(tmp_path)


@pytest.mark.parametrize("answers", [{"other": 0}, {"cell": 2}, {"cell": -1}, {"cell": 0.5}])
def test_answers_that_the_space_does_not_have_are_a_usage_error(
    answers: dict[str, float], tmp_path: Path
) -> None:
    journal(tmp_path, [child(4, 0.5, answers=answers)], plan=plan())
    with pytest.raises(UsageError, match="search child 4 has `(other|cell)` = .* does not have"):
        write_report(tmp_path)


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path) -> None:
    journal(tmp_path, searched(), plan=plan())
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('matplotlib', 'numpy'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from pathlib import Path\n"
        "from archspec.diagnostics import UsageError\n"
        "from archspec.trials.report import write_report\n"
        "try:\n"
        f"    write_report(Path({str(tmp_path)!r}))\n"
        "except UsageError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == (
        "the charts of a report need matplotlib: pip install 'archspec[search]'\n"
    ), done.stderr
    assert not (tmp_path / "report.html").exists()
