"""Weeks of digests through changes of clocks, restarts and crashes; the full size is `python -m bench delivery`."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.bot.season import NEW_YEAR, OCTOBER, ZONES, Season

SKIPPING = ("Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kiritimati", "Pacific/Honolulu")


@pytest.mark.parametrize(("began", "days", "chats", "zones"), [(OCTOBER, 27, 32, ZONES), (NEW_YEAR, 14, 8, SKIPPING)])
def test_season_when_we_die_between_any_two_statements_then_every_digest_once_or_listed_and_every_window_contiguous(
    tmp_path: Path, began: datetime, days: int, chats: int, zones: tuple[str, ...]
) -> None:
    season = Season(folder=tmp_path, began=began, days=days, chats=chats, zones=zones)
    season.play()
    assert season.faults == []
    assert season.tally["windows"] > 0.6 * days * chats
    assert min(season.tally["deaths"], season.tally["statements died between"]) > 50
    assert season.tally["in state sent"] > 0.4 * season.tally["windows"]
    assert 0 < season.tally["in state uncertain"] <= season.tally["deaths"] + season.tally["answers lost"]
