"""`dateline watch` and `dateline run`: what starts, what stops them, what they say when they cannot start."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

import index
from bot import __main__ as command
from bot.actions import Ask
from bot.config import Config
from bot.desk import Desk
from bot.tg import app
from bot.tg.errors import TokenError
from bot.types import Quote
from index import ArchiveConfig, EncoderError, IngestReport, Look, SourceConfig
from tests.bot.builders import NOW, make_incoming
from tests.bot.fakes import FakeArchive

TOKEN = "4242:AAF-secret_half_of_a_token_in_tests"


class SignallingArchive(FakeArchive):
    """Sends this process a signal at the first look, as an operator would."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__()
        self._number = number

    def finish_look(self, source: SourceConfig, look: Look, *, now: object) -> tuple[IngestReport, ...]:
        os.kill(os.getpid(), self._number)
        return ()


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dateline.toml").write_text('[[sources]]\nname = "Harbour"\nurl = "https://news.example/live"\n')
    monkeypatch.chdir(tmp_path)
    for name in ("DATELINE_CONFIG", "DATELINE_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATELINE_TELEGRAM_TOKEN", TOKEN)


def dateline(archive: FakeArchive, name: str, monkeypatch: pytest.MonkeyPatch) -> int:
    def opener(config: ArchiveConfig, *, now: object) -> FakeArchive:
        return archive

    monkeypatch.setattr(index, "open_archive", opener)
    monkeypatch.setattr(sys, "argv", ["dateline", name])
    with pytest.raises(SystemExit) as ended:
        command.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watch_when_signalled_then_it_closes_the_archive_and_ends_well(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = SignallingArchive(number)
    assert dateline(archive, "watch", monkeypatch) == 0
    assert archive.polls == ["Harbour"]
    assert archive.closed


def test_run_when_started_then_desk_and_watch_share_one_archive_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = FakeArchive()
    seen: list[object] = []

    async def serve(
        config: Config, desk: Desk, *, token: str, webhook_secret: str, stop: asyncio.Event, planner: object
    ) -> None:
        reply = await desk.handle(Ask(question="How many?"), make_incoming(), NOW)
        assert reply is not None
        seen.extend([token, webhook_secret, stop.is_set(), any(isinstance(b, Quote) for b in reply.blocks)])

    monkeypatch.setattr(app, "serve", serve)
    monkeypatch.setenv("DATELINE_WEBHOOK_SECRET", "a-secret")
    assert dateline(archive, "run", monkeypatch) == 0
    assert seen == [TOKEN, "a-secret", False, True]
    assert archive.threads == {"archive"}
    assert archive.polls == ["Harbour"]
    assert archive.closed


def test_run_when_telegram_refuses_then_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def serve(
        config: Config, desk: Desk, *, token: str, webhook_secret: str, stop: asyncio.Event, planner: object
    ) -> None:
        raise TokenError

    monkeypatch.setattr(app, "serve", serve)
    archive = FakeArchive()
    assert dateline(archive, "run", monkeypatch) == 1
    err = capsys.readouterr().err
    assert f"dateline: {TokenError()}\n" in err
    assert "Traceback" not in err
    assert "secret" not in err
    assert archive.closed


def test_run_when_the_model_is_missing_then_it_says_so_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class ModellessArchive(FakeArchive):
        def warm(self) -> None:
            raise EncoderError("model: no such folder")

    assert dateline(ModellessArchive(), "run", monkeypatch) == 1
    assert "dateline: model: no such folder\n" in capsys.readouterr().err
