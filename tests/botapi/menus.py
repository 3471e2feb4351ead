"""The methods about the bot itself: who it is, its commands by scope and language, its names and texts, its webhook."""

import re
from collections.abc import Callable, Mapping

from tests.botapi.core import Core
from tests.botapi.refusals import bad_request
from tests.botapi.rights import find_chat
from tests.botapi.state import Json

COMMANDS = 100
DESCRIPTION_CHARS = 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PROFILE_CHARS = {"name": 64, "description": 512, "short_description": 120}
_SCOPES_OF_A_CHAT = ("chat", "chat_administrators", "chat_member")
Method = Callable[[Core, Json], object]


def get_me(core: Core, given: Json) -> Json:
    bot, settings = core.bot, core.settings
    return {
        "id": bot.id,
        "is_bot": True,
        "first_name": bot.first_name,
        "username": bot.username,
        "can_join_groups": True,
        "can_read_all_group_messages": not settings.privacy,
        "supports_inline_queries": settings.inline,
        "supports_guest_queries": settings.guest,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(core: Core, given: Json) -> bool:
    commands = given["commands"]
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if _COMMAND.fullmatch(command["command"].removeprefix("/")) is None:
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= DESCRIPTION_CHARS:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    core.menus[_menu(core, given)] = commands
    return True


def get_my_commands(core: Core, given: Json) -> list[Json]:
    return core.menus.get(_menu(core, given), [])


def delete_my_commands(core: Core, given: Json) -> bool:
    core.menus.pop(_menu(core, given), None)
    return True


def _menu(core: Core, given: Json) -> tuple[str, str]:
    """Return the key of one menu: its scope, with its chat where it has one, and its language."""
    scope = given.get("scope") or {"type": "default"}
    if scope["type"] in _SCOPES_OF_A_CHAT:
        find_chat(core, scope["chat_id"])
    named = [scope["type"], *(str(scope[key]) for key in ("chat_id", "user_id") if key in scope)]
    return " ".join(named), _language(given)


def _language(given: Json) -> str:
    language = given.get("language_code") or ""
    if language and _LANGUAGE.fullmatch(language) is None:
        raise bad_request("LANG_CODE_INVALID")
    return str(language)


def _set_profile(field: str) -> Method:
    def change(core: Core, given: Json) -> bool:
        value = given.get(field) or ""
        if len(value) > _PROFILE_CHARS[field]:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        core.profile[field, _language(given)] = value
        return True

    return change


def _get_profile(field: str) -> Method:
    def tell(core: Core, given: Json) -> Json:
        usual = core.profile.get((field, ""), core.bot.first_name if field == "name" else "")
        return {field: core.profile.get((field, _language(given)), usual)}

    return tell


def set_chat_menu_button(core: Core, given: Json) -> bool:
    core.menu_buttons[given.get("chat_id", 0)] = given.get("menu_button") or {"type": "default"}
    return True


def get_chat_menu_button(core: Core, given: Json) -> Json:
    return core.menu_buttons.get(given.get("chat_id", 0), {"type": "default"})


def get_file(core: Core, given: Json) -> Json:
    content = core.world.files.get(given["file_id"])
    if content is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    name = given["file_id"]
    return {"file_id": name, "file_unique_id": f"u{name}", "file_size": len(content), "file_path": f"files/{name}"}


def set_webhook(core: Core, given: Json) -> bool:
    return core.webhook.set(given)


def delete_webhook(core: Core, given: Json) -> bool:
    if given.get("drop_pending_updates"):
        core.updates.pending.clear()
    return core.webhook.set({"url": ""})


def get_webhook_info(core: Core, given: Json) -> Json:
    return core.webhook.report()


METHODS: Mapping[str, Method] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _set_profile("name"),
    "setMyDescription": _set_profile("description"),
    "setMyShortDescription": _set_profile("short_description"),
    "getMyName": _get_profile("name"),
    "getMyDescription": _get_profile("description"),
    "getMyShortDescription": _get_profile("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "getFile": get_file,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
