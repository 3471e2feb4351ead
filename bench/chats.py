"""`python -m bench chats`: many chats ask at once, and each must get its one answer in its own place.

The real Application, desk, archive and bot.db serve the tests' strict Telegram on loopback (`bench.served` says why
that one). It shares process and event loop with the bot, so the times hold its work as well. Everybody asks once,
so that the limits of a person and of a chat stay out of it.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bench.data import BenchSet, judgements
from bench.ingest import peak_mb
from bench.served import served
from bot.config import TelegramMode
from bot.workers import Priority
from index import Archive, Question
from index.encode import Encoder
from tests.botapi import NONE, Limits, Message, Person, Place, Server
from tests.botapi.places import Group
from tests.botapi.state import cut

Result = Mapping[str, float | int]

_TOPICS_OF_A_FORUM = 5
_LOOK_EVERY_S = 0.02
# Of four chats two are private, one is a group, one a topic of a forum.
_KINDS = ("private", "group", "private", "topic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How updates come, and how much Telegram takes: everything, or what it takes in truth."""

    name: str
    mode: TelegramMode = TelegramMode.POLLING
    limits: Limits = NONE


WAYS = (
    Way(name="polling"),
    Way(name="webhook", mode=TelegramMode.WEBHOOK),
    Way(name="polling, 30 a second", limits=Limits()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that somebody asked somewhere, and the quotes that the archive alone answers it with."""

    message: Message
    place: Place
    quotes: tuple[str, ...]


def measure(
    bench_set: BenchSet,
    *,
    chats: int,
    ways: Sequence[Way] = WAYS,
    encoder: Encoder | None = None,
    patience_s: float = 120.0,
) -> dict[str, Result]:
    """Let so many chats ask a set's questions at once, each way. Returns: way -> measure -> value.

    Args:
        bench_set: what to read and ask.
        chats: how many.
        ways: by which ways.
        encoder: stands in for the shipped one.
        patience_s: after so long without an answer a question counts as lost.
    """
    return {way.name: asyncio.run(_run(bench_set, chats, way, encoder, patience_s)) for way in ways}


async def _run(bench_set: BenchSet, chats: int, way: Way, encoder: Encoder | None, patience_s: float) -> Result:
    questions = _questions(bench_set, chats)
    with TemporaryDirectory() as folder:
        async with (
            Server(limits=way.limits) as server,
            served(server, bench_set.corpus, Path(folder), clock=_now, mode=way.mode, encoder=encoder) as bot,
        ):
            await _warm_up(server)
            alone = [await bot.archive.do(Priority.QUESTION, _alone(text)) for text in questions]
            places = _places(server, chats)
            await server.quiet(timeout_s=patience_s)
            before, began = server.core.meter.refused, time.perf_counter()
            asked = [
                Asked(message=_says(person, place, text), place=place, quotes=quotes)
                for (person, place), text, (_, quotes) in zip(places, questions, alone, strict=True)
            ]
            seconds = await _answered(asked, began, patience_s)
            await server.quiet(for_s=1.0, timeout_s=60)
            bare_s = statistics.fmean(took for took, _ in alone)
            return {
                "chats": chats,
                **counts(asked, server),
                "told to wait": server.core.meter.refused - before,
                **_times(asked, seconds, bare_s),
                "peak MB": peak_mb(),
            }


def _now() -> datetime:
    return datetime.now(UTC)


def _questions(bench_set: BenchSet, count: int) -> list[str]:
    """Take the answerable questions that follow no other, again from the start where there are too few."""
    judged = judgements(bench_set, {}, scoped_to_stream=False)
    chosen = [one.question.text for one in judged if one.question.previous is None and not one.unanswerable]
    return list(islice(cycle(chosen), count))


def _alone(text: str) -> Callable[[Archive], tuple[float, tuple[str, ...]]]:
    """Make a job that asks the archive with nothing around it. It returns: seconds, and the quotes."""

    def job(archive: Archive) -> tuple[float, tuple[str, ...]]:
        began = time.perf_counter()
        answer = archive.ask(Question(text=text, now=_now(), zone="UTC"))
        return time.perf_counter() - began, tuple(excerpt.text for excerpt in answer.excerpts)

    return job


def _places(server: Server, count: int) -> list[tuple[Person, Place]]:
    """Make the people and where they ask."""
    places: list[tuple[Person, Place]] = []
    forums: list[Group] = []
    topics = 0
    for number, kind in zip(range(count), cycle(_KINDS), strict=False):
        person = server.user(f"Reader {number}")
        if kind == "private":
            places.append((person, person))
        elif kind == "group":
            places.append((person, server.supergroup(f"Group {number}", person)))
        else:
            if topics % _TOPICS_OF_A_FORUM == 0:
                forums.append(server.supergroup(f"Forum {number}", person, forum=True))
            topics += 1
            places.append((person, forums[-1].topic(f"Topic {number}")))
    return places


async def _warm_up(server: Server) -> None:
    """Ask once, so that what is imported and connected at the first question is not measured."""
    await server.reply_to(server.user("First").says("Where did it start?"), timeout_s=60)
    await server.quiet()


def _says(person: Person, place: Place, text: str) -> Message:
    return person.says(text) if place is person else person.says(f"/ask {text}", to=place)


async def _answered(asked: Sequence[Asked], began: float, patience_s: float) -> float:
    """Wait until all are answered, or nothing is to be hoped for. Returns: the seconds since the first was asked."""
    while not all(_replies(one) for one in asked) and time.perf_counter() - began < patience_s:
        await asyncio.sleep(_LOOK_EVERY_S)
    return time.perf_counter() - began


def _replies(asked: Asked) -> list[Message]:
    return [one for one in asked.place.ours if one.reply_to is asked.message]


def counts(asked: Sequence[Asked], server: Server) -> dict[str, int]:
    """Count what went wrong; all is well where every figure is 0."""
    replies = [_replies(one) for one in asked]
    first = [(one, given[0]) for one, given in zip(asked, replies, strict=True) if given]
    rooms = {one.place.chat.id: one.place.chat for one in asked}.values()
    ours = sum(message.by_bot for room in rooms for message in room.messages)
    return {
        "lost": sum(not given for given in replies),
        "doubled": sum(len(given) > 1 for given in replies),
        "elsewhere": ours - sum(map(len, replies)) + sum(_topic(one.message) != _topic(got) for one, got in first),
        "not the archive's answer": sum(one.quotes != _quotes(got) for one, got in first),
        "refused by Telegram": sum(call.code != 429 for call in server.refused()),
    }


def _quotes(message: Message) -> tuple[str, ...]:
    """Return what a reply quotes, in the order in which it stands there."""
    kinds = ("blockquote", "expandable_blockquote")
    quotes = sorted((one for one in message.entities if one["type"] in kinds), key=lambda one: int(one["offset"]))
    return tuple(cut(message.text, one) for one in quotes)


def _topic(message: Message) -> int | None:
    """Return the forum topic; the number that Telegram gives to a chain of replies is none."""
    return message.thread_id if message.is_topic_message else None


def _times(asked: Sequence[Asked], seconds: float, bare_s: float) -> dict[str, float]:
    waits = sorted((given[0].date - one.message.date).total_seconds() for one in asked if (given := _replies(one)))
    if not waits:
        return {}
    half, nearly_all = waits[len(waits) // 2], waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    return {
        "answers/s": len(waits) / seconds,
        "p50 s": half,
        "p99 s": nearly_all,
        "bare ask ms": bare_s * 1000,
        "per question ÷ bare ask": seconds / len(waits) / bare_s,
        "p99 ÷ all asked bare": nearly_all / (bare_s * len(asked)),
    }


def show(console: Console, results: Mapping[str, Result]) -> None:
    """Print the figures, a column a way."""
    view = Table("measure", title="chats")
    for name in results:
        view.add_column(name, justify="right")
    for measure_name in next(iter(results.values())):
        cells = [row[measure_name] for row in results.values()]
        view.add_row(measure_name, *(f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in cells))
    console.print(view)
