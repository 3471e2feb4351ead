"""A tiny run of the measure of digests; the encoder is a fake."""

import json
from functools import partial
from pathlib import Path

from rich.console import Console

from bench import digest_quality
from bench.data import archive_of, sets
from bench.measures import Share
from bench.writing import write
from tests.index.fakes import BagEncoder


def test_measure_when_run_on_the_sample_then_every_system_has_every_measure_and_quotes_verbatim(tmp_path: Path) -> None:
    opener = partial(archive_of, folder=tmp_path / "archive", encoder=BagEncoder())
    results = digest_quality.measure(sets()["sample"], limit=4, opener=opener)
    assert set(results) == {"dateline", "newest", "longest", "random"}
    for row in results.values():
        verbatim, held = row["verbatim"], row["key points held"]
        assert isinstance(verbatim, Share)
        assert isinstance(held, Share)
        assert (verbatim.value, verbatim.n) == (1.0, 4)
        assert held.n == 6
    console = Console(width=150, record=True)
    digest_quality.show(console, "sample", results)
    assert "key points held" in console.export_text()
    write(tmp_path / "digests.json", {"sample": results})
    assert json.loads((tmp_path / "digests.json").read_text())["sample"]["newest"]["quotes"] == 4.0
