import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from index.text import normalise
from index.types import Reading
from tests.index.sources.builders import FIXTURES, read

INPUTS = sorted(path for path in FIXTURES.iterdir() if not path.name.endswith(".expected.json"))
ZONES = {"headed_article.html": "Europe/Berlin", "midnight_plugin.html": "Europe/Berlin"}


def told(reading: Reading) -> object:
    def plain(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    return json.loads(json.dumps(asdict(reading), default=plain, ensure_ascii=False))


def test_golden_when_collected_then_every_format_has_one() -> None:
    formats_seen = {read(path.read_bytes(), where=path.name).format for path in INPUTS}
    assert formats_seen == {"jsonld", "article", "page_text", "feed", "export", "jsonl"}


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_read_when_given_a_fixture_then_gives_what_stands_beside_it(path: Path) -> None:
    expected = path.with_name(path.name + ".expected.json")
    got = told(read(path.read_bytes(), where=path.name, zone=ZONES.get(path.name, "UTC")))
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(got, indent=1, ensure_ascii=False) + "\n")
    assert got == json.loads(expected.read_text())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_read_when_repeated_then_gives_the_same_in_normal_form(path: Path) -> None:
    first, second = (read(path.read_bytes(), where=path.name) for _ in range(2))
    assert first == second
    assert all(update.text == normalise(update.text) for update in first.updates)
    if first.format != "jsonl":  # there a repeated id is a later revision
        assert len({update.key for update in first.updates}) == len(first.updates)
