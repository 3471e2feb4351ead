"""The parent's end of a child process that speaks `bench.peers.protocol`."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.data import ROOT
from bench.peers.systems import QUIET, SystemUnderTest

_LEAVES_WITHIN_S = 60.0
_LAST_CHARS = 2_000


class ChildError(Exception):
    """A system failed; the message says which, at what, and where its log is."""


class Child:
    """A system that runs until it is closed. Every call returns how long it took, seen from here, in seconds."""

    def __init__(self, system: SystemUnderTest, folder: Path, *, threads: int) -> None:
        """Start the process; it opens what the folder holds while we go on."""
        folder.mkdir(parents=True, exist_ok=True)
        self._system = system
        self._log = folder.parent / f"{folder.name}.log"
        self.started_s = time.perf_counter()
        with self._log.open("a") as log, _cores(threads):
            self._process = subprocess.Popen(
                [str(system.python), "-m", f"bench.peers.{system.package}", str(folder.resolve()), system.variant],
                cwd=ROOT,
                env=_environment(threads),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )

    def __enter__(self) -> Self:
        """Hand over the child."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def ingest(self, path: Path) -> tuple[int, float]:
        """Let it take a file; how many updates it took, and the seconds."""
        reply, took_s = self._call({"do": "ingest", "path": str(path.resolve())})
        return int(reply["updates"]), took_s

    def save(self) -> float:
        """Let it write down what a later process needs."""
        return self._call({"do": "save"})[1]

    def ask(self, question: str, limit: int) -> tuple[list[str], float]:
        """Ask it; the ids it found, best first, and the seconds."""
        reply, took_s = self._call({"do": "ask", "question": question, "limit": limit})
        return list(reply["ids"]), took_s

    def memory(self) -> Mapping[str, float]:
        """Ask for its resident and its peak memory in MB."""
        return self._call({"do": "memory"})[0]

    def close(self) -> None:
        """End its input and wait until it has gone; one that does not go is killed."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it never read is of no use to anyone now
                    pipe.close()
        try:
            self._process.wait(timeout=_LEAVES_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _call(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
        began = time.perf_counter()
        line = self._exchange(json.dumps(asked))
        took_s = time.perf_counter() - began
        reply = json.loads(line) if line else {"error": f"ended: …{self._log.read_text()[-_LAST_CHARS:]}"}
        if "error" in reply:
            raise ChildError(f"{self._system.name}: {asked['do']}: {reply['error']} (log: {self._log})")
        return reply, took_s

    def _exchange(self, line: str) -> str:
        """Send a line and wait for one; nothing where the process is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return ""
        return self._process.stdout.readline()


def _environment(threads: int) -> dict[str, str]:
    return {**os.environ, **QUIET, "OMP_NUM_THREADS": str(threads)}


@contextmanager
def _cores(most: int) -> Iterator[None]:
    """Let what is started meanwhile have only so many cores: not every library reads OMP_NUM_THREADS."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(usable)[:most])
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)
