"""The interactive page as a reader uses it, in headless Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from archspec.drawing.formats.html import write_html
from archspec.drawing.scene.model import Box, Edge, Frame, Scene

from .pages import NASTY, nasty_scene, page, written

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

if CHROMIUM is None:
    pytest.skip("no Chromium on the PATH: apt-get install chromium", allow_module_level=True)

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {}


@pytest.fixture
def visit(browser: Any, texts: dict[str, str], tmp_path: Path) -> Iterator[Open]:
    """Open a network's page. At the end no page has sent a request or had an error."""
    pages: list[tuple[Any, list[str], list[str]]] = []

    def opened(name: str = "resnet18", *, text: str = "", hash: str = "", **options: Any) -> Any:
        if not text:
            text = texts.setdefault(name, "") or page(name)
            texts[name] = text
        address = written(tmp_path, text)
        page_ = browser.new_page(viewport={"width": 1200, "height": 1400}, **options)
        requests: list[str] = []
        errors: list[str] = []
        page_.on("request", lambda request: requests.append(request.url))
        page_.on("pageerror", lambda error: errors.append(str(error)))
        page_.on("console", lambda said: errors.append(said.text))
        pages.append((page_, requests, errors))
        page_.goto(address + hash)
        assert page_.evaluate("location.protocol") == "file:"
        return page_

    yield opened
    for page_, requests, errors in pages:
        assert {url.partition("#")[0].rpartition("/")[2] for url in requests} <= {"page.html"}
        assert errors == []
        page_.close()


def node(page_: Any, label: str) -> Any:
    """A box or the title of a frame by the start of what it is called."""
    return page_.locator(f'.node[aria-label="{label}"], .node[aria-label^="{label},"]').first


def labels(page_: Any) -> list[str]:
    found: list[str] = page_.locator(".node").evaluate_all(
        "all => all.map(each => each.getAttribute('aria-label').split(',')[0])"
    )
    return found


def address(page_: Any, part: str) -> None:
    sync_api.expect(page_).to_have_url(re.compile(re.escape(part)))


def test_a_click_opens_a_block_and_a_click_on_its_title_closes_it(visit: Open) -> None:
    page_ = visit()
    block = node(page_, "layer1.0")
    assert block.get_attribute("aria-expanded") == "false"
    before = len(labels(page_))
    block.click()
    assert node(page_, "layer1.0").get_attribute("aria-expanded") == "true"
    assert len(labels(page_)) == before + 7  # two convolutions with norm and ReLU, and the addition
    node(page_, "layer1.0").click()
    assert node(page_, "layer1.0").get_attribute("aria-expanded") == "false"
    assert len(labels(page_)) == before


def test_branches_open_and_close_together(visit: Open) -> None:
    page_ = visit("googlenet")
    node(page_, "inception3a").click()
    branches = [node(page_, f"branch{number}") for number in range(1, 5)]
    branches[1].click()  # was open around its blocks
    assert {each.get_attribute("aria-expanded") for each in branches} == {"false"}
    branches[2].click()
    assert {each.get_attribute("aria-expanded") for each in branches} == {"true"}
    assert "3×3 max pool" in labels(page_)


def test_levels_open_and_close_everything(visit: Open) -> None:
    page_ = visit()
    page_.get_by_role("button", name="Stages").click()
    assert page_.locator(".node[aria-expanded=true]").count() == 0
    assert labels(page_)[5:9] == ["layer1", "layer2", "layer3", "layer4"]
    page_.keyboard.press("3")
    assert page_.locator(".node[aria-expanded=false]").count() == 0
    # ResNet-18 has 69 ops, an input and an output; 4 stages, 8 blocks and 3 projections are open.
    assert len(labels(page_)) == 71 + 15
    page_.keyboard.press("2")
    assert page_.locator(".node[aria-expanded=true]").count() == 4


def test_at_op_level_every_edge_is_drawn_once_and_nothing_overlaps(visit: Open) -> None:
    page_ = visit("googlenet")
    page_.keyboard.press("3")
    assert page_.locator(".edge").count() == len(page_.evaluate(
        "[...new Set(JSON.parse(document.getElementById('scene').textContent)"
        ".edges.map(edge => edge.slice(0, 2).join()))]"
    ))  # fmt: skip
    assert overlaps(page_) == []


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "nasnetamobile", "swin_t"])
def test_boxes_never_overlap_and_text_stays_in_its_box(visit: Open, name: str) -> None:
    page_ = visit(name)
    for level in "123":
        page_.keyboard.press(level)
        assert overlaps(page_) == []
        assert clipped(page_) == []


def overlaps(page_: Any) -> list[Any]:
    """Boxes that lie on each other, and those that reach out of the frames around them."""
    found: list[Any] = page_.evaluate("""() => {
        const area = (each) => each.getBoundingClientRect();
        const boxes = [...document.querySelectorAll('.node')]
            .map((each) => [each.getAttribute('aria-label'), area(each.querySelector('.shape'))])
            .sort((a, b) => a[1].top - b[1].top);
        const bad = [];
        boxes.forEach(([name, a], at) => {
            for (const [other, b] of boxes.slice(at + 1)) {
                if (b.top >= a.bottom - 0.1) break;
                if (b.left < a.right - 0.1 && a.left < b.right - 0.1) bad.push([name, other]);
            }
        });
        for (const frame of [...document.querySelectorAll('.frame')].map(area)) {
            for (const [name, a] of boxes) {
                const apart = a.right <= frame.left || a.left >= frame.right
                    || a.bottom <= frame.top || a.top >= frame.bottom;
                const inside = a.left >= frame.left - 0.1 && a.right <= frame.right + 0.1
                    && a.top >= frame.top - 0.1 && a.bottom <= frame.bottom + 0.1;
                if (!apart && !inside) bad.push([name, 'frame']);
            }
        }
        return bad;
    }""")
    return found


def clipped(page_: Any) -> list[str]:
    """Texts that are wider than what they stand in."""
    found: list[str] = page_.evaluate("""() => [...document.querySelectorAll('.node text')]
        .filter((text) => {
            const a = text.getBoundingClientRect();
            const b = text.closest('.node').querySelector('.shape').getBoundingClientRect();
            return a.left < b.left || a.right > b.right || a.top < b.top - 1 || a.bottom > b.bottom + 1;
        }).map((text) => text.textContent)""")
    return found


def test_the_spine_is_straight(visit: Open) -> None:
    page_ = visit("resnet50")
    page_.keyboard.press("3")
    middles = page_.evaluate("""() => [...document.querySelectorAll('.node:not(.header)')]
        .filter((each) => !each.getAttribute('aria-label').includes('downsample'))
        .map((each) => each.querySelector('.shape').getBoundingClientRect())
        .map((area) => Math.round(area.left + area.width / 2))""")
    assert len(set(middles)) == 1
    for kind in ("identity", "projection"):
        right = page_.evaluate(f"""() => [...document.querySelectorAll('.edge.{kind} .line')]
            .map((each) => each.getBoundingClientRect().right)""")
        assert len(right) == 12 and min(right) > middles[0] + 10


def test_search_opens_what_is_closed_around_the_next_hit(visit: Open) -> None:
    page_ = visit()
    page_.keyboard.press("/")
    page_.keyboard.type("layer3.1.CONV")
    assert page_.locator("#hits").text_content() == "2"
    assert node(page_, "layer3.1").evaluate("e => e.classList.contains('holds-hit')")
    page_.keyboard.press("Enter")
    page_.keyboard.press("Enter")
    assert page_.locator("#hits").text_content() == "2 / 2"
    chosen = page_.locator(".node.selected")
    assert chosen.get_attribute("class").split().count("hit") == 1
    assert page_.locator("#card .path").text_content() == "layer3.1.conv2"
    area = chosen.bounding_box()
    assert 0 < area["x"] < 1200 and 50 < area["y"] < 1400
    page_.keyboard.press("Shift+Enter")
    assert page_.locator("#card .path").text_content() == "layer3.1.conv1"
    page_.keyboard.press("Escape")
    assert page_.locator(".hit").count() == 0


def test_search_for_what_there_is_not(visit: Open) -> None:
    page_ = visit()
    page_.fill("#query", "no such thing")
    assert page_.locator("#hits").text_content() == "nothing"
    page_.press("#query", "Enter")
    assert page_.locator(".node.selected").count() == 0


def test_the_card_tells_what_is_known_of_a_box(visit: Open) -> None:
    page_ = visit("resnet50")
    page_.fill("#query", "layer2.0.conv2")
    page_.press("#query", "Enter")
    page_.press("#query", "Escape")
    page_.keyboard.press("Escape")
    assert page_.locator("#card").is_hidden()
    node(page_, "3×3 conv").hover()
    text = page_.locator("#card").inner_text()
    for said in (
        "3×3 conv, 128, /2",
        "layer2.0.conv2",
        "128×56×56",
        "128×28×28",
        "147,456 (0.6 %)",
        "115,605,504 (2.8 %)",
        "archspec:residual:",
    ):
        assert said in text
    page_.mouse.move(5, 400)
    assert page_.locator("#card").is_hidden()


def test_the_path_of_a_selected_box_is_lit(visit: Open) -> None:
    page_ = visit("googlenet")
    node(page_, "inception4a").click()
    node(page_, "3×3 max pool").click()  # the first of that name, above all branches
    assert page_.locator(".edge.up").count() == 2
    page_.keyboard.press("Escape")
    assert page_.locator(".edge.up, .edge.down, .selected").count() == 0
    page_.locator('.node[aria-label^="branch2.0"]').click(position={"x": 60, "y": 10})
    assert page_.locator("#world.dimmed").count() == 1
    dimmed = page_.locator(".node:not(.lit)").evaluate_all(
        "all => all.map(each => each.getAttribute('aria-label').split(',')[0])"
    )
    assert {"branch1", "branch3.0", "branch4.1"} <= set(dimmed)
    assert not {"branch2.1", "conv1", "linear", "inception5b"} & set(dimmed)


def test_a_box_pointed_at_lights_its_path_too(visit: Open) -> None:
    page_ = visit()
    node(page_, "BN").hover()
    assert (page_.locator(".edge.up").count(), page_.locator(".edge.near").count()) == (2, 2)
    assert page_.locator(".edge.down").count() == page_.locator(".edge").count() - 2


def focused(page_: Any) -> str:
    found: str = page_.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
    return found


def test_keys_go_along_the_flow_and_open_what_they_stand_on(visit: Open) -> None:
    page_ = visit()
    page_.keyboard.press("ArrowDown")
    assert focused(page_).startswith("input")
    page_.keyboard.press("Tab")
    assert focused(page_).startswith("7×7 conv")
    for _ in range(4):
        page_.keyboard.press("ArrowDown")
    assert focused(page_).startswith("layer1.0")
    page_.keyboard.press("Enter")
    page_.keyboard.press("ArrowDown")
    assert focused(page_).startswith("3×3 conv")
    page_.keyboard.press("ArrowUp")
    page_.keyboard.press("Space")
    assert focused(page_).startswith("layer1.0")
    assert node(page_, "layer1.0").get_attribute("aria-expanded") == "false"
    page_.keyboard.press("ArrowUp")
    assert focused(page_).startswith("layer1,")
    ring = page_.locator(".node:focus-visible .shape").evaluate(
        "e => getComputedStyle(e).strokeWidth"
    )
    assert ring == "3.4px"


def test_left_and_right_go_between_branches(visit: Open) -> None:
    page_ = visit("googlenet")
    node(page_, "inception3a").click()
    node(page_, "branch2.0").focus()
    page_.keyboard.press("ArrowRight")
    assert focused(page_).startswith("branch3")
    page_.keyboard.press("ArrowLeft")
    assert focused(page_).startswith("branch2")


def scale(page_: Any) -> float:
    found: float = page_.evaluate(
        "new DOMMatrix(getComputedStyle(document.getElementById('world')).transform).a"
    )
    return found


def test_zoom_by_keys_wheel_and_buttons_and_pan_by_dragging(visit: Open) -> None:
    page_ = visit()
    start = scale(page_)
    page_.keyboard.press("+")
    assert scale(page_) > start
    page_.keyboard.press("-")
    assert scale(page_) == pytest.approx(start, rel=1e-3)
    page_.mouse.move(600, 400)
    page_.mouse.wheel(0, -200)
    address(page_, "view=")
    assert scale(page_) > start
    page_.get_by_role("button", name="Zoom out").click()
    page_.get_by_role("button", name="Fit").click()
    stage, all_ = (page_.locator(each).bounding_box() for each in ("#stage", "#world"))
    assert all_["y"] >= stage["y"] and all_["height"] <= stage["height"]
    page_.mouse.move(100, 300)
    page_.mouse.down()
    page_.mouse.move(150, 340)
    page_.mouse.up()
    moved = page_.locator("#world").bounding_box()
    assert (moved["x"] - all_["x"], moved["y"] - all_["y"]) == pytest.approx((50, 40), abs=1)


def background(page_: Any) -> str:
    found: str = page_.evaluate("getComputedStyle(document.body).backgroundColor")
    return found


def test_dark_mode_by_preference_and_by_choice(visit: Open) -> None:
    dark = visit(color_scheme="dark")
    assert background(dark) == "rgb(15, 18, 21)"
    light = visit(color_scheme="light")
    assert background(light) == "rgb(247, 248, 250)"
    light.get_by_role("button", name="Dark mode").click()
    assert background(light) == "rgb(15, 18, 21)"
    address(light, "theme=dark")
    light.reload()
    assert background(light) == "rgb(15, 18, 21)"
    light.keyboard.press("d")
    assert background(light) == "rgb(247, 248, 250)"


def test_the_address_keeps_what_is_open_and_selected(visit: Open) -> None:
    page_ = visit()
    node(page_, "layer2.1").click()
    address(page_, "at=layer2.1")
    page_.mouse.wheel(0, -100)
    before = labels(page_)
    page_.reload()
    assert labels(page_) == before
    assert page_.locator(".node.selected").get_attribute("aria-label").startswith("layer2.1")
    other = visit(hash="#open=stage,layer1,nothing,%&at=%E0%A4&view=1,x,0&q=%")
    assert labels(other)[5:8] in (["layer1", "layer1.0", "layer1.1"], ["layer1", "layer1.0", "BN"])


def test_help_opens_and_closes(visit: Open) -> None:
    page_ = visit()
    page_.keyboard.press("?")
    assert page_.locator("#help").is_visible()
    page_.keyboard.press("Escape")
    assert page_.locator("#help").is_hidden()


def test_all_of_it_is_printed(visit: Open) -> None:
    page_ = visit()
    page_.evaluate("dispatchEvent(new Event('beforeprint'))")
    left, top, width, height = map(float, page_.locator("#stage").get_attribute("viewBox").split())
    assert height > 800 and width > 100
    page_.emulate_media(media="print")
    assert page_.locator("#search").is_hidden()
    page_.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page_.locator("#stage").get_attribute("viewBox") is None
    assert page_.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("name", NASTY)
def test_names_that_want_to_be_markup_do_nothing(visit: Open, name: str) -> None:
    text = write_html(nasty_scene(name), open=[f"{name}f"])
    page_ = visit(text=text, hash=f"#at={quote(name + '1')}&q={quote(name)}&open={quote(name)}")
    page_.keyboard.press("3")
    for each in page_.locator(".node").all():
        each.hover()
    page_.press("#query", "Enter")
    page_.locator("#legend summary").click()
    assert page_.locator("#name").text_content() == name
    assert page_.locator("#card .path").text_content().startswith(name)
    assert page_.evaluate("window.hacked") is None
    assert page_.locator("img, script:not([id]):not(body > script), svg [onload]").count() == 0


def test_the_policy_refuses_every_request(browser: Any, tmp_path: Path) -> None:
    page_ = browser.new_page()
    answered: list[str] = []
    page_.on("response", lambda response: answered.append(response.url))
    refused: list[str | None] = []
    page_.on("requestfailed", lambda request: refused.append(request.failure))
    page_.goto(written(tmp_path, page("resnet18")))
    refusals = page_.evaluate("""() => new Promise((done) => {
        const found = new Set();
        document.addEventListener("securitypolicyviolation", (event) => {
            found.add(event.effectiveDirective);
            if (found.size === 4) done([...found].sort());
        });
        for (const tag of ["img", "iframe", "script"]) {
            const element = document.createElement(tag);
            element.src = `http://localhost:9/${tag}`;
            document.body.append(element);
        }
        fetch("http://localhost:9/fetch").catch(() => {});
        const script = document.createElement("script");
        script.textContent = "window.hacked = true";
        document.body.append(script);
        setTimeout(() => done([...found].sort()), 10000);
    })""")
    assert refusals == ["connect-src", "frame-src", "img-src", "script-src-elem"]
    assert page_.evaluate("window.hacked") is None
    assert {url.rpartition("/")[2] for url in answered} <= {"page.html"}
    assert set(refused) <= {"csp"}
    page_.close()


def test_a_head_of_training_stands_apart_on_the_left(visit: Open) -> None:
    page_ = visit("googlenet")
    spine = node(page_, "inception4b").bounding_box()
    for name in ("aux1", "aux2", "aux_logits1"):
        head = node(page_, name).bounding_box()
        assert head["x"] + head["width"] < spine["x"]


def test_a_network_of_one_box_and_one_without_edges_are_drawn(visit: Open) -> None:
    one = Scene("one", Frame("", "", "one", [Box("a", "a", "a", "op", "relu", "activation")]), [])
    assert labels(visit(text=write_html(one))) == ["a"]
    boxes = [Box(c, c, c, "op", "relu", "activation") for c in "ab"]
    assert labels(visit(text=write_html(Scene("two", Frame("", "", "two", [*boxes]), [])))) == [
        "a",
        "b",
    ]


def test_flow_that_no_nesting_describes_is_drawn_all_the_same(visit: Open) -> None:
    boxes = {c: Box(c, c, c, "op", "relu", "activation") for c in "abcdef"}
    inner = Frame("g", "g", "g", [boxes["b"], boxes["d"]])  # c stands between b and d
    root = Frame("", "", "net", [boxes["a"], inner, boxes["c"], boxes["e"], boxes["f"]])
    pairs = ["ab", "bc", "cd", "ac", "de", "ae", "ce", "bf", "ef", "af"]
    scene = Scene("net", root, [Edge(p[0], p[1]) for p in pairs])
    page_ = visit(text=write_html(scene, open=["g"]))
    assert page_.locator(".edge").count() == len(pairs)
    assert overlaps(page_) == []
