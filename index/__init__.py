"""From sources to ranked, cited passages. Knows no chat; owns news.db.

The face: what the rest of the world may import.
"""

from index.archive import Archive, open_archive
from index.changes import Change, ChangeKind, compare
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
from index.look import Look
from index.moments import day_of, local_day
from index.reports import ArchiveStatus, IngestReport, Progress, SourceStatus
from index.sources.channel import Channel, Post, live_blog_of, update_of
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
from index.views import LiveBlogView, News, Quoted, RevisionView, Standing, UpdateView, Verification, quoted_of

__all__ = [
    "FORMAT_NAMES",
    "Answer",
    "Archive",
    "ArchiveConfig",
    "ArchiveError",
    "ArchiveStatus",
    "AsOf",
    "Change",
    "ChangeKind",
    "Channel",
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
    "LiveBlogView",
    "Look",
    "Nearest",
    "News",
    "NoUpdatesError",
    "Post",
    "Precision",
    "Previous",
    "Progress",
    "Query",
    "Question",
    "QuestionError",
    "Quoted",
    "Reading",
    "RevisionView",
    "SourceConfig",
    "SourceError",
    "SourceStatus",
    "Span",
    "Standing",
    "Status",
    "StoreError",
    "TimeBasis",
    "TimeScope",
    "UnknownLiveBlogError",
    "Update",
    "UpdateView",
    "Verification",
    "asks_more",
    "compare",
    "day_of",
    "live_blog_of",
    "local_day",
    "open_archive",
    "previous_of",
    "quoted_of",
    "update_of",
]
