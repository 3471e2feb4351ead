import json
import logging
import multiprocessing
from pathlib import Path

import pytest

from index.runtimes import cache

ORIGIN: dict[str, str | int] = {"weights": "abc", "recipe": 1}


class Maker:
    """Makes the same thing each time, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> bytes:
        self.calls += 1
        return b"graph\n" * 100


def test_kept_when_asked_again_then_made_once_and_the_same(tmp_path: Path) -> None:
    make = Maker()
    first, second = (cache.kept(tmp_path / "deep" / "a.onnx", ORIGIN, make) for _ in range(2))
    assert first == second == b"graph\n" * 100
    assert make.calls == 1
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.onnx"], "no half-written file is left"


@pytest.mark.parametrize("origin", [{"weights": "abd", "recipe": 1}, {"weights": "abc", "recipe": 2}, {}])
def test_kept_when_made_of_something_else_then_made_again(tmp_path: Path, origin: dict[str, str | int]) -> None:
    make = Maker()
    cache.kept(tmp_path / "a.onnx", ORIGIN, make)
    cache.kept(tmp_path / "a.onnx", origin, make)
    assert make.calls == 2
    assert cache.read(tmp_path / "a.onnx", ORIGIN) is None
    assert cache.read(tmp_path / "a.onnx", origin) is not None


@pytest.mark.parametrize("cut", [0, 1, 20, 150, -1])
def test_kept_when_the_file_is_cut_off_then_made_again(tmp_path: Path, cut: int) -> None:
    make, path = Maker(), tmp_path / "a.onnx"
    cache.kept(path, ORIGIN, make)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    assert cache.kept(path, ORIGIN, make) == b"graph\n" * 100
    assert make.calls == 2
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", [b"[1]\nx", b"\xff\xfe\n", b"null\n", b"5\n", b"\x08\x07" * 9000])
def test_kept_when_the_file_is_something_else_then_made_again(tmp_path: Path, content: bytes) -> None:
    make, path = Maker(), tmp_path / "a.onnx"
    path.write_bytes(content)
    cache.kept(path, ORIGIN, make)
    assert make.calls == 1
    assert cache.read(path, ORIGIN) is not None


def test_kept_when_one_bit_has_turned_then_made_again(tmp_path: Path) -> None:
    make, path = Maker(), tmp_path / "a.onnx"
    cache.kept(path, ORIGIN, make)
    turned = bytearray(path.read_bytes())
    turned[-7] ^= 1
    path.write_bytes(turned)
    cache.kept(path, ORIGIN, make)
    assert make.calls == 2


def test_kept_when_the_folder_cannot_be_written_then_made_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")  # a folder cannot be made under a file, not even by root
    make = Maker()
    with caplog.at_level(logging.WARNING):
        assert cache.kept(tmp_path / "file" / "a.onnx", ORIGIN, make) == make()
    assert "DATELINE_CACHE" in caplog.text


def _keep(path: Path) -> None:
    cache.kept(path, ORIGIN, Maker())


def test_kept_when_processes_make_it_at_once_then_it_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    processes = [multiprocessing.get_context("spawn").Process(target=_keep, args=(path,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert cache.read(path, ORIGIN) == Maker()()
    assert [found.name for found in tmp_path.iterdir()] == ["a.onnx"]
    assert json.loads(path.read_bytes().partition(b"\n")[0])["origin"] == ORIGIN


def test_folder_when_the_environment_names_one_then_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_CACHE", str(tmp_path))
    assert cache.user_folder() == tmp_path
    monkeypatch.delenv("DATELINE_CACHE")
    assert cache.user_folder().name == "dateline"
