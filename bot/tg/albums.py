"""Waits until an album is complete: it comes as so many messages, and is answered as one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.types import Incoming

WAIT_S = 1.0

Take = Callable[[Incoming], Awaitable[None]]


class Albums:
    """Collects the messages of each album until none has come for a while. `pause` sleeps, or raises to give up."""

    def __init__(self, *, pause: Callable[[float], Awaitable[None]], wait_s: float = WAIT_S) -> None:
        self._pause = pause
        self._wait_s = wait_s
        self._open: dict[tuple[int, str], list[Incoming]] = {}

    def add(self, album_id: str, incoming: Incoming, take: Take) -> Awaitable[None] | None:
        """Add a message.

        Returns: for an album's first one what waits for the others and hands all over as one; None for the others.
        """
        key = incoming.chat_id, album_id
        if key in self._open:
            self._open[key].append(incoming)
            return None
        self._open[key] = [incoming]
        return self._complete(key, take)

    async def _complete(self, key: tuple[int, str], take: Take) -> None:
        count = 0
        try:
            while count < len(self._open[key]):
                count = len(self._open[key])
                await self._pause(self._wait_s)
        finally:
            album = self._open.pop(key)
        await take(as_one(album))


def as_one(album: list[Incoming]) -> Incoming:
    """Make one message of an album: the one with the caption, else the first; forwarded if all of it is."""
    captioned = next((each for each in album if each.text or each.command), album[0])
    return replace(captioned, forwards_us=all(each.forwards_us for each in album))
