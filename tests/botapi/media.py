"""What people send: text with what Telegram finds in it, files with captions, albums."""

from collections.abc import Sequence
from datetime import datetime

from tests.botapi.core import Core
from tests.botapi.sending import file_json
from tests.botapi.state import Json, Wording, units
from tests.botapi.texts import CAPTION_UNITS, TEXT_UNITS, with_found


def text_of(text: str, now: datetime, *, entities: Sequence[Json] = (), media: Json | None = None) -> Wording:
    """Make what a person typed; clients split what is longer than one message, so a test must do so too."""
    limit = CAPTION_UNITS if media else TEXT_UNITS
    if units(text) > limit or not (text.strip() or media):
        raise ValueError(f"a person cannot send {units(text)} units here: at least 1 and at most {limit}")
    return Wording(text=text, entities=tuple(with_found(text, list(entities))), media=media or {}, since=now)


def media_wording(core: Core, kind: str, caption: str, content: bytes) -> Wording:
    """Make a message with a file of this kind: photo, voice, sticker, video, document, audio, animation."""
    name = f"file{core.world.number()}"
    core.world.files[name] = content
    return text_of(caption, core.clock(), media={kind: file_json(core, kind, name)})


def album_wordings(core: Core, captions: Sequence[str]) -> list[Wording]:
    """Make the photos of one album; most have no caption."""
    return [media_wording(core, "photo", caption, b"") for caption in captions]
