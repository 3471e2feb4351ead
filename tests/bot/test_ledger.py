from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import (
    Button,
    ButtonAction,
    FeedbackVerdict,
    LinkKind,
    Presser,
    Sent,
    SentKind,
    StartLink,
    may_press,
    quoted,
)
from bot.store import BotStore
from bot.tables import is_key
from index import Span
from tests.bot.builders import NOW, make_citation, make_excerpt
from tests.bot.store_builders import LATER, at, make_button, make_draft, make_quoted, make_recheck, tell_all

GROUP = -5


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BotStore]:
    with closing(BotStore(tmp_path / "bot.db")) as opened:
        yield opened


# Sent


def test_sent_when_kept_then_found_by_id_and_by_each_of_its_messages(store: BotStore) -> None:
    draft = make_draft(pending=1)
    sent = store.keep_sent(draft)
    assert store.sent(sent.id) == sent
    assert (sent.kind, sent.at, sent.chat_id, sent.asked_by) == (draft.kind, draft.at, draft.chat_id, draft.asked_by)
    assert (sent.language, sent.zone, sent.message_ids) == ("de", "Europe/Berlin", ())
    store.note_messages(sent.id, GROUP, [41, 40])
    known = replace(sent, message_ids=(41, 40))
    assert [store.sent_by_message(GROUP, number) for number in (40, 41, 42)] == [known, known, None]
    assert store.sent_by_message(7, 40) is None
    assert store.quotes(sent.id) == draft.quotes


def test_sent_when_it_has_an_id_then_it_fits_into_callback_data_and_a_deep_link(store: BotStore) -> None:
    ids = {store.keep_sent(make_draft()).id for _ in range(200)}
    assert len(ids) == 200
    assert all(is_key(sent_id) and len(sent_id) <= 12 for sent_id in ids)


def test_sent_when_inline_then_known_by_the_platform_s_id(store: BotStore) -> None:
    sent = store.keep_sent(make_draft(chat_id=None))
    store.note_inline(sent.id, "AQ-inline_1")
    assert store.sent(sent.id) == replace(sent, inline_message_id="AQ-inline_1")


@pytest.mark.parametrize("forged", ["", "x' or 1=1", "\ud800", "ü", "a" * 65, "a b", "\0"])
def test_keys_when_forged_then_nothing_is_found(store: BotStore, forged: str) -> None:
    assert store.sent(forged) is None
    assert store.button(forged, now=NOW) is None
    assert store.start_link(forged, user_id=7, now=NOW) is None


def test_sent_when_it_did_not_leave_then_nothing_of_it_stays(store: BotStore) -> None:
    sent = store.keep_sent(make_draft(pending=2))
    store.drop_sent(sent.id)
    assert store.sent(sent.id) is None
    assert store.quotes(sent.id) == ()
    assert store.pending_count(sent.id) == 0


def test_note_messages_when_it_was_forgotten_meanwhile_then_it_stays_forgotten(store: BotStore) -> None:
    sent = store.keep_sent(make_draft())
    store.forget_chat(GROUP)
    store.note_messages(sent.id, GROUP, [1])
    assert store.sent_by_message(GROUP, 1) is None
    store.add_buttons([make_button(sent.id)])
    store.add_link(LinkKind.ASK, chat_id=GROUP, sent_id=sent.id, expires_at=LATER)
    assert store.exported(chat_id=GROUP) == {}


def test_note_messages_when_a_chat_counts_anew_then_the_newest_is_meant(store: BotStore) -> None:
    old, new = store.keep_sent(make_draft()), store.keep_sent(make_draft())
    store.note_messages(old.id, GROUP, [1])
    store.note_messages(new.id, GROUP, [1])
    found = store.sent_by_message(GROUP, 1)
    assert found is not None
    assert found.id == new.id


def quoting(store: BotStore, update_id: str) -> list[Sent]:
    """Return the messages that quote an update, oldest first."""
    told = store.quoting(make_recheck(update_id), limit=99)
    return sorted((one.sent for one in told), key=lambda sent: (sent.at, sent.id))


def test_quoting_when_an_update_is_revised_then_every_message_that_quoted_it(store: BotStore) -> None:
    hit, other = make_quoted(update_id="fire"), make_quoted(update_id="flood")
    namesake = make_quoted(update_id="fire", source="Another desk")
    first = store.keep_sent(replace(make_draft(minutes=1), quotes=(other, hit, hit)))
    second = store.keep_sent(replace(make_draft(minutes=2), quotes=(hit,)))
    store.keep_sent(replace(make_draft(chat_id=None), quotes=(hit,)))  # never sent
    store.keep_sent(replace(make_draft(), quotes=(other, namesake)))
    store.keep_sent(replace(make_draft(), quotes=(), pending=(hit,)))
    assert quoting(store, "fire") == [first, second]


def test_contents_when_many_chats_are_told_the_same_then_kept_once_and_until_the_last_of_them_goes(
    store: BotStore,
) -> None:
    draft = replace(make_draft(kind=SentKind.DIGEST, asked_by=None), shape='[{"quote": 0}]')
    tell_all(store, draft, range(1, 5))
    answer = store.keep_sent(make_draft(chat_id=4, quotes=2))
    store.keep_sent(make_draft(chat_id=4, quotes=0))
    kept = "select (select count(*) from contents), (select count(*) from quotes)"
    assert store._rows(kept) == [(2, 4)], "the digest's, the answer's, and nothing of what quotes nothing"
    told = quoting(store, "e1")
    assert [one.chat_id for one in told] == [1, 2, 3, 4, 4]
    assert {store.quotes(one.id) for one in told} == {draft.quotes}
    store.forget_chat(2)
    store.drop_sent(answer.id)
    assert store._rows(kept) == [(1, 2)]
    assert [one.chat_id for one in quoting(store, "e1")] == [1, 3, 4]
    (shape,) = {one["shape"] for one in store.exported(chat_id=3)["sent"]}
    assert shape == draft.shape, "an export tells it still"
    for chat in (1, 3, 4):
        store.forget_chat(chat)
    assert store._rows(kept) == [(0, 0)]


def test_contents_when_what_is_quoted_is_the_same_but_not_the_words_around_it_then_each_has_its_own(
    store: BotStore,
) -> None:
    draft = make_draft(kind=SentKind.DIGEST, asked_by=None)
    with store._transaction():
        store._keep_drafts([replace(draft, shape=shape) for shape in ("[1]", "[2]", "[1]")])
    assert store._rows("select shape, (select count(*) from sent where content_id = c.id) from contents c") == [
        ("[1]", 2), ("[2]", 1)
    ]  # fmt: skip


def test_quoted_when_made_of_an_excerpt_then_where_it_stands_and_a_proof_of_its_text() -> None:
    made = quoted(make_excerpt("Nine ferries sailed.", citation=make_citation("e4", number=8), label="superseded"))
    assert (made.source, made.update_id, made.update_no, made.revision) == ("Harbour Gazette", "e4", 8, 1)
    assert (made.span, made.label, len(made.text_hash)) == (Span(start=4, end=24), "superseded", 64)
    assert made.text_hash != quoted(make_excerpt("Nine ferries sailed!")).text_hash


# More


@given(pending=st.integers(0, 12), presses=st.lists(st.integers(-1, 5), max_size=8))
def test_claim_more_when_pressed_again_and_again_then_each_quote_once_and_in_order(
    pending: int, presses: list[int]
) -> None:
    with TemporaryDirectory() as folder, closing(BotStore(Path(folder) / "bot.db")) as store:
        draft = make_draft(pending=pending)
        sent = store.keep_sent(draft)
        claims = [store.claim_more(sent.id, n) for n in presses]
        shown = [quote for claim in claims for quote in claim.quotes]
        assert shown == list(draft.pending[: len(shown)])
        assert len(shown) == min(pending, sum(max(n, 0) for n in presses))
        assert [claim.left for claim in claims] == [
            pending - sum(len(claim.quotes) for claim in claims[: k + 1]) for k in range(len(claims))
        ]
        assert store.pending_count(sent.id) == pending - len(shown)


def test_claim_more_when_it_could_not_be_sent_then_given_back_it_comes_next(store: BotStore) -> None:
    draft = make_draft(pending=4)
    sent = store.keep_sent(draft)
    lost = store.claim_more(sent.id, 2)
    store.claim_more(sent.id, 1)
    store.give_back(sent.id, lost)
    assert store.claim_more(sent.id, 9).quotes == (*draft.pending[:2], draft.pending[3])


def test_claim_more_when_the_message_is_unknown_then_nothing(store: BotStore) -> None:
    claim = store.claim_more("unknown", 3)
    assert (claim.quotes, claim.left) == ((), 0)


# Buttons


def test_button_when_added_then_found_by_its_key_after_a_restart(tmp_path: Path) -> None:
    with closing(BotStore(tmp_path / "bot.db")) as store:
        sent = store.keep_sent(make_draft())
        first, second = store.add_buttons([make_button(sent.id), make_button()])
    with closing(BotStore(tmp_path / "bot.db")) as store:
        assert [store.button(button.key, now=NOW) for button in (first, second)] == [first, second]
    assert len({first.key, second.key, ""}) == 3
    assert len(first.key.encode()) <= 20
    assert dict(first.payload) == {"place": 1}


def test_button_when_it_expires_then_no_longer_found(store: BotStore) -> None:
    (button,) = store.add_buttons([make_button()])
    assert store.button(button.key, now=LATER - timedelta(microseconds=1)) == button
    assert store.button(button.key, now=LATER) is None


@pytest.mark.parametrize(
    ("presser", "user_id", "admin", "may"),
    [
        (Presser.ANYONE, None, False, True),
        (Presser.ASKER, 7, False, True),
        (Presser.ASKER, 8, True, False),
        (Presser.ASKER, None, True, False),
        (Presser.ADMINS, 7, False, False),
        (Presser.ADMINS, 8, True, True),
    ],
)
def test_may_press_when_it_is_the_asker_s_or_the_admins_then_nobody_else(
    presser: Presser, user_id: int | None, admin: bool, may: bool
) -> None:
    assert may_press(replace(make_button(), presser=presser), user_id=user_id, admin=admin) is may


def test_may_press_when_the_asker_is_not_known_then_nobody() -> None:
    button = Button(action=ButtonAction.MORE, expires_at=LATER, presser=Presser.ASKER)
    assert not may_press(button, user_id=None, admin=False)


# Feedback


def test_feedback_when_given_twice_then_the_last_counts_once_with_the_cited_revision(store: BotStore) -> None:
    sent = store.keep_sent(make_draft())
    assert not store.has_feedback(sent.id, 7)
    assert store.give_feedback(sent.id, 7, FeedbackVerdict.NO_ANSWER, at=at(1))
    assert (store.has_feedback(sent.id, 7), store.has_feedback(sent.id, 8)) == (True, False)
    assert store.give_feedback(sent.id, 7, FeedbackVerdict.WRONG_PASSAGE, at=at(2), place=1)
    assert store.give_feedback(sent.id, 8, FeedbackVerdict.WRONG_PASSAGE, at=at(3), place=99)
    first, second = store.feedback(sent.id)
    assert (first.verdict, first.at, first.place) == (FeedbackVerdict.WRONG_PASSAGE, at(2), 1)
    assert (first.source, first.update_id, first.revision) == ("Harbour Gazette", "e1", 1)
    assert (second.place, second.update_id) == (None, None)
    assert store.feedback_counts() == {FeedbackVerdict.WRONG_PASSAGE: 2}


def test_feedback_when_the_message_is_unknown_then_refused(store: BotStore) -> None:
    assert not store.give_feedback("unknown", 7, FeedbackVerdict.NO_ANSWER, at=NOW)
    assert store.feedback() == ()


def test_feedback_when_kept_then_who_gave_it_is_a_hash_that_differs_between_files(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a.db", "b.db"):
        with closing(BotStore(tmp_path / name)) as store:
            sent = store.keep_sent(make_draft(asked_by=None))
            store.give_feedback(sent.id, 7, FeedbackVerdict.NO_ANSWER, at=NOW)
            ((digest,),) = store._rows("select user_hash from feedback")
            hashes.add(digest)
    assert len(hashes) == 2


# Start links


def test_link_updates_when_linked_again_or_elsewhere_then_the_same_keys(tmp_path: Path) -> None:
    cited = [make_citation("e1", number=1), make_citation("e2", number=2), make_citation("e1", source="Another desk")]
    with closing(BotStore(tmp_path / "a.db")) as store, closing(BotStore(tmp_path / "b.db")) as other:
        keys = store.link_updates(cited)
        assert len(set(keys)) == 3
        assert store.link_updates(cited) == other.link_updates(cited) == keys
        assert all(is_key(key) and len(key) <= 64 for key in keys)
        expected = StartLink(key=keys[1], kind=LinkKind.UPDATE, source="Harbour Gazette", update_id="e2", update_no=2)
        assert store.start_link(keys[1], user_id=7, now=NOW) == expected


def test_link_updates_when_the_archive_was_made_anew_then_its_new_number(store: BotStore) -> None:
    store.link_updates([make_citation("e1", number=1)])
    (key,) = store.link_updates([make_citation("e1", number=9)])
    link = store.start_link(key, user_id=7, now=NOW)
    assert link is not None
    assert link.update_no == 9


def test_add_link_when_it_is_one_person_s_then_nobody_else_opens_it_and_not_for_ever(store: BotStore) -> None:
    key = store.add_link(LinkKind.SETTINGS, chat_id=GROUP, user_id=7, expires_at=at(10))
    link = store.start_link(key, user_id=7, now=NOW)
    assert link == StartLink(
        key=key, kind=LinkKind.SETTINGS, chat_id=GROUP, user_id=7, expires_at=at(10)
    )  # fmt: skip
    assert store.start_link(key, user_id=8, now=NOW) is None
    assert store.start_link(key, user_id=7, now=at(10)) is None


def test_add_link_when_it_is_anyone_s_then_it_tells_the_message_to_ask_on_from(store: BotStore) -> None:
    sent = store.keep_sent(make_draft())
    key = store.add_link(LinkKind.ASK, chat_id=GROUP, sent_id=sent.id, expires_at=LATER)
    link = store.start_link(key, user_id=99, now=NOW)
    assert link is not None
    assert (link.kind, link.chat_id, link.sent_id, link.user_id) == (LinkKind.ASK, GROUP, sent.id, None)
    assert len(key) <= 64
