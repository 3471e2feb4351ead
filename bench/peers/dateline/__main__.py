"""Dateline as a user's program holds it: the archive with its shipped settings, whatever encoder they choose.

Or, as "reference", with the model run as the peers run it: by sentence-transformers, in 32 bits.
"""

from datetime import UTC, datetime
from pathlib import Path

from bench.peers.protocol import serve
from index import ArchiveConfig, Question, open_archive
from index.config import EncoderConfig, StoreConfig

_REFERENCE = EncoderConfig(runtime="sentence-transformers", precision="full")


class Dateline:
    """An archive; every answer is the whole one, with its checked excerpts, of which only the ranking is counted."""

    def __init__(self, folder: Path, variant: str) -> None:
        """Open the archive."""
        encoder = _REFERENCE if variant == "reference" else EncoderConfig()
        config = ArchiveConfig(store=StoreConfig(directory=folder), encoder=encoder)
        self._archive = open_archive(config, now=datetime.now(UTC))

    def ingest(self, path: Path) -> int:
        """Take the file as `dateline ingest` does: stored, encoded and in the index when it returns."""
        reports = self._archive.ingest_file(path, now=datetime.now(UTC), source="peers")
        return sum(report.new for report in reports)

    def save(self) -> None:
        """Close the archive, which keeps its snapshot; the updates are on disk since they were taken."""
        self._archive.close()

    def ask(self, question: str, limit: int) -> list[str]:
        """Ask now, in no live blog: no hint that the others do not get."""
        answer = self._archive.ask(Question(text=question, now=datetime.now(UTC), limit=limit))
        return [near.citation.update_id for near in answer.nearest]


if __name__ == "__main__":
    serve(Dateline)
