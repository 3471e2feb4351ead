"""Whoever attacks: sources, users and groups that mean harm, through the real Application against the strict server."""

import json
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import LimitsConfig
from bot.texts import line
from bot.tg.render import LIMIT_ENTITIES, LIMIT_UNITS, parts
from bot.types import Paragraph, Pointer, Reply
from index import Archive
from tests.bot.tg.builders import make_quote
from tests.bot.tg.hostility import is_harmless, quotes
from tests.bot.tg.house import ANSWER, ASKED, NOON, House, play
from tests.bot.tg.shown import as_sent, shown
from tests.botapi.state import units

pytestmark = pytest.mark.enable_socket

OVERRIDE, ISOLATE, ZERO = "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{RIGHT-TO-LEFT ISOLATE}", "\N{ZERO WIDTH SPACE}"
MARKUP = '</blockquote></b><a href="tg://user?id=1">pay</a> &lt;b&gt; &amp;amp; <tg-spoiler>x</tg-spoiler> <script>'
LINKS = (
    "tg://resolve?domain=evil",
    "javascript:alert(1)",
    "https://example.org@evil.example/\u202egro.elpmaxe",
    'https://example.org/"><b>',
    "https://example.org/" + "a" * 5000,
    "http://\u0430pple.example/",
    "https://[::1",
    "data:text/html,x",
)
LONG_WORD = "quagga" + "x" * 10_000


async def published(house: House, text: str, *, title: str = "", url: str | None = None) -> None:
    """Let a source publish something, by a file as any other."""
    entry = {"id": "hostile", "title": title, "text": text, "published_at": NOON.isoformat(), "url": url}

    def job(archive: Archive) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "wire.jsonl"
            path.write_text(json.dumps(entry) + "\n", encoding="utf-8")
            archive.ingest_file(path, now=NOON)
        archive.encode_pending()

    await house.read(job)


# Sources


def test_source_when_its_text_is_markup_then_it_is_quoted_as_text() -> None:
    async def scene(house: House) -> None:
        text = f"The quagga of Ostrava escaped {MARKUP} at dawn."
        await published(house, text, title=f"Quagga escapes {MARKUP}", url="https://example.org/q?a=1&b=<2>")
        answer = await house.server.reply_to(house.server.user("Ann").says("When did the quagga of Ostrava escape?"))
        assert quotes(answer) == [text]
        assert MARKUP.split("<")[1] in answer.text
        assert is_harmless(answer)

    assert play(scene).refused() == []


@pytest.mark.parametrize("url", LINKS)
def test_source_when_its_link_is_hostile_then_it_leads_nowhere_else(url: str) -> None:
    async def scene(house: House) -> None:
        await published(house, "The quagga of Ostrava escaped at dawn.", title="Quagga", url=url)
        answer = await house.server.reply_to(house.server.user("Ann").says("When did the quagga of Ostrava escape?"))
        assert quotes(answer) == ["The quagga of Ostrava escaped at dawn."]
        assert is_harmless(answer)
        assert all(len(link) <= 2048 for link in answer.links)

    assert play(scene).refused() == []


def test_source_when_its_text_turns_the_writing_then_it_stands_as_it_reads() -> None:
    async def scene(house: House) -> None:
        text = f"The quagga{OVERRIDE} of{ISOLATE} Ostrava{ZERO} escaped\0 at dawn."
        await published(house, text, title=f"{OVERRIDE}Quagga")
        answer = await house.server.reply_to(house.server.user("Ann").says("When did the quagga of Ostrava escape?"))
        assert quotes(answer)[0].split() == "The quagga of Ostrava escaped at dawn.".split()
        assert is_harmless(answer)

    assert play(scene).refused() == []


def test_source_when_a_word_has_ten_thousand_letters_then_what_is_quoted_of_it_fits() -> None:
    async def scene(house: House) -> None:
        await published(house, f"The quagga of Ostrava escaped at dawn, {LONG_WORD}.", title=LONG_WORD)
        ann = house.server.user("Ann")
        answer = await house.server.reply_to(ann.says("When did the quagga of Ostrava escape?"))
        await house.server.quiet()
        assert quotes(answer)
        assert all(is_harmless(message) for message in ann.ours)
        if len(ann.ours) > 1:
            assert "".join("".join(quotes(message)) for message in ann.ours).count("x") >= 10_000
        pressed = ann.presses(ann.ours[-1], "context")
        await house.server.quiet(for_s=0.5)
        assert pressed.answer is not None
        assert all(is_harmless(message) for message in ann.ours)

    assert play(scene).refused() == []


# Users


def test_user_when_data_is_forged_then_a_toast_and_nothing_else() -> None:
    async def scene(house: House) -> None:
        ann, eve = house.server.user("Ann"), house.server.user("Eve")
        group = house.server.supergroup("Desk", ann, eve)
        answer = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        known = answer.buttons[0].data
        before = len(group.ours)
        for forged in ("x", "' or 1=1 --", known[:-1], known + "A", known.swapcase(), "0" * 64, "\U0001f600" * 16):
            pressed = eve.calls_back(answer, forged)
            await house.server.quiet()
            assert (pressed.answer or {}).get("text") == line("button_expired")
        await house.server.quiet()
        assert len(group.ours) == before

    assert play(scene).refused() == []


def test_user_when_another_s_button_is_copied_then_it_is_not_theirs() -> None:
    async def scene(house: House) -> None:
        ann, eve = house.server.user("Ann"), house.server.user("Eve")
        group = house.server.supergroup("Desk", ann, eve)
        answer = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        own = await house.server.reply_to(eve.says(ASKED))
        key = ann.button(answer, "context").data
        copied = [eve.calls_back(answer, key), eve.calls_back(own, key)]
        await house.server.until(lambda: all(one.answer is not None for one in copied))
        await house.server.quiet()
        assert len(group.ours) == 1
        assert len(eve.ours) == 1

    assert play(scene).refused() == []


@pytest.mark.parametrize("parameter", ["u" + "A" * 12, "a" * 64, "0", "_-", "s" + "0" * 11])
def test_user_when_a_start_parameter_is_forged_then_the_plain_start(parameter: str) -> None:
    async def scene(house: House) -> None:
        eve = house.server.user("Eve")
        reply = await house.server.reply_to(eve.starts(parameter))
        assert reply.text == line("start")

    assert play(scene).refused() == []


def test_user_when_a_start_parameter_has_expired_or_is_another_s_then_it_opens_nothing() -> None:
    async def scene(house: House) -> None:
        ann, eve = house.server.user("Ann"), house.server.user("Eve")
        group = house.server.supergroup("Desk", ann, eve)
        panel = await house.server.reply_to(ann.says("/settings", to=group))
        url = ann.button(panel, "private").url
        stolen = await house.server.reply_to(eve.follows(url))
        assert not stolen.buttons
        house.clock.moves(timedelta(days=400).total_seconds())
        expired = await house.server.reply_to(ann.follows(url))
        assert (expired.text, expired.buttons) == (line("start"), [])

    assert play(scene).refused() == []


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 2048,
        "a" * 4096,
        "? " * 2000,
        f"{OVERRIDE}{ASKED}",
        "/ask " + "(" * 4000,
        "/figure " + "'\";--" * 100,
        "/latest <b>" + "%" * 500,
        "/since " + "9" * 3000,
        "/verify ' or 1=1",
        "/settings zone ../../etc/passwd",
        "/settings language <script>",
        "yesterday " * 400,
        "between 99:99 and 25:61 on 31 February 0000",
        "‮/ask",
    ],
)
def test_user_when_the_text_is_odd_then_one_calm_answer(text: str) -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        await house.server.reply_to(ann.says(text), timeout_s=20)
        await house.server.quiet()
        assert all(is_harmless(message) for message in ann.ours)
        assert line("failed") not in ann.texts

    assert play(scene).refused() == []


@pytest.mark.parametrize("mark", ["\0", "\ud800", "\x1b[2J"])
def test_user_when_marks_are_in_the_text_that_no_app_sends_then_still_answered(mark: str) -> None:
    async def scene(house: House) -> None:
        ann = house.server.user(f"Ann{mark}" if mark != "\ud800" else "Ann")
        answer = await house.server.reply_to(ann.says(f"{mark}{ASKED}{mark}"), timeout_s=10)
        assert quotes(answer) == [ANSWER]

    assert play(scene).refused() == []


def test_user_when_a_hundred_come_in_a_second_then_others_do_not_wait() -> None:
    async def scene(house: House) -> None:
        eve, bob = house.server.user("Eve"), house.server.user("Bob")
        for number in range(100):
            eve.says(f"{ASKED} {number}")
        answer = await house.server.reply_to(bob.says(ASKED))
        assert quotes(answer) == [ANSWER]
        await house.server.quiet(for_s=0.5, timeout_s=20)
        assert len(eve.ours) == 6 + 1

    assert play(scene, limits=LimitsConfig()).refused() == []


# Whatever the text

_MARKS = (
    "<",
    ">",
    "&",
    '"',
    "\n",
    "\0",
    OVERRIDE,
    ZERO,
    "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}",
    "</blockquote>",
    "&lt;",
)
TEXTS = st.lists(st.one_of(st.characters(), st.sampled_from(_MARKS)), min_size=1, max_size=60).map("".join)
SIZES = st.sampled_from([1, 1, 1, 5, 20, 60])


def read_back(reply: Reply) -> Sequence[str]:
    """Return what stands in quotes, each part read by Telegram's rules."""
    found: list[str] = []
    for part in parts(reply, our_name="dateline_bot"):
        seen = shown(part.html)
        assert units(seen.text) <= LIMIT_UNITS
        assert units(part.plain) <= LIMIT_UNITS
        assert len(seen.entities) <= LIMIT_ENTITIES
        assert all(link.startswith(("https://", "http://")) for link in seen.links)
        found += seen.quotes
    return found


@settings(max_examples=60)
@given(text=TEXTS, title=TEXTS, url=st.one_of(TEXTS, st.sampled_from(LINKS)), source=TEXTS, note=TEXTS, times=SIZES)
def test_reply_when_a_source_says_anything_then_it_parses_and_reads_back_to_the_quote(
    text: str, title: str, url: str, source: str, note: str, times: int
) -> None:
    said = text * times
    quote = make_quote(said, note=note, start="uABC", title=title, url=url, source=source)
    reply = Reply(blocks=(Paragraph(text=note), quote, Pointer(citation=quote.excerpt.citation, start="uABC")))
    assert "".join(map(as_sent, read_back(reply))).strip() == as_sent(said).strip()
