"""The picture of a digest: what it says in words, that nothing of it is cut or runs together, that it can be read."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from bot import pictures
from bot.pictures import drawn, in_words, picture_of, ticks
from bot.texts import LOCALES
from index import Digest, Hour, Window

BEGAN = datetime(2026, 10, 24, 5, tzinfo=UTC)
ZONES = {"en": "UTC", "de": "Asia/Kolkata", "uk": "Europe/Kyiv", "ru": "America/New_York", "es": "Europe/Madrid",
         "fr": "America/St_Johns"}  # fmt: skip


def make_hours(count: int, *, quoted: tuple[int, ...] = (0, 2)) -> tuple[Hour, ...]:
    return tuple(
        Hour(start=BEGAN + timedelta(hours=n), updates=1 + 7 * n % 12, quoted=int(n in quoted)) for n in range(count)
    )


def make_digest(count: int) -> Digest:
    window = Window(since=BEGAN, until=BEGAN + timedelta(hours=count))
    return Digest(window=window, hours=make_hours(count))


def test_picture_when_drawn_then_a_png_with_words_the_same_each_time() -> None:
    one, again = (picture_of(make_digest(26), zone="Europe/Kyiv", language="en") for _ in range(2))
    assert one is not None
    assert one == again
    assert one.png.startswith(b"\x89PNG")
    assert len(one.png) < 100_000
    assert one.words == (
        "Updates per hour, 24 October 2026, 08:00 EEST to 25 October 2026, 09:00 EET: 165 updates, at most 12 in an "
        "hour, from 24 October 2026, 13:00 EEST. 2 of them are quoted above; their hours are marked."
    )


def test_picture_when_hours_are_few_then_none_and_of_too_many_the_last() -> None:
    assert picture_of(make_digest(2), zone="UTC", language="en") is None
    long = picture_of(make_digest(400), zone="UTC", language="en")
    assert long is not None
    assert "26 October 2026, 21:00 UTC to 9 November 2026, 21:00 UTC" in long.words


def test_words_when_nothing_is_quoted_then_nothing_is_said_of_it() -> None:
    assert "quoted" not in in_words(make_hours(5, quoted=()), zone="UTC", language="en")


@pytest.mark.parametrize("count", [3, 26, 49, 336])
@pytest.mark.parametrize("language", LOCALES)
def test_drawn_when_in_any_language_then_no_text_is_cut_or_runs_into_another(language: str, count: int) -> None:
    figure = drawn(make_hours(count), zone=ZONES[language], language=language)
    figure.canvas.draw()
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text() and text.get_visible()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(boxes) >= 6
    for text, box in zip(texts, boxes, strict=True):
        assert figure.bbox.x0 <= box.x0, text
        assert box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0, text
        assert box.y1 <= figure.bbox.y1, text
        assert not [other for other in boxes if other is not box and other.overlaps(box)], text


@pytest.mark.parametrize("zone", ZONES.values())
def test_ticks_when_clocks_change_then_few_full_hours_in_order_and_each_day_named_once(zone: str) -> None:
    for count in (3, 24, 48, 100, 336):
        below = ticks(make_hours(count), zone, "en")
        assert 1 <= len(below) <= 8
        assert all(one.place < other.place for one, other in pairwise(below))
        days = [tick.label.rpartition("\n")[2] for tick in below if "\n" in tick.label or ":" not in tick.label]
        assert len(days) == len(set(days)) >= 1


def luminance(colour: str) -> float:
    """Relative luminance, by WCAG 2.2."""
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_when_compared_then_they_can_be_told_apart() -> None:
    assert contrast(pictures._INK, pictures._CARD) >= 7
    assert contrast(pictures._PLAIN, pictures._CARD) >= 3
    assert contrast(pictures._QUOTED, pictures._CARD) >= 3
    assert contrast(pictures._QUOTED, pictures._PLAIN) >= 1.9, "and a dot says it without colour"


def test_picture_when_nothing_can_draw_then_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.pictures.find_spec", lambda name: None)
    assert picture_of(make_digest(26), zone="UTC", language="en") is None
