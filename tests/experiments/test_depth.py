"""The page on depth says what its experiment finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("lightning")

from .depth import (
    CLAIMS,
    SET_UPS,
    Trial,
    architecture,
    claims_table,
    errors_table,
    permutation_test,
    read,
    train,
    trials,
)

ROOT = Path(__file__).parents[2]


def test_every_network_of_the_experiment_is_as_deep_as_it_says() -> None:
    for trial in trials():
        graph = architecture(trial).ir
        layers = [node for node in graph if node.op.name in ("conv", "linear")]
        heads = [node for node in layers if node.train_only]
        assert len(layers) - len(heads) == trial.depth
        assert bool(heads) == trial.kind.endswith(", heads")


def test_the_page_shows_what_was_measured() -> None:
    rows = read(Path(__file__).with_name("depth.jsonl"))
    assert {trial: sorted(own) for trial, own in rows.items()} == {
        trial: list(SET_UPS[trial.question].seeds) for trial in trials()
    }
    page = (ROOT / "docs" / "depth.md").read_text()
    for question in SET_UPS:
        assert errors_table(rows, question) in page
    assert claims_table(rows) in page


def test_every_claim_is_about_networks_that_are_trained() -> None:
    known = set(trials())
    for claims in CLAIMS.values():
        assert all({low, high} <= known for low, high, _margin in claims)


@pytest.mark.parametrize("differences", [[-1, -2, -3, -4, -5], [3, -1, 2, -8, 0.5], [0, 0, 1, -2]])
def test_the_permutation_test_is_scipys(differences: list[float]) -> None:
    other = stats.permutation_test(
        (np.array(differences),),
        np.mean,
        permutation_type="samples",
        alternative="less",
        n_resamples=np.inf,
    )
    assert permutation_test(differences) == pytest.approx(other.pvalue)


@pytest.mark.slow
def test_a_deep_plain_network_trains_badly_and_a_residual_one_well() -> None:
    plain = train(Trial("few steps", "plain", 56), 0)
    residual = train(Trial("few steps", "residual", 56), 0)
    assert plain["train_error"] > 40
    assert residual["train_error"] < 5
