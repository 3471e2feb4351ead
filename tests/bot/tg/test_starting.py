"""How the bot starts, what it shows of itself, and what ends it: one clear line without token or secret."""

import asyncio
import logging
import socket

import httpx
import pytest
from telegram import error

from bot.config import Config, TelegramConfig, TelegramMode
from bot.settings import LANGUAGES
from bot.texts import line
from bot.tg.app import ALLOWED_UPDATES, serve
from bot.tg.errors import SecondInstanceError, ServeError, TokenError, UnreachableError, WebhookError
from tests.bot.tg.scenes import PUBLIC, FakeConversation, config_of, free_port, play, serving
from tests.botapi import NONE, Drop, Server, bad_gateway, bad_request, too_many_requests
from tests.botapi.delivery import KINDS
from tests.botapi.refusals import conflict, unauthorized

pytestmark = pytest.mark.enable_socket
SECRET_HALF = Server().token.partition(":")[2]


def failing(server: Server, *, token: str | None = None, config: Config | None = None) -> ServeError:
    """Serve until it ends by itself; return why."""

    async def whole() -> None:
        async with server, asyncio.timeout(20):
            settings = config or config_of(server, TelegramMode.POLLING, free_port())
            await serve(settings, FakeConversation(), token=server.token if token is None else token)

    with pytest.raises(ServeError) as raised:
        asyncio.run(whole())
    message = str(raised.value)
    assert "\n" not in message
    assert SECRET_HALF not in message
    return raised.value


def test_serve_when_the_token_is_wrong_then_one_line_without_it() -> None:
    server = Server(limits=NONE)
    server.fail("getMe", unauthorized())
    failure = failing(server)
    assert isinstance(failure, TokenError)
    assert "DATELINE_TELEGRAM_TOKEN" in str(failure)


def test_serve_when_there_is_no_token_then_one_line() -> None:
    assert isinstance(failing(Server(), token=""), TokenError)


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook"])
def test_serve_when_telegram_is_down_then_one_line(method: str) -> None:
    server = Server(limits=NONE)
    server.fail(method, *[bad_gateway()] * 9)
    failure = failing(server)
    assert isinstance(failure, UnreachableError)
    assert server.url in str(failure)


def test_serve_when_nobody_listens_at_the_address_then_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        config = Config(telegram=TelegramConfig(base_url=f"http://127.0.0.1:{unused.getsockname()[1]}"))
        assert isinstance(failing(Server(), config=config), UnreachableError)


def test_serve_when_a_second_instance_polls_then_it_stops_and_asks_no_more(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(limits=NONE)
    server.fail("getUpdates", conflict("terminated by other getUpdates request"))
    failure = failing(server)
    assert isinstance(failure, SecondInstanceError)
    assert "another instance" in str(failure)
    # Asking again, even to confirm what was fetched, would throw the other instance out.
    assert len(server.calls("getUpdates")) == 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_serve_when_the_token_is_revoked_while_polling_then_it_stops() -> None:
    server = Server(limits=NONE)
    server.fail("getUpdates", unauthorized())
    assert isinstance(failing(server), TokenError)


def test_serve_when_polling_stumbles_then_it_goes_on_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(limits=NONE)
    server.fail("getUpdates", Drop.AFTER, Drop.AFTER)

    async def scene(server: Server, talk: FakeConversation) -> None:
        await server.reply_to(server.user("Ann").says("How many boats?"), timeout_s=15)

    play(scene, server=server)
    assert caplog.text.count("polling failed") == 1


def test_serve_when_telegram_is_gone_at_the_stop_then_it_ends_quietly(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        await asyncio.sleep(0.5)  # the menus are set
        server.fail("getUpdates", bad_gateway())

    play(scene)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_allowed_updates_when_listed_then_telegram_knows_them_and_none_that_we_handle_is_missing() -> None:
    assert set(ALLOWED_UPDATES) <= KINDS
    handled = "message channel_post edited_channel_post callback_query inline_query chosen_inline_result guest_message"
    assert {*handled.split(), "my_chat_member"} <= set(ALLOWED_UPDATES)


def menus_set(server: Server) -> bool:
    return len(server.core.profile) == 2 * len(LANGUAGES) and len(server.core.menus) == 3 * len(LANGUAGES)


def test_menus_when_started_then_set_for_each_place_and_language() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        await server.until(lambda: menus_set(server))
        assert {"ask", "settings", "forget", "help"} <= set(server.menu("all_private_chats"))
        assert "settings" not in server.menu("all_group_chats", "uk")
        assert "settings" in server.menu("all_chat_administrators", "de")
        french = server.core.menus["all_private_chats", "fr"][0]["description"]
        assert french == line("menu_ask", language="fr") != line("menu_ask")
        assert server.core.profile["short_description", "es"] == line("bot_about", language="es")
        assert server.core.profile["description", ""] == line("bot_description")

    server, _ = play(scene)
    assert server.refused() == []
    assert not any(call.parameters.get("drop_pending_updates") for call in server.calls("deleteWebhook"))


def test_menus_when_started_again_then_only_what_differs_is_set() -> None:
    server = Server(limits=NONE)

    async def whole() -> None:
        async with server, asyncio.timeout(20):
            async with serving(server, FakeConversation()):
                await server.until(lambda: menus_set(server))
            del server.core.menus["all_group_chats", "ru"]
            before = len(server.core.calls)
            async with serving(server, FakeConversation()):
                await server.until(lambda: ("all_group_chats", "ru") in server.core.menus)
                await server.quiet()
            again = [call.method for call in server.core.calls[before:] if call.method.startswith("setMy")]
            assert again == ["setMyCommands"]

    asyncio.run(whole())


def test_menus_when_refused_then_the_rest_is_set_and_it_still_answers(caplog: pytest.LogCaptureFixture) -> None:
    server = Server(limits=NONE)
    server.fail("setMyCommands", bad_request("BOT_COMMAND_INVALID"))
    server.fail("setMyDescription", too_many_requests(9_000))

    async def scene(server: Server, talk: FakeConversation) -> None:
        await server.reply_to(server.user("Ann").says("How many boats?"))
        await server.until(lambda: len(server.core.menus) == 3 * len(LANGUAGES) - 1)

    play(scene, server=server)
    assert "menu not set" in caplog.text


def test_serve_when_the_network_fails_without_a_connection_then_unreachable_names_the_reason() -> None:
    down = error.NetworkError("httpx.ConnectError: All connection attempts failed")
    down.__cause__ = httpx.ConnectError("All connection attempts failed")
    assert "attempts failed" in str(UnreachableError("https://bot-api.example", str(down)))


def webhook(server: Server, **settings: object) -> Config:
    given = {"base_url": server.url, "mode": TelegramMode.WEBHOOK, "webhook_url": f"{PUBLIC}/hook", **settings}
    return Config(telegram=TelegramConfig(**given))  # type: ignore[arg-type]


def test_webhook_when_its_port_is_taken_then_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        async def whole() -> None:
            async with Server(limits=NONE) as server:
                await serve(webhook(server, webhook_port=port), FakeConversation(), token=server.token)

        with pytest.raises(WebhookError) as raised:
            asyncio.run(whole())
    assert f"127.0.0.1:{port}" in str(raised.value)


def test_webhook_when_telegram_does_not_take_its_address_then_one_line() -> None:
    async def whole() -> None:
        async with Server(limits=NONE) as server:  # no route leads to the address
            await serve(webhook(server, webhook_port=free_port()), FakeConversation(), token=server.token)

    with pytest.raises(WebhookError) as raised:
        asyncio.run(whole())
    assert "failed to resolve host" in str(raised.value)
