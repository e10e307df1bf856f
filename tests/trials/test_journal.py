from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archspec.diagnostics import UsageError
from archspec.trials.journal import NAME, Entry, Journal, Session, duplicate


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal.create(tmp_path / "run", {"plan": {}})
    journal.begin(Session(100.0, "pool", 2))
    return journal


def entry(child: int, at: float = 0.0, **more: object) -> Entry:
    return Entry("search", child, "ok", {"a": 1}, objectives={"accuracy": 0.5}, at=at, **more)  # type: ignore[arg-type]


def test_what_is_written_is_read_again(journal: Journal) -> None:
    whole = Entry(
        "final", 3, "stopped", {"a": 1, "lr": 0.5}, "so", {"accuracy": 0.5}, {"seconds": 2.0},
        ({"val_accuracy": 0.4},), "print", 2, 1, 0, 7, 104.0,
    )  # fmt: skip
    journal.append(whole)
    journal.append(entry(0))
    again = Journal.read(journal.path.parent)
    assert again.entries == journal.entries
    assert again.entries["final", 3] == whole
    assert again.sessions == [Session(100.0, "pool", 2)]
    assert again.header == {"journal": 1, "plan": {}}


def test_a_child_is_one_line_that_is_on_the_disk(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    before = journal.path.read_bytes()
    journal.append(entry(0))
    added = journal.path.read_bytes()[len(before) :]
    assert added.count(b"\n") == 1 and json.loads(added)["child"] == 0
    assert synced == [len(before) + len(added)]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_line_is_cut_off_before_the_next_one_is_written(journal: Journal, cut: int) -> None:
    journal.append(entry(0))
    journal.append(entry(1))
    journal.close()
    data = journal.path.read_bytes()
    journal.path.write_bytes(data[:-cut])
    again = Journal.open(journal.path.parent)
    assert list(again.entries) == [("search", 0)]
    again.append(entry(1))
    again.close()
    assert journal.path.read_bytes() == data


def test_a_torn_line_is_passed_over_by_who_only_reads(journal: Journal) -> None:
    journal.append(entry(0))
    with journal.path.open("ab") as file:
        file.write(b'{"part": "sea')
    assert list(Journal.read(journal.path.parent).entries) == [("search", 0)]
    assert journal.path.read_bytes().endswith(b'"sea')


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{not json}\n", ":4: this is no line of a journal"),
        (b"[1]\n", ":4: this is no line of a journal"),
        (b'{"part": "search", "child": 0, "status": "ok"}\n', ":4: this is no child: .* twice"),
        (b'{"part": "search", "child": 1, "status": "fine"}\n', ":4: this is no child"),
        (b'{"part": "search", "child": 1, "status": "ok", "x": 1}\n', ":4: this is no child"),
    ],
)
def test_a_line_that_was_spoilt_is_named(journal: Journal, line: bytes, says: str) -> None:
    journal.append(entry(0))
    journal.close()
    with journal.path.open("ab") as file:
        file.write(line + b'{"part":"search","child":5,"status":"ok"}\n')
    for way in (Journal.read, Journal.open):
        with pytest.raises(UsageError, match=says):
            way(journal.path.parent)


def test_a_child_is_noted_once(journal: Journal) -> None:
    journal.append(entry(0))
    with pytest.raises(ValueError, match="child 0 is in the journal"):
        journal.append(entry(0))


def test_numbers_that_json_has_not_are_left_out(journal: Journal) -> None:
    odd = Entry(
        "search", 0, "ok", objectives={"accuracy": float("nan"), "loss": float("inf")},
        epochs=({"val_accuracy": 0.5, "train_loss": float("nan")},),
    )  # fmt: skip
    journal.append(odd)
    read = Journal.read(journal.path.parent).entries["search", 0]
    assert read.objectives == {}
    assert read.epochs == ({"val_accuracy": 0.5},)


def test_a_folder_holds_one_search(journal: Journal) -> None:
    with pytest.raises(UsageError, match="archspec search --resume"):
        Journal.create(journal.path.parent, {})


@pytest.mark.parametrize("content", [None, b"", b'{"journal": 1', b'{"journal": 99}\n', b"[]\n"])
def test_what_is_no_journal_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    for way in (Journal.read, Journal.open):
        with pytest.raises(UsageError):
            way(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="locks of Unix")
def test_two_processes_do_not_write_to_one_journal(journal: Journal) -> None:
    code = f"from archspec.trials.journal import Journal; from pathlib import Path; Journal.open(Path({str(journal.path.parent)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "another process works on" in done.stderr
    journal.close()
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_time_is_counted_by_session(journal: Journal) -> None:
    journal.append(entry(0, at=110.0))
    journal.append(entry(1, at=130.0))
    journal.begin(Session(1000.0, "ray", 4))
    journal.append(entry(2, at=1005.0))
    assert journal.seconds == 35.0
    assert Journal.read(journal.path.parent).seconds == 35.0


def test_a_duplicate_names_the_child_that_was_trained() -> None:
    first = entry(3, fingerprint="f", epochs=({"val_accuracy": 0.5},))
    second = duplicate(first, 5, {"a": 2}, 9.0)
    third = duplicate(second, 8, {"a": 3}, 10.0)
    assert (second.child, second.same, second.epochs) == (5, 3, ())
    assert (third.child, third.same) == (8, 3)
    assert third.objectives == first.objectives and third.cost["seconds"] == 0.0


def test_it_is_locked_no_longer_than_its_process_lives(tmp_path: Path) -> None:
    code = (
        "from archspec.trials.journal import Journal; from pathlib import Path; import time;"
        f"Journal.create(Path({str(tmp_path / 'run')!r}), {{}}); print('made', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"made\n"
    child.kill()
    child.wait()
    Journal.open(tmp_path / "run").append(entry(0, at=time.time()))
