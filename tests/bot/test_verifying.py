import json
from datetime import timedelta
from pathlib import Path

from bot.texts import line
from bot.types import Place
from bot.verifying import short_id_in
from tests.bot.scene import NOW, QUESTION, SOURCE, Scene, play, quoted, said, starts, struck

OLD = "A total of 3,100 people have had to leave their homes."
NEW = "A total of 2,900 people have had to leave their homes."
NOWHERE = "Who won the chess championship in Reykjavik?"
LATER = NOW + timedelta(minutes=20)


async def change(scene: Scene, directory: Path, **changes: object) -> None:
    """Let the source say something else of the update that answers the question, and ask after that."""
    view = await scene.archive(lambda archive: archive.update("kc-2271", now=NOW))
    assert view is not None
    entry = {
        "id": "kc-2271",
        "title": view.citation.title,
        "text": view.text,
        "url": view.citation.url,
        "live_blog": view.citation.live_blog,
        "published_at": view.citation.published_at.isoformat(),
        "modified_at": (NOW + timedelta(minutes=10)).isoformat(),
        **{name: value(view.text) if callable(value) else value for name, value in changes.items()},
    }
    path = directory / "changed.jsonl"
    path.write_text(json.dumps(entry) + "\n")
    scene.now = LATER
    await scene.archive(lambda archive: archive.ingest_file(path, now=LATER, source=SOURCE))


def test_verify_when_nothing_changed_then_unchanged_by_reply_and_by_short_id(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply, answer = await scene.ask(), scene.ours
        whole = "\n".join(said(reply))
        for checked in (
            await scene.ask("/verify"),
            await scene.ask("/verify", reply_to=answer),
            await scene.ask(f"/verify {reply.sent_id}"),
            await scene.ask(f"/verify id {reply.sent_id}", user_id=8),
            await scene.ask("/verify", user_id=9, reply_to=4, reply_to_whole=whole),
            await scene.ask(whole, user_id=9, forwards_us=True),
        ):
            assert quoted(checked) == quoted(reply)
            assert line("verify_unchanged") in said(checked)

    play(tmp_path, act)


def test_verify_when_the_quoted_sentence_was_edited_then_what_changed(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply, answer = await scene.ask(), scene.ours
        await change(scene, tmp_path, text=lambda text: text.replace(OLD, NEW))
        checked = await scene.ask("/verify", reply_to=answer)
        assert line("verify_edited_since", time="18 June 2026, 12:40 UTC") in said(checked)
        assert struck(checked) == [OLD]
        assert quoted(checked) == [*quoted(reply), NEW]

    play(tmp_path, act)


def test_verify_when_another_sentence_was_edited_then_the_quote_still_stands(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        await change(scene, tmp_path, text=lambda text: f"{text} More follows.")
        checked = await scene.ask(f"/verify {reply.sent_id}")
        assert line("verify_still_stands", time="18 June 2026, 12:40 UTC") in said(checked)
        assert struck(checked) == []

    play(tmp_path, act)


def test_verify_when_the_quoted_sentences_are_gone_then_what_is_left(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        await change(scene, tmp_path, text="Rain is expected.")
        checked = await scene.ask(f"/verify {reply.sent_id}")
        assert quoted(checked) == [*quoted(reply), "Rain is expected."]
        assert struck(checked) == []  # the same words stand in the quote above

    play(tmp_path, act)


def test_verify_when_the_update_was_withdrawn_then_that(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        await change(scene, tmp_path, withdrawn=True, text="")
        checked = await scene.ask(f"/verify {reply.sent_id}")
        assert quoted(checked) == quoted(reply)
        assert line("verify_withdrawn") in said(checked)

    play(tmp_path, act)


def test_verify_when_there_is_nothing_to_check_then_which_of_the_reasons(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/verify")) == [line("verify_what")]
        assert said(await scene.ask("/verify please")) == [line("verify_what")]
        assert said(await scene.ask("/verify abcdefghijk")) == [line("verify_unknown")]
        assert said(await scene.ask("/verify", reply_to=3)) == [line("verify_not_ours")]
        assert said(await scene.ask("/verify", reply_to=2_000)) == [line("verify_nothing")]
        lost = "As of now. · id abcdefghijk"
        assert said(await scene.ask("/verify", reply_to=2_000, reply_to_whole=lost)) == [line("verify_unknown")]

    play(tmp_path, act)


def test_verify_when_the_answer_was_an_abstention_then_it_quotes_nothing(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask(NOWHERE)
        assert said(await scene.ask("/verify", reply_to=scene.ours)) == [line("verify_nothing")]

    play(tmp_path, act, search={})


def test_verify_when_bare_then_the_last_message_for_this_asker_that_quoted_something(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for place in (Place.PRIVATE, Place.GROUP):
            answer = await scene.ask(f"/ask {QUESTION}", place=place)
            await scene.ask(f"/ask {NOWHERE}", place=place)
            checked = await scene.ask("/verify", place=place)
            assert quoted(checked) == quoted(answer) != []
        assert said(await scene.ask("/verify", place=Place.GROUP, user_id=8)) == [line("verify_what")]

    play(tmp_path, act, search={})


def test_verify_when_only_an_abstention_was_said_then_it_quotes_nothing(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask(NOWHERE)
        assert said(await scene.ask("/verify")) == [line("verify_nothing")]

    play(tmp_path, act, search={})


def test_short_id_when_copied_with_either_space_then_it_is_read() -> None:
    assert short_id_in("As of now. · id\u00a0abcdefghijk") == short_id_in("id abcdefghijk") == "abcdefghijk"


def test_verify_when_in_a_group_then_in_reply_to_any_of_our_messages(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        checked = await scene.ask("/verify", place=Place.GROUP, user_id=8, reply_to=scene.ours)
        assert line("verify_unchanged") in said(checked)

    play(tmp_path, act)


def test_page_when_the_update_changed_then_its_revisions_newest_first(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        await change(scene, tmp_path, text=lambda text: text.replace(OLD, NEW))
        page = await scene.ask(f"/start {starts(reply)[0]}")
        assert NEW in quoted(page)[0]
        assert said(page)[:3] == [
            line("update_revisions"),
            line("update_changed", time="18 June 2026, 12:40 UTC"),
            line("update_first", time="17 June 2026, 18:44 UTC"),
        ]
        assert struck(page) == [OLD]
        assert quoted(page)[1] == NEW
        assert OLD in quoted(page)[2]

    play(tmp_path, act)


def test_page_when_the_update_was_withdrawn_then_that_and_what_it_said(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        await change(scene, tmp_path, withdrawn=True, text="")
        page = await scene.ask(f"/start {starts(reply)[0]}")
        assert OLD in quoted(page)[0]
        assert line("update_withdrawn", time="18 June 2026, 12:40 UTC") in said(page)

    play(tmp_path, act)
