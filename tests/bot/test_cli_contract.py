"""The command over the real archive: what other programs rely on. The encoder alone is a fake."""

import io
import json
import os
import shutil
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
NOW = "2021-05-04T12:00:00Z"
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


def test_live_blog_when_mistyped_then_wrong_usage_that_names_it_and_those_known(filled: Call) -> None:
    code, out, err = filled("ask", QUESTION, "--live-blog", "lighthuose", "--now", NOW)
    assert (code, out) == (2, "")
    assert err == "dateline: unknown live blog 'lighthuose'; known: lighthouse, town\n"
    assert ask(filled, "--live-blog", "lighthouse", "--now", NOW)["excerpts"][0]["live_blog"] == "lighthouse"


def test_batch_when_a_live_blog_is_mistyped_then_that_line_alone_fails(filled: Call) -> None:
    lines = [
        {"id": n, "question": QUESTION, "live_blog": blog} for n, blog in enumerate(("lighthouse", "twon", "town"))
    ]
    code, out, _ = filled("ask", "--batch", "-", "--now", NOW, stdin="\n".join(map(json.dumps, lines)).encode())
    first, second, third = map(json.loads, out.splitlines())
    assert code == 1
    assert second == {"id": 1, "error": "unknown live blog 'twon'; known: town, lighthouse"}
    assert {"status"} <= set(first) & set(third)


@pytest.mark.parametrize("known", [True, False])
def test_batch_when_more_is_asked_then_nothing_twice_whether_the_first_is_in_the_batch_or_not(
    filled: Call, known: bool
) -> None:
    question = "What is new?"
    _, out, _ = filled("ask", question, "--json", "--now", NOW)
    cited = [excerpt["update_id"] for excerpt in json.loads(out)["excerpts"]]
    assert sorted(cited) == ["a1", "a2", "a3"]
    previous: object = 1 if known else {"question": question, "cited": cited[:2]}
    lines = [{"id": 1, "question": question}, {"id": 2, "question": "more", "previous": previous}]
    _, out, _ = filled("ask", "--batch", "-", "--now", NOW, stdin="\n".join(map(json.dumps, lines)).encode())
    _, more = map(json.loads, out.splitlines())
    assert [excerpt["update_id"] for excerpt in more["excerpts"]] == ([] if known else cited[2:])
    assert more["question"] == "more"
    assert more["status"] == ("abstained" if known else "answered")


def test_ask_when_the_time_named_is_long_after_the_stream_then_an_abstention_with_what_is_near(filled: Call) -> None:
    question = "Who was rescued at the lighthouse today?"
    _, out, _ = filled("ask", question, "--json", "--now", "2021-05-20T12:00:00Z")
    answer = json.loads(out)
    assert (answer["status"], answer["excerpts"], answer["confidence"]) == ("abstained", [], 0)
    assert answer["scope"] == {"since": "2021-05-20T00:00:00+00:00", "until": None}
    assert answer["nearest"][0]["update_id"] == "a1"
    assert answer["as_of"]["newest_published_at"] == "2021-05-04T11:00:00+00:00"
    _, shown, _ = filled("ask", question, "--now", "2021-05-20T12:00:00Z")
    assert shown.startswith("Nothing was published in that time: “today”, since 20 May 2021 (UTC).\n")
    assert "The newest update known is 16 days old:" in shown


def test_figure_when_asked_then_as_the_command_of_a_chat(filled: Call) -> None:
    _, out, _ = filled("ask", "--figure", "metres of jetty", "--json", "--now", NOW)
    answer = json.loads(out)
    assert answer["question"] == "/figure metres of jetty"
    _, chatted, _ = filled("chat", "--now", NOW, stdin=b"/figure metres of jetty\n")
    assert [excerpt["update_id"] for excerpt in answer["excerpts"]] == ["a2"]
    assert answer["excerpts"][0]["text"] in chatted


def test_ask_when_nothing_was_ever_read_then_it_says_so(dateline: Call) -> None:
    assert dateline("ask", QUESTION)[:2] == (0, "I have not read any updates yet.\n")


def test_status_and_care_when_all_is_well_then_they_agree(filled: Call) -> None:
    status = json.loads(filled("status", "--json")[1])
    assert (status["updates"], status["revisions"], status["pending"]) == (3, 3, 0)
    assert [source["name"] for source in status["sources"]] == [SOURCE]
    assert filled("check")[:2] == (0, "sound\n")
    assert filled("rebuild")[:2] == (0, f"0 passages encoded, {status['passages']} vectors in the index\n")


def test_rebuild_when_the_index_cannot_be_saved_then_one_line_and_exit_1(filled: Call, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data" / "snapshot", ignore_errors=True)
    (tmp_path / "data" / "snapshot").write_text("")
    code, out, err = filled("rebuild")
    assert (code, out) == (1, "")
    assert err.startswith("dateline: ")
    assert "snapshot: the index could not be saved: " in err


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
