"""What a chat may choose: language, zone, policy, and the sources and live blogs it is bound to.

Pure: reads what a person typed or pressed into a ChatSettings, or says why it cannot be. None means "not chosen".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import available_timezones

from bot.errors import SettingError

LANGUAGES = ("en", "de", "uk", "ru", "es", "fr")
NOT_CHOSEN = "auto"
EVERYTHING = "all"


class Policy(StrEnum):
    """When we speak in a group. `CITED`: as MENTIONS, but silent where there is nothing to cite."""

    COMMANDS = "commands"
    MENTIONS = "mentions"
    CITED = "cited"
    OFF = "off"


class Setting(StrEnum):
    """What can be changed, by its name."""

    LANGUAGE = "language"
    ZONE = "zone"
    POLICY = "policy"
    SOURCES = "sources"
    LIVE_BLOGS = "live_blogs"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """What a chat chose. Of `language` None means the client's, of `zone` the config's, of the bindings all."""

    language: str | None = None
    zone: str | None = None
    policy: Policy = Policy.MENTIONS
    sources: tuple[str, ...] | None = None
    live_blogs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to be bound to: names of public sources, keys of live blogs."""

    sources: tuple[str, ...] = ()
    live_blogs: tuple[str, ...] = ()


def changed(settings: ChatSettings, setting: Setting, text: str, choices: Choices) -> ChatSettings:
    """Return the settings with one of them as typed. Raises: SettingError."""
    value = _READERS[setting](" ".join(text.split()), choices)
    # mypy cannot see that a setting's name is a field of that type.
    return replace(settings, **{setting.value: value})  # type: ignore[arg-type]


def toggled(bound: tuple[str, ...] | None, name: str, known: Sequence[str]) -> tuple[str, ...] | None:
    """Bind to one more of what is known, or to one less; None is all.

    Returns: in the order of `known`; None as soon as all are in. Raises: SettingError where none would be left.
    """
    held = set(known if bound is None else bound) ^ {name}
    left = tuple(each for each in known if each in held)
    if not left:
        raise SettingError("binding", name, "at least one has to stay")
    return None if len(left) == len(known) else left


def _language(text: str, choices: Choices) -> str | None:
    if text.casefold() == NOT_CHOSEN:
        return None
    if text.casefold() not in LANGUAGES:
        raise SettingError(Setting.LANGUAGE, text, f"known are {', '.join(LANGUAGES)} and {NOT_CHOSEN}")
    return text.casefold()


def _zone(text: str, choices: Choices) -> str | None:
    """Read "Europe/Kyiv", "europe/kyiv" or just "kyiv" where only one zone is named so."""
    if text.casefold() == NOT_CHOSEN:
        return None
    wanted = text.replace(" ", "_").casefold()
    zones = available_timezones()
    found = {zone for zone in zones if zone.casefold() == wanted} or {
        zone for zone in zones if "/" in zone and zone.rpartition("/")[2].casefold() == wanted
    }
    if len(found) != 1:
        raise SettingError(Setting.ZONE, text, "use an IANA name such as Europe/Kyiv")
    return found.pop()


def _policy(text: str, choices: Choices) -> Policy:
    try:
        return Policy(text.casefold())
    except ValueError as error:
        raise SettingError(Setting.POLICY, text, f"known are {', '.join(Policy)}") from error


def _sources(text: str, choices: Choices) -> tuple[str, ...] | None:
    return _bound(Setting.SOURCES, text, choices.sources)


def _live_blogs(text: str, choices: Choices) -> tuple[str, ...] | None:
    return _bound(Setting.LIVE_BLOGS, text, choices.live_blogs)


def _bound(setting: Setting, text: str, known: Sequence[str]) -> tuple[str, ...] | None:
    """Read names with commas between them; a name that holds a comma is understood when it stands alone."""
    if text.casefold() == EVERYTHING:
        return None
    by_name = {name.casefold(): name for name in known}
    wanted = [text] if text.casefold() in by_name else [part.strip() for part in text.split(",") if part.strip()]
    unknown = next((name for name in wanted if name.casefold() not in by_name), None)
    if unknown is not None or not wanted:
        raise SettingError(setting, unknown or text, f"give names with commas between them, or {EVERYTHING}")
    held = {by_name[name.casefold()] for name in wanted}
    return tuple(name for name in known if name in held)


_READERS: Mapping[Setting, Callable[[str, Choices], object]] = {
    Setting.LANGUAGE: _language,
    Setting.ZONE: _zone,
    Setting.POLICY: _policy,
    Setting.SOURCES: _sources,
    Setting.LIVE_BLOGS: _live_blogs,
}
