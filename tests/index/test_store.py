import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from index import ingest
from index.errors import StoreError
from index.reading import pack, read
from index.rows import FOREVER, from_us, to_us
from index.store import Store
from index.terms import fold, match_expression, stem, stems, weigh
from index.types import Known, LiveBlog, Precision, TimeBasis, Validators
from tests.index.builders import BLOG, NOW, SOURCE, START, at, encode_all, make_reading, make_update, take
from tests.index.fakes import BagEncoder

ENCODER = BagEncoder()
GROWING = ("updates", "revisions", "passages", "vectors", "changes")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.db"


def look_inside(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(sql).fetchall()
        connection.commit()
        return rows


def dump(path: Path) -> list[tuple[object, ...]]:
    """Return every row of every ordinary table, so that two states can be compared."""
    names = [
        str(row[0]) for row in look_inside(path, "select name from sqlite_master where type = 'table' order by name")
    ]
    plain = [name for name in names if not name.startswith(("full_text", "sqlite_"))]
    rows = [
        (name, *row) for name in [*plain, "full_text_docsize"] for row in look_inside(path, f'select * from "{name}"')
    ]
    return sorted(rows, key=repr)


def make_filled(path: Path) -> Store:
    """Return a store with three updates: one edited, one withdrawn, one as it was."""
    store = Store(path)
    take(
        store,
        make_update("edited", "Two boats are missing.", published_at=at(0)),
        make_update("gone", "The mayor has left town.", published_at=at(10)),
        make_update("kept", "The pier is open.", published_at=at(20)),
        now=at(30),
    )
    take(store, make_update("edited", "Three boats are missing.", published_at=at(0), modified_at=at(40)), now=at(50))
    take(store, make_update("gone", withdrawn=True), now=at(60))
    return store


# Opening


def test_open_when_the_file_is_not_there_then_made_and_sound(path: Path) -> None:
    with closing(Store(path)) as store:
        assert store.integrity() == ()
        assert store.counts() == {"live_blogs": 0, "updates": 0, "revisions": 0, "passages": 0}
        assert store.last_seq() == 0


def test_open_when_opened_again_then_nothing_is_migrated_twice(path: Path) -> None:
    make_filled(path).close()
    before = dump(path), look_inside(path, "select sql from sqlite_master order by name")
    Store(path).close()
    assert (dump(path), look_inside(path, "select sql from sqlite_master order by name")) == before


def test_open_when_two_archives_are_made_then_each_has_its_own_id(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "a.db")) as first, closing(Store(tmp_path / "b.db")) as second:
        assert first.archive_id() != second.archive_id()
        kept = first.archive_id()
    with closing(Store(tmp_path / "a.db")) as again:
        assert again.archive_id() == kept


def test_open_when_the_file_is_no_database_then_store_error_names_it(path: Path) -> None:
    path.write_bytes(b"This is a shopping list, not a database.\n" * 50)
    with pytest.raises(StoreError, match=r"news\.db"):
        Store(path)


def test_open_when_the_path_is_a_folder_then_store_error_names_it(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match=r"news\.db"):
        Store(path)


def test_open_when_the_file_is_cut_short_then_store_error_or_a_finding(path: Path) -> None:
    make_filled(path).close()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreError, match=r"news\.db"):
        Store(path).integrity()


def test_open_when_a_newer_program_wrote_the_file_then_refused_and_left_alone(path: Path) -> None:
    make_filled(path).close()
    look_inside(path, "insert into _sqlite_migrations values (99, 'news', 'm900_add_moon', '2040-01-01')")
    before = dump(path)
    with pytest.raises(StoreError, match=r"news\.db: written by a newer version.*m900_add_moon"):
        Store(path)
    assert dump(path) == before


def test_open_when_another_set_of_migrations_is_there_then_it_is_no_concern_of_ours(path: Path) -> None:
    make_filled(path).close()
    look_inside(path, "insert into _sqlite_migrations values (99, 'other', 'm900_add_moon', '2040-01-01')")
    Store(path).close()


def test_schema_when_looked_at_then_every_table_is_strict_and_the_journal_is_wal(path: Path) -> None:
    make_filled(path).close()
    rows = look_inside(path, "select name, strict from pragma_table_list where schema = 'main' and type = 'table'")
    ours = {str(name): strict for name, strict in rows if not str(name).startswith(("sqlite_", "_sqlite", "full_text"))}
    assert ours.keys() >= {*GROWING, "sources", "live_blogs", "archive"}
    assert set(ours.values()) == {1}
    assert look_inside(path, "pragma journal_mode") == [("wal",)]


def test_foreign_keys_when_a_parent_is_missing_then_refused(path: Path) -> None:
    with closing(make_filled(path)) as store, pytest.raises(sqlite3.IntegrityError):
        connection(store).execute("insert into changes (update_id) values (999)")


def connection(store: Store) -> sqlite3.Connection:
    """Return what the store talks through: the settings of a connection can be seen nowhere else."""
    found = store._db.conn
    assert isinstance(found, sqlite3.Connection)
    return found


def test_readings_when_somebody_else_writes_then_what_was_remembered_is_read_again(path: Path) -> None:
    with closing(make_filled(path)) as store:
        before = store.readings([(1, 1)])[1, 1]
        assert store.readings([(1, 1)])[1, 1] is before
        look_inside(path, "update revisions set title = 'Put right' where update_id = 1 and number = 1")
        assert store.readings([(1, 1)])[1, 1][1].title == "Put right"
        connection(store).execute("update revisions set title = 'Again' where update_id = 1 and number = 1")
        assert store.readings([(1, 1)])[1, 1][1].title == "Again"


def test_readings_when_an_older_program_wrote_the_archive_then_made_on_opening(path: Path) -> None:
    wanted = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
    with closing(make_filled(path)) as store:
        before = store.readings(wanted)
    look_inside(path, "alter table revisions drop column reading")
    look_inside(path, "delete from _sqlite_migrations where name = 'm005_keep_readings'")
    with closing(Store(path)) as store:
        after = store.readings(wanted)
        assert store.revisions(wanted) == {key: found[:2] for key, found in after.items()}
    assert list(before) == list(after) == wanted
    for revision, _, reading in (*before.values(), *after.values()):
        assert reading is not None
        assert pack(reading) == pack(read(revision.title, revision.text))


def test_known_stems_when_held_against_full_text_then_the_same_in_every_script(path: Path) -> None:
    scripts = ("Війна триває, п'ять районів без світла.", "Ελλάδα: μέτρα στην Αθήνα.", "Бойцы ушли в район.",
               "آخر الأخبار", "Die Fähre wartet, drei Boote fehlen.", "\ufb01remen of Ångström")  # fmt: skip

    def listed(store: Store) -> list[str]:
        rows = connection(store).execute("select term from full_text_terms order by term").fetchall()
        return [term for (term,) in rows if not (term.startswith("b") and term[1:].isdigit())]

    def told(store: Store, stems: list[str]) -> list[str]:
        return [stem for initial in sorted({stem[0] for stem in stems}) for stem in store.known_stems(initial)]

    with closing(make_filled(path)) as store:
        for number, text in enumerate(scripts):
            take(store, make_update(f"script {number}", text), now=at(65 + number))
        before = listed(store)
        assert {"раионів", "ελλαδα", "dinghi"} - {*before} == {"dinghi"}
        assert told(store, before) == before
    look_inside(path, "drop table stems")
    look_inside(path, "delete from _sqlite_migrations where name = 'm007_list_stems'")
    with closing(Store(path)) as store:  # an older program wrote it
        assert {*before} <= {*told(store, before)}
        take(store, make_update("last", "A dinghy is back."), now=at(75))
        assert "dinghi" in store.known_stems("d")
        connection(store).execute("delete from stems")  # an older program wrote it while this one was there
        connection(store).execute("insert into full_text (full_text) values ('delete-all')")
        store.make_full_text()
        assert listed(store) == sorted({*before, *stems("A dinghy is back.")})
        assert {*before, "dinghi"} <= {*told(store, before)}


def test_news_since_when_an_older_program_wrote_the_archive_then_each_update_is_new_once(path: Path) -> None:
    make_filled(path).close()
    look_inside(path, "alter table changes drop column revision")
    look_inside(path, "delete from _sqlite_migrations where name = 'm003_number_changes'")
    with closing(Store(path)) as store:
        rows, last = store.news_since(0, now=NOW)
        assert [(row.update_no, row.first, row.last) for row in rows] == [(1, 1, 1), (2, 1, 1), (3, 1, 1)]
        assert last == store.last_seq()
        take(store, make_update("kept", "The pier is shut."), now=at(70))
        assert [(row.update_no, row.first) for row in store.news_since(last, now=NOW)[0]] == [(3, 2)]


# Queries that grow

QUERIES: dict[str, Callable[[Store], object]] = {
    "known": lambda store: store.known(SOURCE, ["edited", "kept"]),
    "known_since": lambda store: store.known_since(SOURCE, [BLOG], at(5)),
    "source_holding": lambda store: store.source_holding("jsonl", [(BLOG, "kept")]),
    "texts": lambda store: store.texts([1, 2]),
    "add_vectors": lambda store: store.add_vectors(ENCODER.id, {b"0" * 16: b"1234"}),
    "last_seq": lambda store: store.last_seq(),
    "changed_since": lambda store: store.changed_since(2),
    "update_at_seq": lambda store: store.update_at_seq(2),
    "passage_rows": lambda store: store.passage_rows(ENCODER.id, [1, 2]),
    "passage_rows_after": lambda store: store.passage_rows_after(ENCODER.id, 1, 10),
    "passages": lambda store: store.passages([1, 2]),
    "revisions": lambda store: store.revisions([(1, 1), (1, 2)]),
    "revision_numbers": lambda store: store.revision_numbers([1, 2], NOW),
    "newest": lambda store: store.newest(until=NOW, limit=3),
    "newest of a live blog": lambda store: store.newest(until=NOW, limit=3, live_blogs=[1]),
    "update_number": lambda store: store.update_number("kept"),
    "update_number of a source": lambda store: store.update_number("kept", SOURCE),
    "history": lambda store: store.history(1),
    "news_since": lambda store: store.news_since(2, now=NOW),
    "apply": lambda store: take(store, make_update("kept", "The pier is shut again."), now=at(90)),
}


@pytest.mark.parametrize("name", QUERIES)
def test_query_when_the_archive_grows_then_it_reads_by_an_index(path: Path, name: str) -> None:
    with closing(make_filled(path)) as store:
        statements: list[str] = []
        connection(store).set_trace_callback(statements.append)
        QUERIES[name](store)
        connection(store).set_trace_callback(None)
    read = [sql for sql in statements if sql.lstrip().lower().startswith(("select", "insert", "update"))]
    read = [sql for sql in read if "full_text" not in sql]
    assert read
    for sql in read:
        plan = [str(row[3]) for row in look_inside(path, f"explain query plan {sql}")]
        scans = [line for line in plan if is_full_scan(line, sql)]
        assert scans == [], sql


def is_full_scan(line: str, sql: str) -> bool:
    """Tell whether a line of a plan reads a whole growing table, under whatever name the statement gives it."""
    words = line.split()
    if words[0] != "SCAN" or "updates_by_time" in line:
        return False
    flat = " ".join(sql.split())
    return any(words[1] == table or f" {table} {words[1]}" in flat for table in GROWING)


def test_plan_when_a_query_has_no_index_then_the_check_sees_it(path: Path) -> None:
    make_filled(path).close()
    sql = "select u.id from updates u where u.url = 'x'"
    assert any(is_full_scan(str(row[3]), sql) for row in look_inside(path, f"explain query plan {sql}"))


# What stood when


def texts_at(store: Store, minute: float) -> dict[str, str]:
    numbers = store.revision_numbers(store.newest(until=at(minute), limit=99), at(minute))
    return {cited.update_id: revision.text for revision, cited in store.revisions(numbers.items()).values()}


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (-1, {}),
        (5, {"edited": "Two boats are missing."}),
        (35, {"edited": "Two boats are missing.", "gone": "The mayor has left town.", "kept": "The pier is open."}),
        (39.9, {"edited": "Two boats are missing.", "gone": "The mayor has left town.", "kept": "The pier is open."}),
        (40, {"edited": "Three boats are missing.", "gone": "The mayor has left town.", "kept": "The pier is open."}),
        (59.9, {"edited": "Three boats are missing.", "gone": "The mayor has left town.", "kept": "The pier is open."}),
        (60, {"edited": "Three boats are missing.", "kept": "The pier is open."}),
    ],
)
def test_revision_numbers_when_asked_of_a_moment_then_what_stood_then(
    path: Path, minute: float, expected: dict[str, str]
) -> None:
    with closing(make_filled(path)) as store:
        assert texts_at(store, minute) == expected


def test_revision_numbers_when_some_are_not_published_yet_then_they_are_absent(path: Path) -> None:
    with closing(make_filled(path)) as store:
        assert store.revision_numbers([1, 2, 3], at(5)) == {1: 1}
        assert store.revision_numbers([1, 3, 77], at(99)) == {1: 2, 3: 1}


def test_passage_rows_when_revised_then_each_revision_has_its_time_and_they_do_not_overlap(path: Path) -> None:
    with closing(make_filled(path)) as store:
        rows = [row for row in store.passage_rows_after(ENCODER.id, 0, 99) if row.update_no == 1]
    assert [(row.valid_from_us, row.valid_until_us) for row in rows] == [
        (to_us(at(0)), to_us(at(40))),
        (to_us(at(40)), FOREVER),
    ]


def test_passage_rows_when_withdrawn_then_valid_until_then(path: Path) -> None:
    with closing(make_filled(path)) as store:
        (row,) = [row for row in store.passage_rows_after(ENCODER.id, 0, 99) if row.update_no == 2]
    assert row.valid_until_us == to_us(at(60))


def test_passages_when_revised_then_their_ids_are_not_used_again(path: Path) -> None:
    with closing(make_filled(path)) as store:
        before = {row.id for row in store.passage_rows_after(ENCODER.id, 0, 99)}
        take(store, make_update("kept", "The pier is shut."), now=at(90))
        after = {row.id for row in store.passage_rows_after(ENCODER.id, 0, 99)}
    assert before < after
    assert min(after - before) > max(before)


def test_citation_when_an_update_was_edited_then_it_says_so(path: Path) -> None:
    with closing(make_filled(path)) as store:
        found = store.revisions([(1, 1), (1, 2), (3, 1)])
    assert [cited.edited for _, cited in found.values()] == [False, True, False]
    cited = found[1, 2][1]
    assert (cited.update_id, cited.revision, cited.source, cited.live_blog) == ("edited", 2, SOURCE, BLOG)
    assert (cited.published_at, cited.time_basis) == (START, TimeBasis.OWN)


# Vectors


def test_texts_when_asked_for_then_in_that_order_and_as_they_are_encoded(path: Path) -> None:
    with closing(make_filled(path)) as store:
        ids = [row.id for row in store.passage_rows_after(ENCODER.id, 0, 99)]
        assert len(ids) == store.count_pending(ENCODER.id) == 4
        texts = list(store.texts(ids).values())
        assert "Ferry leaves\nThree boats are missing." in texts
        assert list(store.texts(ids[::-1]).values()) == texts[::-1]
        assert store.texts([]) == store.texts([9_999]) == {}


def test_passage_rows_after_when_read_in_blocks_then_each_once(path: Path) -> None:
    with closing(make_filled(path)) as store:
        whole = store.passage_rows_after(ENCODER.id, 0, 99)
        assert store.passage_rows_after(ENCODER.id, 0, 2) == whole[:2]
        assert store.passage_rows_after(ENCODER.id, whole[1].id, 99) == whole[2:]


def test_add_vectors_when_kept_then_no_longer_pending_and_its_updates_count_as_changed(path: Path) -> None:
    with closing(make_filled(path)) as store:
        before = store.last_seq()
        assert encode_all(store, ENCODER) == 4
        assert store.count_pending(ENCODER.id) == 0
        assert store.changed_since(before) == (1, 2, 3)
        assert all(row.vector is not None for row in store.passage_rows_after(ENCODER.id, 0, 99))


def test_add_vectors_when_of_another_encoder_then_still_pending_for_this_one(path: Path) -> None:
    with closing(make_filled(path)) as store:
        encode_all(store, BagEncoder(name="other"))
        assert store.count_pending(ENCODER.id) == 4
        assert all(row.vector is None for row in store.passage_rows_after(ENCODER.id, 0, 99))


def test_add_vectors_when_two_updates_share_a_text_then_encoded_once_for_both(path: Path) -> None:
    with closing(Store(path)) as store:
        take(store, make_update("a", "The pier is open."), make_update("b", "The pier is open."))
        assert encode_all(store, ENCODER) == 1
        assert len({row.vector for row in store.passage_rows_after(ENCODER.id, 0, 99)}) == 1
        assert store.count_pending(ENCODER.id) == 0


# Full text


def test_match_when_a_word_is_bent_then_found_by_its_stem(path: Path) -> None:
    with closing(make_filled(path)) as store:
        hits = store.match('"boat"', 10)
        assert {hit.passage_id for hit in hits} == {1, 4}
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert store.match('"boat"', 1) == hits[:1]
        assert store.document_frequency(["boat", "pier", "unheard"]) == {"boat": 2, "pier": 1}


def test_match_when_an_update_moves_to_another_live_blog_then_found_in_that_one_only(path: Path) -> None:
    with closing(Store(path)) as store:
        take(store, make_update("a", "The pier is open."), make_update("b", "Nothing moves."))
        take(store, make_update("a", "The pier is shut."))
        take(store, make_update("a", "The pier is shut.", live_blog="night"))
        (old,), (new,) = store.live_blog_numbers(BLOG), store.live_blog_numbers("night")
        assert store.match(f'scope : "b{old}" AND body : "pier"', 10) == ()
        assert len(store.match(f'scope : "b{new}" AND body : "pier"', 10)) == 2
        assert len(store.match(f'scope : "b{old}"', 10)) == 1
        assert store.document_frequency(["pier"]) == {"pier": 2}
        assert look_inside(path, "insert into full_text (full_text) values ('integrity-check')") == []


KYIV = "Київ без світла: район закрито."


def found(store: Store, word: str) -> list[int]:
    """Return the passages that full text holds for a word as readers write it."""
    (term,) = weigh(word, {stem(fold(word)): 1}, 10)
    ids = store.holding(match_expression([term]), first=0, last=1000)
    assert store.document_frequency([term.stem]) == ({term.stem: len(ids)} if len(ids) else {})
    return [int(no) for no in ids]


def test_holding_when_words_bear_marks_of_any_script_then_found_with_and_without_them(path: Path) -> None:
    with closing(Store(path)) as store:
        take(store, make_update("a", KYIV), make_update("b", "Ёлка у Королёва. Μέτρα στην Αθήνα."))
        take(store, make_update("c", "Café in Hà Nội, 서울, Straße."))
        assert [found(store, word) for word in ("Київ", "київ", "район", "РАЙОН")] == [[1]] * 4
        assert [found(store, word) for word in ("Ёлка", "елка", "Королева", "αθηνα", "Αθήνα")] == [[2]] * 5
        assert [found(store, word) for word in ("cafe", "Hanoi", "nội", "서울", "Strasse")] == [[3], [], [3], [3], [3]]


def test_holding_when_an_update_with_marks_moves_then_full_text_stays_sound(path: Path) -> None:
    with closing(Store(path)) as store:
        take(store, make_update("a", KYIV))
        take(store, make_update("a", KYIV, live_blog="night"))
        (old,), (new,) = store.live_blog_numbers(BLOG), store.live_blog_numbers("night")
        assert [len(store.match(f'scope : "b{blog}" AND body : "київ"', 9)) for blog in (old, new)] == [0, 0]
        assert [len(store.match(f'scope : "b{blog}" AND body : "киів"', 9)) for blog in (old, new)] == [0, 1]
        assert found(store, "Київ") == [1]
        assert look_inside(path, "insert into full_text (full_text) values ('integrity-check')") == []


def test_holding_when_an_older_program_wrote_the_archive_then_made_anew_on_opening(path: Path) -> None:
    with closing(Store(path)) as store:
        take(
            store, make_update("a", KYIV), make_update("b", "The pier is open."), make_update("c", "Café, Maß, 5 km².")
        )
        readings = store.readings([(1, 1), (2, 1), (3, 1)])
    before = dump(path)
    look_inside(path, "insert into full_text (full_text) values ('delete-all')")
    look_inside(path, """insert into full_text (rowid, title, body, scope) select p.id, title, text, 'b1'
                         from revisions r join passages p on p.update_id = r.update_id""")  # fmt: skip
    look_inside(path, "update revisions set reading = zeroblob(8) where text like 'Café%'")
    look_inside(path, "delete from _sqlite_migrations where name = 'm008_fold_full_text'")
    assert look_inside(path, "select doc from full_text_terms where term in ('київ', 'район')") == [(1,), (1,)]
    with closing(Store(path)) as store:
        assert [found(store, word) for word in ("Київ", "pier", "cafe", "MASS", "km²")] == [[1], [2], [3], [3], [3]]
        assert store.document_frequency(["київ", "район"]) == {}
        assert {"раион", "pier"} <= {*store.known_stems("р"), *store.known_stems("p")}
        assert "район" not in store.known_stems("р")
        assert repr(store.readings([(1, 1), (2, 1), (3, 1)])) == repr(readings)
        assert look_inside(path, "insert into full_text (full_text) values ('integrity-check')") == []
    changed = ("_sqlite_migrations", "stems")  # scopes are stems where full text is asked for them
    assert [row for row in dump(path) if row[0] not in changed] == [row for row in before if row[0] not in changed]


# Several processes


def test_store_when_others_create_the_file_at_the_same_time_then_all_open(path: Path) -> None:
    def open_and_close(_: int) -> str:
        with closing(Store(path)) as store:
            return store.archive_id()

    with ThreadPoolExecutor(8) as several:
        assert len(set(several.map(open_and_close, range(24)))) == 1


def test_store_when_the_file_stays_locked_then_one_line_names_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.schema._BUSY_S", 0.2)
    with closing(sqlite3.connect(path)) as other:
        other.execute("begin exclusive")
        with pytest.raises(StoreError, match=r"news\.db: database is locked"):
            Store(path)


def test_store_when_another_brings_it_up_to_date_for_long_then_the_error_says_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_filled(path).close()
    look_inside(path, "delete from _sqlite_migrations where name = 'm008_fold_full_text'")
    monkeypatch.setattr("index.schema._BUSY_S", 0.2)
    with closing(sqlite3.connect(path)) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match=r"news\.db: database is locked \(another process .* try again"):
            Store(path)
    Store(path).close()


def test_store_when_it_is_of_an_older_version_then_that_is_told_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_filled(path).close()
    assert caplog.messages == []
    look_inside(path, "delete from _sqlite_migrations where name = 'm008_fold_full_text'")
    for _ in range(2):
        Store(path).close()
    assert caplog.messages == [f"{path} is of an older version: bringing it up to date"]


def test_store_when_the_tables_are_somebody_elses_then_refused_at_once(path: Path) -> None:
    look_inside(path, "create table updates (x)")
    with pytest.raises(StoreError, match=r"news\.db: table updates already exists"):
        Store(path)


def test_apply_when_another_process_revised_meanwhile_then_decided_anew_and_both_are_kept(path: Path) -> None:
    class Overtaken(Store):
        """Another process writes between our reading and our writing, once."""

        def known(self, source: str, keys: Iterable[str]) -> dict[str, Known]:
            held = super().known(source, keys)
            if not overtakers:
                overtakers.append(Store(path))
                take(overtakers[0], make_update("a", "Theirs."), now=at(300))
            return held

    overtakers: list[Store] = []
    with closing(Overtaken(path)) as store:
        take(store, make_update("a", "Ours."), now=at(301))
        overtakers[0].close()
        texts = look_inside(path, "select number, text from revisions order by number")
        assert texts == [(1, "Theirs."), (2, "Ours.")]
        assert store.integrity() == ()


# Sources and live blogs


def test_note_look_when_it_fails_then_the_last_success_stays_known(path: Path) -> None:
    with closing(Store(path)) as store:
        store.note_look(SOURCE, at=at(1), validators=Validators(etag='"a1"', last_modified="Sun"))
        store.note_look(SOURCE, at=at(9), error="timed out")
        (status,) = store.source_statuses()
        assert (status.last_checked_at, status.last_error) == (at(1), "timed out")
        assert store.validators(SOURCE) == Validators(etag='"a1"', last_modified="Sun")
        store.note_look(SOURCE, at=at(12))
        (status,) = store.source_statuses()
        assert (status.last_checked_at, status.last_error) == (at(12), None)
        assert store.last_checked_at() == at(12)


def test_validators_when_the_source_is_unknown_then_empty(path: Path) -> None:
    with closing(Store(path)) as store:
        assert store.validators("nobody") == Validators()
        assert store.last_checked_at() is None


def test_live_blog_numbers_when_the_key_is_not_text_then_none(path: Path) -> None:
    with closing(make_filled(path)) as store:
        assert store.live_blog_numbers("\ud800") == ()


def test_live_blog_when_read_with_less_then_what_was_known_stays(path: Path) -> None:
    full = LiveBlog(key=BLOG, title="Ferry strike", url="https://alder.example.org/", closed=False, started_at=START)
    with closing(Store(path)) as store:
        ingest.apply(store, make_reading(make_update(), live_blogs=[full]), NOW)
        ingest.apply(store, make_reading(make_update(), live_blogs=[LiveBlog(key=BLOG, title="", closed=True)]), NOW)
        assert store.live_blog_numbers(BLOG) == store.live_blog_numbers("Ferry strike") == (1,)
        assert store.live_blog_numbers("nothing of the kind") == ()
    row = look_inside(path, "select title, url, closed, started_at from live_blogs")
    assert row == [("Ferry strike", "https://alder.example.org/", 1, to_us(START))]


def test_source_holding_when_one_source_has_the_entries_then_named(path: Path) -> None:
    with closing(make_filled(path)) as store:
        assert store.source_holding("jsonl", [(BLOG, "kept"), (BLOG, "unheard")]) == SOURCE
        assert store.source_holding("feed", [(BLOG, "kept")]) is None
        assert store.source_holding("jsonl", [("other", "kept")]) is None
        ingest.apply(store, make_reading(make_update("kept"), source="Moor Herald"), NOW)
        assert store.source_holding("jsonl", [(BLOG, "kept")]) is None


def test_newest_when_limited_then_newest_first_and_nothing_to_come(path: Path) -> None:
    with closing(make_filled(path)) as store:
        assert store.newest(until=at(15), limit=5) == (2, 1)
        assert store.newest(until=at(99), limit=2) == (3, 2)
        assert store.newest(until=at(99), limit=2, live_blogs=[7]) == ()


@pytest.mark.parametrize("moment", [START, NOW, at(0.0001)])
def test_times_when_stored_then_they_come_back_exactly(moment: object) -> None:
    assert from_us(to_us(moment)) == moment  # type: ignore[arg-type]


# One step fails


@pytest.mark.parametrize(
    ("table", "after"),
    [("sources", 0), ("live_blogs", 0), ("updates", 0), ("updates", 1)]
    + [(table, after) for table in ("revisions", "passages", "changes") for after in range(3)],
)
def test_apply_when_one_write_fails_then_nothing_of_the_reading_is_kept(path: Path, table: str, after: int) -> None:
    reading = make_reading(
        make_update("new", "Four boats are back. The crews sleep."),
        make_update("edited", "No boat is missing.", modified_at=at(70)),
        make_update("moved", "The inn is full.", live_blog="inn"),
        source="Alder Post",
        live_blogs=[LiveBlog(key=BLOG, title="Ferry strike"), LiveBlog(key="inn", title="The inn")],
    )
    with closing(make_filled(path)) as store:
        event = "update" if table == "sources" else "insert"
        held = look_inside(path, f"select count(*) from {table}")[0][0]
        limit = 0 if table == "sources" else int(str(held)) + after
        look_inside(
            path,
            f"create trigger broken before {event} on {table} when (select count(*) from {table}) >= {limit} "
            "begin select raise(abort, 'the disk failed'); end",
        )
        before = dump(path)
        with pytest.raises(StoreError, match="the disk failed"):
            ingest.apply(store, reading, at(80))
        assert dump(path) == before
        look_inside(path, "drop trigger broken")
        report = ingest.apply(store, reading, at(80))
        assert (report.new, report.revised) == (2, 1)
        assert store.integrity() == ()


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("table", ["vectors", "changes"])
def test_add_vectors_when_one_write_fails_then_none_of_the_batch_is_kept(path: Path, table: str, after: int) -> None:
    with closing(make_filled(path)) as store:
        held = int(str(look_inside(path, f"select count(*) from {table}")[0][0]))
        look_inside(
            path,
            f"create trigger broken before insert on {table} when (select count(*) from {table}) >= {held + after} "
            "begin select raise(abort, 'the disk failed'); end",
        )
        before = dump(path)
        with pytest.raises(StoreError, match="the disk failed"):
            encode_all(store, ENCODER)
        assert dump(path) == before
        look_inside(path, "drop trigger broken")
        assert encode_all(store, ENCODER) == 4


def test_integrity_when_a_span_leaves_its_text_then_a_finding(path: Path) -> None:
    with closing(make_filled(path)) as store:
        look_inside(path, 'update passages set "end" = 9999 where id = 3')
        assert store.integrity() == ("passage 3 leaves the text of its revision",)


def test_call_when_the_store_is_closed_then_it_is_a_bug_and_not_hidden(path: Path) -> None:
    store = make_filled(path)
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.last_seq()


def test_day_only_when_a_time_has_a_clock_then_absent(path: Path) -> None:
    with closing(Store(path)) as store:
        take(
            store,
            make_update("d", published_at=at(0), time_precision=Precision.DAY),
            make_update("m", published_at=at(1)),
        )
        (found,) = store.day_only(to_us(at(0)), to_us(at(60)))
        assert found[1] == at(0)
        assert store.day_only(to_us(at(1)), to_us(at(60))) == ()


def test_newest_of_when_several_are_named_then_the_newest_that_was_published_by_then(path: Path) -> None:
    with closing(Store(path)) as store:
        take(store, *(make_update(key, published_at=at(n)) for n, key in enumerate("abc")))
        assert store.newest_of(["a", "b", "c", "nothing"], at(1)) == (at(1), Precision.MINUTE)
        assert store.newest_of(["nothing"], at(9)) is None
