"""From sources to ranked, cited passages. Knows no chat; owns news.db.

The face: what the rest of the world may import.
"""

from index.archive import Archive, Look, open_archive
from index.config import FORMAT_NAMES, ArchiveConfig, SourceConfig
from index.errors import (
    ArchiveError,
    ConfigError,
    EncoderError,
    FetchError,
    FormatError,
    NoUpdatesError,
    QuestionError,
    SourceError,
    StoreError,
    UnknownLiveBlogError,
)
from index.followup import asks_more, previous_of
from index.moments import day_of, local_day
from index.reports import ArchiveStatus, IngestReport, Progress, SourceStatus
from index.types import (
    Answer,
    AsOf,
    Citation,
    Excerpt,
    Intent,
    Kind,
    LiveBlog,
    Nearest,
    Precision,
    Previous,
    Query,
    Question,
    Reading,
    Span,
    Status,
    TimeBasis,
    TimeScope,
    Update,
)

__all__ = [
    "FORMAT_NAMES",
    "Answer",
    "Archive",
    "ArchiveConfig",
    "ArchiveError",
    "ArchiveStatus",
    "AsOf",
    "Citation",
    "ConfigError",
    "EncoderError",
    "Excerpt",
    "FetchError",
    "FormatError",
    "IngestReport",
    "Intent",
    "Kind",
    "LiveBlog",
    "Look",
    "Nearest",
    "NoUpdatesError",
    "Precision",
    "Previous",
    "Progress",
    "Query",
    "Question",
    "QuestionError",
    "Reading",
    "SourceConfig",
    "SourceError",
    "SourceStatus",
    "Span",
    "Status",
    "StoreError",
    "TimeBasis",
    "TimeScope",
    "UnknownLiveBlogError",
    "Update",
    "asks_more",
    "day_of",
    "local_day",
    "open_archive",
    "previous_of",
]
