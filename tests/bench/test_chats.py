"""A tiny run of many chats at once; the encoder is a fake."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import chats
from bench.data import sets
from bench.writing import write
from tests.botapi import Server
from tests.botapi.bots import call, run
from tests.index.fakes import BagEncoder

pytestmark = pytest.mark.enable_socket
TROUBLE = ("lost", "doubled", "elsewhere", "not the archive's answer", "refused by Telegram")


@pytest.mark.parametrize("way", chats.WAYS, ids=lambda way: way.name)
def test_chats_when_a_few_ask_at_once_then_each_is_answered_once_in_its_place(way: chats.Way, tmp_path: Path) -> None:
    results = chats.measure(sets()["sample"], chats=8, ways=[way], encoder=BagEncoder())
    figures = results[way.name]
    assert {name: figures[name] for name in TROUBLE} == dict.fromkeys(TROUBLE, 0)
    assert figures["chats"] == 8
    for name in ("answers/s", "p50 s", "p99 s", "per question ÷ bare ask", "peak MB"):
        assert figures[name] > 0, name
    assert figures["p50 s"] <= figures["p99 s"]
    console = Console(width=150, record=True)
    chats.show(console, results)
    assert "per question ÷ bare ask" in console.export_text()
    write(tmp_path / "chats.json", results)
    assert json.loads((tmp_path / "chats.json").read_text()) == results


def test_counts_when_answers_are_missing_doubled_or_elsewhere_then_each_is_counted() -> None:
    found: list[dict[str, int]] = []

    async def scene(server: Server) -> None:
        people = [server.user(name) for name in ("Ann", "Bob", "Cem")]
        forum = server.supergroup("Desk", *people, forum=True)
        topics = [forum.topic(name) for name in ("Fires", "Roads", "Ships")]
        asked = [person.says("/ask where?", to=topic) for person, topic in zip(people, topics, strict=True)]
        for topic in (topics[1], topics[1], topics[2]):
            given = {
                "message_thread_id": topic.thread_id,
                "text": "<blockquote>Here.</blockquote>",
                "parse_mode": "HTML",
            }
            answered = asked[topics.index(topic)].message_id
            await call(server, "sendMessage", chat_id=forum.id, reply_parameters={"message_id": answered}, **given)
        await call(server, "sendMessage", chat_id=forum.id, text="Somewhere else.")
        await call(server, "sendMessage", chat_id=forum.id, text="")
        found.append(
            chats.counts(
                [
                    chats.Asked(message=message, place=topic, quotes=("Here.",) if topic is topics[1] else ("There.",))
                    for message, topic in zip(asked, topics, strict=True)
                ],
                server,
            )
        )

    run(scene)
    assert found == [dict.fromkeys(TROUBLE, 1)]
