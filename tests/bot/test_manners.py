import pytest

from bot.actions import Action, Ask, Latest, More, Page, Say, Settings, Topic
from bot.manners import may_answer, may_send
from bot.settings import Policy
from bot.types import Incoming, Paragraph, Place, Quote, Reply
from tests.bot.builders import make_excerpt, make_incoming

ASK = Ask(question="how many ferries?")
COMMAND = make_incoming(place=Place.GROUP, command="ask")
REPLY = make_incoming(place=Place.GROUP, reply_to_us=True)
MENTION = make_incoming("@ours how many ferries?", place=Place.GROUP)
CITING = Reply(blocks=(Quote(excerpt=make_excerpt()),))
ABSTAINING = Reply(blocks=(Paragraph(text="The updates do not say."),))


@pytest.mark.parametrize(
    ("policy", "answered"),
    [
        (Policy.COMMANDS, [True, False, False]),
        (Policy.MENTIONS, [True, True, True]),
        (Policy.CITED, [True, True, True]),
        (Policy.OFF, [False, False, False]),
    ],
)
def test_may_answer_when_a_group_has_a_policy_then_by_how_we_were_addressed(
    policy: Policy, answered: list[bool]
) -> None:
    assert [may_answer(ASK, incoming, policy) for incoming in (COMMAND, REPLY, MENTION)] == answered


@pytest.mark.parametrize("policy", Policy)
def test_may_answer_when_settings_are_asked_for_then_under_every_policy(policy: Policy) -> None:
    assert may_answer(Settings(), make_incoming(place=Place.GROUP, command="settings"), policy)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("place", [Place.PRIVATE, Place.TERMINAL, Place.GUEST])
def test_policy_when_it_is_no_group_then_we_answer(policy: Policy, place: Place) -> None:
    incoming = make_incoming(place=place)
    assert may_answer(ASK, incoming, policy)
    assert may_send(ASK, incoming, policy, ABSTAINING)


@pytest.mark.parametrize("action", [ASK, More(), Latest(topic="ferries")])
@pytest.mark.parametrize("incoming", [COMMAND, REPLY])
def test_may_send_when_only_cited_then_nothing_without_a_quote(action: Action, incoming: Incoming) -> None:
    assert may_send(action, incoming, Policy.CITED, CITING)
    assert not may_send(action, incoming, Policy.CITED, ABSTAINING)
    assert may_send(action, incoming, Policy.MENTIONS, ABSTAINING)


@pytest.mark.parametrize("action", [Page(topic=Topic.HELP), Say(line="unknown_command"), Settings()])
def test_may_send_when_only_cited_then_our_own_pages_are_no_answers(action: Action) -> None:
    assert may_send(action, COMMAND, Policy.CITED, ABSTAINING)
