"""`archspec validate` over many specs: what is chosen, what is known, and what it exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from archspec.limits import within_limits
from tests.cli.here import archspec
from tests.cli.test_commands import NET

WARNED = NET.replace("  act: relu\n", "  bn: batch_norm\n  act: relu\n")
BROKEN = NET.replace("kernel: 3", "kernl: 3")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "warned.yaml").write_text(WARNED)
    return tmp_path


def validate(folder: Path, *args: str) -> tuple[int, str]:
    done = archspec("validate", *args, cwd=folder)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


class TestExitCodes:
    def test_warnings_alone_are_no_failure(self, folder: Path) -> None:
        code, said = validate(folder)
        assert code == 0
        assert "2 specs checked, no errors, 1 warning" in said

    def test_more_warnings_than_allowed_are_one(self, folder: Path) -> None:
        code, said = validate(folder, "--max-warnings", "0")
        assert code == 1
        assert "1 warning, of which 0 are allowed" in said
        assert validate(folder, "--max-warnings", "1")[0] == 0

    def test_a_missing_file_is_wrong_usage_and_an_error_in_a_spec_is_not(
        self, folder: Path
    ) -> None:
        assert validate(folder, "nowhere.yaml")[0] == 2
        (folder / "broken.yaml").write_text(BROKEN)
        assert validate(folder, "nowhere.yaml", "broken.yaml")[0] == 1


class TestSelection:
    def test_select_replaces_what_is_looked_for(self, folder: Path) -> None:
        assert "AS0710" not in validate(folder, "--select", "AS072")[1]
        assert "AS0710" in validate(folder, "--select", "as0710,AS0720")[1]

    def test_extend_select_adds_and_ignore_takes_away(self, folder: Path) -> None:
        assert "AS0742" in validate(folder, "--extend-select", "AS0742")[1]
        code, said = validate(folder, "--ignore", "AS071")
        assert "warning" not in said

    def test_everything(self, folder: Path) -> None:
        said = validate(folder, "--select", "ALL")[1]
        assert all(code in said for code in ("AS0710", "AS0741", "AS0742"))

    @pytest.mark.parametrize(
        ("option", "code", "hint"),
        [
            ("--select", "AS07100", "did you mean `AS0710`"),
            ("--select", "XY", "archspec explain"),
            ("--ignore", "AS0301", "cannot be ignored"),
        ],
    )
    def test_what_is_no_code(self, folder: Path, option: str, code: str, hint: str) -> None:
        exit_code, said = validate(folder, option, code)
        assert exit_code == 2
        assert hint in said


class TestSettings:
    def test_of_the_project(self, folder: Path) -> None:
        (folder / "pyproject.toml").write_text(
            '[tool.archspec]\nignore = ["AS0710"]\nexclude = ["drafts"]\nmax-warnings = 0\n'
        )
        (folder / "drafts").mkdir()
        (folder / "drafts" / "broken.yaml").write_text(BROKEN)
        assert validate(folder) == (0, "2 specs checked, no errors\n")
        below = folder / "below"
        below.mkdir()
        assert validate(below, "..") == (0, "2 specs checked, no errors\n")

    def test_of_some_files(self, folder: Path) -> None:
        (folder / "pyproject.toml").write_text(
            '[tool.archspec.per-file-ignores]\n"warn*.yaml" = ["AS07"]\n'
        )
        assert "warning" not in validate(folder)[1]

    @pytest.mark.parametrize(
        ("text", "line", "hint"),
        [
            ("[tool.archspec]\nselct = []\n", 2, "did you mean `select`?"),
            ("[tool.archspec]\n\nignore = 3\n", 3, "`ignore` takes codes"),
            ('[tool.archspec]\nignore = ["AS9999"]\n', 2, "no code is called `AS9999`"),
            ("[tool.archspec]\nmax-warnings = -1\n", 2, "a whole number"),
        ],
    )
    def test_that_mean_nothing(self, folder: Path, text: str, line: int, hint: str) -> None:
        (folder / "pyproject.toml").write_text(text)
        code, said = validate(folder)
        assert code == 2
        assert f"pyproject.toml:{line}: " in said
        assert hint in said

    def test_a_file_that_is_no_toml(self, folder: Path) -> None:
        (folder / "pyproject.toml").write_text("[tool.archspec\n")
        code, said = validate(folder)
        assert code == 2
        assert "pyproject.toml" in said


class TestBaseline:
    def test_holds_back_what_it_knows_and_flags_what_is_gone(self, folder: Path) -> None:
        (folder / "broken.yaml").write_text(BROKEN)
        assert validate(folder, "--baseline", "known.json", "--write-baseline")[0] == 0
        code, said = validate(folder, "--baseline", "known.json")
        assert code == 0
        assert "no errors; 2 findings of the baseline not shown" in said

        (folder / "broken.yaml").write_text("# moved\n\n" + BROKEN)
        assert validate(folder, "--baseline", "known.json")[0] == 0

        (folder / "broken.yaml").write_text(BROKEN.replace("batch", "x") + "  b: {cnov: 1}\n")
        code, said = validate(folder, "--baseline", "known.json")
        assert code == 1
        assert "AS0301" in said and "AS0302" not in said

        (folder / "broken.yaml").write_text(NET)
        code, said = validate(folder, "--baseline", "known.json")
        assert code == 0
        assert "warning[AS0792]: `AS0302` is not found in broken.yaml any more" in said
        assert "known.json:" in said

    def test_says_nothing_of_files_that_were_not_checked(self, folder: Path) -> None:
        validate(folder, "--baseline", "known.json", "--write-baseline")
        assert "AS0792" not in validate(folder, "net.yaml", "--baseline", "known.json")[1]

    def test_is_named_by_the_project_and_found_from_below(self, folder: Path) -> None:
        (folder / "pyproject.toml").write_text('[tool.archspec]\nbaseline = "known.json"\n')
        assert validate(folder, "--write-baseline")[0] == 0
        below = folder / "below"
        below.mkdir()
        assert "warning" not in validate(below, "..")[1]

    def test_that_is_missing_or_none(self, folder: Path) -> None:
        assert "--write-baseline makes it" in validate(folder, "--baseline", "no.json")[1]
        (folder / "bad.json").write_text("[]")
        code, said = validate(folder, "--baseline", "bad.json")
        assert (code, "is no baseline" in said) == (2, True)
        assert validate(folder, "--write-baseline")[0] == 2


class TestChanges:
    @pytest.fixture
    def repository(self, folder: Path) -> Path:
        (folder / "blocks.yaml").write_text(
            "archspec: 1\nblocks: {unit: {body: [{conv: 8, kernel: 3}]}}\n"
        )
        (folder / "user.yaml").write_text(
            "archspec: 1\nimport: {blocks.yaml: [unit]}\ninput: [3, 8, 8]\nstages: [unit]\n"
        )
        self.git(folder, "init", "-q", "-b", "main")
        self.git(folder, "add", ".")
        self.git(folder, "commit", "-q", "-m", "first")
        return folder

    @staticmethod
    def git(folder: Path, *args: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True, env=env)

    def checked(self, folder: Path, ref: str = "HEAD") -> int:
        code, said = validate(folder, "--changed-since", ref, "--format", "json")
        assert code == 0, said
        number: int = json.loads(said)["checked"]
        return number

    def test_nothing(self, repository: Path) -> None:
        assert self.checked(repository) == 0

    def test_a_spec_and_what_takes_in_a_file(self, repository: Path) -> None:
        (repository / "net.yaml").write_text(NET + "# changed\n")
        assert self.checked(repository) == 1
        (repository / "blocks.yaml").write_text(
            "archspec: 1\nblocks: {unit: {body: [{conv: 16, kernel: 3}]}}\n"
        )
        assert self.checked(repository) == 3
        (repository / "new.yaml").write_text(NET)
        assert self.checked(repository) == 4

    def test_what_lies_on_a_branch(self, repository: Path) -> None:
        self.git(repository, "checkout", "-q", "-b", "work")
        (repository / "net.yaml").write_text(NET + "# changed\n")
        self.git(repository, "commit", "-q", "-a", "-m", "second")
        self.git(repository, "checkout", "-q", "main")
        (repository / "user.yaml").write_text((repository / "user.yaml").read_text() + "# more\n")
        self.git(repository, "commit", "-q", "-a", "-m", "third")
        self.git(repository, "checkout", "-q", "work")
        assert self.checked(repository, "main") == 1

    def test_a_file_that_is_gone(self, repository: Path) -> None:
        (repository / "blocks.yaml").unlink()
        code, said = validate(repository, "--changed-since", "HEAD")
        assert code == 1
        assert "user.yaml" in said

    @pytest.mark.parametrize("ref", ["nowhere", "--output=x"])
    def test_what_is_no_commit(self, repository: Path, ref: str) -> None:
        code, said = validate(repository, f"--changed-since={ref}")
        assert code == 2
        assert f"git knows no commit `{ref}`" in said

    def test_where_there_is_no_repository(self, folder: Path) -> None:
        code, said = validate(folder, "--changed-since", "HEAD")
        assert code == 2
        assert "not a git repository" in said


class TestChoice:
    def test_named_files_that_are_no_specs(self, folder: Path) -> None:
        (folder / "compose.yaml").write_text("services: {}\n")
        assert validate(folder, "compose.yaml", "net.yaml")[0] == 1
        assert validate(folder, "--only-specs", "compose.yaml", "net.yaml")[0] == 0

    def test_a_glob_passes_over_what_is_no_spec(self, folder: Path) -> None:
        (folder / "compose.yaml").write_text("services: {}\n")
        assert "2 specs checked" in validate(folder, "*.yaml")[1]
        code, said = validate(folder, "comp*.yaml")
        assert (code, "no specs among what matches comp*.yaml" in said) == (2, True)

    def test_a_folder_without_specs_is_a_mistake_beside_others_too(self, folder: Path) -> None:
        (folder / "nothing").mkdir()
        code, said = validate(folder, "net.yaml", "nothing")
        assert (code, "no specs in nothing" in said) == (2, True)

    def test_a_file_that_is_named_twice_is_one(self, folder: Path) -> None:
        assert "2 specs checked" in validate(folder, "./net.yaml", "net.yaml", ".")[1]

    def test_a_program_names_no_file_that_is_excluded(self, folder: Path) -> None:
        (folder / "pyproject.toml").write_text('[tool.archspec]\nexclude = ["broken.yaml"]\n')
        (folder / "broken.yaml").write_text(BROKEN)
        assert validate(folder, "broken.yaml", "net.yaml")[0] == 1
        assert validate(folder, "--only-specs", "broken.yaml", "net.yaml")[0] == 0

    def test_the_largest_network(self, folder: Path) -> None:
        code, said = validate(folder, "net.yaml", "--max-nodes", "2")
        assert code == 1
        assert "more than 2 nodes" in said


class TestOutput:
    def test_to_a_file(self, folder: Path) -> None:
        code, said = validate(folder, "--format", "sarif", "-o", "out.sarif")
        assert code == 0
        assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"
        assert "{" not in said


class TestCache:
    def test_answers_for_what_has_not_changed(self, folder: Path, own_cache: Path) -> None:
        first = validate(folder)
        entries = list(own_cache.rglob("*.json"))
        assert len(entries) == 2
        assert validate(folder) == first
        for entry in entries:  # the answers come from here: an entry that says else is believed
            entry.write_text(entry.read_text().replace("batch norm", "BATCH NORM"))
        assert "BATCH NORM" in validate(folder)[1]
        assert "BATCH NORM" not in validate(folder, "--no-cache")[1]

    def test_is_not_asked_of_what_has_changed(self, folder: Path) -> None:
        (folder / "blocks.yaml").write_text(
            "archspec: 1\nblocks: {unit: {body: [{conv: 8, kernel: 3}]}}\n"
        )
        (folder / "user.yaml").write_text(
            "archspec: 1\nimport: {blocks.yaml: [unit]}\ninput: [3, 8, 8]\nstages: [unit]\n"
        )
        assert validate(folder, "user.yaml")[0] == 0
        (folder / "blocks.yaml").write_text(
            "archspec: 1\nblocks: {unit: {body: [{conv: 8, kernel: 99}]}}\n"
        )
        assert validate(folder, "user.yaml")[0] == 1

    def test_does_not_know_of_a_file_that_comes_to_be(self, folder: Path) -> None:
        (folder / "user.yaml").write_text(
            "archspec: 1\nimport: {later.yaml: [unit]}\ninput: [3, 8, 8]\nstages: [unit]\n"
        )
        assert validate(folder, "user.yaml")[0] == 1
        (folder / "later.yaml").write_text("archspec: 1\nblocks: {unit: {body: [relu]}}\n")
        assert validate(folder, "user.yaml")[0] == 0

    def test_knows_what_was_asked(self, folder: Path) -> None:
        assert "warning" in validate(folder)[1]
        assert "warning" not in validate(folder, "--ignore", "AS0710")[1]
        assert validate(folder, "net.yaml", "--set", "width=0")[0] == 1

    @pytest.mark.parametrize(
        "spoilt",
        [
            '{"files": [], "found": [[1]]}',
            '{"files": [["net.yaml"]], "found": []}',
            '{"files": [[1, [], 2]], "found": []}',
            '{"files": {"a": "b"}, "found": {}}',
            "[]",
            '"text"',
            "[" * 100_000,
            "\0",
            "",
        ],
        ids=lambda text: text[:20],
    )
    def test_that_is_spoilt_is_not_believed(
        self, folder: Path, own_cache: Path, spoilt: str
    ) -> None:
        first = validate(folder)
        for entry in own_cache.rglob("*.json"):
            entry.write_text(spoilt)
        assert validate(folder) == first

    def test_is_shared_by_runs_at_the_same_time(self, folder: Path, own_cache: Path) -> None:
        for number in range(20):
            (folder / f"net{number}.yaml").write_text(NET.replace("8", str(8 + number)))
        command = [sys.executable, "-m", "archspec", "validate"]
        runs = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) for _ in range(4)]
        said = {run.communicate()[0] for run in runs}
        assert [run.returncode for run in runs] == [0] * 4
        assert len(said) == 1
        assert len(list(own_cache.rglob("*.json"))) == len(list(folder.glob("*.yaml")))
        assert not list(own_cache.rglob(".*.json.*"))  # nothing half written is left

    def test_is_left_alone_where_it_cannot_be_written(self, folder: Path, own_cache: Path) -> None:
        first = validate(folder, "--no-cache")
        own_cache.rmdir()
        own_cache.write_text("a file")
        assert validate(folder) == first


class TestUntrusted:
    def test_finds_the_same(self, folder: Path) -> None:
        (folder / "broken.yaml").write_text(BROKEN)
        assert validate(folder, "--untrusted") == validate(folder)

    def test_holds_a_spec_to_its_time(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """To a second here, where it is ten."""
        monkeypatch.setattr(
            "archspec.checking.run.within_limits", partial(within_limits, seconds=1)
        )
        (folder / "long.yaml").write_text(
            "archspec: 1\ninput: [3, 8, 8]\nstages:\n"
            "  - {repeat: 9000, body: [{repeat: 9000, body: [relu, {conv: 3, kernel: 1}]}]}\n"
        )
        code, said = validate(
            folder, "--untrusted", "--max-nodes", "999999999", "long.yaml", "net.yaml"
        )
        assert code == 1
        assert "error[AS0112]: long.yaml: checking it took more than 1 s of CPU time" in said
        assert "2 specs checked, 1 error" in said


def test_a_baseline_does_not_hide_a_further_place_of_a_known_finding(tmp_path: Path) -> None:
    spec = "archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: {conv: $w, kernel: 1}\n"
    (tmp_path / "net.yaml").write_text(spec)
    validate(tmp_path, "--baseline", "known.json", "--write-baseline")
    assert validate(tmp_path, "--baseline", "known.json")[0] == 0
    (tmp_path / "net.yaml").write_text(spec + "  b: {conv: $w, kernel: 1}\n")
    assert validate(tmp_path, "--baseline", "known.json")[0] == 1
