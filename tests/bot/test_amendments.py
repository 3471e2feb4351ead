"""Rows of what was taken back: each message once, whatever breaks off in between."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.amendments import AT_MOST_EVERY, FOLLOWER, RESTLESS, RESTS, SHORTLY, Amendment, Correction, Recheck, Told, Word
from bot.deliveries import Arrived, Perhaps, Planned, Rendered, Urgency
from bot.outbox import settled
from bot.records import Sent, SentKind
from bot.store import BotStore
from index import Affected, Cause, Grade
from tests.bot.builders import NOW, make_citation
from tests.bot.store_builders import at, make_draft, make_planned, make_recheck, put, tell_all

SOURCE, KEY = "Harbour Gazette", "e1"
_PAGE = 10


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BotStore]:
    store = BotStore(tmp_path / "bot.db")
    yield store
    store.close()


def make_affected(key: str = KEY, *, minutes: float = 0) -> Affected:
    return Affected(
        citation=make_citation(key), cause=Cause.REVISED, since=1, grade=Grade.MATERIAL, seen_at=at(minutes)
    )


def calm(affected: Affected, count: int) -> Sequence[Planned]:
    return ()


def follow(store: BotStore, *affected: Affected, seq: int, minutes: float = 0) -> bool:
    return store.follow_changes(affected, was=store.followed(FOLLOWER), seq=seq, now=at(minutes), restless=calm)


def say(store: BotStore, count: int, *, kind: SentKind = SentKind.DIGEST) -> list[Sent]:
    return [store.keep_sent(make_draft(chat_id=1000 + number, kind=kind)) for number in range(count)]


def corrected(told: Told, *, word: Word = Word.SAID) -> Correction:
    """Decide that a message was edited by its source, and tell its chat."""
    return Correction(
        sent=told.sent,
        update=(SOURCE, KEY),
        amendments=(Amendment(place=1, state="edited", at=NOW),),
        word=word,
        messages=(make_planned(told.sent.chat_id, "Corrected", urgency=Urgency.CORRECTION, draft=False),),
    )


def correct(store: BotStore, *, minutes: float = 0, page: int = 3, word: Word = Word.SAID) -> int:
    """Do one page of what is due, as the planner does; returns how many messages it was about."""
    (recheck,) = store.due_rechecks(now=at(minutes), limit=1)
    told = store.quoting(recheck, limit=page)
    corrections = [corrected(one, word=word) for one in told]
    after = told[-1].after if told else recheck.after
    assert store.plan_corrections(
        corrections, recheck, after=after, again_at=None, is_last=len(told) < page, now=at(minutes)
    )
    return len(told)


class _Broken(sqlite3.Connection):
    """A file whose n-th write from now on fails."""

    left = -1

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401  as sqlite3 has it
        if sql.lstrip().startswith(("insert", "update", "commit")):
            type(self).left -= 1
            if type(self).left == 0:
                raise sqlite3.OperationalError("the disk is full")
        return super().execute(sql, parameters)


@contextmanager
def breaking(store: BotStore, path: Path, after: int) -> Iterator[BotStore]:
    """Give the store over a connection that fails after so many writes; the file stays as its commits left it."""
    _Broken.left = -1
    broken = BotStore(path)
    connection = sqlite3.connect(path, check_same_thread=False, factory=_Broken)
    connection.execute("pragma foreign_keys = on")
    broken._connection = connection
    _Broken.left = after
    try:
        yield broken
    finally:
        _Broken.left = -1
        connection.close()
        broken.close()


def test_rechecks_when_no_message_quotes_the_update_then_none(store: BotStore) -> None:
    assert follow(store, make_affected("other"), seq=4)
    assert store.due_rechecks(now=NOW, limit=9) == ()
    assert store.followed(FOLLOWER) == 4


def test_follow_when_somebody_else_has_moved_on_then_nothing_is_done(store: BotStore) -> None:
    say(store, 1)
    assert follow(store, seq=4)
    assert not store.follow_changes([make_affected()], was=3, seq=5, now=NOW, restless=calm)
    assert store.due_rechecks(now=NOW, limit=9) == ()


def test_quoting_when_there_are_pages_then_each_message_once_and_done(store: BotStore) -> None:
    say(store, 7)
    follow(store, make_affected(), seq=4)
    assert [correct(store), correct(store), correct(store)] == [3, 3, 1]
    assert store.due_rechecks(now=at(600), limit=9) == ()
    assert len(store._rows("select 1 from outbox")) == 7


def test_quoting_when_hundreds_are_told_then_each_once_and_a_page_costs_what_it_did_with_few(store: BotStore) -> None:
    twice = make_draft(kind=SentKind.DIGEST).quotes * 2
    digest = replace(make_draft(kind=SentKind.DIGEST, asked_by=None), quotes=twice)
    costs = []
    for morning in range(12):
        tell_all(store, digest, range(1000 * morning, 1000 * morning + 40))
        seen, steps = gone_through(store)
        assert len(seen) == len(set(seen)) == 40 * (morning + 1)
        costs.append(max(steps))
    assert max(costs[2:]) < 1.2 * costs[1], "no page reads, or sorts, what all of them were told"


def test_quoting_when_what_the_last_one_said_is_gone_meanwhile_then_it_goes_on_behind_it(store: BotStore) -> None:
    first, second, third = say(store, 3)
    (page,) = store.quoting(make_recheck(KEY), limit=1)
    (page,) = store.quoting(make_recheck(KEY, after=page.after), limit=1)
    assert page.sent == second
    store.forget_chat(1001)
    assert [one.sent for one in store.quoting(make_recheck(KEY, after=page.after), limit=9)] == [third]
    store.forget_chat(1002)
    (new,) = say(store, 1)
    assert [one.sent for one in store.quoting(make_recheck(KEY, after=page.after), limit=9)] == [new], (
        "also what is new"
    )
    assert [one.sent for one in store.quoting(make_recheck(KEY), limit=9)] == [first, new]


def gone_through(store: BotStore) -> tuple[list[str], list[int]]:
    """Read all pages; returns the messages' ids, and how many steps SQLite took for each page."""
    seen, steps, after = [], [0], ""

    def step() -> int:
        steps[-1] += 1
        return 0

    store._connection.set_progress_handler(step, 1)
    while page := store.quoting(make_recheck(KEY, after=after), limit=_PAGE):
        seen += [one.sent.id for one in page]
        steps.append(0)
        after = page[-1].after
    store._connection.set_progress_handler(None, 0)
    return seen, steps


def test_plan_when_it_breaks_off_at_any_write_then_each_message_once(store: BotStore, tmp_path: Path) -> None:
    say(store, 4)
    follow(store, make_affected(), seq=4)
    broke = 0
    for after in range(1, 40):
        with breaking(store, tmp_path / "bot.db", after) as broken:
            try:
                while broken.due_rechecks(now=NOW, limit=1):
                    correct(broken, page=2)
                break
            except Exception as error:
                assert "disk is full" in str(error)  # noqa: PT017  any step may be the one that fails
                broke += 1
    assert broke > 5
    assert store.due_rechecks(now=NOW, limit=1) == ()
    rows = store._rows("select chat_id, count(*) from outbox group by chat_id")
    assert rows == [(1000 + number, 1) for number in range(4)]
    assert len(store._rows("select 1 from amendments")) == 4


def test_plan_when_two_bots_share_the_file_then_each_message_once(store: BotStore, tmp_path: Path) -> None:
    say(store, 4)
    with closing(BotStore(tmp_path / "bot.db")) as other:
        was = other.followed(FOLLOWER)
        assert follow(store, make_affected(), seq=4)
        assert not other.follow_changes([make_affected()], was=was, seq=4, now=NOW, restless=calm)
        (recheck,) = store.due_rechecks(now=NOW, limit=1)
        assert other.due_rechecks(now=NOW, limit=1) == (recheck,)
        pages = [(one, one.quoting(recheck, limit=9)) for one in (store, other)]
        done = [
            one.plan_corrections(
                [corrected(told) for told in page], recheck, after=page[-1].after, again_at=None, is_last=True, now=NOW
            )
            for one, page in pages
        ]
        assert done == [True, False]
        taken = [one.claim(now=NOW, limit=3) for one in (store, other, store)]
    chats = sorted(delivery.chat_id or 0 for each in taken for delivery in each)
    assert chats == [1000, 1001, 1002, 1003]


def test_plan_when_a_chat_was_forgotten_since_its_page_was_read_then_nothing_of_it_is_written(store: BotStore) -> None:
    say(store, 2)
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    page = store.quoting(recheck, limit=9)
    store.forget_chat(1000)
    assert store.plan_corrections(
        [corrected(told) for told in page], recheck, after=page[-1].after, again_at=None, is_last=True, now=NOW
    )
    assert store._rows("select chat_id from outbox") == [(1001,)]
    assert store.exported(chat_id=1000) == {}


def test_quoting_when_a_word_about_the_update_still_waits_then_its_chat_is_about_to_be_told(store: BotStore) -> None:
    say(store, 1)
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    (told,) = store.quoting(recheck, limit=9)
    word = make_planned(1000, "Corrected", urgency=Urgency.CORRECTION, draft=False)
    word = replace(word, draft=make_draft(chat_id=1000, kind=SentKind.CORRECTION))
    correction = replace(corrected(told), messages=(word,))
    assert store.plan_corrections([correction], recheck, after="", again_at=None, is_last=True, now=NOW)
    for spoken_for in (True, False):
        follow(store, make_affected(minutes=90), seq=5, minutes=90)
        (later,) = store.due_rechecks(now=at(90), limit=1)
        digest = next(one for one in store.quoting(later, limit=9) if one.sent == told.sent)
        assert digest.is_spoken_for is spoken_for
        for delivery in store.claim(now=NOW, limit=9):
            store.settle(settled(delivery, Arrived(chat_id=1000, message_id=7), NOW))
        # That it was edited since is no word.
        (said,) = [one.sent.id for one in store.quoting(later, limit=9) if one.sent.kind is SentKind.CORRECTION]
        put(store, replace(make_planned(1000, "Twelve", edits=7, urgency=Urgency.CORRECTION), sent_id=said))


def test_plan_when_the_update_changed_meanwhile_then_begun_anew(store: BotStore) -> None:
    say(store, 4)
    follow(store, make_affected(), seq=4)
    (stale,) = store.due_rechecks(now=NOW, limit=1)
    correct(store)
    follow(store, make_affected(minutes=1), seq=5, minutes=1)
    assert not store.plan_corrections([], stale, after="zzz", again_at=None, is_last=True, now=at(-1))
    (anew,) = store.due_rechecks(now=at(1), limit=1)
    assert (anew.after, anew.seen_at) == ("", at(1))


def test_quoting_when_a_chat_was_told_lately_then_that_is_known_but_not_of_this_run(store: BotStore) -> None:
    (sent,) = say(store, 1)
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    correct(store)
    assert [one.told_at for one in store.quoting(recheck, limit=9)] == [None]
    follow(store, make_affected(minutes=5), seq=5, minutes=5)
    (later,) = store.due_rechecks(now=at(5), limit=1)
    (told,) = store.quoting(later, limit=9)
    assert told.told_at == NOW
    assert [one.place for one in told.amendments] == [1]
    assert told.heard == {1: "edited"}
    assert told.sent == sent


@pytest.mark.parametrize("word", [Word.NEEDLESS, Word.LATER])
def test_quoting_when_a_message_was_edited_without_a_word_then_it_shows_that_and_its_chat_was_not_told(
    store: BotStore, word: Word
) -> None:
    say(store, 1)
    follow(store, make_affected(), seq=4)
    correct(store, word=word)
    follow(store, make_affected(minutes=5), seq=5, minutes=5)
    (later,) = store.due_rechecks(now=at(5), limit=1)
    (told,) = store.quoting(later, limit=9)
    assert [one.state for one in told.amendments] == ["edited"]
    assert told.heard == ({} if word is Word.LATER else {1: "edited"})
    assert (told.told_at, told.since) == (None, ())


def test_quoting_when_a_chat_was_told_and_then_sent_more_then_what_came_unasked_since_is_known(store: BotStore) -> None:
    say(store, 1)
    follow(store, make_affected(), seq=4)
    correct(store)
    alert = make_draft(chat_id=1000, kind=SentKind.ALERT, quotes=1, minutes=2)
    store.keep_sent(alert)
    store.keep_sent(make_draft(chat_id=1000, minutes=3))
    follow(store, make_affected(minutes=5), seq=5, minutes=5)
    (later,) = store.due_rechecks(now=at(5), limit=1)
    told = store.quoting(later, limit=1)
    assert [one.since for one in told] == [alert.quotes]


def test_recheck_when_some_must_wait_then_due_again_for_them(store: BotStore) -> None:
    say(store, 1)
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    later = NOW + AT_MOST_EVERY
    assert store.plan_corrections([], recheck, after="", again_at=later, is_last=True, now=NOW)
    assert store.due_rechecks(now=later - timedelta(seconds=1), limit=1) == ()
    (again,) = store.due_rechecks(now=later, limit=1)
    assert isinstance(again, Recheck)


def test_changes_when_too_many_in_an_hour_then_every_ten_minutes_and_told_once(store: BotStore) -> None:
    say(store, 1)
    told: list[int] = []

    def restless(affected: Affected, count: int) -> Sequence[Planned]:
        told.append(count)
        return ()

    for minute in range(20):
        was = store.followed(FOLLOWER)
        store.follow_changes([make_affected(minutes=minute)], was=was, seq=minute, now=at(minute), restless=restless)
        if minute < RESTLESS:
            correct(store, minutes=minute)
    assert told == [RESTLESS + 1]
    assert store.due_rechecks(now=at(RESTLESS + 9), limit=1) == ()
    assert len(store.due_rechecks(now=at(RESTLESS) + RESTS, limit=1)) == 1


def test_retain_when_idle_for_long_then_gone_but_not_one_that_waits(store: BotStore) -> None:
    say(store, 1)
    follow(store, make_affected(), seq=4)
    store.retain(now=NOW + timedelta(days=2), days=1)
    assert store._rows("select count(*) from rechecks") == [(1,)]
    correct(store)
    store.retain(now=NOW + timedelta(days=2), days=1)
    assert store._rows("select count(*) from rechecks") == [(0,)]


def planned_digest(store: BotStore, *texts: str) -> Sent:
    """Put a digest into the outbox, as the planner does; returns how the ledger knows it."""
    put(store, make_planned(-5, *texts))
    found = store.sent(str(store._rows("select id from sent order by rowid desc limit 1")[0][0]))
    assert found is not None
    return found


def test_plan_when_what_was_to_be_rewritten_leaves_meanwhile_then_looked_at_again_and_not_called_told(
    store: BotStore,
) -> None:
    sent = planned_digest(store, "Nine ferries")
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    (told,) = store.quoting(recheck, limit=9)
    assert [part.state for part in told.parts] == ["pending"]
    (claimed,) = store.claim(now=NOW, limit=1)
    rewritten = Correction(
        sent=sent,
        update=(SOURCE, KEY),
        amendments=(Amendment(place=1, state="edited", at=NOW),),
        rewritten=((0, Rendered(html="Eleven", plain="Eleven")),),
    )
    assert store.plan_corrections([rewritten], recheck, after=sent.id, again_at=None, is_last=True, now=NOW)
    assert store.amendments(sent.id) == ()
    assert claimed.body.plain == "Nine ferries"
    assert store.due_rechecks(now=NOW, limit=1) == ()
    assert len(store.due_rechecks(now=NOW + SHORTLY, limit=1)) == 1


def test_messages_when_they_arrive_after_their_quote_was_taken_back_then_looked_at_again(store: BotStore) -> None:
    answer = store.keep_sent(make_draft(chat_id=7))
    offer = store.keep_sent(make_draft(chat_id=None, kind=SentKind.INLINE))
    follow(store, make_affected(minutes=1), seq=4, minutes=1)
    correct(store, minutes=1)
    assert store.due_rechecks(now=at(600), limit=1) == ()
    store.note_messages(answer.id, 7, [41])
    assert store.amendments(answer.id) == ()
    (recheck,) = store.due_rechecks(now=at(1), limit=1)
    assert [one.message_ids for one in store.quoting(recheck, limit=9)] == [{0: 41}]
    correct(store, minutes=1)
    store.note_inline(offer.id, "inline")
    assert len(store.due_rechecks(now=at(1), limit=1)) == 1


def test_messages_when_nothing_changed_since_they_were_written_then_nothing_is_looked_at(store: BotStore) -> None:
    say(store, 1)
    follow(store, make_affected(), seq=4)
    correct(store)
    later = store.keep_sent(make_draft(chat_id=7, minutes=1))
    store.note_messages(later.id, 7, [41])
    assert store.due_rechecks(now=at(600), limit=1) == ()


def test_quoting_when_the_first_part_may_have_left_then_the_second_keeps_its_own_message(store: BotStore) -> None:
    planned_digest(store, "One", "Two")
    for outcome in (Perhaps(reason="timed out"), Arrived(chat_id=-5, message_id=42)):
        (delivery,) = store.claim(now=NOW, limit=1)
        store.settle(settled(delivery, outcome, NOW))
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    (told,) = store.quoting(recheck, limit=9)
    assert told.message_ids == {1: 42}


def test_quoting_when_an_update_went_to_thousands_then_no_message_reads_what_became_of_all_the_others(
    store: BotStore,
) -> None:
    planned_digest(store, "Nine ferries")
    follow(store, make_affected(), seq=4)
    (recheck,) = store.due_rechecks(now=NOW, limit=1)
    asked: list[str] = []
    store._connection.set_trace_callback(asked.append)
    assert len(store.quoting(recheck, limit=9)) == 1
    store._connection.set_trace_callback(None)
    about = [sql for sql in asked if "amendments a" in sql]
    assert len(about) == 1
    plans = [str(row[3]) for sql in about for row in store._rows(f"explain query plan {sql}")]
    assert [step for step in plans if "amendments_by" in step and "sent_id=" not in step] == []
