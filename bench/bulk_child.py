"""What `bench.bulk` kills: reads a file into an archive as `dateline ingest` does, and stops where encoding begins.

Says on stdout, a JSON object a line, how far it is and what it held so far.
"""

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from bench.ingest import peak_mb
from index.archive import open_archive
from index.config import ArchiveConfig, StoreConfig
from index.vectors.ports import Vectors


class _StoredError(Exception):
    """All is stored and followed by the index; encoding would come now."""


class _NoEncoder:
    """An encoder that ends the run with the first batch of passages."""

    id = "none"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Be asked nothing."""
        raise NotImplementedError

    def encode_passages(self, texts: Sequence[str]) -> NoReturn:
        """End it."""
        raise _StoredError


def run(folder: Path, path: Path) -> None:
    """Store a file and say how it goes."""
    began = time.perf_counter()

    def told(what: str, done: int, total: int) -> None:
        _say(what=what, done=done, total=total, s=time.perf_counter() - began, peak_mb=peak_mb())

    archive = open_archive(
        ArchiveConfig(store=StoreConfig(directory=folder)), now=datetime.now(UTC), encoder=_NoEncoder()
    )
    _say(what="begun", done=0, total=0, s=time.perf_counter() - began, peak_mb=peak_mb())
    try:
        archive.ingest_file(path, now=datetime.now(UTC), source="bulk", progress=told)
    except _StoredError:
        _say(what="followed", done=archive.follower.pending, total=0, s=time.perf_counter() - began, peak_mb=peak_mb())
    archive.close()


def _say(**told: object) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
