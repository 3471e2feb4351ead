"""What a text becomes on its way: read back exactly, cleaned, trimmed, with what Telegram finds in it."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.botapi.html_entities import checked_url, parse_html
from tests.botapi.state import cut
from tests.botapi.texts import cleaned, formatted, trimmed


@given(st.text(max_size=200))
def test_html_when_a_text_is_escaped_then_it_reads_back_exactly(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])
    shown, entities = parse_html(f"a<b>{html.escape(text)}</b>")
    assert shown == "a" + text
    assert [cut(shown, entity) for entity in entities] == ([text] if text else [])


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("&ge;&lt;&amp;&quot;&laquo;&#12345678; 1 & 2", '&ge;<&"&laquo;&#12345678; 1 & 2', []),
        ("🏟<em>🏟</em>", "🏟🏟", [{"type": "italic", "offset": 2, "length": 2}]),
        (
            "<pre><code class='language-py'>x</code></pre>",
            "x",
            [{"type": "pre", "offset": 0, "length": 1, "language": "py"}],
        ),
        (
            '<tg-time unix="12" format="wDT">now</tg-time>',
            "now",
            [{"type": "date_time", "offset": 0, "length": 3, "unix_time": 12, "date_time_format": "wDT"}],
        ),
        ("<a href='javascript:alert(1)'>x</a><b></b>", "x", []),
        (
            "<B>a</b> <a href=a.example>b</a>",
            "a b",
            [
                {"type": "bold", "offset": 0, "length": 1},
                {"type": "text_link", "offset": 2, "length": 1, "url": "http://a.example/"},
            ],
        ),
    ],
)
def test_html_when_telegram_takes_it_then_it_shows_as_there(
    markup: str, text: str, entities: list[dict[str, object]]
) -> None:
    assert parse_html(markup) == (text, entities)


def test_text_when_it_has_ends_and_controls_then_they_go_and_entities_follow() -> None:
    bold = {"type": "bold", "offset": 4, "length": 3}
    assert cleaned("a\u202eb\t\u2028cde", [bold]) == ("ab cde", [{**bold, "offset": 3, "length": 2}])
    assert trimmed("  ab cd  ", [{**bold, "offset": 5, "length": 4}]) == (
        "ab cd",
        [{**bold, "offset": 3, "length": 2}],
    )
    assert trimmed("  a", [{**bold, "offset": 1, "length": 2}]) == (" a", [{**bold, "offset": 0, "length": 2}])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/ask@dateline_bot who?", [("bot_command", "/ask@dateline_bot")]),
        ("see 1/2 and a/b and @dateline_bot.", [("mention", "@dateline_bot")]),
        ("https://a.example/x?y=1, then #fire", [("url", "https://a.example/x?y=1"), ("hashtag", "#fire")]),
        ("write to desk@a.example!", [("email", "desk@a.example")]),
    ],
)
def test_text_when_it_names_things_then_telegram_finds_them(text: str, found: list[tuple[str, str]]) -> None:
    shown, entities = formatted(text, None)
    assert [(entity["type"], cut(shown, entity)) for entity in entities] == found


def test_text_when_it_names_things_inside_code_or_a_link_then_they_are_left_alone() -> None:
    _, entities = formatted("<code>/ask</code> <a href='https://a.example/'>@dateline_bot</a>", "HTML")
    assert [entity["type"] for entity in entities] == ["code", "text_link"]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://a.example", "https://a.example/"),
        ("a.example/x", "http://a.example/x"),
        ("tg://user?id=1", "tg://user?id=1"),
        ("ftp://a.example/", ""),
        ("https://", ""),
        ("https://nohost", ""),
        ("https://a.example/a b", ""),
        ("http://[::1", ""),
    ],
)
def test_link_when_checked_then_only_addresses_that_open_are_kept(href: str, url: str) -> None:
    assert checked_url(href) == url
