"""Corrections of messages in parts, of which some have left, and of chats that were told by several messages."""

from datetime import timedelta

import pytest

from bot.records import Draft, Quoted, SentKind, text_hash
from bot.store import BotStore
from bot.texts import line
from index import LiveBlog, Span, Update
from tests.bot.tg.house import ANSWER, ASKED, House, play
from tests.bot.tg.test_alerts import NINE, SEVEN, until_alerts, watched
from tests.bot.tg.test_alerts import told as shore_told
from tests.bot.tg.test_corrections import AGAIN, EDITED, boats, followed, replies_to, struck
from tests.bot.tg.test_digests import FERRY, at_eight, digests, subscribed, told
from tests.botapi import Message
from tests.botapi.faults import Drop

pytestmark = pytest.mark.enable_socket

BACKLOG = 300
MORE = "Nobody was left on the island."
TRADES = ("boats", "trams", "nurses", "bakers", "clerks", "pilots", "divers", "painters", "tailors", "cooks")


def met(number: int, count: int) -> str:
    trade = TRADES[number]
    where = " and ".join(f"the {trade} hall of ward {number * 20 + ward}" for ward in range(18))
    return f"{count} {trade} of the {trade} union met in {where}."


def test_digest_when_its_first_part_may_have_left_then_the_others_keep_their_own_words() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe long"))
        house.clock.moves(60)
        for number in range(len(TRADES)):
            await told(house, met(number, number + 20), key=f"long{number}")
        house.server.fail("sendMessage", Drop.AFTER)
        await at_eight(house)

        def parts() -> list[str]:
            return [each.text for each in ann.ours if "union met" in each.text]

        await house.server.until(lambda: len(parts()) > 1, timeout_s=15)
        await house.server.quiet(for_s=1.5)
        first, *rest = parts()
        number = next(n for n, trade in enumerate(TRADES) if f" {trade} of" in first)
        house.clock.moves(60)
        await told(house, met(number, number + 90), key=f"long{number}")
        corrected = met(number, number + 90)
        await house.server.until(lambda: any(corrected in each.text for each in ann.ours), timeout_s=15)
        await house.server.quiet(for_s=1.5)
        assert parts()[: 1 + len(rest)] == [first, *rest], "which of them was the first is not known any more"
        (reply,) = [each for each in ann.ours if each.text.startswith("Corrected, of what I sent")]
        assert struck(reply) == [met(number, number + 20)]

    play(scene)


def test_chat_when_another_message_than_its_newest_is_corrected_then_it_is_told_of_that() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        house.clock.moves(60)
        await told(house, f"{FERRY} {MORE}")
        await at_eight(house)
        await house.server.until(lambda: digests(ann))
        (digest,) = digests(ann)
        assert FERRY in digest.text
        # An alert of the same update that quotes what will go on standing.
        start = len(FERRY) + 1
        quote = Quoted(source="Harbour Gazette", update_id="late", update_no=await number_of(house, "late"), revision=1,
                       span=Span(start=start, end=start + len(MORE)), text_hash=text_hash(MORE))  # fmt: skip
        draft = Draft(kind=SentKind.ALERT, at=house.clock() + timedelta(minutes=1), chat_id=ann.id, language="en",
                      zone="UTC", quotes=(quote,), shape='[{"quote": 0, "note": ""}]')  # fmt: skip
        alert = await house.db(lambda store: store.keep_sent(draft))
        await house.db(lambda store: store.note_messages(alert.id, ann.id, [9_999]))
        house.clock.moves(120)
        await told(house, f"{FERRY.replace('640', '580')} {MORE}")
        await house.server.until(lambda: replies_to(ann, digest), timeout_s=10)
        assert struck(replies_to(ann, digest)[0])[0].startswith(FERRY)

    play(scene)


async def number_of(house: House, key: str) -> int:
    view = await house.read(lambda archive: archive.update(key, now=house.clock()))
    number: int = view.citation.update_no
    return number


def test_answer_in_several_messages_when_corrected_then_a_reply_says_so() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        await house.server.quiet(for_s=0.3)
        sent = await house.db(lambda store: store.sent_by_message(ann.id, answer.message_id))
        await house.db(lambda store: store.note_messages(sent.id, ann.id, [answer.message_id, answer.message_id + 500]))
        said = answer.text
        await boats(house, EDITED)
        await house.server.until(lambda: replies_to(ann, answer), timeout_s=10)
        assert answer.text == said
        (reply,) = replies_to(ann, answer)
        assert struck(reply) == [ANSWER]
        assert EDITED in reply.text
        await boats(house, AGAIN)
        await house.server.until(lambda: AGAIN in reply.text, timeout_s=10)
        assert len(replies_to(ann, answer)) == 1, "in an hour"
        house.clock.moves(3600)
        await house.server.until(lambda: len(replies_to(ann, answer)) == 2, timeout_s=10)
        assert EDITED not in replies_to(ann, answer)[1].text

    play(scene)


def test_answer_when_it_was_deleted_and_changes_twice_then_the_reply_is_edited() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        ann.deletes(answer)
        await boats(house, EDITED)
        await house.server.until(lambda: any(EDITED in each.text for each in ann.ours), timeout_s=10)
        reply = next(each for each in ann.ours if EDITED in each.text)
        house.clock.moves(2 * 3600)
        await boats(house, AGAIN)
        await house.server.until(lambda: AGAIN in reply.text, timeout_s=10)
        assert EDITED not in reply.text

    play(scene)


def test_corrections_when_what_was_taken_back_stands_again_by_now_then_it_is_not_listed() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        await boats(house, EDITED)
        await house.server.until(lambda: EDITED in answer.text, timeout_s=10)
        await boats(house, ANSWER)
        listed = await house.server.reply_to(ann.says("/corrections"))
        assert ANSWER not in listed.text
        assert "it adds" not in listed.text

    play(scene)


def test_inline_answer_when_corrected_then_its_buttons_stay() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        elsewhere = house.server.group("Friends", ann, bot=None)
        query = ann.types_inline(ASKED, elsewhere)
        await house.server.until(lambda: query.answer)
        message = ann.chooses(query, 0, elsewhere)
        before = [button.text for button in message.buttons]
        assert len(before) == 2
        await house.server.quiet(for_s=0.3)
        await boats(house, EDITED)
        await house.server.until(lambda: EDITED in message.text, timeout_s=10)
        assert [button.text for button in message.buttons] == before

    play(scene)


def test_answer_when_the_clock_is_set_back_before_it_is_corrected_then_that_is_shown() -> None:
    correction = "Correction: nine ferries did not sail from the north pier on Sunday morning, only seven ferries did."

    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        await house.server.quiet(for_s=0.3)
        house.clock.moves(-3600)
        now = house.clock()
        update = Update(key="sorry", title="Ferries resume: correction", text=correction, live_blog="harbour",
                        published_at=now)  # fmt: skip
        blogs = [LiveBlog(key="harbour", title="The harbour, live")]
        await house.read(lambda archive: archive.take("Harbour Gazette", [update], now=now, live_blogs=blogs))
        await house.server.until(lambda: "only seven ferries did" in answer.text, timeout_s=10)

    play(scene)


def test_alert_when_its_watch_is_paused_and_it_is_corrected_then_its_buttons_are_as_they_were_pressed() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        house.clock.moves(60)
        await shore_told(house, SEVEN, "seals")
        alert = await until_alerts(house, ann, 1)
        ann.presses(alert, line("watch_pause"))
        resume = line("watch_resume")
        await house.server.until(lambda: alert.buttons[0].text == resume)
        house.clock.moves(60)
        await shore_told(house, NINE, "seals")
        await house.server.until(lambda: NINE in alert.text, timeout_s=10)
        assert alert.buttons[0].text == resume

    play(scene)


def postponed(store: BotStore) -> None:
    with store._transaction():
        store._write("update outbox set due_at = due_at + 3600000000 where state = 'pending'")


def test_digest_when_only_its_first_part_has_left_then_what_waits_is_rewritten_and_no_reply_precedes_it() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe long"))
        house.clock.moves(60)
        for number in range(len(TRADES)):
            await told(house, met(number, number + 20), key=f"long{number}")
        await at_eight(house)

        def parts() -> list[Message]:
            return [each for each in ann.ours if "union met" in each.text]

        await house.server.until(lambda: parts(), timeout_s=15)
        # As a flood limit would: the rest leaves in an hour.
        await house.db(postponed)
        (first,) = parts()
        said = first.text
        rows = await house.db(lambda store: store._rows("select plain from outbox o join bodies b on b.id = o.body_id"))
        number = next(n for n, trade in enumerate(TRADES) if f" {trade} of" in str(rows[-1][0]))
        await told(house, met(number, number + 90), key=f"long{number}")
        await house.server.quiet(for_s=2.5)
        house.clock.moves(3600)
        await house.server.until(lambda: len(parts()) > 1, timeout_s=15)
        await house.server.quiet(for_s=1.5)
        assert struck(parts()[1]) == [met(number, number + 20)]
        assert met(number, number + 90) in parts()[1].text
        assert first.text == said
        assert [each for each in ann.ours if each.text.startswith("Corrected, of what I sent")] == []

    play(scene)


@pytest.mark.parametrize("has_begun", [False, True])
def test_digest_when_nobody_knows_what_stands_in_which_of_its_parts_then_those_that_wait_say_it_all_corrected(
    has_begun: bool,
) -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe long"))
        if not has_begun:
            await house.server.reply_to(ann.says("/subscribe quiet 07:00-10:00"))
        house.clock.moves(60)
        for number in range(len(TRADES)):
            await told(house, met(number, number + 20), key=f"long{number}")
        await at_eight(house)

        def parts() -> list[Message]:
            return [each for each in ann.ours if "union met" in each.text]

        if has_begun:
            await house.server.until(lambda: parts(), timeout_s=15)
            await house.db(postponed)
        else:
            await house.server.quiet(for_s=2)
        left = list(parts())
        assert len(left) == has_begun
        # As an earlier version kept it.
        await house.db(shapeless)
        rows = await house.db(lambda store: store._rows("select plain from outbox o join bodies b on b.id = o.body_id"))
        number = next(n for n, trade in enumerate(TRADES) if f" {trade} of" in str(rows[-1][0]))
        stale = met(number, number + 20)
        await told(house, met(number, number + 90), key=f"long{number}")
        await house.server.quiet(for_s=2.5)
        house.clock.moves(2 * 3600)
        await house.server.until(lambda: len(parts()) > len(left), timeout_s=15)
        await house.server.quiet(for_s=1.5)
        came = parts()[len(left) :]
        assert came[0].text.startswith("Corrected, of what I sent")
        assert [each for each in came if stale in each.text and stale not in struck(each)] == []
        if not has_begun:
            quoted = "".join(each.text for each in came)
            assert struck(came[0]) + struck(came[-1]) == [stale]
            assert [trade for trade in TRADES if f" {trade} of" not in quoted] == []

    play(scene)


def shapeless(store: BotStore) -> None:
    with store._transaction():
        store._write("update contents set shape = ''")


def test_answer_when_its_correction_is_encoded_late_then_it_is_followed_all_the_same() -> None:
    correction = "Correction: nine ferries did not sail from the north pier on Sunday morning, only seven ferries did."

    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        await house.server.quiet(for_s=0.3)
        house.clock.moves(60)
        now = house.clock()
        texts = [f"Crate number {number} was unloaded at the quay." for number in range(BACKLOG)]
        updates = [
            Update(key=text, title="", text=text, live_blog="harbour", published_at=now)
            for text in (*texts, correction)
        ]
        blogs = [LiveBlog(key="harbour", title="The harbour, live")]
        await house.read(lambda archive: archive.take("Harbour Gazette", updates, now=now, live_blogs=blogs))
        await house.server.quiet(for_s=1.5)
        await house.read(lambda archive: archive.encode_pending())
        await house.server.until(lambda: "only seven ferries did" in answer.text, timeout_s=10)

    play(scene)


def test_digest_when_a_part_that_has_left_is_corrected_then_a_reply_though_another_still_waits() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe long"))
        house.clock.moves(60)
        for number in range(len(TRADES)):
            await told(house, met(number, number + 20), key=f"long{number}")
        await at_eight(house)
        await house.server.until(lambda: any("union met" in each.text for each in ann.ours), timeout_s=15)
        await house.db(postponed)
        (first,) = [each for each in ann.ours if "union met" in each.text]
        number = next(n for n, trade in enumerate(TRADES) if f" {trade} of" in first.text)
        await house.server.quiet(for_s=1.0)
        await told(house, met(number, number + 90), key=f"long{number}")
        await house.server.until(lambda: replies_to(ann, first), timeout_s=15)
        await house.server.until(lambda: struck(first), timeout_s=15)
        assert replies_to(ann, first)[0].reply_to is first

    play(scene)
