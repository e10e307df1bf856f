"""Reading files: what is opened and what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archspec.diagnostics import SpecError
from archspec.syntax import read


def refused(path: Path | str, root: Path | None = None) -> tuple[str, str]:
    with pytest.raises(SpecError) as caught:
        read(path, root)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, f"{diagnostic.message} ({diagnostic.help})"


def test_a_source_is_called_what_the_user_called_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\n")
    monkeypatch.chdir(tmp_path)
    source = read("./a.yaml")
    assert source.name == "./a.yaml"
    assert source.line(1) == "a: 1"
    assert read("a.yaml", root=".").text == source.text
    assert read(tmp_path / "a.yaml", root=tmp_path).text == source.text


def test_a_missing_file_suggests_a_near_one(tmp_path: Path) -> None:
    (tmp_path / "resnet50.yaml").touch()
    code, said = refused(tmp_path / "resnet5.yaml")
    assert code == "AS0111"
    assert "did you mean `resnet50.yaml`?" in said
    assert "no folder" in refused(tmp_path / "nowhere" / "a.yaml")[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_only_regular_files_are_read_and_nothing_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.yaml")
    assert refused(tmp_path / "fifo.yaml") == refused(tmp_path / "fifo.yaml", tmp_path)
    assert "not a regular file" in refused(tmp_path / "fifo.yaml")[1]
    assert "not a regular file" in refused("/dev/zero")[1]
    assert refused(tmp_path)[0] == "AS0110"
    assert refused(tmp_path, tmp_path)[0] == "AS0110"


def test_below_a_root_no_link_is_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("a: 1")
    (root / "in" / "a.yaml").write_text("a: 1")
    (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (root / "folder").symlink_to(tmp_path)
    assert read(root / "in" / "a.yaml", root).text == "a: 1"
    assert read(root / "link.yaml").text == "a: 1"
    assert "link" in refused(root / "link.yaml", root)[1]
    assert "link" in refused(root / "folder" / "secret.yaml", root)[1]
    assert "outside" in refused(root / ".." / "secret.yaml", root)[1]
    assert "outside" in refused(tmp_path / "secret.yaml", root)[1]
    assert refused(root / "in" / "b.yaml", root)[0] == "AS0111"
    assert refused(root / "in" / "a.yaml" / "b", root)[0] == "AS0110"


def test_a_file_is_utf8_of_at_most_a_mebibyte(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: é".encode("latin-1"))
    code, said = refused(path)
    assert (code, "byte 8 is 0xe9" in said) == ("AS0110", True)
    with pytest.raises(SpecError) as caught:
        read(path)
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert span[1:] == (2, 4, 2, 5)
    path.write_bytes("a: 1".encode("utf-16"))
    assert "UTF-16" in refused(path)[1]
    path.write_bytes(b"#" * ((1 << 20) + 1))
    assert "1 MiB" in refused(path)[1]


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5_000])
def test_a_name_that_is_no_path(name: str, tmp_path: Path) -> None:
    assert refused(name)[0] in ("AS0110", "AS0111")
    assert refused(str(tmp_path / name), tmp_path)[0] in ("AS0110", "AS0111")
