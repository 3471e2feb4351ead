"""The `dateline` command as people start it: how long it takes, what it holds meanwhile. Reads /proc: Linux only."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One run of a command."""

    seconds: float
    cpu_s: float
    peak_mb: float


def timed(command: Sequence[str], environment: dict[str, str], folder: Path) -> Ended:
    """Run a command to its end. Raises: RuntimeError with what it said, where it fails."""
    with (folder / "said").open("w+b") as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{command} ended with {process.returncode}: {said.read().decode()[-2000:]}")
    return Ended(seconds=seconds, cpu_s=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss * 1024 / _MEGA)


@asynccontextmanager
async def started(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """Start a command and end it with the block; what it says goes to the file `said` of its folder.

    SIGTERM that comes while it starts waits until there is something to end.
    """
    late: list[int] = []
    usual = signal.signal(signal.SIGTERM, lambda number, _: late.append(number))
    try:
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(command, env=environment, cwd=folder, stdout=said, stderr=said)
    except OSError:
        signal.signal(signal.SIGTERM, usual)
        raise
    try:
        signal.signal(signal.SIGTERM, usual)
        for number in late:
            signal.raise_signal(number)
        yield process
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def resident_mb(process: int) -> float:
    """Return what a process holds in memory now."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE / _MEGA


def own_mb(process: int) -> float:
    """Return what a process holds of its own now: without mapped files, whose memory the system may take back."""
    return _status_mb(process, "RssAnon:")


def peak_mb(process: int) -> float:
    """Return the most that a process has held so far."""
    return _status_mb(process, "VmHWM:")


def _status_mb(process: int, field: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / _MEGA for line in lines if line.startswith(field))


def descriptors(process: int) -> int:
    """Count the open files and sockets of a process."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def threads(process: int) -> int:
    """Count the threads of a process."""
    return len(list(Path(f"/proc/{process}/task").iterdir()))
