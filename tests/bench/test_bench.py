"""A tiny run of every measurement, so that none can rot; the encoder is a fake, the archive's folder the test's."""

import json
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bench import alerts, data, ingest, quality, targets
from bench.__main__ import app
from bench.data import archive_of, judgements, sets
from bench.measures import Share
from bench.spreads import Spread
from bench.writing import write
from index import StoreError
from tests.index.fakes import BagEncoder

SAMPLE = sets()["sample"]
SYSTEMS = {"dateline", "full text", "dense", "plain hybrid"}


@pytest.fixture(autouse=True)
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move the benchmark's own folder, so that a run that forgot its arguments would still not touch it."""
    monkeypatch.setattr(data, "OUT", tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def console() -> Console:
    return Console(width=150, record=True, quiet=False)


def values(result: ingest.Result) -> dict[str, float]:
    return {name: value for name, value in result.items() if isinstance(value, float | int)}


def test_quality_when_run_on_a_few_questions_then_every_system_has_every_measure(
    tmp_path: Path, out: Path, console: Console
) -> None:
    opener = partial(archive_of, folder=tmp_path / "archive", encoder=BagEncoder())
    results, outcomes = quality.measure(SAMPLE, split="report", scoped=False, baselines=True, limit=5, opener=opener)
    assert len(outcomes) == 5
    assert set(results) == SYSTEMS
    product = results["dateline"]
    assert product["late citations"] == 0
    verbatim = product["verbatim"]
    assert isinstance(verbatim, Share)
    assert (verbatim.value, verbatim.n) == (1.0, 5)
    quality.show(console, "sample", results)
    quality.show_misses(console, outcomes, 5)
    assert "plain hybrid" in console.export_text()
    assert not out.exists()


def test_targets_when_two_sets_were_run_then_their_questions_count_alike(tmp_path: Path) -> None:
    def of(right: float, questions: int) -> dict[str, quality.Row]:
        hits = Share(value=right, low=0.0, high=1.0, n=questions)
        row: quality.Row = {"hit@1": hits, "late citations": 0.0, "verbatim": None, "stale first": None}
        return {"dateline": row}

    out = tmp_path / "run.json"
    write(out, {"one": of(1.0, 10), "two": of(0.5, 30)})
    assert "| right update first | ≥ .85 | 0.625 | 40 |" in targets.table(out)
    assert "| stale first | ≤ .05 |  |  |" in targets.table(out)
    assert CliRunner().invoke(app, ["targets", str(out)]).output.strip() == targets.table(out)


def test_quality_when_written_twice_then_the_runs_compare(tmp_path: Path, console: Console) -> None:
    opener = partial(archive_of, folder=tmp_path / "archive", encoder=BagEncoder())
    results, _ = quality.measure(SAMPLE, split="tune", scoped=False, baselines=False, limit=3, opener=opener)
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    write(before, {"sample": results})
    changed = json.loads(before.read_text())
    changed["sample"]["dateline"]["median ms"] = 1e6
    after.write_text(json.dumps(changed))
    quality.compare(console, before, after)
    assert "1000000.000" in console.export_text()


def test_ingest_when_run_on_the_sample_then_speed_memory_and_places(
    tmp_path: Path, out: Path, console: Console
) -> None:
    result = ingest.measure(SAMPLE, folder=tmp_path / "archive", encoder=BagEncoder(), limit=6)
    figures = values(result)
    assert (figures["updates"], figures["questions"], figures["errors"]) == (41, 6, 0)
    assert figures["passages"] >= figures["updates"]
    for name in (
        "updates/s",
        "share, reading and storing too",
        "passages/s",
        "bare passages/s",
        "share of bare encoding",
        "questions/s",
        "peak MB",
    ):
        assert figures[name] > 0, name
    at_once = result["answers/s, at once ÷ one by one"]
    assert isinstance(at_once, Spread)
    assert (at_once.n, figures["asked at once"]) == (5, 6)
    assert 0 < at_once.low <= at_once.p50 <= at_once.high
    places = [result[f"hit@{most}"] for most in (1, 5, 10)]
    shares = [place.value for place in places if isinstance(place, Share)]
    assert len(shares) == 3
    assert shares == sorted(shares)
    assert shares[-1] > 0.5, "words alone find most of these"
    ingest.show(console, "sample", result)
    assert "share of bare encoding" in console.export_text()
    write(tmp_path / "ingest.json", {"sample": result})
    assert json.loads((tmp_path / "ingest.json").read_text())["sample"]["hit@10"]["value"] == shares[-1]
    assert not out.exists()


def test_ingest_when_run_again_then_the_archive_is_fresh(tmp_path: Path) -> None:
    runs = [
        values(ingest.measure(SAMPLE, folder=tmp_path / "a", encoder=BagEncoder(), limit=1))["updates"]
        for _ in range(2)
    ]
    assert runs == [41, 41]


def test_ingest_when_the_folder_holds_something_else_then_it_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "letters.txt"
    kept.write_text("dear")
    with pytest.raises(StoreError, match="not an archive"):
        ingest.measure(SAMPLE, folder=tmp_path, encoder=BagEncoder(), limit=1)
    assert kept.read_text() == "dear"


def test_batch_when_a_line_follows_another_then_it_is_answered_as_the_command_does(tmp_path: Path) -> None:
    archive = archive_of(SAMPLE, folder=tmp_path / "archive", encoder=BagEncoder())
    try:
        judged = [one for one in judgements(SAMPLE, {}, scoped_to_stream=False) if one.question.previous]
        done = ingest.answer_batch(archive, judged[:3])
    finally:
        archive.close()
    assert list(done.answers) == [one.id for one in judged[:3]]
    assert all("nearest" in answer for answer in done.answers.values())


@pytest.mark.parametrize("name", ["quality", "ingest"])
def test_command_when_a_set_is_unknown_then_those_that_exist_are_named(name: str) -> None:
    ended = CliRunner().invoke(app, [name, "nothing", "--out", "unused.json"])
    assert ended.exit_code == 2
    assert "sample" in ended.output


@pytest.mark.parametrize("name", ["quality", "ingest"])
def test_command_when_a_corpus_is_absent_then_it_says_so_and_goes_on(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(data, "SHARED", tmp_path / "nowhere")
    ended = CliRunner().invoke(app, [name, "mirror", "--out", str(tmp_path / "out.json")])
    assert ended.exit_code == 0
    assert "mirror: skipped" in ended.output + capsys.readouterr().out
    assert json.loads((tmp_path / "out.json").read_text()) == {}


def test_alerts_when_many_watches_meet_an_update_then_one_product_and_searches_for_those_near(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    result = alerts.measure(SAMPLE, watches=300, updates=2, folder=folder, encoder=BagEncoder(dimension=512))
    assert (result["watches"], result["updates"]) == (300, 2)
    assert 0 < result["share of watches near"] < 1
    assert result["searches ÷ product"] > 0
    assert result["rows noted ms"] > 0


def test_every_command_when_asked_for_help_then_it_has_some() -> None:
    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    measured = "alerts backlog bulk chats delivery digests grading growth ingest peers quality runtimes soak startup"
    assert set(names) == {*measured.split(), "fit", "markdown", "pictures", "targets"}
    for name in names:
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0
