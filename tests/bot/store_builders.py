"""Builders for the tests of bot.db, and ways to look into the file behind the store's back."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from bot.records import (
    Button,
    ButtonAction,
    ChatKind,
    Cursor,
    Draft,
    FeedbackVerdict,
    LinkKind,
    PauseReason,
    Presser,
    Quoted,
    Sent,
    SentKind,
    text_hash,
)
from bot.settings import ChatSettings
from bot.store import BotStore
from index import Span
from tests.bot.builders import NOW, make_citation

LATER = NOW + timedelta(days=30)
OURS = "name not like 'sqlite_%' and name not like '_sqlite_%'"


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def make_quoted(number: int = 1, *, update_id: str | None = None, source: str = "Harbour Gazette") -> Quoted:
    return Quoted(
        source=source,
        update_id=update_id or f"e{number}",
        update_no=number,
        revision=1,
        span=Span(start=0, end=10 + number),
        text_hash=text_hash(f"quote {number}"),
        label="superseded" if number % 2 else "",
    )


def make_draft(
    *,
    chat_id: int | None = -5,
    asked_by: int | None = 7,
    quotes: int = 2,
    pending: int = 0,
    kind: SentKind = SentKind.ANSWER,
    minutes: float = 0,
) -> Draft:
    return Draft(
        kind=kind,
        at=at(minutes),
        chat_id=chat_id,
        asked_by=asked_by,
        language="de",
        zone="Europe/Berlin",
        quotes=tuple(make_quoted(number) for number in range(quotes)),
        pending=tuple(make_quoted(100 + number) for number in range(pending)),
    )


def make_button(sent_id: str | None = None, *, chat_id: int | None = -5, user_id: int | None = 7) -> Button:
    return Button(
        action=ButtonAction.MORE,
        expires_at=LATER,
        presser=Presser.ASKER,
        sent_id=sent_id,
        payload={"place": 1},
        chat_id=chat_id,
        user_id=user_id,
    )


def fill(store: BotStore, chat_id: int, user_id: int, *, message_id: int = 1, linked: int | None = None) -> Sent:
    """Leave a trace of a chat and a person in every table that can hold one."""
    kind = ChatKind.PRIVATE if chat_id == user_id else ChatKind.GROUP
    store.note_chat(chat_id, kind=kind, at=NOW, title="Harbour talk", linked_chat_id=linked)
    store.put_settings(chat_id, ChatSettings(language="uk"), at=NOW)
    store.introduce(chat_id, at=NOW)
    store.pause(chat_id, PauseReason.KICKED, at=NOW)
    store.move_cursor(chat_id, user_id, Cursor(seq=3, seen_until=NOW))
    sent = store.keep_sent(make_draft(chat_id=chat_id, asked_by=user_id, pending=3))
    store.note_messages(sent.id, chat_id, [message_id, message_id + 1])
    store.add_buttons([make_button(sent.id, chat_id=chat_id, user_id=user_id)])
    store.give_feedback(sent.id, user_id, FeedbackVerdict.OUT_OF_DATE, at=NOW, place=1)
    store.add_link(LinkKind.SETTINGS, chat_id=chat_id, user_id=user_id, expires_at=LATER)
    store.add_link(LinkKind.ASK, chat_id=chat_id, sent_id=sent.id, expires_at=LATER)
    store.link_updates([make_citation()])
    return sent


def look_inside(path: Path, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(sql, parameters).fetchall()
        connection.commit()
        return rows


def tables(path: Path) -> list[str]:
    return [str(row[0]) for row in look_inside(path, f"select name from sqlite_master where type = 'table' and {OURS}")]


def columns(path: Path, ending: str) -> set[tuple[str, str]]:
    """Name every (table, column) whose column ends so."""
    return {
        (table, str(row[1]))
        for table in tables(path)
        for row in look_inside(path, f"pragma table_info({table})")
        if str(row[1]).endswith(ending)
    }


def holding(path: Path, ending: str, value: object) -> set[tuple[str, str]]:
    """Name every (table, column) of that ending in which the value stands."""
    return {
        (table, column)
        for table, column in columns(path, ending)
        if look_inside(path, f"select 1 from {table} where {column} = ? limit 1", value)
    }


def dump(path: Path) -> list[tuple[object, ...]]:
    """Return every row of every table, so that two states can be compared."""
    rows = [(table, *row) for table in tables(path) for row in look_inside(path, f"select * from {table}")]
    return sorted(rows, key=repr)
