"""Providers: a picture, or an error that says what to do."""

from __future__ import annotations

import time

import pytest

from archspec.backends.graphviz import providers
from archspec.diagnostics import RenderError

DOT = "digraph { a -> b }"


@pytest.mark.parametrize(("form", "head"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_draws_without_a_graphviz_on_the_path(
    monkeypatch: pytest.MonkeyPatch, form: str, head: bytes
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert providers.layout(DOT, form).startswith(head)


def test_pdf_without_dot_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RenderError, match="apt install graphviz"):
        providers.layout(DOT, "pdf")


def test_gives_up_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "SECONDS", 0.5)
    hairball = "\n".join(f"{i} -> {j}" for i in range(400) for j in range(i + 1, 400, 3))
    start = time.monotonic()
    with pytest.raises(RenderError, match="draw less"):
        providers.layout(f"digraph {{ {hairball} }}", "svg")
    assert time.monotonic() - start < 10


def test_text_that_is_no_dot_is_an_error() -> None:
    with pytest.raises(RenderError, match="graphviz failed"):
        providers.layout("no dot", "svg")
