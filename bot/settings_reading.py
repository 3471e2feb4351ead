"""What a person typed after /settings: which setting, and the value it is to have. Pure.

Settings and values are understood by their names in the config and by those in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot import zones
from bot.errors import SettingError
from bot.settings import EVERYTHING, LANGUAGES, NOT_CHOSEN, ChatSettings, Policy, Setting, changed
from bot.settings_panel import View
from bot.texts import ENGLISH, line, name_of

_ALIASES: Mapping[str, Setting] = {
    "lang": Setting.LANGUAGE,
    "tz": Setting.ZONE,
    "timezone": Setting.ZONE,
    "time": Setting.ZONE,
    "when": Setting.POLICY,
    "mode": Setting.POLICY,
    "source": Setting.SOURCES,
    "blogs": Setting.LIVE_BLOGS,
    "live blog": Setting.LIVE_BLOGS,
    "live blogs": Setting.LIVE_BLOGS,
}


class SeveralZonesError(Exception):
    """A clock that several zones show now."""

    def __init__(self, found: tuple[str, ...]) -> None:
        super().__init__(f"{len(found)} zones show that time")
        self.zones = found


def split(text: str, language: str) -> tuple[Setting | None, str]:
    """Split "time zone Kyiv" into the setting and its value; a value that stands alone may tell its setting."""
    words = " ".join(text.split())
    for name, setting in sorted(_names(language).items(), key=lambda named: -len(named[0])):
        if words.casefold() == name or words.casefold().startswith((name + " ", name + ":", name + "=")):
            return setting, words[len(name) :].lstrip(" :=").strip()
    if zones.clock_in(words) is not None or zones.named(words, language=language):
        return Setting.ZONE, words
    if words.casefold() in _languages():
        return Setting.LANGUAGE, words
    return None, words


def read(view: View, setting: Setting, text: str, now: datetime) -> ChatSettings:
    """Return the chat's settings with one of them as typed or picked.

    Raises: SettingError; SeveralZonesError where a time of day leaves a choice.
    """
    kept = view.chat.settings
    match setting:
        case Setting.ZONE:
            return replace(kept, zone=_zone(view, text, now))
        case Setting.LANGUAGE:
            return changed(kept, setting, _languages().get(text.casefold(), text), view.offered.choices)
        case Setting.POLICY:
            labels = {view.says(f"policy_{each.value}").casefold(): each.value for each in Policy}
            return changed(kept, setting, labels.get(text.casefold(), text), view.offered.choices)
        case Setting.SOURCES | Setting.LIVE_BLOGS:
            every = EVERYTHING if text.casefold() == view.says("settings_all").casefold() else text
            asked = getattr(changed(kept, setting, every, view.offered.choices), setting.value)
            names = None if asked is None else view.offered.kept(setting, asked)
            # mypy cannot see that a setting's name is a field of that type.
            return replace(kept, **{setting.value: names})  # type: ignore[arg-type]


def _zone(view: View, text: str, now: datetime) -> str | None:
    try:
        return changed(ChatSettings(), Setting.ZONE, text, view.offered.choices).zone
    except SettingError:
        if named := zones.named(text, language=view.language) or zones.named(text):
            return named
        clock = zones.clock_in(text)
        found = () if clock is None else zones.showing(clock, now)
        if len(found) > 1:
            raise SeveralZonesError(found) from None
        if found:
            return found[0]
        raise


def _names(language: str) -> dict[str, Setting]:
    names = dict(_ALIASES)
    for setting in Setting:
        for spoken in (language, ENGLISH):
            names[line(f"setting_{setting.value}", language=spoken).casefold()] = setting
        names[setting.value] = names[setting.value.replace("_", " ")] = setting
    return names


def _languages() -> dict[str, str]:
    from bot.texts import locale_of

    english = {str(locale_of(each).get_language_name(ENGLISH)).casefold(): each for each in LANGUAGES}
    return english | {name_of(each).casefold(): each for each in LANGUAGES} | {NOT_CHOSEN: NOT_CHOSEN}
