"""Answers what is asked of us in chats that we are not in: inline questions and guest mentions."""

import logging
from collections.abc import Sequence

from telegram import (
    Bot,
    ChosenInlineResult,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode

from bot.ports import Conversation
from bot.texts import line
from bot.tg.bursts import Bursts
from bot.tg.errors import MarkupError, QueryExpiredError, UncertainError
from bot.tg.events import inline_ask_of
from bot.tg.failures import translated
from bot.tg.keyboards import keyboard_of
from bot.tg.markup import visible
from bot.tg.render import parts
from bot.tg.replying import Clock
from bot.types import Incoming, Offer, Offers, Reply

logger = logging.getLogger(__name__)

_TITLE_CHARS = 100
_DESCRIPTION_CHARS = 250


class Queries:
    """Takes inline questions, what was chosen of the offers, and guest mentions."""

    def __init__(self, bot: Bot, conversation: Conversation, bursts: Bursts, *, clock: Clock) -> None:
        self._bot = bot
        self._conversation = conversation
        self._bursts = bursts
        self._clock = clock

    async def inline(self, query: InlineQuery) -> None:
        """Offer quotes for the last thing typed; to what came before it, nobody looks for an answer.

        Raises: SendError.
        """
        ask = inline_ask_of(query)
        try:
            if not await self._bursts.is_last(ask.user_id, query.id):
                return
            offers = await self._conversation.offers(ask, self._clock())
            if self._bursts.is_newest(ask.user_id, query.id):
                await self._offer(query, offers)
        except QueryExpiredError as failure:
            logger.info("inline question not answered error=%s", type(failure).__name__)
        finally:
            self._bursts.done(ask.user_id, query.id)

    async def chosen(self, chosen: ChosenInlineResult) -> None:
        """Learn which message an offer became; Telegram tells only of messages with buttons."""
        if chosen.inline_message_id:
            await self._conversation.sent_inline(chosen.result_id, chosen.inline_message_id)

    async def guest(self, incoming: Incoming) -> None:
        """Answer a mention in a chat that we are not in. Raises: SendError."""
        reply = await self._conversation.guest(incoming, self._clock())
        try:
            inline_message_id = await self._answer_guest(incoming, reply)
        except UncertainError:
            raise
        except QueryExpiredError as failure:
            logger.info("guest not answered error=%s", type(failure).__name__)
            await self._unsent(reply)
            return
        if reply.sent_id and inline_message_id:
            await self._conversation.sent_inline(reply.sent_id, inline_message_id)

    async def _answer_guest(self, incoming: Incoming, reply: Reply) -> str:
        offer = Offer(title=self._bot.first_name, description="", reply=reply)
        for is_plain in (False, True):
            try:
                with translated():
                    sent = await self._bot.answer_guest_query(
                        incoming.guest_query_id, self._article(0, offer, is_plain=is_plain)
                    )
                return sent.inline_message_id
            except MarkupError as refusal:
                logger.error("markup refused reason=%s", refusal)
        return ""

    async def _offer(self, query: InlineQuery, offers: Offers) -> None:
        button = None
        if offers.private_text and offers.private_start:
            button = InlineQueryResultsButton(offers.private_text, start_parameter=offers.private_start)
        for is_plain in (False, True):
            try:
                with translated():
                    await self._bot.answer_inline_query(
                        query.id,
                        self._articles(offers.offers, is_plain=is_plain),
                        cache_time=offers.cache_s,
                        is_personal=True,  # each offer is one message in the ledger, and speaks its reader's language
                        button=button,
                    )
            except MarkupError as refusal:
                logger.error("markup refused reason=%s", refusal)
            else:
                return

    async def _unsent(self, reply: Reply) -> None:
        if reply.sent_id:
            await self._conversation.unsent(reply.sent_id)

    def _articles(self, offers: Sequence[Offer], *, is_plain: bool) -> list[InlineQueryResultArticle]:
        return [self._article(number, offer, is_plain=is_plain) for number, offer in enumerate(offers)]

    def _article(self, number: int, offer: Offer, *, is_plain: bool) -> InlineQueryResultArticle:
        """Make a result; a message that is sent by way of a reader has one part."""
        rendered = parts(offer.reply, our_name=self._bot.username)
        if not rendered:
            raise ValueError(f"a reply that says nothing cannot be offered: {offer.reply.sent_id!r}")
        content = InputTextMessageContent(
            rendered[0].plain if is_plain else rendered[0].html,
            parse_mode=None if is_plain else ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return InlineQueryResultArticle(
            offer.reply.sent_id or str(number),
            visible(offer.title).strip()[:_TITLE_CHARS] or line("inline_title", language=offer.reply.language),
            content,
            description=visible(offer.description).strip()[:_DESCRIPTION_CHARS] or None,
            reply_markup=keyboard_of(offer.reply.buttons, our_name=self._bot.username),
        )
