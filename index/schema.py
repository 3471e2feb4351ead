"""The tables of news.db, as migrations that are only ever appended.

Times are integers: microseconds since 1970-01-01 UTC. Spans are code points.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator

from sqlite_utils import Database, Migrations

from index.errors import StoreError
from index.reading import pack, read
from index.terms import searchable

logger = logging.getLogger(__name__)

_BUSY_S = 10


def open_news(path: str) -> Database:
    """Open a news.db, creating and migrating as needed.

    Waits a while for another process that is just creating it, which SQLite by itself does not.
    Raises: StoreError naming the file; sqlite3.Error.
    """
    give_up_at = time.monotonic() + _BUSY_S
    before = ""
    while True:
        try:
            return _opened(path)
        except sqlite3.OperationalError as error:
            refusal = str(error)
            # Who finds tables that another process has just made finds its migrations the next time.
            is_made = "already exists" in refusal or "duplicate column" in refusal
            is_passing = "locked" in refusal or (is_made and refusal != before)
            if not is_passing or time.monotonic() > give_up_at:
                raise
        before = refusal
        time.sleep(_BUSY_S / 100)


def _opened(path: str) -> Database:
    connection = sqlite3.connect(path, check_same_thread=False)
    db = Database(connection)
    try:
        connection.execute(f"pragma busy_timeout = {int(1000 * _BUSY_S)}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
        if newer := steps_of_a_newer_program(db):
            raise StoreError(f"{path}: written by a newer version of this program ({', '.join(sorted(newer))})")
        if migrations().pending(db):
            _migrate(db, path)
    except (sqlite3.Error, StoreError):
        connection.close()
        raise
    return db


def _migrate(db: Database, path: str) -> None:
    """Take the steps not taken yet, all or none; who comes at the same time waits and finds them taken."""
    try:
        db.conn.execute("begin immediate")
    except sqlite3.OperationalError as error:
        hint = "another process writes or brings it up to date, a minute for a million passages; then try again"
        raise sqlite3.OperationalError(f"{error} ({hint})") from error
    try:
        if migrations().applied(db) and migrations().pending(db):
            logger.warning("%s is of an older version: bringing it up to date", path)
        migrations().apply(db)
        db.conn.commit()
    finally:
        db.conn.rollback()


def migrations() -> Migrations:
    """Make the ordered set of steps that bring any older news.db up to date."""
    ours = Migrations("news")
    for step in _steps():
        ours(name=step.__name__)(step)
    return ours


def steps_of_a_newer_program(db: Database) -> set[str]:
    """Return the steps that were taken on a news.db and that this program does not know."""
    return {taken.name for taken in migrations().applied(db)} - {step.__name__ for step in _steps()}


def _steps() -> tuple[Callable[[Database], None], ...]:
    return (
        m001_create_news,
        m002_keep_context,
        m003_number_changes,
        m004_find_by_sight,
        m005_keep_readings,
        m006_find_by_day,
        m007_list_stems,
        m008_fold_full_text,
    )


def m001_create_news(db: Database) -> None:
    """Create everything that the first version holds."""
    for statement in _NEWS.split(";\n"):
        db.execute(statement)


def m002_keep_context(db: Database) -> None:
    """Keep the title that passages are searched with where it is not the one that is shown; null: the same."""
    db.execute("alter table revisions add column context text")


def m003_number_changes(db: Database) -> None:
    """Keep which revision a change brought; null where it brought none, as when a vector was added.

    Of changes that were written before, only each update's first is known to have brought one.
    """
    db.execute("alter table changes add column revision integer")
    db.execute("update changes set revision = 1 where seq in (select min(seq) from changes group by update_id)")


def m004_find_by_sight(db: Database) -> None:
    """Find revisions by when they were first seen: a digest is about that."""
    db.execute("create index revisions_by_sight on revisions (seen_at)")


def m005_keep_readings(db: Database) -> None:
    """Keep with each text what evidence reads of it; a second for every few thousand updates that are there."""
    db.execute("alter table revisions add column reading blob")
    texts = db.execute("select update_id, number, title, text from revisions").fetchall()
    rows = ((pack(read(title, text)), update_no, number) for update_no, number, title, text in texts)
    db.conn.executemany("update revisions set reading = ? where update_id = ? and number = ?", rows)


def m006_find_by_day(db: Database) -> None:
    """Find the updates of which only the day is known: each range of time asks for them."""
    db.execute("create index updates_by_day on updates (published_at) where time_precision = 'day'")


def m007_list_stems(db: Database) -> None:
    """Keep every stem there is: what is spelt nearly so is looked for among them."""
    db.execute("create table stems (stem text primary key) strict, without rowid")
    _list_stems(db)


def m008_fold_full_text(db: Database) -> None:
    """Give full text its words folded: SQLite drops the marks of Latin letters alone, not those of й, ї, ё or ά.

    What evidence reads of a text is made anew, since more than before is folded in it: ß, ς, № or bold letters.
    """
    make_full_text(db)
    texts = db.execute("select update_id, number, title, text from revisions")
    readings = (
        (pack(read(title, text)), update_no, number)
        for update_no, number, title, text in texts
        if not f"{title}{text}".isascii()
    )
    db.conn.executemany("update revisions set reading = ? where update_id = ? and number = ?", readings)


def make_full_text(db: Database, told: Callable[[int], None] = lambda _: None) -> None:
    """Make full text and the list of stems anew from what is stored; some seconds for 100,000 passages.

    `told` is called with how many passages are done, every thousand. m008 takes this step: it needs a copy of its own
    once this one changes.
    """
    db.execute("insert into full_text (full_text) values ('delete-all')")
    passages = db.execute(
        """select p.id, coalesce(r.context, r.title), substr(r.text, p.start + 1, p."end" - p.start), u.live_blog_id
           from passages p join revisions r on r.update_id = p.update_id and r.number = p.revision
           join updates u on u.id = p.update_id order by p.id"""
    )

    def rows() -> Iterator[tuple[int, str, str, str]]:
        for done, (no, title, body, live_blog) in enumerate(passages):
            if done % 1000 == 0:
                told(done)
            yield no, searchable(title), searchable(body), f"b{live_blog}"

    db.conn.executemany("insert into full_text (rowid, title, body, scope) values (?, ?, ?, ?)", rows())
    db.execute("delete from stems")
    _list_stems(db)


def _list_stems(db: Database) -> None:
    db.execute("insert or ignore into stems select term from full_text_terms")


_NEWS = """
create table archive (id text not null) strict;
insert into archive values (lower(hex(randomblob(16))));
create table sources (
    id integer primary key,
    name text not null unique,
    format text not null default '',
    etag text,
    last_modified text,
    last_checked_at integer,
    last_error text,
    interval_s real
) strict;
create table live_blogs (
    id integer primary key,
    source_id integer not null references sources(id),
    key text not null,
    title text not null,
    url text,
    started_at integer,
    ended_at integer,
    closed integer,
    credits text not null default '',
    unique (source_id, key)
) strict;
create table updates (
    id integer primary key,
    source_id integer not null references sources(id),
    key text not null,
    live_blog_id integer not null references live_blogs(id),
    published_at integer not null,
    time_basis text not null,
    time_precision text not null,
    modified_at integer,
    url text,
    seen_at integer not null,
    unique (source_id, key)
) strict;
create index updates_by_live_blog on updates (live_blog_id, published_at);
create index updates_by_time on updates (published_at);
create table revisions (
    update_id integer not null references updates(id),
    number integer not null check (number >= 1),
    title text not null,
    text text not null,
    kind text not null,
    content_hash text not null,
    seen_at integer not null,
    effective_at integer not null,
    withdrawn integer not null default 0,
    primary key (update_id, number)
) strict;
create table passages (
    id integer primary key autoincrement,
    update_id integer not null,
    revision integer not null,
    start integer not null,
    "end" integer not null,
    text_hash blob not null,
    foreign key (update_id, revision) references revisions(update_id, number)
) strict;
create index passages_by_update on passages (update_id, revision);
create index passages_by_hash on passages (text_hash);
create table vectors (
    encoder text not null,
    text_hash blob not null,
    vector blob not null,
    primary key (encoder, text_hash)
) strict;
create table changes (
    seq integer primary key autoincrement,
    update_id integer not null references updates(id)
) strict;
create virtual table full_text using fts5 (
    title, body, scope, content='', tokenize='porter unicode61 remove_diacritics 2'
);
create virtual table full_text_terms using fts5vocab (full_text, 'row')
"""
