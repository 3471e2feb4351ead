"""Files and packed bytes: read whole or line by line, gzip told by its first bytes, sizes capped."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from index.errors import FormatError, SourceError

GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 512_000_000
MAX_LINE_BYTES = 16_000_000


def load(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a file whole, unpacked.

    Raises: SourceError where it cannot be opened; FormatError where it is truncated or larger than `max_bytes`.
    """
    with _translated(str(path)), path.open("rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise FormatError(str(path), f"larger than {_megabytes(max_bytes)}; import it as JSON Lines instead")
    return unpack(content, where=str(path), max_bytes=max_bytes)


def unpack(content: bytes, *, where: str, max_bytes: int = MAX_BYTES) -> bytes:
    """Unpack gzip (also several members in a row); other bytes are given back as they are.

    Raises: FormatError where it is truncated, damaged or unpacks to more than `max_bytes`.
    """
    if not content.startswith(GZIP_MAGIC):
        return content
    with _translated(where), gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        unpacked = file.read(max_bytes + 1)
    if len(unpacked) > max_bytes:
        raise FormatError(where, f"unpacks to more than {_megabytes(max_bytes)}")
    return unpacked


def open_lines(path: Path, *, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[bytes]:
    """Read a file line by line, unpacked as it goes, so that its size does not matter.

    Raises: as `load`; FormatError naming a line longer than `max_line_bytes`.
    """
    where = str(path)
    with _translated(where), path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        lines: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=file) if packed else file
        number = 0
        while line := lines.readline(max_line_bytes + 1):
            number += 1
            if len(line) > max_line_bytes:
                raise FormatError(where, f"line {number} is longer than {_megabytes(max_line_bytes)}")
            yield line


def count_lines(path: Path) -> int:
    """Count a file's lines, unpacked. Raises: as `open_lines`."""
    return sum(1 for _ in open_lines(path))


def head(path: Path, *, size_bytes: int = 65_536) -> bytes:
    """Read the first bytes of a file, unpacked: enough to detect its format.

    Raises: as `load`; a gzip that ends early gives what it had.
    """
    with _translated(str(path)), path.open("rb") as file:
        start = file.read(size_bytes)
    if not start.startswith(GZIP_MAGIC):
        return start
    with _translated(str(path)):
        return zlib.decompressobj(wbits=31).decompress(start, size_bytes)


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Turn what files and gzip raise into our errors, most specific first."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError(where, "no such file") from error
    except IsADirectoryError as error:
        raise SourceError(where, "is a folder, not a file") from error
    except PermissionError as error:
        raise SourceError(where, "may not be read") from error
    except EOFError as error:
        raise FormatError(where, "gzip is truncated") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FormatError(where, f"gzip is damaged ({error})") from error
    except OSError as error:
        raise SourceError(where, f"cannot be read ({error.strerror or error})") from error


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes // 1_000_000} MB"
