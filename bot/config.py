"""The settings of the whole program: index's tables and our own, from one TOML file.

Every unknown key and every wrong type is an error that names file and key. Secrets never stand here.
"""

import json
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot import times
from bot.texts import LOCALES
from index import ArchiveConfig, ConfigError

DEFAULT_FILE = Path("dateline.toml")


class Table(BaseModel):
    """A table of the config: no unknown keys, no changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TelegramMode(StrEnum):
    """How updates come from Telegram."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class TelegramConfig(Table):
    """`[telegram]`: the Bot API server, who runs the bot, by their numbers there, and how updates come."""

    base_url: str = "https://api.telegram.org"
    operators: tuple[int, ...] = ()
    mode: TelegramMode = TelegramMode.POLLING
    webhook_url: str = ""
    webhook_listen: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=1, le=65535)
    webhook_path: str = ""
    messages_per_second: int = Field(default=29, ge=1, le=1000)

    @model_validator(mode="after")
    def webhook_has_an_address(self) -> Self:
        """Refuse a webhook that Telegram cannot call."""
        address = urlsplit(self.webhook_url)
        if self.mode is TelegramMode.WEBHOOK and (address.scheme != "https" or not address.hostname):
            raise ValueError(f"webhook_url is not an https address: {self.webhook_url!r}")
        if self.webhook_path and not self.webhook_path.startswith("/"):
            raise ValueError(f"webhook_path does not begin with a slash: {self.webhook_path!r}")
        return self

    @field_validator("base_url")
    @classmethod
    def base_url_is_http(cls, value: str) -> str:
        """Refuse what is not the address of a server."""
        address = urlsplit(value)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ValueError(f"not an http(s) address: {value!r}")
        return value


class ChatConfig(Table):
    """`[chat]`: how we talk."""

    zone: str = "UTC"
    language: str = ""
    keep_days: int = Field(default=90, ge=1)

    @field_validator("language")
    @classmethod
    def language_is_spoken(cls, value: str) -> str:
        """Refuse a language that we have no texts in."""
        if value and value not in LOCALES:
            raise ValueError(f"unknown language {value!r}; one of {', '.join(LOCALES)}, or empty for each reader's own")
        return value

    @field_validator("zone")
    @classmethod
    def zone_is_known(cls, value: str) -> str:
        """Refuse a zone that the tz database does not know."""
        if not times.known_zone(value):
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/Kyiv")
        return value


class WatchConfig(Table):
    """`[watch]`: how a source that fails is looked at again."""

    backoff_max_s: float = Field(default=3600.0, gt=0)


class LimitsConfig(Table):
    """`[limits]`: how fast one may ask, and how many questions may wait."""

    user_per_minute: int = Field(default=6, ge=1)
    chat_per_minute: int = Field(default=20, ge=1)
    questions_waiting: int = Field(default=200, ge=1)


class Config(ArchiveConfig):
    """All settings."""

    telegram: TelegramConfig = TelegramConfig()
    chat: ChatConfig = ChatConfig()
    watch: WatchConfig = WatchConfig()
    limits: LimitsConfig = LimitsConfig()

    @model_validator(mode="after")
    def source_names_differ(self) -> Self:
        """Refuse two sources of one name: their updates could not be told apart."""
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"sources: two of them are named {twice[0]!r}")
        return self


def load(path: Path | None = None, *, directory: Path | None = None) -> Config:
    """Read the config.

    Args:
        path: the file; None for `dateline.toml` in the working directory, or the defaults where there is none.
        directory: replaces `[store] directory`.

    Raises: ConfigError naming file and key.
    """
    if path is None and DEFAULT_FILE.is_file():
        path = DEFAULT_FILE
    config = _validated(path, _read(path)) if path else Config()
    if directory is None:
        return config
    return config.model_copy(update={"store": config.store.model_copy(update={"directory": directory})})


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: nested too deeply") from error


def _validated(path: Path, settings: dict[str, Any]) -> Config:
    try:
        # By way of JSON, since pydantic's strict mode takes a list for a tuple and a string for a path only there.
        return Config.model_validate_json(json.dumps(settings, default=str), strict=True)
    except ValidationError as error:
        raise ConfigError("; ".join(f"{path}: {_finding(dict(found))}" for found in error.errors())) from error


def _finding(found: dict[str, Any]) -> str:
    key = _key(found["loc"])
    if found["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    what = str(found["msg"]).removeprefix("Value error, ")
    return f"{key}: {what}" if key else what


def _key(place: tuple[str | int, ...]) -> str:
    """Write ("sources", 0, "zone") as `sources[0].zone`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
