import pytest

from bot import dialogue
from bot.types import Action, Ask, Incoming, Latest, More, Page, Place, Say, Sources, Topic
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


@pytest.mark.parametrize("text", ["I asked @DatelineBot already", "@DatelineBotFan who closed it?", "@Datelin who?"])
def test_mention_when_it_is_not_ours_or_not_first_then_silence(text: str) -> None:
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


@pytest.mark.parametrize("command", ["latest", "sources", "start", "help", "privacy", "unheard"])
def test_command_when_in_a_group_and_unaddressed_then_silence(command: str) -> None:
    assert decide(make_incoming("", command=command, place=Place.GROUP)) is None


def test_command_when_in_a_group_in_reply_to_us_then_it_is_ours() -> None:
    assert decide(make_incoming("", command="sources", place=Place.GROUP, reply_to_us=True)) == Sources()
    assert decide(make_incoming("", command="unheard", place=Place.GROUP, reply_to_us=True)) is None


@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("latest", Latest()),
        ("sources", Sources()),
        ("start", Page(topic=Topic.START)),
        ("help", Page(topic=Topic.HELP)),
        ("privacy", Page(topic=Topic.PRIVACY)),
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


def test_question_about_us_when_in_a_group_in_reply_to_us_then_we_answer() -> None:
    assert decide(make_incoming("who are you?", place=Place.GROUP, reply_to_us=True)) == Say(line="about")


def test_question_when_very_long_then_it_is_cut() -> None:
    action = decide(make_incoming("why " * 2_000))
    assert isinstance(action, Ask)
    assert len(action.question) == dialogue.QUESTION_CHARS
