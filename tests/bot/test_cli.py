import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import index
from bot import __main__ as command
from bot.cli import app
from bot.deliveries import Perhaps
from bot.outbox import settled
from bot.records import ChatKind
from bot.store import open_store
from index import ArchiveConfig, StoreError
from tests.bot.builders import NOW, make_answer, make_citation, make_excerpt, make_source, make_status
from tests.bot.fakes import FakeArchive
from tests.bot.store_builders import fill, make_planned, put

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "telegram", "faiss", "numpy", "httpx", "pydantic", "rich", "index"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call of the command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:  # noqa: ANN401  whatever was printed
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Outcome]


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def configs() -> list[ArchiveConfig]:
    return []


@pytest.fixture
def dateline(
    archive: FakeArchive,
    configs: list[ArchiveConfig],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    def opener(config: ArchiveConfig, *, now: object) -> FakeArchive:
        configs.append(config)
        return archive

    monkeypatch.setattr(index, "open_archive", opener)
    monkeypatch.chdir(tmp_path)
    for name in ("DATELINE_CONFIG", "DATELINE_DATA", "DATELINE_TELEGRAM_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["dateline", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            command.main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Outcome(code=code if isinstance(code, int) else 0, out=captured.out, err=captured.err)

    return call


# Help


def test_help_when_asked_then_at_once_and_without_the_heavy_libraries() -> None:
    script = (
        "import sys\nfrom bot.__main__ import main\nsys.argv = ['dateline', '--help']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(sorted(sys.modules), file=sys.stderr)\n"
        "    sys.exit(end.code)\n"
    )
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert time.monotonic() - begun < 10, "something far too heavy is loaded"
    assert "Usage: dateline" in ended.stdout
    assert "bot.cli" in ended.stderr
    assert {name for name in HEAVY if f"'{name}'" in ended.stderr} == set()


@pytest.mark.parametrize(
    "name", sorted(info.callback.__name__ for info in app.registered_commands if info.callback is not None)
)
def test_help_when_asked_of_a_command_then_plain_text(dateline: Call, name: str) -> None:
    ended = dateline(name, "--help")
    assert ended.code == 0
    assert f"Usage: dateline {name}" in ended.out
    assert "╭" not in ended.out


def test_commands_when_listed_then_the_contract_s(dateline: Call) -> None:
    listed = dateline("--help").out
    assert [name for name in ("ingest", "ask", "chat", "watch", "run", "status", "rebuild", "check")
            if f"\n  {name} " not in listed] == []  # fmt: skip


def test_version_when_asked_then_name_and_number(dateline: Call) -> None:
    assert dateline("--version").out.startswith("dateline")


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask"], "give a QUESTION"),
        (["ask", "who?", "--batch", "x.jsonl"], "give only one of"),
        (["ask", "who?", "--figure", "arrests"], "give only one of"),
        (["ask", "--figure", " "], "the question is empty"),
        (["ask", "  "], "the question is empty"),
        (["ask", "who?", "--zone", "Mars/Base"], "unknown time zone 'Mars/Base'"),
        (["ask", "who?", "--now", "yesterday"], "not an ISO 8601 time: 'yesterday'"),
        (["ask", "who?", "--now", "0001-01-01T00:00:00+14:00"], "not an ISO 8601 time"),
        (["ask", "who?", "--limit", "0"], "--limit"),
        (["ask", "--batch", "absent.jsonl"], "absent.jsonl: No such file"),
        (["ingest"], "Missing argument"),
        (["unheard"], "No such command"),
        (["--config", "absent.toml", "status"], "absent.toml: cannot be read"),
        (["watch"], "no [[sources]]"),
        (["run"], "DATELINE_TELEGRAM_TOKEN"),
    ],
)
def test_usage_when_it_has_no_meaning_then_one_clear_line_and_exit_2(
    dateline: Call, arguments: list[str], message: str
) -> None:
    ended = dateline(*arguments)
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_archive_when_it_fails_then_one_line_and_exit_1(dateline: Call, archive: FakeArchive) -> None:
    archive.failure = StoreError("data/news.db: locked")
    ended = dateline("ask", "who?")
    assert (ended.code, ended.err) == (1, "dateline: data/news.db: locked\n")
    assert archive.closed


# Global options


def test_options_when_given_by_environment_then_they_hold(
    dateline: Call, configs: list[ArchiveConfig], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text('[search]\nengine = "exact"\n')
    monkeypatch.setenv("DATELINE_CONFIG", "mine.toml")
    monkeypatch.setenv("DATELINE_DATA", "elsewhere")
    dateline("status")
    dateline("--data", "here", "status")
    assert [(config.search.engine, str(config.store.directory)) for config in configs] == [
        ("exact", "elsewhere"),
        ("exact", "here"),
    ]


# ask


def test_ask_when_answered_then_quote_title_time_and_link(dateline: Call, archive: FakeArchive) -> None:
    ended = dateline("ask", "How many?", "--now", "2031-05-04T14:00", "--zone", "Europe/Kyiv", "--limit", "4")
    assert ended.code == 0
    assert "│ Nine ferries sailed before noon.\n" in ended.out
    assert "4 May 2031, 12:30 EEST" in ended.out
    assert "https://www.example.org/blog#e1\n" in ended.out
    assert "\x1b" not in ended.out
    (question,) = archive.questions
    assert (question.now.isoformat(), question.zone, question.limit) == ("2031-05-04T11:00:00+00:00", "Europe/Kyiv", 4)


def test_ask_when_json_then_one_object(dateline: Call) -> None:
    answer = dateline("ask", "How many?", "--json", "--now", "2031-05-04T12:00:00Z").json()
    assert (answer["id"], answer["question"], answer["status"]) == (None, "How many?", "answered")


def test_ask_when_not_in_the_updates_then_it_says_so_and_that_is_no_failure(
    dateline: Call, archive: FakeArchive
) -> None:
    archive.answer = make_answer(newest=make_citation())
    ended = dateline("ask", "How many?", "--now", NOW.isoformat())
    assert ended.code == 0
    assert ended.out.startswith("The updates do not say.\n")
    assert "• Ferry runs again\n" in ended.out


# ask --batch


def batch(*lines: object) -> bytes:
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)


@pytest.mark.parametrize("from_stdin", [True, False])
def test_batch_when_ids_are_of_any_type_then_they_come_back_in_order(
    dateline: Call, tmp_path: Path, from_stdin: bool
) -> None:
    ids: list[object] = [1, "a", None, [1, 2], {"k": "\ud800 ü"}, 1.5, True]
    questions = batch(*({"id": asked_id, "question": f"Question {n}?"} for n, asked_id in enumerate(ids)))
    (tmp_path / "q.jsonl").write_bytes(questions)
    ended = dateline("ask", "--batch", "-", stdin=questions) if from_stdin else dateline("ask", "--batch", "q.jsonl")
    assert ended.code == 0
    assert [answer["id"] for answer in ended.lines()] == ids
    assert [answer["question"] for answer in ended.lines()] == [f"Question {n}?" for n in range(len(ids))]


def test_batch_when_from_a_file_then_questions_are_encoded_together(
    dateline: Call, archive: FakeArchive, tmp_path: Path
) -> None:
    (tmp_path / "q.jsonl").write_bytes(batch(*({"id": n, "question": "Who?"} for n in range(150))))
    assert len(dateline("ask", "--batch", "q.jsonl").lines()) == 150
    assert archive.runs == [64, 64, 22]


def test_batch_when_lines_are_bad_then_each_says_why_and_the_others_are_answered(dateline: Call) -> None:
    good = {"id": "good", "question": "Who?"}
    ended = dateline(
        "ask",
        "--batch",
        "-",
        stdin=batch(
            b"\xef\xbb\xbf" + json.dumps(good).encode() + b"\n",
            b"\n",
            b"   \n",
            b"{not json\n",
            b'"a string"\n',
            b'{"id": 5, "question": "caf\xe9"}\n',
            b"[" * 100_000 + b"\n",
            b'{"id": NaN, "question": "x"}\n',
            {"id": 6},
            {"id": 7, "question": "  "},
            {"id": 8, "question": "x", "now": "soon"},
            {"id": 9, "question": "x", "zone": "Mars/Base"},
            {"id": 10, "question": "x", "live_blog": 3},
            {"id": 11, "question": "please refuse"},
            {"id": 12, "question": "x", "previous": 99},
            b'{"id": "last", "question": "Who?"}',
        ),
    )
    assert ended.code == 1
    results = ended.lines()
    assert [result["id"] for result in results] == [
        "good", None, None, None, None, None, 6, 7, 8, 9, 10, 11, 12, "last",
    ]  # fmt: skip
    assert [bool(result.get("error")) for result in results] == [False, *[True] * 12, False]
    assert "line 4: not JSON" in results[1]["error"]


def test_ingest_when_a_path_is_too_long_to_exist_then_one_line_says_so(dateline: Call) -> None:
    ended = dateline("ingest", "a" * 5_000)
    assert ended.code == 1
    assert "name too long" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("asked_id", ["1e999", "-1e999", "[1e999]", '{"a": NaN}'])
def test_batch_when_an_id_is_no_json_number_then_what_is_printed_still_is_json(dateline: Call, asked_id: str) -> None:
    ended = dateline("ask", "--batch", "-", stdin=f'{{"id": {asked_id}, "question": "Who?"}}'.encode())
    assert ended.code == 1
    assert "NaN" not in ended.out.replace("NaN is not", "")
    assert "Infinity" not in ended.out
    assert ended.lines()[0]["error"].startswith("line 1: not JSON: ")


def test_batch_when_a_line_is_enormous_then_refused_at_once_and_the_next_is_answered(dateline: Call) -> None:
    began = time.monotonic()
    ended = dateline("ask", "--batch", "-", stdin=b"x" * 60_000_000 + b"\n" + batch({"id": 2, "question": "Who?"}))
    first, second = ended.lines()
    assert first["error"].startswith("line 1: not JSON")
    assert second["id"] == 2
    assert time.monotonic() - began < 5


def test_batch_when_one_question_of_a_run_is_refused_then_only_that_one_fails(dateline: Call, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(batch(*({"id": n, "question": q} for n, q in enumerate(["a", "refuse", "b"]))))
    results = dateline("ask", "--batch", "q.jsonl").lines()
    assert [result.get("error") for result in results] == [None, "the question is refused", None]


def test_batch_when_a_line_has_its_own_now_zone_and_blog_then_they_beat_the_options(
    dateline: Call, archive: FakeArchive
) -> None:
    lines = batch(
        {"id": 1, "question": "a", "now": "2031-05-04T09:00:00", "zone": "Europe/Kyiv", "live_blog": "harbour"},
        {"id": 2, "question": "b"},
    )
    dateline("ask", "--batch", "-", "--now", NOW.isoformat(), "--zone", "Europe/London", "--limit", "3", stdin=lines)
    first, second = archive.questions
    assert (first.now.hour, first.zone, first.live_blog, first.limit) == (6, "Europe/Kyiv", "harbour", 3)
    assert (second.now, second.zone, second.live_blog) == (NOW, "Europe/London", None)


@pytest.mark.parametrize(
    ("previous", "question", "cited"),
    [
        ("one", "How many?", ("e1", "e2")),
        ("How many?", "How many?", ("e1", "e2")),
        ("Never asked?", "Never asked?", ()),
        ({"question": "How many?"}, "How many?", ("e1", "e2")),
        ({"question": "How many?", "cited": ["x"]}, "How many?", ("x",)),
        ({"question": "Never asked?", "cited": []}, "Never asked?", ()),
    ],
)
def test_batch_when_a_line_follows_another_then_its_question_and_what_it_cited(
    dateline: Call, archive: FakeArchive, tmp_path: Path, previous: object, question: str, cited: tuple[str, ...]
) -> None:
    archive.answer = make_answer(make_excerpt(), make_excerpt(citation=make_citation("e2")), make_excerpt())
    lines = batch({"id": "one", "question": "How many?"}, {"id": 2, "question": "When?", "previous": previous})
    (tmp_path / "q.jsonl").write_bytes(lines)
    assert dateline("ask", "--batch", "q.jsonl").code == 0
    followed = archive.questions[1].previous
    assert followed is not None
    assert (followed.question, followed.cited) == (question, cited)


@pytest.mark.parametrize("previous", ["", 5, [], {"cited": []}, {"question": ""}, {"question": "x", "cited": "y"}])
def test_batch_when_what_it_follows_is_nothing_known_then_an_error_on_its_line(
    dateline: Call, previous: object
) -> None:
    ended = dateline("ask", "--batch", "-", stdin=batch({"id": 1, "question": "When?", "previous": previous}))
    assert ended.code == 1
    assert "previous" in ended.lines()[0]["error"]


# ingest


def test_ingest_when_one_input_fails_then_the_others_are_taken(
    dateline: Call, archive: FakeArchive, tmp_path: Path
) -> None:
    for name in ("a.html", "bad.html", "b.html"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    ended = dateline(
        "ingest", "a.html", "bad.html", "folder", "absent.html", "ftp://x.example/y", "b.html",
        "https://news.example/live", "--format", "jsonld", "--source", "Mine",
    )  # fmt: skip
    assert ended.code == 1
    assert ended.out.splitlines() == [
        "Harbour Gazette: 6 new, 0 revised, 2 unchanged, 0 withdrawn",
        "Web: 0 new, 1 revised, 0 unchanged, 0 withdrawn",
    ]
    assert [line for line in ended.err.splitlines() if "without a time" not in line] == [
        "dateline: bad.html: no entries found",
        "dateline: folder: a folder; name the files in it",
        "dateline: absent.html: no such file",
        "dateline: ftp://x.example/y: only http and https addresses are read",
    ]
    assert archive.files[0] == (Path("a.html"), "jsonld", "Mine")
    assert archive.urls == ["https://news.example/live"]


def test_ingest_when_json_then_one_object_of_sources_and_errors(dateline: Call, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("x")
    ended = dateline("ingest", "a.html", "absent.html", "--json")
    assert ended.code == 1
    assert ended.json() == {
        "sources": [
            {
                "source": "Harbour Gazette",
                "new": 3,
                "revised": 0,
                "unchanged": 1,
                "withdrawn": 0,
                "warnings": ["an entry without a time"],
            }
        ],
        "errors": [{"where": "absent.html", "what": "no such file"}],
    }


# status, rebuild, check


def test_status_when_json_then_lag_in_seconds(dateline: Call, archive: FakeArchive) -> None:
    archive.told = make_status(make_source(), make_source("Never", newest=None, checked=None, error="timed out"))
    status = dateline("status", "--json").json()
    assert status["sources"][0]["lag_s"] > -1e10
    assert status["sources"][1] == {
        "name": "Never",
        "updates": 5,
        "newest_published_at": None,
        "newest_precision": "minute",
        "last_checked_at": None,
        "lag_s": None,
        "last_error": "timed out",
        "interval_s": 60.0,
    }
    assert (status["pending"], status["index_bytes"], status["encoder"]) == (2, 1_500_000, "fake/3")


def test_status_when_for_a_person_then_every_figure_is_there(dateline: Call, archive: FakeArchive) -> None:
    archive.told = make_status(make_source(error="timed out"))
    text = dateline("status").out
    assert "Harbour Gazette: 5 updates, newest 4 May 2031, 09:30 UTC" in text
    assert "last look failed: timed out" in text
    assert "1 live blogs, 5 updates, 6 revisions, 9 passages (2 waiting for the encoder)" in text
    assert "1.5 MB, exact" in text


def test_rebuild_when_passages_wait_then_they_are_encoded_first(dateline: Call, archive: FakeArchive) -> None:
    archive.pending = 2
    ended = dateline("rebuild")
    assert (ended.code, ended.out) == (0, "2 passages encoded, 9 vectors in the index\n")


@pytest.mark.parametrize(("findings", "code", "out"), [((), 0, "sound\n"), (("bad span",), 1, "bad span\n")])
def test_check_when_done_then_findings_and_exit_code(
    dateline: Call, archive: FakeArchive, findings: tuple[str, ...], code: int, out: str
) -> None:
    archive.findings = findings
    ended = dateline("check")
    assert (ended.code, ended.out) == (code, out)


def test_status_when_the_bot_has_run_then_what_it_did(dateline: Call) -> None:
    assert dateline("status", "--json").json()["conversation"] is None
    assert not Path("data", "bot.db").exists()
    with closing(open_store(Path("data"))) as store:
        fill(store, -5, 7)
        store.note_chat(7, kind=ChatKind.PRIVATE, at=NOW)
    assert dateline("status", "--json").json()["conversation"] == {
        "chats": {"active": 1, "paused": {"kicked": 1}},
        "sent": {"answer": 1, "digest": 4},
        "feedback": {"out_of_date": 1},
        "outbox": {"held": 6},
        "troubles": [],
    }
    text = dateline("status").out
    told = ["chats: 1 active, 1 (1 kicked) paused", "sent: 5 (1 answer, 4 digest)", "feedback: 1 (1 out of date)",
            "outbox: 6 (6 held)"]  # fmt: skip
    assert "\n".join(told) + "\n" in text


def test_status_when_a_delivery_is_uncertain_then_it_is_named_for_the_operator(dateline: Call) -> None:
    with closing(open_store(Path("data"))) as store:
        put(store, make_planned(11, "So"))
        (delivery,) = store.claim(now=NOW, limit=1)
        store.settle(settled(delivery, Perhaps(reason="timed out"), NOW))
    assert "  uncertain 4 May 2031, 12:00 UTC, chat 11, digest: timed out\n" in dateline("status").out
    assert dateline("status", "--json").json()["conversation"]["troubles"] == [
        {"state": "uncertain", "at": NOW.isoformat(), "chat_id": 11, "urgency": "digest", "reason": "timed out"}
    ]


def test_check_when_bot_db_is_damaged_then_a_finding_beside_those_of_the_archive(
    dateline: Call, archive: FakeArchive
) -> None:
    open_store(Path("data")).close()
    assert dateline("check").out == "sound\n"
    Path("data", "bot.db").write_bytes(b"This is a shopping list, not a database.\n" * 50)
    archive.findings = ("bad span",)
    ended = dateline("check")
    assert ended.code == 1
    assert ended.out == "bad span\ndata/bot.db: file is not a database\n"


def test_chat_when_stdin_is_a_file_then_each_line_is_answered(dateline: Call, archive: FakeArchive) -> None:
    ended = dateline("chat", "--now", NOW.isoformat(), stdin=b"How many?\n/sources\nthanks\n")
    assert ended.code == 0
    assert "│ Nine ferries sailed before noon." in ended.out
    assert "You are welcome." in ended.out
    assert archive.threads == {"archive"}
    assert archive.closed
