import asyncio
from datetime import timedelta
from pathlib import Path

from bot.commands import opening
from bot.commands.run import retaining
from bot.records import Draft, SentKind
from bot.store import open_store
from bot.workers import Priority, Worker


def test_retaining_when_the_bot_runs_then_what_is_old_enough_goes_at_once(tmp_path: Path) -> None:
    now = opening.utc_now()
    drafts = [Draft(kind=SentKind.ANSWER, at=now - timedelta(days=days), chat_id=7) for days in (1, 29, 31)]

    async def run() -> list[bool]:
        async with Worker("conversation", lambda: open_store(tmp_path)) as store:
            kept = await store.do(Priority.QUESTION, lambda held: [held.keep_sent(draft).id for draft in drafts])
            async with retaining(store, days=30):
                await asyncio.sleep(0)
                return await store.do(Priority.ENCODE, lambda held: [held.sent(key) is not None for key in kept])

    assert asyncio.run(run()) == [True, True, False]
