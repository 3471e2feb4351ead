"""`python -m bench delivery`: a great many digests due in the same minute, planned, drained, and killed in between.

Planned by the planner of the bot over a real archive and bot.db, each in its thread; drained by its drain and the real
library against the strict server, whose limits hold on a clock that passes by itself; killed in a process of its own,
with SIGKILL at random moments.
"""

import asyncio
import functools
import random
import resource
import statistics
import subprocess
import sys
import time as clock
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from telegram.error import RetryAfter
from telegram.ext import ExtBot

from bot.backroom import Backroom
from bot.config import Config
from bot.deliveries import Planned, Rendered, Urgency
from bot.digests import Digests
from bot.drain import Drain, Turns
from bot.planning import DigestPlan, turns_of
from bot.records import ChatKind, Draft, Quoted, SentKind, text_hash
from bot.schedule import Quiet, Rhythm, Turn
from bot.settings import ChatSettings
from bot.store import FILE, BotStore, open_store
from bot.subscriptions import DigestChoice, Notices, Subscription
from bot.tg.posting import PacedCalls, Posting, rendered
from bot.workers import Priority, Worker
from index import Archive, LiveBlog, Span, Update, open_archive
from tests.bot.post import FakeAftermath, InlineRows
from tests.bot.season import AUTUMN, Season
from tests.botapi import STRICT, Server
from tests.botapi.inprocess import InProcessRequest
from tests.index.fakes import BagEncoder
from tests.virtual import VirtualLoop, play

Result = Mapping[str, float | int | str]

BEGAN = datetime(2031, 5, 4, 12, tzinfo=UTC)
DUE = datetime(2031, 5, 5, 6, 30, tzinfo=UTC)
_PAGE = 1000
_LANGUAGES = ("de", "uk", "es")
_PER_SECOND = 29
_ALLOWED = 30
_ANSWER_EVERY_S = 0.5
_QUOTES = tuple(
    Quoted(source="Harbour Gazette", update_id=f"e{n}", update_no=n, revision=1, span=Span(start=0, end=80),
           text_hash=text_hash(str(n)))
    for n in range(5)
)  # fmt: skip
_HTML = "\n\n".join(
    f"<b>Ferries, {n}</b>\n<blockquote>{'The ferries to the north pier run every hour again. ' * 4}</blockquote>"
    for n in range(5)
)
_PLAIN = _HTML.replace("<b>", "").replace("</b>", "").replace("<blockquote>", "").replace("</blockquote>", "")
_BODY = (Rendered(html=_HTML, plain=_PLAIN),)


def measure(
    *, planned: int, drained: int, kills: int, killed: int = 3000, days: int = 0, chats: int = 300
) -> dict[str, Result]:
    """Measure what is asked for, each over databases of its own that are deleted afterwards."""
    results: dict[str, Result] = {}
    with TemporaryDirectory() as folder:
        if planned:
            results["planning"] = measure_planning(Path(folder), count=planned)
        if drained:
            results["draining"] = measure_draining(Path(folder), count=drained)
        if kills:
            results["kills"] = measure_kills(Path(folder), count=killed, kills=kills)
        if days:
            results["two months"] = measure_season(Path(folder) / "season", days=days, chats=chats)
    return results


def subscribed(store: BotStore, chats: Iterator[int], *, count: int) -> None:
    """Subscribe so many chats to a digest at 08:30 in Berlin, so that all are due in one minute."""
    choice = DigestChoice(rhythm=Rhythm(at=time(8, 30), zone="Europe/Berlin"))
    for _ in range(count):
        store.subscribe(next(chats), choice, now=BEGAN, seq=1)


def planned(store: BotStore, *, now: datetime, page: int = _PAGE) -> Iterator[int]:
    """Plan all that is due, page by page; gives how many each time."""
    last: Subscription | None = None
    while due := store.due_subscriptions(now=now, limit=page, after=last):
        last = due[-1]
        yield store.plan_digests([_plan(one, turn, now) for one, turn in turns_of(due, now=now)], now=now)


def _plan(subscription: Subscription, turn: Turn, now: datetime) -> DigestPlan:
    draft = Draft(kind=SentKind.DIGEST, at=now, chat_id=subscription.chat_id, quotes=_QUOTES)
    message = Planned(chat_id=subscription.chat_id, urgency=Urgency.DIGEST, parts=_BODY, draft=draft)
    return DigestPlan(subscription=subscription, turn=turn, seq=9, message=message)


def measure_planning(folder: Path, *, count: int) -> Result:
    """Plan so many digests on two mornings; on the second everybody was told something, and each figure is doubled.

    The memory is what planning adds to the peak.
    """
    with closing(BotStore(folder / FILE)) as store:
        subscribed(store, iter(range(1, count + 1)), count=count)
        _settle_in(store, count)
    return asyncio.run(_mornings(folder))


def _settle_in(store: BotStore, count: int) -> None:
    """Make us know the chats; some have a language, some quiet hours."""
    quiet = Notices(quiet=Quiet(since=time(22), until=time(7), zone="Europe/Berlin"))
    for chat_id in range(1, count + 1):
        store.note_chat(chat_id, kind=ChatKind.PRIVATE, at=BEGAN)
        if chat_id % 10 == 0:
            store.put_settings(chat_id, ChatSettings(language=_LANGUAGES[chat_id // 10 % 3]), at=BEGAN)
        if chat_id % 10 == 1:
            store.put_notices(chat_id, quiet, at=BEGAN)


async def _mornings(folder: Path) -> Result:
    config = Config.model_validate({"store": {"directory": folder}})
    opened = functools.partial(open_archive, config, now=BEGAN, encoder=BagEncoder(dimension=64))
    async with Worker("archive", opened) as archive, Worker("conversation", lambda: open_store(folder)) as store:
        digests = Digests(archive, Backroom(archive, store))
        result: dict[str, float | int | str] = {}
        for morning, due in (("first", DUE), ("second", DUE + timedelta(days=1))):
            await archive.do(Priority.LOOK, functools.partial(_news, due=due))
            result |= {f"{morning} morning: {key}": value for key, value in (await _planning(digests, due)).items()}
        waiting = await store.do(Priority.QUESTION, lambda held: held.status().outbox.get("pending", 0))
        return result | {"waiting": waiting, "bot.db MB": (folder / FILE).stat().st_size / 1e6}


async def _planning(digests: Digests, due: datetime) -> Result:
    before_mb, began, began_cpu = _peak_mb(), clock.perf_counter(), clock.process_time()
    done = await digests.plan(due, lambda reply: rendered(reply, our_name="datelinebot"))
    seconds, cpu_s = clock.perf_counter() - began, clock.process_time() - began_cpu
    return {
        "digests planned": done,
        "planning s": seconds,
        "planning processor s": cpu_s,
        "planned/s": done / seconds,
        "peak MB before planning": before_mb,
        "peak MB after planning": _peak_mb(),
    }


def _news(archive: Archive, *, due: datetime) -> None:
    """Take in a night's updates, each on a matter of its own."""
    updates = [
        Update(
            key=f"{due:%d}-{n}",
            title=f"Pier {n}",
            text=f"Ferry number {n} to the {place} pier runs every {n + 2} hours again. {'More by noon. ' * n}",
            published_at=due - timedelta(hours=1),
            live_blog="harbour",
        )
        for n, place in enumerate("north south east west outer inner upper lower fish coal salt grain".split())
    ]
    blogs = [LiveBlog(key="harbour", title="The harbour, live")]
    archive.take("Harbour Gazette", updates, now=due - timedelta(minutes=30), live_blogs=blogs)
    archive.encode_pending()


class Network(InProcessRequest):
    """The way to the server takes 40 to 90 milliseconds, and is not the same twice."""

    def __init__(self, server: Server) -> None:
        """Take the server."""
        super().__init__(server)
        self._chance = random.Random(3)

    async def do_request(self, url: str, *args: object, **kwargs: object) -> tuple[int, bytes]:
        """Make a request."""
        await asyncio.sleep(self._chance.uniform(0.02, 0.045))
        answered = await super().do_request(url, *args, **kwargs)  # type: ignore[arg-type]
        await asyncio.sleep(self._chance.uniform(0.02, 0.045))
        return answered


def measure_draining(folder: Path, *, count: int) -> Result:
    """Drain so many digests against the strict server while people ask."""
    loop = VirtualLoop(DUE)
    server = Server(clock=loop.now, limits=STRICT)
    people = [server.user(f"U{n}", started=True).id for n in range(count)]
    askers = [server.user(f"A{n}", started=True).id for n in range(60)]
    waits: list[float] = []
    with closing(BotStore(folder / "draining.db")) as store:
        subscribed(store, iter(people), count=count)
        sum(planned(store, now=DUE))
        began = clock.perf_counter()
        took_s = play(loop, _drained(server, store, loop, askers, waits))
        states = store.status().outbox
    let_through = server.core.meter.let_through
    return {
        "digests sent": states.get("sent", 0),
        "in other states": sum(states.values()) - states.get("sent", 0),
        "answers": len(waits),
        "clock s": took_s,
        "messages/s": let_through / took_s,
        "share of the allowed rate": let_through / took_s / _ALLOWED,
        "refused by the server": server.core.meter.refused,
        "answer p50 ms": 1000 * statistics.median(waits),
        "answer p99 ms": 1000 * sorted(waits)[int(len(waits) * 0.99)],
        "answer max ms": 1000 * max(waits),
        "real s": clock.perf_counter() - began,
    }


async def _drained(server: Server, store: BotStore, loop: VirtualLoop, askers: list[int], waits: list[float]) -> float:
    turns, stop, request = Turns(_PER_SECOND), asyncio.Event(), Network(server)
    bot = ExtBot(server.token, request=request, get_updates_request=request, rate_limiter=PacedCalls(turns))

    async def ask(person: int) -> None:
        begun = loop.time()
        try:
            await bot.send_message(person, "The answer.")
        except RetryAfter as flood:  # as the bot's sender does: it waits and sends again
            await asyncio.sleep(_seconds(flood))
            await bot.send_message(person, "The answer.")
        waits.append(loop.time() - begun)

    async with bot:
        drain = Drain(InlineRows(store), Posting(bot), turns, clock=loop.now, aftermath=FakeAftermath())
        running = asyncio.create_task(drain.run(stop))
        begun = loop.time()
        asked: list[asyncio.Task[None]] = []
        while store._rows("select 1 from outbox where state in ('pending', 'retry') limit 1"):
            asked.append(asyncio.create_task(ask(askers[len(asked) % len(askers)])))
            await asyncio.sleep(_ANSWER_EVERY_S)
        took_s = loop.time() - begun
        await asyncio.gather(*asked)
        stop.set()
        await running
    return took_s


def _seconds(flood: RetryAfter) -> float:
    wait = flood.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()


def measure_kills(folder: Path, *, count: int, kills: int, longest_s: float = 0.25, seed: int = 11) -> Result:
    """Kill a process that plans and drains, so many times at random moments, then let it end; count what arrived."""
    chance = random.Random(seed)
    path, arrivals = folder / "killed.db", folder / "arrived.txt"
    with closing(BotStore(path)) as store:
        subscribed(store, iter(range(1, count + 1)), count=count)
    killed = 0
    for _ in range(kills):
        process = _child(path, arrivals)
        if process.stdout is None:
            raise ValueError("the child has no output")
        process.stdout.readline()  # it has begun: what is killed is work, not imports
        try:
            process.wait(chance.uniform(0.005, longest_s))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.wait()
        process.stdout.close()
    ended = _child(path, arrivals)
    ended.communicate()
    arrived = Counter(int(line) for line in arrivals.read_text().split())
    return {"kills": killed, "digests": count} | _verdict(path, arrived, count)


def _verdict(path: Path, arrived: Counter[int], count: int) -> dict[str, int]:
    with closing(BotStore(path)) as store:
        rows = store._rows("select chat_id, state, window_no from outbox")
        findings = store.integrity()
    states = {int(str(chat)): str(state) for chat, state, _ in rows}
    uncertain = {chat for chat, state in states.items() if state == "uncertain"}
    return {
        "planned twice or never": abs(len(rows) - count) + count - len(states),
        "arrived": len(arrived),
        "arrived twice": sum(times > 1 for times in arrived.values()),
        "uncertain": len(uncertain),
        "uncertain that did arrive": sum(chat in arrived for chat in uncertain),
        "lost and not listed": sum(chat not in arrived and chat not in uncertain for chat in range(1, count + 1)),
        "unsettled": sum(state not in ("sent", "uncertain") for state in states.values()),
        "findings in bot.db": len(findings),
    }


def measure_season(folder: Path, *, days: int, chats: int) -> Result:
    """Live through so many days; counts what happened, and what of it was wrong."""
    folder.mkdir()
    season = Season(folder=folder, began=AUTUMN, days=days, chats=chats)
    began = clock.perf_counter()
    season.play()
    wrong: dict[str, float | int | str] = {"wrong": len(season.faults)}
    if season.faults:
        wrong["the first"] = season.faults[0]
    size_mb = (folder / FILE).stat().st_size / 1e6
    return dict(sorted(season.tally.items())) | {"bot.db MB": size_mb, "real s": clock.perf_counter() - began} | wrong


def _child(path: Path, arrivals: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.delivery_child", str(path), str(arrivals)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kibibytes, but bytes on macOS.
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
