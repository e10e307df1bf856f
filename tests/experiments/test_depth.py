"""The page on depth says what its experiment finds."""

from __future__ import annotations

import pytest

pytest.importorskip("lightning")

from .depth import Trial, architecture, train, trials


def test_every_network_of_the_experiment_is_as_deep_as_it_says() -> None:
    for trial in trials():
        graph = architecture(trial).ir
        layers = [node for node in graph if node.op.name in ("conv", "linear")]
        heads = [node for node in layers if node.train_only]
        assert len(layers) - len(heads) == trial.depth


@pytest.mark.slow
def test_a_deep_plain_network_trains_badly_and_a_residual_one_well() -> None:
    plain = train(Trial("shortcuts", "plain", 56), 0)
    residual = train(Trial("shortcuts", "residual", 56), 0)
    assert plain["train_error"] > 40
    assert residual["train_error"] < 5
