"""What the archive takes in: files, addresses, looks at sources, posts brought to it; and the encoding of all that."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from index import ingest
from index.config import ArchiveConfig, SourceConfig
from index.encode import Encoder
from index.errors import SourceError
from index.look import Look, look_at
from index.reports import IngestReport, Progress
from index.sources import fetch, formats
from index.store import Store
from index.sync import Follower, Saved
from index.text import normalise_line
from index.types import LiveBlog, Reading, Update
from index.vectors.ports import Vectors

_BULK = 1024
_SAMPLED = 50


class Intake:
    """Takes updates into a store and keeps the index in step with it."""

    def __init__(self, config: ArchiveConfig, store: Store, encoder: Encoder) -> None:
        """Take where updates go and what encodes them."""
        self._config = config
        self.store = store
        self.encoder = encoder
        self.follower = Follower(store, encoder.id, config.search.engine, config.store.directory / "snapshot")

    def ingest_file(
        self,
        path: Path,
        *,
        now: datetime,
        format: str | None = None,
        source: str | None = None,
        progress: Progress | None = None,
    ) -> tuple[IngestReport, ...]:
        """Read a file into the archive and encode what is new.

        Returns: one report a source. Raises: SourceError; what was stored before stays.
        """
        source = normalise_line(source or "") or None
        readings = formats.read_path(path, now=now, format=format, source=source)
        if progress is not None:
            total = formats.count_lines(path, format)
            progress = partial(_with_total, progress, total)
        return self._take(readings if source else self._continued(readings), now, progress)

    def ingest_url(
        self,
        url: str,
        *,
        now: datetime,
        format: str | None = None,
        source: str | None = None,
        progress: Progress | None = None,
    ) -> tuple[IngestReport, ...]:
        """Fetch an address once, without asking whether it changed, and take it as `ingest_file` does."""
        got = fetch.fetch(url, config=self._config.fetch, validators=None)
        if not isinstance(got, fetch.Fetched):
            raise SourceError(url, "the server says that nothing changed, though it was not asked")
        source = normalise_line(source or "") or None
        reading = formats.read(got.content, where=url, now=now, format=format, source=source, charset=got.charset)
        return self._take([reading], now, progress)

    def start_look(self, source: SourceConfig, *, now: datetime) -> Callable[[], Look]:
        """Prepare a look at a configured source: the slow part, to be called in any thread, touches no archive."""
        return partial(look_at, source, self._config.fetch, self.store.validators(source.name), now)

    def finish_look(self, source: SourceConfig, look: Look, *, now: datetime) -> tuple[IngestReport, ...]:
        """Take what a look brought and record it. Encodes nothing: `encode_pending` does, in small steps.

        Returns: nothing where the source had not changed. Raises: the look's SourceError, after recording it.
        """
        if look.error is not None:
            self.store.note_look(source.name, at=now, error=str(look.error))
            raise look.error
        reports = () if look.reading is None else self._store_all([look.reading], now, None)
        self.store.note_look(source.name, at=now, validators=look.validators)
        return reports

    def take(
        self, source: str, updates: Sequence[Update], *, now: datetime, live_blogs: Sequence[LiveBlog] = ()
    ) -> IngestReport:
        """Take updates that were brought to us, as the posts of a channel are, and record the look.

        Encodes nothing: `encode_pending` does. Nothing is concluded from what is missing: a deletion that nobody
        tells of, as of a channel's post, stays unseen.
        """
        reading = Reading(source=source, format="", updates=tuple(updates), live_blogs=tuple(live_blogs))
        return self._store_all([reading], now, None)[0]

    def _continued(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Let a file of lines go on the source that already holds its entries, whatever the file is called."""
        names: dict[str, str] = {}
        for reading in readings:
            if reading.source not in names:
                entries = [(update.live_blog, update.key) for update in reading.updates[:_SAMPLED] if update.live_blog]
                lines = reading.format == "jsonl" and not self.store.knows(reading.source)
                holder = self.store.source_holding("jsonl", entries) if lines else None
                names[reading.source] = holder or reading.source
            yield replace(reading, source=names[reading.source])

    def _take(self, readings: Iterable[Reading], now: datetime, progress: Progress | None) -> tuple[IngestReport, ...]:
        try:
            reports = self._store_all(readings, now, progress)
        except SourceError:
            self.encode_pending(progress=progress)  # what was taken before the input broke off is to be found too
            raise
        self.encode_pending(progress=progress)
        return reports

    def _store_all(
        self, readings: Iterable[Reading], now: datetime, progress: Progress | None
    ) -> tuple[IngestReport, ...]:
        reports: dict[str, IngestReport] = {}
        taken = 0
        for reading in readings:
            report = ingest.apply(self.store, reading, now)
            self.store.note_look(reading.source, at=now)
            reports[report.source] = _sum(reports.get(report.source), report)
            taken += len(reading.updates)
            if progress is not None:
                progress("updates", taken, 0)
        return tuple(reports.values())

    def encode_pending(self, *, progress: Progress | None = None, limit: int | None = None) -> int:
        """Encode passages that have no vector yet, up to `limit`, in batches that are each kept at once.

        The newest go first, so that news is found while older ones still wait. Once none is left the snapshot is
        written, if that is worth it; with a limit that is the caller's (`start_save`). Returns: how many passages were
        looked at.
        """
        self.follower.catch_up()
        done, total = 0, self.follower.pending
        while self.follower.pending and (limit is None or done < limit):
            done += self._encode_newest(_BULK if limit is None else min(_BULK, limit - done))
            if progress is not None:
                progress("passages", min(done, total), total)
        if limit is None and not self.follower.pending:
            self.follower.save(lazily=True)
        return done

    def start_save(self) -> Callable[[], Saved | None] | None:
        """Prepare to write the snapshot: the slow part, to be called in any thread while this archive is used.

        Returns: None where it is not worth it.
        """
        return self.follower.start_save()

    def finish_save(self, saved: Saved | None) -> None:
        """Take what that returned."""
        self.follower.finish_save(saved)

    def _encode_newest(self, limit: int) -> int:
        ids = self.follower.columns.newest_not_encoded(limit).tolist()
        texts = self.store.texts(ids)
        vectors = self.encoder.encode_passages(list(texts.values()))
        self.store.add_vectors(self.encoder.id, dict(zip(texts, map(_octets, vectors), strict=True)))
        self.follower.catch_up()
        return len(ids)


def _with_total(progress: Progress, total: int, what: str, done: int, of: int) -> None:
    """Tell of updates how many are to come, where a file's lines tell that."""
    progress(what, done, max(of, total, done) if what == "updates" and total else of)


def _octets(vector: Vectors) -> bytes:
    return vector.astype("<f4", copy=False).tobytes()


def _sum(first: IngestReport | None, second: IngestReport) -> IngestReport:
    if first is None:
        return second
    return IngestReport(
        source=second.source,
        new=first.new + second.new,
        revised=first.revised + second.revised,
        unchanged=first.unchanged + second.unchanged,
        withdrawn=first.withdrawn + second.withdrawn,
        warnings=first.warnings + second.warnings,
    )
