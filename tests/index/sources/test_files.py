import gzip
from pathlib import Path

import pytest

from index.errors import FormatError, SourceError
from index.sources import files


def put(folder: Path, content: bytes) -> Path:
    path = folder / "input"
    path.write_bytes(content)
    return path


def test_load_when_packed_under_any_name_then_unpacked(tmp_path: Path) -> None:
    assert files.load(put(tmp_path, gzip.compress(b"one") + gzip.compress(b"two"))) == b"onetwo"
    assert files.load(put(tmp_path, b"plain")) == b"plain"


@pytest.mark.parametrize("cut", [3, 12, -9, -4])
def test_load_when_gzip_breaks_off_then_one_clear_line(tmp_path: Path, cut: int) -> None:
    path = put(tmp_path, gzip.compress(b"text " * 1_000)[:cut])
    with pytest.raises(FormatError, match=f"^{path}: gzip is truncated$"):
        files.load(path)
    with pytest.raises(FormatError, match="gzip is truncated"):
        list(files.open_lines(path))


def test_load_when_gzip_is_damaged_then_one_clear_line(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"text " * 1_000))
    packed[20] ^= 0xFF
    with pytest.raises(FormatError, match="gzip is damaged"):
        files.load(put(tmp_path, bytes(packed)))


def test_load_when_it_unpacks_to_too_much_then_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="unpacks to more than 1 MB"):
        files.load(put(tmp_path, gzip.compress(bytes(50_000_000))), max_bytes=1_000_000)
    with pytest.raises(FormatError, match="larger than 1 MB"):
        files.load(put(tmp_path, bytes(2_000_000)), max_bytes=1_000_000)


def test_load_when_it_cannot_be_opened_then_says_why(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        files.load(tmp_path / "absent")
    with pytest.raises(SourceError, match="is a folder"):
        files.load(tmp_path)


def test_lines_when_one_is_endless_then_refused_by_number(tmp_path: Path) -> None:
    path = put(tmp_path, b"short\n" + b"x" * 5_000_000)
    with pytest.raises(FormatError, match="line 2 is longer than 1 MB"):
        list(files.open_lines(path, max_line_bytes=1_000_000))


@pytest.mark.parametrize("packed", [True, False])
def test_lines_and_head_when_read_then_unpacked(tmp_path: Path, packed: bool) -> None:
    content = b"".join(b"line %d\n" % number for number in range(10_000))
    path = put(tmp_path, gzip.compress(content) if packed else content)
    assert b"".join(files.open_lines(path)) == content
    head = files.head(path, size_bytes=1_000)
    assert content.startswith(head)
    assert len(head) >= 500
