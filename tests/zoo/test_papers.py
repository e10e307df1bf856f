"""The shipped networks have the exact counts of the networks in the papers. Needs no torch."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import archspec
from tests.zoo.reference import rows

FACTS = {(row["network"], row["quantity"]): row for row in rows("paper_facts.csv")}

PARAMS = {
    "alexnet_paper": ("AlexNet-2012", "params", 0),
    "zfnet": ("ZFNet", "params", 0),
    "zfnet_wide": ("ZFNet 512-1024-512", "params", 0),
    "vgg11": ("VGG-A", "params", 0),
    "vgg13": ("VGG-B", "params", 0),
    "vgg16": ("VGG-D", "params", 0),
    "vgg19": ("VGG-E", "params", 0),
    "plain18": ("plain-18/34", "params", 0),
    "plain34": ("plain-18/34", "params", 1),
    "resnet50": ("ResNet-50 (ResNeXt paper)", "params; MACs", 0),
}
MACS = {
    "alexnet_paper": ("AlexNet-2012", "MACs", 0),
    "vgg16": ("VGG-16 (D)", "MACs", 0),
    "vgg19": ("VGG-19 (E)", "MACs", 0),
    "resnet50": ("ResNet-50 (ResNeXt paper)", "params; MACs", 1),
}
CONVOLUTIONS_ALONE = {"vgg16": ("VGG-16 (D)", "MACs", 1), "vgg19": ("VGG-19 (E)", "MACs", 1)}


def recount(network: str, quantity: str, position: int) -> int:
    """One number of the recount beside the paper's."""
    return int(re.findall(r"\d{6,}", FACTS[network, quantity]["computed"])[position])


@pytest.mark.parametrize("name", PARAMS)
def test_parameters(name: str) -> None:
    assert archspec.load(name).cost.params == recount(*PARAMS[name])


@pytest.mark.parametrize("name", MACS)
def test_macs(name: str) -> None:
    assert archspec.load(name).cost.macs == recount(*MACS[name])


@pytest.mark.parametrize("name", CONVOLUTIONS_ALONE)
def test_macs_of_the_convolutions_alone(name: str) -> None:
    """The papers differ in whether the classifier counts; both numbers are exact."""
    ir = archspec.load(name).ir
    macs = sum(node.macs for node in ir if node.op.name == "conv")
    assert macs == recount(*CONVOLUTIONS_ALONE[name])


def test_every_fact_is_used() -> None:
    used = {(network, quantity) for network, quantity, _ in (*PARAMS.values(), *MACS.values())}
    assert used == set(FACTS)


def test_alexnet_without_its_groups() -> None:
    """The ungrouped count that the table mentions differs by conv2, conv4 and conv5."""
    text = (
        "archspec: 1\nextends: archspec:alexnet_paper\nreplace:\n"
        "  conv2: {conv: 256, kernel: 5, padding: half}\n"
        "  conv4: {conv: 384, kernel: 3, padding: half}\n"
        "  conv5: {conv: 256, kernel: 3, padding: half}\n"
    )
    note = FACTS["AlexNet-2012", "params"]["note"]
    assert f"{archspec.load(text).cost.params:,}" in note


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("zfnet", {"conv1": 110, "pool1": 55, "conv2": 26, "pool2": 13, "conv5": 13, "pool5": 6}),
        ("alexnet_paper", {"conv1": 55, "pool1": 27, "conv2": 27, "pool2": 13, "pool5": 6}),
        ("resnet50", {"conv1": 112, "maxpool": 56, "layer2": 28, "layer3": 14, "layer4": 7}),
    ],
)
def test_sizes_in_the_figures(name: str, sizes: dict[str, int]) -> None:
    root = archspec.load(name).root
    found = {child.name: child.outputs[0].shape[-1] for child in root.children}
    assert {key: found[key] for key in sizes} == sizes


def test_depths() -> None:
    """The number in a network's name is its layers with weights; every spec states it."""
    for spec in archspec.list_specs():
        digits = re.fullmatch(r"(?:vgg|resnet|plain|wide_resnet)(\d+).*", spec.name)
        if digits:
            assert f"depth: {digits[1]}}}" in spec.path.read_text(), spec.name


def test_every_network_validates_without_torch() -> None:
    code = (
        "import sys, archspec\n"
        "for spec in archspec.list_specs():\n"
        "    assert archspec.validate(spec.name) == [], spec.name\n"
        "    archspec.load(spec.name).cost\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
