"""Tiny runs of what measures the command as a process of its own: startup and soak."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from bench import processes, soak, startup
from bench.data import ROOT, archive_of, sets

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="what processes hold is read from /proc"),
]


def test_startup_when_run_once_on_the_sample_then_times_and_memory(tmp_path: Path) -> None:
    archive_of(sets()["sample"], folder=tmp_path / "archive").close()
    setting = startup.Setting(name="onnx", python=Path(sys.executable), runtime="onnx")
    results = startup.measure(tmp_path / "archive", [setting], runs=1)
    figures = results["onnx"]
    for name in ("--help s", "ask s", "ask CPU s", "ask peak MB", "first answer of the bot s", "serving MB"):
        assert figures[name].p50 > 0, name
        assert figures[f"{name} ÷ base"].p50 == 1, name
    assert figures["--help s"].p50 < figures["ask s"].p50
    assert figures["serving MB"].p50 <= figures["serving peak MB"].p50
    console = Console(width=150, record=True)
    startup.show(console, "sample", results)
    assert "first answer of the bot s" in console.export_text()


def test_settings_when_there_is_a_light_install_then_three() -> None:
    assert [one.runtime for one in startup.settings(None)] == ["sentence-transformers", "onnx"]
    assert startup.settings(Path("/light/python"))[2].python == Path("/light/python")


def test_timed_when_a_command_fails_then_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3: (?s:.*)no such luck"):
        processes.timed([sys.executable, "-c", "print('no such luck'); raise SystemExit(3)"], {}, tmp_path)


def test_soak_when_run_for_seconds_then_asked_answered_and_sampled() -> None:
    results = soak.measure(minutes=0.2, sample_every_s=1.0)
    assert 0 < results["answered"] <= results["asked"]
    assert results["edits"] == soak._EDITED
    assert 20 < results["last"]["of it its own MB"] < results["last"]["memory MB"]
    assert results["last"]["news.db kB"] > 0
    assert results["slopes"].keys() == results["last"].keys() - {"s"}
    console = Console(width=150, record=True)
    soak.show(console, results)
    assert "slope an hour" in console.export_text()


def test_soak_when_it_is_ended_from_outside_then_the_bot_that_it_started_ends_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "soak", "--minutes", "1", "--out", str(tmp_path / "soak.json")]
    with subprocess.Popen(command, cwd=ROOT) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        give_up_at = time.monotonic() + 60
        while not (started := children.read_text().split()) and time.monotonic() < give_up_at:
            time.sleep(0.1)
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert len(started) == 1
    assert not Path("/proc", started[0]).exists()


def test_started_when_asked_to_end_meanwhile_then_what_it_started_ends_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def interrupted(command: list[str], **settings: object) -> "subprocess.Popen[bytes]":
        begun.append(start(command, cwd=tmp_path))
        signal.raise_signal(signal.SIGTERM)
        return begun[0]

    def end(*_: object) -> None:
        raise InterruptedError

    async def run() -> None:
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        async with processes.started(command, {}, tmp_path):
            pytest.fail("it was asked to end before this")

    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    usual = signal.signal(signal.SIGTERM, end)
    try:
        with pytest.raises(InterruptedError):
            asyncio.run(run())
        assert signal.getsignal(signal.SIGTERM) is end
    finally:
        signal.signal(signal.SIGTERM, usual)
    assert begun[0].returncode == -signal.SIGTERM


def test_slopes_when_something_grows_then_by_how_much_an_hour() -> None:
    samples = [{"s": 36.0 * number, "memory MB": 100.0 + number, "threads": 5.0} for number in range(20)]
    found = soak.slopes([{"s": 0.0, "memory MB": 9000.0, "threads": 1.0}, *samples])
    assert round(found["memory MB"], 6) == 100
    assert abs(found["threads"]) < 1e-6
