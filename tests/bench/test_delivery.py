"""A tiny run of the delivery benchmark: what it counts must come out right, and a doubled digest must be seen."""

import json
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench import delivery
from bench.__main__ import app
from bot.store import BotStore


def test_delivery_when_run_small_then_all_parts_and_nothing_lost(tmp_path: Path) -> None:
    out = tmp_path / "delivery.json"
    ended = CliRunner().invoke(app, ["delivery", "--planned", "50", "--drained", "60", "--kills", "0", "--days", "1",
                                     "--chats", "4", "--out", str(out)])  # fmt: skip
    assert ended.exit_code == 0, ended.output
    told = json.loads(out.read_text())
    assert [told["planning"][f"{one} morning: digests planned"] for one in ("first", "second")] == [50, 50]
    assert told["planning"]["waiting"] == 100
    assert (told["draining"]["digests sent"], told["draining"]["in other states"]) == (60, 0)
    assert told["draining"]["answer max ms"] < 1000
    assert told["draining"]["share of the allowed rate"] > 0.8
    assert (told["two months"]["wrong"], told["two months"]["windows"] > 8) == (0, True)


def test_kills_when_a_process_is_killed_while_it_plans_and_sends_then_nothing_lost_and_nothing_doubled(
    tmp_path: Path,
) -> None:
    result = delivery.measure_kills(tmp_path, count=300, kills=3, longest_s=0.1)
    assert int(result["kills"]) >= 2
    for name in ("planned twice or never", "arrived twice", "lost and not listed", "unsettled", "findings in bot.db"):
        assert result[name] == 0, name
    assert int(result["arrived"]) >= 300 - int(result["uncertain"])


def test_verdict_when_one_is_missing_or_came_twice_then_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with closing(BotStore(path)) as store:
        delivery.subscribed(store, iter(range(1, 4)), count=3)
        assert list(delivery.planned(store, now=delivery.DUE)) == [3]
    verdict = delivery._verdict(path, Counter({1: 1, 2: 2}), 4)
    assert verdict["arrived twice"] == 1
    assert verdict["lost and not listed"] == 2
    assert verdict["planned twice or never"] == 2
    assert verdict["unsettled"] == 3


@pytest.mark.parametrize("count", [1, 2500])
def test_planned_when_there_are_pages_then_each_once(tmp_path: Path, count: int) -> None:
    with closing(BotStore(tmp_path / "bot.db")) as store:
        delivery.subscribed(store, iter(range(1, count + 1)), count=count)
        assert sum(delivery.planned(store, now=delivery.DUE)) == count
        assert list(delivery.planned(store, now=delivery.DUE)) == []
