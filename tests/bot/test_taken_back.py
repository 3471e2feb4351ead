"""`/corrections`, switched by the reader's own words."""

from pathlib import Path

import pytest

from bot.smalltalk import bare
from bot.texts import LOCALES, line
from tests.bot.scene import Scene, play, said


@pytest.mark.parametrize("language", LOCALES)
def test_corrections_when_switched_in_the_readers_words_then_with_or_without_accents(
    tmp_path: Path, language: str
) -> None:
    async def act(scene: Scene) -> None:
        for name in ("off", "on", "off"):
            word = line(f"corrections_word_{name}", language=language)
            for typed in (name, word, bare(word), f"{bare(word).upper()}."):
                reply = await scene.ask(f"/corrections {typed}", language=language)
                assert said(reply) == [line(f"corrections_{name}", language=language)], typed
            is_told = await scene.store(lambda store: store.notices(7).corrections)
            assert is_told is (name == "on")

    play(tmp_path, act, limits={"user_per_minute": 100, "chat_per_minute": 100})
