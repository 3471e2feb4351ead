import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from telegram.constants import BotDescriptionLimit, CallbackQueryLimit, MessageLimit

import bot
from bot.actions import Topic
from bot.texts import LOCALES, Text, chosen, line, listed, locale_of, name_of, table

PACKAGE = Path(bot.__file__).parent
ENGLISH = table("en")
OTHERS = [language for language in LOCALES if language != "en"]

# What is shown for a moment over the chat, when a button was pressed.
TOASTS = {
    "feedback_thanks", "feedback_already", "button_expired", "button_not_yours", "button_nothing_more",
    "button_nothing_since", "settings_saved", "settings_admins_only", "settings_last_one",
}  # fmt: skip
# What stands on the buttons under a message.
LABELS = (
    {key for key in ENGLISH if re.fullmatch(r"(button|wrong|policy)_\w+(?<!_means)", key)} - TOASTS - {"wrong_question"}
)
LIMITS_CHARS = {
    **dict.fromkeys((key for key in ENGLISH if key.startswith("menu_")), 60),  # more is cut off in the menu
    **dict.fromkeys(LABELS, 20),
    **dict.fromkeys(TOASTS, int(CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH)),
    "inline_private": 64,
    "bot_description": int(BotDescriptionLimit.MAX_DESCRIPTION_LENGTH),
    "bot_about": int(BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH),
}
# A page stands in one message, with another one beside it.
PAGE_CHARS = int(MessageLimit.MAX_TEXT_LENGTH) // 2


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def fields(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name}


def nodes() -> Iterator[ast.AST]:
    for path in PACKAGE.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def keys_said() -> set[str]:
    """Return every constant first argument of `line(...)`, `said(...)` and `Say(line=...)` in bot."""
    found = set()
    for node in nodes():
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = node.args[:1] if called in {"line", "said"} else []
        given += [key.value for key in node.keywords if called == "Say" and key.arg == "line"]
        found |= {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    return found


def names_written() -> Iterator[str]:
    """Write every string of the code that could be a key as a pattern; a gap of an f-string stands for any name."""
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            if any(parts) and all(re.fullmatch(r"\w+", str(part)) for part in parts if part is not None):
                yield "".join(r"\w*" if part is None else str(part) for part in parts)


def test_keys_when_the_code_says_them_then_english_has_them() -> None:
    said = keys_said()
    assert len(said) > 15
    assert said - ENGLISH.keys() == set()


def test_keys_when_english_has_them_then_the_code_says_them() -> None:
    patterns = re.compile("|".join(sorted({*names_written()})))
    unsaid = {key for key in ENGLISH if not patterns.fullmatch(key)}
    assert unsaid == set()


@pytest.mark.parametrize("language", OTHERS)
def test_language_when_compared_with_english_then_no_key_is_missing_or_too_many(language: str) -> None:
    assert [*table(language)] == [*ENGLISH], "the same keys in the same order"


@pytest.mark.parametrize("language", LOCALES)
def test_language_when_compared_with_english_then_every_form_has_the_same_fields(language: str) -> None:
    for key, text in table(language).items():
        assert [fields(form) for form in forms(text)] == [fields(forms(ENGLISH[key])[0])] * len(forms(text)), key


@pytest.mark.parametrize("language", LOCALES)
def test_plurals_when_there_are_any_then_exactly_the_forms_that_the_language_has(language: str) -> None:
    plurals = {key: text for key, text in table(language).items() if not isinstance(text, str)}
    assert plurals.keys() == {key for key, text in ENGLISH.items() if not isinstance(text, str)}
    assert len(plurals) > 4
    for key, text in plurals.items():
        assert set(text) == {*locale_of(language).plural_form.tags, "other"}, key
        assert "count" in fields(text["other"])


@pytest.mark.parametrize("language", LOCALES)
def test_texts_when_shown_then_they_are_within_the_platforms_limits(language: str) -> None:
    assert LIMITS_CHARS.keys() <= ENGLISH.keys()
    assert len(LABELS) > 10
    for key, text in table(language).items():
        for form in forms(text):
            assert 0 < len(form) <= LIMITS_CHARS.get(key, PAGE_CHARS), key
            assert form == form.strip(), key


@pytest.mark.parametrize("topic", list(Topic))
def test_pages_when_shown_then_english_has_them(topic: Topic) -> None:
    assert line(topic.value)


@pytest.mark.parametrize("language", LOCALES)
def test_commands_when_a_page_names_them_then_in_every_language_the_same(language: str) -> None:
    for key, text in table(language).items():
        for form in forms(text):
            assert commands(form) == commands(forms(ENGLISH[key])[0]), key


def test_line_when_the_language_is_unknown_then_english() -> None:
    assert line("thanks", language="tlh-KX") == ENGLISH["thanks"]


def test_line_when_a_region_is_named_then_its_language() -> None:
    assert line("thanks", language="de-AT") == "Gern geschehen."


def test_line_when_a_value_looks_like_a_field_then_it_stays_text() -> None:
    assert line("latest_topic_none", topic="{newest}") == "No update on “{newest}” is known."


def test_line_when_the_key_is_unknown_then_key_error() -> None:
    with pytest.raises(KeyError):
        line("no such line")


@pytest.mark.parametrize(
    ("language", "count", "written"),
    [
        ("en", 1, "1 new update since noon:"),
        ("en", 1_234, "1,234 new updates since noon:"),
        ("de", 1, "1 neue Meldung seit noon:"),
        ("de", 1_234, "1.234 neue Meldungen seit noon:"),
        ("uk", 21, "21 нове повідомлення з noon:"),
        ("uk", 3, "3 нові повідомлення з noon:"),
        ("uk", 11, "11 нових повідомлень з noon:"),
        ("ru", 2, "2 новых сообщения с noon:"),
        ("ru", 12_345, "12\N{NO-BREAK SPACE}345 новых сообщений с noon:"),
        ("es", 1_000_000, "1.000.000 de publicaciones nuevas desde el noon:"),
        ("fr", 0, "0 nouvelle publication depuis le noon\N{NO-BREAK SPACE}:"),
    ],
)
def test_plural_when_counted_then_its_form_and_its_grouping(language: str, count: int, written: str) -> None:
    assert line("since", language=language, count=count, moment="noon") == written


def test_plural_when_the_count_is_no_number_then_type_error() -> None:
    with pytest.raises(TypeError):
        line("since", count="3", moment="noon")


@pytest.mark.parametrize(
    ("wished", "language"),
    [
        (("", "", "fr"), "fr"),
        (("de", "", "fr"), "de"),
        (("pt-BR", "es-419"), "es"),
        (("UK_ua",), "uk"),
        (("pt",), "en"),
        ((), "en"),
    ],
)
def test_chosen_when_several_are_wished_for_then_the_first_that_we_speak(
    wished: tuple[str, ...], language: str
) -> None:
    assert chosen(*wished) == language


def test_name_of_when_asked_then_what_the_language_calls_itself() -> None:
    assert [name_of(language) for language in LOCALES] == [
        "English", "Deutsch", "Українська", "Русский", "Español", "Français",
    ]  # fmt: skip


def test_listed_when_there_are_several_then_joined_as_the_language_does() -> None:
    assert [listed(["a", "b", "c"], language=language) for language in ("en", "es")] == ["a, b and c", "a, b y c"]
    assert listed([], language="de") == ""


def commands(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w/])/[a-z]+", text))
