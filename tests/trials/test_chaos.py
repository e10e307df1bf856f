"""Nothing finished is lost or doubled, whatever is killed, and the controller is as undisturbed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from .chaos import compared, trained

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs the package ray")
needs_training = pytest.mark.skipif(find_spec("lightning") is None, reason="needs the extra train")


def test_kills_of_driver_and_workers_change_nothing() -> None:
    """Of evolution, which begins at once; that of the controller takes torch first."""
    chaos = compared("pool", kills=4, children=40, seconds=0.1, strategy="evolution")
    assert len(chaos.killed) == 4 and "driver" in chaos.killed


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pool", pytest.param("ray", marks=needs_ray)])
def test_twenty_kills_change_nothing(engine: str) -> None:
    chaos = compared(engine, kills=20, children=150, seconds=0.2)
    assert {"driver", "worker"} == set(chaos.killed)


@pytest.mark.slow
@needs_training
@pytest.mark.parametrize("engine", ["pool", pytest.param("ray", marks=needs_ray)])
def test_twenty_kills_change_nothing_of_networks_that_are_trained(engine: str) -> None:
    chaos = trained(engine, kills=20, children=200)
    assert {"driver", "worker"} == set(chaos.killed)
