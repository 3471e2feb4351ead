"""Runs an archive in a process of its own and kills it, over and over; run by test_crash.py, not by pytest.

`python -m tests.index.crash_driver FOLDER ROUNDS SEED` prints what each next process found wrong, as JSON.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random

from index import ingest
from index.types import Update
from tests.index.builders import START, at, make_archive, make_reading, make_update
from tests.index.fakes import BagEncoder

BOATS = 60
_PART = 20
_LONGEST_LIFE_S = 0.35


def newsroom(version: int) -> Iterator[list[Update]]:
    """Yield the readings of one pass: every third boat is edited in it, and one is withdrawn or comes back."""
    for first in range(0, BOATS, _PART):
        yield [
            make_update(
                f"boat-{boat}",
                f"Boat {boat} is back. It carries {version if boat % 3 == version % 3 else 0} crates of rope. " * 3,
                title=f"Boat {boat}",
                published_at=at(boat),
                withdrawn=boat == version % BOATS,
            )
            for boat in range(first, first + _PART)
        ]


def work(folder: Path, generation: int, looked: int) -> None:
    """Look what the one before left and tell by a pipe that this is done, then ingest and encode until killed."""
    with closing(make_archive(folder, BagEncoder())) as archive:
        note_findings(folder, [line for line in archive.check() if "have no vector" not in line])
        os.write(looked, b"!")
        for version in count(generation * 1000):
            for updates in newsroom(version):
                ingest.apply(archive.store, make_reading(*updates, window_from=START), at(version))
                archive.encode_pending(limit=7)
                archive.encode_pending()


def note_findings(folder: Path, findings: list[str]) -> None:
    with (folder / "findings.jsonl").open("a") as file:
        file.write(json.dumps(findings) + "\n")


def live_and_die(folder: Path, generation: int, life_s: float) -> bool:
    """Start a process and kill it after a while; return whether it was alive until then.

    The while of every second one begins when it has looked, so that on a slow machine some get to work too.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        work(folder, generation, theirs)
        os._exit(0)
    os.close(theirs)
    if generation % 2:
        os.read(ours, 1)
    time.sleep(life_s)
    os.kill(child, signal.SIGKILL)
    os.close(ours)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(folder: Path, rounds: int, seed: int) -> None:
    """Live and die `rounds` times."""
    random = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    lives = [live_and_die(folder, generation, random.uniform(0, _LONGEST_LIFE_S)) for generation in range(rounds)]
    sys.stdout.write(json.dumps({"killed": sum(lives)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
