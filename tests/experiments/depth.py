"""What depth does to training: plain and residual networks, heads, the place of the activation.

    python -m tests.experiments.depth -o depth.jsonl            trains what is not in the file yet
    python -m tests.experiments.depth -o depth.jsonl --tables   prints what docs/depth.md shows

Small networks on scikit-learn's digits, so that all of it takes under an hour on one core. Set-ups,
seeds and what counts as shown were fixed before the networks of each claim were trained. Seeds start
at 10: set-ups were looked for with 0 to 3 and, once, with 100.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import archspec
from archspec.train import fit_child, read_data

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


class SetUp(NamedTuple):
    """How networks are trained to answer a question."""

    epochs: int
    seeds: range
    settings: dict[str, Any]


SGD: dict[str, Any] = {"lr": 0.05, "warmup": 1}
"""Nesterov momentum 0.9 and a weight decay of 1e-4. He et al. warm up their 110 layers too."""

ADAMW: dict[str, Any] = {"optimizer": "adamw", "lr": 2e-3, "warmup": 1}

SET_UPS = {
    "heads": SetUp(15, range(10, 15), ADAMW),
    "heads, deeper": SetUp(15, range(20, 26), ADAMW),
    "shortcuts": SetUp(15, range(10, 15), SGD),
    "few steps": SetUp(5, range(10, 16), SGD),
}
"""Batches of 64, so an epoch is 20 steps; the cosine ends with the last. After 300 steps a residual
network of 110 layers made no error in training, which leaves another nothing to be better at: "few
steps" asks which learns sooner, with a seed more because they spread more. "heads, deeper" was added,
with seeds of its own, when heads had shown nothing at 13 layers and something at 19."""


class Trial(NamedTuple):
    """A network to train: for which question, of which kind, how deep."""

    question: str
    kind: str
    depth: int


NORMS, HEADS = ("no norm", "batch norm"), ("no heads", "heads")


def trials() -> Iterator[Trial]:
    """Every network; those of a claim are near to each other."""
    for norm, heads in product(NORMS, HEADS):
        yield Trial("heads", f"torch's, {norm}, {heads}", 13)
    for heads in HEADS:
        yield Trial("heads", f"torch's, no norm, {heads}", 19)
    for heads in HEADS:
        yield Trial("heads", f"He's, no norm, {heads}", 13)
    for depth, kind in product((8, 20, 56), ("plain", "residual")):
        yield Trial("shortcuts", kind, depth)
    for kind in ("residual", "preact"):
        yield Trial("few steps", kind, 110)
    for norm, heads in product(NORMS, HEADS):
        yield Trial("heads, deeper", f"torch's, {norm}, {heads}", 19)
    for kind in ("plain", "residual"):
        yield Trial("shortcuts", kind, 110)
    for kind in ("residual", "preact"):
        yield Trial("few steps", kind, 164)
    for depth, kind in product((20, 56), ("residual", "preact")):
        yield Trial("few steps", kind, depth)


class Claim(NamedTuple):
    """The training error of `low` is below that of `high`, or above it by less than `margin`.

    margin: in points of a percent. Shown where an exact permutation test over pairs of the same
    seed, one-sided, has p < 0.05.
    """

    low: Trial
    high: Trial
    margin: float = 0.0


def _claims(question: str, *pairs: tuple[str, int, str, int, float]) -> list[Claim]:
    return [
        Claim(Trial(question, low, low_depth), Trial(question, high, high_depth), margin)
        for low, low_depth, high, high_depth, margin in pairs
    ]


CLAIMS = {
    "plain networks get worse with depth": _claims(
        "shortcuts", ("plain", 20, "plain", 56, 0), ("plain", 56, "plain", 110, 0)
    ),
    "residual networks do not": _claims(
        "shortcuts",
        ("residual", 56, "residual", 20, 1),
        ("residual", 110, "residual", 20, 1),
        ("residual", 56, "plain", 56, 0),
        ("residual", 110, "plain", 110, 0),
    ),
    "pre-activation learns sooner at great depth": _claims(
        "few steps", ("preact", 110, "residual", 110, 0), ("preact", 164, "residual", 164, 0)
    ),
    "heads help without batch normalisation": _claims(
        "heads", ("torch's, no norm, heads", 13, "torch's, no norm, no heads", 13, 0)
    ),
    "heads help a deeper network without batch normalisation": _claims(
        "heads, deeper", ("torch's, no norm, heads", 19, "torch's, no norm, no heads", 19, 0)
    ),
    "batch normalisation makes heads needless": _claims(
        "heads",
        ("torch's, batch norm, no heads", 13, "torch's, batch norm, heads", 13, 1),
        ("torch's, batch norm, no heads", 13, "torch's, no norm, heads", 13, 1),
    ),
    "batch normalisation makes heads needless in a deeper network": _claims(
        "heads, deeper",
        ("torch's, batch norm, no heads", 19, "torch's, batch norm, heads", 19, 1),
        ("torch's, batch norm, no heads", 19, "torch's, no norm, heads", 19, 1),
    ),
    "He's initialisation makes heads needless": _claims(
        "heads", ("He's, no norm, no heads", 13, "He's, no norm, heads", 13, 1)
    ),
}
"""Each is shown where all of its comparisons are."""


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
    init, norm, heads = trial.kind.split(", ")
    text = HEADED + WITH_HEADS if heads == "heads" else HEADED
    head = HEAD.replace("init: {conv: kaiming_normal}\n", "") if init == "torch's" else HEAD
    params = {"third": (trial.depth - 1) // 3, "norm": norm == "batch norm"}
    return archspec.load_str(head + text, params=params)


def train(trial: Trial, seed: int) -> dict[str, Any]:
    """Train one network once; gives the errors of the last epoch in percent."""
    epochs, _seeds, settings = SET_UPS[trial.question]
    row = fit_child(architecture(trial), read_data("digits"), epochs, seed, **settings)
    return {
        **trial._asdict(),
        "seed": seed,
        "train_loss": round(row["train_loss"], 5),
        "train_error": round(100 * (1 - row["train_accuracy"]), 2),
        "val_error": round(100 * (1 - row["val_accuracy"]), 2),
        "seconds": round(row["seconds"], 1),
    }


Rows = dict[Trial, dict[int, dict[str, Any]]]
"""What was trained, by trial and seed."""


def read(path: Path) -> Rows:
    """The rows of a file that `main` writes; none where there is no file."""
    rows: Rows = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        row = json.loads(line)
        trial = Trial(row["question"], row["kind"], row["depth"])
        rows.setdefault(trial, {})[row["seed"]] = row
    return rows


def permutation_test(differences: list[float]) -> float:
    """The share of all changes of signs that bring the mean as far below zero as it is."""
    found = sum(differences) + 1e-9
    signed = product((1, -1), repeat=len(differences))
    sums = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in signed]
    return sum(value <= found for value in sums) / len(sums)


def errors_table(rows: Rows, question: str) -> str:
    """Mean and standard deviation of each network's errors, and each seed's training error."""
    text = "| network | layers | training | validation | training, each seed |\n"
    text += "| --- | --- | --- | --- | --- |\n"
    for trial in sorted(trials(), key=lambda trial: trial.depth):
        own = rows.get(trial, {})
        if trial.question != question or not own:
            continue
        ordered = [own[seed] for seed in sorted(own)]
        cells = [
            f"{statistics.mean(v):.1f} ± {statistics.stdev(v) if len(v) > 1 else 0:.1f}"
            for v in ([row[key] for row in ordered] for key in ("train_error", "val_error"))
        ]
        each = ", ".join(f"{row['train_error']:.1f}" for row in ordered)
        text += f"| {trial.kind} | {trial.depth} | {cells[0]} | {cells[1]} | {each} |\n"
    return text


def claims_table(rows: Rows) -> str:
    """What was asked of the numbers in advance, and what they say."""
    text = "| claim | compared | mean difference | p | shown |\n| --- | --- | --- | --- | --- |\n"
    for name, claims in CLAIMS.items():
        for low, high, margin in claims:
            seeds = sorted(rows.get(low, {}).keys() & rows.get(high, {}).keys())
            if not seeds:
                continue
            differences = [
                rows[low][seed]["train_error"] - rows[high][seed]["train_error"] for seed in seeds
            ]
            p = permutation_test([d - margin for d in differences])
            compared = f"{low.kind}, {low.depth} < {high.kind}, {high.depth}"
            compared += f" + {margin:g}" if margin else ""
            mean = statistics.mean(differences)
            text += (
                f"| {name} | {compared} | {mean:+.1f} | {p:.3f} | {'yes' if p < 0.05 else 'no'} |\n"
            )
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--tables", action="store_true")
    asked = parser.parse_args()
    rows = read(asked.output)
    if asked.tables:
        for question in SET_UPS:
            print(f"### {question}\n\n{errors_table(rows, question)}")
        print(f"### claims\n\n{claims_table(rows)}")
        return
    for trial in trials():
        for seed in SET_UPS[trial.question].seeds:
            if seed in rows.get(trial, {}):
                continue
            row = train(trial, seed)
            with asked.output.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{trial}, seed {seed}: {row['train_error']:.1f} %, {row['seconds']:.0f} s")


if __name__ == "__main__":
    main()
