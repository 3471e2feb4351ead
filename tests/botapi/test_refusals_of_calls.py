"""What Telegram refuses of a call as such: names, types, markup, lengths, keyboards. One case for each refusal."""

import pytest

from tests.botapi import Server
from tests.botapi.bots import call, refused, run

KEYBOARD_TEXT = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
NO_ENTITIES = "can't parse entities: "


def keyboard(*buttons: dict[str, object]) -> dict[str, object]:
    return {"inline_keyboard": [[button] for button in buttons]}


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ({"text": "hello"}, "chat_id is empty"),
        ({"chat_id": "ann"}, "message text is empty"),
        ({"chat_id": "ann", "text": ""}, "message text is empty"),
        ({"chat_id": "ann", "text": " \n "}, "text must be non-empty"),
        ({"chat_id": "ann", "text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"chat_id": "ann", "text": "x" * 4097}, "message is too long"),
        ({"chat_id": "ann", "text": "🔥" * 2049}, "message is too long"),
        ({"chat_id": "ann", "text": "x", "parse_mode": "Word"}, "unsupported parse_mode"),
        ({"chat_id": 77, "text": "x"}, "chat not found"),
        ({"chat_id": "@nobody_here", "text": "x"}, "chat not found"),
        ({"chat_id": "ann", "text": "x", "message_thread_id": 1}, "message thread not found"),
        ({"chat_id": "ann", "text": "x", "colour": "red"}, "method sendMessage has no parameter colour"),
        (
            {"chat_id": "ann", "text": "x", "disable_notification": "perhaps"},
            "can't parse disable_notification: Input should be a valid boolean, unable to interpret input",
        ),
        (
            {"chat_id": "ann", "text": "x", "link_preview_options": {"disabled": True}},
            "sendMessage: LinkPreviewOptions has no field disabled",
        ),
        (
            {"chat_id": "ann", "text": "x", "reply_parameters": '{"message_id": 1'},
            "can't parse reply parameters JSON object",
        ),
        ({"chat_id": "ann", "text": "x", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
    ],
)
def test_message_when_it_is_not_as_it_should_be_then_it_is_refused(given: dict[str, object], description: str) -> None:
    assert refused("sendMessage", **given) == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        ("a <script>", 'Unsupported start tag "script" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("é <b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é <b>x</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("é </b>", "Unexpected end tag at byte offset 3"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href='x", "Unclosed start tag at byte offset 0"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<i =x>y</i>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i x=é>y</i>", "Unexpected end of name token at byte offset 5"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
        ("<tg-time>now</tg-time>", 'Tag "tg-time" must have a valid attribute "unix" at byte offset 0'),
        (
            '<tg-time unix="5" format="HH">now</tg-time>',
            'Tag "tg-time" has an invalid attribute "format" at byte offset 0',
        ),
        (
            "<blockquote>a<blockquote expandable>b</blockquote></blockquote>",
            'Tag "blockquote" can\'t be nested in blockquote at byte offset 36',
        ),
        ("<code>a <b>b</b></code>", 'Tag "b" can\'t be nested in code at byte offset 11'),
        (
            '<a href="https://a.example/">a <tg-time unix="5">b</tg-time></a>',
            'Tag "tg-time" can\'t be nested in text_link at byte offset 49',
        ),
    ],
)
def test_html_when_it_is_broken_then_it_is_refused_in_telegrams_words(markup: str, description: str) -> None:
    told = refused("sendMessage", chat_id="ann", text=markup, parse_mode="HTML")
    assert told == f"Bad Request: {NO_ENTITIES}{description}"


@pytest.mark.parametrize(
    ("entities", "description"),
    [
        (
            [{"type": "bold", "offset": 2, "length": 9}],
            f"{NO_ENTITIES}entity at offset 2 with length 9 is out of text",
        ),
        ([{"type": "bold", "offset": 0}], "can't parse entities.0.length: Field required"),
        (
            [{"type": "bold", "offset": 0, "length": 2}, {"type": "italic", "offset": 1, "length": 3}],
            f"{NO_ENTITIES}bold crosses another entity",
        ),
        (
            [{"type": "blockquote", "offset": 0, "length": 4}, {"type": "blockquote", "offset": 1, "length": 2}],
            f"{NO_ENTITIES}blockquote can't be nested in blockquote",
        ),
    ],
)
def test_entities_when_they_do_not_fit_then_they_are_refused(
    entities: list[dict[str, object]], description: str
) -> None:
    assert refused("sendMessage", chat_id="ann", text="word", entities=entities) == f"Bad Request: {description}"


def test_entities_when_there_are_101_then_they_are_refused() -> None:
    assert refused("sendMessage", chat_id="ann", text="<b>x</b> " * 100, parse_mode="HTML") == ""
    told = refused("sendMessage", chat_id="ann", text="<b>x</b> " * 101, parse_mode="HTML")
    assert told == "Bad Request: ENTITIES_TOO_LONG"


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        (keyboard({"text": "More", "callback_data": "ю" * 33}), "BUTTON_DATA_INVALID"),
        (keyboard({"text": "More", "callback_data": ""}), "BUTTON_DATA_INVALID"),
        (keyboard({"text": "More"}), KEYBOARD_TEXT),
        (keyboard({"text": " ", "callback_data": "a"}), "inline keyboard button text must be non-empty"),
        (keyboard({"text": "Go", "url": "javascript:alert(1)"}), "BUTTON_URL_INVALID"),
        (keyboard({"text": "Go", "url": f"https://t.me/dateline_bot?start={'u' * 65}"}), "START_PARAM_INVALID"),
        (keyboard({"text": "Go", "url": "https://t.me/dateline_bot?start=a.b"}), "START_PARAM_INVALID"),
        (keyboard({"text": "Copy", "copy_text": {"text": "x" * 257}}), "BUTTON_COPY_TEXT_INVALID"),
        (
            keyboard({"text": "Go", "url": "https://a.example/", "callback_data": "a"}),
            "can't parse inline keyboard button: exactly one action allowed, got url, callback_data",
        ),
        ({"inline_keyboard": [[{"text": "a", "callback_data": "b"}] * 9]}, "REPLY_MARKUP_TOO_LONG"),
        (
            keyboard({"text": "Go", "callback": "a"}),
            "sendMessage: InlineKeyboardButton has no field callback",
        ),
    ],
)
def test_keyboard_when_a_button_cannot_work_then_it_is_refused(markup: dict[str, object], description: str) -> None:
    told = refused("sendMessage", chat_id="ann", text="x", reply_markup=markup)
    assert told == f"Bad Request: {description}"


def test_start_parameter_when_a_link_in_the_text_has_an_impossible_one_then_it_is_refused() -> None:
    text = f'<a href="https://t.me/dateline_bot?start={"u" * 65}">open</a>'
    told = refused("sendMessage", chat_id="ann", text=text, parse_mode="HTML")
    assert told == "Bad Request: START_PARAM_INVALID"


def test_caption_when_it_is_too_long_then_it_is_refused() -> None:
    photo = "https://pictures.example/a.png"
    assert refused("sendPhoto", chat_id="ann", photo=photo, caption="🔥" * 512) == ""
    told = refused("sendPhoto", chat_id="ann", photo=photo, caption="🔥" * 513)
    assert told == "Bad Request: message caption is too long"


@pytest.mark.parametrize(
    ("method", "given", "description"),
    [
        ("sendPhoto", {"chat_id": "ann"}, "there is no photo in the request"),
        ("sendPhoto", {"chat_id": "ann", "photo": "no-such-file"}, "wrong file identifier/HTTP URL specified"),
        ("sendChatAction", {"chat_id": "ann", "action": "thinking"}, "wrong parameter action in request"),
        ("sendMediaGroup", {"chat_id": "ann", "media": []}, "there must be 2-10 media in an album"),
        ("setMyCommands", {"commands": [{"command": "Ask!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "ask", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setMyCommands", {"commands": [], "language_code": "english"}, "LANG_CODE_INVALID"),
        ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": 5}}, "chat not found"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "short description is too long"),
        ("setWebhook", {"url": "http://bot.example/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            "setWebhook",
            {"url": "https://bot.example:8080/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            "setWebhook",
            {"url": "https://bot.example/", "secret_token": "no spaces"},
            "secret token contains unallowed characters",
        ),
        ("getUpdates", {"limit": 101}, "limit must be between 1 and 100"),
        ("getChatMember", {"chat_id": "ann", "user_id": 7}, "invalid user_id specified"),
        ("getChatAdministrators", {"chat_id": "ann"}, "there are no administrators in the private chat"),
        ("getFile", {"file_id": "none"}, "wrong file_id or the file is temporarily unavailable"),
    ],
)
def test_method_when_its_parameters_are_impossible_then_it_is_refused(
    method: str, given: dict[str, object], description: str
) -> None:
    assert refused(method, **given) == f"Bad Request: {description}"


def test_method_when_it_is_unknown_then_404_and_when_not_simulated_then_501() -> None:
    async def scene(server: Server) -> None:
        assert await call(server, "sendTelegram") == (404, "Not Found")
        assert (await call(server, "getMyStarBalance"))[0] == 501

    run(scene)


def test_method_when_written_in_small_letters_then_it_is_taken() -> None:
    assert refused("sendmessage", chat_id="ann", text="x") == ""


def test_webhook_when_it_is_set_then_polling_is_a_conflict() -> None:
    async def scene(server: Server) -> None:
        assert await call(server, "setWebhook", url="https://bot.example/") == (200, "")
        status, told = await call(server, "getUpdates")
        assert (status, told.partition(";")[0]) == (
            409,
            "Conflict: can't use getUpdates method while webhook is active",
        )

    run(scene, Server(routes={"https://bot.example": "http://127.0.0.1:9"}))
