"""What an answer promises, whatever the ranking: held against what stood at the moment of the question."""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.errors import QuestionError, SourceError, StoreError, UnknownLiveBlogError
from index.store import Store
from index.text import sentences
from index.types import Answer, Question, Status
from tests.index.builders import (
    NOW,
    SOURCE,
    at,
    make_archive,
    make_follower,
    make_lines,
    make_update,
    rebuilt,
    take,
)
from tests.index.fakes import BagEncoder, BreakingEncoder, CountingEncoder, EncoderBreaksError

EMPTY = {"live_blogs": 0, "updates": 0, "revisions": 0, "passages": 0}


def ask(archive: Archive, text: str, *, minute: float = 240, limit: int = 10, live_blog: str | None = None) -> Answer:
    return archive.ask(Question(text=text, now=at(minute), limit=limit, live_blog=live_blog))


def tell(archive: Archive, key: str, text: str, *, minute: float, seen: float | None = None, **more: object) -> None:
    """Take one update, published at a minute and seen then or later, and encode it."""
    update = make_update(key, text, title=f"About {key}", published_at=at(minute))
    take(archive.store, replace(update, **more), now=at(minute if seen is None else seen))  # type: ignore[arg-type]
    archive.encode_pending()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Yield an archive of a day: a figure that is edited, a rumour that is withdrawn, an inn, a second story."""
    made = make_archive(tmp_path / "data", BagEncoder())
    tell(made, "boats", "Two boats are missing off the bar. The crews wait.", minute=0)
    tell(made, "rumour", "The harbour master has resigned. He left by car.", minute=10)
    tell(made, "inn", "The inn on the quay is full. Beds are laid in the school.", minute=20)
    tell(made, "boats", "Three boats are missing off the bar. The crews wait.", minute=0, seen=60, modified_at=at(60))
    tell(made, "rumour", "(gone)", minute=10, seen=90, withdrawn=True)
    tell(made, "hall", "The concert hall is missing a roof. Boats bring new beams.", minute=100, live_blog="storm")
    with closing(made):
        yield made


# A story by the clock


def quoted(answer: Answer) -> str:
    return " | ".join(excerpt.text for excerpt in answer.excerpts)


def test_ask_when_edited_then_the_new_text_and_with_now_in_the_past_the_old(archive: Archive) -> None:
    question = "How many boats are missing off the bar?"
    assert "Three boats are missing" in quoted(ask(archive, question))
    assert "Two boats" not in quoted(ask(archive, question))
    assert "Two boats are missing" in quoted(ask(archive, question, minute=59))
    assert "Three boats" not in quoted(ask(archive, question, minute=59))


def test_ask_when_edited_later_than_now_then_not_marked_as_edited(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, BagEncoder())
    tell(archive, "ferry", "Two ferries have sailed.", minute=0)
    for minute, count in ((20, "Three"), (40, "Four")):
        tell(archive, "ferry", f"{count} ferries have sailed.", minute=0, seen=minute, modified_at=at(minute))
    answers = [ask(archive, "How many ferries sailed?", minute=minute) for minute in (10, 30, 50)]
    archive.close()
    marks = [answer.excerpts[0].citation for answer in answers]
    assert [(mark.edited, mark.modified_at) for mark in marks] == [(False, None), (True, at(20)), (True, at(40))]


def test_ask_when_withdrawn_then_never_quoted_but_with_now_before_that_it_is(archive: Archive) -> None:
    question = "Has the harbour master resigned?"
    later, earlier = ask(archive, question), ask(archive, question, minute=89)
    assert "rumour" not in {near.citation.update_id for near in later.nearest}
    assert "resigned" not in quoted(later)
    assert "The harbour master has resigned." in quoted(earlier)


def test_ask_when_not_published_yet_then_not_known(archive: Archive) -> None:
    before, after = (ask(archive, "Is the inn full?", minute=minute) for minute in (19, 20))
    assert "inn" not in {near.citation.update_id for near in before.nearest}
    assert "The inn on the quay is full." in quoted(after)
    assert before.as_of.newest_published_at == at(10)
    assert after.as_of.newest_published_at == at(20)


def test_ask_when_before_the_first_update_then_abstains(archive: Archive) -> None:
    answer = ask(archive, "How many boats are missing?", minute=-1)
    assert (answer.status, answer.excerpts, answer.nearest, answer.newest) == (Status.ABSTAINED, (), (), None)
    assert answer.as_of.newest_published_at is None


def test_ask_when_its_time_turns_out_to_be_later_then_not_known_before_that(archive: Archive) -> None:
    take(archive.store, make_update("regatta", "The regatta has begun.", published_at=None), now=at(120))
    assert "regatta has begun" in quoted(ask(archive, "Has the regatta begun?", minute=130))
    tell(archive, "regatta", "The regatta has begun.", minute=200, seen=140)
    assert "regatta" not in quoted(ask(archive, "Has the regatta begun?", minute=199))
    assert "regatta has begun" in quoted(ask(archive, "Has the regatta begun?", minute=200))


def test_ask_when_a_live_blog_is_chosen_then_nothing_of_another(archive: Archive) -> None:
    everywhere = ask(archive, "Which boats are missing?")
    assert {near.citation.live_blog for near in everywhere.nearest} == {"ferry-strike", "storm"}
    for blog in ("ferry-strike", "storm"):
        answer = ask(archive, "Which boats are missing?", live_blog=blog)
        assert {near.citation.live_blog for near in answer.nearest} == {blog}
        assert {excerpt.citation.live_blog for excerpt in answer.excerpts} == {blog}


def test_ask_when_a_live_blog_is_named_by_its_title_then_found(archive: Archive) -> None:
    answer = ask(archive, "Which boats are missing?", live_blog="Ferry strike, day two")
    assert {near.citation.live_blog for near in answer.nearest} == {"ferry-strike"}


def test_ask_when_the_live_blog_is_mistyped_then_it_is_named_and_the_likeliest_first(archive: Archive) -> None:
    with pytest.raises(UnknownLiveBlogError, match="unknown live blog 'strom'; known: storm, ferry-strike") as refused:
        ask(archive, "Which boats are missing?", live_blog="strom")
    assert (refused.value.name, refused.value.known) == ("strom", ("storm", "ferry-strike"))
    with pytest.raises(UnknownLiveBlogError):
        archive.latest(now=NOW, live_blog="strom")


def test_ask_when_no_live_blog_is_known_at_all_then_that_is_said(tmp_path: Path) -> None:
    with (
        closing(make_archive(tmp_path / "empty", BagEncoder())) as empty,
        pytest.raises(UnknownLiveBlogError, match="'storm'; none is known yet"),
    ):
        ask(empty, "Which boats are missing?", live_blog="storm")


def test_unknown_live_blog_when_many_are_known_then_ten_are_listed() -> None:
    message = str(UnknownLiveBlogError("x", tuple(f"blog{n}" for n in range(12))))
    assert message.endswith("blog8, blog9 and 2 more")


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_ask_when_a_limit_is_given_then_no_more_nearest(archive: Archive, limit: int) -> None:
    wide, narrow = ask(archive, "Which boats are missing?"), ask(archive, "Which boats are missing?", limit=limit)
    assert narrow.nearest == wide.nearest[:limit]
    assert 0 < len(narrow.nearest) <= limit


def test_ask_when_the_archive_is_empty_then_abstains(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        answer = ask(archive, "How many boats are missing?")
        latest = archive.latest(now=NOW)
    assert (answer.status, answer.confidence, answer.excerpts, answer.nearest) == (Status.ABSTAINED, 0.0, (), ())
    assert (latest.status, latest.excerpts) == (Status.ABSTAINED, ())


def test_ask_when_the_threshold_is_out_of_reach_then_abstains_and_still_names_the_nearest(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder(), abstain_below=1.0)) as archive:
        tell(archive, "inn", "The inn on the quay is full. Beds are laid in the school.", minute=0)
        answer = ask(archive, "Who won the regatta cup in the north bay, and is the inn glad?")
    assert (answer.status, answer.excerpts) == (Status.ABSTAINED, ())
    assert [near.citation.update_id for near in answer.nearest] == ["inn"]
    assert answer.newest is not None


def test_ask_when_nothing_is_encoded_yet_then_words_alone_still_find(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        updates = [make_update(f"u{n}", f"Boat {n} lies at berth {n + 100}.", published_at=at(n)) for n in range(90)]
        take(archive.store, *updates)
        answer = ask(archive, "Which boat lies at berth 142?")
    assert answer.nearest[0].citation.update_id == "u42"


@pytest.mark.parametrize(("text", "zone"), [("", "UTC"), ("  \n", "UTC"), ("Which boats?", "Alder/Port")])
def test_ask_when_the_question_cannot_be_asked_then_question_error(archive: Archive, text: str, zone: str) -> None:
    with pytest.raises(QuestionError):
        archive.ask(Question(text=text, now=NOW, zone=zone))


@pytest.mark.parametrize(
    "text",
    ['"', "boats AND NOT (pier", "NEAR(boats, 2)", "title:boats*", "???", "\u26f4\ufe0f", "'; drop table updates; --",
     "boats\x00pier", "x" * 5000, "\u6e2f\u53e3"],
    ids=range(10),
)  # fmt: skip
def test_ask_when_the_text_is_strange_then_answered_or_not_but_never_an_error(archive: Archive, text: str) -> None:
    assert ask(archive, text).status in Status
    assert archive.store.integrity() == ()


def test_latest_when_asked_then_newest_first_and_only_what_stood(archive: Archive) -> None:
    def keys(answer: Answer) -> list[str]:
        return [excerpt.citation.update_id for excerpt in answer.excerpts]

    assert keys(archive.latest(now=at(240))) == ["hall", "inn", "boats"]
    assert keys(archive.latest(now=at(80))) == ["inn", "rumour", "boats"]
    assert keys(archive.latest(now=at(240), limit=1)) == ["hall"]
    assert keys(archive.latest(now=at(240), live_blog="ferry-strike")) == ["inn", "boats"]


# Any corpus, any question, any moment

Event = tuple[str, str, int | None, str, bool]
VOCABULARY = ["boats", "pier", "crews", "mayor", "storm", "14", "rope", "inn", "noon", "Alder", "Lt. Gen. Moor", "U.S."]
SENTENCES = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(lambda words: " ".join(words) + ".")
BODIES = st.lists(SENTENCES, min_size=1, max_size=8).map(lambda parts: " ".join(parts).capitalize())
# A time may be told late, and may turn out to be still to come.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        BODIES,
        st.none() | st.integers(0, 400),
        st.sampled_from(["ferry", "storm"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
QUESTIONS = st.lists(st.sampled_from([*VOCABULARY, "who", "how many", "is"]), min_size=1, max_size=5).map(
    lambda words: " ".join(words) + "?"
)
MINUTES = st.integers(-5, 450)


def fill(archive: Archive, events: Sequence[Event]) -> None:
    """Let a newsroom work: an event a quarter of an hour, each a new update, an edit or a withdrawal."""
    for place, (key, text, minute, blog, withdrawn) in enumerate(events):
        published_at = None if minute is None else at(minute)
        update = make_update(key, text, published_at=published_at, live_blog=blog, withdrawn=withdrawn and place > 3)
        take(archive.store, update, live_blogs=(), now=at(100 + 15 * place))
    archive.encode_pending()


def assert_honest(archive: Archive, answer: Answer, minute: float, limit: int) -> None:
    cited = [excerpt.citation for excerpt in answer.excerpts]
    near = [one.citation for one in answer.nearest]
    for citation in (*cited, *near, *([answer.newest] if answer.newest else [])):
        assert citation.published_at <= at(minute)
        standing = archive.store.revision_numbers([citation.update_no], at(minute))
        assert standing.get(citation.update_no) == citation.revision
    for excerpt in answer.excerpts:
        wanted = (excerpt.citation.update_no, excerpt.citation.revision)
        text = archive.store.revisions([wanted])[wanted][0].text
        assert excerpt.text == text[excerpt.span.start : excerpt.span.end] != ""
        assert excerpt.span.start in {span.start for span in sentences(text)}
        assert excerpt.span.end in {span.end for span in sentences(text)}
    assert len({citation.update_no for citation in cited}) == len(cited) <= 3
    assert len({citation.update_no for citation in near}) == len(near) <= limit
    assert (answer.status is Status.ANSWERED) == bool(answer.excerpts)
    assert 0 <= answer.confidence <= 1
    assert answer.as_of.newest_published_at is None or answer.as_of.newest_published_at <= at(minute)


@settings(max_examples=60)
@given(events=EVENTS, asked=st.lists(st.tuples(QUESTIONS, MINUTES, st.integers(1, 6)), min_size=1, max_size=6))
def test_ask_when_anything_is_asked_at_any_moment_then_honest_and_the_same_alone_or_in_a_batch(
    tmp_path_factory: pytest.TempPathFactory,
    events: list[Event],
    asked: list[tuple[str, int, int]],
) -> None:
    with closing(make_archive(tmp_path_factory.mktemp("data"), BagEncoder())) as archive:
        fill(archive, events)
        questions = [Question(text=text, now=at(minute), limit=limit) for text, minute, limit in asked]
        batch = list(archive.ask_many(questions))
        assert batch == [archive.ask(question) for question in questions]
        for answer, (_, minute, limit) in zip(batch, asked, strict=True):
            assert_honest(archive, answer, minute, limit)
            assert_honest(archive, archive.latest(now=at(minute), limit=3), minute, 10)
        assert archive.check() == ()


@settings(max_examples=20)
@given(events=EVENTS, question=QUESTIONS, minute=MINUTES)
def test_ask_when_the_engine_is_another_then_the_same_answer(
    tmp_path_factory: pytest.TempPathFactory,
    events: list[Event],
    question: str,
    minute: int,
) -> None:
    folder = tmp_path_factory.mktemp("data")
    with closing(make_archive(folder, BagEncoder(), engine="faiss")) as archive:
        fill(archive, events)
        first = ask(archive, question, minute=minute)
    with closing(make_archive(folder, BagEncoder(), engine="exact")) as archive:
        second = ask(archive, question, minute=minute)
    assert [near.citation for near in first.nearest] == [near.citation for near in second.nearest]
    assert [near.score for near in first.nearest] == pytest.approx([near.score for near in second.nearest], abs=1e-4)


# In and out


UPDATES = [
    make_update(f"u{n}", f"Boat {n} is back at berth {n % 7}. Its crew of {n % 5 + 2} sleeps.", published_at=at(n))
    for n in range(30)
]


def test_ingest_file_when_read_twice_then_nothing_is_new_or_encoded_again(tmp_path: Path) -> None:
    path = make_lines(tmp_path / "boats.jsonl", UPDATES)
    encoder = BagEncoder()
    with closing(make_archive(tmp_path / "data", encoder)) as archive:
        (first,) = archive.ingest_file(path, now=NOW, source=SOURCE)
        encoded, seq = len(encoder.texts), archive.store.last_seq()
        (second,) = archive.ingest_file(path, now=NOW + timedelta(minutes=5), source=SOURCE)
        assert (first.new, second.new, second.unchanged) == (30, 0, 30)
        assert (len(encoder.texts), archive.store.last_seq()) == (encoded, seq)
        assert archive.check() == ()


def test_ingest_file_when_the_encoder_breaks_then_nothing_is_lost_and_the_next_run_goes_on(tmp_path: Path) -> None:
    path = make_lines(tmp_path / "boats.jsonl", UPDATES)
    encoder = BreakingEncoder(breaks_at=1)
    with closing(make_archive(tmp_path / "data", encoder)) as archive:
        with pytest.raises(EncoderBreaksError):
            archive.ingest_file(path, now=NOW, source=SOURCE)
        (finding,) = archive.check()
        assert finding.startswith(f"{archive.store.count_pending(encoder.id)} passages have no vector")
        assert archive.encode_pending() > 0
        assert archive.check() == ()
        (report,) = archive.ingest_file(path, now=NOW, source=SOURCE)
        assert (report.new, report.revised) == (0, 0)


@pytest.mark.parametrize("breaks_at", [1, 2, 3, 4])
def test_encode_pending_when_it_breaks_at_any_batch_then_what_was_done_is_kept(tmp_path: Path, breaks_at: int) -> None:
    encoder = BreakingEncoder(breaks_at=breaks_at)
    with closing(make_archive(tmp_path / "data", encoder)) as archive:
        take(archive.store, *UPDATES)
        for _ in range(breaks_at - 1):
            assert archive.encode_pending(limit=5) == 5
        with pytest.raises(EncoderBreaksError):
            archive.encode_pending(limit=5)
        assert archive.store.count_pending(encoder.id) == 30 - 5 * (breaks_at - 1)
    with closing(make_archive(tmp_path / "data", encoder)) as again:
        again.encode_pending()
        assert again.check() == ()
        assert len(encoder.texts) == len(set(encoder.texts)) == 30


def test_encode_pending_when_news_comes_during_a_backlog_then_news_goes_first(tmp_path: Path) -> None:
    encoder = BagEncoder()
    with closing(make_archive(tmp_path / "data", encoder)) as archive:
        take(archive.store, *UPDATES)
        archive.encode_pending(limit=5)
        take(archive.store, make_update("news", "The lighthouse burns."), now=at(1))
        archive.encode_pending(limit=1)
        assert "lighthouse" in encoder.texts[-1]
        while archive.encode_pending(limit=7):
            pass
        assert archive.check() == ()


def test_foresee_when_questions_wait_then_encoded_together_and_answered_as_alone(tmp_path: Path) -> None:
    questions = [Question(text=f"Where is boat {number}?", now=NOW) for number in range(4)]
    with closing(make_archive(tmp_path / "data", CountingEncoder())) as archive:
        take(archive.store, *UPDATES)
        alone = [archive.ask(question) for question in questions]
    encoder = CountingEncoder()
    with closing(make_archive(tmp_path / "data", encoder)) as archive:
        archive.foresee([*questions, Question(text=" ", now=NOW)])
        assert [archive.ask(question) for question in questions] == alone
        assert [len(texts) for texts in encoder.asked] == [4]


def test_ingest_file_when_it_reports_progress_then_updates_and_passages_are_counted(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    path = make_lines(tmp_path / "boats.jsonl", UPDATES)
    with closing(make_archive(tmp_path / "data", BagEncoder())) as archive:
        archive.ingest_file(path, now=NOW, progress=lambda *step: seen.append(step))
    assert ("updates", 30, 30) in seen
    assert seen[-1] == ("passages", 30, 30)


def test_open_archive_when_opened_again_then_the_snapshot_serves_without_encoding(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        fill(archive, [("a", "Boats wait off the pier.", 1, "ferry", False)])
        archive.rebuild()
        expected = ask(archive, "Where do boats wait?")
    encoder = BagEncoder()
    with closing(make_archive(tmp_path, encoder)) as again:
        assert ask(again, "Where do boats wait?") == expected
        assert again.status(now=NOW).index_bytes > 0
    assert encoder.calls == 0


def test_open_archive_when_the_encoder_is_another_then_old_vectors_are_stale_and_not_wrong(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        fill(archive, [("a", "Boats wait off the pier.", 1, "ferry", False)])
    other = BagEncoder(dimension=32, name="other")
    with closing(make_archive(tmp_path, other)) as archive:
        assert archive.status(now=NOW).pending == 1
        assert "1 passages have no vector" in archive.check()[0]
        assert "Boats wait" in quoted(ask(archive, "Where do boats wait?"))
        assert archive.check() == ()
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        assert archive.status(now=NOW).pending == 0


def test_open_archive_when_the_folder_is_a_file_then_store_error_names_it(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a list of boats")
    with pytest.raises(StoreError, match="data"):
        make_archive(tmp_path / "data", BagEncoder())


def test_status_when_asked_then_what_is_held(archive: Archive) -> None:
    status = archive.status(now=NOW)
    assert (status.updates, status.revisions, status.live_blogs, status.pending) == (4, 6, 2, 0)
    assert (status.encoder, status.engine) == ("bag:64", "faiss")
    assert [(source.name, source.updates) for source in status.sources] == [(SOURCE, 4)]


def test_rebuild_when_done_then_as_before_and_no_text_is_encoded(archive: Archive, tmp_path: Path) -> None:
    encoder = archive.encoder
    assert isinstance(encoder, BagEncoder)
    before, expected = encoder.calls, ask(archive, "How many boats are missing?")
    told: list[tuple[str, int, int]] = []
    passages = archive.status(now=NOW).passages
    assert archive.rebuild(progress=lambda *step: told.append(step)) == passages
    assert told == [("full text", 0, passages), ("full text", passages, passages), ("vectors", passages, passages)]
    assert encoder.calls == before
    assert ask(archive, "How many boats are missing?") == expected


def test_check_when_the_database_is_damaged_then_it_is_told(archive: Archive) -> None:
    other = Store(archive.store.path)
    with closing(other):
        follower = make_follower(other, BagEncoder(), Path("never-written"))
        follower.rebuild()
        assert follower.differences(rebuilt(other, BagEncoder())) == []
    assert archive.check() == ()
    archive.store._db.execute('update passages set "end" = 5000 where id = 1')
    assert any("passage 1 leaves the text" in finding for finding in archive.check())


def test_counts_when_nothing_was_taken_then_zero(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        assert archive.store.counts() == EMPTY
        assert archive.encode_pending() == 0
        assert archive.check() == ()


def test_ingest_when_the_file_breaks_off_then_what_was_taken_is_encoded_too(tmp_path: Path) -> None:
    lines = make_lines(tmp_path / "in.jsonl", [make_update(f"u{n}", f"Boat {n} is back.") for n in range(3_000)])
    broken = tmp_path / "in.jsonl.gz"
    broken.write_bytes(gzip.compress(lines.read_bytes(), mtime=0)[:-500])
    with closing(make_archive(tmp_path / "data", BagEncoder())) as archive:
        with pytest.raises(SourceError, match="gzip is truncated"):
            archive.ingest_file(broken, now=NOW)
        assert archive.store.counts()["updates"] > 0
        assert archive.check() == ()


def test_ingest_when_the_sources_name_holds_controls_then_they_are_dropped(tmp_path: Path) -> None:
    lines = make_lines(tmp_path / "in.jsonl", [make_update()])
    with closing(make_archive(tmp_path / "data", BagEncoder())) as archive:
        (report,) = archive.ingest_file(lines, now=NOW, source="Alder\u202e\x1b\udcff Post\n")
        assert report.source == "Alder Post"
