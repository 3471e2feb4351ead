"""Pictures in the outbox: kept once, sent as they were planned, gone with the last row that needs them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.deliveries import Arrived, Edit, Perhaps, Planned, Refused, Rendered, Unsent, Urgency
from bot.outbox import settled
from bot.records import SentKind
from bot.store import BotStore
from bot.types import ReplyButton
from tests.bot.store_builders import at, dump, look_inside, make_draft, put
from tests.bot.test_outbox import fails_at

ANNA, BORYS = 7, 8
PNG = b"\x89PNG\r\n\x1a\n\0\xff picture"
PICTURE = Rendered(html="Nine &amp; ten", plain="Nine & ten", picture=PNG)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def store(path: Path) -> Iterator[BotStore]:
    with closing(BotStore(path)) as opened:
        yield opened


def make_pictured(chat_id: int = ANNA) -> Planned:
    words = Rendered(html="<b>Digest</b>", plain="Digest")
    draft = make_draft(chat_id=chat_id, asked_by=None, kind=SentKind.DIGEST)
    button = ((ReplyButton(label="More", key="k1"),),)
    return Planned(chat_id=chat_id, urgency=Urgency.DIGEST, parts=(words, PICTURE), draft=draft, buttons=button)


def kept(path: Path) -> int:
    return len(look_inside(path, "select id from pictures"))


def test_picture_when_planned_for_two_then_kept_once_and_gone_with_the_last_that_is_sent(
    path: Path, store: BotStore
) -> None:
    put(store, make_pictured(), make_pictured(BORYS))
    for expected in (1, 1, 1, 1):
        assert kept(path) == expected
        (one,) = store.claim(now=at(1), limit=1)
        assert one.body.picture == (PNG if one.part else None)
        store.settle(settled(one, Arrived(chat_id=one.chat_id, message_id=500 + one.id), at(1)))
    assert kept(path) == 0
    assert look_inside(path, "select * from outbox_pictures") == []


def test_picture_when_it_comes_then_after_the_words_without_buttons_and_not_in_the_ledger(
    path: Path, store: BotStore
) -> None:
    put(store, make_pictured())
    (words,) = store.claim(now=at(1), limit=9)
    assert [len(words.buttons), words.sent_id is not None] == [1, True]
    store.settle(settled(words, Unsent(reason="not connected"), at(1)))
    assert store.claim(now=at(1), limit=9) == (), "the picture waits for its words"
    (words,) = store.claim(now=at(9), limit=9)
    store.settle(settled(words, Arrived(chat_id=ANNA, message_id=501), at(9)))
    (picture,) = store.claim(now=at(9), limit=9)
    assert (picture.body, picture.buttons, picture.sent_id) == (PICTURE, (), None)
    store.settle(settled(picture, Arrived(chat_id=ANNA, message_id=502), at(9)))
    (sent,) = (store.sent(str(row[0])) for row in look_inside(path, "select id from sent"))
    assert sent is not None
    assert sent.message_ids == (501,), "what is corrected later is the words"


def test_picture_when_it_did_not_leave_then_the_same_bytes_again_after_a_restart(path: Path) -> None:
    with closing(BotStore(path)) as store:
        put(store, make_pictured())
        (words,) = store.claim(now=at(1), limit=1)
        store.settle(settled(words, Arrived(chat_id=ANNA, message_id=501), at(1)))
        (picture,) = store.claim(now=at(1), limit=1)
        store.settle(settled(picture, Unsent(reason="not connected"), at(1)))
    with closing(BotStore(path)) as store:
        assert store.recover() == 0
        (again,) = store.claim(now=at(9), limit=1)
        assert again.body == PICTURE
        store.settle(settled(again, Perhaps(reason="timed out"), at(9)))
        assert store.claim(now=at(99), limit=1) == ()
        assert store.status().outbox == {"sent": 1, "uncertain": 1}


def test_picture_when_it_is_refused_then_its_digest_stays_in_the_ledger(path: Path, store: BotStore) -> None:
    put(store, make_pictured())
    for outcome in (Arrived(chat_id=ANNA, message_id=501), Refused(reason="no photos here")):
        (one,) = store.claim(now=at(1), limit=1)
        store.settle(settled(one, outcome, at(1)))
    assert len(look_inside(path, "select id from sent")) == 1


def test_picture_when_its_chat_is_forgotten_then_it_goes_too(path: Path, store: BotStore) -> None:
    put(store, make_pictured())
    store.forget_chat(ANNA)
    assert kept(path) == 0
    assert store.integrity() == ()


def test_plan_when_any_of_its_statements_fails_then_neither_words_nor_picture(path: Path) -> None:
    with closing(BotStore(path)) as store:
        put(store, make_pictured(BORYS))
    before, failures = dump(path), 0

    def plan(store: BotStore) -> None:
        put(store, make_pictured())

    while fails_at(path, failures + 1, plan) and dump(path) == before:
        failures += 1
    assert 5 < failures < 60
    assert kept(path) == 1
    assert len(look_inside(path, "select * from outbox_pictures")) == 2


def test_planned_when_a_picture_has_no_words_before_it_or_edits_then_refused() -> None:
    with pytest.raises(ValueError, match="picture"):
        Planned(chat_id=ANNA, urgency=Urgency.DIGEST, parts=(PICTURE,))
    with pytest.raises(ValueError, match="picture"):
        Planned(chat_id=ANNA, urgency=Urgency.DIGEST, parts=(Rendered(html="a", plain="a"),),
                edit=Edit(message_id=5, instead=PICTURE))  # fmt: skip
