"""One look at a configured source: fetch and read, in any thread. Touches no archive."""

from dataclasses import dataclass
from datetime import datetime

from index.config import FetchConfig, SourceConfig
from index.errors import SourceError
from index.sources import fetch, formats
from index.types import Reading, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a source brought: a Reading, an error, or neither where nothing had changed."""

    reading: Reading | None = None
    validators: Validators | None = None
    error: SourceError | None = None


def look_at(source: SourceConfig, config: FetchConfig, validators: Validators, now: datetime) -> Look:
    """Fetch and read a source; an error is part of what the look brought."""
    try:
        got = fetch.fetch(source.url, config=config, validators=validators)
        if not isinstance(got, fetch.Fetched):
            return Look()
        reading = formats.read(
            got.content,
            where=source.url,
            now=now,
            format=source.format,
            source=source.name,
            zone=source.zone,
            charset=got.charset,
        )
    except SourceError as error:
        return Look(error=error)
    return Look(reading=reading, validators=got.validators)
