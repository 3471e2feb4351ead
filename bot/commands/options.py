"""The options that stand before the command. Light: imported by every call of `dateline`, `--help` included."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`--config` and `--data`, from the command line or the environment."""

    config: Path | None = None
    data: Path | None = None
