"""What Telegram refuses because of other messages: replies, quotes, edits, deletions, and queries already answered."""

import pytest
from telegram import InlineQueryResultArticle, InputTextMessageContent, ReplyParameters

from tests.botapi import Message, Person, Server, Settings
from tests.botapi.bots import a_bot, call, run
from tests.botapi.clock import HandClock

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def ours(server: Server, person: Person, text: str = "The <b>bridge</b> is closed.") -> Message:
    """Let the bot say something to a person."""
    assert await call(server, "sendMessage", chat_id=person.id, text=text, parse_mode="HTML") == (200, "")
    return person.ours[-1]


def test_reply_when_its_target_is_gone_then_only_on_request_is_it_sent_without() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        asked = ann.says("hello")
        ann.deletes(asked)
        target = {"message_id": asked.message_id}
        told = await call(server, "sendMessage", chat_id=ann.id, text="x", reply_parameters=target)
        assert told == (400, "Bad Request: message to be replied not found")
        target["allow_sending_without_reply"] = True
        assert await call(server, "sendMessage", chat_id=ann.id, text="x", reply_parameters=target) == (200, "")
        assert ann.ours[0].reply_to is None

    run(scene)


@pytest.mark.parametrize(
    ("quote", "is_there"),
    [
        ("is closed", True),
        ("<b>bridge</b> is", True),
        ("bridge is", False),
        ("is open", False),
        ("x" * 1025, False),
    ],
)
def test_quote_when_it_does_not_stand_in_the_target_then_it_is_refused(quote: str, is_there: bool) -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        target = await ours(server, ann)
        async with a_bot(server) as bot:
            parameters = ReplyParameters(target.message_id, quote=quote, quote_parse_mode="HTML")
            if is_there:
                sent = await bot.send_message(ann.id, "x", reply_parameters=parameters)
                assert sent.quote is not None
                assert sent.quote.text in target.text
        if not is_there:
            given = {"message_id": target.message_id, "quote": quote, "quote_parse_mode": "HTML"}
            told = await call(server, "sendMessage", chat_id=ann.id, text="x", reply_parameters=given)
            assert told == (400, "Bad Request: QUOTE_TEXT_INVALID")

    run(scene)


def test_edit_when_nothing_changes_then_it_is_refused() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        message = await ours(server, ann)
        same = {"chat_id": ann.id, "message_id": message.message_id, "text": "The <b>bridge</b> is closed."}
        status, told = await call(server, "editMessageText", **same, parse_mode="HTML")
        assert (status, told[:41]) == (400, "Bad Request: message is not modified: spe")
        assert (await call(server, "editMessageReplyMarkup", chat_id=ann.id, message_id=message.message_id))[0] == 400

    run(scene)


def test_edit_when_the_message_is_not_ours_gone_or_of_another_kind_then_it_is_refused() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        theirs, message = ann.says("hello"), await ours(server, ann)
        told = {}
        for name, number in (("theirs", theirs.message_id), ("unknown", 999)):
            told[name] = (await call(server, "editMessageText", chat_id=ann.id, message_id=number, text="x"))[1]
        number = message.message_id
        told["caption"] = (await call(server, "editMessageCaption", chat_id=ann.id, message_id=number, caption="x"))[1]
        told["inline"] = (await call(server, "editMessageText", inline_message_id="none", text="x"))[1]
        told["nowhere"] = (await call(server, "editMessageText", text="x"))[1]
        ann.deletes(message)
        told["deleted"] = (await call(server, "editMessageText", chat_id=ann.id, message_id=number, text="x"))[1]
        assert told == {
            "theirs": "Bad Request: message can't be edited",
            "unknown": "Bad Request: message to edit not found",
            "caption": "Bad Request: there is no caption in the message to edit",
            "inline": "Bad Request: MESSAGE_ID_INVALID",
            "nowhere": "Bad Request: chat_id is empty",
            "deleted": "Bad Request: message to edit not found",
        }

    run(scene)


def test_edit_when_the_message_is_too_old_then_it_is_refused() -> None:
    clock = HandClock()

    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        message = await ours(server, ann)
        given = {"chat_id": ann.id, "message_id": message.message_id}
        clock.moves(47 * 3600)
        assert (await call(server, "editMessageText", **given, text="first"))[1] == ""
        clock.moves(2 * 3600)
        assert (await call(server, "editMessageText", **given, text="x"))[1] == "Bad Request: message can't be edited"
        told = await call(server, "deleteMessage", **given)
        assert told == (400, "Bad Request: message can't be deleted for everyone")
        server.settings.edit_window_s = None
        assert (await call(server, "editMessageText", **given, text="last"))[1] == ""
        assert message.history == ["The bridge is closed.", "first", "last"]

    run(scene, Server(clock=clock))


def test_delete_when_it_is_theirs_in_a_group_then_only_an_admin_may() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        group = server.supergroup("Desk", ann)
        given = {"chat_id": group.id, "message_id": ann.says("hello", to=group).message_id}
        assert (await call(server, "deleteMessage", **given))[1] == "Bad Request: message can't be deleted"
        group.promotes_bot()
        assert (await call(server, "deleteMessage", **given))[1] == ""
        assert (await call(server, "deleteMessage", **given))[1] == "Bad Request: message to delete not found"

    run(scene)


def test_callback_when_answered_twice_or_late_or_unknown_then_it_is_refused() -> None:
    clock = HandClock()

    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        message = await ours(server, ann)
        first, late = ann.calls_back(message, "a"), ann.calls_back(message, "b")
        assert (await call(server, "answerCallbackQuery", callback_query_id=first.id, text="x" * 201))[0] == 400
        assert await call(server, "answerCallbackQuery", callback_query_id=first.id) == (200, "")
        assert (await call(server, "answerCallbackQuery", callback_query_id=first.id))[1] == TOO_OLD
        assert (await call(server, "answerCallbackQuery", callback_query_id="7"))[1] == TOO_OLD
        clock.moves(31)
        assert (await call(server, "answerCallbackQuery", callback_query_id=late.id))[1] == TOO_OLD

    run(scene, Server(clock=clock))


def article(number: object, text: str = "x", **more: object) -> dict[str, object]:
    return {"type": "article", "id": str(number), "title": "Bridge", "input_message_content": {"message_text": text},
            **more}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ({"results": [article(n) for n in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(1), article(1)]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [article(1, title=" ")]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [article(1, text="x" * 4097)]}, "message is too long"),
        ({"results": [article(1, reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "b" * 65}]]})]},
         "BUTTON_DATA_INVALID"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "Open", "start_parameter": "x" * 65}}, "START_PARAM_INVALID"),
        ({"results": [], "button": {"text": "Open", "start_parameter": ""}}, "START_PARAM_EMPTY"),
        ({}, "results isn't specified"),
    ],
)  # fmt: skip
def test_inline_answer_when_it_is_impossible_then_it_is_refused(given: dict[str, object], description: str) -> None:
    async def scene(server: Server) -> None:
        query = server.user("Ann").types_inline("bridge")
        told = await call(server, "answerInlineQuery", inline_query_id=query.id, **given)
        assert told == (400, f"Bad Request: {description}")
        assert query.answer is None

    run(scene)


def test_inline_and_guest_when_answered_twice_then_the_second_is_refused() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        query = ann.types_inline("bridge")
        given = {"inline_query_id": query.id, "results": [article(1)]}
        assert await call(server, "answerInlineQuery", **given) == (200, "")
        assert (await call(server, "answerInlineQuery", **given))[1] == TOO_OLD
        guest = ann.asks_as_guest("@dateline_bot bridge?", server.group("Elsewhere", ann, bot=None))
        async with a_bot(server) as bot:
            content = InputTextMessageContent("<b>closed</b>", parse_mode="HTML")
            sent = await bot.answer_guest_query(guest.id, InlineQueryResultArticle("1", "Bridge", content))
            assert await bot.edit_message_text("open", inline_message_id=sent.inline_message_id) is True
        assert guest.answer is not None
        assert guest.answer.history == ["closed", "open"]
        assert (await call(server, "answerGuestQuery", guest_query_id=guest.id, result=article(1)))[1] == TOO_OLD

    run(scene)


def test_queries_when_botfather_has_not_allowed_them_then_they_do_not_come() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        ann.types_inline("bridge")
        ann.asks_as_guest("@dateline_bot bridge?", server.group("Elsewhere", ann, bot=None))
        assert server.undelivered() == []

    run(scene, Server(settings=Settings(inline=False, guest=False)))
