import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingError
from bot.settings import LANGUAGES, ChatSettings, Choices, Policy, Setting, changed, toggled

CHOICES = Choices(sources=("Harbour Gazette", "Hill Times", "One, Two"), live_blogs=("storm", "vote"))


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (Setting.LANGUAGE, "UK", "uk"),
        (Setting.LANGUAGE, "auto", None),
        (Setting.ZONE, "Europe/Kyiv", "Europe/Kyiv"),
        (Setting.ZONE, " america/new york ", "America/New_York"),
        (Setting.ZONE, "kyiv", "Europe/Kyiv"),
        (Setting.ZONE, "utc", "UTC"),
        (Setting.ZONE, "Auto", None),
        (Setting.POLICY, "Cited", Policy.CITED),
        (Setting.POLICY, "off", Policy.OFF),
        (Setting.SOURCES, "all", None),
        (Setting.SOURCES, "hill  times, HARBOUR gazette", ("Harbour Gazette", "Hill Times")),
        (Setting.SOURCES, "one, two", ("One, Two",)),
        (Setting.LIVE_BLOGS, "vote", ("vote",)),
    ],
)
def test_changed_when_the_value_is_known_then_only_that_setting_differs(
    setting: Setting, text: str, value: object
) -> None:
    before = ChatSettings(language="fr", zone="Asia/Tokyo", sources=("Hill Times",), live_blogs=("storm",))
    after = changed(before, setting, text, CHOICES)
    assert getattr(after, setting) == value
    assert all(getattr(after, other) == getattr(before, other) for other in Setting if other is not setting)


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        (Setting.LANGUAGE, "klingon"),
        (Setting.LANGUAGE, ""),
        (Setting.ZONE, "Mars/Base"),
        (Setting.ZONE, "../../etc/passwd"),
        (Setting.ZONE, "Louisville"),
        (Setting.ZONE, ""),
        (Setting.POLICY, "shout"),
        (Setting.SOURCES, "Hill Times, Nobody's"),
        (Setting.SOURCES, ","),
        (Setting.LIVE_BLOGS, ""),
    ],
)
def test_changed_when_the_value_is_unknown_then_an_error_names_setting_and_value(setting: Setting, text: str) -> None:
    with pytest.raises(SettingError) as refused:
        changed(ChatSettings(), setting, text, CHOICES)
    assert refused.value.setting == setting
    assert refused.value.value in text


@given(setting=st.sampled_from(list(Setting)), text=st.text(max_size=30))
def test_changed_when_the_text_is_whatever_then_a_value_or_a_setting_error(setting: Setting, text: str) -> None:
    try:
        after = changed(ChatSettings(), setting, text, CHOICES)
    except SettingError:
        return
    assert isinstance(after, ChatSettings)


def test_settings_when_listed_then_each_is_a_field() -> None:
    assert {setting.value for setting in Setting} == set(ChatSettings.__dataclass_fields__)
    assert "en" in LANGUAGES


KNOWN = ("a", "b", "c")


def test_toggled_when_pressed_then_one_more_or_one_less_and_all_is_none() -> None:
    assert toggled(None, "b", KNOWN) == ("a", "c")
    assert toggled(("a", "c"), "b", KNOWN) is None
    assert toggled(("c",), "a", KNOWN) == ("a", "c")
    assert toggled(("gone", "c"), "a", KNOWN) == ("a", "c")


def test_toggled_when_none_would_be_left_then_refused() -> None:
    with pytest.raises(SettingError):
        toggled(("a",), "a", KNOWN)
