"""The journal: everything that is known of a search, one line of JSON for each finished child.

The first line says what is searched and how; each line after it is a child, written and synced to disk
before anything is made of it. Nothing else is kept: a search that goes on after its process was killed
reads the journal and tells the strategy its history. What a crash left of a line is cut off before the
next one is written.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Literal

from archspec.diagnostics import UsageError
from archspec.files import make_folder
from archspec.search.objectives import Result, Status
from archspec.search.space import Answer

NAME = "journal.jsonl"
VERSION = 1

Part = Literal["search", "random", "final"]
"""What a child is of: the search, random search beside it, or the last training of the best."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished child.

    child: its number within its part, from 0. answers: by decision, as `archspec.search.space` has
    them. epochs: the metrics of each epoch that it was trained for. same: the earlier child of the
    same part with the same network, whose result this is; it was not trained again. of, repeat: of a
    last training, the child of the search that is trained and which time it is, from 0. cost:
    seconds, params, macs. at: when it ended, in seconds since 1970.
    """

    part: Part
    child: int
    status: Status
    answers: Mapping[str, Answer] = field(default_factory=dict)
    reason: str = ""
    objectives: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    epochs: tuple[Mapping[str, float], ...] = ()
    fingerprint: str = ""
    same: int | None = None
    of: int | None = None
    repeat: int | None = None
    seed: int = 0
    at: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        return self.part, self.child

    @property
    def result(self) -> Result:
        """What a strategy is told."""
        return Result(self.status, self.objectives, self.cost, self.reason)

    def line(self) -> bytes:
        data = {
            name: value for name, value in asdict(self).items() if value not in (None, "", (), {})
        }
        return _line(data)

    @classmethod
    def of_line(cls, data: dict[str, Any]) -> Entry:
        entry = cls(**{**data, "epochs": tuple(data.get("epochs", ()))})
        if entry.status not in ("ok", "failed", "invalid", "stopped"):
            raise ValueError(f"a child is not {entry.status!r}")
        return entry


@dataclass(frozen=True)
class Session:
    """A time in which a process worked on the search."""

    at: float
    engine: str
    workers: int


class Journal:
    """What a journal says.

    header: what is searched and how. entries: by part and number. sessions: the times in which
    somebody worked on it.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]):
        self.path = path
        self.header = header
        self.entries: dict[tuple[str, int], Entry] = {}
        self.sessions: list[Session] = []
        self._spent: list[float] = []
        self._file: IO[bytes] | None = None

    @classmethod
    def create(cls, folder: Path, header: Mapping[str, Any]) -> Journal:
        """A new journal, open for writing. Raises UsageError where there is one."""
        path = folder / NAME
        make_folder(folder)
        journal = cls(path, {"journal": VERSION, **header})
        try:
            journal._file = path.open("xb")
        except FileExistsError:
            raise UsageError(
                f"{folder} holds a search: `archspec search --resume {folder}` goes on with it"
            ) from None
        _lock(journal._file, path)
        journal._write(_line(journal.header))
        _sync_folder(folder)
        return journal

    @classmethod
    def read(cls, folder: Path) -> Journal:
        """A journal to look at; it may be written by another process at the same time."""
        path = folder / NAME
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(f"{folder} holds no search: there is no {NAME} in it") from None
        lines = _whole_lines(data)
        first = next(lines, None)
        if first is None:
            raise UsageError(f"{path} is empty: its search never began; delete the folder")
        header = _parsed(path, 1, first)
        if header.get("journal") != VERSION:
            raise UsageError(f"{path} is no journal that this version of archspec reads")
        journal = cls(path, header)
        for number, line in enumerate(lines, start=2):
            journal._take(number, _parsed(path, number, line))
        return journal

    @classmethod
    def open(cls, folder: Path) -> Journal:
        """A journal to go on with: what a crash left of a last line is cut off.

        Raises UsageError where another process writes to it.
        """
        path = folder / NAME
        if not path.is_file():
            cls.read(folder)  # says what is wrong
        file = path.open("r+b")
        _lock(file, path)
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            file.truncate(whole)
            os.fsync(file.fileno())
        file.seek(whole)
        try:
            journal = cls.read(folder)
        except UsageError:
            file.close()
            raise
        journal._file = file
        return journal

    def begin(self, session: Session) -> None:
        """Note that somebody works on the search from now on."""
        self._write(_line({"session": asdict(session)}))
        self._spent.append(0.0)
        self.sessions.append(session)

    def append(self, entry: Entry) -> None:
        """Note a finished child; it is on the disk when this returns."""
        if entry.key in self.entries:
            raise ValueError(f"{entry.part} child {entry.child} is in the journal")
        self._write(entry.line())
        self._note(entry)

    def part(self, part: Part) -> list[Entry]:
        """The children of a part in order of their numbers."""
        found = [entry for entry in self.entries.values() if entry.part == part]
        return sorted(found, key=lambda entry: entry.child)

    @property
    def seconds(self) -> float:
        """How long it was worked on, up to the last child of each session."""
        return sum(self._spent)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take(self, number: int, data: dict[str, Any]) -> None:
        try:
            if "session" in data:
                self.sessions.append(Session(**data["session"]))
                self._spent.append(0.0)
                return
            entry = Entry.of_line(data)
            if entry.key in self.entries:
                raise ValueError(f"{entry.part} child {entry.child} is there twice")
        except (TypeError, ValueError) as error:
            raise UsageError(f"{self.path}:{number}: this is no child: {error}") from None
        self._note(entry)

    def _note(self, entry: Entry) -> None:
        self.entries[entry.key] = entry
        if self.sessions:
            self._spent[-1] = max(self._spent[-1], entry.at - self.sessions[-1].at)

    def _write(self, line: bytes) -> None:
        assert self._file is not None, "the journal was opened to be read"
        self._file.write(line)
        self._file.flush()
        os.fsync(self._file.fileno())


def duplicate(entry: Entry, child: int, answers: Mapping[str, Answer], at: float) -> Entry:
    """The result of a child for a later one with the same network."""
    cost = {**entry.cost, "seconds": 0.0}
    same = entry.child if entry.same is None else entry.same
    return replace(entry, child=child, answers=answers, same=same, cost=cost, epochs=(), at=at)


def _line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(_finite(data), separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _finite(data: Any) -> Any:
    """JSON has no nan and no infinity: a metric that is none is left out."""
    if isinstance(data, Mapping):
        return {k: _finite(v) for k, v in data.items() if not _is_odd(v)}
    if isinstance(data, list | tuple):
        return [None if _is_odd(v) else _finite(v) for v in data]
    return data


def _is_odd(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _whole_lines(data: bytes) -> Iterator[bytes]:
    yield from data[: data.rfind(b"\n") + 1].splitlines()


def _parsed(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise ValueError("not an object")
    except ValueError as error:
        raise UsageError(f"{path}:{number}: this is no line of a journal: {error}") from None
    return data


def _lock(file: IO[bytes], path: Path) -> None:
    """Two processes must not go on with one search. The lock ends with its process."""
    try:
        import fcntl
    except ImportError:  # Windows lets one process alone write to an open file
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UsageError(f"another process works on {path.parent}") from None


def _sync_folder(folder: Path) -> None:
    """A new file is safe when its folder is."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
