"""news.db as it is read: changes since a seq, candidates and quotes for search, status. Never writes.

Half of index's SQL; the other half, which writes, stands in `store.py`. Never hands out a cursor.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from index.full_text import FullText, translated
from index.reading import Reading, unpack
from index.reports import SourceStatus
from index.rows import (
    FOREVER,
    NewsRow,
    PassageRow,
    as_bytes,
    as_int,
    as_moment,
    from_us,
    read_citation,
    read_live_blog,
    read_revision,
    read_source_status,
    to_us,
)
from index.types import Citation, Passage, Precision, Revision, Span
from index.views import LiveBlogView

_REMEMBERED = 1024  # texts of some kilobytes


class Lookup(FullText):
    """What can be asked of an archive's file. Use from one thread."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        """Read from an open connection, as of FullText."""
        super().__init__(connection, path)
        self._read: dict[tuple[int, int], tuple[Revision, Citation, Reading | None]] = {}
        self._read_at = (0, 0)

    # Changes

    def archive_id(self) -> str:
        """Return what tells this archive from every other, also from one of the same sources."""
        return str(self._rows("select id from archive")[0][0])

    def update_at_seq(self, seq: int) -> int:
        """Return the update that change `seq` was about, 0 where there is no such change."""
        return self._number("select update_id from changes where seq = ?", seq)

    def last_seq(self) -> int:
        """Return the number of the last change, 0 in an empty archive."""
        return self._number("select max(seq) from changes")

    def seq_at(self, now: datetime) -> int:
        """Return the number of the last change whose text was seen by then, 0 where there is none."""
        return self._number(
            """select c.seq from changes c join revisions r on r.update_id = c.update_id and r.number = c.revision
               where r.seen_at <= ? order by c.seq desc limit 1""",
            to_us(now),
        )

    def changed_since(self, seq: int) -> tuple[int, ...]:
        """Return the updates changed after `seq`, each once."""
        return tuple(
            as_int(row[0]) for row in self._rows("select distinct update_id from changes where seq > ? order by 1", seq)
        )

    def news_since(self, seq: int, *, now: datetime, limit: int | None = None) -> tuple[tuple[NewsRow, ...], int]:
        """Return what updates got new revisions after change `seq`, and the change up to which that was looked.

        It ends before the first change that is not to be known at `now`, so that nobody misses it later, and after at
        most `limit` changes.
        """
        unseen = self._number(
            """select min(c.seq) from changes c join updates u on u.id = c.update_id
               join revisions r on r.update_id = c.update_id and r.number = c.revision
               where c.seq > ? and (r.seen_at > ? or u.published_at > ?)""",
            seq,
            to_us(now),
            to_us(now),
        )
        last = unseen - 1 if unseen else self.last_seq()
        if limit is not None:
            last = min(last, seq + limit)
        rows = self._rows(
            """select c.update_id, u.live_blog_id, min(c.revision), max(c.revision) from changes c
               join updates u on u.id = c.update_id
               where c.seq > ? and c.seq <= ? and c.revision is not null group by c.update_id""",
            seq,
            last,
        )
        told = (NewsRow(*(as_int(value) for value in row)) for row in rows)
        return tuple(told), last

    def seen_between(self, since: datetime, until: datetime, *, now: datetime) -> tuple[NewsRow, ...]:
        """Return what updates got revisions that were first seen in [since, until); `last` is the newest at `now`."""
        rows = self._rows(
            """select r.update_id, u.live_blog_id, min(r.number),
                      (select max(n.number) from revisions n where n.update_id = r.update_id and n.seen_at <= ?)
               from revisions r join updates u on u.id = r.update_id
               where r.seen_at >= ? and r.seen_at < ? and r.seen_at <= ? group by r.update_id""",
            to_us(now),
            to_us(since),
            to_us(until),
            to_us(now),
        )
        return tuple(NewsRow(*(as_int(value) for value in row)) for row in rows)

    def seen_after(self, seq: int, until: datetime, *, now: datetime) -> tuple[tuple[NewsRow, ...], int]:
        """Return what updates got new revisions after change `seq` and before `until`, and the last change of those.

        It ends before the first change seen since `until`. What bears a time later than now was seen by a clock that
        was ahead: it counts as seen. So of two windows each begins where the other ends, however clocks are set.
        """
        later = self._number(
            """select min(c.seq) from changes c join revisions r on r.update_id = c.update_id and r.number = c.revision
               where c.seq > ? and r.seen_at >= ? and r.seen_at <= ?""",
            seq,
            to_us(until),
            to_us(now),
        )
        last = later - 1 if later else max(self.last_seq(), seq)
        rows = self._rows(
            """select c.update_id, u.live_blog_id, min(c.revision), max(max(c.revision), coalesce(
                 (select max(n.number) from revisions n where n.update_id = c.update_id and n.seen_at <= ?), 0))
               from changes c join updates u on u.id = c.update_id
               where c.seq > ? and c.seq <= ? and c.revision is not null group by c.update_id""",
            to_us(now),
            seq,
            last,
        )
        return tuple(NewsRow(*(as_int(value) for value in row)) for row in rows), last

    def passage_rows(self, encoder: str, updates: Iterable[int]) -> list[PassageRow]:
        """Return all passages of these updates, of every revision, by id."""
        chosen = "where p.update_id in (select value from json_each(:updates)) order by p.id"
        return self._passage_rows(chosen, {"encoder": encoder, "updates": json.dumps(list(updates))})

    def passage_rows_after(self, encoder: str, after: int, limit: int) -> list[PassageRow]:
        """Return up to `limit` passages of any update, of every revision, with an id above `after`, by id."""
        chosen = "where p.id > :after order by p.id limit :limit"
        return self._passage_rows(chosen, {"encoder": encoder, "after": after, "limit": limit})

    def _passage_rows(self, chosen: str, parameters: Mapping[str, object]) -> list[PassageRow]:
        sql = f"""
            select p.id, p.update_id, p.revision, p.start, p."end", u.live_blog_id, u.published_at,
                   case r.number when 1 then min(u.published_at, r.effective_at) else r.effective_at end,
                   coalesce((select min(n.effective_at) from revisions n
                             where n.update_id = r.update_id and n.number > r.number), {FOREVER}),
                   v.vector
            from passages p join updates u on u.id = p.update_id
            join revisions r on r.update_id = p.update_id and r.number = p.revision
            left join vectors v on v.encoder = :encoder and v.text_hash = p.text_hash
            {chosen}"""
        with translated(self.path):
            return [PassageRow(*row) for row in self._connection.execute(sql, parameters)]

    # Search

    def live_blog_numbers(self, key: str) -> tuple[int, ...]:
        """Return our numbers of the live blogs with this key or, failing that, this title."""
        key = key.encode("utf-8", "replace").decode()  # SQLite takes no lone surrogates
        by_key = self._rows("select id from live_blogs where key = ?", key)
        return tuple(as_int(row[0]) for row in by_key or self._rows("select id from live_blogs where title = ?", key))

    def chosen_live_blogs(
        self,
        *,
        live_blog: str | None = None,
        live_blogs: Iterable[str] | None = None,
        sources: Iterable[str] | None = None,
    ) -> tuple[int, ...] | None:
        """Return our numbers of the live blogs that all these bounds leave, None where nothing bounds."""
        chosen = [] if live_blog is None else [set(self.live_blog_numbers(live_blog))]
        if live_blogs is not None:
            chosen.append({number for name in live_blogs for number in self.live_blog_numbers(name)})
        if sources is not None:
            chosen.append(set(self.live_blogs_of(sources)))
        return tuple(sorted(set.intersection(*chosen))) if chosen else None

    def live_blogs_of(self, sources: Iterable[str]) -> tuple[int, ...]:
        """Return our numbers of the live blogs of these sources."""
        rows = self._rows(
            """select b.id from live_blogs b join sources s on s.id = b.source_id
               where s.name in (select value from json_each(?)) order by b.id""",
            json.dumps(list(sources)),
        )
        return tuple(as_int(row[0]) for row in rows)

    def live_blogs(self) -> tuple[LiveBlogView, ...]:
        """Describe every live blog, that with the newest update first."""
        rows = self._rows(
            """select b.key, b.title, s.name, count(u.id), max(u.published_at), b.closed
               from live_blogs b join sources s on s.id = b.source_id left join updates u on u.live_blog_id = b.id
               group by b.id order by max(u.published_at) desc, b.id"""
        )
        return tuple(read_live_blog(row) for row in rows)

    def live_blog_names(self) -> tuple[str, ...]:
        """Return the key of every live blog, each once."""
        return tuple(str(row[0]) for row in self._rows("select distinct key from live_blogs order by key"))

    def newest_of(self, keys: Iterable[str], until: datetime) -> tuple[datetime, Precision] | None:
        """Return the newest time among the updates with these keys that were published by a time, and its precision."""
        rows = self._rows(
            """select published_at, time_precision from updates
               where source_id in (select id from sources) and key in (select value from json_each(?))
                 and published_at <= ? order by published_at desc limit 1""",
            json.dumps(list(keys)),
            to_us(until),
        )
        at = as_moment(rows[0][0]) if rows else None
        return None if at is None else (at, Precision(str(rows[0][1])))

    def day_only(self, since_us: int, until_us: int) -> tuple[tuple[int, datetime], ...]:
        """Return the updates of [since, until) of which only the day is known, each with that day's midnight."""
        rows = self._rows(
            # the index of these alone is taken only where the query says so in the same words
            """select id, published_at from updates
               where published_at >= ? and published_at < ? and time_precision = 'day'""",
            since_us,
            until_us,
        )
        return tuple((as_int(no), from_us(as_int(at))) for no, at in rows)

    def passage_ids(self, updates: Iterable[int]) -> list[int]:
        """Return the ids of every passage of these updates, of every revision, ascending."""
        rows = self._rows(
            "select id from passages where update_id in (select value from json_each(?)) order by id",
            json.dumps(list(updates)),
        )
        return [as_int(row[0]) for row in rows]

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """Return passages by id."""
        rows = self._rows(
            """select id, update_id, revision, start, "end" from passages
               where id in (select value from json_each(?))""",
            json.dumps(list(ids)),
        )
        return {as_int(row[0]): _passage(row) for row in rows}

    def revisions(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[Revision, Citation]]:
        """Return revisions by (update number, revision number), each with the citation of a quote from it."""
        return {
            (as_int(row[0]), as_int(row[1])): (read_revision(row), read_citation(row))
            for row in self._revisions(wanted)
        }

    def readings(
        self, wanted: Iterable[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[Revision, Citation, Reading | None]]:
        """Return the same with what is kept of each text as evidence reads it.

        The last of them are remembered until anything is written, by whomever.
        """
        state = (self._number("pragma data_version"), self._connection.total_changes)
        if state != self._read_at:
            self._read.clear()
            self._read_at = state
        wanted = list(wanted)
        for row in self._revisions(key for key in wanted if key not in self._read):
            told = read_revision(row), read_citation(row), unpack(as_bytes(row[-1] or b""))
            self._read[as_int(row[0]), as_int(row[1])] = told
        found = {key: self._read[key] for key in wanted if key in self._read}
        while len(self._read) > _REMEMBERED:
            del self._read[next(iter(self._read))]
        return found

    def _revisions(self, wanted: Iterable[tuple[int, int]]) -> list[tuple[object, ...]]:
        return self._rows(
            """select r.update_id, r.number, r.title, r.text, r.kind, r.content_hash, r.seen_at, r.effective_at,
                      r.withdrawn, u.key, u.url, u.published_at, u.time_basis, u.time_precision, u.modified_at,
                      b.key, b.title, s.name,
                      (select min(effective_at) from revisions n
                       where n.update_id = r.update_id and n.number > r.number), r.reading
               from json_each(?) w
               join revisions r on r.update_id = json_extract(w.value, '$[0]')
                    and r.number = json_extract(w.value, '$[1]')
               join updates u on u.id = r.update_id
               join live_blogs b on b.id = u.live_blog_id join sources s on s.id = u.source_id""",
            json.dumps(list(wanted)),
        )

    def update_number(self, update: str | int, source: str = "") -> int:
        """Return our number of an update by its source's key, the newest of that key where no source is named.

        A number of ours stays as it is. 0 where there is no such update.
        """
        if isinstance(update, int):
            return self._number("select id from updates where id = ?", update) if abs(update) <= FOREVER else 0
        return self._number(
            """select u.id from updates u join sources s on s.id = u.source_id
               where u.source_id in (select id from sources) and u.key = ? and (? = '' or s.name = ?)
               order by u.published_at desc, u.id desc limit 1""",
            *(text.encode("utf-8", "replace").decode() for text in (update, source, source)),
        )

    def history(self, update_no: int) -> tuple[tuple[Revision, Citation], ...]:
        """Return every revision of an update, the first one first, each with the citation of a quote from it."""
        last = self._number("select max(number) from revisions where update_id = ?", update_no)
        found = self.revisions((update_no, number) for number in range(1, last + 1))
        return tuple(found[key] for key in sorted(found))

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
        standing = {as_int(no): (as_int(number), bool(withdrawn)) for no, number, withdrawn in rows}
        return {no: number for no, (number, withdrawn) in standing.items() if not withdrawn}

    def newest(self, *, until: datetime, limit: int, live_blogs: Sequence[int] | None = None) -> tuple[int, ...]:
        """Return the updates published last at or before a time, newest first, withdrawn ones too."""
        chosen = "" if live_blogs is None else "and live_blog_id in (select value from json_each(:blogs))"
        with translated(self.path):
            rows = self._connection.execute(
                f"""select id from updates where published_at <= :until {chosen}
                    order by published_at desc, id desc limit :limit""",
                {"until": to_us(until), "limit": limit, "blogs": json.dumps(list(live_blogs or ()))},
            ).fetchall()
        return tuple(as_int(row[0]) for row in rows)

    # Status

    def last_checked_at(self) -> datetime | None:
        """Return our last successful look at any source."""
        return as_moment(self._rows("select max(last_checked_at) from sources")[0][0])

    def source_statuses(self) -> tuple[SourceStatus, ...]:
        """Describe every source, by name."""
        rows = self._rows(
            # Beside max(), SQLite takes a bare column from the row that holds the maximum.
            """select s.name, count(u.id), max(u.published_at), u.time_precision, s.last_checked_at, s.last_error,
                      s.interval_s
               from sources s left join updates u on u.source_id = s.id group by s.id order by s.name"""
        )
        return tuple(read_source_status(row) for row in rows)

    def counts(self) -> dict[str, int]:
        """Count the rows of live_blogs, updates, revisions and passages."""
        return {
            table: self._number(f"select count(*) from {table}")
            for table in ("live_blogs", "updates", "revisions", "passages")
        }


def _passage(row: Sequence[Any]) -> Passage:
    no, update_no, revision, start, end = row
    return Passage(id=no, update_no=update_no, revision=revision, span=Span(start=start, end=end))
