"""Kill it anywhere, start it again: the index is what a rebuild would make, and nothing is lost."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from index import ingest
from tests.conftest import ROOT
from tests.index.builders import SOURCE, START, at, make_archive, make_reading, rebuilt
from tests.index.crash_driver import BOATS, newsroom
from tests.index.fakes import BagEncoder

ROUNDS = 14
LAST = 1_000_000


@pytest.mark.parametrize("seed", [1, 2])
def test_archive_when_killed_over_and_over_then_sound_and_the_next_run_finishes(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-m", "tests.index.crash_driver", str(folder), str(ROUNDS), str(seed)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {"killed": ROUNDS}, done.stderr
    seen = [json.loads(line) for line in (folder / "findings.jsonl").read_text().splitlines()]
    assert len(seen) >= ROUNDS // 2, "too few lived to look at what the one before left"
    assert [findings for findings in seen if findings] == []

    encoder = BagEncoder()
    with closing(make_archive(folder, encoder)) as archive:
        assert [line for line in archive.check() if "have no vector" not in line] == []
        archive.encode_pending()
        assert archive.check() == ()
        assert archive.follower.differences(rebuilt(archive.store, encoder)) == []
        assert archive.store.counts()["updates"] == BOATS
        for again in (False, True):
            reports = [
                ingest.apply(archive.store, make_reading(*updates, window_from=START), at(LAST))
                for updates in newsroom(LAST)
            ]
            changed = sum(report.new + report.revised + report.withdrawn for report in reports)
            assert (changed == 0) is again
        archive.encode_pending()
        assert archive.check() == ()
        expected = {update.key: update.text for updates in newsroom(LAST) for update in updates if update.text}
        known = archive.store.known(SOURCE, expected)
        numbers = archive.store.revision_numbers([held.update_no for held in known.values()], at(LAST))
        standing = archive.store.revisions(numbers.items()).values()
        assert {cited.update_id: revision.text for revision, cited in standing} == expected
