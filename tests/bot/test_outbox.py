"""The outbox over a real bot.db: planning, claims, what each outcome means, and a crash between any two statements."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.deliveries import (
    Arrived,
    Closed,
    Delivery,
    Edit,
    Gone,
    Later,
    Outcome,
    Perhaps,
    Planned,
    Refused,
    Rendered,
    Settlement,
    TopicClosed,
    Unsent,
    Urgency,
)
from bot.outbox import pause_s, settled
from bot.planning import AlertPlan
from bot.records import ChatKind, PauseReason, SentKind
from bot.schedule import Quiet
from bot.store import BotStore
from bot.subscriptions import Notices, PausedFor, Subscription
from bot.types import ReplyButton
from index import StoreError
from tests.bot.builders import NOW
from tests.bot.store_builders import (
    at,
    dump,
    look_inside,
    make_alert,
    make_choice,
    make_digest_plan,
    make_draft,
    make_planned,
    put,
)
from tests.bot.test_store import Failing, connection, is_full_scan

ANNA, BORYS, GROUP = 7, 8, -5
NIGHT = Quiet(since=time(22), until=time(7), zone="Europe/Kyiv")
DUE = NOW + timedelta(hours=17)  # 08:00 in Kyiv, the morning after


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def store(path: Path) -> Iterator[BotStore]:
    with closing(BotStore(path)) as opened:
        yield opened


def subscribed(store: BotStore, chat_id: int = ANNA, **given: int) -> Subscription:
    return store.subscribe(chat_id, make_choice(), now=NOW, seq=3, **given)


def attempt(store: BotStore, outcome: Outcome, *, now: datetime = NOW) -> Settlement:
    """Claim one delivery and let that come of it."""
    (delivery,) = store.claim(now=now, limit=1)
    settlement = settled(delivery, outcome, now)
    assert store.settle(settlement)
    return settlement


def arrived(delivery: Delivery) -> Arrived:
    return Arrived(chat_id=delivery.chat_id, message_id=500 + delivery.id)


def drain(store: BotStore, now: datetime) -> list[str]:
    """Send all that is due, all arriving; returns the texts in order."""
    texts = []
    while claimed := store.claim(now=now, limit=3):
        for delivery in claimed:
            texts.append(delivery.body.plain)
            store.settle(settled(delivery, arrived(delivery), now))
    return texts


# Digests


def test_digest_when_planned_then_its_window_moves_on_with_it_and_twice_is_once(store: BotStore) -> None:
    subscription = subscribed(store)
    assert store.due_subscriptions(now=DUE - timedelta(seconds=1), limit=9) == ()
    assert store.due_subscriptions(now=DUE, limit=9) == (subscription,)
    plan = make_digest_plan(store, subscription, "One", "Two", seq=12)
    assert [store.plan_digests([plan, plan], now=DUE), store.plan_digests([plan], now=DUE)] == [1, 0]
    moved = store.subscription(subscription.id)
    assert moved is not None
    assert (moved.window_no, moved.window_since, moved.seq) == (1, DUE, 12)
    assert moved.next_due_at == DUE + timedelta(days=1)
    assert drain(store, DUE) == ["One", "Two"]
    assert store.status().outbox == {"sent": 2}


def test_digest_when_the_day_is_empty_then_only_the_window_moves(store: BotStore) -> None:
    subscription = subscribed(store)
    assert store.plan_digests([make_digest_plan(store, subscription)], now=DUE) == 1
    assert store.status().outbox == {}
    assert store.due_subscriptions(now=DUE, limit=9) == ()


def test_digest_when_the_subscription_changed_since_it_was_read_then_it_is_left_alone(store: BotStore) -> None:
    subscription = subscribed(store)
    plan = make_digest_plan(store, subscription, "One")
    changed = store.change_subscription(subscription.id, make_choice("09:15", "Asia/Tokyo"), now=at(5))
    assert changed is not None
    assert (changed.window_since, changed.seq) == (subscription.window_since, 3), "the window that has begun goes on"
    assert store.plan_digests([plan], now=DUE) == 0
    assert store.pause_subscription(subscription.id)
    assert store.due_subscriptions(now=DUE + timedelta(days=9), limit=9) == ()
    resumed = store.resume_subscription(subscription.id, now=DUE + timedelta(days=9))
    assert resumed is not None
    assert resumed.window_since == subscription.window_since
    assert store.subscriptions(ANNA) == (resumed,)
    assert store.unsubscribe(subscription.id)
    assert store.subscriptions(ANNA) == ()


def test_due_when_there_are_pages_of_them_then_each_is_on_one_page_and_paused_chats_on_none(store: BotStore) -> None:
    for chat in (*range(1, 8), GROUP):
        store.note_chat(chat, kind=ChatKind.PRIVATE if chat > 0 else ChatKind.GROUP, at=NOW)
        subscribed(store, chat)
    store.pause(GROUP, PauseReason.KICKED, at=NOW)
    seen: list[Subscription] = []
    while page := store.due_subscriptions(now=DUE, limit=3, after=seen[-1] if seen else None):
        seen += page
    assert sorted(one.chat_id for one in seen) == list(range(1, 8))
    assert len(seen) == 7


def test_realign_when_the_clock_was_years_ahead_then_the_digest_comes_tomorrow_and_takes_in_what_is_new(
    store: BotStore,
) -> None:
    subscription = subscribed(store)
    far = NOW + timedelta(days=900)
    turn_far = replace(make_digest_plan(store, subscription, "One", seq=7).turn, window_until=far,
                       next_due_at=far + timedelta(days=1))  # fmt: skip
    store.plan_digests([replace(make_digest_plan(store, subscription, "One", seq=7), turn=turn_far)], now=far)
    assert store.realign_subscriptions(now=NOW) == 1
    assert store.realign_subscriptions(now=NOW) == 0
    back = store.subscription(subscription.id)
    assert back is not None
    assert (back.window_since, back.next_due_at, back.seq, back.window_no) == (NOW, DUE, 7, 1)


# Watches, corrections, notices


def near(store: BotStore, *pairs: tuple[str, tuple[int, ...]], now: datetime = NOW) -> None:
    was = store.followed("alerts")
    assert store.note_near(pairs, follower="alerts", was=was, seq=(was or 0) + 1, now=now)


def test_alert_when_cap_and_gap_are_met_then_it_is_not_planned_and_what_was_asked_about_waits(
    store: BotStore,
) -> None:
    watch = store.add_watch(ANNA, "bridge", now=NOW, cap_per_day=2, gap_s=60)
    planned = []
    for n, minutes in enumerate((0, 0.5, 2, 4, 24 * 60)):
        near(store, (watch.id, (n,)), now=at(minutes))
        planned.append(store.plan_alerts([make_alert(watch, asked=(n,), now=at(minutes))], now=at(minutes)))
    assert planned == [1, 0, 1, 0, 1]
    held = store.watch(watch.id)
    assert held is not None
    assert (held.fired, held.fired_that_day, held.fired_at) == (3, 1, at(24 * 60))
    (due,) = store.due_candidates(now=at(24 * 60), limit=9)
    assert due.updates == (1, 3)


def test_alert_when_planned_twice_then_once(store: BotStore) -> None:
    watch = store.add_watch(ANNA, "bridge", now=NOW, gap_s=0)
    near(store, (watch.id, (7,)))
    assert store.plan_alerts([make_alert(watch, asked=(7,))], now=NOW) == 1
    assert store.plan_alerts([make_alert(watch, asked=(7,))], now=NOW) == 0
    assert store.status().outbox == {"pending": 1}


def test_candidates_when_held_then_due_again_at_their_time_and_what_did_not_answer_is_gone(store: BotStore) -> None:
    watch = store.add_watch(ANNA, "bridge", now=NOW)
    near(store, (watch.id, (1, 2, 3)))
    held = AlertPlan(watch=watch, day=NOW.date(), asked=(1, 2, 3), held=(2,), until=at(30))
    assert store.plan_alerts([held], now=NOW) == 0
    assert store.due_candidates(now=at(29), limit=9) == ()
    assert [due.updates for due in store.due_candidates(now=at(30), limit=9)] == [(2,)]
    near(store, (watch.id, (2, 5)), now=at(10))
    assert [due.updates for due in store.due_candidates(now=at(10), limit=9)] == [(2, 5)], "asked together"
    near(store, (watch.id, tuple(range(100, 200))), now=at(11))
    (many,) = store.due_candidates(now=at(11), limit=9)
    assert many.updates == tuple(range(168, 200)), "the newest"


@pytest.mark.parametrize("rest", ["watch", "chat", "topic"])
def test_candidates_when_the_watch_rests_as_they_come_due_then_they_are_forgotten(store: BotStore, rest: str) -> None:
    store.note_chat(GROUP, kind=ChatKind.GROUP, at=NOW)
    watch = store.add_watch(GROUP, "bridge", now=NOW)
    near(store, (watch.id, (1, 2)))
    if rest == "watch":
        store.pause_watch(watch.id)
    elif rest == "chat":
        store.pause(GROUP, PauseReason.KICKED, at=NOW)
    else:
        put(store, make_planned(GROUP))
        attempt(store, TopicClosed(reason="closed"))
    assert store.due_candidates(now=at(1), limit=9) == ()
    store.resume_watch(watch.id)
    store.resume(GROUP, at=at(2))
    assert store.due_candidates(now=at(3), limit=9) == ()


def test_near_when_the_follower_has_moved_or_a_watch_is_gone_then_nothing_is_noted_for_it(store: BotStore) -> None:
    watch = store.add_watch(ANNA, "bridge", now=NOW)
    near(store, (watch.id, (1,)), ("no such watch", (1,)))
    assert not store.note_near([(watch.id, (2,))], follower="alerts", was=None, seq=9, now=NOW)
    assert [due.updates for due in store.due_candidates(now=NOW, limit=9)] == [(1,)]
    assert store.followed("alerts") == 1


def test_limits_when_changed_then_what_waits_is_looked_at_anew(store: BotStore) -> None:
    watch = store.add_watch(ANNA, "bridge", now=NOW)
    near(store, (watch.id, (1,)))
    held = AlertPlan(watch=watch, day=NOW.date(), asked=(1,), held=(1,), until=at(600))
    store.plan_alerts([held], now=NOW)
    assert store.limit_watch(watch.id, cap_per_day=9, gap_s=0, now=at(1))
    (due,) = store.due_candidates(now=at(1), limit=9)
    assert (due.watch.cap_per_day, due.watch.gap_s) == (9, 0)
    assert not store.limit_watch("no such watch", cap_per_day=9, gap_s=0, now=at(1))


def test_watches_when_paused_or_in_a_paused_chat_then_neither_near_nor_encoded(store: BotStore) -> None:
    store.note_chat(GROUP, kind=ChatKind.GROUP, at=NOW)
    one, two, three = (store.add_watch(chat, "bridge", now=NOW, user_id=ANNA) for chat in (ANNA, ANNA, GROUP))
    assert {watch.id for watch in store.unencoded_watches("m", limit=9)} == {one.id, two.id, three.id}
    for watch in (one, two, three):
        store.put_watch_vector(watch.id, encoder="m", vector=b"\x00\x01")
    assert store.unencoded_watches("m", limit=9) == ()
    store.pause(GROUP, PauseReason.KICKED, at=NOW)
    assert store.pause_watch(two.id)
    assert not store.pause_watch(two.id)
    assert store.watch_vectors("m") == ((one.id, b"\x00\x01"),)
    assert store.watch_vectors("another") == ()
    assert [watch.id for watch in store.unencoded_watches("another", limit=9)] == [one.id]
    assert store.has_watches()
    assert store.resume_watch(two.id)
    assert {watch.id for watch in store.watches(ANNA)} == {one.id, two.id}
    assert store.delete_watch(three.id)
    assert not store.delete_watch(three.id)


def test_told_lately_when_answers_digests_and_topics_mix_then_what_this_topic_saw(store: BotStore) -> None:
    for thread, kind in ((None, SentKind.ANSWER), (5, SentKind.ANSWER), (None, SentKind.DIGEST)):
        store.keep_sent(replace(make_draft(chat_id=GROUP, kind=kind), thread_id=thread))
    assert len(store.told_lately(GROUP, None)) == 4
    assert len(store.told_lately(GROUP, 5)) == 2
    assert store.told_lately(ANNA, None) == ()


def test_notices_when_chosen_then_kept_and_else_corrections_come_at_any_hour(store: BotStore) -> None:
    assert store.notices(ANNA) == Notices(corrections=True, quiet=None)
    store.put_notices(ANNA, Notices(corrections=False, quiet=NIGHT), at=NOW)
    assert store.notices(ANNA) == Notices(corrections=False, quiet=NIGHT)


# Claims


def test_claim_when_there_is_some_of_each_then_the_urgent_first_then_the_longest_due_one_for_a_chat(
    store: BotStore,
) -> None:
    put(
        store,
        make_planned(1, "digest", urgency=Urgency.DIGEST),
        make_planned(1, "alert of one", urgency=Urgency.ALERT),
        make_planned(2, "later", urgency=Urgency.ALERT, due_at=at(1)),
        make_planned(3, "correction", urgency=Urgency.CORRECTION, due_at=at(2)),
        make_planned(4, "tomorrow", due_at=at(1500)),
    )
    claimed = [delivery.body.plain for delivery in store.claim(now=at(3), limit=9)]
    assert claimed == ["correction", "alert of one", "later"]
    assert [delivery.body.plain for delivery in store.claim(now=at(3), limit=9, busy={1})] == []
    assert [delivery.body.plain for delivery in store.claim(now=at(3), limit=9)] == ["digest"]
    assert store.claim(now=at(3), limit=0) == ()


def test_claim_when_one_chat_has_thousands_then_the_others_are_not_behind_it(store: BotStore) -> None:
    put(store, *(make_planned(GROUP, f"g{n}", urgency=Urgency.ALERT) for n in range(2000)), make_planned(ANNA, "a"))
    claimed = store.claim(now=NOW, limit=5)
    assert [delivery.body.plain for delivery in claimed] == ["g0", "a"]


def test_claim_when_it_is_late_and_quiet_then_held_to_the_morning_and_not_dropped(store: BotStore) -> None:
    put(store, make_planned(ANNA, "digest", quiet=NIGHT), make_planned(BORYS, "b"))
    midnight = NOW + timedelta(hours=9, minutes=30)
    assert drain(store, midnight) == ["b"]
    assert drain(store, midnight + timedelta(hours=6)) == []
    assert drain(store, NOW + timedelta(hours=16)) == ["digest"], "07:00 in Kyiv"


def test_plan_when_it_is_quiet_then_due_when_the_hours_end(path: Path, store: BotStore) -> None:
    put(store, make_planned(ANNA, quiet=NIGHT, due_at=NOW + timedelta(hours=10)))
    assert look_inside(path, "select due_at from outbox") == [
        (int((NOW + timedelta(hours=16)).timestamp()) * 1_000_000,)
    ]


def test_claim_when_it_expired_in_waiting_then_dead_and_out_of_the_ledger(store: BotStore) -> None:
    put(store, make_planned(ANNA, "stale", expires_at=at(60)))
    assert store.told_unasked(ANNA, None) != ()
    assert store.claim(now=at(60), limit=9) == ()
    assert store.status().outbox == {"dead": 1}
    assert store.told_unasked(ANNA, None) == ()


def test_claim_when_sent_again_then_text_and_buttons_are_the_same(store: BotStore) -> None:
    buttons = ((ReplyButton(label="More ≥", key="k1"), ReplyButton(label="Go", url="https://harbour.example")),)
    put(store, make_planned(ANNA, "One", "Two", buttons=buttons, reply_to=44))
    (first,) = store.claim(now=NOW, limit=9)
    store.settle(settled(first, Unsent(reason="not connected"), NOW))
    (again,) = store.claim(now=at(1), limit=9)
    assert again == replace(first, tries=2, due_at=again.due_at)
    store.settle(settled(again, arrived(again), at(1)))
    (second,) = store.claim(now=at(1), limit=9)
    assert (first.buttons, second.buttons, first.reply_to, second.reply_to) == ((), buttons, 44, None)


# What comes of an attempt


def test_arrived_when_settled_then_the_ledger_knows_the_messages_and_the_text_is_gone(
    path: Path, store: BotStore
) -> None:
    put(store, make_planned(ANNA, "One", "Two"))
    drain(store, NOW)
    sent = store.sent_by_message(ANNA, 501)
    assert sent is not None
    assert sent.message_ids == (501, 502)
    assert len(store.quotes(sent.id)) == 2
    assert look_inside(path, "select distinct body_id, state from outbox") == [(None, "sent")]
    assert look_inside(path, "select count(*) from bodies") == [(0,)]


def test_arrived_when_an_edit_is_settled_then_what_would_have_been_said_instead_is_gone_too(
    path: Path, store: BotStore
) -> None:
    put(store, make_planned(ANNA, "as corrected", edits=70), make_planned(BORYS, "as corrected", edits=71))
    assert look_inside(path, "select count(*) from bodies where plain = 'so'") == [(2,)]
    drain(store, NOW)
    assert look_inside(path, "select distinct body_id, instead_id, state from outbox") == [(None, None, "sent")]
    assert look_inside(path, "select count(*) from bodies") == [(0,)]


def test_arrived_when_it_was_forgotten_meanwhile_and_its_number_is_another_s_then_that_is_not_taken_for_it(
    store: BotStore,
) -> None:
    put(store, make_planned(ANNA, "One"))
    (forgotten,) = store.claim(now=NOW, limit=1)
    store.forget_chat(ANNA)
    put(store, make_planned(BORYS, "Another's"))
    (other,) = store.claim(now=NOW, limit=1)
    assert other.id == forgotten.id
    assert not store.settle(settled(forgotten, arrived(forgotten), NOW))
    assert store.settle(settled(other, Unsent(reason="not connected"), NOW))
    assert [one.body.plain for one in store.claim(now=at(5), limit=1)] == ["Another's"]


def test_arrived_when_the_group_has_moved_then_every_table_has_the_new_id(path: Path, store: BotStore) -> None:
    store.note_chat(GROUP, kind=ChatKind.GROUP, at=NOW)
    subscribed(store, GROUP)
    put(store, make_planned(GROUP, "One", "Two", reply_to=3))
    settlement = attempt(store, Arrived(chat_id=-100, message_id=9))
    assert settlement.moved_to == -100
    assert store.subscriptions(GROUP) == ()
    assert len(store.subscriptions(-100)) == 1
    assert store.sent_by_message(-100, 9) is not None
    (second,) = store.claim(now=NOW, limit=9)
    assert (second.chat_id, second.body.plain) == (-100, "Two")


def test_later_when_told_to_wait_for_hours_then_all_of_that_chat_waits_and_nobody_else(store: BotStore) -> None:
    put(store, make_planned(ANNA, "One", "Two"), make_planned(ANNA, "Three"), make_planned(BORYS, "b"))
    attempt(store, Later(retry_after_s=7200))
    assert drain(store, at(119)) == ["b"]
    assert drain(store, at(120)) == ["One", "Two", "Three"]


def test_unsent_when_it_goes_on_then_the_pause_doubles_to_ten_minutes_and_parts_keep_their_order(
    store: BotStore,
) -> None:
    put(store, make_planned(ANNA, "One", "Two"))
    attempt(store, Unsent(reason="not connected"))
    assert drain(store, NOW + timedelta(seconds=1)) == []
    assert drain(store, NOW + timedelta(seconds=2)) == ["One", "Two"]
    assert [pause_s(tries) for tries in (1, 2, 3, 9, 10, 99)] == [2, 4, 8, 512, 600, 600]


def test_perhaps_when_it_may_have_arrived_then_never_again_and_the_next_part_goes(store: BotStore) -> None:
    put(store, make_planned(ANNA, "One", "Two"))
    attempt(store, Perhaps(reason="timed out"))
    assert drain(store, at(9999)) == ["Two"]
    assert store.status().outbox == {"sent": 1, "uncertain": 1}


def test_closed_when_blocked_then_the_chat_rests_and_what_waits_goes_when_it_is_back(store: BotStore) -> None:
    store.note_chat(ANNA, kind=ChatKind.PRIVATE, at=NOW)
    subscribed(store)
    put(store, make_planned(ANNA, "One", "Two"), make_planned(ANNA, "Three"))
    attempt(store, Closed(pause=PauseReason.BLOCKED, reason="blocked"))
    put(store, make_planned(ANNA, "Four"))
    assert store.status().outbox == {"held": 4}
    assert drain(store, at(9999)) == []
    assert len(store.subscriptions(ANNA)) == 1
    assert store.due_subscriptions(now=at(9999), limit=9) == ()
    assert store.resume(ANNA, at=at(9999))
    assert drain(store, at(9999)) == ["One", "Two", "Three", "Four"]


@pytest.mark.parametrize("outcome", [Refused(reason="bad"), Closed(pause=None, reason="no right"), Gone(reason="gone")])
def test_dead_when_no_part_can_leave_then_the_ledger_never_heard_of_it(
    path: Path, store: BotStore, outcome: Outcome
) -> None:
    put(store, make_planned(ANNA, "One", "Two"))
    attempt(store, outcome)
    assert look_inside(path, "select count(*) from sent") == [(1,)]
    attempt(store, outcome)
    assert look_inside(path, "select count(*) from sent") == [(0,)]
    assert store.status().outbox == {"dead": 2}


def test_topic_when_closed_then_what_goes_there_rests_and_the_other_topics_go_on(store: BotStore) -> None:
    in_topic, elsewhere = subscribed(store, GROUP, thread_id=4), subscribed(store, GROUP, thread_id=6)
    put(store, make_planned(GROUP, "One", "Two", thread_id=4), make_planned(GROUP, "Three", thread_id=6))
    attempt(store, TopicClosed(reason="closed"))
    assert drain(store, NOW) == ["Three"]
    rests = store.subscription(in_topic.id)
    assert rests is not None
    assert rests.paused_for is PausedFor.TOPIC
    assert store.due_subscriptions(now=DUE, limit=9) == (elsewhere,)


def test_edit_when_it_may_have_arrived_then_made_again_and_when_gone_then_the_reply_goes_instead(
    store: BotStore,
) -> None:
    put(store, make_planned(ANNA, "as corrected", edits=70))
    attempt(store, Perhaps(reason="timed out"))
    settlement = attempt(store, Gone(reason="message to edit not found"), now=at(1))
    assert settlement.instead
    (reply,) = store.claim(now=at(2), limit=9)
    assert (reply.edit, reply.reply_to, reply.body.plain) == (None, 70, "so")


def test_edit_when_sent_by_way_of_a_reader_then_paced_as_a_chat_of_its_own(store: BotStore) -> None:
    edits = [
        Planned(chat_id=None, urgency=Urgency.CORRECTION, parts=(Rendered(html="x", plain="x"),),
                edit=Edit(inline_message_id=name))
        for name in ("a", "a", "b")
    ]  # fmt: skip
    put(store, *edits)
    assert [one.lane for one in store.claim(now=NOW, limit=9)] == ["inline a", "inline b"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: make_planned(None),
        lambda: replace(make_planned(ANNA, edits=3), parts=(Rendered(html="", plain=""),) * 2),
        lambda: Edit(),
        lambda: replace(make_planned(ANNA), parts=()),
    ],
)
def test_planned_when_it_makes_no_sense_then_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"send|edit|reader"):
        wrong()


def test_settle_when_it_was_forgotten_meanwhile_then_nothing_comes_back(path: Path, store: BotStore) -> None:
    put(store, make_planned(ANNA))
    (delivery,) = store.claim(now=NOW, limit=1)
    store.forget_chat(ANNA)
    before = dump(path)
    assert not store.settle(settled(delivery, arrived(delivery), NOW))
    assert dump(path) == before


def test_recover_when_a_crash_left_some_in_sending_then_uncertain_but_edits_are_made_again(store: BotStore) -> None:
    put(store, make_planned(ANNA, "One", "Two"), make_planned(BORYS, "edit", edits=3))
    assert len(store.claim(now=NOW, limit=9)) == 2
    assert store.recover() == 1
    assert store.status().outbox == {"pending": 1, "retry": 1, "uncertain": 1}
    assert sorted(drain(store, NOW)) == ["Two", "edit"]


def test_migrate_when_an_edit_waits_then_the_reply_goes_for_it_or_nothing(store: BotStore) -> None:
    bare = replace(make_planned(GROUP, "x", edits=4), edit=Edit(message_id=4))
    put(store, make_planned(GROUP, "as corrected", edits=3, reply_to=2), bare)
    store.migrate_chat(GROUP, -100)
    assert drain(store, NOW) == ["so"]


def test_edit_when_another_of_its_message_has_arrived_then_only_the_newer_stays(store: BotStore) -> None:
    put(store, make_planned(GROUP, "One", "Two"))
    drain(store, NOW)
    sent = store.sent_by_message(GROUP, 501)
    assert sent is not None
    for text in ("as corrected", "corrected again", "restored"):
        put(store, make_planned(GROUP, text, edits=501, sent_id=sent.id))
        assert drain(store, NOW) == [text]
    assert store.status().outbox == {"sent": 3}, "two parts and one edit"
    assert store.sent_by_message(GROUP, 502) == sent


def test_migrate_when_an_edit_has_arrived_then_it_stays_known(store: BotStore) -> None:
    put(store, make_planned(GROUP, "as corrected", edits=3))
    drain(store, NOW)
    store.migrate_chat(GROUP, -100)
    assert store.status().outbox == {"sent": 1}
    assert drain(store, NOW) == []


def test_retain_when_settled_long_ago_then_gone_and_what_waits_stays(store: BotStore) -> None:
    put(store, make_planned(ANNA, "One"), make_planned(BORYS, "Two", due_at=NOW + timedelta(days=99)))
    drain(store, NOW)
    assert store.retain(now=NOW + timedelta(days=91), days=90)["outbox"] == 1
    assert store.status().outbox == {"pending": 1}


# A crash between any two statements, and an index for what grows


def first(store: BotStore) -> Delivery:
    """Return the delivery in sending."""
    number = look_inside(Path(store.path), "select id from outbox where state = 'sending'")[0][0]
    return store._delivery(int(str(number)))


def ended(outcome: Outcome) -> Callable[[BotStore], object]:
    return lambda store: store.settle(settled(first(store), outcome, at(1)))


STEPS: dict[str, Callable[[BotStore], object]] = {
    "subscribe": lambda store: store.subscribe(ANNA, make_choice(), now=NOW, seq=1),
    "change_subscription": lambda store: store.change_subscription(only(store).id, make_choice("09:00"), now=NOW),
    "unsubscribe": lambda store: store.unsubscribe(only(store).id),
    "plan_digests": lambda store: store.plan_digests([make_digest_plan(store, only(store), "x", "y")], now=NOW),
    "note_near": lambda store: store.note_near(
        [(store.watches(GROUP)[0].id, (2, 3))], follower="alerts", was=1, seq=2, now=NOW
    ),
    "plan_alerts": lambda store: store.plan_alerts([make_alert(store.watches(GROUP)[0], asked=(1,))], now=NOW),
    "held": lambda store: store.plan_alerts(
        [AlertPlan(watch=store.watches(GROUP)[0], day=NOW.date(), asked=(1, 2), held=(1,), until=at(9))], now=NOW
    ),
    "limit_watch": lambda store: store.limit_watch(store.watches(GROUP)[0].id, cap_per_day=9, gap_s=0, now=NOW),
    "put": lambda store: put(store, make_planned(GROUP, "x", "y")),
    "put_notices": lambda store: store.put_notices(GROUP, Notices(corrections=False), at=NOW),
    "claim": lambda store: store.claim(now=at(1), limit=2),
    "recover": lambda store: store.recover(),
    "arrived": ended(Arrived(chat_id=GROUP, message_id=77)),
    "arrived elsewhere": ended(Arrived(chat_id=-100, message_id=77)),
    "later": ended(Later(retry_after_s=60)),
    "unsent": ended(Unsent(reason="not connected")),
    "perhaps": ended(Perhaps(reason="timed out")),
    "kicked": ended(Closed(pause=PauseReason.KICKED, reason="kicked")),
    "topic closed": ended(TopicClosed(reason="closed")),
    "refused": ended(Refused(reason="bad")),
    "resume": lambda store: (store.pause(GROUP, PauseReason.GONE, at=NOW), store.resume(GROUP, at=NOW)),
    "retain": lambda store: store.retain(now=NOW + timedelta(days=400), days=1),
}  # fmt: skip


def only(store: BotStore) -> Subscription:
    return store.subscriptions(GROUP)[0]


def arranged(store: BotStore) -> None:
    """Leave an answer, a subscription, a watch, messages in sending, waiting and expiring, and one held."""
    store.keep_sent(make_draft(chat_id=BORYS))
    store.note_chat(GROUP, kind=ChatKind.GROUP, at=NOW)
    subscribed(store, GROUP)
    watch = store.add_watch(GROUP, "bridge", now=NOW)
    near(store, (watch.id, (1, 2)), now=at(-1))
    put(store, make_planned(GROUP, "One", "Two"))
    store.claim(now=NOW, limit=1)
    more = [make_planned(GROUP, "quiet", quiet=NIGHT), make_planned(GROUP, "stale", expires_at=at(0.5)),
            make_planned(BORYS, "b"), make_planned(GROUP, "edit", edits=5)]  # fmt: skip
    put(store, *more)


@pytest.mark.parametrize("name", STEPS)
def test_step_when_any_of_its_statements_fails_then_nothing_of_it_is_done(path: Path, name: str) -> None:
    with closing(BotStore(path)) as store:
        arranged(store)
    before, failures = dump(path), 0
    while fails_at(path, failures + 1, STEPS[name]) and (dump(path) == before or name == "resume"):
        failures += 1
    assert 0 < failures < 60
    assert dump(path) != before or name == "resume"


def fails_at(path: Path, statement: int, step: Callable[[BotStore], object]) -> bool:
    with closing(BotStore(path)) as store:
        store._connection = Failing(store._connection, statement)  # type: ignore[assignment]
        try:
            step(store)
        except StoreError:
            return True
    return False


READS: dict[str, Callable[[BotStore], object]] = {
    "due_subscriptions": lambda store: store.due_subscriptions(now=DUE, limit=9, after=only(store)),
    "subscriptions": lambda store: store.subscriptions(GROUP),
    "watches": lambda store: store.watches(GROUP),
    "watch_vectors": lambda store: store.watch_vectors("m"),
    "due_candidates": lambda store: store.due_candidates(now=NOW, limit=9),
    "told_lately": lambda store: store.told_lately(GROUP, None),
    "notices": lambda store: store.notices(GROUP),
    "followed": lambda store: store.followed("alerts"),
    "migrate_chat": lambda store: store.migrate_chat(GROUP, -100),
    "forget_chat": lambda store: store.forget_chat(GROUP),
    "forget_person": lambda store: store.forget_person(ANNA),
}


@pytest.mark.parametrize("name", [*READS, *STEPS])
def test_query_when_the_tables_grow_then_it_reads_by_an_index(path: Path, name: str) -> None:
    with closing(BotStore(path)) as store:
        arranged(store)
        said: list[str] = []
        connection(store).set_trace_callback(said.append)
        (READS | STEPS)[name](store)
        connection(store).set_trace_callback(None)
    queries = [sql for sql in said if sql.lstrip().lower().startswith(("select", "insert", "update", "delete"))]
    assert queries
    for sql in queries:
        plan = [str(row[3]) for row in look_inside(path, f"explain query plan {sql}")]
        assert [line for line in plan if is_full_scan(line)] == [], sql
        if "from outbox" in sql and "order by due_at" in sql:
            assert not any("TEMP B-TREE" in line for line in plan), "claimed in order, not sorted"


def edit_of(sent_id: str, text: str) -> Planned:
    return make_planned(ANNA, text, urgency=Urgency.CORRECTION, edits=41, sent_id=sent_id)


def test_edit_when_a_newer_one_of_its_message_is_planned_then_only_that_is_made(store: BotStore) -> None:
    sent = store.keep_sent(make_draft(chat_id=ANNA))
    put(store, edit_of(sent.id, "first"))
    attempt(store, Unsent(reason="not connected"))
    put(store, edit_of(sent.id, "second"))
    assert attempt(store, Arrived(chat_id=ANNA, message_id=None)).delivery.body.plain == "second"
    assert store.claim(now=at(60), limit=9) == ()


@pytest.mark.parametrize("outcome", [Unsent(reason="not connected"), Perhaps(reason="timed out"), Gone(reason="gone")])
def test_edit_when_it_fails_after_a_newer_one_was_planned_then_it_is_not_made_again(
    store: BotStore, outcome: Outcome
) -> None:
    sent = store.keep_sent(make_draft(chat_id=ANNA))
    put(store, edit_of(sent.id, "first"))
    (delivery,) = store.claim(now=NOW, limit=1)
    put(store, edit_of(sent.id, "second"))
    assert store.settle(settled(delivery, outcome, NOW))
    arrived = Arrived(chat_id=ANNA, message_id=None)
    assert attempt(store, arrived, now=at(60)).delivery.body.plain == "second"
    assert store.claim(now=at(120), limit=9) == ()


def test_edit_when_its_message_is_gone_then_the_reply_is_the_message_from_now_on(store: BotStore) -> None:
    sent = store.keep_sent(make_draft(chat_id=ANNA))
    store.note_messages(sent.id, ANNA, [41])
    put(store, edit_of(sent.id, "first"))
    attempt(store, Gone(reason="deleted"))
    attempt(store, Arrived(chat_id=ANNA, message_id=42))
    found = store.sent(sent.id)
    assert found is not None
    assert found.message_ids == (42,)


def test_digest_when_its_subscription_ends_before_it_leaves_then_nobody_was_told(store: BotStore) -> None:
    subscription = subscribed(store)
    store.plan_digests([make_digest_plan(store, subscription, "One", "Two")], now=DUE)
    store.unsubscribe(subscription.id)
    assert store.told_unasked(ANNA, None) == ()


@pytest.mark.parametrize("outcome", [Arrived(chat_id=ANNA, message_id=41), Perhaps(reason="timed out")])
def test_digest_when_its_subscription_ends_after_a_part_may_have_left_then_the_ledger_keeps_it(
    store: BotStore, outcome: Outcome
) -> None:
    subscription = subscribed(store)
    store.plan_digests([make_digest_plan(store, subscription, "One", "Two")], now=DUE)
    attempt(store, outcome, now=DUE)
    store.unsubscribe(subscription.id)
    assert store.told_unasked(ANNA, None) != ()


def test_alert_when_its_watch_is_deleted_before_it_leaves_then_nobody_was_told(store: BotStore) -> None:
    watch = store.add_watch(ANNA, "bridge", now=NOW, user_id=ANNA)
    store.note_near([(watch.id, (3,))], follower="alerts", was=None, seq=5, now=NOW)
    store.plan_alerts([make_alert(watch, asked=(3,))], now=NOW)
    assert store.told_lately(ANNA, None) != ()
    store.delete_watch(watch.id)
    assert store.told_lately(ANNA, None) == ()


def test_topic_when_closed_then_what_else_waited_for_it_was_not_told(store: BotStore) -> None:
    first, second = (make_planned(GROUP, text, thread_id=3) for text in ("One", "Two"))
    elsewhere = make_planned(GROUP, "Three", thread_id=4)
    put(store, first, second, elsewhere)
    attempt(store, TopicClosed(reason="TOPIC_CLOSED"))
    assert store.status().outbox == {"dead": 2, "pending": 1}
    assert store.status().sent == {"digest": 1}
