"""`dateline ask`: one question for a person or a program; a batch goes to `batch`."""

import json

import typer

from bot import answer_json, replies, smalltalk, terminal
from bot.commands import batch as batches
from bot.commands import opening
from bot.commands.options import Options
from bot.errors import UsageError
from bot.texts import chosen
from index import Question


def run(
    options: Options,
    question: str | None,
    *,
    batch: str | None,
    figure: str | None,
    live_blog: str | None,
    now: str | None,
    zone: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Answer. Raises: UsageError; exit code 1 if a line of a batch could not be answered."""
    given = sum(one is not None for one in (question, batch, figure))
    if given > 1:
        raise UsageError("give only one of QUESTION, --figure and --batch")
    if not given:
        raise UsageError("give a QUESTION, --figure WHAT, or --batch FILE.jsonl")
    settings = opening.load(options)
    asker_zone = opening.zone_of(zone, settings)
    moment = opening.moment_of(now, asker_zone) if now is not None else opening.utc_now()
    if batch is not None:
        defaults = batches.Defaults(now=moment, zone=asker_zone, limit=limit, live_blog=live_blog)
        if not batches.run(settings, batch, defaults):
            raise typer.Exit(1)
        return
    named = (figure or "").strip()
    text = f"/figure {named}" if named else (question or "").strip()
    if not text:
        raise UsageError("the question is empty")
    with opening.opened_archive(settings) as archive:
        asked = Question(text=text, now=moment, zone=asker_zone, limit=limit, live_blog=live_blog)
        answer = replies.refused_chatter(asked, archive.ask(asked))
    language = chosen(settings.chat.language)
    if as_json:
        print(json.dumps(answer_json.of_answer(answer, asked_id=None, question=text), ensure_ascii=False))
    elif chatter := smalltalk.line_for(text):
        terminal.show(replies.said(chatter, language=language), terminal.console(), language=language)
    else:
        reply = replies.of_answer(answer, now=moment, zone=asker_zone, language=language)
        terminal.show(reply, terminal.console(), language=language)
