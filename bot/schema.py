"""The tables of bot.db, as migrations that are only ever appended.

Times are integers: microseconds since 1970-01-01 UTC. A column with a chat's id ends in `chat_id`, one with a
person's is `user_id` or `user_hash`: by these names `migrate_chat` and `forget_person` are tested for holes.
"""

import sqlite3
import time
from collections.abc import Callable

from sqlite_utils import Database, Migrations

from bot import statements
from index import StoreError

_BUSY_S = 10
# It fills with uptime: one of 64 MB was measured to plan a hundred thousand digests no faster.
_CACHE_KIB = 8 * 1024
_LOG_PAGES = 8192


def open_conversation(path: str) -> Database:
    """Open a bot.db, creating and migrating as needed.

    Raises: StoreError naming the file; sqlite3.Error.
    """
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        connection.execute(f"pragma busy_timeout = {int(1000 * _BUSY_S)}")
        _use_wal(connection)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
        connection.execute(f"pragma cache_size = -{_CACHE_KIB}")
        connection.execute(f"pragma wal_autocheckpoint = {_LOG_PAGES}")
        # What a person had deleted is not to be found in the file's free pages.
        connection.execute("pragma secure_delete = on")
        db = Database(connection)
        _migrate(db, path)
    except (sqlite3.Error, StoreError):
        connection.close()
        raise
    return db


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; SQLite does not by itself wait for another process that is just doing so."""
    give_up_at = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(_BUSY_S / 100)


def _migrate(db: Database, path: str) -> None:
    """Take the steps not taken yet, all or none; who comes at the same time waits and finds them taken."""
    if newer := {taken.name for taken in migrations().applied(db)} - {step.__name__ for step in _steps()}:
        raise StoreError(f"{path}: written by a newer version of this program ({', '.join(sorted(newer))})")
    if not migrations().pending(db):
        return
    db.conn.execute("begin immediate")
    try:
        migrations().apply(db)
        db.conn.commit()
    finally:
        db.conn.rollback()


def migrations() -> Migrations:
    """Make the ordered set of steps that bring any older bot.db up to date."""
    ours = Migrations("bot")
    for step in _steps():
        ours(name=step.__name__)(step)
    return ours


def _steps() -> tuple[Callable[[Database], None], ...]:
    return (
        m001_create_conversation,
        m002_add_outbox,
        m003_add_amendments,
        m004_share_bodies,
        m005_add_pictures,
        m006_add_candidates,
        m007_share_contents,
        m008_tell_edits_from_words,
    )


def _run(db: Database, script: str) -> None:
    for statement in script.split(";\n"):
        db.execute(statement)


def m001_create_conversation(db: Database) -> None:
    """Create chats, readers, the ledger, buttons, feedback and links."""
    _run(db, statements.CONVERSATION)


def m002_add_outbox(db: Database) -> None:
    """Add subscriptions, watches, what a chat wants to be told of, and the outbox."""
    _run(db, statements.OUTBOX)


def m003_add_amendments(db: Database) -> None:
    """Add how a message was written, what was taken back of it, and which updates are to be held against the ledger."""
    _run(db, statements.AMENDMENTS)


def m004_share_bodies(db: Database) -> None:
    """Keep a text once, however many rows of the outbox are to send it; it goes with the last that needs it.

    And mark what a message quoted, so that chats that were told the same are known without reading it all.
    """
    _run(db, statements.BODIES)


def m005_add_pictures(db: Database) -> None:
    """Keep the pictures that rows of the outbox are to send: once each, and no longer than one is to be sent."""
    _run(db, statements.PICTURES)


def m006_add_candidates(db: Database) -> None:
    """Add the updates that a watch is still to be asked about, or that wait for it to be allowed to alert."""
    _run(db, statements.CANDIDATES)


def m007_share_contents(db: Database) -> None:
    """Keep what messages quote, and how they are written, once for all that say the same; it goes with the last.

    A recheck goes through the messages in another order now, and begins its run again at the first.
    """
    _run(db, statements.CONTENTS)


def m008_tell_edits_from_words(db: Database) -> None:
    """Keep apart what a message shows since it was edited, and what its chat was told of that by a reply."""
    _run(db, statements.TOLD)
