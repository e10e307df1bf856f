"""A compiled network is an ordinary module: it can be copied, saved, traced, hooked and written out."""

from __future__ import annotations

import copy
import inspect
import os
import pickle
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from tests.zoo.networks import networks
from tests.zoo.reference import fresh_state

LIGHT = ("resnet18", "resnet50")
LIGHTEST = ("resnet18",)
PACKAGE = str(Path(archspec.__file__).parent)

TINY = """
archspec: 1
name: tiny
input: [3, 16, 16]
blocks:
  block:
    params: {width: int}
    skip:
      body:
        conv1: {conv: $width, kernel: 3, padding: half, bias: false}
        bn1: batch_norm
      shortcut: {proj: {conv: $out_channels, kernel: 1}}
      after: relu
stages:
  stem: {conv: 8, kernel: 3}
  layers: {for: {w: [8, 12]}, body: {block: $w}}
  pool: global_avg_pool
  flatten: flatten
  drop: {dropout: 0.5}
  fc: {linear: 5}
"""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.compiler.reset()


def same(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether all numbers are the same; a thousand layers that nobody trained can give none."""
    return torch.allclose(first, second, rtol=0, atol=0, equal_nan=True)


def made(name: str) -> torch.nn.Module:
    model = archspec.compile(name, init=False)
    model.load_state_dict(fresh_state(model) | computed(model), assign=True)
    return model.eval()


def computed(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The entries that are not learned, but follow from the architecture."""
    return {k: v for k, v in model.state_dict().items() if k.endswith(("_index", "_coords_table"))}


def image(name: str, batch: int = 1) -> torch.Tensor:
    # A network that flattens without pooling, or has windows or positions, takes its own size.
    size = {"alexnet": 95, "inception_v3": 96, "inception_resnet_v2": 96}.get(name, 64)
    if name.startswith(("alexnet_", "zfnet", "vit", "swin", "maxvit")):
        size = archspec.load(name).inputs["input"].shape[1]
    return torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(1))


def python(code: str, *args: object, isolated: bool = False, **env: str) -> str:
    """Run code in a fresh process; gives what it prints."""
    done = subprocess.run(
        [sys.executable, *(["-I"] if isolated else []), "-c", code, *map(str, args)],
        env={**os.environ, "OMP_NUM_THREADS": "1", **env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


RUN = """
import sys, torch
torch.set_num_threads(1)
with torch.inference_mode():
    torch.save(model(torch.load(x)), y)
"""


# -- copies -------------------------------------------------------------------------------------


@networks(LIGHTEST)
def test_pickled_into_a_fresh_process(name: str, tmp_path: Path) -> None:
    model, x = made(name), image(name)
    (tmp_path / "model").write_bytes(pickle.dumps(model))
    torch.save(x, tmp_path / "x")
    python(
        "import sys, pickle\n_, folder = sys.argv\nx, y = folder + '/x', folder + '/y'\n"
        "model = pickle.load(open(folder + '/model', 'rb'))\n"
        "assert not model.training\nassert model.archspec.name == "
        f"{name!r}\n" + RUN,
        tmp_path,
    )
    with torch.inference_mode():
        assert same(torch.load(tmp_path / "y"), model(x))


@networks(LIGHT)
def test_saved_whole(name: str, tmp_path: Path) -> None:
    model, x = made(name), image(name)
    torch.save(model, tmp_path / "model.pt")
    again = torch.load(tmp_path / "model.pt", weights_only=False)
    assert type(again) is type(model)
    with torch.inference_mode():
        assert same(again(x), model(x))


@networks(LIGHT)
def test_deep_copy(name: str) -> None:
    model, x = made(name), image(name)
    twin = copy.deepcopy(model)
    assert type(twin) is type(model)
    assert list(twin.state_dict()) == list(model.state_dict())
    with torch.inference_mode():
        before = model(x)
        for parameter in model.parameters():
            parameter.zero_()
        assert same(twin(x), before)


@networks()
def test_the_shape_of_every_network_pickles(name: str) -> None:
    with torch.device("meta"):
        model = archspec.compile(name, init=False)
    again = pickle.loads(pickle.dumps(model))
    assert str(again) == str(model)
    assert list(again.state_dict()) == list(model.state_dict())


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_protocols(protocol: int) -> None:
    model = archspec.compile(TINY).eval()
    x = torch.randn(1, 3, 16, 16)
    again = pickle.loads(pickle.dumps(model, protocol))
    assert torch.equal(again(x), model(x))


def test_a_part_of_a_network_pickles() -> None:
    model = archspec.compile(TINY).eval()
    part = pickle.loads(pickle.dumps(model.layers[1]))
    x = torch.randn(1, 8, 6, 6)
    assert torch.equal(part(x), model.layers[1](x))


# -- tracing ------------------------------------------------------------------------------------


@networks(LIGHT)
def test_compiles_whole(name: str) -> None:
    model, x = made(name), image(name, 2)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), model(x))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "vgg11_bn", "alexnet_paper"])
def test_compiles_to_machine_code(name: str) -> None:
    """With torch's own default backend, which needs a C++ compiler."""
    model, x = made(name), image(name, 2)
    with torch.no_grad():
        # its kernels add in another order than the eager ones
        expected = model(x)
        compiled = torch.compile(model, fullgraph=True)(x)
        torch.testing.assert_close(compiled, expected, rtol=1e-2, atol=1e-3)


def test_compiles_whole_in_training() -> None:
    model = archspec.compile(TINY, seed=0)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    compiled(torch.randn(2, 3, 16, 16)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


@networks(LIGHT)
def test_exports(name: str) -> None:
    model, x = made(name), image(name, 2)
    exported = torch.export.export(model, (x,))
    assert set(exported.state_dict) == set(model.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(exported.module()(x), model(x))


def test_exports_with_a_free_batch() -> None:
    model = archspec.compile(TINY).eval()
    shapes = ({0: torch.export.Dim("batch")},)
    exported = torch.export.export(model, (torch.randn(2, 3, 16, 16),), dynamic_shapes=shapes)
    x = torch.randn(5, 3, 16, 16)
    torch.testing.assert_close(exported.module()(x), model(x))


# -- hooks --------------------------------------------------------------------------------------


@networks(LIGHT)
def test_hooks_by_name(name: str) -> None:
    """Every named module can be hooked by the spec's path; its output has the computed shape. What is
    an expression in torch, such as a slice, is no module."""
    model = made(name)
    ops = [m for m in model.archspec.root.walk() if m.named and m.path and m.kind == "op"]
    modules = [m for m in ops if m.applied.module is not None and not m.train_only]
    seen: dict[str, tuple[int, ...]] = {}
    for module in modules:
        model.get_submodule(module.path).register_forward_hook(
            lambda _m, _x, y, path=module.path: seen.__setitem__(  # attention gives its weights too
                path, tuple((y[0] if isinstance(y, tuple) else y).shape)
            )
        )
    size = model.archspec.inputs["input"].shape
    if name in LIGHT or "vgg" not in name:
        with torch.no_grad():
            model(torch.zeros(1, *size))
    else:
        with torch.no_grad():
            model.to("meta")(torch.zeros(1, *size, device="meta"))
    assert seen == {m.path: (1, *m.outputs[0].shape) for m in modules}


def test_a_hook_changes_what_flows_on() -> None:
    model = archspec.compile(TINY).eval()
    model.get_submodule("layers.1").register_forward_hook(lambda _m, _x, y: torch.zeros_like(y))
    out = model(torch.randn(2, 3, 16, 16))
    assert torch.equal(out, model.fc.bias.expand(2, -1))


@networks()
def test_a_model_knows_its_architecture(name: str) -> None:
    with torch.device("meta"):
        model = archspec.compile(name, init=False)
    assert model.archspec.name == name
    assert sum(p.numel() for p in model.parameters()) == model.archspec.cost.params
    learned = dict(model.named_parameters()).keys()
    kept = [value for key, value in model.state_dict().items() if key not in learned]
    assert sum(value.numel() for value in kept) == model.archspec.cost.buffers
    assert "archspec" not in dict(model.named_modules())


# -- source -------------------------------------------------------------------------------------


@networks(LIGHTEST)
def test_the_source_stands_alone(name: str, tmp_path: Path) -> None:
    model, x = made(name), image(name)
    (tmp_path / "written.py").write_text(model.archspec.source())
    torch.save(x, tmp_path / "x")
    torch.save(model.state_dict(), tmp_path / "state")
    python(
        "import sys\n_, folder, cls = sys.argv\nx, y = folder + '/x', folder + '/y'\n"
        "sys.path.insert(0, folder)\nsys.modules['archspec'] = None\n"
        "import torch, written\n"
        "with torch.device('meta'):\n    model = getattr(written, cls)()\n"
        "model.load_state_dict(torch.load(folder + '/state'), assign=True)\nmodel.eval()\n" + RUN,
        tmp_path,
        type(model).__name__,
        isolated=True,
    )
    with torch.inference_mode():
        assert torch.equal(torch.load(tmp_path / "y"), model(x))


@networks()
def test_all_sources_import_torch_alone(name: str) -> None:
    source = archspec.load(name).source()
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert imports and all(
        line.split()[1].split(".")[0] in ("torch", *sys.stdlib_module_names) for line in imports
    )


@networks(LIGHT)
def test_no_frame_of_archspec_runs_in_forward(name: str) -> None:
    model, x = made(name), image(name)
    files = set()

    def profile(frame: Any, _event: str, _arg: Any) -> None:
        files.add(frame.f_code.co_filename)

    with torch.inference_mode():
        sys.setprofile(profile)
        try:
            model(x)
        finally:
            sys.setprofile(None)
    assert any(file.startswith(f"<archspec {name} ") for file in files)
    assert not [file for file in files if file.startswith(PACKAGE)]


def test_a_traceback_shows_the_source() -> None:
    model = archspec.compile(TINY)
    with pytest.raises(RuntimeError) as caught:
        model(torch.randn(1, 4, 16, 16))
    text = "".join(traceback.format_exception(caught.value))
    assert "<archspec tiny " in text
    assert "self.stem(x)" in text


def test_inspect_shows_the_source() -> None:
    model = archspec.compile(TINY)
    source = model.archspec.source()
    shown = re.sub(r"  # .*", "", inspect.getsource(type(model)))
    assert shown.startswith("class Tiny(nn.Module):")
    assert shown in source
    assert re.sub(r"  # .*", "", inspect.getsource(type(model.layers[0]))) in source


def test_each_line_knows_its_line_in_the_spec(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "archspec: 1\ninput: [3, 8, 8]\nblocks:\n  unit:\n    params: {width: int}\n    body:\n"
        "      conv: {conv: $width, kernel: 3}\n      act: relu\n"
        "stages:\n  a: {unit: 4}\n  b: {unit: 5}\n"
    )
    model = pickle.loads(pickle.dumps(archspec.compile(tmp_path / "own.yaml")))
    written = inspect.getsource(type(model)) + inspect.getsource(type(model.a))
    at = dict(re.findall(r"(\S.*\S)  # own.yaml:(\d+)", written))
    assert at["x = self.conv(x)"] == "7"
    assert at["self.act = nn.ReLU(inplace=True)"] == "8"
    assert at["x = self.a(x)"] == "10"
    assert at["return self.b(x)"] == "11"
    with pytest.raises(RuntimeError) as caught:
        model(torch.randn(1, 4, 16, 16))
    assert "self.conv(x)  # own.yaml:7" in "".join(traceback.format_exception(caught.value))


def test_equal_specs_share_their_classes() -> None:
    assert type(archspec.compile(TINY)) is type(archspec.compile(TINY))
    assert type(archspec.compile(TINY)) is not type(archspec.compile(TINY.replace("0.5", "0.25")))


def test_ready_for_inference() -> None:
    model = archspec.compile(TINY, optimize="inference")
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    with pytest.raises(ValueError, match="inference"):
        archspec.compile(TINY, optimize="fast")


def test_members_whose_names_are_no_identifiers() -> None:
    model = archspec.compile("""
archspec: 1
input: [4, 8]
stages:
  l:
    - {multi_head_attention: 2}
    - body: [{parameter: [4, 8]}, {buffer: [4, 8]}, {add: [input, "0"]}]
  block1-0: {linear: 8}
  x-y: {branches: {a-b: {linear: 4}, c: {linear: 4}}, merge: {concat: , dim: 1}}
""")
    assert {"l.0.in_proj_weight", "l.1.0", "block1-0.weight", "x-y.a-b.bias"} <= set(
        model.state_dict()
    )
    x = torch.randn(2, 4, 8)
    assert model(x).shape == (2, 4, 8)
    exported = torch.export.export(model, (x,)).module()
    torch.testing.assert_close(exported(x), model(x))
    assert [name for name, _ in model.get_submodule("l.1").named_parameters()] == ["0"]
