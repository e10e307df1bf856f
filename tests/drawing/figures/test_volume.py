"""The volumes figure: what is in it, its sizes, and that nothing lies on anything."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest

import archspec
from archspec.diagnostics import RenderError
from archspec.drawing.figures.maps import Volume, feature_maps
from archspec.drawing.figures.volume import SIZE, TAIL_SHARE, bar_height, volume_picture
from archspec.drawing.lettering import ASCENT, text_width
from archspec.drawing.picture import Circle, Group, Line, Picture, Polygon, Rect, Text

NETWORKS = [
    *("alexnet", "alexnet_paper", "zfnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg16_c"),
    *("resnet18", "resnet50", "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_large"),
    *("densenet121", "densenet201", "efficientnet_b7", "squeezenet1_0", "swin_t", "maxvit_t"),
    *("cifar_resnet20", "cifar_resnet1202", "nasnetalarge", "legacy_xception"),
]
LENET = """
archspec: 1
name: lenet
input: [1, 32, 32]
stages:
  c1: {conv: 6, kernel: 5}
  t1: tanh
  s2: {avg_pool: 2}
  c3: {conv: 16, kernel: 5}
  t3: tanh
  s4: {avg_pool: 2}
  flatten: flatten
  f5: {linear: 120}
  f6: {linear: 84}
  output: {linear: 10}
  softmax: {softmax: 0}
"""

Box = tuple[float, float, float, float]


def draw(name: str, theme: str = "light") -> Picture:
    network = archspec.load_str(LENET) if name == "lenet" else archspec.load(name)
    return volume_picture(network.ir, network.root, theme=theme)


def volumes(name: str) -> list[Volume]:
    network = archspec.load(name)
    return feature_maps(network.ir, network.root)[0]


def text_box(text: Text) -> Box:
    """Where the ink of a text is; the descent is a fifth of the size."""
    wide = text_width(text.text, text.size, bold=text.bold)
    left = text.x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.anchor]
    return (left, text.y - ASCENT * text.size, left + wide, text.y + 0.2 * text.size)


def meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def groups(picture: Picture, role: str) -> list[Group]:
    return [item for item in picture.items if isinstance(item, Group) and item.role == role]


def points(picture: Picture) -> Iterator[tuple[float, float]]:
    for item in picture.walk():
        if isinstance(item, Polygon | Line):
            yield from item.points
        elif isinstance(item, Rect):
            yield from ((item.x, item.y), (item.x + item.width, item.y + item.height))
        elif isinstance(item, Text):
            left, top, right, bottom = text_box(item)
            yield from ((left, top), (right, bottom))
        else:
            assert not isinstance(item, Circle)


def front(group: Group) -> Rect:
    """The front face of a solid."""
    return next(item for item in group.items if isinstance(item, Rect))


def outline(group: Group) -> Box:
    corners = [p for item in group.items if isinstance(item, Polygon) for p in item.points]
    face = front(group)
    xs = [face.x, face.x + face.width, *(x for x, _ in corners)]
    ys = [face.y, face.y + face.height, *(y for _, y in corners)]
    return (min(xs), min(ys), max(xs), max(ys))


@pytest.mark.parametrize("name", [*NETWORKS, "lenet"])
def test_no_text_lies_on_another_or_on_a_solid(name: str) -> None:
    picture = draw(name)
    texts = [item for item in picture.walk() if isinstance(item, Text)]
    for a, b in combinations(texts, 2):
        assert not meet(text_box(a), text_box(b)), (a.text, b.text)
    for group in groups(picture, "volume") + groups(picture, "layer"):
        box = outline(group)
        for text in texts:
            assert not meet(text_box(text), box), (text.text, group.title)


@pytest.mark.parametrize("name", [*NETWORKS, "lenet"])
def test_no_line_runs_through_a_text(name: str) -> None:
    picture = draw(name)
    boxes = [(item.text, text_box(item)) for item in picture.walk() if isinstance(item, Text)]
    lines = [item for item in picture.walk() if isinstance(item, Line)]
    for line in lines:
        for (x1, y1), (x2, y2) in pairwise(line.points):
            for step in range(101):
                x, y = x1 + (x2 - x1) * step / 100, y1 + (y2 - y1) * step / 100
                for text, box in boxes:
                    assert not meet((x, y, x, y), box), text


@pytest.mark.parametrize("name", [*NETWORKS, "lenet"])
def test_solids_stand_apart(name: str) -> None:
    boxes = [outline(g) for g in groups(draw(name), "volume")]
    for a, b in pairwise(boxes):
        assert a[2] < b[0]


@pytest.mark.parametrize("name", [*NETWORKS, "lenet"])
def test_all_is_inside_of_the_page(name: str) -> None:
    picture = draw(name)
    for x, y in points(picture):
        assert 0 < x < picture.width
        assert 0 < y < picture.height


@pytest.mark.parametrize("name", [*NETWORKS, "lenet"])
def test_the_classifier_takes_little_width(name: str) -> None:
    picture = draw(name)
    bars = groups(picture, "layer")
    if not bars:
        assert name == "squeezenet1_0"
        return
    first = front(bars[0]).x
    texts = [text_box(t) for t in picture.walk() if isinstance(t, Text) and t.x >= first]
    left = min(first, *(box[0] for box in texts))
    right = max(box[2] for box in texts)
    assert (right - left) / picture.width <= TAIL_SHARE


@pytest.mark.parametrize("name", NETWORKS)
def test_letters_are_of_one_readable_size(name: str) -> None:
    assert {item.size for item in draw(name).walk() if isinstance(item, Text)} == {SIZE} == {7.0}


@pytest.mark.parametrize("name", ["alexnet_paper", "vgg16", "resnet50", "mobilenet_v2"])
def test_larger_maps_are_drawn_larger_and_more_channels_thicker(name: str) -> None:
    known = volumes(name)
    drawn = groups(draw(name), "volume")
    assert [group.data["size"] for group in drawn] == [volume.size for volume in known]
    faces = [front(group) for group in drawn]
    for (a, face_a), (b, face_b) in combinations(list(zip(known, faces, strict=True)), 2):
        assert (a.height < b.height) == (face_a.height < face_b.height - 0.02)
        thick_a, thick_b = face_a.width / a.slabs, face_b.width / b.slabs
        if a.channels <= b.channels:
            assert thick_a <= thick_b + 0.02
    assert max(face.height for face in faces) > 100
    assert min(face.height for face in faces) > 6


def test_bars_grow_with_their_width() -> None:
    heights = [bar_height(n) for n in (1, 10, 84, 120, 1000, 4096, 25088)]
    assert heights == sorted(set(heights))


@pytest.mark.parametrize("name", ["vgg16", "alexnet_paper"])
def test_a_plain_network_fits_two_columns(name: str) -> None:
    assert draw(name).width <= 7.16 * 72


def told(name: str) -> list[tuple[str, dict[str, int]]]:
    return [(volume.size, volume.told) for volume in volumes(name)]


def test_alexnet_has_the_maps_of_its_paper() -> None:
    assert told("alexnet_paper") == [
        ("227×227×3", {"input": 1}),
        ("55×55×96", {"11×11 conv, /4": 1}),
        ("27×27×96", {"3×3 max pool, /2": 1}),
        ("27×27×256", {"5×5 conv": 1}),
        ("13×13×256", {"3×3 max pool, /2": 1}),
        ("13×13×384", {"3×3 conv": 2}),
        ("13×13×256", {"3×3 conv": 1}),
        ("6×6×256", {"3×3 max pool, /2": 1}),
    ]


def test_vgg_has_groups_of_slabs() -> None:
    convs = [volume.slabs for volume in volumes("vgg19") if volume.kind == "conv"]
    assert convs == [2, 2, 4, 4, 4]
    pools = [volume.size for volume in volumes("vgg19") if volume.kind == "pool"]
    assert pools == ["112×112×64", "56×56×128", "28×28×256", "14×14×512", "7×7×512"]


def test_resnet_has_a_volume_for_each_stage() -> None:
    assert told("resnet50")[3:] == [
        ("56×56×256", {"bottleneck": 3}),
        ("28×28×512", {"bottleneck": 4}),
        ("14×14×1024", {"bottleneck": 6}),
        ("7×7×2048", {"bottleneck": 3}),
        ("1×1×2048", {"global avg pool": 1}),
    ]


def test_a_dense_block_is_one_volume() -> None:
    dense = [v for v in volumes("densenet121") if v.dense]
    assert [(v.channels, v.count) for v in dense] == [(256, 6), (512, 12), (1024, 24), (1024, 16)]


def test_the_classifier_ends_in_its_classes() -> None:
    network = archspec.load_str(LENET)
    _, tail = feature_maps(network.ir, network.root)
    assert [(layer.width, layer.op) for layer in tail] == [
        *((120, "fc"), (84, "fc"), (10, "softmax"))
    ]
    bars = groups(draw("lenet"), "layer")
    assert [bar.title for bar in bars] == ["fc, 120", "fc, 84", "softmax, 10"]


def test_kernels_are_drawn_where_a_convolution_enters() -> None:
    assert len(groups(draw("alexnet_paper"), "kernel")) == 4
    assert len(groups(draw("vgg16"), "kernel")) == 5


@pytest.mark.parametrize("theme", ["light", "dark", "grey"])
def test_themes_differ_in_colour_alone(theme: str) -> None:
    plain, themed = draw("alexnet"), draw("alexnet", theme)
    assert list(points(plain)) == list(points(themed))


def test_pooling_and_blocks_are_told_without_colour() -> None:
    for group, volume in zip(groups(draw("resnet50"), "volume"), volumes("resnet50"), strict=True):
        lines = [item for item in group.items if isinstance(item, Line)]
        assert bool(lines) == (volume.kind == "pool")
        plain = len(group.items) == 3
        assert plain == (volume.kind in ("input", "conv"))


HASHED = """
import archspec
from archspec.drawing.figures.table import table
from archspec.drawing.figures.volume import volume_picture
for name in ("googlenet", "mobilenet_v3_small", "densenet121"):
    network = archspec.load(name)
    print(volume_picture(network.ir, network.root), table([network]))
"""


def test_no_hash_seed_changes_a_figure() -> None:
    texts = [
        subprocess.run(
            [sys.executable, "-c", HASHED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1")
    ]
    assert texts[0] == texts[1]
    assert b"inception" in texts[0]


def test_a_transformer_is_refused_with_a_reason() -> None:
    with pytest.raises(RenderError, match=r"encoder_layer_0 works on 197×768.*--level block"):
        draw("vit_b_16")


@pytest.mark.parametrize(
    ("shape", "body", "why"),
    [
        ("[3, 100]", "conv: {conv1d: 8, kernel: 3}", "works on 8×98, which is no feature map"),
        ("[3, 9, 9, 9]", "conv: {conv3d: 8, kernel: 3}", "works on 8×7×7×7, which is no"),
        ("[3, h, w]", "conv: {conv: 8, kernel: 3}", "is left free"),
        ("[10]", "fc: {linear: 8}", "its input has 0 spatial axes"),
        ("[3, 8, 8]", "act: relu", "no convolution or pooling"),
    ],
)
def test_networks_without_maps_are_refused(shape: str, body: str, why: str) -> None:
    text = f"archspec: 1\nname: net\ninput: {shape}\nstages:\n  {body}\n"
    network = archspec.load_str(text)
    with pytest.raises(RenderError, match="cannot be drawn as volumes") as caught:
        volume_picture(network.ir, network.root)
    assert why in str(caught.value)


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(RenderError, match="no theme is called `neon`"):
        draw("alexnet", "neon")
