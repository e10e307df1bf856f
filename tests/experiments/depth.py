"""What depth does to training: plain and residual networks, heads, the place of the activation.

    python -m tests.experiments.depth -o depth.jsonl      trains what is not in the file yet
    python -m tests.experiments.depth -o depth.jsonl --table

Small networks on scikit-learn's digits, so that all of it takes some minutes on one core.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import archspec
from archspec.train import fit_child, read_data

SEEDS = 3
EPOCHS = 5

HEAD = """archspec: 1
name: depth
input: [1, 8, 8]
defaults: {conv: {bias: false, padding: half}}
init: {conv: kaiming_normal}
"""

STAGED = """
params: {depth: 20, width: 8}
let: {blocks: $((depth - 2) // 6)}
import: {archspec:residual: [basic_block_a, plain_block]}
stages:
  conv1: {conv: $width, kernel: 3}
  START
  layer1: {repeat: $blocks, body: {BLOCK: $width}}
  layer2: {repeat: $blocks, body: {BLOCK: $(width * 2), stride: $(2 if i == 0 else 1)}}
  layer3: {repeat: $blocks, body: {BLOCK: $(width * 4), stride: $(2 if i == 0 else 1)}}
  END
  pool: global_avg_pool
  flat: flatten
  fc: {linear: 10}
"""

PREACT = """
blocks:
  preact:
    params: {width: int, stride: 1}
    skip:
      body:
        bn1: batch_norm
        relu1: relu
        conv1: {conv: $width, kernel: 3, stride: $stride}
        bn2: batch_norm
        relu2: relu
        conv2: {conv: $width, kernel: 3}
      shortcut:
        downsample: [{subsample: $stride}, {pad_channels: $out_channels, side: end}]
"""

HEADED = """
params: {third: 6, width: 16, norm: false, weight: 0.3}
blocks:
  unit:
    params: {width: int, norm: bool}
    body: {conv: {conv: $width, kernel: 3}, bn: {batch_norm: , when: $norm}, relu: relu}
  head: {body: [global_avg_pool, flatten, {linear: 10}]}
stages:
  part1: {repeat: $third, body: {unit: $width, norm: $norm}}
  part2: {repeat: $third, body: {unit: $width, norm: $norm}}
  part3: {repeat: $third, body: {unit: $width, norm: $norm}}
  pool: global_avg_pool
  flat: flatten
  fc: {linear: 10}
"""
WITH_HEADS = """
  aux1: {head: , from: part1, train_only: true, loss_weight: $weight}
  aux2: {head: , from: part2, train_only: true, loss_weight: $weight}
outputs: {logits: fc, aux1: aux1, aux2: aux2}
"""


class Trial(NamedTuple):
    """A network to train: what is asked, of which kind, how deep."""

    question: str
    kind: str
    depth: int


def staged(kind: str) -> str:
    """Three stages of blocks, as the networks for CIFAR-10 of He et al. have them."""
    block = {"plain": "plain_block", "residual": "basic_block_a", "preact": "preact"}[kind]
    text = STAGED.replace("BLOCK", block)
    last = "bn: batch_norm\n  relu: relu"
    if kind == "preact":
        return HEAD + PREACT + text.replace("  START\n", "").replace("END", last)
    return HEAD + text.replace("START", last).replace("  END\n", "")


def architecture(trial: Trial) -> Any:
    """The network of a trial."""
    if not trial.question.startswith("heads"):
        return archspec.load_str(staged(trial.kind), params={"depth": trial.depth})
    norm, heads = "batch norm" in trial.kind, "with heads" in trial.kind
    text = HEADED + WITH_HEADS if heads else HEADED
    head = HEAD.replace("init: {conv: kaiming_normal}\n", "") if "torch" in trial.kind else HEAD
    params = {"third": (trial.depth - 1) // 3, "norm": norm}
    return archspec.load_str(head + text, params=params)


def trials() -> Iterator[Trial]:
    for depth in (8, 20, 56, 110):
        for kind in ("plain", "residual"):
            yield Trial("shortcuts", kind, depth)
    for depth in (20, 56, 110):
        yield Trial("shortcuts", "preact", depth)
    for init in ("torch's init", "He's init"):
        for norm in ("no norm", "batch norm"):
            for heads in ("without heads", "with heads"):
                yield Trial("heads", f"{init}, {norm}, {heads}", 13)
        for heads in ("without heads", "with heads"):
            yield Trial("heads, longer", f"{init}, no norm, {heads}", 13)


SETTINGS: dict[str, Any] = {"lr": 0.05, "schedule": "cosine", "warmup": 1, "batch_size": 64}
"""SGD with Nesterov momentum 0.9 and a weight decay of 1e-4. He et al. warm up their 110 layers too."""

LONGER: dict[str, Any] = {"optimizer": "adamw", "lr": 2e-3, "warmup": 1, "batch_size": 64}


def train(trial: Trial, seed: int) -> dict[str, Any]:
    """Train one network once; gives errors in percent."""
    longer = trial.question == "heads, longer"
    epochs, settings = (3 * EPOCHS, LONGER) if longer else (EPOCHS, SETTINGS)
    row = fit_child(architecture(trial), read_data("digits"), epochs, seed, **settings)
    return {
        **trial._asdict(),
        "seed": seed,
        "train_loss": row["train_loss"],
        "train_error": 100 * (1 - row["train_accuracy"]),
        "val_error": 100 * (1 - row["val_accuracy"]),
        "seconds": row["seconds"],
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Mean and standard deviation over the seeds, as Markdown."""
    text = ""
    for question in dict.fromkeys(row["question"] for row in rows):
        text += f"\n### {question}\n\n| network | layers | training error, % | validation error, % | seeds |\n| --- | --- | --- | --- | --- |\n"
        for trial in dict.fromkeys((r["question"], r["kind"], r["depth"]) for r in rows):
            if trial[0] != question:
                continue
            own = [r for r in rows if (r["question"], r["kind"], r["depth"]) == trial]
            cells = [
                f"{statistics.mean(v):.1f} ± {statistics.stdev(v) if len(v) > 1 else 0:.1f}"
                for v in ([r[key] for r in own] for key in ("train_error", "val_error"))
            ]
            text += f"| {trial[1]} | {trial[2]} | {cells[0]} | {cells[1]} | {len(own)} |\n"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    lines = asked.output.read_text().splitlines() if asked.output.exists() else []
    rows = [json.loads(line) for line in lines]
    if asked.table:
        print(table(rows))
        return
    done = {(r["question"], r["kind"], r["depth"], r["seed"]) for r in rows}
    for seed in range(SEEDS):
        for trial in trials():
            if (*trial, seed) in done:
                continue
            row = train(trial, seed)
            with asked.output.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{trial}, seed {seed}: {row['train_error']:.1f} %, {row['seconds']:.0f} s")


if __name__ == "__main__":
    main()
