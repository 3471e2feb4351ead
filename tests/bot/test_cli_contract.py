"""The command over the real archive: what other programs rely on. The encoder alone is a fake."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import index
from bot import __main__ as command
from tests.index.fakes import BagEncoder

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "Alder Post"
ENTRIES: tuple[dict[str, object], ...] = (
    {
        "id": "a1",
        "title": "Lighthouse keeper rescued",
        "text": "The keeper of the Alder lighthouse was rescued at dawn. He had been alone for nine days.",
        "published_at": "2021-05-04T06:10:00+01:00",
        "url": "https://alder.example/live#a1",
        "live_blog": "lighthouse",
    },
    {
        "id": "a2",
        "title": "Storm takes the jetty",
        "text": "The storm has torn away forty metres of the wooden jetty, the harbour office said.",
        "published_at": "2021-05-04T09:00:00Z",
        "live_blog": "lighthouse",
    },
    {
        "id": "a3",
        "title": "Bakers open late",
        "text": "Bakers in the upper town opened two hours late because flour did not arrive.",
        "published_at": "2021-05-04T11:00:00Z",
        "live_blog": "town",
    },
)
QUESTION = "Who was rescued at the Alder lighthouse?"
EXCERPT_KEYS = {
    "text", "start", "end", "update_id", "revision", "title", "kind", "live_blog", "source", "url",
    "published_at", "time_basis", "time_precision", "edited", "score",
}  # fmt: skip

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dateline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.setattr(index, "open_archive", partial(index.open_archive, encoder=BagEncoder()))
    monkeypatch.chdir(tmp_path)
    for name in ("DATELINE_CONFIG", "DATELINE_DATA"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dateline", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            command.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def filled(dateline: Call, tmp_path: Path) -> Call:
    """Return the command over an archive that holds ENTRIES."""
    (tmp_path / "updates.jsonl").write_text("\n".join(map(json.dumps, ENTRIES)), encoding="utf-8")
    code, out, _ = dateline("ingest", "updates.jsonl", "--source", SOURCE)
    assert (code, out) == (0, f"{SOURCE}: 3 new, 0 revised, 0 unchanged, 0 withdrawn\n")
    return dateline


def ask(dateline: Call, *arguments: str) -> dict[str, Any]:
    code, out, err = dateline("ask", QUESTION, "--json", *arguments)
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_ingest_when_repeated_then_unchanged_and_when_edited_then_revised(filled: Call, tmp_path: Path) -> None:
    edited = {**ENTRIES[1], "text": "The storm has torn away fifty metres of the wooden jetty."}
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, [ENTRIES[0], edited])), encoding="utf-8")
    code, out, _ = filled("ingest", "more.jsonl", "--source", SOURCE, "--json")
    (source,) = json.loads(out)["sources"]
    assert code == 0
    assert (source["new"], source["revised"], source["unchanged"]) == (0, 1, 1)


def test_ingest_when_an_input_is_hopeless_then_one_line_names_it_and_the_rest_is_taken(
    dateline: Call, tmp_path: Path
) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "cut.html.gz").write_bytes(b"\x1f\x8b\x08\x00\x00")
    (tmp_path / "good.jsonl").write_text(json.dumps(ENTRIES[0]), encoding="utf-8")
    code, out, err = dateline("ingest", "empty.html", "cut.html.gz", "good.jsonl", "--source", SOURCE)
    assert code == 1
    assert out == f"{SOURCE}: 1 new, 0 revised, 0 unchanged, 0 withdrawn\n"
    first, second = err.splitlines()
    assert first.startswith("dateline: empty.html: ")
    assert second.startswith("dateline: cut.html.gz: ")


def test_ingest_when_the_format_is_unknown_then_wrong_usage_and_nothing_is_read(dateline: Call, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(json.dumps(ENTRIES[0]), encoding="utf-8")
    code, out, err = dateline("ingest", "good.jsonl", "--format", "pdf")
    assert (code, out) == (2, "")
    assert err.startswith("dateline: unknown format 'pdf'; one of jsonld, article")
    for name in index.FORMAT_NAMES:
        assert dateline("ingest", "absent", "--format", name)[0] == 1


def test_answer_when_json_then_the_contract_holds(filled: Call) -> None:
    answer = ask(filled, "--now", "2021-05-04T12:00:00Z", "--limit", "2")
    assert list(answer) == [
        "id", "question", "now", "status", "confidence", "scope", "as_of", "excerpts", "nearest",
    ]  # fmt: skip
    assert answer["status"] == "answered"
    assert 0 <= answer["confidence"] <= 1
    assert set(answer["as_of"]) == {"newest_published_at", "last_checked_at"}
    assert 1 <= len(answer["nearest"]) <= 2
    assert set(answer["nearest"][0]) == {"update_id", "title", "published_at", "url", "score"}
    first = answer["excerpts"][0]
    assert set(first) >= EXCERPT_KEYS
    assert (first["update_id"], first["source"], first["live_blog"]) == ("a1", SOURCE, "lighthouse")
    assert first["url"] == "https://alder.example/live#a1"
    assert datetime.fromisoformat(first["published_at"]) == datetime.fromisoformat(str(ENTRIES[0]["published_at"]))
    assert str(ENTRIES[0]["text"])[first["start"] : first["end"]] == first["text"]


def test_answer_when_now_is_in_the_past_then_later_updates_are_not_known(filled: Call) -> None:
    for minutes in (-1, 0, 200):
        now = datetime.fromisoformat("2021-05-04T09:00:00+00:00") + timedelta(minutes=minutes)
        answer = ask(filled, "--now", now.isoformat())
        times = [entry["published_at"] for entry in (*answer["excerpts"], *answer["nearest"])]
        assert times
        assert all(datetime.fromisoformat(at) <= now for at in times)


def test_batch_when_scoped_to_a_live_blog_then_only_that_one(filled: Call) -> None:
    line = {"id": 1, "question": "What happened?", "now": "2021-05-04T12:00:00Z", "live_blog": "town"}
    _, out, _ = filled("ask", "--batch", "-", stdin=json.dumps(line).encode())
    assert {near["update_id"] for near in json.loads(out)["nearest"]} <= {"a3"}


def test_batch_when_asked_singly_or_together_then_the_same_answers(filled: Call, tmp_path: Path) -> None:
    now = "2021-05-04T12:00:00Z"
    questions = [QUESTION, "How long is the jetty damage?", "Why did bakers open late?", "Who won the chess cup?"]
    lines = "\n".join(json.dumps({"id": n, "question": text}) for n, text in enumerate(questions))
    (tmp_path / "q.jsonl").write_text(lines)
    _, together, _ = filled("ask", "--batch", "q.jsonl", "--now", now)
    singly = [json.loads(filled("ask", text, "--json", "--now", now)[1]) for text in questions]
    assert [json.loads(line) | {"id": None} for line in together.splitlines()] == singly


@pytest.mark.parametrize("question", ["?", "…", "the", "\x00", "a" * 20_000, "SELECT * FROM updates; --", '"', "👍"])
def test_ask_when_the_question_is_odd_then_an_answer_or_one_clear_line(filled: Call, question: str) -> None:
    code, out, err = filled("ask", question, "--json", "--now", "2021-05-04T12:00:00Z")
    assert code in (0, 2)
    assert json.loads(out)["question"] == question if code == 0 else err.startswith("dateline: ")


def test_ask_when_nothing_was_ever_read_then_it_says_so(dateline: Call) -> None:
    assert dateline("ask", QUESTION)[:2] == (0, "I have not read any updates yet.\n")


def test_status_and_care_when_all_is_well_then_they_agree(filled: Call) -> None:
    status = json.loads(filled("status", "--json")[1])
    assert (status["updates"], status["revisions"], status["pending"]) == (3, 3, 0)
    assert [source["name"] for source in status["sources"]] == [SOURCE]
    assert filled("check")[:2] == (0, "sound\n")
    assert filled("rebuild")[:2] == (0, f"0 passages encoded, {status['passages']} vectors in the index\n")


def test_folder_when_it_cannot_be_made_then_one_line(dateline: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = dateline("--data", "file/inside", "status")
    assert code == 1
    assert err.startswith("dateline: file/inside: ")
    assert err.count("\n") == 1


def test_output_when_its_reader_has_gone_then_no_traceback(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "bot", "--data", str(tmp_path), "status", "--json"],
            cwd=ROOT, stdout=output, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr
