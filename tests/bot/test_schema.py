"""An older bot.db is brought up to date with all that it holds."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot import schema
from bot.deliveries import Gone
from bot.outbox import settled
from bot.store import BotStore
from tests.bot.builders import NOW
from tests.bot.store_builders import look_inside


def make_old(path: Path) -> None:
    """Make a bot.db as it was when each row held its text."""
    with closing(sqlite3.connect(path)) as connection:
        ours = Migrations("bot")
        for step in (schema.m001_create_conversation, schema.m002_add_outbox):
            ours(name=step.__name__)(step)
        ours.apply(Database(connection))
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
