"""Two months of digests in no time: the real planner, bot.db, drain and library before the strict server.

Days pass by a virtual clock. People block us and come back, move to other zones, are asked to wait; answers get lost;
our own clock is set back and runs ahead; we are restarted, and killed once between any two statements over bot.db.
What is wrong is found as it happens (`Season.faults`); `Season.tally` says how much happened.
"""

import asyncio
import logging
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from telegram.ext import ExtBot

from bot.backroom import Backroom
from bot.config import Config
from bot.digests import Digests
from bot.drain import Drain, Turns
from bot.records import ChatKind
from bot.schedule import Days, Quiet, Rhythm
from bot.store import FILE, BotStore
from bot.subscriptions import DigestChoice, EmptyDay, Length, Notices, Subscription, Subscriptions
from bot.tg.posting import PacedCalls, Posting, rendered
from index import Archive, LiveBlog, Update, open_archive
from tests.bot.dying import Killed, Mortal, SlowRequest
from tests.bot.post import FakeAftermath, InlineRows, InlineWorker
from tests.botapi import STRICT, Server
from tests.botapi.faults import Drop
from tests.botapi.people import Person
from tests.botapi.places import Place
from tests.index.fakes import BagEncoder
from tests.virtual import VirtualLoop, play

# Some clocks go forward within these two months, some back, some never; some stand at half or three quarters of an
# hour. Those of the Americas and of Europe change from the 12th of October on; Apia and Fakaofo leave out the 30th of
# December 2011.
AUTUMN = datetime(2011, 9, 20, 0, 7, tzinfo=UTC)
OCTOBER = datetime(2011, 10, 12, 0, 7, tzinfo=UTC)
NEW_YEAR = datetime(2011, 12, 22, 0, 7, tzinfo=UTC)
ZONES = (
    "UTC", "Europe/Kyiv", "Europe/Berlin", "Europe/London", "Europe/Lisbon", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Sao_Paulo",
    "America/Asuncion", "America/Santiago", "America/Caracas", "Africa/Cairo", "Africa/Windhoek", "Asia/Tehran",
    "Asia/Kolkata", "Asia/Kathmandu", "Asia/Gaza", "Asia/Tokyo", "Australia/Sydney", "Australia/Adelaide",
    "Australia/Lord_Howe", "Australia/Eucla", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia",
    "Pacific/Fakaofo", "Pacific/Fiji", "Pacific/Kiritimati",
)  # fmt: skip
_CLOCKS = (time(2, 30), time(7, 37), time(8), time(0, 5), time(21, 15), time(23, 45), time(3), time(12))
_STEP = timedelta(minutes=30)
_MOST = 16
_MARK = re.compile(r"\bX[a-z]{4}\b")
_WORDS = "anchor barge canal dock eddy ferry gale harbour inlet jetty keel lock mast net oar pier quay rope sail tide"


@dataclass
class Season:
    """What happened, and what of it was wrong."""

    folder: Path
    began: datetime
    days: int
    chats: int
    zones: Sequence[str] = ZONES
    seed: int = 5
    faults: list[str] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._loop = VirtualLoop(self.began)
        self._chance = random.Random(self.seed)
        self._server = Server(clock=self._loop.now, limits=STRICT)
        self._ahead = timedelta(0)
        self._died: set[tuple[str, str]] = set()
        self._marks: dict[int, str] = {}
        self._blocked: set[Person] = set()
        self._read: dict[str, Subscription] = {}
        self._told: dict[tuple[str, int, int], list[str]] = {}
        self._places: dict[int, Place] = {}

    def play(self) -> None:
        """Live through it."""
        # Those who die are meant to.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        try:
            play(self._loop, self._lived())
        finally:
            logging.getLogger("asyncio").setLevel(logging.NOTSET)

    # The bot

    def _now(self) -> datetime:
        """Return what our own clock says."""
        return self._loop.now() + self._ahead

    def _open(self, *, mortal: bool) -> None:
        self._store = BotStore(self.folder / FILE)
        self._mortal = Mortal(self._store._connection, self._died)
        if mortal:
            self._store._connection = self._mortal  # type: ignore[assignment]
        config = Config.model_validate({"store": {"directory": self.folder}})
        self._archive: Archive = open_archive(config, now=self._now(), encoder=BagEncoder(dimension=64))
        archive, store = InlineWorker(self._archive), InlineWorker(self._store)
        self._digests = Digests(archive, Backroom(archive, store))  # type: ignore[arg-type]

    def _close(self) -> None:
        """End a life: what was not committed is gone, and so is all that stood in memory."""
        self._store._db.close()
        self._archive.close()

    def _restart(self) -> None:
        self.tally["restarts"] += 1
        self._close()
        self._open(mortal=True)

    async def _work(self) -> None:
        """Plan what is due and send what waits, as often as it takes: a life may be short."""
        while True:
            working = asyncio.create_task(self._worked())
            with suppress(asyncio.CancelledError):
                await asyncio.wait({working}, timeout=0.1 if self._chance.random() < 0.03 else None)
            if working.done() and working.exception() is None:
                return
            if working.done() and not self._mortal.is_dead:
                working.result()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            self.tally["deaths"] += 1
            self._close()
            self._open(mortal=True)

    async def _worked(self) -> None:
        now = self._now()
        self._store.realign_subscriptions(now=now)
        self.tally["planned"] += await self._digests.plan(now, lambda reply: rendered(reply, our_name="datelinebot"))
        self._note_planned()
        if self._waiting():
            await self._drained()

    async def _drained(self) -> None:
        request = SlowRequest(self._server)
        turns, stop = Turns(29), asyncio.Event()
        bot = ExtBot(self._server.token, request=request, get_updates_request=request, rate_limiter=PacedCalls(turns))
        async with bot:
            drain = Drain(InlineRows(self._store), Posting(bot), turns, clock=self._now, aftermath=FakeAftermath())
            running = asyncio.create_task(drain.run(stop))
            while self._waiting() and not running.done():
                await asyncio.sleep(0.25)
            stop.set()
            await running

    def _waiting(self) -> bool:
        return bool(self._look(
            "select 1 from outbox where state in ('pending', 'retry', 'sending') and due_at <= ? limit 1",
            int(self._now().timestamp() * 1e6),
        ))  # fmt: skip

    def _look(self, sql: str, *given: object) -> list[tuple[Any, ...]]:
        """Look behind the store's back."""
        return self._store._db.conn.execute(sql, given).fetchall()

    # The world

    async def _lived(self) -> None:
        self._open(mortal=False)
        self._settle()
        self._restart()
        for step in range(int(timedelta(days=self.days) / _STEP)):
            await self._next(step)
        await self._end()
        self._check_all()
        self._close()

    async def _next(self, step: int) -> None:
        day, hour = divmod(step, 48)
        early = self._chance.random() * _STEP.total_seconds()
        await asyncio.sleep(early)
        if hour % 16 == 3:
            self._news(12 if day % 14 == 4 and hour == 3 else 1)
        await asyncio.sleep(_STEP.total_seconds() - early)
        self._happens(day, hour)
        # On some days nobody looks after us for hours.
        if day % 17 == 9 and hour > 6:
            return
        await self._work()
        self._check()

    def _settle(self) -> None:
        """Let everybody subscribe, in zones and at times of their own."""
        for n in range(self.chats):
            zone = self.zones[n % len(self.zones)]
            place: Place = self._server.user(f"U{n}", started=True)
            if n % 10 == 9:
                place = self._server.supergroup(f"G{n}")
            kind = ChatKind.SUPERGROUP if n % 10 == 9 else ChatKind.PRIVATE
            self._places[place.id] = place
            self._store.note_chat(place.id, kind=kind, at=self._now())
            clock = _CLOCKS[(n // len(self.zones) % 2 + n % len(self.zones)) % len(_CLOCKS)]
            rhythm = Rhythm(at=clock, zone=zone, days=Days.WEEKDAYS if n % 7 == 6 else Days.DAILY)
            empty = EmptyDay.LINE if n % 5 == 4 else EmptyDay.SILENT
            choice = DigestChoice(rhythm=rhythm, length=Length.LONG, empty_day=empty)
            one = self._store.subscribe(place.id, choice, now=self._now(), seq=0)
            self._read[one.id] = one
            if n % 8 == 5:
                quiet = Quiet(since=time(22), until=time(7), zone=zone)
                self._store.put_notices(place.id, Notices(quiet=quiet), at=self._now())

    def _news(self, count: int) -> None:
        """Take in updates, each on a matter of its own."""
        for _ in range(count):
            number = len(self._marks) + 1
            mark, words = _mark(number), self._chance.sample(_WORDS.split(), 3)
            text = f"Bulletin {mark} tells of {', '.join(word + mark.lower() for word in words)} and no more."
            update = Update(key=f"u{number}", title="", text=text, live_blog="sea", published_at=self._loop.now())
            blogs = [LiveBlog(key="sea", title="The sea, live")]
            self._archive.take("Gazette", [update], now=self._now(), live_blogs=blogs)
            self._marks[self._archive.store.last_seq()] = mark
        self._archive.encode_pending()

    def _happens(self, day: int, hour: int) -> None:
        """Let something go wrong, or somebody change their mind."""
        if hour == 0:
            self._set_clock(day)
        people = [place for place in self._places.values() if isinstance(place, Person)]
        match self._chance.randrange(24):
            case 0:
                self.tally["answers lost"] += 1
                self._server.fail("sendMessage", self._chance.choice((Drop.SILENCE, Drop.AFTER, Drop.BEFORE)))
            case 1:
                self._server.flood(self._chance.choice(list(self._places.values())), 4000.0)
            case 2 if len(self._blocked) < 1 + self.chats // 20:
                one = self._chance.choice([one for one in people if one not in self._blocked])
                one.blocks()
                self._blocked.add(one)
            case 3 if self._blocked:
                self._comes_back(self._chance.choice(sorted(self._blocked, key=lambda one: one.id)))
            case 4:
                self._moves(self._chance.choice(list(self._read.values())))
            case 5 | 6:
                self._restart()
            case _:
                pass

    def _set_clock(self, day: int) -> None:
        """Set our clock back by an hour for two days, and ahead by a day for one."""
        third = max(self.days // 3, 1)
        back = third <= day < third + 2
        forward = 2 * third <= day < 2 * third + 1
        ahead = timedelta(hours=-1) if back else timedelta(days=1) if forward else timedelta(0)
        self.tally["clock set"] += ahead != self._ahead
        self._ahead = ahead

    def _comes_back(self, person: Person) -> None:
        person.unblocks()
        self._blocked.discard(person)
        self._restart()
        self._alive(lambda store: store.resume(person.id, at=self._now()))
        self.tally["came back"] += 1

    def _moves(self, one: Subscription) -> None:
        """Let somebody travel: the window that has begun goes on by other clocks."""
        rhythm = replace(one.choice.rhythm, zone=self._chance.choice(self.zones))
        choice = replace(one.choice, rhythm=rhythm)
        self._alive(lambda store: store.change_subscription(one.id, choice, now=self._now()))
        held = self._subscription(one.id)
        if held.window_no == one.window_no and held.seq != one.seq:
            self.faults.append(f"{one.id}: a move touched its window")
        self._read[one.id] = held
        self.tally["zones changed"] += 1

    def _alive(self, job: Any) -> None:  # noqa: ANN401  a job over the store
        """Do a job, in as many lives as it takes."""
        while True:
            try:
                job(self._store)
                return
            except Killed:
                self.tally["deaths"] += 1
                self._close()
                self._open(mortal=True)

    async def _end(self) -> None:
        """Let everybody come back, and what waits leave."""
        for person in sorted(self._blocked, key=lambda one: one.id):
            self._comes_back(person)
        for _ in range(5 * 48):
            await asyncio.sleep(_STEP.total_seconds())
            await self._work()
            self._check()

    # What must hold

    def _subscription(self, key: str) -> Subscription:
        held = Subscriptions(self._store._db.conn, "").subscription(key)
        assert held is not None
        return held

    def _note_planned(self) -> None:
        """Read what is about to leave, while its text is there."""
        for key, window_no, part, text in self._look(
            """select subscription_id, window_no, part, plain from outbox join bodies on bodies.id = body_id
               where subscription_id is not null and tries = 0"""
        ):
            self._told[key, window_no, part] = _MARK.findall(text)

    def _check(self) -> None:
        """Hold every window that has moved against the one before, and its digest against what was seen in it."""
        for key, before in self._read.items():
            now = self._subscription(key)
            if now != before:
                self._read[key] = now
                self.faults += [f"chat {now.chat_id} window {now.window_no}: {it}" for it in self._wrong(before, now)]

    def _wrong(self, before: Subscription, now: Subscription) -> Iterator[str]:
        self.tally["windows"] += 1
        if now.window_no != before.window_no + 1:
            yield f"follows {before.window_no}"
        if not now.next_due_at > before.next_due_at:
            yield f"due {now.next_due_at} after {before.next_due_at}"
        if not now.window_since > before.window_since:
            yield f"ends {now.window_since} after {before.window_since}"
        told = [mark for (key, no, _), marks in self._told.items() if (key, no) == (now.id, now.window_no)
                for mark in marks]  # fmt: skip
        seen = [mark for seq, mark in self._marks.items() if before.seq < seq <= now.seq]
        if Counter(told) - Counter(seen) or len(told) < min(len(seen), _MOST):
            yield f"tells {told} of {seen}"

    def _check_all(self) -> None:
        """Hold what the chats show against the outbox: each digest once, or listed as uncertain."""
        states = {
            (key, window_no, part): state
            for key, window_no, part, state in self._look("select subscription_id, window_no, part, state from outbox")
        }
        self.tally["statements died between"] = len(self._died)
        self.tally.update(f"in state {state}" for state in states.values())
        for one in self._read.values():
            shown = Counter(_MARK.findall("\n".join(self._places[one.chat_id].texts)))
            rows = {row: state for row, state in states.items() if row[0] == one.id}
            said, wanted = len(self._places[one.chat_id].texts), Counter(rows.values())
            self.faults += [f"chat {one.chat_id}: {it}" for it in self._unlike(shown, rows)]
            if not wanted["sent"] <= said <= wanted["sent"] + wanted["uncertain"]:
                self.faults.append(f"chat {one.chat_id} shows {said} messages of {wanted}")
            if self._marks and one.seq < max(self._marks):
                self.faults.append(f"chat {one.chat_id} was told up to {one.seq} of {max(self._marks)}")

    def _unlike(self, shown: Counter[str], rows: dict[tuple[str, int, int], str]) -> Iterator[str]:
        for row, state in rows.items():
            for mark in self._told[row]:
                if shown[mark] > 1 or (shown[mark] < 1 and state != "uncertain"):
                    yield f"shows {mark} {shown[mark]} times, window {row[1]} is {state}"
                self.tally["uncertain that arrived"] += state == "uncertain" and shown[mark] == 1
            if state not in ("sent", "uncertain"):
                yield f"window {row[1]} part {row[2]} is {state}"
        if shown.keys() - {mark for row in rows for mark in self._told[row]}:
            yield "shows what no window told"


def _mark(number: int) -> str:
    """Name an update by letters: a number would be a figure, whose earlier value is quoted with it."""
    return "X" + "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))
