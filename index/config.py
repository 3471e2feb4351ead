"""The settings of the archive, as typed models; the file they come from is read by the composition root.

Every unknown key is an error that names it. Units stand in the names.
"""

import re
from pathlib import Path
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Format = Literal["jsonld", "article", "page_text", "feed", "export", "jsonl"]
FORMAT_NAMES: tuple[str, ...] = get_args(Format)
_CHAT = re.compile(r"@[A-Za-z]\w{3,31}|-?\d{1,16}", re.ASCII)


class Section(BaseModel):
    """A table of the config: no unknown keys, no changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SourceConfig(Section):
    """One `[[sources]]`: a place updates come from.

    A page is fetched from `url`; a channel's posts are brought to us from `chat`, its @username or numeric id.
    """

    name: str = Field(min_length=1)
    kind: Literal["page", "telegram_channel"] = "page"
    url: str = ""
    chat: str = ""
    public: bool = True
    format: Format | None = None
    zone: str = "UTC"
    interval_s: float = Field(default=60.0, ge=5.0)

    @field_validator("url")
    @classmethod
    def url_is_of_the_web(cls, value: str) -> str:
        """Refuse what will never be fetched."""
        if value and not value.strip().lower().startswith(("http://", "https://")):
            raise ValueError(f"not an http or https address: {value!r}")
        return value

    @field_validator("chat", mode="before")
    @classmethod
    def chat_is_named(cls, value: object) -> object:
        """Take the number of a channel too; refuse what is neither that nor a username."""
        named = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(named, str) and named and not _CHAT.fullmatch(named):
            raise ValueError(f"neither a @username nor the number of a channel: {named!r}")
        return named

    @model_validator(mode="after")
    def place_fits_kind(self) -> Self:
        """Ask for what the kind needs, and refuse what it has no use for."""
        needed, idle = ("url", "chat") if self.is_fetched else ("chat", "url")
        if not getattr(self, needed):
            raise ValueError(f"{needed} is missing: a source of kind {self.kind} needs it")
        if getattr(self, idle):
            raise ValueError(f"{idle} has no meaning for a source of kind {self.kind}")
        return self

    @property
    def is_fetched(self) -> bool:
        """Whether we look at it; a channel's posts come by themselves."""
        return self.kind == "page"

    @field_validator("zone")
    @classmethod
    def zone_is_known(cls, value: str) -> str:
        """Refuse a zone that the tz database does not know."""
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/Kyiv") from error
        return value


class FetchConfig(Section):
    """`[fetch]`: the limits of reading from the network."""

    timeout_s: float = Field(default=20.0, gt=0)
    max_bytes: int = Field(default=50_000_000, gt=0)
    max_redirects: int = Field(default=5, ge=0)
    allow_private: bool = False
    user_agent: str = "dateline/0.1"


class StoreConfig(Section):
    """`[store]`: where the databases and the snapshot lie."""

    directory: Path = Path("data")


class EncoderConfig(Section):
    """`[encoder]`: the model, its prompts and what runs it; `model` is "bundled", a hub name or a folder."""

    model: str = "bundled"
    runtime: Literal["auto", "onnx", "sentence-transformers"] = "auto"
    precision: Literal["auto", "full"] = "auto"
    query_prompt: str = ""
    passage_prompt: str = ""
    batch_tokens: int = Field(default=1024, ge=1)
    threads: int = Field(default=0, ge=0)


class SearchConfig(Section):
    """`[search]`: the engine, the decision to answer and, where one is named, the reranker."""

    engine: Literal["faiss", "exact"] = "faiss"
    abstain_below: float | None = Field(default=None, ge=0, le=1)
    reranker: str = ""
    rerank_top: int = Field(default=8, ge=1)


class ArchiveConfig(Section):
    """All that the archive needs to know."""

    sources: tuple[SourceConfig, ...] = ()
    fetch: FetchConfig = FetchConfig()
    store: StoreConfig = StoreConfig()
    encoder: EncoderConfig = EncoderConfig()
    search: SearchConfig = SearchConfig()
