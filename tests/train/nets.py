"""Small networks for the tests of training."""

from __future__ import annotations

import archspec
from archspec import Architecture

SMALL = """archspec: 1
name: small
input: [1, 8, 8]
params: {num_classes: 10, width: 8}
stages:
  conv: {conv: $width, kernel: 3, padding: half}
  bn: batch_norm
  relu: relu
  drop: {dropout: 0.2}
  flat: flatten
  fc: {linear: $num_classes}
"""

HEADED = """archspec: 1
name: headed
input: [1, 8, 8]
params: {num_classes: 10, weight: 0.3}
blocks:
  head:
    params: {classes: int}
    body: {flat: flatten, fc: {linear: $classes}}
stages:
  conv: {conv: 4, kernel: 3}
  relu: relu
  aux: {head: $num_classes, from: conv, train_only: true, loss_weight: $weight}
  flat: {flatten: , from: relu}
  fc: {linear: $num_classes}
outputs: {logits: fc, side: aux}
"""


def small(**params: object) -> Architecture:
    return archspec.load_str(SMALL, params=params)


def headed(**params: object) -> Architecture:
    return archspec.load_str(HEADED, params=params)
