"""The library's real Application against the strict server: by polling, by webhook, in every kind of chat."""

import asyncio
import socket
from typing import Any

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Update,
)
from telegram.error import Conflict

from tests.botapi import Server, Settings
from tests.botapi.bots import a_bot, application, polling, run

PUBLIC = "https://bot.example"
SECRET = "a-secret_of-ours"


async def answer(update: Update, bot: Bot) -> None:
    """Answer messages with a quote and a button, presses with an edit, inline queries with one article."""
    if update.callback_query is not None:
        await update.callback_query.answer("Here is more")
        await update.callback_query.edit_message_text("<b>More</b>", parse_mode="HTML")
    elif update.inline_query is not None:
        content = InputTextMessageContent("<b>Bridge</b> closed", parse_mode="HTML")
        await update.inline_query.answer([InlineQueryResultArticle("1", "Bridge", content)])
    elif update.guest_message is not None:
        assert update.guest_message.guest_query_id is not None
        content = InputTextMessageContent("The bridge is closed.")
        article = InlineQueryResultArticle("1", "Bridge", content)
        await bot.answer_guest_query(update.guest_message.guest_query_id, article)
    elif update.message is not None and update.message.text:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more:1")]])
        text = "<blockquote expandable>The bridge is closed.</blockquote>"
        await update.message.reply_html(text, do_quote=True, reply_markup=keyboard)


def test_polling_when_a_person_asks_in_private_then_the_answer_stands_in_the_chat() -> None:
    async def scene(server: Server) -> None:
        async with polling(server, answer):
            ann = server.user("Ann")
            reply = await server.reply_to(ann.says("Is the bridge open?"))
            assert reply.of("expandable_blockquote") == ["The bridge is closed."]
            assert ann.texts == ["The bridge is closed."]
            assert server.refused() == []

    run(scene)


def test_button_when_pressed_then_toast_and_edit_come_back() -> None:
    async def scene(server: Server) -> None:
        async with polling(server, answer):
            ann = server.user("Ann")
            reply = await server.reply_to(ann.says("Is the bridge open?"))
            query = ann.presses(reply, "More")
            await server.until(lambda: reply.edited_at)
            assert query.answer is not None
            assert query.answer["text"] == "Here is more"
            assert reply.history == ["The bridge is closed.", "More"]
            assert reply.buttons == []

    run(scene)


def test_topic_when_asked_in_it_then_the_answer_stands_in_it() -> None:
    async def scene(server: Server) -> None:
        async with polling(server, answer):
            ann = server.user("Ann")
            group = server.supergroup("Desk", ann, forum=True)
            topic = group.topic("Fires")
            reply = await server.reply_to(ann.says("/ask bridge", to=topic))
            assert reply.thread_id == topic.thread_id
            assert topic.ours == [reply]

    run(scene)


def test_inline_when_an_offer_is_chosen_then_it_stands_in_the_chat_and_is_reported() -> None:
    chosen: list[str] = []

    async def note(update: Update, bot: Bot) -> None:
        if update.chosen_inline_result is not None:
            chosen.append(update.chosen_inline_result.query)
        else:
            await answer(update, bot)

    async def scene(server: Server) -> None:
        async with polling(server, note):
            ann = server.user("Ann")
            elsewhere = server.group("Friends", ann, bot=None)
            query = ann.types_inline("bridge", elsewhere)
            await server.until(lambda: query.answer)
            message = ann.chooses(query, 0, elsewhere)
            await server.quiet()
            assert (message.text, message.via_bot) == ("Bridge closed", server.core.bot)
            assert chosen == ["bridge"]
            assert ann.types_inline("bridge", elsewhere).cached

    run(scene)


def test_guest_when_mentioned_in_a_foreign_chat_then_one_answer_stands_there() -> None:
    async def scene(server: Server) -> None:
        async with polling(server, answer):
            ann = server.user("Ann")
            foreign = server.supergroup("Elsewhere", ann, bot=None)
            query = ann.asks_as_guest("@dateline_bot is the bridge open?", foreign)
            await server.until(lambda: query.answer)
            assert foreign.texts == ["The bridge is closed."]

    run(scene)


def test_pollers_when_there_are_two_then_the_first_is_told_of_a_conflict() -> None:
    async def scene(server: Server) -> None:
        async with a_bot(server) as one, a_bot(server) as other:
            first = asyncio.create_task(one.get_updates(timeout=10))
            await server.until(lambda: server.core.updates.waiting)
            second = asyncio.create_task(other.get_updates(timeout=10))
            error = (await asyncio.gather(first, return_exceptions=True))[0]
            assert isinstance(error, Conflict)
            assert "terminated by other getUpdates request" in str(error)
            server.user("Ann").says("hello")
            assert len(await second) == 1

    run(scene)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def by_webhook(server: Server, port: int) -> Any:  # noqa: ANN401  the library's Application of six parameters
    app = application(server, answer)
    await app.initialize()
    assert app.updater is not None
    await app.updater.start_webhook(
        listen="127.0.0.1", port=port, url_path="hook", webhook_url=f"{PUBLIC}/hook", secret_token=SECRET
    )
    await app.start()
    return app


async def end(app: Any) -> None:  # noqa: ANN401  as above
    await app.updater.stop()
    await app.stop()
    await app.shutdown()


def test_webhook_when_a_person_asks_then_the_answer_stands_in_the_chat() -> None:
    port = free_port()

    async def scene(server: Server) -> None:
        app = await by_webhook(server, port)
        ann = server.user("Ann")
        reply = await server.reply_to(ann.says("Is the bridge open?"))
        assert reply.text == "The bridge is closed."
        query = ann.presses(reply, "More")
        await server.until(lambda: query.answer)
        await server.quiet()
        assert server.refused() == []
        await end(app)

    run(scene, Server(routes={PUBLIC: f"http://127.0.0.1:{port}"}))


def test_webhook_when_a_call_is_forged_then_the_library_refuses_it() -> None:
    port = free_port()

    async def scene(server: Server) -> None:
        app = await by_webhook(server, port)
        async with httpx.AsyncClient() as forger:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
                forged = await forger.post(f"http://127.0.0.1:{port}/hook", json={"update_id": 1}, headers=headers)
                assert forged.status_code == 403
        await end(app)

    run(scene, Server(routes={PUBLIC: f"http://127.0.0.1:{port}"}))


def test_webhook_when_the_bot_is_down_then_the_update_waits_for_it() -> None:
    port = free_port()

    async def scene(server: Server) -> None:
        async with a_bot(server) as bot:
            await bot.set_webhook(f"{PUBLIC}/hook", secret_token=SECRET)
            asked = server.user("Ann").says("Is the bridge open?")
            await server.until(lambda: server.core.webhook.info.get("last_error_message"))
            info = await bot.get_webhook_info()
            assert (info.pending_update_count, info.last_error_message) == (1, "Connection refused")
        app = await by_webhook(server, port)
        assert (await server.reply_to(asked)).text
        await server.quiet()
        assert server.undelivered() == []
        await end(app)

    run(scene, Server(routes={PUBLIC: f"http://127.0.0.1:{port}"}))


def test_get_me_when_settings_differ_then_it_tells_them() -> None:
    async def scene(server: Server) -> None:
        async with a_bot(server) as bot:
            me = await bot.get_me()
            assert (me.can_read_all_group_messages, me.supports_inline_queries) == (True, False)
            assert me.supports_guest_queries is False

    run(scene, Server(settings=Settings(privacy=False, inline=False, guest=False)))
