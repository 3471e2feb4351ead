"""A strict Telegram on loopback: it refuses what Telegram refuses, and shows what a chat would show.

    from tests.botapi import Server

    async with Server() as server:                               # clock, limits and settings are arguments
        app = ApplicationBuilder().token(server.token).base_url(server.base_url).build()
        ...                                                      # start polling, or a webhook through `routes`
        ann, bob = server.user("Ann"), server.user("Bob")
        group = server.supergroup("Desk", ann, bob, forum=True)
        fires = group.topic("Fires")
        asked = ann.says("/ask how many arrests?", to=fires)     # pushes the update that Telegram would push
        answer = await server.reply_to(asked)                    # waits for the bot
        assert answer.thread_id == fires.thread_id and answer.of("blockquote") and answer.links
        pressed = bob.presses(answer, "More")                    # `pressed.answer` is the toast, once it is there
        await server.quiet()
        assert not server.refused()                              # every call that Telegram would have refused

People: `says replies starts follows sends sends_album forwards edits deletes presses opens calls_back types_inline
chooses asks_as_guest blocks unblocks leaves`. Groups: `adds_bot removes_bot promotes_bot demotes_bot restricts_bot
permits adds removes promotes demotes is_renamed topic closes_general says_anonymously migrates`. Topics: `closes
reopens is_deleted`. Channels: `posts posts_photo posts_album edits links copy_of`. Every place: `messages ours texts
actions`. A message: `text entities of(kind) links keyboard buttons history reply_to quote thread_id deleted`.
Trouble: `server.fail(method, …)` with `bad_gateway()`, any RefusalError, `Drop.BEFORE`, `Drop.AFTER` or
`Drop.SILENCE`; `server.flood(place, s)`; `await server.goes_down()`, `comes_back()`.
Looks: `server.page(place, dark=True)`, `server.offers(inline_query)`, `GET /page/<chat id or title>`, and
`tests.botapi.picture.take(page, Path("x.png"))`. Time: `clock=HandClock()` of `tests.botapi.clock`, moved by hand.
Many days and chats: `tests.botapi.inprocess.InProcessRequest(server)` in place of HTTP.
Webhooks: `Server(routes={"https://bot.example": "http://127.0.0.1:<port>"})`, as behind a proxy that ends TLS.

Stricter than Telegram on purpose: names of parameters and fields that the API does not have; entities nested
against the documentation; links to bots with impossible start parameters; editing after 48 hours
(`Settings.edit_window_s`). Tests that use it need `pytestmark = pytest.mark.enable_socket`.
"""

from tests.botapi.core import CallbackQuery, GuestQuery, InlineQuery, Settings
from tests.botapi.faults import Drop, bad_gateway
from tests.botapi.limits import NONE, STRICT, Limits, Window
from tests.botapi.people import Person
from tests.botapi.places import Channel, Group, GroupTopic, Place
from tests.botapi.refusals import RefusalError, bad_request, forbidden, too_many_requests
from tests.botapi.server import TOKEN, Server
from tests.botapi.state import Kind, Message, Status

__all__ = [
    "NONE",
    "STRICT",
    "TOKEN",
    "CallbackQuery",
    "Channel",
    "Drop",
    "Group",
    "GroupTopic",
    "GuestQuery",
    "InlineQuery",
    "Kind",
    "Limits",
    "Message",
    "Person",
    "Place",
    "RefusalError",
    "Server",
    "Settings",
    "Status",
    "Window",
    "bad_gateway",
    "bad_request",
    "forbidden",
    "too_many_requests",
]
