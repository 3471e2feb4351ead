"""What the strict server says of one attempt, and what the outbox hears of it."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from telegram import Bot
from telegram.ext import ExtBot

from bot.deliveries import (
    Arrived,
    Closed,
    Delivery,
    Edit,
    Gone,
    Later,
    Outcome,
    Perhaps,
    Rendered,
    TopicClosed,
    Unsent,
    Urgency,
)
from bot.drain import Drain, Turns
from bot.records import PauseReason
from bot.store import BotStore
from bot.tg import errors
from bot.tg.posting import PacedCalls, Posting, outcome_of, rendered
from bot.types import Paragraph, Reply, ReplyButton
from tests.bot.post import FakeAftermath, InlineRows
from tests.bot.store_builders import make_planned, put
from tests.bot.tg.test_sending import unsent
from tests.botapi import STRICT, Drop, Server
from tests.botapi.inprocess import InProcessRequest
from tests.virtual import BEGAN, VirtualLoop, play

BODY = Rendered(html="<b>Ferries</b> run", plain="Ferries run")


def make_delivery(chat_id: int | None, **given: object) -> Delivery:
    plain = Delivery(id=1, chat_id=chat_id, thread_id=None, urgency=Urgency.DIGEST, part=0, body=BODY, buttons=(),
                     due_at=BEGAN, tries=1)  # fmt: skip
    return replace(plain, **given)  # type: ignore[arg-type]


def attempts(server: Server, *deliveries: Delivery) -> list[Outcome]:
    """Make one attempt each, through the real library."""

    async def run() -> list[Outcome]:
        request = InProcessRequest(server)
        async with Bot(server.token, request=request, get_updates_request=request) as bot:
            posting = Posting(bot)
            return [await posting.send(delivery) for delivery in deliveries]

    return asyncio.run(run())


@pytest.fixture
def server() -> Server:
    return Server()


def test_send_when_taken_then_with_buttons_and_as_a_reply(server: Server) -> None:
    ann = server.user("Ann", started=True)
    asked = ann.says("where?")
    buttons = ((ReplyButton(label="More", key="k1"),),)
    (outcome,) = attempts(server, make_delivery(ann.id, buttons=buttons, reply_to=asked.message_id))
    (message,) = ann.ours
    assert outcome == Arrived(chat_id=ann.id, message_id=message.message_id)
    assert (message.text, message.reply_to, [b.text for row in message.keyboard for b in row]) == (
        "Ferries run", asked, ["More"]
    )  # fmt: skip


def test_send_when_the_html_cannot_be_parsed_then_once_more_as_plain_text(server: Server) -> None:
    ann = server.user("Ann", started=True)
    (outcome,) = attempts(server, make_delivery(ann.id, body=Rendered(html="<b>Ferries", plain="Ferries run")))
    assert isinstance(outcome, Arrived)
    assert ann.ours[0].text == "Ferries run"
    assert len(server.calls("sendMessage")) == 2


def test_send_when_refused_then_named_and_tried_once(server: Server) -> None:
    ann, bob = server.user("Ann", started=True), server.user("Bob", started=True)
    bob.blocks()
    forum = server.supergroup("Desk", ann, forum=True)
    topic = forum.topic("Fires")
    topic.closes()
    server.flood(ann, 7200)
    outcomes = attempts(
        server,
        make_delivery(ann.id),
        make_delivery(bob.id),
        make_delivery(forum.id, thread_id=topic.thread_id),
        make_delivery(404),
    )
    flood, blocked, closed, unknown = outcomes
    assert isinstance(flood, Later)
    assert flood.retry_after_s == pytest.approx(7200, abs=2)
    assert isinstance(blocked, Closed)
    assert blocked.pause is PauseReason.BLOCKED
    assert isinstance(closed, TopicClosed)
    assert isinstance(unknown, Closed)
    assert unknown.pause is PauseReason.GONE
    assert len(server.calls("sendMessage")) == 4


def test_send_when_the_group_has_moved_then_it_arrives_where_it_is_now(server: Server) -> None:
    group = server.group("Talk", server.user("Ann"))
    old = group.id
    group.migrates()
    (outcome,) = attempts(server, make_delivery(old))
    assert isinstance(outcome, Arrived)
    assert outcome.chat_id not in (old, None)


PNG = b"\x89PNG\r\n\x1a\n a picture"
PICTURE = Rendered(html="Nine &amp; ten", plain="Nine & ten", picture=PNG)


def test_picture_when_sent_then_these_bytes_with_its_words_below_and_without_a_sound(server: Server) -> None:
    ann = server.user("Ann", started=True)
    (outcome,) = attempts(server, make_delivery(ann.id, body=PICTURE))
    (message,) = ann.ours
    assert outcome == Arrived(chat_id=ann.id, message_id=message.message_id)
    assert message.text == "Nine & ten"
    (photo,) = message.wording.media["photo"]
    assert server.core.world.files[photo["file_id"]] == PNG
    (call,) = server.calls("sendPhoto")
    assert call.parameters["disable_notification"] is True


def test_picture_when_its_words_cannot_be_parsed_then_once_more_as_plain_text(server: Server) -> None:
    ann = server.user("Ann", started=True)
    (outcome,) = attempts(server, make_delivery(ann.id, body=replace(PICTURE, html="<b>torn")))
    assert isinstance(outcome, Arrived)
    assert [message.text for message in ann.ours] == ["Nine & ten"]


def test_picture_when_a_group_takes_none_then_closed_without_a_pause(server: Server) -> None:
    group = server.supergroup("Talk", server.user("Ann"))
    group.permits(can_send_photos=False)
    (outcome,) = attempts(server, make_delivery(group.id, body=PICTURE))
    assert isinstance(outcome, Closed)
    assert outcome.pause is None, "words may still go there"


@pytest.mark.parametrize("drop", [Drop.BEFORE, Drop.AFTER])
def test_picture_when_the_connection_is_lost_then_it_may_have_arrived(server: Server, drop: Drop) -> None:
    ann = server.user("Ann", started=True)
    server.fail("sendPhoto", drop)
    (outcome,) = attempts(server, make_delivery(ann.id, body=PICTURE))
    assert isinstance(outcome, Perhaps)


@pytest.mark.parametrize("drop", [Drop.BEFORE, Drop.AFTER, Drop.SILENCE])
def test_send_when_the_connection_is_lost_then_it_may_have_arrived(server: Server, drop: Drop) -> None:
    ann = server.user("Ann", started=True)
    server.fail("sendMessage", drop)
    (outcome,) = attempts(server, make_delivery(ann.id))
    assert isinstance(outcome, Perhaps)
    assert len(ann.ours) == (drop is not Drop.BEFORE)


class NoNetwork(InProcessRequest):
    """Nobody listens where Telegram should be."""

    async def do_request(self, url: str, *args: object, **kwargs: object) -> tuple[int, bytes]:
        if url.endswith("sendMessage"):
            raise unsent(httpx.ConnectError("refused"))
        return await super().do_request(url, *args, **kwargs)  # type: ignore[arg-type]


def test_send_when_there_is_no_connection_then_certainly_not_and_no_waiting(server: Server) -> None:
    async def run() -> Outcome:
        request = NoNetwork(server)
        async with Bot(server.token, request=request, get_updates_request=request) as bot:
            return await asyncio.wait_for(Posting(bot).send(make_delivery(5)), 0.3)

    assert isinstance(asyncio.run(run()), Unsent)


def test_edit_when_made_twice_then_it_is_there_once_and_gone_when_deleted(server: Server) -> None:
    ann = server.user("Ann", started=True)
    attempts(server, make_delivery(ann.id))
    (message,) = ann.ours
    edit = make_delivery(ann.id, edit=Edit(message_id=message.message_id), body=Rendered(html="<s>so</s>", plain="so"))
    assert [type(one) for one in attempts(server, edit, edit)] == [Arrived, Arrived]
    assert message.text == "so"
    missing = make_delivery(ann.id, edit=Edit(message_id=9999))
    assert [type(one) for one in attempts(server, missing)] == [Gone]


def test_outcomes_when_every_error_is_named_then_none_is_left_out() -> None:
    made: dict[type[errors.PlatformError], Callable[[], errors.PlatformError]] = {
        errors.FloodError: lambda: errors.FloodError(9),
        errors.ChatMovedError: lambda: errors.ChatMovedError(-100),
        errors.TokenError: errors.TokenError,
        errors.SecondInstanceError: errors.SecondInstanceError,
        errors.UnreachableError: lambda: errors.UnreachableError("x", "y"),
    }
    kinds = list(descendants(errors.SendError)) + list(descendants(errors.ServeError))
    assert len(kinds) > 10
    for kind in kinds:
        outcome_of(made[kind]() if kind in made else kind("why"))


def descendants(kind: type[errors.PlatformError]) -> Iterator[type[errors.PlatformError]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def test_rendered_when_a_reply_is_long_then_in_parts() -> None:
    parts = rendered(Reply(blocks=(Paragraph(text="pier " * 1500),)), our_name="dateline_bot")
    assert len(parts) == 2
    assert all(part.plain and part.html for part in parts)


# The drain against Telegram's limits


class Lagging(InProcessRequest):
    """A network that takes 40 to 70 milliseconds of virtual time."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._chance = random.Random(5)

    async def do_request(self, url: str, *args: object, **kwargs: object) -> tuple[int, bytes]:
        await asyncio.sleep(self._chance.uniform(0.02, 0.035))
        answered = await super().do_request(url, *args, **kwargs)  # type: ignore[arg-type]
        await asyncio.sleep(self._chance.uniform(0.02, 0.035))
        return answered


def test_drain_when_the_server_is_strict_then_nearly_all_it_allows_and_answers_at_once(tmp_path: Path) -> None:
    loop = VirtualLoop()
    server = Server(clock=loop.now, limits=STRICT)
    people = [server.user(f"U{n}", started=True) for n in range(380)]
    groups = [server.group(f"G{n}", people[0]) for n in range(3)]
    waits: list[float] = []

    async def asks(bot: ExtBot[None]) -> None:
        for person in people[360:380]:
            begun = loop.time()
            await bot.send_message(person.id, "answer")
            waits.append(loop.time() - begun)
            await asyncio.sleep(0.4)

    async def scene(store: BotStore) -> None:
        turns, stop, request = Turns(29), asyncio.Event(), Lagging(server)
        bot = ExtBot(server.token, request=request, get_updates_request=request, rate_limiter=PacedCalls(turns))
        async with bot:
            drain = Drain(InlineRows(store), Posting(bot), turns, clock=loop.now, aftermath=FakeAftermath())
            running, asking = asyncio.create_task(drain.run(stop)), asyncio.create_task(asks(bot))
            await asyncio.sleep(12)
            stop.set()
            await asyncio.gather(running, asking)

    with closing(BotStore(tmp_path / "bot.db")) as store:
        messages = [make_planned(person.id, f"d{person.id}") for person in people[:360]]
        messages += [make_planned(group.id, f"g{n}", urgency=Urgency.ALERT) for n in range(40) for group in groups]
        put(store, *messages, now=BEGAN)
        play(loop, scene(store))
        left = store.status().outbox
    assert server.core.meter.let_through >= 0.95 * 30 * 12
    assert max(waits) < 1
    assert {len(group.ours) for group in groups} <= {11, 12}, "one a second"
    assert server.core.meter.refused == 0
    assert left.get("uncertain", 0) == left.get("dead", 0) == 0


def test_paid_when_more_than_is_free_then_deliveries_say_so_and_answers_do_not(server: Server) -> None:
    ann = server.user("Ann", started=True)

    async def run() -> None:
        request, turns = InProcessRequest(server), Turns(100)
        bot = ExtBot(server.token, request=request, get_updates_request=request,
                     rate_limiter=PacedCalls(turns, per_second=100))  # fmt: skip
        async with bot:
            await Posting(bot).send(make_delivery(ann.id))
            await bot.send_message(ann.id, "answer")

    asyncio.run(run())
    assert [bool(call.parameters.get("allow_paid_broadcast")) for call in server.calls("sendMessage")] == [True, False]
