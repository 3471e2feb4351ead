"""What goes wrong on the way: answers put before the next calls of a method, and connections that end too soon."""

from collections import defaultdict, deque
from enum import Enum

from tests.botapi.refusals import RefusalError, bad_gateway

__all__ = ["Drop", "DroppedError", "Fault", "Faults", "bad_gateway"]


class Drop(Enum):
    """When the connection ends: before the request was taken, or after it was carried out; or there is silence.

    SILENCE: carried out and never answered, until the bot gives up waiting.
    """

    BEFORE = "before"
    AFTER = "after"
    SILENCE = "silence"


Fault = RefusalError | Drop


class DroppedError(Exception):
    """The caller gets no answer at all; where `silent`, not even the end of the connection."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__("silence" if silent else "dropped")
        self.silent = silent


class Faults:
    """One queue of faults a method; "*" is for the next call of any method but getUpdates."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Fault]] = defaultdict(deque)

    def put(self, method: str, *faults: Fault) -> None:
        self._queues[method.lower()].extend(faults)

    def take(self, method: str) -> Fault | None:
        for name in (method.lower(), "*"):
            if self._queues[name] and (name != "*" or method.lower() != "getupdates"):
                return self._queues[name].popleft()
        return None
