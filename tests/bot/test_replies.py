from datetime import UTC, datetime, timedelta

from bot import replies
from bot.types import Paragraph, Pointer, Quote, Reply
from index import Answer, AsOf, Precision, Question, Status, TimeScope
from tests.bot.builders import NOW, PUBLISHED, make_answer, make_citation, make_excerpt


def reply_to(answer: Answer) -> Reply:
    return replies.of_answer(answer, now=NOW, zone="UTC")


def shape(reply: Reply) -> list[str]:
    """Return our own words as they are, quotes as "quote", named updates as their title."""
    return [
        block.text if isinstance(block, Paragraph) else "quote" if isinstance(block, Quote) else block.citation.title
        for block in reply.blocks
    ]


def test_answer_when_it_has_a_scope_then_the_range_is_stated_first() -> None:
    scope = TimeScope(since=NOW - timedelta(hours=2), until=NOW, phrase="in the last two hours")
    assert shape(reply_to(make_answer(make_excerpt(), scope=scope))) == [
        "Searched: “in the last two hours”, 4 May 2031, 10:00 UTC to 12:00 UTC.",
        "quote",
        "As of 4 May 2031, 09:30 UTC; sources last checked 2 minutes ago.",
    ]


def test_answer_when_excerpts_are_labelled_then_the_label_is_put_in_words() -> None:
    labels = ["superseded", "correction", "conflict", "", "brand_new"]
    reply = reply_to(make_answer(*(make_excerpt(label=label) for label in labels)))
    assert [block.note for block in reply.blocks if isinstance(block, Quote)] == [
        "superseded by a later update",
        "correction",
        "updates differ on this",
        "",
        "brand_new",
    ]


def test_abstention_when_updates_are_near_then_the_newest_and_at_most_three() -> None:
    newest = make_citation("e9", number=9, title="Newest")
    nearest = [newest, *(make_citation(f"e{n}", number=n, title=f"Near {n}") for n in range(1, 6))]
    assert shape(reply_to(make_answer(nearest=nearest, newest=newest))) == [
        "The updates do not say.",
        "The newest update known:",
        "Newest",
        "What came nearest:",
        "Near 1",
        "Near 2",
        "Near 3",
        "As of 4 May 2031, 09:30 UTC; sources last checked 2 minutes ago.",
    ]


def test_abstention_when_scoped_then_it_says_so() -> None:
    scope = TimeScope(since=datetime(2031, 5, 3, tzinfo=UTC), until=datetime(2031, 5, 4, tzinfo=UTC))
    answer = make_answer(scope=scope, newest=make_citation())
    assert shape(reply_to(answer))[:2] == ["The updates of this range do not say.", "Searched: 3 May 2031 (UTC)."]


def test_abstention_when_nothing_is_known_then_that_is_said_instead() -> None:
    assert shape(reply_to(make_answer(as_of=AsOf(newest_published_at=None)))) == ["I have not read any updates yet."]


def test_abstention_when_all_updates_came_later_then_it_does_not_say_that_nothing_was_read() -> None:
    as_of = AsOf(newest_published_at=None, last_checked_at=NOW + timedelta(days=1))
    assert shape(reply_to(make_answer(as_of=as_of))) == ["I have read no updates from before 4 May 2031, 12:00 UTC."]


def test_as_of_when_only_the_day_is_known_then_no_clock() -> None:
    as_of = AsOf(newest_published_at=datetime(2031, 5, 4, tzinfo=UTC), newest_precision=Precision.DAY)
    assert shape(reply_to(make_answer(make_excerpt(), as_of=as_of)))[-1] == "As of 4 May 2031 (day only)."


def test_as_of_when_now_is_before_the_last_look_then_the_look_is_not_mentioned() -> None:
    as_of = AsOf(newest_published_at=PUBLISHED, last_checked_at=NOW + timedelta(days=1))
    assert shape(reply_to(make_answer(make_excerpt(), as_of=as_of)))[-1] == "As of 4 May 2031, 09:30 UTC."


def test_latest_when_there_is_nothing_on_the_topic_then_that_is_said() -> None:
    reply = replies.of_latest(make_answer(), topic="fire", now=NOW, zone="UTC")
    assert shape(reply) == ["No update on “fire” is known."]


def test_quote_when_shown_then_the_excerpt_itself_untouched() -> None:
    excerpt = make_excerpt("  odd \n spacing\u200b<b> ")
    blocks = reply_to(make_answer(excerpt)).blocks
    assert [block.excerpt for block in blocks if isinstance(block, Quote)] == [excerpt]
    assert not any(isinstance(block, Pointer) for block in blocks)


def test_refused_chatter_when_nothing_is_asked_then_no_quotes() -> None:
    answer = make_answer(make_excerpt())
    thanked = replies.refused_chatter(Question(text="thank you!", now=NOW), answer)
    assert (thanked.status, thanked.excerpts, thanked.confidence) == (Status.ABSTAINED, (), 0.0)
    assert replies.refused_chatter(Question(text="How many boats sank?", now=NOW), answer) == answer
