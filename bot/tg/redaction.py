"""Keeps the bot's token out of the logs, and what people write.

httpx logs every URL at INFO, the token is part of it, and tracebacks quote it too.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from urllib.parse import quote

# Below these levels httpx writes the token with each URL, and the library every message in full.
_FLOORS = MappingProxyType({"httpx": logging.WARNING, "httpcore": logging.WARNING, "telegram": logging.INFO})
_WRITERS = ("httpx", "httpcore", "telegram", "asyncio")
_MASK = "[token]"


class Redaction(logging.Filter):
    """Replaces the token, its secret half and its percent-encoded form in a record and its traceback."""

    def __init__(self, token: str) -> None:
        super().__init__()
        secret = token.partition(":")[2]
        forms = {token, quote(token, safe=""), secret} - {""}
        self._forms = sorted(forms, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record; it is always let through."""
        message = record.getMessage()
        if self._holds(message):
            record.msg, record.args = self.clean(message), ()
        if record.exc_info and not record.exc_text:
            trace = logging.Formatter().formatException(record.exc_info)
            if self._holds(trace):
                # Formatters print exc_text where it is set, and would format exc_info anew otherwise.
                record.exc_info, record.exc_text = None, trace
        if record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        return True

    def clean(self, text: str) -> str:
        """Mask every form of the token."""
        for form in self._forms:
            text = text.replace(form, _MASK)
        return text

    def _holds(self, text: str) -> bool:
        return any(form in text for form in self._forms)


@contextmanager
def redacted(token: str) -> Iterator[None]:
    """Guard every log for as long as the token is in use; chatty libraries are quieter meanwhile.

    Handlers are what all records pass, so the root's carry the filter; the loggers that are known to
    write the token carry it too, for handlers of their own and for handlers added later.
    """
    guard = Redaction(token)
    guarded: list[logging.Filterer] = [*_written_by_libraries(), *logging.getLogger().handlers]
    if logging.lastResort is not None:
        guarded.append(logging.lastResort)
    levels = {name: logging.getLogger(name).level for name in _FLOORS}
    for place in guarded:
        place.addFilter(guard)
    for name, floor in _FLOORS.items():
        logging.getLogger(name).setLevel(max(floor, levels[name]))
    try:
        yield
    finally:
        for place in guarded:
            place.removeFilter(guard)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _written_by_libraries() -> list[logging.Logger]:
    """List the loggers below the known writers: a logger's filter does not see its children's records."""
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in _WRITERS]
    return [logging.getLogger(name) for name in sorted({*known, *_WRITERS})]
