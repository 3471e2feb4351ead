"""The methods that answer a query: a press on a button, inline typing, a guest mention. Each once, and in time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tests.botapi.composing import compose
from tests.botapi.core import CallbackQuery, Core, GuestQuery, InlineQuery
from tests.botapi.keyboards import check_markup, check_start
from tests.botapi.refusals import bad_request
from tests.botapi.sending import file_json
from tests.botapi.state import Json, Message, Wording
from tests.botapi.texts import caption_text, message_text
from tests.botapi.wire import user_json

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
RESULTS = 50
ID_BYTES = 64
TOAST_CHARS = 200
CACHE_S = 300
EVERYONE = 0


def _check_open(core: Core, query: CallbackQuery | InlineQuery | GuestQuery | None) -> None:
    """Raise: RefusalError where there is nothing to answer any more."""
    if query is None or query.answer is not None:
        raise bad_request(TOO_OLD)
    if (core.clock() - query.asked_at).total_seconds() > core.settings.query_lifetime_s:
        raise bad_request(TOO_OLD)


def answer_callback_query(core: Core, given: Json) -> bool:
    query = core.queries.callbacks.get(given["callback_query_id"])
    _check_open(core, query)
    if len(given.get("text") or "") > TOAST_CHARS:
        raise bad_request("MESSAGE_TOO_LONG")
    if given.get("url"):
        raise bad_request("URL_INVALID")
    core.queries.callbacks[given["callback_query_id"]].answer = given
    core.touch()
    return True


def answer_inline_query(core: Core, given: Json) -> bool:
    query = core.queries.inline.get(given["inline_query_id"])
    _check_open(core, query)
    _check_results(core, given["results"])
    if len((given.get("next_offset") or "").encode()) > ID_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = given.get("button") or {}
    if "start_parameter" in button:
        if not button["start_parameter"]:
            raise bad_request("START_PARAM_EMPTY")
        check_start(button["start_parameter"])
    elif button and "web_app" not in button:
        raise bad_request("BUTTON_INVALID")
    query = core.queries.inline[given["inline_query_id"]]
    query.answer = given
    _cache(core, query, given, core.clock())
    core.touch()
    return True


def _check_results(core: Core, results: Sequence[Json]) -> None:
    if len(results) > RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    names = [result["id"] for result in results]
    if any(not 1 <= len(name.encode()) <= ID_BYTES for name in names):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(names)) < len(names):
        raise bad_request("RESULT_ID_DUPLICATE")
    for result in results:
        if result["type"] == "article" and not result["title"].strip():
            raise bad_request("ARTICLE_TITLE_EMPTY")
        result_wording(core, result)


def result_wording(core: Core, result: Json) -> Wording:
    """Turn a result into the message that choosing it sends. Raises: RefusalError."""
    markup = check_markup(result.get("reply_markup"))
    content = result.get("input_message_content")
    if content is not None:
        if "message_text" not in content:
            raise bad_request("can't parse inline query result: only text is simulated")
        text, entities = message_text(content["message_text"], content.get("parse_mode"), content.get("entities"))
        preview = content.get("link_preview_options")
        return Wording(text=text, entities=tuple(entities), markup=markup, preview=preview, since=core.clock())
    kind = result["type"]
    source = result.get(f"{kind}_file_id") or result.get(f"{kind}_url")
    if not source:
        raise bad_request("MESSAGE_EMPTY")
    text, entities = caption_text(result.get("caption"), result.get("parse_mode"), result.get("caption_entities"))
    media = {kind: file_json(core, kind, source)}
    return Wording(text=text, entities=tuple(entities), media=media, markup=markup, since=core.clock())


def _cache(core: Core, query: InlineQuery, given: Json, now: datetime) -> None:
    if given.get("cache_time", CACHE_S) > 0:
        whose = query.user.id if given.get("is_personal") else EVERYONE
        core.queries.cache[query.text, query.offset, whose] = (now, given)


def cached_answer(core: Core, query: InlineQuery) -> Json | None:
    """Return an earlier answer to the same words that Telegram still keeps."""
    for whose in (query.user.id, EVERYONE):
        kept = core.queries.cache.get((query.text, query.offset, whose))
        if kept and (core.clock() - kept[0]).total_seconds() < kept[1].get("cache_time", CACHE_S):
            return kept[1]
    return None


def answer_guest_query(core: Core, given: Json) -> Json:
    query = core.queries.guests.get(given["guest_query_id"])
    _check_open(core, query)
    wording = result_wording(core, given["result"])
    query = core.queries.guests[given["guest_query_id"]]
    asked = query.message
    core.meter.take(asked.chat, core.clock())
    caller: Json = {"guest_bot_caller_user": user_json(query.user)}
    message = compose(core, asked.chat, wording, sender=core.bot, reply_to=asked, extra=caller)
    message.by_bot = True
    query.answer = name_inline(core, message)
    core.touch()
    return {"inline_message_id": message.inline_message_id}


def name_inline(core: Core, message: Message) -> Message:
    """Give a message the id by which the bot can edit it without being in its chat."""
    message.inline_message_id = f"AgAAAI{core.world.number():06d}"
    core.world.inline_messages[message.inline_message_id] = message
    return message


METHODS: Mapping[str, Callable[[Core, Json], object]] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "answerGuestQuery": answer_guest_query,
}
