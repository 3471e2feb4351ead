from datetime import UTC, datetime, time

import pytest

from bot import digest_words
from bot.digest_words import Wish, read
from bot.schedule import Days, Quiet, Rhythm
from bot.settings_reading import SeveralZonesError
from bot.smalltalk import bare
from bot.subscriptions import DigestChoice, EmptyDay, Length
from bot.texts import LOCALES, line

NOON = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
CHOICE = DigestChoice(rhythm=Rhythm(at=time(8, 0), zone="UTC"))


def wished(text: str, *, language: str = "en", quiet: Quiet | None = None, choice: DigestChoice = CHOICE) -> Wish:
    return read(text, choice, quiet, language=language, now=NOON)


def test_read_when_several_things_are_said_then_all_of_them() -> None:
    wish = wished("weekdays at 7:30 pm in Kyiv, short")
    assert wish.choice.rhythm == Rhythm(at=time(19, 30), zone="Europe/Kyiv", days=Days.WEEKDAYS)
    assert (wish.choice.length, wish.unread) == (Length.SHORT, "")


@pytest.mark.parametrize("language", LOCALES)
def test_read_when_said_as_the_language_says_it_then_understood(language: str) -> None:
    words = [line(f"digest_{key}", language=language) for key in ("days_weekdays", "length_long", "empty_line")]
    for typed in (" ".join(words), bare(" ".join(words))):
        wish = wished(f"{typed} 07:30", language=language)
        assert wish.choice.rhythm == Rhythm(at=time(7, 30), zone="UTC", days=Days.WEEKDAYS)
        assert (wish.choice.length, wish.choice.empty_day, wish.unread) == (Length.LONG, EmptyDay.LINE, "")
    topics = bare(line("digest_topics", language=language))
    assert wished(f"{topics} a, b", language=language).choice.topics == ("a", "b")


@pytest.mark.parametrize("language", LOCALES)
def test_read_when_it_is_an_example_of_ours_then_it_is_understood(language: str) -> None:
    shown = " ".join(line(key, language=language, text="") for key in ("subscribe_offer", "subscribe_unread"))
    examples = [part.split(",")[0] for part in shown.split("/subscribe ")[1:]]
    assert len(examples) == 4
    for example in examples[:2]:
        plain = example.partition(".")[0]
        assert wished(plain, language=language).choice.rhythm == Rhythm(
            at=time(7, 30), zone="Europe/Kyiv", days=Days.WEEKDAYS
        ), plain


def test_read_when_topics_are_named_then_those_and_all_ends_them() -> None:
    wish = wished("topics floods, the elections, floods")
    assert wish.choice.topics == ("floods", "the elections")
    assert wished("topics all", choice=wish.choice).choice.topics == ()


@pytest.mark.parametrize("text", ["quiet 22:00-07:00", "quiet: 22:00 – 7:00"])
def test_read_when_quiet_hours_are_named_then_by_the_clock_of_the_digest(text: str) -> None:
    assert wished(text).quiet == Quiet(since=time(22), until=time(7), zone="UTC")
    assert wished("quiet off", quiet=wished(text).quiet).quiet is None


def test_read_when_a_zone_is_named_then_quiet_hours_move_along() -> None:
    quiet = Quiet(since=time(22), until=time(7), zone="UTC")
    assert wished("Europe/Kyiv", quiet=quiet).quiet == Quiet(since=time(22), until=time(7), zone="Europe/Kyiv")


def test_read_when_the_own_clock_is_told_then_the_zone_or_the_choice() -> None:
    assert wished("my time is 17:45").choice.rhythm.zone == "Asia/Kathmandu"
    with pytest.raises(SeveralZonesError) as several:
        wished("my time is 14:00")
    assert "Europe/Berlin" in several.value.zones


@pytest.mark.parametrize("text", ["whenever it rains", "quiet sometimes", "my time is late", "25:99"])
def test_read_when_it_says_nothing_then_that_is_told_and_nothing_changes(text: str) -> None:
    wish = wished(text)
    assert wish.unread
    assert wish.choice == CHOICE


@pytest.mark.parametrize(("field", "value"), [("zone", "Nowhere/City"), ("days", "never"), ("colour", "red")])
def test_picked_when_forged_then_an_error(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        digest_words.picked(Wish(choice=CHOICE, quiet=None), field, value)
