"""Corrections that follow what was said, through the real Application, bot.db and outbox against the strict server."""

from datetime import timedelta

import pytest

from bot.amendments import RESTLESS
from bot.texts import line
from index import LiveBlog, Update
from tests.bot.tg.house import ANSWER, ASKED, NOON, House, play
from tests.bot.tg.test_digests import FERRY, at_eight, digests, states, subscribed, told
from tests.botapi import Message, Person
from tests.botapi.places import Place

pytestmark = pytest.mark.enable_socket

EDITED = ANSWER.replace("Nine", "Eleven")
AGAIN = ANSWER.replace("Nine", "Twelve")


async def boats(house: House, text: str, *, withdrawn: bool = False) -> None:
    """Let the source say something else of the ferries, a little later, and let it be noticed."""
    house.clock.moves(60)
    update = Update(
        key="boats",
        title="Ferries resume",
        text=text,
        live_blog="harbour",
        published_at=NOON - timedelta(minutes=90),
        modified_at=house.clock(),
        url="https://www.example.org/harbour#boats",
        withdrawn=withdrawn,
    )
    blogs = [LiveBlog(key="harbour", title="The harbour, live")]
    now = house.clock()
    await house.read(lambda archive: archive.take("Harbour Gazette", [update], now=now, live_blogs=blogs))


async def followed(house: House) -> None:
    """Wait until changes are followed, so that what comes after is news."""
    for _ in range(100):
        if await house.db(lambda store: store.followed("corrections")) is not None:
            return
        await house.server.quiet(for_s=0.05)
    raise AssertionError("nobody follows the changes")


def struck(message: Message) -> list[str]:
    return message.of("strikethrough")


def replies_to(place: Place, message: Message) -> list[Message]:
    return [each for each in place.ours if each is not message and each.text.startswith("Corrected, of what I sent")]


def test_answer_when_its_update_is_corrected_then_edited_in_place_with_its_buttons() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        assert ANSWER in answer.text
        buttons = [button.text for button in answer.buttons]
        assert buttons
        await boats(house, EDITED)
        await house.server.until(lambda: EDITED in answer.text)
        assert struck(answer) == [ANSWER]
        assert "Corrected 4 May 2031, 12:01 UTC. It now says:" in answer.text
        assert [button.text for button in answer.buttons] == buttons
        await house.server.quiet(for_s=0.3)
        assert [each for each in ann.ours if each is not answer] == [], "an answer is edited without a further word"
        assert "id\u00a0" in answer.text

    assert play(scene).refused() == []


def test_answer_when_only_its_spelling_changes_then_nothing_is_said() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        said = answer.text
        await boats(house, ANSWER.replace("Sunday morning", "Sunday  morning").replace(".", " ."))
        await house.server.quiet(for_s=0.5)
        assert answer.text == said
        assert await states(house) == []

    play(scene)


def test_answer_when_withdrawn_and_then_restored_then_struck_and_then_as_it_was() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        await boats(house, "", withdrawn=True)
        await house.server.until(lambda: "Withdrawn by its source" in answer.text)
        assert struck(answer) == [ANSWER]
        house.clock.moves(2 * 3600)
        await boats(house, ANSWER)
        await house.server.until(lambda: struck(answer) == [])
        assert ANSWER in answer.text

    play(scene)


def test_answer_when_it_is_deleted_then_a_reply_stands_for_the_edit() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        ann.deletes(answer)
        await boats(house, EDITED)
        await house.server.until(lambda: any(EDITED in each.text for each in ann.ours))
        reply = next(each for each in ann.ours if EDITED in each.text)
        assert struck(reply) == [ANSWER]

    play(scene)


def test_digest_when_what_it_quoted_is_corrected_then_edited_and_one_short_reply() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        heading = digest.text.splitlines()[0]
        house.clock.moves(60)
        await told(house, FERRY.replace("640", "580"))
        await house.server.until(lambda: replies_to(ann, digest))
        await house.server.until(lambda: "580" in digest.text)
        assert struck(digest) == [FERRY]
        assert digest.text.startswith(heading)
        (reply,) = replies_to(ann, digest)
        assert reply.reply_to is digest
        assert struck(reply) == [FERRY]
        # The next digest does not tell it once more.
        await at_eight(house)
        await house.server.quiet(for_s=0.5)
        assert len(digests(ann)) == 1

    assert play(scene).refused() == []


async def read_digest(house: House, ann: Person) -> Message:
    """Let a digest be sent that quotes how many were carried."""
    await subscribed(house, ann)
    house.clock.moves(60)
    await told(house, FERRY)
    await at_eight(house)
    await house.server.until(lambda: digests(ann))
    (digest,) = digests(ann)
    assert FERRY in digest.text
    return digest


async def carried(house: House, digest: Message, count: int) -> None:
    """Let the source tell another number a minute later, and wait until the digest shows it."""
    house.clock.moves(60)
    await told(house, FERRY.replace("640", str(count)))
    await house.server.until(lambda: f" {count} " in digest.text)
    await house.server.quiet(for_s=0.4)


def test_digest_when_it_changes_again_within_the_hour_then_edited_at_once_and_told_after_it_the_last_word_only() -> (
    None
):
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        for count in (580, 570, 560):
            await carried(house, digest, count)
            assert struck(digest) == [FERRY]
        assert "580" not in digest.text
        assert len(replies_to(ann, digest)) == 1
        edits = len(digest.earlier)
        house.clock.moves(3600)
        await house.server.until(lambda: len(replies_to(ann, digest)) == 2)
        assert "570" not in replies_to(ann, digest)[1].text
        assert "560" in replies_to(ann, digest)[1].text
        assert replies_to(ann, digest)[1].reply_to is digest
        await house.server.quiet(for_s=0.3)
        assert len(digest.earlier) == edits, "it read so already"
        house.clock.moves(3600)
        await house.server.quiet(for_s=0.4)
        assert len(replies_to(ann, digest)) == 2

    assert play(scene).refused() == []


def test_digest_when_it_says_within_the_hour_what_was_told_again_then_nothing_more_is_told() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        for count in (580, 570, 580):
            await carried(house, digest, count)
        house.clock.moves(3600)
        await house.server.quiet(for_s=0.6)
        assert len(replies_to(ann, digest)) == 1

    assert play(scene).refused() == []


def test_digest_when_it_stands_again_within_the_hour_then_unstruck_at_once_and_told_after_it() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        await carried(house, digest, 580)
        await carried(house, digest, 640)
        await house.server.until(lambda: struck(digest) == [])
        assert len(replies_to(ann, digest)) == 1
        house.clock.moves(3600)
        await house.server.until(lambda: len(replies_to(ann, digest)) == 2)
        assert line("amended_restored") in replies_to(ann, digest)[1].text

    assert play(scene).refused() == []


def test_digest_when_it_waits_in_quiet_hours_then_it_leaves_corrected() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe quiet 07:00-10:00"))
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        await house.server.quiet(for_s=0.4)
        assert digests(ann) == []
        await told(house, FERRY.replace("640", "580"))
        await house.server.quiet(for_s=0.6)
        house.clock.moves(2 * 3600)
        await house.server.until(lambda: digests(ann))
        (digest,) = digests(ann)
        assert struck(digest) == [FERRY]
        assert "580" in digest.text
        await house.server.quiet(for_s=0.3)
        assert replies_to(ann, digest) == []

    play(scene)


def test_corrections_when_asked_then_what_was_taken_back_and_when_off_then_no_reply() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        none = await house.server.reply_to(ann.says("/corrections"))
        assert none.text.startswith(line("corrections_none"))
        await subscribed(house, ann)
        off = await house.server.reply_to(ann.says("/corrections off"))
        assert off.text == line("corrections_off")
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        await house.server.until(lambda: digests(ann))
        (digest,) = digests(ann)
        house.clock.moves(60)
        await told(house, FERRY.replace("640", "580"))
        await house.server.until(lambda: "580" in digest.text)
        await house.server.quiet(for_s=0.3)
        assert replies_to(ann, digest) == []
        listed = await house.server.reply_to(ann.says("/corrections"))
        assert struck(listed) == [FERRY]
        assert "580" in listed.text

    play(scene)


def test_inline_answer_when_corrected_then_edited_where_it_was_sent() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        elsewhere = house.server.group("Friends", ann, bot=None)
        query = ann.types_inline(ASKED, elsewhere)
        await house.server.until(lambda: query.answer)
        message = ann.chooses(query, 0, elsewhere)
        assert ANSWER in message.text
        await house.server.quiet(for_s=0.3)
        await boats(house, EDITED)
        await house.server.until(lambda: EDITED in message.text)
        assert struck(message) == [ANSWER]

    assert play(scene).refused() == []


def test_guest_answer_when_corrected_then_edited() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        elsewhere = house.server.supergroup("Friends", ann, bot=None)
        query = ann.asks_as_guest(f"@dateline_bot {ASKED}", elsewhere)
        await house.server.until(lambda: query.answer)
        message = query.answer
        assert message is not None
        assert ANSWER in message.text
        await house.server.quiet(for_s=0.3)
        await boats(house, EDITED)
        await house.server.until(lambda: EDITED in message.text)

    assert play(scene).refused() == []


def test_group_answer_when_the_group_has_moved_then_nothing_is_said_of_what_cannot_be_reached() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        group = house.server.group("Friends", ann)
        answer = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        assert ANSWER in answer.text
        moved = group.migrates()
        await house.server.quiet(for_s=0.4)
        await boats(house, EDITED)
        await house.server.quiet(for_s=0.6)
        assert [each for each in moved.ours if EDITED in each.text] == []
        listed = await house.server.reply_to(ann.says("/corrections", to=moved))
        assert struck(listed) == [ANSWER]

    play(scene)


def test_answer_when_a_later_update_corrects_it_then_both_are_shown_and_nothing_is_struck() -> None:
    correction = "Correction: nine ferries did not sail from the north pier on Sunday morning, only seven ferries did."

    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        house.clock.moves(60)
        now = house.clock()
        update = Update(key="sorry", title="Ferries resume: correction", text=correction, live_blog="harbour",
                        published_at=now)  # fmt: skip
        blogs = [LiveBlog(key="harbour", title="The harbour, live")]
        await house.read(lambda archive: archive.take("Harbour Gazette", [update], now=now, live_blogs=blogs))
        await house.server.until(lambda: "only seven ferries did" in answer.text)
        assert ANSWER in answer.text
        assert struck(answer) == []
        assert line("verify_corrected_by") in answer.text
        later = await house.server.reply_to(ann.says("How many ferries sailed on Sunday?"))
        said = later.text
        await boats(house, ANSWER + " It was sunny.")
        await house.server.quiet(for_s=0.4)
        assert later.text == said, "what was corrected before it was said is not corrected once more"

    play(scene)


def test_update_when_it_changes_all_the_time_then_followed_every_ten_minutes_and_the_operator_is_told_once() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        chief = house.server.user("Chief", started=True)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        for count in range(20, 32):
            seen = await house.db(lambda store: store.followed("corrections"))
            await boats(house, ANSWER.replace("Nine", str(count)))
            for _ in range(100):
                if await house.db(lambda store: store.followed("corrections")) != seen:
                    break
                await house.server.quiet(for_s=0.05)
        await house.server.until(lambda: chief.ours)
        await house.server.quiet(for_s=0.4)
        assert ["Ferries resume" in each.text for each in chief.ours] == [True]
        edits = len(answer.earlier)
        assert 1 <= edits <= RESTLESS
        house.clock.moves(600)
        await house.server.until(lambda: "31 ferries" in answer.text)
        assert len(answer.earlier) == edits + 1

    play(scene, operators=(5_000_001,))


def test_digest_in_several_parts_when_corrected_then_only_its_part_is_edited() -> None:
    trades = ("boats", "trams", "nurses", "bakers", "clerks", "pilots", "divers", "painters", "tailors", "cooks")

    def met(number: int, count: int) -> str:
        trade = trades[number]
        where = " and ".join(f"the {trade} hall of ward {number * 20 + ward}" for ward in range(18))
        return f"{count} {trade} of the {trade} union met in {where}."

    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe long"))
        house.clock.moves(60)
        for number in range(len(trades)):
            await told(house, met(number, number + 20), key=f"long{number}")
        await at_eight(house)
        await house.server.until(lambda: len([each for each in ann.ours if "union met" in each.text]) > 1, timeout_s=15)
        first, last = [each for each in ann.ours if "union met" in each.text][:2]
        before = first.text
        number = next(n for n, trade in enumerate(trades) if f" {trade} of" in last.text)
        house.clock.moves(60)
        await told(house, met(number, number + 90), key=f"long{number}")
        await house.server.until(lambda: struck(last) == [met(number, number + 20)])
        assert met(number, number + 90) in last.text
        assert first.text == before

    assert play(scene).refused() == []


def test_answer_when_it_changes_again_within_the_hour_then_edited_at_once() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        answer = await house.server.reply_to(ann.says(ASKED))
        await boats(house, EDITED)
        await house.server.until(lambda: EDITED in answer.text)
        await boats(house, AGAIN)
        await house.server.until(lambda: AGAIN in answer.text)
        assert EDITED not in answer.text
        await boats(house, ANSWER)
        await house.server.until(lambda: struck(answer) == [])

    assert play(scene).refused() == []
