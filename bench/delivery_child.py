"""What `bench.delivery` kills: plans what is due and drains it, one line of a file for each message that arrives."""

import asyncio
import os
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.delivery import DUE, planned
from bot.deliveries import Arrived, Delivery, Outcome
from bot.drain import Drain, Turns
from bot.store import BotStore
from tests.bot.post import FakeAftermath, InlineRows

_PAGE = 40
_PER_SECOND = 1000


class FilePost:
    """A platform that is a file: a message has arrived when its line is there, whatever becomes of us."""

    def __init__(self, path: Path) -> None:
        """Take the file."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def send(self, delivery: Delivery) -> Outcome:
        """Take a few milliseconds before and after the message arrives."""
        await asyncio.sleep(0.002)
        os.write(self._file, f"{delivery.chat_id}\n".encode())
        await asyncio.sleep(0.002)
        return Arrived(chat_id=delivery.chat_id, message_id=delivery.id)


async def _run(path: Path, arrivals: Path) -> None:
    began = datetime.now(UTC)

    def now() -> datetime:
        return DUE + timedelta(minutes=1) + (datetime.now(UTC) - began)

    with closing(BotStore(path)) as store:
        stop = asyncio.Event()
        drain = Drain(InlineRows(store), FilePost(arrivals), Turns(_PER_SECOND), clock=now, aftermath=FakeAftermath())
        running = asyncio.create_task(drain.run(stop))
        print("begun", flush=True)
        for _ in planned(store, now=now(), page=_PAGE):
            drain.wake()
            await asyncio.sleep(0.005)
        while store._rows("select 1 from outbox where state in ('pending', 'retry', 'sending') limit 1"):
            await asyncio.sleep(0.02)
        stop.set()
        await running


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), Path(sys.argv[2])))
