"""The composition root of index: everything known and searchable, behind one object. Use from one thread."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from index import news, spelling
from index.config import ArchiveConfig
from index.encode import Encoder, open_encoder
from index.errors import QuestionError, StoreError, UnknownLiveBlogError
from index.followup import asks_more, points_back, previous_of, resolve
from index.highlights import Digest, Window
from index.history import History
from index.intake import Intake
from index.moments import day_of, wall
from index.query_vectors import TOGETHER, QueryVectors
from index.question import understand, zone_of
from index.related import Related
from index.reports import ArchiveStatus, Progress
from index.rerank import CrossEncoderReranker, Reranker, rerank
from index.search import Search
from index.store import Store
from index.sync import Follower
from index.types import Answer, Excerpt, Intent, Precision, Query, Question
from index.views import Aftermath, LiveBlogView, News, Quoted, UpdateView, Verification
from index.watches import Match, Moment, Near, Watch, Watches, news_of, searched
from index.windows import Windows

logger = logging.getLogger(__name__)

_SMALL_BACKLOG = 64
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
        if source.is_fetched:  # a channel that is silent is not stale
            store.note_source(source.name, interval_s=source.interval_s)
    logger.debug("archive opened folder=%s now=%s", folder, now.isoformat())
    return Archive(config, store, encoder or open_encoder(config.encoder), reranker or _reranker(config))


class Archive(Intake):
    """Reads sources in, answers questions out."""

    def __init__(self, config: ArchiveConfig, store: Store, encoder: Encoder, reranker: Reranker | None = None) -> None:
        """Wire the parts; `open_archive` is the usual way here."""
        super().__init__(config, store, encoder)
        self.reranker = reranker
        self._query_vectors = QueryVectors(encoder)
        self.search = Search(
            store,
            self.follower,
            self._query_vectors.one,
            abstain_below=config.search.abstain_below,
            reread=None if reranker is None else partial(rerank, reranker, config.search.rerank_top),
        )
        self._related = Related(store, self.follower, encoder.id)
        self._history = History(store, self._related)
        self._watches = Watches(store, self.follower, self.search, encoder.id)
        self.windows = Windows(store, self._related, self._history, encoder.id)

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
        vectors = self._query_vectors.of([query.text for query in queries]) if queries else ()
        for query, vector in zip(queries, vectors, strict=True):
            yield self.search.answer(query, vector)

    def foresee(self, questions: Sequence[Question]) -> None:
        """Encode together what will be asked next, one by one; a question that cannot be asked says so then.

        Follow-ups are left out: what they ask is known only when what they follow was answered.
        """
        texts = []
        for question in questions[:TOGETHER]:
            if question.previous is None:
                with suppress(QuestionError):
                    texts.append(understand(question).text)
        if texts:
            self._query_vectors.of(texts)

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
        if precision is Precision.DAY:
            return resolve(question, since=wall(day_of(at), 0, zone_of(question.zone)))
        return resolve(question, since=at + _JUST_AFTER)

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
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Answer:
        """Show the newest updates, of a topic where one is named; what bounds them is as in Question.

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
            live_blogs=live_blogs,
            sources=sources,
            question=topic,
            leave_out=leave_out,
        )
        vector = self._query_vectors.one(topic) if topic else None
        return self.search.latest(query, vector, limit)

    def since(
        self,
        seen: int | str | None,
        *,
        now: datetime,
        limit: int = 5,
        topic: str = "",
        zone: str = "UTC",
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> News:
        """Show what is new since a cursor that `since` gave before (by when we saw it), or since a time in words.

        "14:00", "2 hours", "yesterday": by when it was published; a topic may stand beside it. None: the newest.
        Raises: QuestionError where the words hold no time.
        """
        self._make_ready()
        bounds = Question(
            text=topic, now=now, zone=zone, limit=limit, live_blogs=live_blogs, sources=sources, leave_out=leave_out
        )
        return news.since(self.search, self.store, self._query_vectors.one, seen, bounds)

    def highlights(
        self,
        window: Window,
        *,
        now: datetime,
        limit: int = 8,
        after: int | None = None,
        topics: Sequence[str] = (),
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
        told: Sequence[Quoted] = (),
    ) -> Digest:
        """Choose what of a window is worth a digest; nothing that `told` holds, unless it changed materially.

        What was first seen in the window counts, as it stands at `now`. `told`: all that the reader was sent, oldest
        first. `after`: the last change that an earlier window took in; this one then begins there, and not by a clock.
        """
        self._make_ready()
        chosen = self.store.chosen_live_blogs(live_blogs=live_blogs, sources=sources)
        among = partial(self._on_topics, tuple(topics), now) if topics else None
        return self.windows.digest(window, now=now, limit=limit, after=after, live_blogs=chosen, among=among, told=told)

    def seq_at(self, now: datetime) -> int:
        """Return the number of the last change that was seen by then, for `highlights` to begin behind."""
        return self.store.seq_at(now)

    def _on_topics(self, topics: Sequence[str], now: datetime, updates: Sequence[int]) -> tuple[int, ...]:
        vectors = self._query_vectors.of(topics)
        queries = [Query(text=topic, now=now, zone="UTC", intent=Intent.CATCH_UP, question=topic) for topic in topics]
        found = (self.search.on_topic(query, vector, updates) for query, vector in zip(queries, vectors, strict=True))
        return tuple({no for chosen in found for no in chosen})

    def _make_ready(self) -> None:
        self.follower.catch_up()
        if 0 < self.follower.pending <= _SMALL_BACKLOG:
            self._encode_newest(_SMALL_BACKLOG)

    def warm(self) -> None:
        """Load the models, the index and the dictionary."""
        self.follower.catch_up()
        spelling.is_word("warm")
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

    def watch_vectors(self, texts: Sequence[str], *, now: datetime) -> tuple[bytes, ...]:
        """Encode questions that are to be watched; the vectors are of `encoder.id` alone.

        Raises: QuestionError where one is empty.
        """
        vectors = self.encoder.encode_queries([searched(text, now) for text in texts])
        return tuple(vector.astype("<f4").tobytes() for vector in vectors)

    @property
    def encoder_id(self) -> str:
        """Name whose vectors watches need."""
        return self.encoder.id

    def near(self, watches: Sequence[tuple[str, bytes]], updates: Iterable[int], *, now: datetime) -> tuple[Near, ...]:
        """Return which watches (key, vector) are near enough to which of these updates to be asked: one product.

        Raises: ValueError where a watch's vector is of another encoder.
        """
        self._make_ready()
        return self._watches.near(watches, updates, now)

    def matches(self, watches: Sequence[Watch], updates: Iterable[int], *, now: datetime) -> tuple[Match, ...]:
        """Return which of these updates (our numbers) answer which watches: as sure as an answer must be.

        Raises: ValueError where a watch's vector is of another encoder.
        """
        self._make_ready()
        return self._watches.matches(watches, updates, now)

    def moments(self, watch: Watch, *, now: datetime, since: datetime) -> tuple[Moment, ...]:
        """Return the moments since a time at which a watch may have fired, in order; `fired` tells at which it had."""
        self._make_ready()
        return self._watches.moments(watch, since=since, now=now)

    def fired(self, watch: Watch, moments: Iterable[Moment]) -> tuple[Match, ...]:
        """Return what would have answered a watch at these moments, in order: one search each."""
        self.follower.catch_up()
        return self._watches.fired(watch, moments)

    def backtest(self, watch: Watch, *, now: datetime, since: datetime) -> tuple[Match, ...]:
        """Return when a watch would have fired since a time, in order of time, each time with news."""
        return news_of(self.fired(watch, self.moments(watch, now=now, since=since)))

    def affected(self, seq: int | None, *, now: datetime, limit: int | None = None) -> Aftermath:
        """Return the updates that were revised, withdrawn or corrected by a later one since a cursor.

        `seq`: `Aftermath.cursor` of an earlier call; None to begin from here. `limit`: of how many changes at most, so
        that a long way is gone in steps. `verify` grades what was quoted.
        """
        if seq is not None and seq == self.store.last_seq():
            return Aftermath(affected=(), updates=(), cursor=seq)
        self._make_ready()
        found = self.windows.affected(seq, now=now, limit=limit)
        return replace(found, pending=self.store.count_pending(self.encoder.id))

    def related(
        self,
        update_id: str | int,
        *,
        now: datetime,
        limit: int = 3,
        source: str = "",
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
    ) -> tuple[Excerpt, ...]:
        """Show newer updates on the matter of one (named as in `update`), newest first; none where none is near."""
        self.follower.catch_up()
        chosen = self.store.chosen_live_blogs(live_blogs=live_blogs, sources=sources)
        number = self.store.update_number(update_id, source)
        return self._related.since(number, now=now, limit=limit, live_blogs=chosen)

    # Where it comes from

    def public_sources(self) -> tuple[str, ...]:
        """Name the sources that any chat may be shown: all but those that the config calls private."""
        private = self._private()
        return tuple(one.name for one in self.store.source_statuses() if one.name not in private)

    def live_blogs(self) -> tuple[LiveBlogView, ...]:
        """List the live blogs that a question can be bound to, that with the newest update first."""
        private = self._private()
        return tuple(replace(one, public=one.source not in private) for one in self.store.live_blogs())

    def _private(self) -> frozenset[str]:
        return frozenset(source.name for source in self._config.sources if not source.public)

    # Care

    def status(self, *, now: datetime) -> ArchiveStatus:
        """Describe what is held. Loads neither model nor index."""
        counts = self.store.counts()
        intervals = {source.name: source.interval_s for source in self._config.sources}
        private = self._private()
        logger.debug("status read now=%s sources=%d", now.isoformat(), len(intervals))
        return ArchiveStatus(
            sources=tuple(replace(one, public=one.name not in private) for one in self.store.source_statuses()),
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
        """Make full text and the index again from what is stored, without the model, and save it.

        Returns: the number of vectors in it. Raises: StoreError when it cannot be saved.
        """
        progress = progress or (lambda *_: None)
        passages = self.store.counts()["passages"]
        self.store.make_full_text(lambda done: progress("full text", done, passages))
        progress("full text", passages, passages)
        count = self.follower.rebuild()
        self.follower.save()
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
        if pending := self.follower.pending:
            findings.append(f"{pending} passages have no vector of {self.encoder.id} yet: run `dateline rebuild`")
        return tuple(findings)

    def close(self) -> None:
        """Save the snapshot where it is worth it, and close the database."""
        self.follower.save(lazily=True)
        self.store.close()


def _reranker(config: ArchiveConfig) -> Reranker | None:
    if not config.search.reranker:
        return None
    return CrossEncoderReranker(config.search.reranker, threads=config.encoder.threads)
