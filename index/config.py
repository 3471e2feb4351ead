"""The settings of the archive, as typed models; the file they come from is read by the composition root.

Every unknown key is an error that names it. Units stand in the names.
"""

from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

Format = Literal["jsonld", "article", "page_text", "feed", "export", "jsonl"]
FORMAT_NAMES: tuple[str, ...] = get_args(Format)


class Section(BaseModel):
    """A table of the config: no unknown keys, no changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SourceConfig(Section):
    """One `[[sources]]`: a place updates come from."""

    name: str = Field(min_length=1)
    url: str = Field(min_length=1)
    format: Format | None = None
    zone: str = "UTC"
    interval_s: float = Field(default=60.0, ge=5.0)

    @field_validator("url")
    @classmethod
    def url_is_of_the_web(cls, value: str) -> str:
        """Refuse what will never be fetched."""
        if not value.strip().lower().startswith(("http://", "https://")):
            raise ValueError(f"not an http or https address: {value!r}")
        return value

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
    """`[encoder]`: the model and its prompts; `model` is "bundled", a hub name or a folder."""

    model: str = "bundled"
    query_prompt: str = ""
    passage_prompt: str = ""
    batch_size: int = Field(default=32, ge=1)
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
