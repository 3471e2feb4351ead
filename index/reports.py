"""What ingesting, looking and checking tell of themselves: frozen values, without behaviour of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from index.types import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one Reading changed."""

    source: str
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source: how much of it we hold and when we last looked at it with success.

    `public`: whether any chat may be shown it; the operator says so in the config.
    """

    name: str
    updates: int
    newest_published_at: datetime | None
    last_checked_at: datetime | None
    last_error: str | None = None
    interval_s: float | None = None
    newest_precision: Precision = Precision.MINUTE
    public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveStatus:
    """What the archive holds; `pending` counts passages without a vector yet."""

    sources: tuple[SourceStatus, ...]
    live_blogs: int
    updates: int
    revisions: int
    passages: int
    pending: int
    index_bytes: int
    encoder: str
    engine: str


Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done so far, total or 0 where unknown)."""
