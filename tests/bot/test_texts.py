import ast
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.texts import Text, line, table
from bot.types import Topic

PACKAGE = Path(bot.__file__).parent
ENGLISH = table("en")


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


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def fields(text: Text) -> list[set[str | None]]:
    """Return the fields of each form, to be the same in all."""
    return [{name for _, name, _, _ in Formatter().parse(form) if name} for form in forms(text)]


def test_keys_when_the_code_says_them_then_english_has_them() -> None:
    said = keys_said()
    assert len(said) > 15
    assert said - ENGLISH.keys() == set()


@pytest.mark.parametrize("topic", list(Topic))
def test_pages_when_shown_then_english_has_them(topic: Topic) -> None:
    assert line(topic.value)


def test_line_when_the_language_is_unknown_then_english() -> None:
    assert line("thanks", language="tlh-KX") == ENGLISH["thanks"]


def test_line_when_a_value_looks_like_a_field_then_it_stays_text() -> None:
    assert line("latest_topic_none", topic="{newest}") == "No update on “{newest}” is known."


def test_line_when_the_key_is_unknown_then_key_error() -> None:
    with pytest.raises(KeyError):
        line("no such line")
