import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.titles import shown


@pytest.mark.parametrize(
    ("title", "seen"),
    [
        ("Harbour talk", "Harbour talk"),
        ("  Harbour\n\ttalk ", "Harbour talk"),
        ("St. John's 24/7, at 9.30", "St. John's 24/7, at 9.30"),
        ("evil.example/login", "evil. example/login"),
        ("https://evil.example", "https: //evil. example"),
        ("ask @admin or /start #now", "ask @ admin or / start # now"),
        ("/start", "/ start"),
        ("safe\N{RIGHT-TO-LEFT OVERRIDE}kcatta", "safekcatta"),
        ("\N{ZERO WIDTH SPACE}", ""),
        ("👩\N{ZERO WIDTH JOINER}🚒 crew", "👩\N{ZERO WIDTH JOINER}🚒 crew"),
    ],
)
def test_title_when_shown_then_nothing_of_it_misleads(title: str, seen: str) -> None:
    assert shown(title) == seen


@given(st.text(max_size=300))
def test_title_when_anything_then_one_short_line(title: str) -> None:
    seen = shown(title)
    assert len(seen) <= 60
    assert "\n" not in seen
    assert not any(unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI"} for char in seen)
