"""news.db: sources, live blogs, updates, revisions, passages, vectors, full text, changes(seq).

All SQL of index stands here; a public method that writes is one transaction. Never hands out a cursor.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from index.errors import ConflictError, StoreError
from index.schema import open_news
from index.text import embedded_text, text_hash
from index.types import (
    EPOCH,
    Citation,
    Decision,
    Hit,
    Kind,
    Known,
    LiveBlog,
    Passage,
    Precision,
    Revision,
    SourceStatus,
    Span,
    TimeBasis,
    Validators,
)

FOREVER = 2**63 - 1
_KEEP_TEXT = "insert into full_text (rowid, title, body, scope) values (?, ?, ?, ?)"
_FORGET_TEXT = "insert into full_text (full_text, rowid, title, body, scope) values ('delete', ?, ?, ?, ?)"
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - EPOCH) // _MICROSECOND


def from_us(value: int) -> datetime:
    """Return the aware UTC time of a count of microseconds since 1970."""
    return EPOCH + value * _MICROSECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRow:
    """A passage as the VectorIndex follows it. It stands in [valid_from, valid_until), microseconds.

    `vector` is None until it is encoded: little-endian float32.
    """

    id: int
    update_no: int
    live_blog_no: int
    published_us: int
    valid_from_us: int
    valid_until_us: int
    vector: bytes | None


class Store:
    """One SQLite file with one writer. Use from one thread."""

    def __init__(self, path: Path | str) -> None:
        """Open, creating and migrating as needed.

        Raises: StoreError naming the file.
        """
        self.path = str(path)
        with self._translated():
            self._db = open_news(self.path)

    def close(self) -> None:
        """Close the file; further calls are errors."""
        self._db.conn.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.IntegrityError as error:
            raise ConflictError(f"{self.path}: another process wrote the same update first ({error})") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated(), self._db.atomic():
            yield

    def _rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        with self._translated():
            return self._db.execute(sql, parameters).fetchall()

    def _number(self, sql: str, *parameters: object) -> int:
        rows = self._rows(sql, *parameters)
        return int(str(rows[0][0])) if rows and rows[0][0] is not None else 0

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
        return {
            str(key): Known(
                update_no=_int(no),
                published_at=from_us(_int(published)),
                time_basis=TimeBasis(str(basis)),
                time_precision=Precision(str(precision)),
                modified_at=_moment(modified),
                url=_text(url),
                live_blog=str(live_blog),
                number=_int(number),
                content_hash=str(content_hash),
                effective_at=from_us(_int(effective)),
                withdrawn=bool(withdrawn),
            )
            for (
                key, no, published, basis, precision, modified, url, live_blog,
                number, content_hash, effective, withdrawn,
            ) in rows
        }  # fmt: skip

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
            for decision in decisions:
                if decision.live_blog not in numbers:
                    blank = LiveBlog(key=decision.live_blog, title="")
                    numbers[decision.live_blog] = self._put_live_blog(source_no, blank)
                self._put_decision(source_no, numbers[decision.live_blog], decision, now)

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
                _us_or_none(blog.started_at),
                _us_or_none(blog.ended_at),
                None if blog.closed is None else int(blog.closed),
                blog.credits,
            ),
        )
        return self._number("select id from live_blogs where source_id = ? and key = ?", source_no, blog.key)

    def _put_decision(self, source_no: int, live_blog_no: int, decision: Decision, now: datetime) -> None:
        before = self._number(
            "select live_blog_id from updates where source_id = ? and key = ?", source_no, decision.key
        )
        self._db.execute(
            """insert into updates (source_id, key, live_blog_id, published_at, time_basis, time_precision,
                                    modified_at, url, seen_at)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?)
               on conflict (source_id, key) do update set
                 live_blog_id = excluded.live_blog_id, published_at = excluded.published_at,
                 time_basis = excluded.time_basis, time_precision = excluded.time_precision,
                 modified_at = excluded.modified_at, url = excluded.url""",
            (
                source_no,
                decision.key,
                live_blog_no,
                to_us(decision.published_at),
                decision.time_basis.value,
                decision.time_precision.value,
                _us_or_none(decision.modified_at),
                decision.url,
                to_us(now),
            ),
        )
        update_no = self._number("select id from updates where source_id = ? and key = ?", source_no, decision.key)
        if before not in (0, live_blog_no):
            self._move_full_text(update_no, before, live_blog_no)
        if decision.revision is not None:
            self._put_revision(update_no, live_blog_no, decision.revision, decision.passages)
        self._db.execute("insert into changes (update_id) values (?)", (update_no,))

    def _put_revision(self, update_no: int, live_blog_no: int, revision: Revision, spans: Iterable[Span]) -> None:
        self._db.execute(
            """insert into revisions (update_id, number, title, text, kind, content_hash, seen_at, effective_at,
                                      withdrawn) values (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
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
            ),
        )
        for span in spans:
            body = revision.text[span.start : span.end]
            cursor = self._db.execute(
                'insert into passages (update_id, revision, start, "end", text_hash) values (?, ?, ?, ?, ?)',
                (update_no, revision.number, span.start, span.end, text_hash(embedded_text(revision.title, body))),
            )
            self._db.execute(_KEEP_TEXT, (cursor.lastrowid, revision.title, body, f"b{live_blog_no}"))

    def _move_full_text(self, update_no: int, old_live_blog_no: int, live_blog_no: int) -> None:
        """Give passages the scope of another live blog; the table keeps no content and forgets only what it is told."""
        passages = self._rows(
            """select p.id, r.title, substr(r.text, p.start + 1, p."end" - p.start)
               from passages p join revisions r on r.update_id = p.update_id and r.number = p.revision
               where p.update_id = ?""",
            update_no,
        )
        for row in passages:
            self._db.execute(_FORGET_TEXT, (*row, f"b{old_live_blog_no}"))
            self._db.execute(_KEEP_TEXT, (*row, f"b{live_blog_no}"))

    # Vectors and changes

    def pending(self, encoder: str, *, after: int, limit: int) -> tuple[int, dict[bytes, str]]:
        """Find up to `limit` passages with an id above `after` that have no vector of this encoder.

        Returns: the last id looked at (`after` where none is left), and hash -> text to embed.
        """
        rows = self._rows(
            """select p.id, p.text_hash, r.title, substr(r.text, p.start + 1, p."end" - p.start)
               from passages p join revisions r on r.update_id = p.update_id and r.number = p.revision
               where p.id > ?
                 and not exists (select 1 from vectors v where v.encoder = ? and v.text_hash = p.text_hash)
               order by p.id limit ?""",
            after,
            encoder,
            limit,
        )
        texts = {_bytes(key): embedded_text(str(title), str(body)) for _, key, title, body in rows}
        return (_int(rows[-1][0]) if rows else after), texts

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
            for key, vector in vectors.items():
                self._db.execute("insert or replace into vectors values (?, ?, ?)", (encoder, key, vector))
                self._db.execute(
                    "insert into changes (update_id) select distinct update_id from passages where text_hash = ?",
                    (key,),
                )

    def archive_id(self) -> str:
        """Return what tells this archive from every other, also from one of the same sources."""
        return str(self._rows("select id from archive")[0][0])

    def update_at_seq(self, seq: int) -> int:
        """Return the update that change `seq` was about, 0 where there is no such change."""
        return self._number("select update_id from changes where seq = ?", seq)

    def last_seq(self) -> int:
        """Return the number of the last change, 0 in an empty archive."""
        return self._number("select max(seq) from changes")

    def changed_since(self, seq: int) -> tuple[int, ...]:
        """Return the updates changed after `seq`, each once."""
        return tuple(
            _int(row[0]) for row in self._rows("select distinct update_id from changes where seq > ? order by 1", seq)
        )

    def passage_rows(self, encoder: str, updates: Iterable[int] | None = None) -> list[PassageRow]:
        """Return all passages of these updates (None: of all), of every revision, by id."""
        chosen = "" if updates is None else "where p.update_id in (select value from json_each(:updates))"
        sql = f"""
            select p.id, p.update_id, u.live_blog_id, u.published_at,
                   case r.number when 1 then min(u.published_at, r.effective_at) else r.effective_at end,
                   coalesce((select min(n.effective_at) from revisions n
                             where n.update_id = r.update_id and n.number > r.number), {FOREVER}),
                   v.vector
            from passages p join updates u on u.id = p.update_id
            join revisions r on r.update_id = p.update_id and r.number = p.revision
            left join vectors v on v.encoder = :encoder and v.text_hash = p.text_hash
            {chosen} order by p.id"""
        with self._translated():
            listed = json.dumps([] if updates is None else list(updates))
            rows = self._db.execute(sql, {"encoder": encoder, "updates": listed}).fetchall()
        return [
            PassageRow(
                id=no,
                update_no=update_no,
                live_blog_no=blog,
                published_us=published,
                valid_from_us=valid_from,
                valid_until_us=valid_until,
                vector=vector,
            )
            for no, update_no, blog, published, valid_from, valid_until, vector in rows
        ]

    # Search

    def live_blog_numbers(self, key: str) -> tuple[int, ...]:
        """Return our numbers of the live blogs with this key or, failing that, this title."""
        key = key.encode("utf-8", "replace").decode()  # SQLite takes no lone surrogates
        by_key = self._rows("select id from live_blogs where key = ?", key)
        return tuple(_int(row[0]) for row in by_key or self._rows("select id from live_blogs where title = ?", key))

    def match(self, expression: str, limit: int) -> tuple[Hit, ...]:
        """Run an FTS5 expression; scores are BM25 with the sign turned, best first."""
        rows = self._rows(
            """select rowid, -rank from full_text
               where full_text match ? and rank match 'bm25(0.6, 1.0, 0.0)' order by rank limit ?""",
            expression,
            limit,
        )
        return tuple(Hit(passage_id=_int(no), score=float(str(score))) for no, score in rows)

    def document_frequency(self, stems: Iterable[str]) -> dict[str, int]:
        """Count the passages that hold each stem; unknown stems are absent."""
        rows = self._rows(
            "select term, doc from full_text_terms where term in (select value from json_each(?))",
            json.dumps(list(stems)),
        )
        return {str(term): _int(count) for term, count in rows}

    def known_stems(self, initial: str) -> dict[str, int]:
        """Return every stem of the archive that begins with a letter, and in how many passages it stands."""
        rows = self._rows(
            "select term, doc from full_text_terms where term >= ? and term < ?", initial, chr(ord(initial) + 1)
        )
        return {str(term): _int(count) for term, count in rows}

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """Return passages by id."""
        rows = self._rows(
            """select id, update_id, revision, start, "end" from passages
               where id in (select value from json_each(?))""",
            json.dumps(list(ids)),
        )
        return {
            _int(no): Passage(
                id=_int(no),
                update_no=_int(update_no),
                revision=_int(revision),
                span=Span(start=_int(start), end=_int(end)),
            )
            for no, update_no, revision, start, end in rows
        }

    def revisions(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[Revision, Citation]]:
        """Return revisions by (update number, revision number), each with the citation of a quote from it."""
        rows = self._rows(
            """select r.update_id, r.number, r.title, r.text, r.kind, r.content_hash, r.seen_at, r.effective_at,
                      r.withdrawn, u.key, u.url, u.published_at, u.time_basis, u.time_precision, u.modified_at,
                      b.key, b.title, s.name,
                      (select min(effective_at) from revisions n
                       where n.update_id = r.update_id and n.number > r.number)
               from json_each(?) w
               join revisions r on r.update_id = json_extract(w.value, '$[0]')
                    and r.number = json_extract(w.value, '$[1]')
               join updates u on u.id = r.update_id
               join live_blogs b on b.id = u.live_blog_id join sources s on s.id = u.source_id""",
            json.dumps(list(wanted)),
        )
        return {(_int(row[0]), _int(row[1])): (_revision(row), _citation(row)) for row in rows}

    def revision_numbers(self, updates: Iterable[int], at: datetime) -> dict[int, int]:
        """Return, of these updates, the revision that stood at a time; withdrawn ones and later ones are absent."""
        rows = self._rows(
            """select r.update_id, r.number, r.withdrawn from revisions r join updates u on u.id = r.update_id
               where r.update_id in (select value from json_each(?)) and u.published_at <= ?
                 and (r.effective_at <= ? or r.number = 1) order by r.number""",
            json.dumps(list(updates)),
            to_us(at),
            to_us(at),
        )
        standing = {_int(no): (_int(number), bool(withdrawn)) for no, number, withdrawn in rows}
        return {no: number for no, (number, withdrawn) in standing.items() if not withdrawn}

    def newest(self, *, until: datetime, limit: int, live_blogs: Sequence[int] | None = None) -> tuple[int, ...]:
        """Return the updates published last at or before a time, newest first, withdrawn ones too."""
        chosen = "" if live_blogs is None else "and live_blog_id in (select value from json_each(:blogs))"
        with self._translated():
            rows = self._db.execute(
                f"""select id from updates where published_at <= :until {chosen}
                    order by published_at desc, id desc limit :limit""",
                {"until": to_us(until), "limit": limit, "blogs": json.dumps(list(live_blogs or ()))},
            ).fetchall()
        return tuple(_int(row[0]) for row in rows)

    # Status

    def last_checked_at(self) -> datetime | None:
        """Return our last successful look at any source."""
        return _moment(self._rows("select max(last_checked_at) from sources")[0][0])

    def source_statuses(self) -> tuple[SourceStatus, ...]:
        """Describe every source, by name."""
        rows = self._rows(
            # Beside max(), SQLite takes a bare column from the row that holds the maximum.
            """select s.name, count(u.id), max(u.published_at), u.time_precision, s.last_checked_at, s.last_error,
                      s.interval_s
               from sources s left join updates u on u.source_id = s.id group by s.id order by s.name"""
        )
        return tuple(
            SourceStatus(
                name=str(name),
                updates=_int(updates),
                newest_published_at=_moment(newest),
                newest_precision=Precision(str(precision)) if precision else Precision.MINUTE,
                last_checked_at=_moment(checked),
                last_error=_text(error),
                interval_s=None if interval is None else float(str(interval)),
            )
            for name, updates, newest, precision, checked, error, interval in rows
        )

    def counts(self) -> dict[str, int]:
        """Count the rows of live_blogs, updates, revisions and passages."""
        return {
            table: self._number(f"select count(*) from {table}")
            for table in ("live_blogs", "updates", "revisions", "passages")
        }

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


def _int(value: object) -> int:
    return int(value)  # type: ignore[call-overload, no-any-return]


def _bytes(value: object) -> bytes:
    return bytes(value)  # type: ignore[call-overload, no-any-return]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(value: object) -> datetime | None:
    return None if value is None else from_us(_int(value))


def _us_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


def _revision(row: Sequence[object]) -> Revision:
    return Revision(
        update_no=_int(row[0]),
        number=_int(row[1]),
        title=str(row[2]),
        text=str(row[3]),
        kind=Kind(str(row[4])),
        content_hash=str(row[5]),
        seen_at=from_us(_int(row[6])),
        effective_at=from_us(_int(row[7])),
        withdrawn=bool(row[8]),
    )


def _modified(row: Sequence[object]) -> datetime | None:
    """Return when this revision's text was last edited: the update's own edit time may be that of a later revision."""
    modified, replaced_at = _moment(row[14]), _moment(row[18])
    if modified is None or replaced_at is None or modified < replaced_at:
        return modified
    return from_us(_int(row[7])) if _int(row[1]) > 1 else None


def _citation(row: Sequence[object]) -> Citation:
    modified = _modified(row)
    return Citation(
        update_id=str(row[9]),
        update_no=_int(row[0]),
        revision=_int(row[1]),
        title=str(row[2]),
        kind=Kind(str(row[4])),
        live_blog=str(row[15]),
        live_blog_title=str(row[16]),
        source=str(row[17]),
        url=_text(row[10]),
        published_at=from_us(_int(row[11])),
        time_basis=TimeBasis(str(row[12])),
        time_precision=Precision(str(row[13])),
        edited=modified is not None or _int(row[1]) > 1,
        modified_at=modified,
    )
