"""Every error that index raises on purpose.

ArchiveError
├── ConfigError            a key or value of the config, named with its file
├── SourceError            an input that could not be taken; `where` names it
│   ├── FetchError         the network: status, time-out, size, refused address
│   ├── FormatError        bytes that are not what they should be
│   └── NoUpdatesError     read well, but no entry in it
├── QuestionError          a question that cannot be asked (empty, unknown zone)
│   └── UnknownLiveBlogError   about a live blog that we do not hold; names it and those that we do
├── EncoderError           a model that is missing, altered or does not fit its vectors
└── StoreError             the database: locked, newer than this program, damaged
    └── ConflictError      another process wrote between our reading and our writing
"""

KNOWN_SHOWN = 10


class ArchiveError(Exception):
    """Root of the tree."""


class ConfigError(ArchiveError):
    """A setting is unknown, missing or of the wrong type."""


class SourceError(ArchiveError):
    """An input could not be taken. The message starts with `where`."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class FetchError(SourceError):
    """An address could not be read; `retry_after_s` where the server told."""

    def __init__(self, where: str, what: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(where, what)
        self.retry_after_s = retry_after_s


class FormatError(SourceError):
    """The content is not of its format."""


class NoUpdatesError(SourceError):
    """The content was read and holds no update."""


class QuestionError(ArchiveError):
    """A question that cannot be asked."""


class UnknownLiveBlogError(QuestionError):
    """No live blog has this key or title. `known`: the keys that there are, the likeliest first."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        listed = ", ".join(known[:KNOWN_SHOWN])
        more = f" and {len(known) - KNOWN_SHOWN} more" if len(known) > KNOWN_SHOWN else ""
        super().__init__(f"unknown live blog {name!r}; " + (f"known: {listed}{more}" if known else "none is known yet"))
        self.name = name
        self.known = known


class EncoderError(ArchiveError):
    """The model is missing, altered, or does not fit the stored vectors."""


class StoreError(ArchiveError):
    """The database cannot be used."""


class ConflictError(StoreError):
    """Another process wrote the same update first; deciding anew helps."""
