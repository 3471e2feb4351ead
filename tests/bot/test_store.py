import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.records import ChatKind, Cursor, FeedbackVerdict, LinkKind, PauseReason, SentKind
from bot.settings import ChatSettings, Policy
from bot.store import BotStore, open_store
from bot.workers import Priority, Worker
from index import StoreError
from tests.bot.builders import NOW, make_citation
from tests.bot.store_builders import LATER, at, dump, fill, look_inside, make_button, make_draft, make_recheck, tables

GROUP = -5


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def store(path: Path) -> Iterator[BotStore]:
    with closing(BotStore(path)) as opened:
        yield opened


def make_group(store: BotStore, chat_id: int = GROUP) -> None:
    store.note_chat(chat_id, kind=ChatKind.GROUP, at=NOW, title="Harbour talk")


# Opening


def test_open_when_nothing_is_there_then_folder_and_file_are_made_and_sound(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "new" / "data")) as store:
        assert store.integrity() == ()
        assert store.path == str(tmp_path / "new" / "data" / "bot.db")


def test_open_when_the_folder_cannot_be_made_then_store_error_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="inside"):
        open_store(tmp_path / "file" / "inside")


def test_open_when_opened_again_then_all_is_as_it_was(path: Path) -> None:
    with closing(BotStore(path)) as store:
        fill(store, GROUP, 7)
    before = dump(path)
    BotStore(path).close()
    assert dump(path) == before


def test_open_when_the_file_is_no_database_then_store_error_names_it(path: Path) -> None:
    path.write_bytes(b"This is a shopping list, not a database.\n" * 50)
    with pytest.raises(StoreError, match=r"bot\.db"):
        BotStore(path)


def test_open_when_the_file_is_damaged_then_store_error_or_a_finding_names_it(path: Path) -> None:
    with closing(BotStore(path)) as store:
        fill(store, GROUP, 7)
    content = bytearray(path.read_bytes())
    content[8192:20480] = b"\x5a" * 12288
    path.write_bytes(content)
    try:
        with closing(BotStore(path)) as store:
            findings = store.integrity()
    except StoreError as error:
        findings = (str(error),)
    assert findings
    assert all("bot.db" in finding for finding in findings)


def test_open_when_a_newer_program_wrote_the_file_then_refused_and_left_alone(path: Path) -> None:
    BotStore(path).close()
    look_inside(path, "insert into _sqlite_migrations values (99, 'bot', 'm900_add_moon', '2040-01-01')")
    before = dump(path)
    with pytest.raises(StoreError, match=r"bot\.db: written by a newer version.*m900_add_moon"):
        BotStore(path)
    assert dump(path) == before


def test_open_when_many_do_so_at_once_then_the_tables_are_made_once(path: Path) -> None:
    def opened(_: int) -> bytes:
        with closing(BotStore(path)):
            return bytes(look_inside(path, "select salt from salt")[0][0])  # type: ignore[call-overload, no-any-return]

    with ThreadPoolExecutor(8) as several:
        assert len(set(several.map(opened, range(24)))) == 1


def test_open_when_the_first_step_fails_half_way_then_the_next_start_finds_an_empty_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("bot.statements.CONVERSATION", "create table chats (x) strict;\nnonsense")
        with pytest.raises(StoreError, match=r"bot\.db"):
            BotStore(path)
    with closing(BotStore(path)) as store:
        make_group(store)


def test_schema_when_looked_at_then_strict_wal_foreign_keys_and_nothing_left_in_free_pages(
    path: Path, store: BotStore
) -> None:
    rows = look_inside(path, "select name, strict from pragma_table_list where schema = 'main' and type = 'table'")
    strict = {str(name): flag for name, flag in rows if str(name) in tables(path)}
    assert strict.keys() >= {"chats", "readers", "sent", "quotes", "buttons", "feedback"}
    assert set(strict.values()) == {1}
    settings = {name: connection(store).execute(f"pragma {name}").fetchone()[0]
                for name in ("journal_mode", "foreign_keys", "secure_delete")}  # fmt: skip
    assert settings == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}


def connection(store: BotStore) -> sqlite3.Connection:
    """Return what the store talks through: the settings of a connection can be seen nowhere else."""
    return store._connection


# Chats


def test_chat_when_noted_then_known_with_nothing_chosen(store: BotStore) -> None:
    chat = store.note_chat(GROUP, kind=ChatKind.SUPERGROUP, at=NOW, title="Harbour", username="harbour", forum=True)
    assert store.chat(GROUP) == chat
    assert (chat.title, chat.username, chat.forum, chat.settings) == ("Harbour", "harbour", True, ChatSettings())
    assert (chat.added_at, chat.state_at, chat.paused_for) == (NOW, NOW, None)
    assert store.chat(99) is None


def test_chat_when_private_then_no_name_is_kept(path: Path, store: BotStore) -> None:
    store.note_chat(7, kind=ChatKind.PRIVATE, at=NOW, title="Maren Holt", username="maren")
    assert "aren" not in repr(dump(path))


def test_chat_when_it_is_renamed_then_what_it_chose_stays(store: BotStore) -> None:
    store.note_chat(GROUP, kind=ChatKind.GROUP, at=NOW, title="Old", linked_chat_id=-70)
    chosen = ChatSettings(
        language="fr", zone="Asia/Tokyo", policy=Policy.CITED, sources=("A, B", "Ü"), live_blogs=("x",)
    )
    assert store.put_settings(GROUP, chosen, at=at(1))
    chat = store.note_chat(GROUP, kind=ChatKind.GROUP, at=at(2), title="New \ud800 name" * 60)
    assert (chat.settings, chat.settings_at, chat.added_at, chat.linked_chat_id) == (chosen, at(1), NOW, -70)
    assert chat.title.startswith("New ? name")
    assert len(chat.title) == 256
    assert store.linked_to(-70) == chat
    assert store.linked_to(GROUP) is None


def test_chat_when_noted_again_unchanged_then_nothing_is_written(store: BotStore) -> None:
    make_group(store)
    before = connection(store).total_changes
    make_group(store)
    assert connection(store).total_changes == before


def test_put_settings_when_the_chat_is_unknown_then_false(store: BotStore) -> None:
    assert not store.put_settings(GROUP, ChatSettings(), at=NOW)


def test_pause_when_kicked_and_back_then_told_once_each_and_settings_are_kept(store: BotStore) -> None:
    make_group(store)
    store.put_settings(GROUP, ChatSettings(zone="Europe/Kyiv"), at=NOW)
    assert store.pause(GROUP, PauseReason.KICKED, at=at(1))
    assert not store.pause(GROUP, PauseReason.KICKED, at=at(2))
    paused = store.chat(GROUP)
    assert paused is not None
    assert (paused.paused_for, paused.state_at) == (PauseReason.KICKED, at(1))
    assert store.resume(GROUP, at=at(3))
    assert not store.resume(GROUP, at=at(4))
    back = store.chat(GROUP)
    assert back is not None
    assert (back.paused_for, back.state_at, back.settings.zone) == (None, at(3), "Europe/Kyiv")


def test_introduce_when_asked_twice_then_the_right_is_given_once(store: BotStore) -> None:
    assert not store.introduce(GROUP, at=NOW)
    make_group(store)
    assert [store.introduce(GROUP, at=at(n)) for n in range(3)] == [True, False, False]


def test_missing_rights_when_the_same_are_missing_then_no_news(store: BotStore) -> None:
    make_group(store)
    assert store.note_missing_rights(GROUP, ["pin", "delete"])
    assert not store.note_missing_rights(GROUP, ["delete", "pin", "pin"])
    assert [chat.missing_rights for chat in store.chats()] == [("delete", "pin")]
    assert store.note_missing_rights(GROUP, [])


# Readers


def test_cursor_when_moved_then_forward_only_and_per_chat_and_reader(store: BotStore) -> None:
    later, earlier = Cursor(seq=9, seen_until=at(9)), Cursor(seq=4, seen_until=at(4))
    store.move_cursor(GROUP, 7, later)
    store.move_cursor(GROUP, 7, earlier)
    store.move_cursor(GROUP, 8, earlier)
    assert [store.cursor(GROUP, user) for user in (7, 8, 9)] == [later, earlier, None]
    assert store.cursor(7, 7) is None


def test_moments_when_stored_then_exact_to_the_microsecond_and_in_utc(store: BotStore) -> None:
    moment = NOW + timedelta(microseconds=1)
    store.move_cursor(GROUP, 7, Cursor(seq=1, seen_until=moment))
    cursor = store.cursor(GROUP, 7)
    assert cursor is not None
    assert (cursor.seen_until, cursor.seen_until.utcoffset()) == (moment, timedelta(0))


# Behind a worker, beside others


def test_store_when_a_worker_owns_it_then_opened_used_and_closed_in_its_thread(tmp_path: Path) -> None:
    async def talk() -> BotStore:
        async with Worker("bot", lambda: open_store(tmp_path)) as worker:
            await worker.do(Priority.QUESTION, make_group)
            drafts = (worker.do(Priority.QUESTION, lambda s: s.keep_sent(make_draft(pending=4))) for _ in range(5))
            kept = await asyncio.gather(*drafts)
            claims = await asyncio.gather(
                *(worker.do(Priority.QUESTION, lambda s: s.claim_more(kept[0].id, 2)) for _ in range(3))
            )
            assert [claim.places for claim in claims] == [(0, 1), (2, 3), ()]
            assert len({sent.id for sent in kept}) == 5
            return await worker.do(Priority.QUESTION, lambda s: s)

    store = asyncio.run(talk())
    with pytest.raises(sqlite3.ProgrammingError):
        store.status()


def test_reader_when_another_process_writes_then_it_sees_each_message_whole(path: Path, store: BotStore) -> None:
    done, seen = threading.Event(), list[int]()

    def read() -> None:
        with closing(BotStore(path)) as reader:
            while not done.is_set():
                (counted,) = reader._rows("select (select count(*) from sent), (select count(*) from quotes)")
                assert counted[1] == 3 * int(str(counted[0]))
                seen.append(int(str(counted[0])))

    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(read)
        for _ in range(150):
            store.keep_sent(make_draft(quotes=3))
        done.set()
        reading.result()
    assert len(set(seen)) > 1, "nothing was written while it read"


def test_writers_when_two_claim_at_once_then_no_quote_is_shown_twice(path: Path, store: BotStore) -> None:
    sent = store.keep_sent(make_draft(pending=40))

    def claim(_: int) -> list[int]:
        places: list[int] = []
        with closing(BotStore(path)) as own:
            while got := own.claim_more(sent.id, 3).places:
                places += got
        return places

    with ThreadPoolExecutor(4) as several:
        places = [place for got in several.map(claim, range(4)) for place in got]
    assert sorted(places) == list(range(40))


# A crash between any two statements


class Failing:
    """A connection that fails at its nth statement within a transaction, as a full disk or a kill would."""

    def __init__(self, real: sqlite3.Connection, fail_at: int) -> None:
        self._real = real
        self._left = fail_at

    def execute(self, sql: str, parameters: object = ()) -> sqlite3.Cursor:
        if not sql.startswith("begin"):
            self._left -= 1
            if self._left == 0:
                raise sqlite3.OperationalError("disk I/O error")
        return self._real.execute(sql, parameters)  # type: ignore[arg-type]

    def executemany(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        for row in rows:
            self.execute(sql, row)

    def rollback(self) -> None:
        self._real.rollback()


WRITES: dict[str, Callable[[BotStore, str], object]] = {
    "note_chat": lambda store, sent: store.note_chat(GROUP, kind=ChatKind.GROUP, at=NOW, title="Renamed"),
    "put_settings": lambda store, sent: store.put_settings(GROUP, ChatSettings(language="es"), at=at(1)),
    "move_cursor": lambda store, sent: store.move_cursor(GROUP, 7, Cursor(seq=9, seen_until=at(9))),
    "migrate_chat": lambda store, sent: store.migrate_chat(GROUP, -900),
    "migrate_chat onto another": lambda store, sent: store.migrate_chat(GROUP, -6),
    "keep_sent": lambda store, sent: store.keep_sent(make_draft(pending=2)),
    "note_messages": lambda store, sent: store.note_messages(sent, GROUP, [70, 71]),
    "drop_sent": lambda store, sent: store.drop_sent(sent),
    "claim_more": lambda store, sent: store.claim_more(sent, 2),
    "add_buttons": lambda store, sent: store.add_buttons([make_button(sent), make_button(None)]),
    "give_feedback": lambda store, sent: store.give_feedback(sent, 8, FeedbackVerdict.NO_ANSWER, at=NOW),
    "link_updates": lambda store, sent: store.link_updates([make_citation("e8"), make_citation("e9")]),
    "add_link": lambda store, sent: store.add_link(LinkKind.ASK, chat_id=GROUP, sent_id=sent, expires_at=LATER),
    "forget_person": lambda store, sent: store.forget_person(7),
    "forget_chat": lambda store, sent: store.forget_chat(GROUP),
    "retain": lambda store, sent: store.retain(now=LATER, days=3),
}


@pytest.mark.parametrize("name", WRITES)
def test_write_when_any_of_its_statements_fails_then_nothing_of_it_is_done(path: Path, name: str) -> None:
    with closing(BotStore(path)) as store:
        sent = fill(store, GROUP, 7)
        fill(store, -6, 7, message_id=50)
    before, failures = dump(path), 0
    while (failed := fails_at(path, failures + 1, WRITES[name], sent.id)) and dump(path) == before:
        failures += 1
    # Of what forgets, the turn of the log stands after the transaction and may fail alone.
    assert failed == name.startswith("forget")
    assert 0 < failures < 60
    assert dump(path) != before


def fails_at(path: Path, statement: int, write: Callable[[BotStore, str], object], sent_id: str) -> bool:
    """Run a write whose nth statement fails; tell whether it had so many."""
    with closing(BotStore(path)) as store:
        store._connection = Failing(store._connection, statement)  # type: ignore[assignment]
        try:
            write(store, sent_id)
        except StoreError:
            return True
    return False


@pytest.mark.parametrize("name", WRITES)
def test_write_when_it_begins_then_it_takes_the_right_to_write_before_it_reads(path: Path, name: str) -> None:
    with closing(BotStore(path)) as store:
        sent = fill(store, GROUP, 7)
        said: list[str] = []
        connection(store).set_trace_callback(said.append)
        WRITES[name](store, sent.id)
        connection(store).set_trace_callback(None)
    written = next(n for n, sql in enumerate(said) if sql.lstrip().lower().startswith(("insert", "update", "delete")))
    assert "begin immediate" in said[:written]


# Queries that grow

GROWING = {"readers", "sent", "messages", "contents", "quotes", "pending_quotes", "buttons", "feedback", "start_links",
           "update_links", "chats", "subscriptions", "watches", "notices", "outbox"}  # fmt: skip
READS: dict[str, Callable[[BotStore, str], object]] = {
    "chat": lambda store, sent: store.chat(GROUP),
    "linked_to": lambda store, sent: store.linked_to(GROUP),
    "cursor": lambda store, sent: store.cursor(GROUP, 7),
    "sent": lambda store, sent: store.sent(sent),
    "sent_by_message": lambda store, sent: store.sent_by_message(GROUP, 1),
    "quotes": lambda store, sent: store.quotes(sent),
    "quoting": lambda store, sent: store.quoting(make_recheck("e1"), limit=9),
    "told_unasked": lambda store, sent: store.told_unasked(GROUP, None),
    "told_lately": lambda store, sent: store.told_lately(GROUP, None),
    "told_marks": lambda store, sent: store.told_marks([GROUP]),
    "button": lambda store, sent: store.button("abc", now=NOW),
    "start_link": lambda store, sent: store.start_link("abc", user_id=7, now=NOW),
    "start_link of an update": lambda store, sent: store.start_link("uabc", user_id=7, now=NOW),
    "feedback": lambda store, sent: store.feedback(sent),
    "last_quoting": lambda store, sent: store.last_quoting(GROUP, 7),
    "exported": lambda store, sent: store.exported(chat_id=GROUP, user_id=7),
}


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_query_when_the_tables_grow_then_it_reads_by_an_index(path: Path, name: str) -> None:
    with closing(BotStore(path)) as store:
        sent = fill(store, GROUP, 7)
        statements: list[str] = []
        connection(store).set_trace_callback(statements.append)
        (READS | WRITES)[name](store, sent.id)
        connection(store).set_trace_callback(None)
    said = [sql for sql in statements if sql.lstrip().lower().startswith(("select", "insert", "update", "delete"))]
    assert said
    for sql in said:
        plan = [str(row[3]) for row in look_inside(path, f"explain query plan {sql}")]
        assert [line for line in plan if is_full_scan(line)] == [], sql


def is_full_scan(line: str) -> bool:
    words = line.split()
    return words[0] == "SCAN" and words[1] in GROWING | {"n", "o", "s", "q", "c"}


def test_plan_when_a_query_has_no_index_then_the_check_sees_it(path: Path, store: BotStore) -> None:
    plan = look_inside(path, "explain query plan select * from sent where kind = 'answer'")
    assert any(is_full_scan(str(row[3])) for row in plan)


# Status


def test_status_when_there_is_some_of_each_then_counted_by_kind(store: BotStore) -> None:
    make_group(store)
    fill(store, -6, 7)
    store.keep_sent(make_draft(kind=SentKind.LATEST))
    status = store.status()
    assert (status.active, status.paused) == (1, {"kicked": 1})
    assert (status.sent, status.feedback) == (
        {"answer": 1, "digest": 4, "latest": 1},
        {"out_of_date": 1},
    )
    assert status.outbox == {"held": 6}, "the chat that was filled is paused"


def test_people_in_when_several_asked_then_latest_first_and_bounded(tmp_path: Path) -> None:
    with closing(BotStore(tmp_path / "bot.db")) as store:
        for minutes, user in enumerate([7, 8, 7, 9, None]):
            store.keep_sent(make_draft(chat_id=-5, asked_by=user, minutes=minutes))
        store.keep_sent(make_draft(chat_id=-6, asked_by=10))
        assert store.people_in(-5, limit=2) == (9, 7)
        assert store.people_in(-5, limit=9) == (9, 7, 8)


def test_rooms_near_when_a_person_asked_in_some_then_those_first_and_only_where_we_may_speak(tmp_path: Path) -> None:
    with closing(BotStore(tmp_path / "bot.db")) as store:
        for number in range(1, 6):
            store.note_chat(-number, kind=ChatKind.GROUP, at=at(number))
        store.note_chat(7, kind=ChatKind.PRIVATE, at=NOW)
        store.keep_sent(make_draft(chat_id=-2, asked_by=7))
        store.move_cursor(-1, 7, Cursor(seq=1, seen_until=NOW))
        store.pause(-5, PauseReason.KICKED, at=NOW)
        assert [chat.chat_id for chat in store.rooms_near(7, limit=9)] == [-2, -1, -4, -3]
        assert [chat.chat_id for chat in store.rooms_near(8, limit=2)] == [-4, -3]
