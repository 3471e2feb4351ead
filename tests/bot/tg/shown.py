"""What Telegram shows of a message's HTML, by the strict server's rules: it refuses what Telegram refuses."""

from dataclasses import dataclass

from tests.botapi.html_entities import parse_html
from tests.botapi.state import Json, cut
from tests.botapi.texts import cleaned, message_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    text: str
    entities: tuple[Json, ...]

    def of(self, kind: str) -> list[str]:
        """Return the stretches of text that carry one type of entity."""
        return [cut(self.text, entity) for entity in self.entities if entity["type"] == kind]

    @property
    def quotes(self) -> list[str]:
        kinds = ("blockquote", "expandable_blockquote")
        return [cut(self.text, entity) for entity in self.entities if entity["type"] in kinds]

    @property
    def links(self) -> list[str]:
        return [entity["url"] for entity in self.entities if entity["type"] == "text_link"]

    @property
    def times(self) -> list[Json]:
        return [entity for entity in self.entities if entity["type"] == "date_time"]


def shown(markup: str) -> Shown:
    """Read what was meant, and check that it would be sent. Raises: RefusalError."""
    message_text(markup, "HTML", None)
    text, entities = parse_html(markup)
    assert len(entities) <= 100
    return Shown(text=text, entities=tuple(entities))


def as_sent(text: str) -> str:
    """Return a text as Telegram passes it on: without the marks and controls that it takes out."""
    return cleaned(text, [])[0]
