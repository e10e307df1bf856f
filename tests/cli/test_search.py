"""`archspec search` as people use it: on the digits, from another folder, stopped and gone on with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .here import archspec

pytest.importorskip("lightning")

SPEC = """\
archspec: 1
name: tiny
input: [1, 8, 8]
params: {num_classes: 4}
stages:
  conv: {conv: {choice: [4, 6, 8]}, kernel: {choice: [1, 3, 5]}, padding: half}
  pool: global_avg_pool
  flatten: flatten
  fc: {linear: $num_classes}
"""
SHORT = ("--epochs", "1", "--train", "limit_train=128", "--top", "1", "--repeats", "2")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "tiny.yaml").write_text(SPEC)
    return tmp_path / "tiny.yaml"


def children(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "journal.jsonl").read_text().splitlines()
    return [line for line in map(json.loads, lines) if "child" in line]


def test_a_search_leaves_a_journal_a_spec_and_a_report(spec: Path, tmp_path: Path) -> None:
    done = archspec("search", "tiny.yaml", "--children", "4", *SHORT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "num_classes is set to 10" in done.stderr
    assert "price: " in done.stderr
    assert done.stdout.startswith("best: child ")
    assert "random search with the same budget: " in done.stdout
    folder = tmp_path / "runs" / "tiny-search"
    assert len(children(folder)) == 4 + 4 + 2
    for name in ("report.html", "report.md", "best.yaml"):
        assert (folder / name).stat().st_size > 100
    compiled = archspec("compile", str(folder / "best.yaml"), "-o", "best.py", cwd=tmp_path)
    assert compiled.returncode == 0, compiled.stderr
    # A second search has a folder of its own.
    more = archspec("search", "tiny.yaml", "--children", "1", "--no-baseline", *SHORT, cwd=tmp_path)
    assert more.returncode == 0 and (tmp_path / "runs" / "tiny-search-2").is_dir()


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0.001, "price: less than a second of training, less than a second with 2 workers"),
        (1.0, "price: about 20 s of training, 10 s with 2 workers"),
    ],
)
def test_the_price_is_said_as_people_say_it(
    seconds: float, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from archspec.cli.search_ import _say_price
    from archspec.trials.plan import Plan
    from archspec.trials.price import estimate

    plan = Plan(children=20, epochs=1, baseline=False, top=0)
    _say_price(estimate(plan, beside=0.0, epoch=seconds, workers=2), plan, yes=False)
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("  search: 20 x 1 epoch, ")
    assert last == says


def test_a_search_that_was_killed_goes_on_from_another_folder(spec: Path, tmp_path: Path) -> None:
    options = ("--children", "6", "--strategy", "evolution", "--no-baseline", *SHORT)
    command = [sys.executable, "-m", "archspec", "search", "tiny.yaml", "--out", "run", *options]
    child = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    journal = tmp_path / "run" / "journal.jsonl"
    while not journal.exists() or journal.read_bytes().count(b'"child"') < 2:
        assert child.poll() is None
        time.sleep(0.02)
    child.kill()
    child.wait()
    before = len(children(tmp_path / "run"))
    (tmp_path / "elsewhere").mkdir()
    done = archspec("search", "--resume", str(tmp_path / "run"), cwd=tmp_path / "elsewhere")
    assert done.returncode == 0, done.stderr
    assert f"{before} children in the journal" in done.stderr
    found = children(tmp_path / "run")
    assert sorted(c["child"] for c in found if c["part"] == "search") == list(range(6))  # type: ignore[type-var]
    assert len([c for c in found if c["part"] == "final"]) == 2


def test_a_folder_that_is_a_search_or_a_file_is_told(spec: Path, tmp_path: Path) -> None:
    done = archspec("search", "tiny.yaml", "--out", "tiny.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "tiny.yaml: it is a file, and a folder is wanted" in done.stderr
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "journal.jsonl").touch()
    done = archspec("search", "run", cwd=tmp_path)
    assert done.returncode == 2
    assert "run is the folder of a search: --resume goes on with it" in done.stderr


def test_the_training_of_a_child_has_a_warm_up(spec: Path, tmp_path: Path) -> None:
    options = ("--children", "1", "--epochs", "3", "--train", "warmup=2", "--no-baseline")
    more = ("--train", "limit-train=64", "--top", "0")
    done = archspec("search", "tiny.yaml", *options, *more, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (child,) = children(tmp_path / "runs" / "tiny-search")
    assert child["status"] == "ok" and len(child["epochs"]) == 3  # type: ignore[arg-type]


def test_ctrl_c_says_how_to_go_on(spec: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "archspec",
        "search",
        "tiny.yaml",
        "--out",
        "run",
        "--epochs",
        "3",
    ]
    child = subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    journal = tmp_path / "run" / "journal.jsonl"
    while not journal.exists() or b'"child"' not in journal.read_bytes():
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "go on with: archspec search --resume run" in err
    assert "Traceback" not in err


def test_a_report_is_there_at_any_time(spec: Path, tmp_path: Path) -> None:
    options = ("--children", "2", "--out", "run", "--no-baseline", *SHORT, "--top", "0")
    archspec("search", "tiny.yaml", *options, cwd=tmp_path)
    (tmp_path / "run" / "report.html").unlink()
    done = archspec("search", "report", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "report.html").exists()


def test_a_spec_may_come_from_standard_input(tmp_path: Path) -> None:
    done = archspec(
        "search", "-", "--children", "2", "--no-baseline", "--out", "run", *SHORT,
        cwd=tmp_path, stdin=SPEC.replace("4}", "10}"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    again = archspec("search", "--resume", "run", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("search",), "Missing argument 'SPACE'"),
        (("search", "resnet18"), "`resnet18` leaves nothing open"),
        (("search", "none.yaml"), "no file and no shipped network"),
        (("search", "digits_cells", "--strategy", "evolutoin"), "'evolutoin' is not one of"),
        (("search", "digits_cells", "--option", "populaton=3"), "did you mean `population`"),
        (("search", "digits_cells", "--train", "batchsize=3"), "did you mean `batch_size`"),
        (("search", "digits_cells", "--train", "epochs=3"), "--train epochs: say --epochs"),
        (
            ("search", "digits_cells", "--objective", "params"),
            "the main objective, the first one, is",
        ),
        (("search", "digits_cells", "--objective", "accuracy", "--objective", "size"), "no `size`"),
        (("search", "digits_cells", "--objective", "accuracy=x"), "NAME=TARGET"),
        (("search", "digits_cells", "--data", "nothing"), "there are no data `nothing`"),
        (("search", "mobilenet_space"), "--train color=rgb converts"),
        (("search", "digits_cells", "--workers", "2"), "take --engine pool"),
        (("search", "digits_cells", "--gpus", "1"), "for --engine ray"),
        (("search", "digits_cells", "--hours", "0"), "must be above 0"),
        (("search", "digits_cells", "--resume"), "holds no search"),
        (("search", "--resume", "x", "--children", "3"), "has its own settings"),
        (("search", "--resume", "x", "--seed", "0"), "has its own settings"),
        (("search", "digits_cells", "--option", "preset"), "--option takes NAME=VALUE"),
        (("search", "digits_cells", "--train", "flip"), "--train takes NAME=VALUE"),
        (("search", "digits_cells", "--train", "batch-size=x"), "batch_size takes a whole number"),
        (("search", "digits_cells", "--train", "ema=0.9"), "trained without `ema`: leave it out"),
        (("search", "digits_cells", "--train", "warmup=5"), "warmup takes 5 of 5 epochs"),
        (
            ("search", "digits_cells", "--train", "warmup=3", "--final-epochs", "2"),
            "warmup takes 3 of 2 epochs",
        ),
        (("search", "digits_cells", "--halving", "3", "--epochs", "1"), "nothing to stop"),
        (("search", "digits_cells", "--time-limit", "nan"), "--time-limit is nan: it must be"),
        (("search", "digits_cells", "--max-epochs", "4"), "too little for one child, which has 5"),
        (("search", "digits_cells", "--objective", "acuracy"), "and not `acuracy`: did you mean"),
        (
            ("search", "digits_cells", "--objective", "macs"),
            "--objective accuracy --objective macs",
        ),
        (("search", "report", "nothing"), "holds no search"),
        (("search", "digits_cells", "--children", "100000000"), "--yes begins it all the same"),
    ],
)
def test_what_cannot_be_is_told_before_anything_begins(
    args: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = archspec(*args, cwd=tmp_path)
    assert says in done.stderr
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "runs"])
    assert not any((tmp_path / "runs").glob("*"))
