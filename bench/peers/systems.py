"""Which systems run beside each other, each in an environment of its own, and how these are made."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.data import OUT, ROOT

ENVIRONMENTS = OUT / "peers"
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "DO_NOT_TRACK": "1",
    "PYTHONUNBUFFERED": "1",
}
_RECEIPT = ".installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUnderTest:
    """One line of the comparison: a package of this folder, set up in one of its variants."""

    package: str
    variant: str = ""

    @property
    def name(self) -> str:
        """What the line is called."""
        return f"{self.package} {self.variant}".strip()

    @property
    def is_ours(self) -> bool:
        """Whether it runs in the environment that runs the benchmark."""
        return self.package == "dateline"

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return Path(sys.executable) if self.is_ours else ENVIRONMENTS / self.package / "bin" / "python"

    @property
    def is_there(self) -> bool:
        """Whether its environment is complete and of the requirements as they stand."""
        return self.is_ours or _receipt(self.package) == _fingerprint(self.package)


PEERS = ("llamaindex", "haystack", "txtai")
OURS = tuple(SystemUnderTest(package="dateline", variant=variant) for variant in ("", "reference"))
SYSTEMS = (*OURS, *(SystemUnderTest(package=peer, variant=variant) for peer in PEERS for variant in ("", "hybrid")))


def ready(peers: Collection[str]) -> tuple[SystemUnderTest, ...]:
    """Return ours and those of these peers that can run here."""
    return tuple(system for system in SYSTEMS if system.is_ours or (system.package in peers and system.is_there))


def missing(peers: Collection[str]) -> tuple[str, ...]:
    """Return those of these peers that have no environment here."""
    there = {system.package for system in ready(peers)}
    return tuple(peer for peer in peers if peer not in there)


def set_up(peer: str) -> bool:
    """Make a peer's environment, where it is missing or of other requirements; tell whether anything was done.

    Made is what is installed and can be imported. What the commands say is passed on.

    Raises: CalledProcessError where one of them fails; what is half made is made anew the next time.
    """
    if _receipt(peer) == _fingerprint(peer):
        return False
    folder = ENVIRONMENTS / peer
    shutil.rmtree(folder, ignore_errors=True)
    python = str(folder / "bin" / "python")
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([python, "-m", "pip", "install", "--no-input", "--requirement", str(_requirements(peer))])
    _run([python, "-c", f"import bench.peers.{peer}.__main__"])
    (folder / _RECEIPT).write_text(_fingerprint(peer))
    return True


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | QUIET)


def _requirements(peer: str) -> Path:
    return ROOT / "bench" / "peers" / peer / "requirements.txt"


def _fingerprint(peer: str) -> str:
    return hashlib.sha256(_requirements(peer).read_bytes()).hexdigest()


def _receipt(peer: str) -> str:
    path = ENVIRONMENTS / peer / _RECEIPT
    return path.read_text() if path.is_file() else ""
