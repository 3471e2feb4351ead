"""What can go wrong with Telegram, in our words.

BotError > PlatformError
├── ServeError                the bot cannot run; its message is the one line to print
│   ├── TokenError            the token is missing, malformed or revoked
│   ├── SecondInstanceError   another process polls with the same token
│   ├── WebhookError          the webhook's address, port or secret cannot be used
│   └── UnreachableError      the Bot API server cannot be reached at the start
└── SendError                 one call failed, the bot goes on
    ├── FloodError            too many messages; carries `retry_after_s`
    ├── ChatMovedError        a group became a supergroup; carries `new_chat_id`
    ├── ChatClosedError       we may not write there; carries `pause` where that lasts: blocked, kicked, gone
    ├── RefusedError          Telegram will not take this call as it is
    │   ├── MarkupError       the HTML does not parse
    │   ├── UnchangedError    the edit changes nothing
    │   ├── MessageGoneError  what was to be edited is deleted or too old
    │   ├── QueryExpiredError the press or the inline question was answered already, or too long ago
    │   └── TopicClosedError  the topic is closed or deleted
    ├── NotDeliveredError     the call certainly did not arrive: it may be repeated
    └── UncertainError        the call may have arrived: it is not repeated
"""

from bot.errors import BotError
from bot.records import PauseReason


class PlatformError(BotError):
    """Root of this branch."""


class ServeError(PlatformError):
    """The bot cannot start, or cannot go on."""


class TokenError(ServeError):
    """The Bot API server does not know the token."""

    def __init__(self) -> None:
        super().__init__("Telegram refused the token: check the environment variable DATELINE_TELEGRAM_TOKEN")


class SecondInstanceError(ServeError):
    """Two processes ask for the same updates; Telegram serves only one."""

    def __init__(self) -> None:
        super().__init__("another instance of this bot is running with the same token: stop it, then start again")


class WebhookError(ServeError):
    """Updates cannot come by webhook as it is set up."""


class UnreachableError(ServeError):
    """The Bot API server did not answer at the start."""

    def __init__(self, base_url: str, reason: str) -> None:
        super().__init__(f"the Telegram server at {base_url} cannot be reached: {reason}")
        self.base_url = base_url
        self.reason = reason


class SendError(PlatformError):
    """One call failed."""


class FloodError(SendError):
    """Telegram asks us to wait before the next message to this chat."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"flood limit, retry after {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class ChatMovedError(SendError):
    """The group lives on under another id."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__("the group became a supergroup")
        self.new_chat_id = new_chat_id


class ChatClosedError(SendError):
    """We may not write there; `pause` says why nobody should try again, None where only a right is missing."""

    def __init__(self, reason: str, pause: PauseReason | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


class RefusedError(SendError):
    """The same call would be refused again."""


class MarkupError(RefusedError):
    """Telegram could not parse the HTML."""


class UnchangedError(RefusedError):
    """The message says that already."""


class MessageGoneError(RefusedError):
    """There is no such message to edit any more."""


class QueryExpiredError(RefusedError):
    """Nobody waits for this answer any more."""


class TopicClosedError(RefusedError):
    """The topic takes no messages."""


class NotDeliveredError(SendError):
    """The connection was never made."""


class UncertainError(SendError):
    """The answer to our call was lost or made no sense."""
