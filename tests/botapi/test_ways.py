"""Other ways to and from the server: files, outages, calls in the same process, offers and their button."""

from telegram import Bot, InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent
from telegram.error import NetworkError

from tests.botapi import NONE, Drop, Server
from tests.botapi.bots import a_bot, call, refusal_of, run
from tests.botapi.inprocess import InProcessRequest

PICTURE = b"\x89PNG a picture"


def test_photo_when_uploaded_then_it_can_be_fetched_again_and_stands_on_the_page() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        async with a_bot(server) as bot:
            sent = await bot.send_photo(ann.id, PICTURE, caption="<b>Updates per hour</b>", parse_mode="HTML")
            file = await bot.get_file(sent.photo[-1].file_id)
            assert bytes(await file.download_as_bytearray()) == PICTURE
            assert ann.ours[0].of("bold") == ["Updates per hour"]
            await bot.send_photo(ann.id, sent.photo[-1].file_id)
            await bot.edit_message_caption(ann.id, sent.message_id, caption="Per hour")
            assert ann.ours[0].history == ["Updates per hour", "Per hour"]
        assert "data:image/png;base64," in server.page(ann)

    run(scene)


def test_server_when_it_goes_down_then_connections_are_refused_until_it_is_back() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        async with a_bot(server) as bot:
            await server.goes_down()
            error = await refusal_of(bot.send_message(ann.id, "x"))
            assert isinstance(error, NetworkError)
            assert "ConnectError" in str(error)
            await server.comes_back()
            assert await refusal_of(bot.send_message(ann.id, "y")) is None
            assert ann.texts == ["y"]

    run(scene)


def test_in_process_when_the_library_calls_then_it_meets_the_same_rules() -> None:
    async def scene(server: Server) -> None:
        request = InProcessRequest(server)
        async with Bot(server.token, request=request, get_updates_request=request) as bot:
            ann = server.user("Ann")
            ann.says("hello")
            assert [update.message.text for update in await bot.get_updates() if update.message] == ["hello"]
            assert "Can't parse entities" in str(await refusal_of(bot.send_message(ann.id, "<x>", "HTML")))
            server.fail("sendMessage", Drop.AFTER)
            assert isinstance(await refusal_of(bot.send_message(ann.id, "once")), NetworkError)
            await bot.send_photo(ann.id, PICTURE)
            assert [message.text for message in ann.ours] == ["once", ""]

    run(scene, Server(limits=NONE))


def test_offers_when_shown_then_their_button_leads_to_the_private_chat() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        query = ann.types_inline("bridge & tunnel")
        async with a_bot(server) as bot:
            content = InputTextMessageContent("The bridge is closed.")
            article = InlineQueryResultArticle("1", "Bridge <closed>", content, description="at 14:05")
            button = InlineQueryResultsButton("Ask me in private", start_parameter="q1")
            await bot.answer_inline_query(query.id, [article], button=button)
        page = server.offers(query)
        assert all(word in page for word in ("Bridge &lt;closed&gt;", "at 14:05", "Ask me in private", "&amp; tunnel"))
        assert ann.opens_offers_button(query).text == "/start q1"

    run(scene)


def test_deleted_message_when_its_button_is_pressed_then_only_its_place_is_told() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "a"}]]}
        await call(server, "sendMessage", chat_id=ann.id, text="x", reply_markup=keyboard)
        message = ann.ours[0]
        ann.deletes(message)
        ann.presses(message, "More")
        async with a_bot(server) as bot:
            update = (await bot.get_updates())[0]
        assert update.callback_query is not None
        assert update.callback_query.message is not None
        assert not update.callback_query.message.is_accessible

    run(scene)
