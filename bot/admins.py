"""Who is an admin of which chat: asked of the platform, and believed for a minute."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.ports import Platform

BELIEVED_FOR = timedelta(seconds=60)
_KNOWN = 10_000


class Admins:
    """A memory before `Platform.is_admin`, so that a row of presses is one call. `platform`: it comes after us."""

    def __init__(self, platform: Callable[[], Platform | None]) -> None:
        """Take where to find whom to ask; nobody is an admin while there is none."""
        self._platform = platform
        self._known: OrderedDict[tuple[int, int], tuple[bool, datetime]] = OrderedDict()

    async def is_admin(self, chat_id: int, user_id: int | None, now: datetime) -> bool:
        """Tell whether somebody is an admin; who speaks as the chat itself is one, since only admins can."""
        if user_id is None:
            return False
        if user_id == chat_id:
            return True
        known = self._known.get((chat_id, user_id))
        if known is not None and timedelta(0) <= now - known[1] < BELIEVED_FOR:
            return known[0]
        platform = self._platform()
        told = platform is not None and await platform.is_admin(chat_id, user_id)
        self._known[chat_id, user_id] = told, now
        self._known.move_to_end((chat_id, user_id))
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return told

    def forget(self, chat_id: int) -> None:
        """Believe nothing of a chat any more, as when it has another id or we are no longer in it."""
        for key in [key for key in self._known if key[0] == chat_id]:
            del self._known[key]
