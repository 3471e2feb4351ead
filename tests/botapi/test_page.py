"""The page that shows a chat, and its picture."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.botapi import Server
from tests.botapi.bots import call, run
from tests.botapi.clock import HandClock
from tests.botapi.page_text import shown
from tests.botapi.picture import browser, take
from tests.botapi.state import Wording
from tests.botapi.texts import message_text

PNG = b"\x89PNG\r\n\x1a\n"


def drawn(markup: str) -> str:
    text, entities = message_text(markup, "HTML", None)
    return shown(Wording(text=text, entities=tuple(entities)))


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<b>a <i>b</i></b> c &lt;d&gt;", "<b>a <i>b</i></b> c &lt;d&gt;"),
        ("🔥<blockquote>said</blockquote>\nHe", "🔥<blockquote>said</blockquote>He"),
        ('<a href="https://a.example/?x=1&amp;y">a</a>', '<a href="https://a.example/?x=1&amp;y">a</a>'),
        ("<code>&lt;b&gt;</code>", "<code>&lt;b&gt;</code>"),
    ],
)
def test_text_when_drawn_then_it_is_what_was_sent(markup: str, html: str) -> None:
    assert drawn(markup) == html


def test_page_when_the_reader_has_a_zone_then_all_clocks_are_theirs() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        text = 'At <tg-time unix="1781757000" format="Dt">18 June 2026, 04:30 UTC</tg-time>'
        await call(server, "sendMessage", chat_id=ann.id, text=text, parse_mode="HTML")
        page = server.page(ann, zone="Asia/Tokyo")
        assert "18 June 2026, 13:30" in page
        assert "04:30 UTC</time>" not in page
        assert "21:00</span>" in page
        assert "3 March 2026" in server.page(ann, zone="Pacific/Kiritimati")

    run(scene, Server(clock=HandClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))))


def test_page_when_a_chat_is_drawn_then_all_that_stands_in_it_is_there() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann <3")
        group = server.supergroup("Desk", ann, forum=True)
        topic = group.topic("Fires")
        asked = ann.says("<script>alert(1)</script>", to=topic)
        keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "a"}]]}
        given = {"text": "The bridge is closed.", "reply_markup": keyboard, "message_thread_id": topic.thread_id}
        await call(server, "sendMessage", chat_id=group.id, reply_parameters={"message_id": asked.message_id}, **given)
        page = server.page(topic)
        assert "<script>" not in page
        assert all(word in page for word in ("Fires", "Ann &lt;3", "The bridge is closed.", "More", "Dateline"))
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{server.url}/page/Desk")).text == server.page(group)
            assert (await client.get(f"{server.url}/page/Nowhere")).status_code == 404

    run(scene)


@pytest.mark.skipif(browser() is None, reason="no Chromium is installed (Debian's package: chromium)")
def test_picture_when_a_browser_is_installed_then_it_is_a_png_as_tall_as_the_page(tmp_path: Path) -> None:
    pages: list[str] = []

    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        pages.append(server.page(ann))
        for _ in range(20):
            ann.says("Is the bridge open?")
        pages.append(server.page(ann))

    run(scene)
    short, tall = (take(page, tmp_path / f"{number}.png").read_bytes() for number, page in enumerate(pages))
    assert short.startswith(PNG)
    assert int.from_bytes(tall[20:24], "big") > 2 * int.from_bytes(short[20:24], "big")


def test_picture_when_no_browser_is_installed_then_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="no Chromium"):
        take("<main></main>", tmp_path / "none.png")
