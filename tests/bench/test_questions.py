"""The question sets hold together: format, ids, splits, and answers that stand where the gold says."""

import gzip
import hashlib
import html
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "bench" / "questions"
SAMPLE = ROOT / "samples" / "harbour-fire.html"
SHARED = ROOT.parent / "shared" / "data"
ELECTION = ROOT / "samples" / "brennmark-election.json"
STORM = ROOT / "samples" / "storm-ottilie.atom"
OURS = ("sample", "election", "storm")
SETS = (*OURS, "seed", "mirror", "guardian", "dw")
BY_TITLE = ("seed", "dw")
UNANSWERABLE = frozenset({"near_miss", "off_topic", "smalltalk"})
ANSWERABLE = frozenset(
    {"fact", "keywords", "typo", "lowercase", "latest", "scoped", "correction", "conflict", "followup", "figure"}
)
NEEDED = {"id", "question", "answers", "unanswerable", "kind", "asked_at", "zone", "split"}
OPTIONAL = {"previous", "stale"}

Row = Mapping[str, Any]


def rows_of(name: str) -> list[Row]:
    lines = (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def in_tuning_series(row: Row) -> bool:
    """Tell whether the row is of the later series, `<set>-t<number>`, which is for tuning only."""
    return re.fullmatch(r"[a-z-]+-t\d{3}", row["id"]) is not None


def gold_key(name: str) -> str:
    return "gold_title_hashes" if name in BY_TITLE else "gold_ids"


def plain(text: str) -> str:
    """What a reader sees of a piece of HTML: entities resolved, tags gone, white space single, lower case."""
    without_tags = re.sub(r"<[^>]+>", " ", html.unescape(text))
    return " ".join(html.unescape(without_tags).split()).casefold()


def live_blog_updates(page: str) -> list[dict[str, Any]]:
    """The `liveBlogUpdate` entries of the page's JSON-LD."""
    scripts = re.findall(r"<script[^>]*application/ld\+json[^>]*>(.*?)</script>", page, re.DOTALL)
    found: list[dict[str, Any]] = []
    for script in scripts:
        value = json.loads(script)
        for node in value if isinstance(value, list) else [value]:
            found.extend(node.get("liveBlogUpdate", []))
    return found


def texts_by_id(page: str) -> dict[str, str]:
    """Update id (the fragment) -> headline and body; an entry's own markup is added where JSON-LD cuts it."""
    markup = {part[:24]: part for part in page.split('id="block-')[1:]}
    texts = {}
    for update in live_blog_updates(page):
        key = str(update.get("@id") or update["url"]).rpartition("#")[2]
        texts[key] = plain(f"{update['headline']}\n{update.get('articleBody', '')}\n{markup.get(key, '')}")
    return texts


def published_by_id(page: str) -> dict[str, datetime]:
    updates = live_blog_updates(page)
    return {u["url"].rpartition("#")[2]: datetime.fromisoformat(u["datePublished"]) for u in updates if "url" in u}


def messages_of_export(export: str) -> dict[str, tuple[str, datetime]]:
    """Message id -> its plain text and its time; service messages have none."""
    found = {}
    for message in json.loads(export)["messages"]:
        if message["type"] == "message":
            parts = "".join(part["text"] for part in message["text_entities"])
            found[str(message["id"])] = (plain(parts), datetime.fromtimestamp(int(message["date_unixtime"]), UTC))
    return found


def entries_of_feed(feed: str) -> dict[str, tuple[str, datetime]]:
    """Entry id -> title and content, and its time."""
    atom = "{http://www.w3.org/2005/Atom}"
    found = {}
    for entry in ElementTree.fromstring(feed).iter(f"{atom}entry"):
        told = {name: entry.findtext(atom + name, "") for name in ("id", "title", "content", "published")}
        text = plain(f"{told['title']} {told['content']}")
        found[told["id"]] = (text, datetime.fromisoformat(told["published"]))
    return found


def title_hash(title: str) -> str:
    return hashlib.sha256(title.strip().encode()).hexdigest()[:12]


def texts_by_title(page: str, titles: set[str]) -> dict[str, str]:
    """Entry title -> the text from that title to the next known one."""
    text = plain(page)
    places = sorted((found.start(), title) for title in titles for found in re.finditer(re.escape(plain(title)), text))
    ends = [start for start, _ in places[1:]] + [len(text)]
    parts: dict[str, str] = {}
    for (start, title), end in zip(places, ends, strict=True):
        parts[title] = parts.get(title, "") + text[start:end]
    return parts


def shared_page(pattern: str) -> str:
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the publishers' pages are not part of the project")
    (path,) = SHARED.glob(pattern)
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")


def misplaced_answers(rows: list[Row], key: str, texts: Mapping[str, str]) -> list[str]:
    """Complaints: gold that does not exist, answers that stand in no gold update, gold without any answer."""
    complaints = []
    for row in rows:
        unknown = [gold for gold in row[key] if gold not in texts]
        complaints += [f"{row['id']}: no update {gold}" for gold in unknown]
        gold_texts = [texts[gold] for gold in row[key] if gold in texts]
        answers = [plain(answer) for answer in row["answers"]]
        complaints += [f"{row['id']}: {a!r} stands nowhere" for a in answers if not any(a in t for t in gold_texts)]
        complaints += [f"{row['id']}: gold answers nothing" for t in gold_texts if not any(a in t for a in answers)]
    return complaints


@pytest.mark.parametrize("name", SETS)
def test_row_when_read_then_has_the_fields_of_the_format(name: str) -> None:
    rows = rows_of(name)
    assert len(rows) >= 30
    for row in rows:
        needed = NEEDED | {gold_key(name)}
        assert needed <= set(row) <= needed | OPTIONAL, row["id"]
        assert row["kind"] in ANSWERABLE | UNANSWERABLE, row["id"]
        assert row["unanswerable"] is (row["kind"] in UNANSWERABLE), row["id"]
        assert bool(row["answers"]) is bool(row[gold_key(name)]) is not row["unanswerable"], row["id"]
        assert row["split"] in ("tune", "report"), row["id"]
        asked_at = datetime.fromisoformat(row["asked_at"])
        assert asked_at.utcoffset() == asked_at.astimezone(ZoneInfo(row["zone"])).utcoffset(), row["id"]
        assert (row["kind"] == "followup") <= ("previous" in row), row["id"]
        assert not set(row.get("stale", ())) & set(row[gold_key(name)]), row["id"]


@pytest.mark.parametrize("name", SETS)
def test_answer_when_listed_then_is_a_short_fact(name: str) -> None:
    assert [row["id"] for row in rows_of(name) for answer in row["answers"] if len(answer.split()) > 6] == []


def test_ids_when_all_sets_are_joined_then_are_unique() -> None:
    ids = Counter(row["id"] for name in SETS for row in rows_of(name))
    assert [key for key, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_split_when_counted_then_is_even_in_every_kind(name: str) -> None:
    counts = Counter((row["kind"], row["split"]) for row in rows_of(name) if not in_tuning_series(row))
    for kind in {kind for kind, _ in counts}:
        assert abs(counts[kind, "tune"] - counts[kind, "report"]) <= 2, kind


def test_tuning_series_when_read_then_is_all_tune() -> None:
    splits = Counter(row["split"] for name in SETS for row in rows_of(name) if in_tuning_series(row))
    assert set(splits) == {"tune"}
    assert splits["tune"] >= 150


def test_same_question_when_asked_at_other_times_then_stays_in_one_split() -> None:
    splits: dict[str, set[str]] = {}
    for name in SETS:
        for row in rows_of(name):
            splits.setdefault(name + row["question"].casefold() + row.get("previous", ""), set()).add(row["split"])
    assert [question for question, found in splits.items() if len(found) > 1] == []


def test_sets_when_counted_then_hold_enough_of_every_kind() -> None:
    real = Counter(row["kind"] for name in SETS if name not in OURS for row in rows_of(name))
    own = Counter(row["kind"] for row in rows_of("sample"))
    assert sum(real[kind] for kind in ANSWERABLE) >= 140
    assert sum(own[kind] for kind in ANSWERABLE) >= 60
    least = {"near_miss": 70, "off_topic": 25, "smalltalk": 10, "latest": 20, "scoped": 25, "followup": 15}
    assert {kind: real[kind] for kind, number in least.items() if real[kind] < number} == {}
    assert real["correction"] + real["conflict"] >= 12
    assert own["near_miss"] >= 25


def test_answers_when_sample_is_read_then_stand_in_its_updates() -> None:
    texts = texts_by_id(SAMPLE.read_text(encoding="utf-8"))
    assert len(texts) == 40
    assert misplaced_answers(rows_of("sample"), "gold_ids", texts) == []


@pytest.mark.parametrize(
    ("name", "known", "updates"),
    [
        ("election", messages_of_export(ELECTION.read_text(encoding="utf-8")), 43),
        ("storm", entries_of_feed(STORM.read_text(encoding="utf-8")), 42),
    ],
)
def test_gold_when_other_samples_are_read_then_answers_and_is_not_from_the_future(
    name: str, known: Mapping[str, tuple[str, datetime]], updates: int
) -> None:
    rows = rows_of(name)
    assert len(known) == updates
    assert misplaced_answers(rows, "gold_ids", {key: text for key, (text, _) in known.items()}) == []
    named = [(row, key) for row in rows for key in [*row["gold_ids"], *row.get("stale", ())]]
    late = [row["id"] for row, key in named if known[key][1] > datetime.fromisoformat(row["asked_at"])]
    assert late == []


@pytest.mark.parametrize(
    ("name", "pattern", "updates"), [("mirror", "pages/mirror-*", 428), ("guardian", "pages/guardian-*", 10)]
)
def test_answers_when_live_blog_is_read_then_stand_in_its_updates(name: str, pattern: str, updates: int) -> None:
    texts = texts_by_id(shared_page(pattern))
    assert len(texts) == updates
    assert misplaced_answers(rows_of(name), "gold_ids", texts) == []


@pytest.mark.parametrize(("name", "pattern"), [("seed", "seed/*.txt"), ("dw", "pages/dw-*")])
def test_answers_when_article_is_read_then_stand_under_their_titles(name: str, pattern: str) -> None:
    rows = rows_of(name)
    wanted = {digest for row in rows for digest in row["gold_title_hashes"]}
    page = shared_page(pattern)
    raw = {html.unescape(heading) for heading in re.findall(r"<h[12][^>]*>([^<]*)</h[12]>", page)} | set(
        page.split("\n")
    )
    titles = {title_hash(title): title for title in raw if title_hash(title) in wanted}
    by_title = texts_by_title(page, set(titles.values()))
    texts = {digest: by_title[title] for digest, title in titles.items()}
    assert len(wanted) >= 5
    assert misplaced_answers(rows, "gold_title_hashes", texts) == []


def gold_from_the_future(name: str, page: str) -> list[str]:
    published = published_by_id(page)
    assert len(published) >= 40
    late = []
    for row in rows_of(name):
        asked_at = datetime.fromisoformat(row["asked_at"])
        late += [row["id"] for key in [*row["gold_ids"], *row.get("stale", [])] if published[key] > asked_at]
    return late


def test_gold_when_sample_is_asked_then_was_published_before() -> None:
    assert gold_from_the_future("sample", SAMPLE.read_text(encoding="utf-8")) == []


def test_gold_when_mirror_is_asked_then_was_published_before() -> None:
    assert gold_from_the_future("mirror", shared_page("pages/mirror-*")) == []


def test_misplaced_answers_when_answer_is_elsewhere_then_complains() -> None:
    row = {"id": "x", "gold_ids": ["a"], "answers": ["seven"]}
    assert misplaced_answers([row], "gold_ids", {"a": "three dead", "b": "seven dead"}) != []
    assert misplaced_answers([row], "gold_ids", {"b": "seven dead"}) != []
