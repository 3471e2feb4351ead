"""Fakes for the drain: a platform that answers from a script, and bot.db touched without a thread."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.deliveries import Arrived, Delivery, Outcome
from bot.records import PauseReason
from bot.store import BotStore
from bot.workers import Priority

T = TypeVar("T")
R = TypeVar("R")


class InlineRows:
    """Runs a job at once."""

    def __init__(self, store: BotStore) -> None:
        self.store = store

    async def __call__(self, job: Callable[[BotStore], T]) -> T:
        return job(self.store)


class InlineWorker(Generic[R]):
    """A worker without a thread, for loops whose time passes by itself."""

    def __init__(self, resource: R) -> None:
        self.resource = resource

    async def do(self, priority: Priority, job: Callable[[R], T]) -> T:
        return job(self.resource)


@dataclass(slots=True, kw_only=True)
class FakePost:
    """Takes everything after `takes_s`, but what `script` says otherwise of a chat's next attempts."""

    script: Mapping[int | None, list[Outcome]] = field(default_factory=dict)
    takes_s: float = 0.1
    sent: list[tuple[float, Delivery, Outcome]] = field(default_factory=list)

    async def send(self, delivery: Delivery) -> Outcome:
        begun = asyncio.get_running_loop().time()
        await asyncio.sleep(self.takes_s)
        planned = self.script.get(delivery.chat_id)
        outcome = planned.pop(0) if planned else Arrived(chat_id=delivery.chat_id, message_id=1000 + delivery.id)
        self.sent.append((begun, delivery, outcome))
        return outcome

    def texts(self, chat_id: int | None = None) -> list[str]:
        """Return what has arrived, in order; of one chat where it is named."""
        return [
            one.body.plain
            for _, one, outcome in self.sent
            if isinstance(outcome, Arrived) and chat_id in (None, one.chat_id)
        ]


@dataclass(slots=True, kw_only=True)
class FakeAftermath:
    """Remembers what it was told."""

    told: list[tuple[object, ...]] = field(default_factory=list)

    async def moved(self, old_chat_id: int, new_chat_id: int) -> None:
        self.told.append(("moved", old_chat_id, new_chat_id))

    async def unreachable(self, chat_id: int, reason: PauseReason) -> None:
        self.told.append(("unreachable", chat_id, reason))

    async def topic_closed(self, chat_id: int, thread_id: int | None) -> None:
        self.told.append(("topic closed", chat_id, thread_id))
