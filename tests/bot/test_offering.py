from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.offering import CACHE_FOR
from bot.records import SentKind
from bot.texts import line
from bot.types import InlineAsk, Place, Press
from tests.bot.scene import NOW, QUESTION, SOURCE, Scene, button, cited, labels, play, quoted, said


def test_offers_when_something_is_found_then_complete_quotes_each_in_the_ledger(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offers = await scene.desk.offers(InlineAsk(user_id=5, text=QUESTION), NOW)
        assert 1 <= len(offers.offers) <= 5
        assert (offers.private_text, offers.cache_s) == (line("inline_private"), 30)
        for offer in offers.offers:
            assert len(quoted(offer.reply)) == 1
            assert offer.reply.sent_id
            whose, words = offer.description.split("\n")
            assert whose.startswith(f"{SOURCE} · ")
            assert "2026" in whose
            quote = " ".join(quoted(offer.reply)[0].split())
            assert words == quote or quote[len(words) - 1] in " ,;:–—-"  # cut behind a word
            assert said(offer.reply)[-1] == line("verify_id", id=offer.reply.sent_id)
        held = await scene.store(lambda store: [store.sent(offer.reply.sent_id) for offer in offers.offers])
        assert {(sent.kind, sent.chat_id) for sent in held if sent} == {(SentKind.INLINE, None)}
        assert None not in held

    play(tmp_path, act)


def test_offers_when_one_was_chosen_then_its_message_is_known_and_can_be_checked_and_judged(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offer = (await scene.desk.offers(InlineAsk(user_id=5, text=QUESTION), NOW)).offers[0]
        await scene.desk.sent_inline(offer.reply.sent_id, "inline-1")
        sent = await scene.store(lambda store: store.sent(offer.reply.sent_id))
        assert sent is not None
        assert sent.inline_message_id == "inline-1"
        press = Press(user_id=9, key=button(offer.reply, "Wrong?").key, inline_message_id="inline-1")
        choices = await scene.desk.press(press, NOW)
        told = await scene.desk.press(replace(press, key=button(choices, "Wrong passage").key), NOW)
        assert told.toast == line("feedback_thanks")
        assert labels(told) == labels(offer.reply) == [["Show context"], ["Wrong?"]]
        checked = await scene.ask(f"/verify {sent.id}")
        assert line("verify_unchanged") in said(checked)

    play(tmp_path, act)


def test_offers_when_the_same_is_typed_again_then_it_is_searched_once_in_half_a_minute(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        asked = await scene.desk.offers(InlineAsk(user_id=5, text=QUESTION), NOW)
        await scene.archive(lambda archive: archive.ingest_file(_withdrawn(tmp_path), now=NOW, source=SOURCE))
        again = InlineAsk(user_id=6, text=f"  {QUESTION.upper()} ")
        within = await scene.desk.offers(again, NOW + CACHE_FOR * 0.9)
        assert [cited(one.reply) for one in within.offers] == [cited(one.reply) for one in asked.offers]
        assert {one.reply.sent_id for one in within.offers}.isdisjoint(one.reply.sent_id for one in asked.offers)
        later = await scene.desk.offers(again, NOW + CACHE_FOR + timedelta(seconds=1))
        assert [cited(one.reply) for one in later.offers] != [cited(one.reply) for one in asked.offers]

    play(tmp_path, act)


def test_offers_when_nothing_is_found_then_the_honest_no_and_the_way_into_private(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offers = await scene.desk.offers(InlineAsk(user_id=5, text="Who won the chess championship?"), NOW)
        (offer,) = offers.offers
        assert (offer.title, offer.description) == (line("inline_none"), line("inline_none_hint"))
        assert said(offer.reply)[0] == line("abstained")
        assert offers.private_start

    play(tmp_path, act, search={})


def test_offers_when_nothing_is_typed_yet_then_the_newest(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offers = await scene.desk.offers(InlineAsk(user_id=5, text="", language="de"), NOW)
        assert len(offers.offers) == 5
        assert offers.private_text == line("inline_private", language="de")

    play(tmp_path, act)


def test_guest_when_mentioned_then_one_complete_answer_without_buttons_that_need_the_chat(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        incoming = scene.incoming(f"@datelinebot {QUESTION}", place=Place.GUEST)
        reply = await scene.desk.guest(incoming, NOW)
        assert "3,100" in " ".join(quoted(reply))
        assert line("guest_complete") in said(reply)
        assert labels(reply) == [["Ask in private"]]
        assert not button(reply, "Ask in private").key
        await scene.desk.sent_inline(reply.sent_id, "guest-1")
        again = await scene.ask(f"/start {button(reply, 'Ask in private').start}")
        assert quoted(again) == quoted(reply)

    play(tmp_path, act)


def test_guest_when_only_mentioned_then_about_the_message_that_it_replies_to(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        incoming = replace(scene.incoming("@datelinebot", place=Place.GUEST), reply_to_text=QUESTION)
        assert quoted(await scene.desk.guest(incoming, NOW))
        alone = await scene.desk.guest(scene.incoming("@datelinebot", place=Place.GUEST), NOW)
        assert said(alone) == [line("guest_empty")]

    play(tmp_path, act)


def _withdrawn(directory: Path) -> Path:
    """Return a file that withdraws what answers the question."""
    path = directory / "withdrawn.jsonl"
    path.write_text(
        '{"id": "kc-2271", "title": "", "text": "", "published_at": "2026-06-17T18:44:00+00:00", "withdrawn": true}\n'
    )
    return path
