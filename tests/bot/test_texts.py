import ast
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.texts import ENGLISH, TABLES, line
from bot.types import Topic

PACKAGE = Path(bot.__file__).parent


def keys_said() -> set[str]:
    """Return every constant first argument of `line(...)`, `said(...)` and `Say(line=...)` in bot."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = node.args[:1] if called in {"line", "said"} else []
            given += [key.value for key in node.keywords if called == "Say" and key.arg == "line"]
            found |= {
                value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
    return found


def test_keys_when_the_code_says_them_then_english_has_them() -> None:
    said = keys_said()
    assert len(said) > 15
    assert said - ENGLISH.keys() == set()


@pytest.mark.parametrize("topic", list(Topic))
def test_pages_when_shown_then_english_has_them(topic: Topic) -> None:
    assert line(topic.value)


def test_tables_when_there_are_several_then_no_key_is_unknown_and_fields_agree() -> None:
    for table in TABLES.values():
        assert set(table) <= set(ENGLISH)
        assert {key: fields(text) for key, text in table.items()} == {key: fields(ENGLISH[key]) for key in table}


def test_line_when_the_language_is_unknown_then_english() -> None:
    assert line("thanks", language="tlh-KX") == ENGLISH["thanks"]


def test_line_when_a_value_looks_like_a_field_then_it_stays_text() -> None:
    assert line("latest_topic_none", topic="{newest}") == "No update on “{newest}” is known."


def test_line_when_the_key_is_unknown_then_key_error() -> None:
    with pytest.raises(KeyError):
        line("no such line")


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
