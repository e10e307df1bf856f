"""The shipped networks have the exact counts of the networks in the papers. Needs no torch."""

from __future__ import annotations

import re
from typing import Any

import pytest

import archspec
from tests.zoo.reference import rows

FACTS = {(row["network"], row["quantity"]): row for row in rows("paper_facts.csv")}
NUMBER = re.compile(r"\d{6,}")

PARAMS_MACS = "params; MACs; top1"
WIDTHS = ((1, 64), (2, 40), (4, 24), (8, 14), (32, 4))
"""ResNeXt-50 of as many MACs: groups, and channels of each."""

# For each row the numbers of its recount, in their order: what is counted, of which spec, with which
# parameters.
COUNTS: dict[tuple[str, str], list[tuple[str, str, dict[str, Any]]]] = {
    ("AlexNet-2012", "params"): [("params", "alexnet_paper", {})],
    ("AlexNet-2012", "MACs"): [("macs", "alexnet_paper", {})],
    ("AlexNet-2012", "neurons"): [("neurons", "alexnet_paper", {})],
    ("torchvision alexnet", "params"): [("params", "alexnet", {})],
    ("ZFNet", "params"): [("params", "zfnet", {})],
    ("ZFNet 512-1024-512", "params"): [("params", "zfnet_wide", {})],
    ("VGG-A", "params"): [("params", "vgg11", {})],
    ("VGG-B", "params"): [("params", "vgg13", {})],
    ("VGG-C", "params"): [("params", "vgg16_c", {})],
    ("VGG-D", "params"): [("params", "vgg16", {})],
    ("VGG-E", "params"): [("params", "vgg19", {})],
    ("VGG-16 (D)", "MACs"): [("macs", "vgg16", {}), ("convolutions", "vgg16", {})],
    ("VGG-19 (E)", "MACs"): [("macs", "vgg19", {}), ("convolutions", "vgg19", {})],
    ("GoogLeNet", "params"): [("without heads", "googlenet_paper", {})],
    ("GoogLeNet", "MACs"): [("macs", "googlenet_paper", {})],
    ("torchvision googlenet", "params"): [
        ("without heads", "googlenet", {}),
        ("params", "googlenet", {}),
    ],
    ("ResNet-18", "MACs"): [("macs", "resnet18", {})],
    ("ResNet-34", "MACs"): [("macs", "resnet34", {})],
    **{(f"ResNet-{n}", "MACs"): [("macs", f"resnet{n}_paper", {})] for n in (50, 101, 152)},
    ("plain-18/34", "params"): [("params", "plain18", {}), ("params", "plain34", {})],
    **{
        (f"CIFAR ResNet-{n}", "params; err%"): [("params", f"cifar_resnet{n}", {})]
        for n in (20, 32, 44, 56, 110, 1202)
    },
    ("pre-act ResNet-164", "params; C10 err"): [("params", "cifar_preresnet164", {})],
    ("pre-act ResNet-1001", "params; C10 err"): [
        ("params", "cifar_preresnet1001", {}),
        ("weights", "cifar_preresnet1001", {}),
    ],
    ("pre-act ResNet-200", "top1/top5"): [("params", "preresnet200", {})],
    ("ResNet-50 (ResNeXt paper)", "params; MACs"): [
        ("params", "resnet50", {}),
        ("macs", "resnet50", {}),
    ],
    ("ResNeXt-50 32x4d", PARAMS_MACS): [
        ("params", "resnext50_32x4d", {}),
        ("macs", "resnext50_32x4d", {}),
    ],
    ("ResNeXt-101 32x4d / 64x4d", "MACs; top1"): [
        ("macs", "resnext101_32x4d", {}),
        ("macs", "resnext101_64x4d", {}),
    ],
    ("densenet_L40_k12", "params"): [("params", "cifar_densenet_l40_k12", {})],
    ("densenet_L100_k12", "params"): [("params", "cifar_densenet_l100_k12", {})],
    ("densenet_L100_k24", "params"): [("params", "cifar_densenet_l100_k24", {})],
    ("densenetBC_L100_k12", "params"): [("params", "cifar_densenet_bc_l100_k12", {})],
    ("densenetBC_L250_k24", "params"): [("params", "cifar_densenet_bc_l250_k24", {})],
    ("densenetBC_L190_k40", "params"): [("params", "cifar_densenet_bc_l190_k40", {})],
    ("DenseNet-121/169/201/264", "top1/top5 1-crop"): [
        ("params", f"densenet{n}", {}) for n in (121, 169, 201, 264)
    ],
    ("DenseNet-161 (k=48)", "top1"): [("params", "densenet161", {})],
    **{
        (f"MobileNetV1 {alpha} 224", PARAMS_MACS): [
            ("params", f"mobilenetv1_{name}", {}),
            ("macs", f"mobilenetv1_{name}", {}),
        ]
        for alpha, name in (("1", "100"), ("0.75", "075"), ("0.5", "050"), ("0.25", "025"))
    },
    **{
        (f"MobileNetV1 1 {size}", PARAMS_MACS): [
            ("params", "mobilenetv1_100", {"image": size}),
            ("macs", "mobilenetv1_100", {"image": size}),
        ]
        for size in (192, 160, 128)
    },
    ("MobileNetV1 full conv", PARAMS_MACS): [
        ("params", "mobilenetv1_conv", {}),
        ("macs", "mobilenetv1_conv", {}),
    ],
    ("MobileNetV1 shallow", PARAMS_MACS): [
        ("params", "mobilenetv1_shallow", {}),
        ("macs", "mobilenetv1_shallow", {}),
    ],
    ("MobileNetV2 1.0", PARAMS_MACS): [
        ("params", "mobilenet_v2", {}),
        ("macs", "mobilenet_v2", {}),
    ],
    ("MobileNetV2 1.4", PARAMS_MACS): [
        ("params", "mobilenet_v2_140", {}),
        ("macs", "mobilenet_v2_140", {}),
    ],
    ("MobileNetV3-Large", PARAMS_MACS): [
        ("params", "mobilenet_v3_large", {}),
        ("macs", "mobilenet_v3_large", {}),
    ],
    ("MobileNetV3-Small", PARAMS_MACS): [
        ("params", "mobilenet_v3_small", {}),
        ("macs", "mobilenet_v3_small", {}),
    ],
    ("NASNet-A 6@4032", "params; MACs; top1/5"): [
        ("params", "nasnetalarge", {}),
        ("macs", "nasnetalarge", {}),
    ],
    ("NASNet-A 4@1056", "params; MACs; top1/5"): [("params", "nasnetamobile", {})],
    ("PNASNet-5 (4,216)", "params; MACs; top1/5"): [
        ("params", "pnasnet5large", {}),
        ("macs", "pnasnet5large", {}),
    ],
    ("MnasNet-A1", PARAMS_MACS): [("params", "semnasnet_100", {}), ("macs", "semnasnet_100", {})],
    ("EfficientNet-B0/B1/B2", PARAMS_MACS): [
        ("params", "efficientnet_b0", {}),
        ("macs", "efficientnet_b0", {}),
        ("params", "efficientnet_b1", {}),
        ("macs", "efficientnet_b1", {}),
        ("params", "efficientnet_b2", {}),
    ],
    ("Xception", "params; MACs"): [("params", "legacy_xception", {}), ("macs", "legacy_xception", {})],
    ("Inception-ResNet-v2", "params; MACs"): [
        ("params", "inception_resnet_v2", {}),
        ("macs", "inception_resnet_v2", {}),
    ],
    ("Inception V3", "params; MACs"): [
        ("without heads", "inception_v3", {}),
        ("macs", "inception_v3", {}),
    ],
    ("RepVGG-A0", "params; MACs"): [
        ("params", "repvgg_a0", {}),
        ("params", "repvgg_a0_deploy", {}),
        ("macs", "repvgg_a0_deploy", {}),
    ],
}  # fmt: skip

ELSEWHERE = {
    ("ResNeXt widths", "C,d"),  # rounded to millions: test_resnexts_of_equal_cost
    ("GoogLeNet", "aux head"),  # test_the_auxiliary_classifier
}
NOT_BUILT = {
    ("NAS v1/v2/v3/v3+filters", "depth; params; C10 err"),
    ("NASNet-A 7@1920 / 5@1538", "params; MACs; top1/5"),
    ("NASNet-A CIFAR", "params; err"),
    ("AmoebaNet-A (6,190)/(6,448)", "params; MACs; top1/5"),
}
"""Networks of which the table has no recount, since no exact description was had."""


def count(what: str, name: str, params: dict[str, Any]) -> int:
    architecture = archspec.load(name, **params)
    cost, nodes = architecture.cost, list(architecture.ir)
    if what == "convolutions":
        return sum(int(node.macs) for node in nodes if node.op.name == "conv")
    if what == "weights":
        return (
            sum(node.params for node in nodes if node.op.name != "batch_norm") - 10
        )  # less biases
    if what == "without heads":
        return sum(node.params for node in nodes if not node.train_only)
    if what == "neurons":
        sizes = [node.outputs[0].shape for node in nodes if node.op.name in ("conv", "linear")]
        return sum(_product(shape) for shape in sizes)
    return int({"params": cost.params, "macs": cost.macs}[what])


def _product(shape: tuple[Any, ...]) -> int:
    result = 1
    for size in shape:
        result *= int(size)
    return result


@pytest.mark.parametrize("fact", COUNTS, ids=" ".join)
def test_counts(fact: tuple[str, str]) -> None:
    recount = [int(number) for number in NUMBER.findall(FACTS[fact]["computed"])]
    made = [count(*what) for what in COUNTS[fact]]
    assert made == recount[: len(made)]
    assert len(recount) == len(made) or fact[1] == "neurons"


def test_every_fact_is_used() -> None:
    """What is left are error rates alone."""
    rest = set(FACTS) - set(COUNTS) - ELSEWHERE - NOT_BUILT
    assert all(not FACTS[fact]["computed"] for fact in rest | NOT_BUILT)
    assert all("top" in quantity for _network, quantity in rest)


def test_resnexts_of_equal_cost() -> None:
    rounded = re.findall(r"\d\.\d{3}", FACTS["ResNeXt widths", "C,d"]["computed"])
    text = "archspec: 1\nextends: archspec:resnet50\ndefaults: {{bottleneck: {{groups: {}, base_width: {}}}}}\n"
    made = [archspec.load(text.format(*width)).cost.macs for width in WIDTHS]
    assert [f"{int(macs) / 1e9:.3f}" for macs in made] == rounded


def test_the_auxiliary_classifier() -> None:
    """5x5 pooling to 4x4, 128 channels, 1024 features, dropout of 70 %, a weight of 0.3."""
    root = archspec.load("googlenet_paper").root
    heads = [child for child in root.children if child.train_only]
    assert [head.loss_weight for head in heads] == [0.3, 0.3]
    for head in heads:
        ops = {module.name: module for module in head.walk() if module.op is not None}
        assert ops["pool"].outputs[0].shape[1:] == (4, 4)
        assert [ops[n].outputs[0].shape[0] for n in ("conv", "fc1", "fc2")] == [128, 1024, 1000]
        assert getattr(ops["dropout"].op, "p", None) == 0.7


def test_plain_networks_are_as_large_as_residual_ones() -> None:
    for depth in (20, 32, 44, 56, 110):
        plain, residual = (archspec.load(f"cifar_{kind}{depth}") for kind in ("plain", "resnet"))
        assert plain.cost.params == residual.cost.params


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
        ("googlenet_paper", {"maxpool1": 56, "maxpool2": 28, "maxpool3": 14, "maxpool4": 7}),
    ],
)
def test_sizes_in_the_figures(name: str, sizes: dict[str, int]) -> None:
    root = archspec.load(name).root
    found = {child.name: child.outputs[0].shape[-1] for child in root.children}
    assert {key: found[key] for key in sizes} == sizes


def test_depths() -> None:
    """The number in a network's name is its layers with weights; every spec states it."""
    for spec in archspec.list_specs():
        digits = re.fullmatch(r"(?:vgg|resnet|plain|wide_resnet|cifar_resnet)(\d+).*", spec.name)
        if digits:
            assert f"depth: {digits[1]}}}" in spec.path.read_text(), spec.name


def test_specs_are_short() -> None:
    lengths = sorted(len(spec.path.read_text().splitlines()) for spec in archspec.list_specs())
    assert lengths[len(lengths) // 2] < 30
    assert lengths[-1] <= 120
