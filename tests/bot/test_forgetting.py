from pathlib import Path

from bot.texts import line
from bot.types import Place
from tests.bot.scene import GROUP, QUESTION, Scene, labels, play, quoted, said
from tests.bot.test_pressing import AdminsAre


def test_privacy_when_asked_then_the_page_and_what_is_kept_of_the_asker(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        first = said(await scene.ask("/privacy", place=Place.GROUP, user_id=9))
        assert first == [line("privacy"), line("privacy_kept", count=30), line("privacy_nothing_now")]
        await scene.ask()
        page = said(await scene.ask("/privacy"))
        what = "what my messages quoted (1) and your last question (1)"
        assert page[2] == line("privacy_now", what=what)
        await scene.ask("/settings zone Europe/Kyiv")
        await scene.ask("/settings language en")
        assert said(await scene.ask("/privacy"))[2] == line("privacy_now", what=f"settings (2), {what}")
        done = await scene.press(await scene.ask("/forget"), "Delete it")
        assert "settings (2)" in said(done.edit)[0]
        assert said(await scene.ask("/privacy"))[2] == line("privacy_nothing_now")

    play(tmp_path, act, chat={"keep_days": 30})


def test_forget_when_confirmed_then_all_is_gone_and_named(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask()
        answer = scene.ours
        await scene.ask("/since")
        asked = await scene.ask("/forget")
        assert labels(asked) == [["Delete it", "Cancel"]]
        assert await scene.store(lambda store: store.exported(user_id=7, chat_id=7))
        done = await scene.press(asked, "Delete it")
        assert done.edit is not None
        assert "how far you have read (1)" in said(done.edit)[0]
        assert "sent" not in await scene.store(lambda store: store.exported(user_id=7, chat_id=7))
        assert said(await scene.ask("more")) == [line("more_of_what")]
        assert said(await scene.ask("/verify", reply_to=answer)) == [line("verify_nothing")]

    play(tmp_path, act)


def test_forget_when_cancelled_then_nothing_is(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask()
        cancelled = await scene.press(await scene.ask("/forget"), "Cancel")
        assert said(cancelled.edit) == [line("forget_cancelled")]
        assert "sent" in await scene.store(lambda store: store.exported(user_id=7, chat_id=7))

    play(tmp_path, act)


def test_forget_when_nothing_is_kept_then_that(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/forget", place=Place.GROUP, user_id=9)) == [line("forget_nothing")]

    play(tmp_path, act)


def test_forget_when_an_admin_asks_in_a_group_then_the_groups(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(AdminsAre(8))
        await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        asked = await scene.ask("/forget", place=Place.GROUP, user_id=8)
        assert "Harbour talk" in said(asked)[0]
        stranger = await scene.press(asked, "Delete it", user_id=9, place=Place.GROUP)
        assert stranger.toast == line("settings_admins_only")
        done = await scene.press(asked, "Delete it", user_id=8, place=Place.GROUP)
        assert done.edit is not None
        assert "sent" not in await scene.store(lambda store: store.exported(chat_id=GROUP))

    play(tmp_path, act)


def test_forget_when_a_member_asks_in_a_group_then_theirs_and_only_they_may_confirm(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        asked = await scene.ask("/forget", place=Place.GROUP)
        stranger = await scene.press(asked, "Delete it", user_id=9, place=Place.GROUP)
        assert stranger.toast == line("button_not_yours")
        assert (await scene.press(asked, "Delete it", place=Place.GROUP)).edit is not None
        held = await scene.store(lambda store: store.exported(chat_id=GROUP))
        assert [row["user_id"] for row in held["sent"]] == [None]

    play(tmp_path, act)


def test_forget_when_in_the_terminal_then_by_word(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert quoted(await scene.ask(place=Place.TERMINAL, user_id=0))
        asked = await scene.ask("/forget", place=Place.TERMINAL, user_id=0)
        assert [each.key for row in asked.buttons for each in row] == ["forget", "cancel"]
        assert "Deleted" in said(await scene.ask("forget", place=Place.TERMINAL, user_id=0))[0]

    play(tmp_path, act)
