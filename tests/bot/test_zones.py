from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot import zones
from bot.texts import LOCALES
from tests.bot.builders import NOW


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("my time is 08:40", 520),
        ("8.40", 520),
        ("it is 3:02 pm here", 902),
        ("12:10 a.m.", 10),
        ("12:10pm", 730),
        ("у мене 23:59", 1439),
        ("il est 12h05", 725),
        ("14:00 or 15:00", None),
        ("24:00", None),
        ("13:00 pm", None),
        ("Europe/Kyiv", None),
        ("", None),
    ],
)
def test_clock_in_when_one_time_stands_in_a_text_then_its_minutes(text: str, clock: int | None) -> None:
    assert zones.clock_in(text) == clock


def test_showing_when_a_clock_is_a_few_minutes_off_then_still_the_zones_of_that_hour() -> None:
    assert "Europe/Kyiv" in zones.showing(14 * 60 + 56, NOW)
    assert zones.showing(17 * 60 + 45, NOW) == ("Asia/Kathmandu",)
    assert zones.showing(9 * 60 + 7, NOW) == zones.showing(9 * 60, NOW)


def test_showing_when_midnight_lies_between_then_the_short_way_round() -> None:
    assert "Europe/London" in zones.showing(2, datetime(2031, 1, 4, 23, 58, tzinfo=UTC))


@pytest.mark.parametrize(
    ("language", "name", "zone"),
    [
        ("uk", "Київ", "Europe/Kyiv"),
        ("ru", " киев ", "Europe/Kyiv"),
        ("de", "Wien", "Europe/Vienna"),
        ("fr", "Le Caire", "Africa/Cairo"),
        ("en", "new york", "America/New_York"),
        ("de-AT", "Kiew", "Europe/Kyiv"),
        ("en", "Atlantis", None),
        ("en", "", None),
    ],
)
def test_named_when_a_city_is_written_in_a_language_then_its_zone(language: str, name: str, zone: str | None) -> None:
    assert zones.named(name, language=language) == zone


@pytest.mark.parametrize("language", LOCALES)
def test_common_when_listed_then_each_exists_and_is_found_by_the_name_it_is_shown_with(language: str) -> None:
    shown = [zones.city(zone, language=language) for zone in zones.COMMON]
    assert len(set(shown)) == len(shown) > 50
    for zone, name in zip(zones.COMMON, shown, strict=True):
        assert ZoneInfo(zone)
        assert 0 < len(name) <= 25
        assert zone == "UTC" or zones.named(name, language=language) == zone
