"""What a person sees of a search: one live line on a terminal, a line for each batch elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING

import click

from archspec.diagnostics import counted

if TYPE_CHECKING:
    from archspec.trials.journal import Entry
    from archspec.trials.price import Price
    from archspec.trials.run import Seen
    from archspec.trials.search import Search

_PARTS = {"search": "search", "random": "random search", "final": "training the best again"}


class Live:
    """The live line. It is told what happens by `seen`, and cleared at the end of its `with`."""

    def __init__(self, search: Search, price: Price):
        self.search = search
        self.price = price
        self.entropy: float | None = None
        self._terminal = sys.stderr.isatty()
        self._shown = ""
        self._began = time.monotonic()
        self._trained = 0

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._terminal and self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def seen(self, seen: Seen) -> None:
        """Show where the search stands."""
        if seen.entropy is not None:
            self.entropy = seen.entropy
        entry = seen.entry
        if entry is not None and entry.same is None and entry.status != "invalid":
            self._trained += 1
        if entry is not None and entry.status == "failed":
            self._say(f"{_PARTS[seen.part]}: child {entry.child} failed: {entry.reason}")
        text = self.line(seen)
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            self._shown = text[:width]
            sys.stderr.write(f"\r\x1b[K{self._shown}")
            sys.stderr.flush()
        elif (entry is None) != (seen.part == "final") and seen.done and text != self._shown:
            self._shown = text
            click.echo(text, err=True)

    def line(self, seen: Seen) -> str:
        """Done of the budget, best, mean of the last batch, entropy, time left."""
        total = "" if seen.total is None else f"/{seen.total}"
        parts = [f"{_PARTS[seen.part]} {seen.done}{total}"]
        if seen.best is not None:
            parts.append(f"best {self.value(seen.best)}")
        if seen.mean is not None:
            parts.append(f"last batch {self.value(seen.mean)}")
        if self.entropy is not None and seen.part == "search":
            parts.append(f"entropy {self.entropy:.2f} nats")
        left = self.left()
        if left is not None:
            parts.append(f"{duration(left)} left")
        return "  ".join(parts)

    def left(self) -> float | None:
        """Seconds until all is done, from the time that children have taken so far."""
        elapsed = time.monotonic() - self._began
        total = sum(children for children, _epochs, _seconds in self.price.parts.values())
        if self._trained < 3 or not total:
            return None
        found = max(0.0, elapsed / self._trained * (total - self._trained))
        hours = self.search.plan.hours
        return found if hours is None else min(found, max(0.0, 3600 * hours - elapsed))

    def value(self, reward: float) -> str:
        """A reward as people say it: an accuracy in percent."""
        wanted = self.search.plan.objectives.wanted
        if wanted[0].name == "accuracy" and len(wanted) == 1:
            return f"{reward:.1%}"
        return f"{reward:.4g}"

    def summary(self, best: Entry) -> str:
        """What the search found, in a few lines."""
        search = self.search
        reward = search.plan.objectives.reward
        entries = search.journal.part("search")
        unique = len({e.fingerprint for e in entries if e.fingerprint})
        lines = [
            f"best: child {best.child} of {len(entries)} ({unique} unique), "
            f"{self.value(reward(best.result))}; {search.folder / 'best.yaml'}"
        ]
        last = [e for e in search.journal.part("final") if e.of == best.child and e.status == "ok"]
        tested = [e.objectives["test_accuracy"] for e in last if "test_accuracy" in e.objectives]
        if tested:
            mean = sum(tested) / len(tested)
            lines.append(f"trained again from {counted(len(tested), 'seed')}: test {mean:.1%}")
        others = [e for e in search.journal.part("random") if e.status == "ok"]
        if others:
            found = max(reward(entry.result) for entry in others)
            lines.append(f"random search with the same budget: {self.value(found)}")
        return "\n".join(lines)

    def _say(self, text: str) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
        click.echo(text, err=True)


def duration(seconds: float) -> str:
    """A time as people say it: `42 s`, `3 min`, `2.5 h`, `4 days`."""
    if seconds < 1:
        return "less than a second"
    for unit, size, most in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 72 * 3600)):
        if seconds < most:
            count = seconds / size
            return f"{count:.1f} {unit}" if count < 10 and unit == "h" else f"{count:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"
