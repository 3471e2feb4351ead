"""The whole edge through the library's real Application, against the strict server, by polling and by webhook."""

import pytest

from bot.config import TelegramMode
from bot.types import Ask
from tests.bot.tg.scenes import HOSTILE, FakeConversation, play
from tests.botapi import Server

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("mode", TelegramMode)
def test_serve_when_asked_in_private_then_answers_in_html_as_a_reply(mode: TelegramMode) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        reply = await server.reply_to(ann.says("How many boats?"))
        assert reply.of("blockquote") == [HOSTILE]
        assert ann.actions == ["typing"]
        await server.quiet()
        assert [(chat, ids) for _, chat, ids, _ in talk.told] == [(ann.id, (reply.message_id,))]

    server, talk = play(scene, mode=mode)
    assert talk.actions == [Ask(question="How many boats?")]
    assert server.refused() == []
