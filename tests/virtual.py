"""An event loop whose time passes by itself: whoever sleeps wakes at once, in order, and the clock says when.

For what takes hours by the clock and has no thread or socket in it.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
BEGAN = datetime(2031, 5, 4, 12, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):
    """Instead of waiting it moves the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nobody will ever wake this loop")
        self.passed_s += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a clock of its own; `now` is the wall's."""

    def __init__(self, began: datetime = BEGAN) -> None:
        self._clock = _Selector()
        self._began = began
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.passed_s

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._clock.passed_s)


def play(loop: VirtualLoop, scene: Coroutine[Any, Any, T]) -> T:
    """Run a scene to its end in no time, and close the loop."""
    try:
        return loop.run_until_complete(scene)
    finally:
        loop.close()
