"""news.db as it is written: sources, live blogs, updates, revisions, passages, vectors, full text, changes(seq).

All SQL of index stands here and, where it only reads, in `lookup.py`; a public method that writes is one transaction.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from index.full_text import translated
from index.lookup import Lookup
from index.reading import pack, read
from index.rows import as_bytes, as_int, read_known, to_us, to_us_or_none
from index.schema import make_full_text, open_news
from index.terms import searchable, stems
from index.text import embedded_text, text_hash
from index.types import Decision, Known, LiveBlog, Validators, Verdict

_KEEP_REVISION = """insert into revisions (update_id, number, title, text, kind, content_hash, seen_at, effective_at,
                                           withdrawn, context, reading)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_KEEP_PASSAGE = 'insert into passages (id, update_id, revision, start, "end", text_hash) values (?, ?, ?, ?, ?, ?)'
_KEEP_CHANGE = "insert into changes (update_id, revision) values (?, ?)"
_KEEP_TEXT = "insert into full_text (rowid, title, body, scope) values (?, ?, ?, ?)"
_KEEP_STEM = "insert or ignore into stems values (?)"
_FORGET_TEXT = "insert into full_text (full_text, rowid, title, body, scope) values ('delete', ?, ?, ?, ?)"


class Store(Lookup):
    """One SQLite file with one writer. Use from one thread."""

    def __init__(self, path: Path | str) -> None:
        """Open, creating and migrating as needed.

        Raises: StoreError naming the file.
        """
        with translated(str(path)):
            self._db = open_news(str(path))
        super().__init__(self._db.conn, str(path))

    def close(self) -> None:
        """Close the file; further calls are errors."""
        self._db.conn.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with translated(self.path), self._db.atomic():
            yield

    # Sources

    def note_look(
        self,
        source: str,
        *,
        at: datetime,
        error: str | None = None,
        validators: Validators | None = None,
    ) -> None:
        """Record a look at a source: success moves `last_checked_at`, failure only its error."""
        with self._transaction():
            number = self._source(source, "")
            if error is not None:
                self._db.execute("update sources set last_error = ? where id = ?", (error, number))
            else:
                self._db.execute(
                    "update sources set last_checked_at = ?, last_error = null where id = ?", (to_us(at), number)
                )
            if validators is not None:
                self._db.execute(
                    "update sources set etag = ?, last_modified = ? where id = ?",
                    (validators.etag, validators.last_modified, number),
                )

    def note_source(self, source: str, *, interval_s: float) -> None:
        """Make a configured source known, and how often we look at it."""
        if self._rows("select 1 from sources where name = ? and interval_s = ?", source, interval_s):
            return
        with self._transaction():
            self._db.execute("update sources set interval_s = ? where id = ?", (interval_s, self._source(source, "")))

    def validators(self, source: str) -> Validators:
        """Return what the source's server gave last, empty for a source never seen."""
        rows = self._rows("select etag, last_modified from sources where name = ?", source)
        if not rows:
            return Validators()
        etag, last_modified = rows[0]
        return Validators(
            etag=None if etag is None else str(etag),
            last_modified=None if last_modified is None else str(last_modified),
        )

    def _source(self, name: str, format_name: str) -> int:
        self._db.execute("insert into sources (name) values (?) on conflict do nothing", (name,))
        if format_name:
            self._db.execute("update sources set format = ? where name = ?", (format_name, name))
        return self._number("select id from sources where name = ?", name)

    def knows(self, source: str) -> bool:
        """Tell whether a source of this name was ever read."""
        return bool(self._rows("select 1 from sources where name = ?", source))

    def source_holding(self, format_name: str, entries: Sequence[tuple[str, str]]) -> str | None:
        """Name the one source of that format that already holds all or some of these (live blog key, update key).

        None where no source does, or more than one.
        """
        rows = self._rows(
            """select distinct s.name from json_each(?) e
               join updates u on u.key = json_extract(e.value, '$[1]')
               join live_blogs b on b.id = u.live_blog_id and b.key = json_extract(e.value, '$[0]')
               join sources s on s.id = u.source_id and s.format = ?""",
            json.dumps(entries),
            format_name,
        )
        return str(rows[0][0]) if len(rows) == 1 else None

    # Ingest

    def known(self, source: str, keys: Iterable[str]) -> dict[str, Known]:
        """Return what is held of these updates; unknown keys are absent."""
        return self._known("u.key in (select value from json_each(?))", source, json.dumps(list(keys)))

    def known_since(self, source: str, live_blogs: Iterable[str], since: datetime) -> dict[str, Known]:
        """Return what is held of these live blogs' updates published at or after a time."""
        return self._known(
            "b.key in (select value from json_each(?)) and u.published_at >= ?",
            source,
            json.dumps(list(live_blogs)),
            to_us(since),
        )

    def _known(self, condition: str, source: str, *parameters: object) -> dict[str, Known]:
        rows = self._rows(
            f"""select u.key, u.id, u.published_at, u.time_basis, u.time_precision, u.modified_at, u.url, b.key,
                       r.number, r.content_hash, r.effective_at, r.withdrawn
                from updates u join sources s on s.id = u.source_id join live_blogs b on b.id = u.live_blog_id
                join revisions r on r.update_id = u.id
                    and r.number = (select max(number) from revisions where update_id = u.id)
                where s.name = ? and {condition}""",
            source,
            *parameters,
        )
        return {str(row[0]): read_known(row) for row in rows}

    def apply(
        self,
        source: str,
        format_name: str,
        live_blogs: Iterable[LiveBlog],
        decisions: Iterable[Decision],
        *,
        now: datetime,
    ) -> None:
        """Write one reading, whole or not at all: updates, revisions, passages, full text, changes.

        Raises: ConflictError where another process wrote a revision since `known` was asked.
        """
        with self._transaction():
            source_no = self._source(source, format_name)
            numbers: dict[str, int] = {}
            for live_blog in live_blogs:
                numbers[live_blog.key] = self._put_live_blog(source_no, live_blog)
            fresh = _Fresh(last_id=self._number("select seq from sqlite_sequence where name = 'passages'"))
            for decision in decisions:
                if decision.live_blog not in numbers:
                    blank = LiveBlog(key=decision.live_blog, title="")
                    numbers[decision.live_blog] = self._put_live_blog(source_no, blank)
                self._put_decision(source_no, numbers[decision.live_blog], decision, now, fresh)
            self._put_fresh(fresh)

    def _put_live_blog(self, source_no: int, blog: LiveBlog) -> int:
        self._db.execute(
            """insert into live_blogs (source_id, key, title, url, started_at, ended_at, closed, credits)
               values (?, ?, ?, ?, ?, ?, ?, ?)
               on conflict (source_id, key) do update set
                 title = iif(excluded.title = '', title, excluded.title), url = coalesce(excluded.url, url),
                 started_at = coalesce(excluded.started_at, started_at),
                 ended_at = coalesce(excluded.ended_at, ended_at), closed = coalesce(excluded.closed, closed),
                 credits = iif(excluded.credits = '', credits, excluded.credits)""",
            (
                source_no,
                blog.key,
                blog.title,
                blog.url,
                to_us_or_none(blog.started_at),
                to_us_or_none(blog.ended_at),
                None if blog.closed is None else int(blog.closed),
                blog.credits,
            ),
        )
        return self._number("select id from live_blogs where source_id = ? and key = ?", source_no, blog.key)

    def _put_decision(
        self, source_no: int, live_blog_no: int, decision: Decision, now: datetime, fresh: "_Fresh"
    ) -> None:
        before = 0
        if decision.verdict is not Verdict.NEW:
            before = self._number(
                "select live_blog_id from updates where source_id = ? and key = ?", source_no, decision.key
            )
        ((update_no,),) = self._rows(
            """insert into updates (source_id, key, live_blog_id, published_at, time_basis, time_precision,
                                    modified_at, url, seen_at)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?)
               on conflict (source_id, key) do update set
                 live_blog_id = excluded.live_blog_id, published_at = excluded.published_at,
                 time_basis = excluded.time_basis, time_precision = excluded.time_precision,
                 modified_at = excluded.modified_at, url = excluded.url
               returning id""",
            source_no,
            decision.key,
            live_blog_no,
            to_us(decision.published_at),
            decision.time_basis.value,
            decision.time_precision.value,
            to_us_or_none(decision.modified_at),
            decision.url,
            to_us(now),
        )
        update_no = as_int(update_no)
        if before not in (0, live_blog_no):
            self._put_fresh(fresh)
            self._move_full_text(update_no, before, live_blog_no)
        fresh.take(update_no, live_blog_no, decision)

    def _put_fresh(self, fresh: "_Fresh") -> None:
        """Write what was gathered, many rows a statement, and forget it."""
        for sql, rows in (
            (_KEEP_REVISION, fresh.revisions),
            (_KEEP_PASSAGE, fresh.passages),
            (_KEEP_TEXT, fresh.texts),
            (_KEEP_CHANGE, fresh.changes),
        ):
            self._connection.executemany(sql, rows)
            rows.clear()
        self._connection.executemany(_KEEP_STEM, ((one,) for one in fresh.stems))
        fresh.stems.clear()

    def _move_full_text(self, update_no: int, old_live_blog_no: int, live_blog_no: int) -> None:
        """Give passages the scope of another live blog; the table keeps no content and forgets only what it is told."""
        passages = self._rows(
            """select p.id, coalesce(r.context, r.title), substr(r.text, p.start + 1, p."end" - p.start)
               from passages p join revisions r on r.update_id = p.update_id and r.number = p.revision
               where p.update_id = ?""",
            update_no,
        )
        for no, title, body in passages:
            told = (no, searchable(str(title)), searchable(str(body)))
            self._db.execute(_FORGET_TEXT, (*told, f"b{old_live_blog_no}"))
            self._db.execute(_KEEP_TEXT, (*told, f"b{live_blog_no}"))

    # Vectors

    def texts(self, ids: Iterable[int]) -> dict[bytes, str]:
        """Return what is to be encoded of these passages, by its hash, in their order; equal texts once."""
        rows = self._rows(
            """select p.text_hash, coalesce(r.context, r.title), substr(r.text, p.start + 1, p."end" - p.start)
               from json_each(?) w join passages p on p.id = w.value
               join revisions r on r.update_id = p.update_id and r.number = p.revision order by w.key""",
            json.dumps(list(ids)),
        )
        return {as_bytes(key): embedded_text(str(title), str(body)) for key, title, body in rows}

    def count_pending(self, encoder: str) -> int:
        """Count passages that have no vector of this encoder yet."""
        return self._number(
            """select count(*) from passages p
               where not exists (select 1 from vectors v where v.encoder = ? and v.text_hash = p.text_hash)""",
            encoder,
        )

    def add_vectors(self, encoder: str, vectors: Mapping[bytes, bytes]) -> None:
        """Keep vectors (hash -> little-endian float32) and mark the updates that they belong to as changed."""
        with self._transaction():
            rows = [(encoder, key, vector) for key, vector in vectors.items()]
            self._connection.executemany("insert or replace into vectors values (?, ?, ?)", rows)
            self._connection.executemany(
                "insert into changes (update_id) select distinct update_id from passages where text_hash = ?",
                [(key,) for key in vectors],
            )

    # Care

    def make_full_text(self, told: Callable[[int], None] = lambda _: None) -> None:
        """Make full text anew, also of what an older program has stored beside this one; `told`: how far it is."""
        with self._transaction():
            make_full_text(self._db, told)

    def integrity(self) -> tuple[str, ...]:
        """Return what SQLite finds wrong with the file, and quotes' spans that leave their text; empty when sound."""
        findings = [str(row[0]) for row in self._rows("pragma integrity_check") if row[0] != "ok"]
        findings += [f"broken reference in {row[0]} row {row[1]}" for row in self._rows("pragma foreign_key_check")]
        findings += [
            f"passage {row[0]} leaves the text of its revision"
            for row in self._rows(
                """select p.id from passages p join revisions r
                   on r.update_id = p.update_id and r.number = p.revision where p."end" > length(r.text)"""
            )
        ]
        return tuple(findings)


class _Fresh:
    """Rows of one reading that wait to be written together; passages are numbered here, as SQLite would."""

    def __init__(self, *, last_id: int) -> None:
        """Start after the last passage ever stored."""
        self._last_id = last_id
        self.revisions: list[tuple[object, ...]] = []
        self.passages: list[tuple[object, ...]] = []
        self.texts: list[tuple[object, ...]] = []
        self.stems: set[str] = set()
        self.changes: list[tuple[object, ...]] = []

    def take(self, update_no: int, live_blog_no: int, decision: Decision) -> None:
        """Gather what a decision writes beside its update."""
        revision, context = decision.revision, decision.context
        self.changes.append((update_no, None if revision is None else revision.number))
        if revision is None:
            return
        self.revisions.append(
            (
                update_no,
                revision.number,
                revision.title,
                revision.text,
                revision.kind.value,
                revision.content_hash,
                to_us(revision.seen_at),
                to_us(revision.effective_at),
                int(revision.withdrawn),
                context,
                pack(read(revision.title, revision.text)),
            )
        )
        self.stems.update(stems(f"{context}\n{revision.text}"))
        for span in decision.passages:
            self._last_id += 1
            body = revision.text[span.start : span.end]
            digest = text_hash(embedded_text(context, body))
            self.passages.append((self._last_id, update_no, revision.number, span.start, span.end, digest))
            self.texts.append((self._last_id, searchable(context), searchable(body), f"b{live_blog_no}"))
