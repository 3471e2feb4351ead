"""Answers only the last of a person's inline questions: Telegram sends one with every key they press."""

import asyncio

WAIT_S = 0.3


class Bursts:
    """Knows the newest question of everybody who is typing."""

    def __init__(self, *, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._newest: dict[int, str] = {}

    async def is_last(self, user_id: int, query_id: str) -> bool:
        """Wait a moment; tell whether nothing newer has come from this person meanwhile."""
        self._newest[user_id] = query_id
        await asyncio.sleep(self._wait_s)
        return self._newest.get(user_id) == query_id

    def is_newest(self, user_id: int, query_id: str) -> bool:
        """Tell whether a question has become stale while it was answered."""
        return self._newest.get(user_id) == query_id

    def done(self, user_id: int, query_id: str) -> None:
        """Forget a question that is answered or given up."""
        if self._newest.get(user_id) == query_id:
            del self._newest[user_id]
