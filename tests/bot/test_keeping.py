from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.deliveries import Arrived, Outcome, Perhaps, Unsent
from bot.outbox import settled
from bot.records import ChatKind, Cursor, FeedbackVerdict, PauseReason
from bot.settings import ChatSettings
from bot.store import BotStore
from tests.bot.builders import NOW
from tests.bot.store_builders import (
    LATER,
    at,
    columns,
    dump,
    fill,
    holding,
    look_inside,
    make_button,
    make_choice,
    make_digest_plan,
    make_draft,
    make_planned,
    put,
    tables,
)

OLD, NEW, OTHER = -5_000_001, -1_005_000_001, -6_000_001
ANNA, BORYS = 7_000_001, 8_000_001


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def store(path: Path) -> Iterator[BotStore]:
    with closing(BotStore(path)) as opened:
        yield opened


Step = tuple[str, int, int, int]
CHATS = (OLD, NEW, OTHER, ANNA)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fill", "chat", "settings", "cursor", "sent", "migrate"]),
        st.sampled_from(CHATS),
        st.sampled_from([ANNA, BORYS]),
        st.integers(0, 9),
    ),
    max_size=12,
)


def take(store: BotStore, step: Step) -> None:
    """Do one thing of those that a conversation does."""
    what, chat_id, user_id, number = step
    match what:
        case "fill":
            fill(store, chat_id, user_id, message_id=number, linked=OLD if number % 2 else None)
        case "chat":
            store.note_chat(chat_id, kind=ChatKind.GROUP, at=at(number))
        case "settings":
            store.put_settings(chat_id, ChatSettings(zone=f"Etc/GMT+{number}"), at=at(number))
        case "cursor":
            store.move_cursor(chat_id, user_id, Cursor(seq=number, seen_until=at(number)))
        case "sent":
            sent = store.keep_sent(make_draft(chat_id=chat_id, asked_by=user_id, minutes=number))
            store.give_feedback(sent.id, user_id, FeedbackVerdict.NO_ANSWER, at=at(number))
        case _:
            store.migrate_chat(OLD, NEW)


def elsewhere(path: Path, *without: int) -> list[tuple[object, ...]]:
    """Return the rows that tell of chats other than these."""
    return [row for row in dump(path) if row[0] in {"chats", "readers"} and not set(row) & set(without)]


# A group that became a supergroup


def test_fill_when_done_then_every_column_for_a_chat_or_a_person_holds_something(path: Path, store: BotStore) -> None:
    fill(store, OLD, ANNA, linked=OLD)
    assert holding(path, "chat_id", OLD) == columns(path, "chat_id"), "a table is new: let fill() leave a trace in it"
    assert holding(path, "user_id", ANNA) == columns(path, "user_id")
    assert {table for table, _ in columns(path, "user_hash")} == {"feedback"}
    empty = [table for table in tables(path) if not look_inside(path, f"select 1 from {table}")]
    assert empty == []


def test_migrate_when_every_table_holds_the_old_id_then_none_does_afterwards(path: Path, store: BotStore) -> None:
    sent = fill(store, OLD, ANNA, linked=OLD)
    store.migrate_chat(OLD, NEW)
    assert holding(path, "chat_id", OLD) == set()
    # The ids of messages are the old group's own; everything else moved along.
    assert holding(path, "chat_id", NEW) == columns(path, "chat_id") - {("messages", "chat_id")}
    chat, moved = store.chat(NEW), store.sent(sent.id)
    assert chat is not None
    assert (chat.kind, chat.settings.language, chat.introduced_at) == (ChatKind.SUPERGROUP, "uk", NOW)
    assert moved == replace(sent, chat_id=NEW)
    assert store.sent_by_message(NEW, 1) is None


@settings(max_examples=40)
@given(before=STEPS, after=STEPS)
def test_migrate_when_whatever_came_before_then_the_old_id_is_gone_and_twice_is_once(
    before: list[Step], after: list[Step]
) -> None:
    with TemporaryDirectory() as folder, closing(BotStore(Path(folder) / "bot.db")) as store:
        path = Path(folder) / "bot.db"
        for step in before:
            take(store, step)
        counts = [look_inside(path, f"select count(*) from {table}") for table in ("sent", "quotes", "feedback")]
        untouched = elsewhere(path, OLD, NEW)
        cursors = [store.cursor(chat, ANNA) for chat in (OLD, NEW)]
        store.migrate_chat(OLD, NEW)
        assert holding(path, "chat_id", OLD) == set()
        assert counts == [
            look_inside(path, f"select count(*) from {table}") for table in ("sent", "quotes", "feedback")
        ]
        assert elsewhere(path, OLD, NEW) == untouched
        assert getattr(store.cursor(NEW, ANNA), "seen_until", None) == max(
            (cursor.seen_until for cursor in cursors if cursor), default=None
        )
        once = dump(path)
        store.migrate_chat(OLD, NEW)
        assert dump(path) == once
        for step in after:
            take(store, step)
        store.migrate_chat(OLD, NEW)
        assert holding(path, "chat_id", OLD) == set()
        assert store.integrity() == ()


@pytest.mark.parametrize(("old_at", "new_at", "kept"), [(2, 1, "fr"), (1, 2, "es"), (1, None, "fr"), (None, 1, "es")])
def test_migrate_when_both_ids_have_settings_then_the_later_choice_stays(
    store: BotStore, old_at: int | None, new_at: int | None, kept: str
) -> None:
    for chat_id, language, minutes in ((OLD, "fr", old_at), (NEW, "es", new_at)):
        store.note_chat(chat_id, kind=ChatKind.SUPERGROUP, at=at(0), title=language)
        if minutes is not None:
            store.put_settings(chat_id, ChatSettings(language=language), at=at(minutes))
    store.introduce(OLD, at=at(3))
    store.migrate_chat(OLD, NEW)
    (chat,) = store.chats()
    assert (chat.settings.language, chat.title, chat.introduced_at) == (kept, "es", at(3))
    assert not store.introduce(NEW, at=at(9)), "a supergroup is not introduced to again"


@pytest.mark.parametrize(("old_at", "new_at"), [(2, 1), (1, 2)])
def test_migrate_when_a_reader_looked_in_both_then_the_later_look_stays(
    store: BotStore, old_at: int, new_at: int
) -> None:
    looks = {OLD: Cursor(seq=old_at, seen_until=at(old_at)), NEW: Cursor(seq=new_at, seen_until=at(new_at))}
    for chat_id, look in looks.items():
        store.move_cursor(chat_id, ANNA, look)
    store.migrate_chat(OLD, NEW)
    assert store.cursor(NEW, ANNA) == Cursor(seq=2, seen_until=at(2))


def test_migrate_when_to_itself_then_nothing_is_lost(path: Path, store: BotStore) -> None:
    fill(store, OLD, ANNA)
    before = dump(path)
    store.migrate_chat(OLD, OLD)
    assert dump(path) == before


# Forgetting


def traces(path: Path, store: BotStore, user_id: int) -> list[tuple[object, ...]]:
    digest = store._user_hash(user_id)
    return [row for row in dump(path) if user_id in row or digest in row]


@settings(max_examples=40)
@given(steps=STEPS)
def test_forget_person_when_whatever_came_before_then_no_trace_of_them_and_all_of_the_others(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder, closing(BotStore(Path(folder) / "bot.db")) as store:
        path = Path(folder) / "bot.db"
        for step in steps:
            take(store, step)
        had = bool(traces(path, store, ANNA))
        in_groups = look_inside(path, "select id from sent where chat_id is not ? order by id", ANNA)
        # What stood in Anna's private chat goes whoever else is named in it.
        others = [row for row in traces(path, store, BORYS) if ANNA not in row and row[0] != "feedback"]
        assert bool(store.exported(user_id=ANNA, chat_id=ANNA)) == had
        assert bool(store.forget_person(ANNA)) == had
        assert traces(path, store, ANNA) == []
        assert store.exported(user_id=ANNA, chat_id=ANNA) == {}
        assert look_inside(path, "select id from sent order by id") == in_groups
        assert [row for row in traces(path, store, BORYS) if row[0] != "feedback"] == others
        assert store.forget_person(ANNA) == {}
        assert store.integrity() == ()


@settings(max_examples=25)
@given(steps=STEPS)
def test_forget_chat_when_whatever_came_before_then_no_trace_of_it(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder, closing(BotStore(Path(folder) / "bot.db")) as store:
        path = Path(folder) / "bot.db"
        for step in steps:
            take(store, step)
        others = [(table, store.exported(chat_id=OTHER).get(table)) for table in ("readers", "sent", "buttons")]
        store.forget_chat(OLD)
        assert holding(path, "chat_id", OLD) == set()
        assert store.exported(chat_id=OLD) == {}
        assert [(table, store.exported(chat_id=OTHER).get(table)) for table in ("readers", "sent", "buttons")] == others
        assert store.forget_chat(OLD) == {}


def test_forget_when_done_then_it_says_what_and_the_bytes_are_gone_too(path: Path, store: BotStore) -> None:
    store.note_chat(OLD, kind=ChatKind.GROUP, at=NOW, title="Rosewater-Committee")
    fill(store, OTHER, ANNA, message_id=50)
    assert store.forget_person(ANNA) == {
        "readers": 1, "sent": 1, "buttons": 1, "start_links": 1, "feedback": 1, "watches": 1
    }  # fmt: skip
    assert store.forget_chat(OLD) == {"chats": 1}
    fill(store, ANNA, ANNA)
    assert store.forget_person(ANNA) == {
        "chats": 1, "readers": 1, "buttons": 1, "start_links": 2, "sent": 5, "feedback": 1,
        "notices": 1, "subscriptions": 1, "watches": 1, "outbox": 5,
    }  # fmt: skip
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"Rosewater" not in left
    assert b"Harbour talk" in left


def test_exported_when_asked_then_all_in_readable_form_and_no_hash(store: BotStore) -> None:
    fill(store, ANNA, ANNA)
    told = store.exported(chat_id=ANNA, user_id=ANNA)
    assert set(told) == {"chats", "readers", "sent", "buttons", "start_links", "feedback", "notices", "subscriptions",
                         "watches", "outbox"}  # fmt: skip
    assert told["readers"] == (
        {"chat_id": ANNA, "user_id": ANNA, "seq": 3, "seen_until_at": "2031-05-04T12:00:00+00:00"},
    )
    assert told["feedback"][0]["verdict"] == "out_of_date"
    assert "user_hash" not in told["feedback"][0]
    assert len(told["start_links"]) == 2


# Retention


def test_retain_when_older_than_the_days_then_gone_with_all_that_hangs_on_it(path: Path, store: BotStore) -> None:
    old, new = store.keep_sent(make_draft(pending=2)), store.keep_sent(make_draft(minutes=60))
    for sent in (old, new):
        store.note_messages(sent.id, OLD, [1 if sent == old else 2])
        store.give_feedback(sent.id, ANNA, FeedbackVerdict.NO_ANSWER, at=NOW)
    store.add_buttons([make_button(old.id), make_button(new.id)])
    store.move_cursor(OLD, ANNA, Cursor(seq=1, seen_until=at(0)))
    store.move_cursor(OLD, BORYS, Cursor(seq=1, seen_until=at(60)))
    assert store.retain(now=at(30) + timedelta(days=2), days=2) == {"sent": 1, "readers": 1}
    assert (store.sent(old.id), store.cursor(OLD, ANNA)) == (None, None)
    assert store.sent_by_message(OLD, 2) == store.sent(new.id)
    assert {table: look_inside(path, f"select count(*) from {table}")[0][0]
            for table in ("sent", "messages", "contents", "quotes", "pending_quotes", "buttons", "feedback",
                          "readers")} == {
        "sent": 1, "messages": 1, "contents": 1, "quotes": 2, "pending_quotes": 0, "buttons": 1, "feedback": 1,
        "readers": 1,
    }  # fmt: skip


def test_retain_when_keys_expired_then_they_are_swept_and_chats_stay(store: BotStore) -> None:
    fill(store, OLD, ANNA)
    assert store.retain(now=LATER, days=365) == {"buttons": 1, "start_links": 2}
    assert store.chat(OLD) is not None
    assert store.retain(now=LATER, days=365) == {}


def test_retain_when_something_is_still_to_leave_then_it_and_its_ledger_stay_however_old(
    path: Path, store: BotStore
) -> None:
    for chat in (1, 2, 3, 4):
        store.note_chat(chat, kind=ChatKind.PRIVATE, at=NOW)
    put(store, *(make_planned(chat, f"To {chat}") for chat in (1, 2, 3, 4)))
    store.pause(1, PauseReason.BLOCKED, at=NOW)
    outcomes: dict[int, Outcome] = {2: Perhaps(reason="timed out"), 3: Unsent(reason="not connected")}
    for one in store.claim(now=NOW, limit=2):
        store.settle(settled(one, outcomes[one.chat_id or 0], NOW))
    assert store.status().outbox == {"held": 1, "pending": 1, "retry": 1, "uncertain": 1}
    much_later = NOW + timedelta(days=400)
    assert store.retain(now=much_later, days=90) == {"sent": 1, "outbox": 1}
    assert store.status().outbox == {"held": 1, "pending": 1, "retry": 1}
    assert look_inside(path, "select count(*) from bodies") == [(3,)]
    store.resume(1, at=much_later)
    left = store.claim(now=much_later, limit=9)
    assert sorted(one.body.plain for one in left) == ["To 1", "To 3", "To 4"]
    assert all(store.quotes(one.sent_id or "") for one in left), "the ledger knows what it quotes"


def test_retain_when_there_is_a_digest_a_day_then_bot_db_stops_growing(path: Path, store: BotStore) -> None:
    subscription = store.subscribe(7, make_choice(), now=NOW, seq=0)
    rows = []
    for day in range(1, 61):
        held = store.subscription(subscription.id)
        assert held is not None
        store.plan_digests([make_digest_plan(store, held, f"One of {day}", "Two")], now=held.next_due_at)
        while claimed := store.claim(now=held.next_due_at, limit=9):
            for one in claimed:
                arrived = Arrived(chat_id=7, message_id=1000 + one.id)
                store.settle(settled(one, arrived if day % 7 else Perhaps(reason="timed out"), held.next_due_at))
        store.retain(now=held.next_due_at, days=20)
        rows.append({name: look_inside(path, f"select count(*) from {name}")[0][0] for name in tables(path)})
    assert rows[-1] == rows[-8] == rows[-15], "a week of each is like the week before"
    assert rows[-1]["outbox"] == 2 * 21
    assert rows[-1]["bodies"] == 2 * 3, "of the uncertain alone"
