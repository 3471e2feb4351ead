"""Builders for the tests of bot.db, and ways to look into the file behind the store's back."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.amendments import Amendment, Correction, Recheck
from bot.deliveries import Edit, Planned, Rendered, Urgency
from bot.planning import AlertPlan, DigestPlan
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
from bot.schedule import Quiet, Rhythm, due_turn
from bot.settings import ChatSettings
from bot.store import BotStore
from bot.subscriptions import DigestChoice, Notices, Subscription
from bot.watches import Watch
from index import Affected, Cause, Grade, Span
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
    store.move_cursor(chat_id, user_id, Cursor(seq=3, seen_until=NOW))
    sent = store.keep_sent(make_draft(chat_id=chat_id, asked_by=user_id, pending=3))
    store.note_messages(sent.id, chat_id, [message_id, message_id + 1])
    store.add_buttons([make_button(sent.id, chat_id=chat_id, user_id=user_id)])
    store.give_feedback(sent.id, user_id, FeedbackVerdict.OUT_OF_DATE, at=NOW, place=1)
    store.add_link(LinkKind.SETTINGS, chat_id=chat_id, user_id=user_id, expires_at=LATER)
    store.add_link(LinkKind.ASK, chat_id=chat_id, sent_id=sent.id, expires_at=LATER)
    store.link_updates([make_citation()])
    leave_notices(store, chat_id, user_id)
    store.pause(chat_id, PauseReason.KICKED, at=NOW)
    return sent


def make_choice(clock: str = "08:00", zone: str = "Europe/Kyiv") -> DigestChoice:
    return DigestChoice(rhythm=Rhythm(at=time.fromisoformat(clock), zone=zone), topics=("harbour",))


def make_planned(
    chat_id: int | None = -5,
    *texts: str,
    urgency: Urgency = Urgency.DIGEST,
    draft: bool = True,
    edits: int | None = None,
    **given: Any,  # noqa: ANN401  passed on
) -> Planned:
    """Make a message to plan, in as many parts as there are texts; the ledger's draft with it unless it edits."""
    return Planned(
        chat_id=chat_id,
        urgency=urgency,
        parts=tuple(Rendered(html=f"<b>{text}</b>", plain=text) for text in texts or ("Ferries run again.",)),
        draft=make_draft(chat_id=chat_id, asked_by=None, kind=SentKind.DIGEST) if draft and edits is None else None,
        edit=None if edits is None else Edit(message_id=edits, instead=Rendered(html="<i>so</i>", plain="so")),
        **given,
    )


def put(store: BotStore, *messages: Planned, now: datetime = NOW) -> None:
    """Put messages into the outbox, as all that plans does, whatever their cause."""
    with store._transaction():
        for message in messages:
            store._put(message, now)


def make_digest_plan(store: BotStore, subscription: Subscription, *texts: str, seq: int = 9) -> DigestPlan:
    turn = due_turn(subscription.choice.rhythm, next_due_at=subscription.next_due_at, now=subscription.next_due_at)
    assert turn is not None
    message = make_planned(subscription.chat_id, *texts, thread_id=subscription.thread_id) if texts else None
    return DigestPlan(subscription=subscription, turn=turn, seq=seq, message=message)


def leave_notices(store: BotStore, chat_id: int, user_id: int) -> None:
    """Leave a trace of a chat in what is said unasked."""
    quiet = Quiet(since=time(22), until=time(7), zone="Europe/Kyiv")
    store.put_notices(chat_id, Notices(quiet=quiet), at=NOW)
    subscription = store.subscribe(chat_id, make_choice(), now=NOW, seq=3)
    store.plan_digests([make_digest_plan(store, subscription, "One", "Two")], now=NOW)
    watch = store.add_watch(chat_id, "bridge", now=NOW, user_id=user_id)
    near = [(watch.id, (3, 4))]
    store.note_near(near, follower="alerts", was=store.followed("alerts"), seq=5, now=NOW)
    store.plan_alerts([make_alert(watch, asked=(3,))], now=NOW)
    leave_corrections(store, chat_id)


def leave_corrections(store: BotStore, chat_id: int) -> None:
    """Leave a trace of something that was taken back, and of a picture that waits."""
    quoting = store.keep_sent(make_draft(chat_id=chat_id, kind=SentKind.DIGEST))
    gone = Affected(citation=make_citation(), cause=Cause.WITHDRAWN, since=1, grade=Grade.MATERIAL, seen_at=NOW)
    was = store.followed("corrections")
    store.follow_changes([gone], was=was, seq=5, now=NOW, restless=lambda affected, count: ())
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    correction = Correction(
        sent=quoting,
        update=(recheck.source, recheck.update_id),
        amendments=(Amendment(place=1, state="withdrawn", at=NOW),),
        messages=(make_planned(chat_id, "Corrected", urgency=Urgency.CORRECTION),),
    )
    store.plan_corrections([correction], recheck, after="", again_at=LATER, is_last=True, now=NOW)
    body = Rendered(html="<b>Digest</b>", plain="Digest")
    drawn = Rendered(html="drawn", plain="drawn", picture=b"png")
    pictured = Planned(chat_id=chat_id, urgency=Urgency.DIGEST, parts=(body, drawn))
    put(store, pictured)


def make_recheck(update_id: str, *, source: str = "Harbour Gazette", after: str = "") -> Recheck:
    return Recheck(source=source, update_id=update_id, seen_at=NOW, run_at=NOW, after=after)


def tell_all(store: BotStore, draft: Draft, chats: Iterable[int]) -> None:
    """Send a digest of each chat the same, planned together."""
    subscriptions = [store.subscribe(chat, make_choice(), now=NOW, seq=3) for chat in chats]
    plans = [make_digest_plan(store, one, "The same") for one in subscriptions]
    store.plan_digests(
        [
            replace(plan, message=replace(plan.message, draft=replace(draft, chat_id=plan.subscription.chat_id)))
            for plan in plans
            if plan.message
        ],
        now=NOW,
    )


def make_alert(watch: Watch, *, asked: tuple[int, ...], now: datetime = NOW, text: str = "Alert") -> AlertPlan:
    message = make_planned(watch.chat_id, text, urgency=Urgency.ALERT, thread_id=watch.thread_id)
    return AlertPlan(watch=watch, day=now.date(), asked=asked, message=message)


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
