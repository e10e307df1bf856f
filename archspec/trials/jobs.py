"""Jobs: the work that an engine does, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archspec.diagnostics import ArchspecError, SpecError

Work = Callable[[], Mapping[str, Any]]
"""What a job does, wherever it is done: it can be pickled, needs no other process, and gives what can
be written as JSON. What it raises is the reason of a failed child."""

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. limit: seconds that it may take, if any."""

    key: tuple[str, int]
    work: Work
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: with a result, or with the reason why there is none."""

    job: Job
    result: Mapping[str, Any] | None = None
    reason: str = ""


def reason_of(error: BaseException) -> str:
    """What went wrong, in one line."""
    if isinstance(error, SpecError):
        text = error.diagnostics[0].message
    elif isinstance(error, ArchspecError):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error}"
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def took_too_long(limit: float) -> str:
    """The reason of a job that was stopped at its limit."""
    return f"it took more than {limit:g} s"
