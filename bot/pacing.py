"""How fast messages may leave: overall, to one chat, to one group or channel. Pure: no clock, no waiting.

Moments are seconds of any clock that never goes back. Answers go first: they are counted and never held up by a
chat's limits; what nobody waits for keeps to all of them.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import floor

# A little more than the platform's second and minute: two messages may be under way for different times.
_SECOND_S = 1.01
_CHAT_S = 1.05
_MINUTE_S = 61.0
_PER_MINUTE = 20
# Evenly spread, but free to make up for a wake-up that came late.
_HURRY = 0.95
# So many chats in a row that were all told to wait mean that we are too fast for the platform as a whole.
_FLOOD_OF_CHATS = 5
Lane = Hashable


@dataclass(slots=True, kw_only=True)
class _Chat:
    """When messages left for one chat: the last, and of a group those of the last minute; until when it is closed."""

    last_s: float = float("-inf")
    minute: deque[float] = field(default_factory=deque)
    closed_until_s: float = float("-inf")


class Pacer:
    """Counts what leaves."""

    def __init__(self, per_second: int) -> None:
        """Take how many messages a second may leave in all."""
        self._per_second = per_second
        self._gap_s = _HURRY / per_second
        # So many may leave at once after a pause, or a wake-up that came late.
        self._burst = per_second // 20 + 1
        self._next_s = float("-inf")
        self._window: deque[float] = deque()
        self._chats: dict[Lane, _Chat] = {}
        self._closed_until_s = float("-inf")
        self._flooded: dict[Lane, float] = {}

    def room(self, now_s: float) -> int:
        """Tell how many messages may leave at this moment, whoever they are for."""
        if now_s < self._closed_until_s:
            return 0
        while self._window and self._window[0] <= now_s - _SECOND_S:
            self._window.popleft()
        # What floating point makes of "exactly one gap later" is still one gap later.
        gaps = min((now_s - self._next_s) / self._gap_s + 1e-6, float(self._burst - 1))
        return max(0, min(floor(gaps) + 1, self._per_second - len(self._window)))

    def wait_s(self, now_s: float) -> float:
        """Tell how long until there is room for one; 0.0 where there is."""
        if self.room(now_s):
            return 0.0
        waits = [self._closed_until_s - now_s, self._next_s - now_s]
        if len(self._window) >= self._per_second:
            waits.append(self._window[0] + _SECOND_S - now_s)
        return max(0.001, *waits)

    def take(self, lane: Lane, now_s: float) -> None:
        """Count a message that leaves now."""
        self._window.append(now_s)
        self._next_s = max(self._next_s, now_s - (self._burst - 1) * self._gap_s) + self._gap_s
        chat = self._chats.setdefault(lane, _Chat())
        chat.last_s = now_s
        if _is_group(lane):
            chat.minute.append(now_s)
            while len(chat.minute) > _PER_MINUTE:
                chat.minute.popleft()

    def close(self, lane: Lane, until_s: float) -> None:
        """Let nothing leave for a chat for a while. When chat after chat is closed, it is meant for all of them."""
        self._chats.setdefault(lane, _Chat()).closed_until_s = until_s
        self._flooded[lane] = until_s
        if len(self._flooded) >= _FLOOD_OF_CHATS:
            self._closed_until_s = min(self._flooded.values())
            self._flooded.clear()

    def arrived(self) -> None:
        """Learn that a message was taken: then it is not the platform as a whole that is closed."""
        self._flooded.clear()

    def busy(self, now_s: float) -> frozenset[Lane]:
        """Name the chats to which nothing may leave now."""
        ready = {lane: self._ready_s(lane, chat) for lane, chat in self._chats.items()}
        for lane, ready_s in ready.items():
            if ready_s <= now_s and (not _is_group(lane) or self._chats[lane].last_s < now_s - _MINUTE_S):
                del self._chats[lane]
        return frozenset(lane for lane, ready_s in ready.items() if ready_s > now_s)

    def _ready_s(self, lane: Lane, chat: _Chat) -> float:
        full = len(chat.minute) == _PER_MINUTE
        return max(chat.last_s + _CHAT_S, chat.closed_until_s, chat.minute[0] + _MINUTE_S if full else float("-inf"))


def _is_group(lane: Lane) -> bool:
    """Tell a group or channel by its number, which is negative."""
    return isinstance(lane, int) and lane < 0
