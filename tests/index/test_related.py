"""What belongs together, measured with the real model on the samples; the bounds with a fake one."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.types import LiveBlog
from tests.index.builders import at, make_archive, make_update, take
from tests.index.fakes import BagEncoder

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"
LATER = datetime(2026, 11, 22, tzinfo=UTC)
# Headlines of the samples (or how a text begins): an update, and one of those that carry its matter on.
FOLLOWED = {
    "Turnout at 11:00": "Turnout at 18:00",
    "Gale stops the Skarv ferry": "The islands have landed",
    "EXIT POLL": "The preliminary result",
    "Rook alleges fraud": "Fraud? Four complaints",
    "Lights out in Dellbruk": "Dellbruk: a marten",
    "Voting age: Yes ahead": "Voting age: it is No",
    "Has Drury conceded": "Drury concedes",
    "Justice minister loses": "Correction: Sanna Brekk",
    "Recount in Grimsa": "Grimsa flips",
    "Death toll revised down": "Injured man dies",
    "87 injured": "Injured man dies",
    "Death toll climbs to 23": "Death toll revised down",
    "Two detained over warehouse": "Arrests rise to five",
    "Police and rescuers differ": "Six still missing",
    "Union leader": "Prosecutor confirms",
    "2,400 people now out": "1,900 people may go home",
    "Weather: wind to turn": "Air quality",
    "Deputy governor speaks": "Defence ministry",
    "Hospital treats 24": "87 injured",
    "All ferries suspended": "Ferries resume",
    "Roads: tunnel": "Good morning: where",
    "Lindow residents told": "2,400 people now out",
    "Prime minister cuts short": "Prime minister visits",
    "Insurers guess": "Damage estimate doubled",
    "Boil your water": "Tap water safe",
    "61,500 without power": "9,200 homes",
    "Canoeist missing": "Canoeist alive",
    "Bus in the water": "Six, not four",
    "Lower Wrenby told": "Dyke at Lower Wrenby fails",
    "Gust of 138": "Correction: the gust",
    "Ferry waits outside": "Saint Maud is in",
    "Last trains at eleven": "Trains: one line back",
    "Red warning for": "Red warning lifted",
}
ALONE = (
    "No, the ink", "Mirela Toft came by", "Long lines at", "A roar in", "We pause here", "Markets shrug",
    "Voting age: it is No", "Toft to see", "Port director resigns", "National day", "Ferries resume", "\"I ran",
    "Grain exporters", "Second firefighting", "Damage estimate", "Army sends", "Governor visits", "Canoeist alive",
    "Red warning lifted", "Police: no looting", "Has the Kettle", "Sandbags", "Schools shut", "The islands have",
)  # fmt: skip
CORRECTED = {
    "Turnout at 15:00": "Correction: turnout",
    "Justice minister loses": "Correction: Sanna Brekk",
    "A second person has died": "Correction: one death",
    "Gust of 138": "Correction: the gust",
    "Mayor confirms first deaths": "Mayor says water is safe",
}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    config = ArchiveConfig(store=StoreConfig(directory=tmp_path_factory.mktemp("samples")))
    with closing(open_archive(config, now=LATER)) as archive:
        for name in ("brennmark-election.json", "harbour-fire.html", "storm-ottilie.atom"):
            archive.ingest_file(SAMPLES / name, now=LATER)
        yield archive


@pytest.fixture(scope="module")
def heads(samples: Archive) -> dict[str, int]:
    """Return our number of each update by its headline, or its text where it has none."""
    numbers = range(1, samples.status(now=LATER).updates + 1)
    newest = [samples.store.history(number)[-1][0] for number in numbers]
    return {(one.title or one.text) + f" ({one.update_no})": one.update_no for one in newest}


def headed(heads: dict[str, int], opening: str) -> int:
    """Return the number of the one update whose headline or text begins so."""
    (found,) = (number for head, number in heads.items() if head.startswith(opening))
    return found


def test_related_when_a_matter_goes_on_then_found_and_newer(samples: Archive, heads: dict[str, int]) -> None:
    lost = []
    for opening, follow_up in FOLLOWED.items():
        number = headed(heads, opening)
        found = samples.related(number, now=LATER)
        if headed(heads, follow_up) not in [one.citation.update_no for one in found]:
            lost.append(opening)
        published = samples.store.history(number)[-1][1].published_at
        times = [one.citation.published_at for one in found]
        assert times == sorted(times, reverse=True)
        assert all(time > published for time in times)
    assert (len(FOLLOWED), lost) == (33, [])


def test_related_when_nothing_followed_then_none(samples: Archive, heads: dict[str, int]) -> None:
    found = {opening: samples.related(headed(heads, opening), now=LATER) for opening in ALONE}
    assert len(found) == 24
    assert {opening: excerpts for opening, excerpts in found.items() if excerpts} == {}


def test_corrected_by_when_the_samples_correct_themselves_then_exactly_those(
    samples: Archive, heads: dict[str, int]
) -> None:
    views = [samples.update(number, now=LATER) for number in range(1, samples.status(now=LATER).updates + 1)]
    found = {(v.citation.update_no, one.update_no) for v in views if v for one in v.corrected_by}
    assert found == {(headed(heads, old), headed(heads, new)) for old, new in CORRECTED.items()}
    back = {(one.update_no, v.citation.update_no) for v in views if v for one in v.corrects}
    assert back == found


# The bounds


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = make_archive(tmp_path / "data", BagEncoder())
    text = "The ferry Alder Star has left the north pier with {} people."
    for minute, key in enumerate(("first", "second", "third")):
        take(made.store, make_update(key, text.format(minute + 7), title="", published_at=at(10 * minute)))
    other = make_update("other", text.format(9), title="", published_at=at(40), live_blog="mail")
    take(made.store, other, source="Harbour Mail", live_blogs=(LiveBlog(key="mail", title="Mail"),))
    take(made.store, make_update("inn", "Beds are laid in the school.", title="", published_at=at(50)))
    made.encode_pending()
    with closing(made):
        yield made


def keys(
    archive: Archive, key: str | int, *, minute: float = 60, limit: int = 3, **bounds: tuple[str, ...]
) -> list[str]:
    found = archive.related(key, now=at(minute), limit=limit, **bounds)  # type: ignore[arg-type]
    return [one.citation.update_id for one in found]


def test_related_when_bound_or_early_then_only_what_may_be_seen(archive: Archive) -> None:
    assert keys(archive, "first") == ["other", "third", "second"]
    assert keys(archive, "first", minute=15) == ["second"]
    assert keys(archive, "first", sources=("Alder Post",)) == ["third", "second"]
    assert keys(archive, "first", live_blogs=("mail",)) == ["other"]
    assert keys(archive, "first", live_blogs=()) == []


def test_related_when_fewer_are_asked_for_then_its_own_live_blog_goes_first(archive: Archive) -> None:
    assert keys(archive, "first", limit=2) == ["third", "second"]


def test_related_when_unknown_newest_or_not_published_then_none(archive: Archive) -> None:
    assert keys(archive, "nothing") == keys(archive, 99) == keys(archive, "inn") == []
    assert keys(archive, "third", minute=15) == []


def test_related_when_withdrawn_then_neither_shown_nor_a_dead_end(archive: Archive) -> None:
    take(archive.store, make_update("second", title="", published_at=at(10), withdrawn=True), now=at(55))
    assert keys(archive, "first", sources=("Alder Post",)) == ["third"]
    assert keys(archive, "second", sources=("Alder Post",)) == ["third"]


def test_related_when_nothing_is_encoded_yet_then_none_and_no_error(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path, BagEncoder())) as archive:
        take(archive.store, make_update("a"), make_update("b", published_at=at(5)))
        assert archive.related("a", now=at(9)) == ()
        view = archive.update("a", now=at(9))
        assert view is not None
        assert view.corrected_by == ()
