"""How fast one person, and one chat, may ask: token buckets. And how many questions may wait at once. Pure: no clock.

Who asks too fast is told once how long to wait, then met with silence until their bucket is full again.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Protocol

from bot.actions import Action, Ask, Latest, More, Since, Subscribe, TakenBack, Verify
from bot.texts import line
from bot.types import Incoming

_MINUTE_S = 60.0
_BUCKETS = 20_000


class Rates(Protocol):
    """What is allowed a minute; `[limits]` of the config."""

    @property
    def user_per_minute(self) -> int:
        """Questions a minute of one person, over all chats."""

    @property
    def chat_per_minute(self) -> int:
        """Questions a minute of one chat, by whomever."""


class Whose(StrEnum):
    """Whose limit was met; the value is the key of what is said about it."""

    USER = "slow_down"
    CHAT = "slow_down_chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A question that comes too fast. `wait_s`: until the next one is taken; `tell`: whether that is to be said now."""

    whose: Whose
    wait_s: int
    tell: bool


@dataclass(slots=True, kw_only=True)
class _Bucket:
    """Tokens as they stood at `at`; `told`: the owner knows, and hears it again only after the bucket was full."""

    tokens: float
    at: datetime
    told: bool = False


class Limits:
    """The buckets of everybody, in memory, bounded: who was forgotten has a full bucket again."""

    def __init__(self, rates: Rates) -> None:
        """Take what is allowed."""
        self._allowed = {Whose.USER: rates.user_per_minute, Whose.CHAT: rates.chat_per_minute}
        self._buckets: OrderedDict[tuple[Whose, int], _Bucket] = OrderedDict()

    def take(self, *, user_id: int | None, chat_id: int, now: datetime) -> Refused | None:
        """Take one question off both buckets, or off neither: None where it is granted."""
        buckets = [(Whose.CHAT, self._filled(Whose.CHAT, chat_id, now))]
        if user_id is not None:
            buckets.insert(0, (Whose.USER, self._filled(Whose.USER, user_id, now)))
        for whose, bucket in buckets:
            if bucket.tokens < 1:
                return self._refuse(whose, bucket)
        for _, bucket in buckets:
            bucket.tokens -= 1
        return None

    def is_silenced(self, *, user_id: int | None, chat_id: int, now: datetime) -> bool:
        """Tell whether a question would be refused without a word. Takes nothing, and costs next to nothing."""
        owners = [(Whose.CHAT, chat_id), *([(Whose.USER, user_id)] if user_id is not None else [])]
        known = [(whose, self._buckets[whose, owner]) for whose, owner in owners if (whose, owner) in self._buckets]
        return any(bucket.told and self._tokens(whose, bucket, now) < 1 for whose, bucket in known)

    def _refuse(self, whose: Whose, bucket: _Bucket) -> Refused:
        wait_s = ceil((1 - bucket.tokens) * _MINUTE_S / self._allowed[whose])
        tell, bucket.told = not bucket.told, True
        return Refused(whose=whose, wait_s=max(wait_s, 1), tell=tell)

    def _filled(self, whose: Whose, owner: int, now: datetime) -> _Bucket:
        size = float(self._allowed[whose])
        bucket = self._buckets.setdefault((whose, owner), _Bucket(tokens=size, at=now))
        self._buckets.move_to_end((whose, owner))
        if len(self._buckets) > _BUCKETS:
            self._buckets.popitem(last=False)
        bucket.tokens, bucket.at = self._tokens(whose, bucket, now), now
        if bucket.tokens >= size:
            bucket.told = False
        return bucket

    def _tokens(self, whose: Whose, bucket: _Bucket, now: datetime) -> float:
        size = float(self._allowed[whose])
        # A clock that was set back gives nothing and takes nothing.
        passed_s = max((now - bucket.at).total_seconds(), 0.0)
        return min(size, bucket.tokens + passed_s * size / _MINUTE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Generous:
    """For what costs next to nothing: our own pages, settings, presses."""

    user_per_minute: int = 40
    chat_per_minute: int = 80


def is_question(action: Action) -> bool:
    """Tell whether the archive must look for something: a digest's preview and a watch's past are asked for too."""
    if isinstance(action, Subscribe):
        return action.command in ("digest", "watch")
    return isinstance(action, Ask | More | Latest | Since | Verify | TakenBack)


class Gate:
    """Lets messages and presses in: what the archive must answer as the config allows, all else generously."""

    def __init__(self, rates: Rates) -> None:
        """Take what is allowed."""
        self._rates = rates
        self._questions = Limits(rates)
        self._others = Limits(_Generous())

    def admit(self, action: Action, incoming: Incoming, now: datetime) -> Refused | None:
        """Tell whether to do what was asked; None where it is granted."""
        return self._limits(action).take(user_id=incoming.user_id, chat_id=incoming.chat_id, now=now)

    def is_silenced(self, action: Action, incoming: Incoming, now: datetime) -> bool:
        """Tell, before anything is looked up, whether a message would be refused without a word."""
        return self._limits(action).is_silenced(user_id=incoming.user_id, chat_id=incoming.chat_id, now=now)

    def _limits(self, action: Action) -> Limits:
        return self._questions if is_question(action) else self._others

    def admit_press(self, user_id: int, now: datetime) -> Refused | None:
        """Tell whether to do what was pressed; None where it is granted."""
        return self._others.take(user_id=user_id, chat_id=user_id, now=now)

    def told(self, refused: Refused, language: str) -> str:
        """Say how long to wait, and to a person what is allowed."""
        wait = line(refused.whose.value, language=language, count=refused.wait_s)
        if refused.whose is Whose.CHAT:
            return wait
        return f"{wait} {line('limits', language=language, count=self._rates.user_per_minute)}"


class Queue:
    """Counts questions in work or waiting, so that there are never more than what was allowed."""

    def __init__(self, longest: int) -> None:
        """Take how many there may be."""
        self._longest = longest
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many there are now."""
        return self._waiting

    def enter(self) -> bool:
        """Let one more in; False where there are too many already. Who entered must `leave`."""
        if self._waiting >= self._longest:
            return False
        self._waiting += 1
        return True

    def leave(self) -> None:
        """Make room again."""
        if not self._waiting:
            raise ValueError("nobody has entered who could leave")
        self._waiting -= 1
