"""How platform and conversation meet: `Conversation` is what a chat platform calls, `Platform` what it lends."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.actions import Action
from bot.records import PauseReason
from bot.types import (
    ChatSeen,
    Incoming,
    InlineAsk,
    Membership,
    Migrated,
    Offers,
    Outgoing,
    Posted,
    Press,
    Pressed,
    Reply,
)


class Platform(Protocol):
    """What a chat platform lends to the conversation."""

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        """Tell whether somebody is an admin of a chat now; False where that cannot be learnt."""


class Conversation(Protocol):
    """What a chat platform calls; `bot.desk.Desk` in the product. `now` is aware UTC."""

    def meet(self, platform: Platform) -> None:
        """Learn who to ask about admins; called once, before anything else."""

    async def handle(self, action: Action, incoming: Incoming, now: datetime) -> Reply | None:
        """Do what was asked and say what to reply; None: stay silent."""

    async def press(self, press: Press, now: datetime) -> Pressed:
        """Do what a button stands for. Never raises for a forged or expired key: a toast says so."""

    async def offers(self, ask: InlineAsk, now: datetime) -> Offers:
        """Offer quotes for what was typed in another chat."""

    async def guest(self, incoming: Incoming, now: datetime) -> Reply:
        """Answer completely, once, in a chat that we are not in."""

    async def membership(self, membership: Membership, now: datetime) -> tuple[Outgoing, ...]:
        """Learn what we are in a chat now; returns what is to be said about it."""

    async def migrated(self, migrated: Migrated) -> tuple[Outgoing, ...]:
        """Learn a chat's new id; also when sending tells it."""

    async def posted(self, posted: Posted, now: datetime) -> None:
        """Take a channel's post in, where that channel is a source."""

    async def unreachable(self, chat_id: int, reason: PauseReason, now: datetime) -> None:
        """Learn that sending to a chat is forbidden."""

    async def topic_closed(self, chat: ChatSeen, thread_id: int, now: datetime) -> tuple[Outgoing, ...]:
        """Learn that a topic takes no more messages; returns the notice to whom it concerns."""

    async def sent(
        self, reply: Reply, chat_id: int, message_ids: Sequence[int], incoming: Incoming | None = None
    ) -> None:
        """Learn which messages a reply became, and which Incoming it answers, so that a reply to it is a follow-up."""

    async def sent_inline(self, sent_id: str, inline_message_id: str) -> None:
        """Learn which message an offer or a guest's answer became."""

    async def unsent(self, sent_id: str) -> None:
        """Learn that a reply certainly did not leave."""
