"""An older bot.db is brought up to date with all that it holds."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot import schema
from bot.deliveries import Gone
from bot.outbox import settled
from bot.store import BotStore
from bot.tables import from_us
from tests.bot.builders import NOW
from tests.bot.store_builders import look_inside, make_draft, make_recheck


def make_by(connection: sqlite3.Connection, steps: int) -> None:
    """Take only the first steps, as a version of then did."""
    ours = Migrations("bot")
    for step in schema._steps()[:steps]:
        ours(name=step.__name__)(step)
    ours.apply(Database(connection))


def make_old(path: Path) -> None:
    """Make a bot.db as it was when each row held its text."""
    with closing(sqlite3.connect(path)) as connection:
        make_by(connection, 2)
        columns = (
            "id, part, chat_id, urgency, state, planned_at, due_at, html, plain, buttons, instead_html, instead_plain"
        )
        connection.executemany(
            f"insert into outbox ({columns}, edit_message_id) values (?, 0, ?, 3, ?, 0, 0, ?, ?, '[]', ?, ?, ?)",
            [
                (3, 11, "pending", "<b>So</b>", "So", None, None, None),
                (4, 12, "pending", "<b>So</b>", "So", None, None, None),
                (5, 13, "retry", "<s>so</s> so", "so", "<i>instead</i>", "instead", 77),
                (6, 14, "sent", "", "", None, None, None),
            ],
        )
        connection.commit()


def test_share_bodies_when_rows_held_their_texts_then_each_is_sent_as_it_was_and_goes_when_it_has_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bot.db"
    make_old(path)
    with closing(BotStore(path)) as store:
        claimed = store.claim(now=NOW, limit=9)
        assert [(one.id, one.body.html, one.body.plain) for one in claimed] == [
            (3, "<b>So</b>", "So"), (4, "<b>So</b>", "So"), (5, "<s>so</s> so", "so")
        ]  # fmt: skip
        edit = claimed[2]
        assert edit.edit is not None
        assert edit.edit.instead is not None
        assert edit.edit.instead.plain == "instead"
        store.settle(settled(edit, Gone(reason="too old"), NOW))
        assert look_inside(path, "select count(*) from bodies") == [(3,)], "what the edit said is gone"
        (instead,) = store.claim(now=NOW, limit=9)
        assert (instead.body.plain, instead.reply_to, instead.edit) == ("instead", 77, None)
        store.forget_chat(13)
        store.forget_chat(11)
        assert look_inside(path, "select plain from bodies") == [("So",)], "the other chat's"
        assert store.integrity() == ()


def test_bodies_when_many_rows_share_one_then_it_stays_until_the_last_has_let_go(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    make_old(path)
    with closing(BotStore(path)) as store, closing(sqlite3.connect(path)) as connection:
        connection.execute("update outbox set body_id = 3 where id = 4")
        connection.commit()
        assert look_inside(path, "select id from bodies order by id") == [(-5,), (3,), (5,)]
        store.forget_chat(11)
        assert [one.body.plain for one in store.claim(now=NOW, limit=1)] == ["So"]
        store.forget_chat(12)
        assert look_inside(path, "select id from bodies order by id") == [(-5,), (5,)]


def test_tell_edits_from_words_when_a_chat_was_told_then_it_still_is(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    make_with_quotes_of_each(path)
    with closing(sqlite3.connect(path)) as connection:
        make_by(connection, 7)
        connection.execute("insert into amendments values ('b', 0, 'Harbour Gazette', 'e0', 'edited', 5, 6)")
        connection.commit()
    with closing(BotStore(path)) as store:
        (told,) = [one for one in store.quoting(make_recheck("e0"), limit=9) if one.sent.id == "b"]
        assert [one.state for one in told.amendments] == ["edited"]
        assert told.heard == {0: "edited"}
        assert told.told_at == from_us(6)


QUOTED = make_draft(quotes=3).quotes


def make_with_quotes_of_each(path: Path) -> None:
    """Make a bot.db as it was when each message had its quotes: two digests of a text, an answer, small talk."""
    with closing(sqlite3.connect(path)) as connection:
        make_by(connection, 6)
        connection.execute("pragma foreign_keys = on")
        said = [("b", "digest", 11, "[1]"), ("a", "digest", 12, "[1]"), ("d", "answer", 12, ""), ("c", "other", 12, "")]
        connection.executemany(
            """insert into sent (id, kind, chat_id, user_id, language, zone, sent_at, shape)
               values (?, ?, ?, 7, 'de', 'UTC', 0, ?)""",
            said,
        )
        for sent_id, quotes in (("b", QUOTED), ("a", QUOTED), ("d", QUOTED[1:])):
            connection.executemany(
                "insert into quotes values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (sent_id, place, one.source, one.update_id, one.update_no, one.revision, one.span.start,
                     one.span.end, one.text_hash, one.label)
                    for place, one in enumerate(quotes)
                ],
            )  # fmt: skip
        connection.execute("insert into messages values (12, 5, 'a', 0)")
        connection.execute("insert into rechecks values ('Harbour Gazette', 'e1', 0, 0, 1, 'b', null, 1, 0)")
        connection.commit()


def test_share_contents_when_each_message_had_its_quotes_then_each_has_them_still_and_they_go_with_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bot.db"
    make_with_quotes_of_each(path)
    with closing(BotStore(path)) as store:
        assert {key: store.quotes(key) for key in "abcd"} == {"a": QUOTED, "b": QUOTED, "c": (), "d": QUOTED[1:]}
        assert sorted(one.sent.id for one in store.quoting(make_recheck("e0"), limit=9)) == ["a", "b"]
        last = store.last_quoting(12, 7)
        assert last is not None
        assert last.id == "d"
        (recheck,) = store.due_rechecks(now=NOW, limit=9)
        assert recheck.after == "", "its run begins at the first message again"
        told = store.quoting(recheck, limit=9)
        assert sorted((one.sent.id, one.shape) for one in told) == [("a", "[1]"), ("b", "[1]"), ("d", "")]
        new = store.keep_sent(make_draft(chat_id=11))
        assert store.quotes(new.id) == make_draft().quotes
        store.forget_chat(12)
        assert look_inside(path, "select count(*), count(distinct content_id) from quotes") == [(5, 2)]
        assert store.quotes("b") == QUOTED
        store.forget_chat(11)
        assert look_inside(path, "select (select count(*) from contents), (select count(*) from quotes)") == [(0, 0)]
        assert store.integrity() == ()
