"""Sets what Telegram shows of the bot: its commands by scope and language, its descriptions by language.

Set again at every start, so that an upgrade shows. Only what differs is sent; a failure costs the menu, not the bot.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import MappingProxyType

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.texts import ENGLISH, LOCALES, line
from bot.tg.errors import PlatformError
from bot.tg.failures import translated

logger = logging.getLogger(__name__)

_ASKING = ("ask", "latest", "since", "figure", "more", "verify", "sources")
_DIGEST = ("digest", "subscribe", "unsubscribe", "watch", "watches", "corrections")
_ABOUT = ("help", "privacy")
# In a group each may forget what is kept of them in private; settings are for those who may change them.
COMMANDS: Mapping[Callable[[], BotCommandScope], tuple[str, ...]] = MappingProxyType(
    {
        BotCommandScopeAllPrivateChats: (*_ASKING, *_DIGEST, "settings", *_ABOUT, "forget"),
        BotCommandScopeAllGroupChats: (*_ASKING, *_ABOUT),
        BotCommandScopeAllChatAdministrators: (*_ASKING, *_DIGEST, "settings", *_ABOUT, "forget"),
    }
)
_AT_ONCE = 4

Step = Callable[[], Awaitable[object]]


async def set_menus(bot: Bot) -> None:
    """Set everything that differs from what Telegram has."""
    turns = asyncio.Semaphore(_AT_ONCE)
    await asyncio.gather(*(_tried(step, turns) for step in _steps(bot)))


async def _tried(step: Step, turns: asyncio.Semaphore) -> None:
    async with turns:
        try:
            with translated():
                await step()
        except PlatformError as failure:
            logger.warning("menu not set error=%s reason=%s", type(failure).__name__, failure)


def _steps(bot: Bot) -> Iterator[Step]:
    for language in LOCALES:
        for make, names in COMMANDS.items():
            yield _commands(bot, make(), names, language)
        yield _text(bot.get_my_description, "description", bot.set_my_description, "bot_description", language)
        yield _text(
            bot.get_my_short_description, "short_description", bot.set_my_short_description, "bot_about", language
        )


def _commands(bot: Bot, scope: BotCommandScope, names: tuple[str, ...], language: str) -> Step:
    async def step() -> None:
        commands = tuple(BotCommand(name, line(f"menu_{name}", language=language)) for name in names)
        if await bot.get_my_commands(scope, _code(language)) != commands:
            await bot.set_my_commands(commands, scope, _code(language))

    return step


def _text(
    get: Callable[..., Awaitable[object]], field: str, put: Callable[..., Awaitable[bool]], key: str, language: str
) -> Step:
    async def step() -> None:
        text, code = line(key, language=language), _code(language)
        if getattr(await get(language_code=code), field) != text:
            await put(text, language_code=code)

    return step


def _code(language: str) -> str | None:
    """Name a language to Telegram; what is set without one is for everybody whose language we do not speak."""
    return None if language == ENGLISH else language
