from dataclasses import replace

import pytest

from bot import dialogue
from bot.actions import (
    Action,
    Ask,
    Forget,
    Latest,
    More,
    Open,
    Page,
    PressWord,
    Say,
    Settings,
    Since,
    Sources,
    Topic,
    Verify,
)
from bot.types import Incoming, Media, Place
from tests.bot.builders import make_incoming

OUR_NAME = "DatelineBot"


def decide(incoming: Incoming) -> Action | None:
    return dialogue.decide(incoming, our_name=OUR_NAME)


@pytest.mark.parametrize("place", [Place.PRIVATE, Place.TERMINAL])
def test_plain_text_when_the_chat_is_ours_alone_then_it_is_a_question(place: Place) -> None:
    assert decide(make_incoming("Who  closed\nthe bridge?", place=place)) == Ask(question="Who closed the bridge?")


def test_plain_text_when_in_a_group_then_silence() -> None:
    assert decide(make_incoming("Who closed the bridge?", place=Place.GROUP)) is None


def test_plain_text_when_in_a_group_in_reply_to_us_then_it_is_a_question() -> None:
    asked = make_incoming("and since then?", place=Place.GROUP, reply_to_us=True, reply_to_text="As of noon.")
    assert decide(asked) == Ask(question="and since then?")


@pytest.mark.parametrize("text", ["@DatelineBot who closed it?", "@datelinebot, who closed it?"])
def test_mention_when_it_begins_a_group_message_then_the_rest_is_a_question(text: str) -> None:
    assert decide(make_incoming(text, place=Place.GROUP)) == Ask(question="who closed it?")


@pytest.mark.parametrize("text", ["who closed it, @DatelineBot?", "who closed it, ? @datelinebot"])
def test_mention_when_anywhere_in_a_group_message_then_the_rest_is_a_question(text: str) -> None:
    assert decide(make_incoming(text, place=Place.GROUP)) == Ask(question="who closed it, ?")


def test_mention_when_by_a_link_without_our_name_then_all_of_it_is_a_question() -> None:
    named = replace(make_incoming("you there, who closed it?", place=Place.GROUP), mentions_us=True)
    assert decide(named) == Ask(question="you there, who closed it?")


def test_mention_when_alone_in_reply_to_somebody_then_it_asks_about_that_text() -> None:
    asked = make_incoming("@DatelineBot", place=Place.GROUP, reply_to_text="They say the bridge is shut.")
    assert decide(asked) == Ask(question="They say the bridge is shut.")


@pytest.mark.parametrize("text", ["@DatelineBotFan who closed it?", "@Datelin who?", "mail a@DatelineBot now"])
def test_mention_when_it_is_not_ours_then_silence(text: str) -> None:
    assert decide(make_incoming(text, place=Place.GROUP)) is None


@pytest.mark.parametrize("place", [Place.PRIVATE, Place.GROUP, Place.TERMINAL])
def test_ask_when_it_has_text_then_that_is_the_question(place: Place) -> None:
    assert decide(make_incoming("who spoke?", command="ask", place=place)) == Ask(question="who spoke?")


@pytest.mark.parametrize("command", ["ask", "latest", "start", "help", "unheard"])
@pytest.mark.parametrize("place", [Place.PRIVATE, Place.GROUP])
def test_command_when_it_names_another_bot_then_silence(command: str, place: Place) -> None:
    assert decide(make_incoming("x", command=command, addressee="otherbot", place=place)) is None


def test_command_when_it_names_us_in_another_case_then_it_is_ours() -> None:
    said = make_incoming("fire", command="latest", addressee="datelinebot", place=Place.GROUP)
    assert decide(said) == Latest(topic="fire")


def test_command_when_in_a_group_and_unaddressed_then_it_is_ours_where_we_know_it() -> None:
    assert decide(make_incoming("", command="sources", place=Place.GROUP)) == Sources()
    assert decide(make_incoming("", command="unheard", place=Place.GROUP)) is None
    assert decide(make_incoming("", command="unheard", place=Place.GROUP, reply_to_us=True)) is None


@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("latest", Latest()),
        ("sources", Sources()),
        ("start", Page(topic=Topic.START)),
        ("help", Page(topic=Topic.HELP)),
        ("privacy", Page(topic=Topic.PRIVACY)),
        ("since", Since()),
        ("verify", Verify()),
        ("settings", Settings()),
        ("forget", Forget()),
        ("unheard", Say(line="unknown_command")),
    ],
)
def test_command_when_in_private_then_it_is_done(command: str, action: Action) -> None:
    assert decide(make_incoming("", command=command)) == action


def test_command_when_unknown_but_naming_us_in_a_group_then_we_say_so() -> None:
    said = make_incoming("", command="unheard", addressee="datelinebot", place=Place.GROUP)
    assert decide(said) == Say(line="unknown_command")


def test_ask_when_empty_in_reply_to_somebody_then_it_asks_about_that_text() -> None:
    asked = make_incoming("", command="ask", place=Place.GROUP, reply_to_text="They say the bridge is shut.")
    assert decide(asked) == Ask(question="They say the bridge is shut.")


def test_ask_when_empty_in_reply_to_us_then_it_asks_for_a_question() -> None:
    asked = make_incoming("", command="ask", reply_to_us=True, reply_to_text="As of noon.")
    assert decide(asked) == Say(line="empty_question")


@pytest.mark.parametrize("text", ["more", "Show more!", "mehr", "ще", "ещё", "más", "encore"])
def test_more_when_written_then_the_next_excerpts_where_it_is_for_us(text: str) -> None:
    assert decide(make_incoming(text)) == More()
    assert decide(make_incoming(text, place=Place.TERMINAL)) == More()
    assert decide(make_incoming(text, place=Place.GROUP, reply_to_us=True)) == More()
    assert decide(make_incoming(text, place=Place.GROUP)) is None


@pytest.mark.parametrize("place", [Place.PRIVATE, Place.GROUP])
def test_more_when_a_command_then_the_same(place: Place) -> None:
    assert decide(make_incoming("", command="more", addressee="datelinebot", place=place)) == More()


def test_figure_when_something_is_named_then_it_is_asked_how_it_developed() -> None:
    assert decide(make_incoming(" people  missing", command="figure")) == Ask(question="/figure people missing")


def test_figure_when_nothing_is_named_then_it_asks_for_it() -> None:
    assert decide(make_incoming(" ", command="figure")) == Say(line="empty_figure")


def test_ask_when_empty_then_it_asks_for_a_question() -> None:
    assert decide(make_incoming(" ", command="ask")) == Say(line="empty_question")


@pytest.mark.parametrize("place", list(Place))
def test_message_when_edited_then_silence(place: Place) -> None:
    assert decide(make_incoming("x", command="ask", place=place, edited=True)) is None


@pytest.mark.parametrize("command", [None, "ask"])
def test_message_when_in_a_channel_then_silence(command: str | None) -> None:
    assert decide(make_incoming("who?", command=command, place=Place.CHANNEL, reply_to_us=True)) is None


def test_thanks_when_in_private_then_a_line_and_no_search() -> None:
    assert decide(make_incoming("Thanks!")) == Say(line="thanks")


def test_thanks_when_in_a_group_in_reply_to_us_then_silence() -> None:
    assert decide(make_incoming("Thanks!", place=Place.GROUP, reply_to_us=True)) is None


@pytest.mark.parametrize("text", ["lol nice", "haha", "ok", "👍", "nice one", "хаха", "jajaja", "mdr", "krass", "ого"])
def test_banter_when_in_a_group_in_reply_to_us_then_silence(text: str) -> None:
    assert decide(make_incoming(text, place=Place.GROUP, reply_to_us=True)) is None


def test_question_about_us_when_in_a_group_in_reply_to_us_then_we_answer() -> None:
    assert decide(make_incoming("who are you?", place=Place.GROUP, reply_to_us=True)) == Say(line="about")


def test_question_when_very_long_then_it_is_cut() -> None:
    action = decide(make_incoming("why " * 2_000))
    assert isinstance(action, Ask)
    assert len(action.question) == dialogue.QUESTION_CHARS


def test_command_when_it_has_text_then_that_goes_along() -> None:
    assert decide(make_incoming(" 14:00 ", command="since")) == Since(moment="14:00")
    assert decide(make_incoming(" abc ", command="verify")) == Verify(sent_id="abc")
    assert decide(make_incoming("zone Kyiv", command="settings")) == Settings(text="zone Kyiv")


def test_start_when_it_names_a_key_then_that_is_opened_in_private_only() -> None:
    assert decide(make_incoming("u123", command="start")) == Open(key="u123")
    assert decide(make_incoming("u123", command="start", place=Place.GROUP)) == Page(topic=Topic.START)


@pytest.mark.parametrize("media", list(Media))
def test_media_when_without_words_then_a_fitting_line_and_silence_in_groups(media: Media) -> None:
    assert decide(replace(make_incoming(""), media=media)) == Say(line=f"wordless_{media.value}")
    assert decide(replace(make_incoming("", place=Place.GROUP, reply_to_us=True), media=media)) is None


def test_media_when_it_has_a_caption_then_that_is_the_question() -> None:
    assert decide(replace(make_incoming("who closed it?"), media=Media.PHOTO)) == Ask(question="who closed it?")


def test_forward_when_it_is_of_our_own_message_then_it_is_checked() -> None:
    forward = replace(make_incoming("Nine ferries sailed. As of noon."), forwards_us=True)
    assert decide(forward) == Verify()
    assert decide(replace(forward, place=Place.GROUP)) is None


def test_word_when_in_the_terminal_then_it_is_a_press() -> None:
    pressed = {text: decide(make_incoming(text, place=Place.TERMINAL)) for text in ("context 2", "since 1", "Forget")}
    assert pressed == {
        "context 2": PressWord(action="context", place=1),
        "since 1": PressWord(action="since", place=0),
        "Forget": PressWord(action="forget"),
    }
    assert decide(make_incoming("context 2")) == Ask(question="context 2")


@pytest.mark.parametrize("text", ["@datelinebot who?", "who? @datelinebot", "@datelinebot, who?"])
def test_without_mentions_when_somebody_calls_us_then_the_rest(text: str) -> None:
    assert dialogue.without_mentions(text) == "who?"
    assert dialogue.without_mentions("@datelinebot") == ""
