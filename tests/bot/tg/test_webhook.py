"""Who may call the webhook: Telegram, with the secret, in bodies of a sensible size."""

import logging
from typing import Any

import httpx
import pytest

from bot.config import TelegramConfig, TelegramMode
from bot.tg.errors import WebhookError
from bot.tg.webhook import MAX_BODY_BYTES, SECRET_HEADER, path_of, secret_of
from tests.bot.tg.scenes import PUBLIC, SECRET, FakeConversation, play
from tests.botapi import Server

pytestmark = pytest.mark.enable_socket
KNOWN = {SECRET_HEADER: SECRET}
UPDATE = {
    "update_id": 1,
    "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "text": "forged words"},
}


def called(**call: Any) -> tuple[int, FakeConversation]:  # noqa: ANN401  what httpx takes
    """Call the webhook once as given; return the status, or 0 where the connection was ended."""
    told: list[int] = []

    async def scene(server: Server, talk: FakeConversation) -> None:
        given = {"method": "POST", "path": "/hook", "json": UPDATE, **call}
        async with httpx.AsyncClient(base_url=server.core.webhook.routes[PUBLIC]) as client:
            try:
                answer = await client.request(given.pop("method"), given.pop("path"), **given)
                told.append(answer.status_code)
            except httpx.TransportError:
                told.append(0)
        await server.quiet()

    _, talk = play(scene, mode=TelegramMode.WEBHOOK)
    return told[0], talk


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: "guessed"}, {SECRET_HEADER: SECRET + "x"}, {SECRET_HEADER: ""}]
)
def test_call_when_it_is_forged_then_refused_and_logged_without_detail(
    headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, talk = called(headers=headers)
    assert (status, talk.handled) == (403, [])
    assert "webhook call refused status=403" in caplog.text
    assert not any(word in caplog.text for word in ("forged words", "guessed", SECRET))


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_call_when_it_is_no_update_then_refused(body: bytes) -> None:
    assert called(headers=KNOWN, json=None, content=body)[0] == 400


def test_call_when_the_body_is_too_large_then_refused_unread() -> None:
    status, _ = called(headers=KNOWN, json=None, content=b" " * (MAX_BODY_BYTES + 1))
    assert status in (0, 400, 413)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/hook", 405), ("POST", "/", 404), ("GET", "/x", 404)])
def test_call_when_it_goes_elsewhere_then_nothing_is_there(method: str, path: str, status: int) -> None:
    assert called(method=method, path=path, headers=KNOWN)[0] == status


def test_call_when_telegram_makes_it_then_the_update_is_taken() -> None:
    status, talk = called(headers=KNOWN)
    assert status == 200
    assert [incoming.text for incoming in talk.heard] == ["forged words"]


def test_refusals_when_they_are_many_then_few_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        async with httpx.AsyncClient(base_url=server.core.webhook.routes[PUBLIC]) as forger:
            for _ in range(25):
                await forger.post("/hook", json=UPDATE)

    play(scene, mode=TelegramMode.WEBHOOK)
    assert caplog.text.count("webhook call refused") == 2


def test_secret_when_given_then_kept_and_when_not_then_random() -> None:
    assert secret_of(SECRET) == SECRET
    assert len({secret_of(""), secret_of("")}) == 2
    with pytest.raises(WebhookError) as raised:
        secret_of("not allowed")
    assert "not allowed" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [(f"{PUBLIC}/a/b", "", "/a/b"), (f"{PUBLIC}/a", "/c", "/c"), (PUBLIC, "", "/")],
)
def test_path_when_not_set_then_that_of_the_address(url: str, path: str, expected: str) -> None:
    assert path_of(TelegramConfig(webhook_url=url, webhook_path=path)) == expected
