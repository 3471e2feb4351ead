from datetime import timedelta
from pathlib import Path

from bot.keyboard import BUTTONS_FOR
from bot.records import FeedbackVerdict
from bot.texts import line
from bot.types import Place, Press
from tests.bot.scene import GROUP, NOW, QUESTION, Scene, button, cited, labels, play, quoted, said

MANY = "What did the police and the crisis staff say about people in the cordon?"


def test_more_when_pressed_after_a_restart_then_the_next_quotes_and_never_the_same_twice(tmp_path: Path) -> None:
    kept = {}

    async def act(scene: Scene) -> None:
        kept["reply"] = await scene.ask("/latest")

    async def after_a_restart(scene: Scene) -> None:
        reply = kept["reply"]
        first = await scene.press(reply, "More")
        assert first.reply is not None
        assert len(cited(first.reply)) == 3
        assert not set(cited(first.reply)) & set(cited(reply))
        second = await scene.press(reply, "More")
        assert (second.reply, second.toast) == (None, line("button_nothing_more"))

    play(tmp_path, act, after_a_restart)


def test_more_when_pressed_on_and_on_then_each_update_once_until_there_is_none(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply, seen = await scene.ask("/latest"), list[str]()
        while any("More" in row for row in labels(reply)):
            seen += cited(reply)
            pressed = await scene.press(reply, "More")
            assert pressed.reply is not None
            reply = pressed.reply
        seen += cited(reply)
        assert len(seen) == len(set(seen)) == 41
        assert line("last_of_it") in said(reply)

    play(tmp_path, act)


def test_more_when_the_reply_did_not_leave_then_it_can_be_had_again(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask("/latest")
        press = Press(user_id=7, key=button(reply, "More").key, chat_id=7, message_id=scene.ours)
        lost = (await scene.desk.press(press, NOW)).reply
        assert lost is not None
        await scene.desk.unsent(lost.sent_id)
        again = (await scene.desk.press(press, NOW)).reply
        assert cited(again) == cited(lost)
        assert await scene.store(lambda store: store.sent(lost.sent_id)) is None

    play(tmp_path, act)


def test_context_when_pressed_then_the_whole_update_as_one_quote(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        pressed = await scene.press(reply, "Show context")
        assert said(pressed.reply)[0] == line("context")
        assert quoted(reply)[0] in quoted(pressed.reply)[0]
        assert "shelters" in quoted(pressed.reply)[0]

    play(tmp_path, act)


def test_since_then_when_pressed_then_newer_updates_or_a_toast(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        pressed = [
            await scene.press(await scene.ask(question), "Since then")
            for question in ("How many people have died?", "When was the port director arrested?", QUESTION)
        ]
        assert any(each.toast == line("button_nothing_since") for each in pressed)
        for each in pressed:
            assert (each.reply is None) != (each.toast == "")
            if each.reply is not None:
                assert said(each.reply)[0] == line("since_then")

    play(tmp_path, act)


def test_wrong_when_pressed_then_three_choices_and_one_verdict_a_person(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        asked = await scene.press(reply, "Wrong?", user_id=8, place=Place.GROUP)
        assert labels(asked) == [*labels(reply), ["Wrong passage", "Out of date"], ["Not an answer", "Back"]]
        told = await scene.press(asked, "Out of date", user_id=8, place=Place.GROUP)
        assert told.toast == line("feedback_thanks")
        assert labels(told) == labels(reply)
        again = await scene.press(asked, "Not an answer", user_id=8, place=Place.GROUP)
        assert again.toast == line("feedback_already")
        assert (await scene.press(asked, "Back", user_id=9, place=Place.GROUP)).toast == ""
        other = await scene.press(asked, "Not an answer", user_id=9, place=Place.GROUP)
        assert other.toast == line("feedback_thanks")
        kept = await scene.store(lambda store: store.feedback(reply.sent_id))
        assert {one.verdict for one in kept} == {FeedbackVerdict.OUT_OF_DATE, FeedbackVerdict.NO_ANSWER}
        assert {(one.update_id, one.revision) for one in kept} == {(cited(reply)[0], 1)}
        more = await scene.press(told, "Show context", user_id=8, place=Place.GROUP)
        assert more.toast == line("button_not_yours")

    play(tmp_path, act)


def test_wrong_when_pressed_in_another_language_then_the_group_keeps_its_own(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        asked = await scene.press(reply, "Wrong?", user_id=8, place=Place.GROUP, language="de")
        assert asked.toast == line("wrong_question", language="de")
        assert labels(asked)[: len(labels(reply))] == labels(reply)
        told = await scene.press(asked, "Out of date", user_id=8, place=Place.GROUP, language="de")
        assert told.toast == line("feedback_thanks", language="de")
        assert labels(told) == labels(reply)

    play(tmp_path, act)


def test_button_when_somebody_else_presses_it_in_a_group_then_a_friendly_toast(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        stranger = await scene.press(reply, "Show context", user_id=8, place=Place.GROUP)
        assert (stranger.toast, stranger.reply) == (line("button_not_yours"), None)
        assert (await scene.press(reply, "Show context", place=Place.GROUP)).reply is not None

    play(tmp_path, act)


def test_button_when_an_anonymous_admin_asked_then_any_admin_may_press(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(AdminsAre(8))
        reply = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP, user_id=GROUP, sender_chat_id=GROUP)
        stranger = await scene.press(reply, "Show context", user_id=9, place=Place.GROUP)
        assert stranger.toast == line("settings_admins_only")
        assert (await scene.press(reply, "Show context", user_id=8, place=Place.GROUP)).reply is not None

    play(tmp_path, act)


def test_key_when_forged_expired_or_from_another_chat_then_a_friendly_toast(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        key = button(reply, "Show context").key
        forged = [Press(user_id=7, key=text, chat_id=7) for text in ("", "a" * 11, "'; --", "\ud83d", key[:-1])]
        elsewhere = Press(user_id=7, key=key, chat_id=8)
        for press in (*forged, elsewhere):
            assert (await scene.desk.press(press, NOW)).toast == line("button_expired")
        late = await scene.desk.press(Press(user_id=7, key=key, chat_id=7), NOW + BUTTONS_FOR + timedelta(seconds=1))
        assert late.toast == line("button_expired")

    play(tmp_path, act)


def test_press_when_too_many_then_told_how_long_to_wait(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        press = Press(user_id=7, key="forged", chat_id=7)
        toasts = [(await scene.desk.press(press, NOW)).toast for _ in range(100)]
        assert "wait" in toasts[-1]

    play(tmp_path, act)


class AdminsAre:
    """A platform with these admins."""

    def __init__(self, *user_ids: int) -> None:
        self._user_ids = user_ids

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        return user_id in self._user_ids
