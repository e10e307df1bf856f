"""The interactive page as a file: its size, its policy, its data, and names that want to be markup."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from archspec.drawing.formats.html import write_html
from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.ops.dims import Dim

from .pages import NASTY, nasty_scene, network, page


class Elements(HTMLParser):
    """The elements of a page: their tags with attributes, and what stands in each."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}, ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, text) for name, attributes, text in self.found if name == tag]


def data_of(text: str) -> Any:
    scripts = Elements(text).all("script")
    return json.loads(next(text for attributes, text in scripts if attributes.get("id") == "scene"))


def items_of(item: Any) -> list[Any]:
    return [item, *(inner for each in item.get("items", []) for inner in items_of(each))]


def test_resnet152_open_to_its_ops_is_small() -> None:
    text = page("resnet152")
    assert len(text.encode()) <= 300_000
    boxes = [item for item in items_of(data_of(text)["root"]) if "items" not in item]
    assert sum(box["family"] not in ("input", "output") for box in boxes) == 515


def test_the_page_has_every_box_frame_and_edge_of_its_scene() -> None:
    scene, frames = network("googlenet")
    data = data_of(write_html(scene, open=frames))
    items = items_of(data["root"])
    ids = [item.get("id", item.get("path", "")) for item in items]
    boxes = [name for item, name in zip(items, ids) if "items" not in item]
    assert boxes == [box.id for box in scene.root.boxes()]
    opened = {ids[number] for number in data["open"]}
    assert opened == set(frames)
    edges = [(boxes[tail], boxes[head], *kind) for tail, head, *kind in data["edges"]]
    expected = [
        (e.tail, e.head) if e.kind == "flow" else (e.tail, e.head, e.kind) for e in scene.edges
    ]
    assert edges == expected


def test_shapes_parameters_macs_and_places_are_in_the_data() -> None:
    data = data_of(page("resnet50"))
    conv = next(i for i in items_of(data["root"]) if i.get("path") == "layer2.0.conv2")
    assert conv["title"] == "3×3 conv, 128, /2"
    assert data["shapes"][conv["in"]] == "128×56×56"
    assert data["shapes"][conv["out"]] == "128×28×28"
    assert conv["params"] == 147_456
    assert conv["macs"] == 147_456 * 28 * 28
    assert re.fullmatch(r".+:\d+", conv["place"])
    assert (data["params"], data["macs"]) == (25_557_032, 4_089_184_256)


def test_sizes_that_are_free_until_run_time_are_written_as_text() -> None:
    free = Dim.free("height")
    box = Box("a", "a", "a", "op", "conv", "convolution", out_shape=(3, free), macs=free * 2)
    data = data_of(write_html(Scene("net", Frame("", "", "net", [box]), [], macs=free * 2)))
    assert data["macs"] == "2*height"
    assert data["shapes"] == ["3×height"]


def test_the_policy_allows_the_script_by_its_hash_and_no_request() -> None:
    elements = Elements(page("resnet18"))
    script = next(text for attributes, text in elements.all("script") if not attributes)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for a, _ in elements.all("meta") if "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "http" not in policy
    # The policy comes before anything that it is for.
    assert [tag for tag, *_ in elements.found][:4] == ["html", "head", "meta", "meta"]


def test_nothing_in_the_page_leads_out_of_it() -> None:
    text = page("resnet18")
    elements = Elements(text)
    assert {tag for tag, *_ in elements.found}.isdisjoint(
        {"a", "base", "embed", "iframe", "img", "link", "object", "video"}
    )
    for _tag, attributes, _text in elements.found:
        assert attributes.keys().isdisjoint({"src", "href", "action", "srcset", "style"})
        assert not any(name.startswith("on") for name in attributes)
    assert set(re.findall(r"\w+://[^\s\"'<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "@import" not in text and "url(" not in text


@pytest.mark.parametrize("name", NASTY)
def test_names_stay_data(name: str) -> None:
    text = write_html(nasty_scene(name), open=[f"{name}f"])
    plain = write_html(nasty_scene("plain"), open=["plainf"])
    tags = [(tag, attributes.keys()) for tag, attributes, _ in Elements(text).found]
    assert tags == [(tag, attributes.keys()) for tag, attributes, _ in Elements(plain).found]
    data = data_of(text)
    assert data["name"] == data["description"] == name
    raw = re.search(r'id="scene">(.*?)</script>', text, re.DOTALL)
    assert raw is not None
    assert not set(raw[1]) & set("<>&\u2028\u2029")


def test_a_lone_surrogate_can_be_written() -> None:
    scene = Scene("net", Frame("", "", "net", [Box("a", "a", "\ud800", "op", "a", "a")]), [])
    assert write_html(scene).encode()


def test_same_page_on_every_run() -> None:
    code = (
        "from hashlib import sha256\nfrom tests.drawing.formats.pages import page\n"
        "print(sha256(page('googlenet').encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert digests == {sha256(page("googlenet").encode()).hexdigest() + "\n"}


def test_edges_between_unknown_boxes_are_an_error_and_not_left_out() -> None:
    scene = Scene("net", Frame("", "", "net"), [Edge("a", "b")])
    with pytest.raises(KeyError):
        write_html(scene)
