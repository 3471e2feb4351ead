"""Every sentence of ours that a person reads, by key: `<language>.toml` beside this file, one a language.

Holds words only, never markup: who renders it escapes it. Babel says which plural a number takes and how it is written.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en"
# Our languages and the locale that writes their dates and numbers.
LOCALES: Mapping[str, str] = MappingProxyType(
    {ENGLISH: "en_GB", "de": "de", "uk": "uk", "ru": "ru", "es": "es", "fr": "fr"}
)

# A text, or its forms by plural category (one, few, many, other), of which the field `count` chooses.
Text = str | Mapping[str, str]


def line(key: str, /, *, language: str = ENGLISH, **values: object) -> str:
    """Return a text in a language ("en", "de-AT"), or in English where it has none, its fields filled in.

    A whole number is written as the language writes it. Raises: KeyError for an unknown key, or a field not given.
    """
    spoken = chosen(language)
    text = table(spoken).get(key) or table(ENGLISH)[key]
    if not isinstance(text, str):
        text = text[_plural(values["count"], spoken)]
    return text.format_map({name: _written(value, spoken) for name, value in values.items()})


def chosen(*wished: str) -> str:
    """Return the first of the languages wished for that we speak ("de-AT" counts as "de"), else English.

    The order is the chat's setting, then the config's, then the client's; "" wishes nothing.
    """
    primary = (tag.replace("_", "-").partition("-")[0].lower() for tag in wished)
    return next((language for language in primary if language in LOCALES), ENGLISH)


@cache
def table(language: str) -> Mapping[str, Text]:
    """Return all texts of one of LOCALES, as its file has them."""
    return MappingProxyType(tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")))


def locale_of(language: str) -> "Locale":
    """Return what Babel writes a language's dates and numbers with."""
    from babel import Locale

    return Locale.parse(LOCALES[chosen(language)])


def name_of(language: str) -> str:
    """Return what a language calls itself: "Deutsch"."""
    name = str(locale_of(language).language_name)
    return name[:1].upper() + name[1:]


def listed(names: Iterable[str], *, language: str = ENGLISH) -> str:
    """Write "a, b and c"."""
    from babel.lists import format_list

    return str(format_list(list(names), locale=locale_of(language)))


def _plural(count: object, language: str) -> str:
    if not isinstance(count, int):
        raise TypeError(f"a count is a whole number, not {count!r}")
    return locale_of(language).plural_form(count)


def _written(value: object, language: str) -> object:
    if not isinstance(value, int):
        return value
    from babel.numbers import format_decimal

    return format_decimal(value, locale=locale_of(language))
