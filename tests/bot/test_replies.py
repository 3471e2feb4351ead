import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import replies
from bot.texts import LOCALES, line
from bot.types import Paragraph, Pointer, Quote, Reply, Struck
from index import Answer, AsOf, Intent, Precision, Question, Status, TimeScope
from tests.bot.builders import NOW, PUBLISHED, make_answer, make_citation, make_excerpt, make_source, make_status


def reply_to(answer: Answer) -> Reply:
    return replies.of_answer(answer, now=NOW, zone="UTC")


def shape(reply: Reply) -> list[str]:
    """Return our own words as they are, quotes as "quote", named updates as their title."""
    return [
        block.text
        if isinstance(block, Paragraph | Struck)
        else "quote"
        if isinstance(block, Quote)
        else block.citation.title
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


def test_silence_when_nothing_was_published_then_that_first_then_how_old_the_newest_is_then_what_is_near() -> None:
    since = datetime(2031, 5, 4, tzinfo=UTC)
    newest = make_citation("e9", number=9, title="Newest")
    answer = make_answer(
        scope=TimeScope(since=since, phrase="today"),
        newest=newest,
        nearest=[newest, make_citation("e2", number=2, title="Near")],
        as_of=AsOf(newest_published_at=PUBLISHED - timedelta(days=3)),
        scope_empty=True,
    )
    assert shape(reply_to(answer)) == [
        "Nothing was published in that time: “today”, since 4 May 2031 (UTC).",
        "The newest update known is 3 days old:",
        "Newest",
        "What came nearest, outside of that time:",
        "Near",
        "As of 1 May 2031, 09:30 UTC.",
    ]


def test_silence_when_the_range_has_no_phrase_and_the_stream_goes_on_then_no_age() -> None:
    scope = TimeScope(since=PUBLISHED, until=PUBLISHED + timedelta(minutes=5))
    answer = make_answer(scope=scope, newest=make_citation(), scope_empty=True)
    assert shape(reply_to(answer))[:2] == [
        "Nothing was published in that time: 4 May 2031, 09:30 UTC to 09:35 UTC.",
        "The newest update known:",
    ]


@pytest.mark.parametrize("intent", [Intent.LATEST, Intent.CATCH_UP])
def test_newest_when_the_stream_ended_long_ago_then_its_age_is_said_first(intent: Intent) -> None:
    as_of = AsOf(newest_published_at=NOW - timedelta(hours=13))
    assert shape(reply_to(make_answer(make_excerpt(), intent=intent, as_of=as_of)))[:2] == [
        "The newest update is 13 hours old, from 3 May 2031, 23:00 UTC: this is how things stood then.",
        "quote",
    ]
    latest = replies.of_latest(make_answer(make_excerpt(), as_of=as_of), topic="", now=NOW, zone="UTC")
    assert shape(latest)[0].startswith("The newest update is 13 hours old")


@pytest.mark.parametrize(
    ("intent", "as_of", "scope"),
    [
        (Intent.LATEST, AsOf(newest_published_at=NOW - timedelta(hours=11)), None),
        (Intent.FACT, AsOf(newest_published_at=NOW - timedelta(days=3)), None),
        (Intent.LATEST, AsOf(newest_published_at=NOW - timedelta(days=3)), TimeScope(since=NOW - timedelta(days=5))),
        (Intent.LATEST, AsOf(newest_published_at=NOW.replace(hour=0), newest_precision=Precision.DAY), None),
        (Intent.LATEST, AsOf(newest_published_at=None), None),
    ],
)
def test_newest_when_it_is_young_or_a_time_was_named_then_no_word_of_its_age(
    intent: Intent, as_of: AsOf, scope: TimeScope | None
) -> None:
    said = shape(reply_to(make_answer(make_excerpt(), intent=intent, as_of=as_of, scope=scope)))
    assert not any("old" in text for text in said)


def test_newest_when_only_its_day_is_known_then_its_age_is_in_days() -> None:
    as_of = AsOf(newest_published_at=NOW.replace(day=3, hour=0), newest_precision=Precision.DAY)
    first = shape(reply_to(make_answer(make_excerpt(), intent=Intent.LATEST, as_of=as_of)))[0]
    assert first.startswith("The newest update is 1 day old, from 3 May 2031 (day only)")


def test_figure_when_there_are_statements_then_a_heading_and_how_many_are_left() -> None:
    answer = make_answer(make_excerpt(), make_excerpt(), intent=Intent.FIGURE, more=4)
    said = shape(reply_to(answer))
    assert said[:4] == [line("figure"), "quote", "quote", "More statements that came later: 4. /more shows them."]
    assert reply_to(answer).more == 4


def test_figure_when_there_is_none_then_that_is_said() -> None:
    assert shape(reply_to(make_answer(intent=Intent.FIGURE, newest=make_citation())))[0] == line("abstained_figure")


@pytest.mark.parametrize(("more", "last"), [(0, True), (2, False)])
def test_more_when_these_are_the_last_then_that_is_said(more: int, last: bool) -> None:
    reply = replies.of_next([make_excerpt()], more=more, zone="UTC")
    assert (line("last_of_it") in shape(reply)) is last
    assert shape(reply)[0] == "quote"
    assert reply.more == more


@pytest.mark.parametrize(("intent", "key"), [(Intent.FACT, "no_more"), (Intent.CATCH_UP, "no_more_updates")])
def test_more_when_there_is_none_then_what_the_rest_is_not(intent: Intent, key: str) -> None:
    reply = replies.of_no_more(make_answer(intent=intent), now=NOW, zone="UTC")
    assert shape(reply)[0] == line(key)


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


@pytest.mark.parametrize("language", LOCALES)
def test_replies_when_in_another_language_then_none_of_our_words_is_english(language: str) -> None:
    scope = TimeScope(since=NOW - timedelta(days=2), until=NOW, phrase="“")
    as_of = AsOf(newest_published_at=NOW - timedelta(days=2), last_checked_at=NOW - timedelta(minutes=2))
    newest, near = make_citation("e1", number=1, title="·"), [make_citation("e2", number=2, title="·")]
    answers = [
        make_answer(make_excerpt(label="correction"), scope=scope, as_of=as_of),
        make_answer(scope=scope, newest=newest, nearest=near, as_of=as_of),
        make_answer(scope=scope, newest=newest, nearest=near, as_of=as_of, scope_empty=True),
        make_answer(make_excerpt(), intent=Intent.LATEST, as_of=as_of),
        make_answer(make_excerpt(), intent=Intent.FIGURE, more=4),
    ]
    said = [replies.of_answer(answer, now=NOW, zone="UTC", language=language) for answer in answers]
    said += [replies.of_latest(answers[3], topic="", now=NOW, zone="UTC", language=language)]
    said += [replies.of_status(make_status(make_source("·")), now=NOW, zone="UTC", language=language)]
    words = {word for reply in said for text in shape(reply) for word in re.findall(r"[a-z]{3,}", text)}
    english = words & {"updates", "newest", "known", "searched", "since", "days", "hours", "ago", "last", "checked"}
    assert (english != set()) is (language == "en")


def test_answer_when_of_some_hours_only_a_day_is_known_then_it_says_so_first() -> None:
    scope = TimeScope(since=NOW - timedelta(minutes=15), phrase="in the last quarter of an hour")
    dated = make_excerpt(
        citation=replace(make_citation(), published_at=NOW.replace(hour=0), time_precision=Precision.DAY)
    )
    said = "In that time nothing was published whose hour is known; of this, only the day is."
    assert shape(reply_to(make_answer(dated, scope=scope)))[1:3] == [said, "quote"]
    clocked = make_excerpt()
    assert said not in shape(reply_to(make_answer(dated, clocked, scope=scope)))
    whole = TimeScope(since=NOW.replace(hour=0), phrase="today")
    assert said not in shape(reply_to(make_answer(dated, scope=whole)))


def test_answer_when_a_time_was_only_preferred_then_what_is_outside_of_it_is_not_said_to_be_within() -> None:
    scope = TimeScope(since=NOW - timedelta(hours=1), phrase="in the last hour")
    inside, outside = (
        make_excerpt(citation=replace(make_citation(), published_at=NOW - timedelta(hours=hours))) for hours in (0.5, 5)
    )
    for quotes, begins in (((inside,), "Searched: “in the"), ((inside, outside), "What comes nearest; not all")):
        answer = make_answer(*quotes, scope=scope)
        loose = replace(answer, query=replace(answer.query, scope_strict=False))
        assert shape(reply_to(loose))[0].startswith(begins)
