"""The composition root of index: everything known and searchable, behind one object. Use from one thread."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from index import ingest, spelling
from index.config import ArchiveConfig, SourceConfig
from index.encode import Encoder, SentenceTransformersEncoder
from index.errors import SourceError, StoreError, UnknownLiveBlogError
from index.followup import asks_more, points_back, previous_of, resolve
from index.history import History
from index.look import Look, look_at
from index.question import understand
from index.related import Related
from index.reports import ArchiveStatus, IngestReport, Progress
from index.rerank import CrossEncoderReranker, Reranker, rerank
from index.search import Search
from index.sources import fetch, formats
from index.store import Store
from index.sync import Follower
from index.text import normalise_line
from index.types import Answer, Excerpt, Intent, Precision, Query, Question, Reading
from index.views import Quoted, UpdateView, Verification

logger = logging.getLogger(__name__)

_BULK = 1024
_SMALL_BACKLOG = 64
_SAMPLED = 50
_JUST_AFTER = timedelta(seconds=1)


def open_archive(
    config: ArchiveConfig, *, now: datetime, encoder: Encoder | None = None, reranker: Reranker | None = None
) -> "Archive":
    """Open the archive in the config's directory, making both where they are missing. Loads no model.

    Raises: StoreError when the directory or the database cannot be used.
    """
    folder = config.store.directory
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror or error}") from error
    store = Store(folder / "news.db")
    for source in config.sources:
        store.note_source(source.name, interval_s=source.interval_s)
    logger.debug("archive opened folder=%s now=%s", folder, now.isoformat())
    return Archive(config, store, encoder or SentenceTransformersEncoder(config.encoder), reranker or _reranker(config))


class Archive:
    """Reads sources in, answers questions out."""

    def __init__(self, config: ArchiveConfig, store: Store, encoder: Encoder, reranker: Reranker | None = None) -> None:
        """Wire the parts; `open_archive` is the usual way here."""
        self._config = config
        self.store = store
        self.encoder = encoder
        self.reranker = reranker
        self.follower = Follower(store, encoder.id, config.search.engine, config.store.directory / "snapshot")
        self.search = Search(
            store,
            self.follower,
            lambda text: encoder.encode_queries([text])[0],
            abstain_below=config.search.abstain_below,
            reread=None if reranker is None else partial(rerank, reranker, config.search.rerank_top),
        )
        self._related = Related(store, self.follower, encoder.id)
        self._history = History(store, self._related)
        self._encoded_up_to = 0

    # From sources

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

        Returns: how many passages were looked at.
        """
        done = 0
        total = 0 if progress is None else self.store.count_pending(self.encoder.id)
        while limit is None or done < limit:
            size = _BULK if limit is None else min(_BULK, limit - done)
            last, texts = self.store.pending(self.encoder.id, after=self._encoded_up_to, limit=size)
            if not texts:
                break
            vectors = self.encoder.encode_passages(list(texts.values()))
            self.store.add_vectors(
                self.encoder.id, {key: vector.tobytes() for key, vector in zip(texts, vectors, strict=True)}
            )
            self._encoded_up_to = last
            done += len(texts)
            if progress is not None:
                progress("passages", min(done, total), total)
        self.follower.catch_up()
        if limit is None:
            self.follower.save(lazily=True)
        return done

    # To answers

    def ask(self, question: Question) -> Answer:
        """Answer one question. "More" and "since then" start from what its `previous` cited.

        Raises: QuestionError when it is empty or its zone or live blog is unknown.
        """
        return next(self.ask_many([question]))

    def ask_many(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Answer questions that were encoded together, in order."""
        for name in {question.live_blog for question in questions}:
            self._check_live_blog(name)
        queries = [understand(self._standing(question)) for question in questions]
        self._make_ready()
        vectors = self.encoder.encode_queries([query.text for query in queries])
        for query, vector in zip(queries, vectors, strict=True):
            yield self.search.answer(query, vector)

    def _standing(self, question: Question) -> Question:
        """Resolve a follow-up; what its `previous` cited is looked up where it is not told."""
        previous = question.previous
        if previous is None:
            return question
        if asks_more(question.text) and not previous.cited:
            first = self.ask(replace(question, text=previous.question, previous=None, since=previous.since))
            return resolve(replace(question, previous=replace(previous, cited=previous_of(first).cited)))
        newest = self.store.newest_of(previous.cited, question.now) if points_back(question.text) else None
        if newest is None:
            return resolve(question)
        at, precision = newest
        # What came out on the same day is not known to be earlier.
        return resolve(question, since=at if precision is Precision.DAY else at + _JUST_AFTER)

    def _check_live_blog(self, name: str | None) -> None:
        """Raise UnknownLiveBlogError where there is none of that name."""
        if name is not None and not self.store.live_blog_numbers(name):
            names = self.store.live_blog_names()
            raise UnknownLiveBlogError(name, spelling.likeliest(name, names))

    def latest(
        self,
        *,
        now: datetime,
        limit: int = 3,
        topic: str = "",
        zone: str = "UTC",
        live_blog: str | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Answer:
        """Show the newest updates, of a topic where one is named; `leave_out` as in Question.

        Raises: UnknownLiveBlogError.
        """
        self._check_live_blog(live_blog)
        self._make_ready()
        query = Query(
            text=topic,
            now=now,
            zone=zone,
            intent=Intent.CATCH_UP,
            live_blog=live_blog,
            question=topic,
            leave_out=leave_out,
        )
        vector = self.encoder.encode_queries([topic])[0] if topic else None
        return self.search.latest(query, vector, limit)

    def _make_ready(self) -> None:
        if 0 < self.store.count_pending(self.encoder.id) <= _SMALL_BACKLOG:
            self.encode_pending()
        self.follower.catch_up()

    def warm(self) -> None:
        """Load the models and the index."""
        self.follower.catch_up()
        self.encoder.encode_queries(["warm"])
        if self.reranker is not None:
            self.reranker.scores("warm", ["warm"])

    # What was said, and what became of it

    def update(self, update_id: str | int, *, now: datetime, source: str = "") -> UpdateView | None:
        """Show a whole update with its revisions and corrections, None where it is unknown at `now`.

        `update_id`: the source's key, of the newest such update where no `source` is named; or a number of ours.
        """
        self.follower.catch_up()
        return self._history.update(update_id, now=now, source=source)

    def verify(self, quotes: Iterable[Quoted], *, now: datetime) -> tuple[Verification, ...]:
        """Check quotes, in order: whether the cited revision holds them, and how they stand now."""
        self.follower.catch_up()
        return self._history.verify(quotes, now=now)

    def quoted(self, quotes: Iterable[Quoted]) -> tuple[Excerpt, ...]:
        """Turn stored spans back into excerpts; one that its revision does not prove is left out."""
        return self._history.quoted(quotes)

    # Care

    def status(self, *, now: datetime) -> ArchiveStatus:
        """Describe what is held. Loads neither model nor index."""
        counts = self.store.counts()
        intervals = {source.name: source.interval_s for source in self._config.sources}
        logger.debug("status read now=%s sources=%d", now.isoformat(), len(intervals))
        return ArchiveStatus(
            sources=self.store.source_statuses(),
            live_blogs=counts["live_blogs"],
            updates=counts["updates"],
            revisions=counts["revisions"],
            passages=counts["passages"],
            pending=self.store.count_pending(self.encoder.id),
            index_bytes=self.follower.size_bytes(),
            encoder=self.encoder.id,
            engine=self._config.search.engine,
        )

    def rebuild(self, *, progress: Progress | None = None) -> int:
        """Make the index again from stored vectors, without the model, and save it.

        Returns: the number of vectors in it. Raises: StoreError when it cannot be saved.
        """
        count = self.follower.rebuild()
        self.follower.save()
        if progress is not None:
            progress("vectors", count, count)
        return count

    def check(self) -> tuple[str, ...]:
        """Look for damage: in the database, in spans, and between the index and what it follows.

        Returns: one line a finding, none when all is sound.
        """
        findings = list(self.store.integrity())
        self.follower.catch_up()
        oracle = Follower(self.store, self.encoder.id, "exact", self._config.store.directory / "none")
        oracle.rebuild()
        findings += self.follower.differences(oracle)
        pending = self.store.count_pending(self.encoder.id)
        if pending:
            findings.append(f"{pending} passages have no vector of {self.encoder.id} yet: run `dateline rebuild`")
        return tuple(findings)

    def close(self) -> None:
        """Save the snapshot where it is worth it, and close the database."""
        self.follower.save(lazily=True)
        self.store.close()


def _reranker(config: ArchiveConfig) -> Reranker | None:
    if not config.search.reranker:
        return None
    return CrossEncoderReranker(
        config.search.reranker, batch_size=config.encoder.batch_size, threads=config.encoder.threads
    )


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
