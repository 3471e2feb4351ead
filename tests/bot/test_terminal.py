import asyncio
import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from rich.console import Console

from bot import terminal
from bot.desk import Desk
from bot.texts import line
from bot.types import Block, Paragraph, Place, Pointer, Quote, Reply
from bot.workers import Worker
from index import Precision, Previous, TimeBasis
from tests.bot.builders import NOW, PUBLISHED, make_citation, make_excerpt
from tests.bot.fakes import FakeArchive


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


def chat(*typed: str | type[BaseException], archive: FakeArchive | None = None, echo: bool = False) -> str:
    """Type lines (or raise, as input() does) and return what was shown."""
    script = iter((*typed, EOFError))

    def read_line(lines: Iterator[str | type[BaseException]] = script) -> str:
        line = next(lines)
        if isinstance(line, str):
            return line
        raise line

    output = Console(file=io.StringIO(), highlight=False, markup=False)
    worker = Worker("archive", lambda: archive or FakeArchive())
    with asyncio.Runner() as runner:
        runner.run(worker.start())
        terminal.chat(Desk(worker), runner, output, read_line=read_line, clock=lambda: NOW, echo=echo)
        runner.run(worker.stop())
    assert isinstance(output.file, io.StringIO)
    return output.file.getvalue()


def test_chat_when_questions_follow_each_other_then_the_second_knows_the_first() -> None:
    archive = FakeArchive()
    text = chat("How many ferries?", "", "and in Leeds?", archive=archive)
    assert text.count("Nine ferries sailed before noon.") == 2
    assert [question.previous for question in archive.questions] == [
        None,
        Previous(question="How many ferries?", cited=("e1",), asked_at=NOW),
    ]


def test_chat_when_more_is_typed_then_the_same_question_goes_on() -> None:
    archive = FakeArchive()
    text = chat("more", "/figure ferries", "more", archive=archive)
    assert line("more_of_what") in text
    assert [question.text for question in archive.questions] == ["/figure ferries", "more"]
    assert archive.questions[1].previous == Previous(question="/figure ferries", cited=("e1",), asked_at=NOW)


def test_chat_when_commands_and_chatter_are_typed_then_as_in_any_chat() -> None:
    archive = FakeArchive()
    text = chat("/help", "thanks", "/unheard", archive=archive)
    assert line("thanks") in text
    assert line("unknown_command") in text
    assert "/latest [TOPIC]" in text
    assert archive.questions == []


def test_chat_when_no_terminal_shows_what_is_typed_then_each_question_stands_before_its_reply() -> None:
    lines = chat("How many\x1b[31m ferries?", "", "thanks", echo=True).splitlines()
    asked = lines.index("> How many[31m ferries?")
    assert lines[asked + 1] == ""
    assert asked < lines.index("│ Nine ferries sailed before noon.") < lines.index("> thanks")
    assert [line for line in lines if line.startswith(">")] == [lines[asked], "> thanks"]


def test_chat_when_a_terminal_shows_what_is_typed_then_it_is_not_said_twice() -> None:
    assert "How many ferries?" not in chat("How many ferries?")


def test_chat_when_interrupted_then_it_goes_on_and_quit_leaves() -> None:
    archive = FakeArchive()
    chat(KeyboardInterrupt, "one?", "/quit", "two?", archive=archive)
    assert [question.text for question in archive.questions] == ["one?"]
