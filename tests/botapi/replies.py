"""What a message answers: the target of `reply_parameters`, here or elsewhere, and the quote that stands in it."""

from tests.botapi.core import Core
from tests.botapi.html_entities import STYLE_TYPES
from tests.botapi.refusals import bad_request
from tests.botapi.rights import find_chat
from tests.botapi.state import Chat, Json, Message, units
from tests.botapi.texts import formatted
from tests.botapi.wire import chat_json, stamp, user_json

QUOTE_UNITS = 1024
_KEPT_IN_QUOTES = STYLE_TYPES | {"custom_emoji", "date_time"}
_NOT_FOUND = "message to be replied not found"


def reply_target(core: Core, chat: Chat, given: Json) -> tuple[Message | None, Json | None]:
    """Return the message that a call replies to and the quote, if any. Raises: RefusalError."""
    asked = _asked(given)
    if asked is None or asked.get("message_id") is None:
        return None, None
    elsewhere = asked.get("chat_id") is not None
    place = find_chat(core, asked["chat_id"]) if elsewhere else chat
    target = place.log.get(asked["message_id"])
    if target is None or target.deleted:
        if asked.get("allow_sending_without_reply") and place is chat:
            return None, None
        raise bad_request(_NOT_FOUND)
    return target, quote_of(target, asked)


def _asked(given: Json) -> Json | None:
    if given.get("reply_to_message_id") is not None:
        allowed = given.get("allow_sending_without_reply")
        return {"message_id": given["reply_to_message_id"], "allow_sending_without_reply": allowed}
    return given.get("reply_parameters")


def quote_of(target: Message, asked: Json) -> Json | None:
    """Find the quoted words in the target, letter by letter and style by style. Raises: RefusalError."""
    if not asked.get("quote"):
        return None
    text, entities = formatted(asked["quote"], asked.get("quote_parse_mode"), asked.get("quote_entities"))
    styles = [entity for entity in entities if entity["type"] in _KEPT_IN_QUOTES]
    at = target.text.find(text)
    if not text or at < 0 or units(text) > QUOTE_UNITS:
        raise bad_request("QUOTE_TEXT_INVALID")
    while at >= 0:
        position = units(target.text[:at])
        if _styles_within(target, position, units(text)) == styles:
            told: Json = {"text": text, "position": position, "is_manual": True}
            return {**told, "entities": styles} if styles else told
        at = target.text.find(text, at + 1)
    raise bad_request("QUOTE_TEXT_INVALID")


def _styles_within(target: Message, begin: int, length: int) -> list[Json]:
    found = []
    for entity in target.entities:
        start = max(entity["offset"], begin)
        end = min(entity["offset"] + entity["length"], begin + length)
        if entity["type"] in _KEPT_IN_QUOTES and start < end:
            found.append({**entity, "offset": start - begin, "length": end - start})
    return found


def external_reply(target: Message) -> Json:
    """Tell of a message in another chat, as much as a reader there is told."""
    origin: Json = {"type": "hidden_user", "sender_user_name": target.chat.title, "date": stamp(target.date)}
    if target.sender is not None:
        origin = {"type": "user", "sender_user": user_json(target.sender), "date": stamp(target.date)}
    return {"origin": origin, "chat": chat_json(target.chat), "message_id": target.message_id}
