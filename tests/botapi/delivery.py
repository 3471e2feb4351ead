"""The queue of updates on its way to the bot: which kinds it wants, long polling, and who may poll."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from tests.botapi.refusals import bad_request, conflict
from tests.botapi.state import Clock, Json

KEPT_FOR = timedelta(hours=24)
KINDS = frozenset(
    "message edited_message channel_post edited_channel_post business_connection business_message"
    " edited_business_message deleted_business_messages guest_message message_reaction message_reaction_count"
    " inline_query chosen_inline_result callback_query shipping_query pre_checkout_query purchased_paid_media poll"
    " poll_answer my_chat_member chat_member chat_join_request chat_boost removed_chat_boost managed_bot".split()
)
UNLESS_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "terminated by setWebhook request"


class Delivery:
    """Updates in order. `withheld` are those the bot did not ask for, for a test to see."""

    def __init__(self, clock: Clock, touch: Callable[[], None]) -> None:
        self.allowed = KINDS - UNLESS_ASKED
        self.withheld: list[Json] = []
        self.delivered: list[Json] = []
        self.webhook_url = ""
        self.news = asyncio.Event()
        self.waiting = 0
        self.pending: deque[tuple[datetime, Json]] = deque()
        self._clock = clock
        self.touch = touch
        self._numbers = count(100_000_001)
        self._turn = 0
        self._why = OTHER_POLLER

    def push(self, kind: str, payload: Json) -> Json:
        """Put an update in the queue, unless the bot does not want its kind."""
        update = {"update_id": next(self._numbers), kind: payload}
        if kind in self.allowed:
            self.pending.append((self._clock(), update))
            self.news.set()
        else:
            self.withheld.append(update)
        self.touch()
        return update

    def allow(self, kinds: list[str] | None) -> None:
        """Take `allowed_updates`: none leaves all as it is, an empty list means the usual ones."""
        if kinds is not None:
            self.allowed = frozenset(kinds) & KINDS if kinds else KINDS - UNLESS_ASKED

    def forget_old(self) -> None:
        """Drop what waited for a day, as Telegram does."""
        before = self._clock() - KEPT_FOR
        while self.pending and self.pending[0][0] < before:
            self.pending.popleft()

    def confirm(self, offset: int) -> None:
        """Forget what came before `offset`; a negative one counts from the end."""
        if offset < 0:
            while len(self.pending) > -offset:
                self._take_first()
        while self.pending and self.pending[0][1]["update_id"] < offset:
            self._take_first()
        self.touch()

    def _take_first(self) -> None:
        self.delivered.append(self.pending.popleft()[1])

    def interrupt(self, why: str) -> None:
        """End a poll that waits, with a conflict."""
        self._turn += 1
        self._why = why
        self.news.set()

    async def get_updates(self, given: Json) -> list[Json]:
        """Answer one poll. Raises: RefusalError, also in mid-wait when another one polls."""
        if self.webhook_url:
            raise conflict(WEBHOOK_ACTIVE)
        limit, timeout_s = given.get("limit", 100), given.get("timeout", 0)
        if not 1 <= limit <= 100:
            raise bad_request("limit must be between 1 and 100")
        self.allow(given.get("allowed_updates"))
        self.interrupt(OTHER_POLLER)
        turn = self._turn
        self.forget_old()
        self.confirm(given.get("offset", 0))
        await self._wait(turn, min(timeout_s, 50))
        if self._turn != turn:
            raise conflict(self._why)
        return [update for _, update in list(self.pending)[:limit]]

    async def _wait(self, turn: int, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        self.waiting += 1
        self.touch()
        try:
            while not self.pending and self._turn == turn and (left := until - loop.time()) > 0:
                self.news.clear()
                try:
                    await asyncio.wait_for(self.news.wait(), left)
                except TimeoutError:
                    return
        finally:
            self.waiting -= 1
            self.touch()
