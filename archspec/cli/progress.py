"""What a person sees of long work: on a terminal, on standard error, and only after a second."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")
PATIENCE = 1.0


def steps(items: Sequence[_T], label: str) -> Iterable[_T]:
    """The items, with a bar of how many are done."""
    return _counted(items, label) if sys.stderr.isatty() else items


def _counted(items: Sequence[_T], label: str) -> Iterator[_T]:
    start = time.monotonic()
    rest = iter(enumerate(items))
    for _number, item in rest:
        yield item
        if time.monotonic() - start > PATIENCE:
            break
    else:
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(label, total=len(items))
        for number, item in rest:
            bar.update(task, completed=number)
            yield item


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """A spinner around work of unknown length."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    spinner = threading.Thread(target=_spin, args=(label, done), daemon=True)
    spinner.start()
    try:
        yield
    finally:
        done.set()
        spinner.join()


def _spin(label: str, done: threading.Event) -> None:
    if done.wait(PATIENCE):
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        bar.add_task(label, total=None)
        done.wait()
