"""What Telegram lends to the conversation: who is an admin."""

import logging

from telegram import Bot
from telegram.constants import ChatMemberStatus

from bot.tg.errors import SendError
from bot.tg.failures import translated

logger = logging.getLogger(__name__)

_ADMINS = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR})


class TelegramPlatform:
    """Asks Telegram each time: whoever was an admin a minute ago may not be one now."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        """Tell whether somebody is an admin of a chat now; False where that cannot be learnt.

        Who speaks as the group itself is one: Telegram lets nobody else.
        """
        if user_id == chat_id:
            return True
        try:
            with translated():
                member = await self._bot.get_chat_member(chat_id, user_id)
        except SendError as failure:
            logger.info("admin not known chat=%d error=%s", chat_id, type(failure).__name__)
            return False
        return member.status in _ADMINS
