"""Handles a press on a button: answers it at once and once, whatever happens, then shows what it leads to."""

import asyncio
import logging

from telegram import Bot, CallbackQuery

from bot.ports import Conversation
from bot.texts import line
from bot.tg.errors import SendError
from bot.tg.events import press_of
from bot.tg.failures import translated
from bot.tg.replying import Clock, Replier
from bot.types import Press, Pressed

logger = logging.getLogger(__name__)

# After so long the button stops waiting, without a word; what it leads to still comes.
PROMPT_S = 2.0
_TOAST_CHARS = 200


class Presses:
    """Takes the presses on our buttons."""

    def __init__(self, bot: Bot, conversation: Conversation, replier: Replier, *, clock: Clock) -> None:
        self._bot = bot
        self._conversation = conversation
        self._replier = replier
        self._clock = clock

    async def take(self, query: CallbackQuery) -> None:
        """Handle one press. Raises: SendError."""
        press = press_of(query)
        work = asyncio.create_task(self._conversation.press(press, self._clock()))
        await asyncio.wait({work}, timeout=PROMPT_S)
        await self._answer(query, work, press.language)
        await self._show(await work, press)

    async def _answer(self, query: CallbackQuery, work: "asyncio.Task[Pressed]", language: str) -> None:
        """Let the button stop waiting; where that fails somebody has waited long enough already."""
        if not work.done():
            toast, alert = "", False
        elif work.cancelled() or work.exception() is not None:
            toast, alert = line("failed", language=language), True
        else:
            toast, alert = work.result().toast, work.result().alert
        try:
            with translated():
                await self._bot.answer_callback_query(query.id, toast[:_TOAST_CHARS] or None, show_alert=alert or None)
        except SendError as failure:
            logger.info("press not answered error=%s", type(failure).__name__)

    async def _show(self, pressed: Pressed, press: Press) -> None:
        if pressed.edit is not None:
            await self._replier.edit(pressed.edit, press)
        elif pressed.buttons is not None:
            await self._replier.edit_buttons(pressed.buttons, press)
        if pressed.reply is not None and press.chat_id is not None:
            await self._replier.reply(pressed.reply, press)
