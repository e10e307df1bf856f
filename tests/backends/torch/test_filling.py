"""Initialisation: each parameter once, as the spec says, by the seed and its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

import archspec
from archspec.backends.torch import filling

NET = """
archspec: 1
name: net
params: {classes: 10, extra: false}
input: [3, 8, 8]
stages:
  conv1: {conv: 8, kernel: 3}
  bn1: batch_norm
  relu: relu
  more: {conv: 8, kernel: 1, when: $extra}
  conv2: {conv: 8, kernel: 3}
  pool: global_avg_pool
  flatten: flatten
  fc: {linear: $classes}
"""


def net(**options: Any) -> torch.nn.Module:
    return archspec.compile(NET, **options)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return list(one) == list(other) and all(torch.equal(one[k], other[k]) for k in one)


def test_the_same_seed() -> None:
    assert equal(net(seed=1).state_dict(), net(seed=1).state_dict())
    assert not equal(net(seed=1).state_dict(), net(seed=2).state_dict())


def test_the_global_seed() -> None:
    def seeded(seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        return net().state_dict()

    assert equal(seeded(1), seeded(1))
    assert not equal(seeded(1), seeded(2))


def test_a_seed_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    net(seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_two_models_in_a_row_differ() -> None:
    torch.manual_seed(1)
    assert not torch.equal(net().conv1.weight, net().conv1.weight)


def test_an_inserted_layer_reseeds_nothing() -> None:
    without, inserted = net(seed=1).state_dict(), net(seed=1, extra=True).state_dict()
    assert set(inserted) - set(without) == {"more.weight", "more.bias"}
    assert all(torch.equal(inserted[key], value) for key, value in without.items())


def test_layers_of_one_shape_differ() -> None:
    model = archspec.compile(
        "archspec: 1\ninput: [4]\nstages:\n  l: {repeat: 3, body: {linear: 4}}\n",
        seed=1,
    )
    weights = [layer.weight for layer in model.l]
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])


LARGE = """
archspec: 1
input: [256]
stages:
  l: {repeat: 4, body: {linear: 256, init: {weight: kaiming_normal}}}
"""


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("piece", [filling.PIECE, 20_000])
def test_the_number_of_threads_does_not_matter(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, and pieces of them, are large enough to be filled side by side."""
    monkeypatch.setattr(filling, "PIECE", piece)
    monkeypatch.setattr(filling, "PARALLEL_FROM", 1000)
    states = []
    for count in (1, 2, 4):
        torch.set_num_threads(count)
        states.append(archspec.compile(LARGE, seed=7).state_dict())
    assert equal(states[0], states[1])
    assert equal(states[0], states[2])


@pytest.mark.parametrize("init", ["kaiming_normal", "kaiming_uniform", "xavier_normal", "normal"])
def test_a_large_weight_is_filled_in_pieces(init: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "PIECE", 16_384)
    text = LARGE.replace("kaiming_normal", init)
    weight = archspec.compile(text, seed=7).l[0].weight.detach()
    std = {"kaiming_normal": 2, "kaiming_uniform": 2, "xavier_normal": 1, "normal": 256}[init]
    pieces = weight.view(4, 16_384)
    assert pieces.std(dim=1).sub((std / 256) ** 0.5).abs().max() < 0.02 * (std / 256) ** 0.5
    assert len({row[0].item() for row in pieces}) == 4
    assert pieces.mean(dim=1).abs().max() < 0.05 * (std / 256) ** 0.5


def test_what_the_spec_does_not_initialise_keeps_torchs_default() -> None:
    text = "archspec: 1\ninput: [64, 4, 4]\nstages:\n  n: {batch_norm: , init: {weight: zeros}}\n"
    norm = archspec.compile(text).n
    assert not norm.weight.any() and not norm.bias.any()
    assert torch.equal(norm.running_var, torch.ones(64))
    only_bias = text.replace("{weight: zeros}", "{bias: ones}")
    assert torch.equal(archspec.compile(only_bias).n.weight, torch.ones(64))


def test_torch_default_where_nothing_is_said() -> None:
    """The distribution is the one that torch's own constructor draws from."""
    text = "archspec: 1\ninput: [256]\nstages: {l: [{linear: 256}]}\n"
    weight = archspec.compile(text, seed=0).l[0].weight
    bound = 1 / 16
    assert weight.abs().max() <= bound
    assert abs(weight.std().item() - bound / 3**0.5) < 1e-3


def test_init_as_the_spec_says() -> None:
    model = archspec.compile(
        "archspec: 1\ninput: [64, 4, 4]\n"
        "init: {conv: {weight: {normal: 1, std: 0.5}, bias: zeros}, batch_norm: {weight: zeros}}\n"
        "stages:\n"
        "  a: {conv: 64, kernel: 3}\n"
        "  b: batch_norm\n"
        "  c: {conv: 64, kernel: 1, init: {bias: {constant: 3}}}\n"
        "  d: {batch_norm: , init: {weight: ones}}\n",
        seed=0,
    )
    assert abs(model.a.weight.mean().item() - 1) < 0.02
    assert abs(model.a.weight.std().item() - 0.5) < 0.02
    assert not model.a.bias.any()
    assert not model.b.weight.any() and not model.b.bias.any()
    assert torch.equal(model.c.bias, torch.full((64,), 3.0))
    assert abs(model.c.weight.std().item() - 0.5) < 0.05
    assert torch.equal(model.d.weight, torch.ones(64))


@pytest.mark.parametrize(
    ("init", "check"),
    [
        ("zeros", lambda w: not w.any()),
        ("ones", lambda w: bool((w == 1).all())),
        ("{constant: 0.25}", lambda w: bool((w == 0.25).all())),
        ("eye", lambda w: torch.equal(w, torch.eye(64))),
        ("orthogonal", lambda w: torch.allclose(w @ w.T, torch.eye(64), atol=1e-4)),
        ("{uniform: 2, b: 3}", lambda w: w.min() >= 2 and w.max() <= 3),
        ("{trunc_normal: 0, a: -0.5, b: 0.5}", lambda w: w.abs().max() <= 0.5),
        ("{sparse: 0.5}", lambda w: int((w == 0).sum()) == 64 * 32),
        ("xavier_uniform", lambda w: w.abs().max() <= (6 / 128) ** 0.5),
        ("xavier_normal", lambda w: abs(w.std() - (2 / 128) ** 0.5) < 0.01),
        ("{kaiming_normal: , mode: fan_out}", lambda w: abs(w.std() - (2 / 64) ** 0.5) < 0.01),
        ("kaiming_uniform", lambda w: w.abs().max() <= (6 / 64) ** 0.5),
    ],
)
def test_every_initialiser(init: str, check: Callable[[torch.Tensor], bool]) -> None:
    text = f"archspec: 1\ninput: [64]\nstages:\n  l: {{linear: 64, init: {{weight: {init}}}}}\n"
    assert check(archspec.compile(text, seed=0).l.weight.detach())


def test_without_initialisation() -> None:
    model = net(init=False)
    assert [p.shape for p in model.parameters()] == [p.shape for p in net().parameters()]


def test_the_written_class_initialises_itself_alike() -> None:
    """Constructed by hand, the generated class fills its weights as the spec says."""
    architecture = archspec.load(
        "archspec: 1\ninput: [4]\ninit: {linear: {weight: zeros, bias: ones}}\n"
        "stages:\n  a: {linear: 4}\n  b: {linear: 4}\n"
    )
    model = type(architecture.compile())()
    assert not model.a.weight.any()
    assert torch.equal(model.b.bias, torch.ones(4))
