"""Which sources and live blogs a question, a look at the newest and a chat may see."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.archive import Archive, open_archive
from index.config import ArchiveConfig, SearchConfig, SourceConfig, StoreConfig
from index.types import LiveBlog, Previous, Question
from tests.index.builders import BLOG, NOW, SOURCE, at, make_update, take
from tests.index.fakes import BagEncoder

MAIL = "Harbour Mail"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Yield an archive of two sources, the second private, with three live blogs that all speak of boats."""
    config = ArchiveConfig(
        store=StoreConfig(directory=tmp_path),
        search=SearchConfig(abstain_below=0.0),
        sources=(
            SourceConfig(name=SOURCE, url="https://post.example/live"),
            SourceConfig(name=MAIL, url="https://mail.example/live", public=False),
            SourceConfig(name="Channel", kind="telegram_channel", chat="@alder_roads"),
        ),
    )
    with closing(open_archive(config, now=NOW, encoder=BagEncoder())) as made:
        take(made.store, make_update("strike", "Two boats are missing.", published_at=at(0)))
        take(made.store, make_update("storm", "Three boats are missing.", published_at=at(1), live_blog="storm"))
        fair = make_update("fair", "Four boats are missing.", published_at=at(2), live_blog="fair")
        take(made.store, fair, source=MAIL, live_blogs=(LiveBlog(key="fair", title="The fair", closed=True),))
        made.encode_pending()
        yield made


def seen(archive: Archive, **bounds: object) -> set[str]:
    """Return every update that an answer names."""
    answer = archive.ask(Question(text="How many boats are missing?", now=NOW, **bounds))  # type: ignore[arg-type]
    latest = archive.latest(now=NOW, limit=9, **bounds)  # type: ignore[arg-type]
    assert {one.citation.update_id for one in latest.excerpts} == {one.citation.update_id for one in answer.nearest}
    assert (answer.newest is None) == (not latest.excerpts)
    return {one.citation.update_id for one in answer.nearest}


def test_ask_and_latest_when_bound_then_only_what_all_bounds_leave(archive: Archive) -> None:
    assert seen(archive) == {"strike", "storm", "fair"}
    assert seen(archive, live_blogs=(BLOG, "fair")) == {"strike", "fair"}
    assert seen(archive, sources=(SOURCE,)) == {"strike", "storm"}
    assert seen(archive, sources=(SOURCE,), live_blogs=("storm", "fair")) == {"storm"}
    assert seen(archive, sources=(SOURCE,), live_blog="storm") == {"storm"}
    assert seen(archive, live_blogs=("The fair",)) == {"fair"}


@pytest.mark.parametrize(
    "bounds", [{"live_blogs": ()}, {"sources": ()}, {"live_blogs": ("gone",)}, {"sources": (MAIL,), "live_blog": BLOG}]
)
def test_ask_and_latest_when_the_bounds_leave_nothing_then_nothing(archive: Archive, bounds: dict[str, object]) -> None:
    assert seen(archive, **bounds) == set()


def test_ask_when_a_follow_up_then_the_bounds_hold(archive: Archive) -> None:
    previous = Previous(question="How many boats are missing?", cited=("strike",))
    question = Question(text="more", now=NOW, sources=(SOURCE,), previous=previous, leave_out=("strike",))
    assert {one.citation.source for one in archive.ask(question).excerpts} <= {SOURCE}


def test_sources_when_the_config_calls_one_private_then_it_is_not_public(archive: Archive) -> None:
    take(archive.store, make_update("x", published_at=at(3)), source="By hand")
    assert archive.public_sources() == (SOURCE, "By hand")
    assert {one.name: one.public for one in archive.status(now=NOW).sources} == {
        SOURCE: True,
        MAIL: False,
        "By hand": True,
    }
    assert seen(archive, sources=archive.public_sources()) >= {"strike", "storm"}


def test_live_blogs_when_listed_then_newest_first_with_what_a_chooser_needs(archive: Archive) -> None:
    told = [(one.key, one.title, one.source, one.updates, one.closed, one.public) for one in archive.live_blogs()]
    assert told == [
        ("fair", "The fair", MAIL, 1, True, False),
        ("storm", "", SOURCE, 1, None, True),
        (BLOG, "Ferry strike, day two", SOURCE, 1, None, True),
    ]


def test_status_when_a_channel_is_configured_then_no_interval_that_it_could_miss(archive: Archive) -> None:
    archive.take("Channel", [make_update("1", published_at=at(5))], now=at(5))
    (channel,) = (one for one in archive.status(now=NOW).sources if one.name == "Channel")
    assert (channel.interval_s, channel.updates, channel.last_checked_at) == (None, 1, at(5))
