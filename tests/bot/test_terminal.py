import asyncio
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from bot import terminal
from bot.config import Config
from bot.desk import Desk
from bot.store import open_store
from bot.texts import line
from bot.types import Block, Paragraph, Place, Pointer, Quote, Reply
from bot.workers import Worker
from index import Precision, TimeBasis
from tests.bot.builders import NOW, PUBLISHED, make_citation, make_excerpt
from tests.bot.scene import NOW as SAMPLE_NOW
from tests.bot.scene import QUESTION, SEARCH, open_sample


def shown(*blocks: Block, zone: str = "UTC", width: int | None = None, language: str = "en") -> str:
    """Render; on a terminal of a width, or into a file where none is given."""
    output = Console(
        file=io.StringIO(), highlight=False, markup=False, width=width, force_terminal=bool(width), no_color=True
    )
    terminal.show(Reply(blocks=blocks, zone=zone), output, language=language)
    text = output.file
    assert isinstance(text, io.StringIO)
    return text.getvalue()


def test_quote_when_shown_then_title_bar_source_host_time_and_link() -> None:
    assert shown(Quote(excerpt=make_excerpt(), note="correction"), zone="Europe/London").splitlines() == [
        "Ferry runs again — correction",
        "│ Nine ferries sailed before noon.",
        "Harbour Gazette · example.org · 4 May 2031, 10:30 BST",
        "https://www.example.org/blog#e1",
    ]


def test_quote_when_the_update_has_no_headline_then_no_line_for_one() -> None:
    untitled = make_excerpt(citation=make_citation(title=""))
    assert shown(Quote(excerpt=untitled)).startswith("│ Nine ferries sailed before noon.\n")
    assert shown(Quote(excerpt=untitled, note="correction")).startswith("correction\n│ Nine")
    assert shown(Pointer(citation=untitled.citation)).startswith("• Update without a headline\n")


def test_quote_when_the_headline_is_the_text_then_it_shows_once() -> None:
    repeated = make_excerpt("Ferry runs again", citation=make_citation(title="Ferry runs again"))
    assert shown(Quote(excerpt=repeated)).count("Ferry runs again") == 1


def test_quote_when_edited_then_the_time_of_the_edit() -> None:
    citation = make_citation(edited=True, modified_at=PUBLISHED.replace(hour=11))
    assert "09:30 UTC · edited 4 May 2031, 11:30 UTC" in shown(Quote(excerpt=make_excerpt(citation=citation)))


def test_quote_when_only_the_day_is_known_then_no_clock_at_all() -> None:
    citation = make_citation(
        published_at=datetime.fromisoformat("2031-05-04T00:00:00+00:00"),
        time_basis=TimeBasis.INHERITED,
        time_precision=Precision.DAY,
        edited=True,
        modified_at=NOW,
    )
    text = shown(Quote(excerpt=make_excerpt(citation=citation)))
    assert "page of 4 May 2031 (day only) · edited" in text
    assert ":00" not in text


def test_quote_when_the_config_names_a_language_then_only_the_quote_stays_in_its_own() -> None:
    excerpt = make_excerpt(citation=make_citation(title="", edited=True, modified_at=NOW, time_basis=TimeBasis.SEEN))
    text = shown(Quote(excerpt=excerpt), language="de")
    assert excerpt.text in text
    assert "zuerst gesehen 4. Mai 2031, 09:30 UTC · bearbeitet 4. Mai 2031, 12:00 UTC" in text


def test_quote_when_it_could_steer_the_terminal_then_it_cannot() -> None:
    hostile = make_citation(title="a\x1b[31m\x07red\u202etitle", url="javascript:alert(1)", source="[bold]S[/bold]")
    text = shown(Quote(excerpt=make_excerpt("one\x1b]0;x\x07 [red]two[/red] :smile:", citation=hostile)))
    assert not any(char in text for char in "\x1b\x07\u202e")
    assert "[red]two[/red] :smile:" in text
    assert "[bold]S[/bold]" in text
    assert "javascript" not in text


def test_quote_when_not_on_a_terminal_then_its_lines_stay_whole() -> None:
    long = "The harbour master counted " + "ferries and " * 40 + "stopped."
    assert f"│ {long}\n" in shown(Quote(excerpt=make_excerpt(long)))


def test_quote_when_on_a_terminal_then_wrapped_behind_the_bar_without_loss() -> None:
    words = "ferries and " * 40
    lines = shown(Quote(excerpt=make_excerpt(words.strip())), width=40).splitlines()
    quoted = [line for line in lines if "│" in line]
    assert len(quoted) > 10
    assert all(len(line) <= 40 for line in quoted)
    assert " ".join(" ".join(line.removeprefix("│ ").split()) for line in quoted) == words.strip()


def test_pointers_when_in_a_row_then_close_together_and_links_whole() -> None:
    url = "https://www.example.org/" + "x" * 200
    text = shown(Paragraph(text="What came nearest:"), *[Pointer(citation=make_citation(url=url))] * 2, width=60)
    assert text.count("\n\n") == 1
    assert url in text


def test_line_when_typed_with_a_slash_then_a_command() -> None:
    incoming = terminal.incoming_from("/Latest@Dateline  fire", 3, NOW)
    assert (incoming.command, incoming.addressee, incoming.text) == ("latest", "dateline", "fire")
    assert incoming.place is Place.TERMINAL


@pytest.mark.parametrize("typed", ["/", "/ 5", "/7 people", "who?"])
def test_line_when_typed_without_a_command_then_plain_text(typed: str) -> None:
    assert terminal.incoming_from(typed, 3, NOW).command is None


def chat(directory: Path, *typed: str | type[BaseException], echo: bool = False) -> str:
    """Type lines (or raise, as input() does) and return what was shown."""
    script = iter((*typed, EOFError))

    def read_line(lines: Iterator[str | type[BaseException]] = script) -> str:
        line = next(lines)
        if isinstance(line, str):
            return line
        raise line

    output = Console(file=io.StringIO(), highlight=False, markup=False)
    settings = Config.model_validate({"store": {"directory": directory}, "search": SEARCH})
    archive = Worker("archive", lambda: open_sample(settings))
    store = Worker("conversation", lambda: open_store(directory))
    with asyncio.Runner() as runner:
        for worker in (archive, store):
            runner.run(worker.start())
        desk = Desk(archive, store, settings)
        terminal.chat(desk, runner, output, read_line=read_line, clock=lambda: SAMPLE_NOW, echo=echo)
        for worker in (archive, store):
            runner.run(worker.stop())
    assert isinstance(output.file, io.StringIO)
    return output.file.getvalue()


def test_chat_when_more_is_typed_then_the_same_question_goes_on(tmp_path: Path) -> None:
    text = chat(tmp_path, "more", "/latest", "more", "context 1", "since 3")
    assert line("more_of_what") in text
    assert "[more · context]" in text
    assert text.count("Injured man dies, toll now 22\n") == 1
    assert line("context") in text


def test_chat_when_an_answer_is_shown_then_the_words_to_go_on_with(tmp_path: Path) -> None:
    text = chat(tmp_path, QUESTION, "context", "/verify")
    assert "[context · since]" in text
    assert text.index("[context · since]") < text.index(line("context"))


def test_chat_when_commands_and_chatter_are_typed_then_as_in_any_chat(tmp_path: Path) -> None:
    text = chat(tmp_path, "/help", "thanks", "/unheard", "/settings", "/since", "/privacy")
    assert line("thanks") in text
    assert text.count(line("unknown_command")) == 2
    assert "/latest [TOPIC]" in text
    assert line("since_first") in text
    assert line("privacy") in text


def test_chat_when_no_terminal_shows_what_is_typed_then_each_question_stands_before_its_reply(tmp_path: Path) -> None:
    lines = chat(tmp_path, f"{QUESTION}\x1b[31m", "", "thanks", echo=True).splitlines()
    asked = lines.index(f"> {QUESTION}[31m")
    assert lines[asked + 1] == ""
    quoted = next(number for number, shown in enumerate(lines) if shown.startswith("│"))
    assert asked < quoted < lines.index("> thanks")
    assert [line for line in lines if line.startswith(">")] == [lines[asked], "> thanks"]


def test_chat_when_a_terminal_shows_what_is_typed_then_it_is_not_said_twice(tmp_path: Path) -> None:
    assert QUESTION not in chat(tmp_path, QUESTION)


def test_chat_when_interrupted_then_it_goes_on_and_quit_leaves(tmp_path: Path) -> None:
    text = chat(tmp_path, KeyboardInterrupt, "thanks", "/quit", "/help")
    assert line("thanks") in text
    assert line("help") not in text
