"""Every error that bot raises on purpose; what index raises passes through as it is.

    BotError
    ├── UsageError      what was asked for on the command line cannot be done so; exit code 2
    ├── RunError        a chat platform cannot be served, or no longer
    ├── StoppedError    a worker was stopped before it came to this job
    └── SettingError    a chat's setting cannot have this value; names both

A key or value of the config that is wrong is index's `ConfigError`, wherever it is found.
"""


class BotError(Exception):
    """Root of the tree."""


class UsageError(BotError):
    """The command was called in a way that has no meaning."""


class RunError(BotError):
    """The bot cannot run; the message is one line for the operator."""


class StoppedError(BotError):
    """The worker no longer takes jobs."""


class SettingError(BotError):
    """A setting cannot have this value."""

    def __init__(self, setting: str, value: str, why: str) -> None:
        super().__init__(f"{setting} cannot be {value!r}: {why}")
        self.setting = setting
        self.value = value
