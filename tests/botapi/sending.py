"""The methods that put something of the bot's into a chat: text, media, albums, copies, forwards, actions."""

from collections.abc import Callable, Mapping

from tests.botapi.composing import announce, channel_origin, compose, copy_to_group
from tests.botapi.core import Core
from tests.botapi.keyboards import check_link, check_markup
from tests.botapi.refusals import bad_request
from tests.botapi.replies import reply_target
from tests.botapi.rights import check_may_send, check_topic, find_chat, find_message
from tests.botapi.state import Chat, Json, Kind, Message, Wording
from tests.botapi.texts import caption_text, message_text
from tests.botapi.wire import message_json, stamp, user_json

Method = Callable[[Core, Json], object]
ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker"
    " find_location record_video_note upload_video_note".split()
)
_PERMISSIONS = {"photo": "photos", "document": "documents", "video": "videos", "voice": "voice_notes",
                "audio": "audios", "animation": "other_messages", "sticker": "other_messages"}  # fmt: skip


def checked_entities(entities: list[Json]) -> tuple[Json, ...]:
    """Refuse links that open a bot with a parameter it could not be given."""
    for entity in entities:
        if entity["type"] == "text_link":
            check_link(entity["url"], "can't parse entities: invalid link")
    return tuple(entities)


def text_wording(core: Core, given: Json, *, is_channel: bool = False) -> Wording:
    text, entities = message_text(given.get("text"), given.get("parse_mode"), given.get("entities"))
    return Wording(
        text=text,
        entities=checked_entities(entities),
        markup=check_markup(given.get("reply_markup"), is_channel=is_channel),
        preview=_preview(given),
        since=core.clock(),
    )


def caption_wording(core: Core, given: Json, media: Json, *, is_channel: bool = False) -> Wording:
    text, entities = caption_text(given.get("caption"), given.get("parse_mode"), given.get("caption_entities"))
    markup = check_markup(given.get("reply_markup"), is_channel=is_channel)
    return Wording(text=text, entities=checked_entities(entities), media=media, markup=markup, since=core.clock())


def _preview(given: Json) -> Json | None:
    if given.get("disable_web_page_preview"):
        return {"is_disabled": True}
    return given.get("link_preview_options")


def send(core: Core, given: Json, wording: Wording, chat: Chat, extra: Json | None = None) -> Message:
    """Check place, topic, reply and flood limits in Telegram's order, and let the message stand."""
    thread_id = given.get("message_thread_id")
    check_topic(core, chat, thread_id)
    target, quote = reply_target(core, chat, given)
    if thread_id is None and target is not None and target.chat is chat and target.is_topic_message:
        check_topic(core, chat, target.thread_id)
    core.meter.take(chat, core.clock(), paid=bool(given.get("allow_paid_broadcast")))
    is_channel = chat.kind is Kind.CHANNEL
    message = compose(
        core,
        chat,
        wording,
        sender=None if is_channel else core.bot,
        sender_chat=chat if is_channel else None,
        topic=chat.topics.get(thread_id) if thread_id is not None else None,
        reply_to=target,
        quote=quote,
        extra=extra,
    )
    message.by_bot = True
    return message


def _stand(core: Core, message: Message) -> Json:
    """Tell of a message of ours; in a channel it is a post like any other, but not told to us."""
    told = message_json(message)
    if message.chat.kind is Kind.CHANNEL and message.chat.linked is not None:
        announce(core, copy_to_group(core, message, message.chat.linked))
    core.touch()
    return told


def send_message(core: Core, given: Json) -> Json:
    chat = find_chat(core, given["chat_id"])
    check_may_send(core, chat)
    return _stand(core, send(core, given, text_wording(core, given, is_channel=chat.kind is Kind.CHANNEL), chat))


def send_media(kind: str) -> Method:
    """Make the method that sends one kind of file with a caption."""

    def send_one(core: Core, given: Json) -> Json:
        chat = find_chat(core, given["chat_id"])
        permission = _PERMISSIONS[kind]
        check_may_send(core, chat, f"can_send_{permission}", permission.replace("_", " "))
        media = {kind: file_json(core, kind, given[kind])}
        wording = caption_wording(core, given, media, is_channel=chat.kind is Kind.CHANNEL)
        return _stand(core, send(core, given, wording, chat))

    return send_one


def file_json(core: Core, kind: str, source: str) -> object:
    """Tell of a file: one that came with the call (`attach://`), one sent before (an id), or an address."""
    if source.startswith(("http://", "https://")):
        file_id = f"web{core.world.number()}"
        core.world.files[file_id] = b""
    else:
        file_id = source.removeprefix("attach://")
    if file_id not in core.world.files:
        raise bad_request("wrong file identifier/HTTP URL specified")
    told: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(core.world.files[file_id])}
    match kind:
        case "photo":
            return [{**told, "width": 800, "height": 600}]
        case "document":
            return {**told, "file_name": "file"}
        case "sticker":
            return {
                **told,
                "type": "regular",
                "width": 512,
                "height": 512,
                "emoji": "👍",
                "is_animated": False,
                "is_video": False,
            }
        case "video" | "animation":
            return {**told, "width": 640, "height": 360, "duration": 1}
        case _:
            return {**told, "duration": 1}


def send_media_group(core: Core, given: Json) -> list[Json]:
    chat, media = find_chat(core, given["chat_id"]), given["media"]
    check_may_send(core, chat, "can_send_photos", "photos")
    if not 2 <= len(media) <= 10:
        raise bad_request("there must be 2-10 media in an album")
    album: Json = {"media_group_id": str(core.world.number())}
    sent = []
    for one in media:
        wording = caption_wording(core, one, {one["type"]: file_json(core, one["type"], one["media"])})
        sent.append(_stand(core, send(core, given, wording, chat, album)))
    return sent


def forward_message(core: Core, given: Json) -> Json:
    source, chat = find_chat(core, given["from_chat_id"]), find_chat(core, given["chat_id"])
    message = find_message(source, given["message_id"], "message to forward not found")
    check_may_send(core, chat)
    if message.is_service:
        raise bad_request("message can't be forwarded")
    return _stand(core, send(core, given, message.wording, chat, {"forward_origin": origin_of(message)}))


def copy_message(core: Core, given: Json) -> Json:
    source, chat = find_chat(core, given["from_chat_id"]), find_chat(core, given["chat_id"])
    message = find_message(source, given["message_id"], "message to copy not found")
    check_may_send(core, chat)
    return {"message_id": _stand(core, send(core, given, message.wording, chat))["message_id"]}


def origin_of(message: Message) -> Json:
    """Tell where a forwarded message came from first."""
    if "forward_origin" in message.extra:
        origin: Json = message.extra["forward_origin"]
        return origin
    if message.chat.kind is Kind.CHANNEL:
        return channel_origin(message)
    if message.sender is None:
        return {"type": "hidden_user", "sender_user_name": message.chat.title, "date": stamp(message.date)}
    return {"type": "user", "sender_user": user_json(message.sender), "date": stamp(message.date)}


def send_chat_action(core: Core, given: Json) -> bool:
    if given["action"] not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = find_chat(core, given["chat_id"])
    check_may_send(core, chat)
    thread_id = given.get("message_thread_id")
    # An action may name General, which a message must not.
    if thread_id is not None and not (chat.is_forum and thread_id == 1):
        check_topic(core, chat, thread_id)
    core.actions.append((chat, given["action"], thread_id))
    return True


def set_message_reaction(core: Core, given: Json) -> bool:
    chat = find_chat(core, given["chat_id"])
    message = find_message(chat, given["message_id"], "message to react not found")
    if len(given.get("reaction") or ()) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions = given.get("reaction") or []
    return True


METHODS: Mapping[str, Method] = {
    "sendMessage": send_message,
    "sendMediaGroup": send_media_group,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
    "sendChatAction": send_chat_action,
    "setMessageReaction": set_message_reaction,
    **{f"send{kind.capitalize()}": send_media(kind) for kind in _PERMISSIONS},
}
