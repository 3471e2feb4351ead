"""The command line: options, help and nothing else. Each command's work is in `bot.commands`, imported when called."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.options import Options

app = typer.Typer(
    name="dateline",
    help="Answers questions about live blogs with cited, verbatim excerpts, or says that the updates do not say.",
    add_completion=False,
    no_args_is_help=True,
    # Plain text for plain errors: other programs read them.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Now = Annotated[
    str | None, typer.Option(metavar="ISO", help="Answer as of this time; updates published later are not known yet.")
]
Zone = Annotated[
    str | None, typer.Option(metavar="IANA", help="Time zone of the asker, such as Europe/Kyiv. Default: [chat] zone.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"dateline {version('dateline')}")
        except PackageNotFoundError:
            typer.echo("dateline, not installed")
        raise typer.Exit


@app.callback()
def dateline(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            envvar="DATELINE_CONFIG", metavar="FILE", help="Settings. Default: dateline.toml in this folder, if any."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="DATELINE_DATA", metavar="DIR", help="Folder of the databases. Default: [store] directory."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Answer questions about live blogs with cited, verbatim excerpts, or say that the updates do not say."""
    context.obj = Options(config=config, data=data)


@app.command()
def ingest(
    context: typer.Context,
    inputs: Annotated[
        list[str], typer.Argument(metavar="PATH_OR_URL...", help="Files (.gz too) or http(s) addresses.")
    ],
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="Take the input for this format instead of looking.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the source, shown with every quote.")
    ] = None,
    json: Json = False,
) -> None:
    """Read live blogs, feeds and exports into the archive."""
    from bot.commands import ingest as command

    command.run(context.obj, tuple(inputs), format_name=format_name, source=source, as_json=json)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="What you want to know.")] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.jsonl", help="Answer the questions of this file, one JSON object a line; - is stdin."
        ),
    ] = None,
    figure: Annotated[
        str | None, typer.Option(metavar="WHAT", help="Show how a figure developed, such as arrests, oldest first.")
    ] = None,
    live_blog: Annotated[
        str | None, typer.Option(metavar="KEY", help="Search this live blog only, by its key or its title.")
    ] = None,
    now: Now = None,
    zone: Zone = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many of the nearest updates to name.")] = 10,
    json: Json = False,
) -> None:
    """Answer a question, or a batch of them."""
    from bot.commands import ask as command

    command.run(
        context.obj,
        question,
        batch=batch,
        figure=figure,
        live_blog=live_blog,
        now=now,
        zone=zone,
        limit=limit,
        as_json=json,
    )


@app.command()
def chat(context: typer.Context, now: Now = None, zone: Zone = None) -> None:
    """Talk in the terminal as in a chat: follow-ups, “more”, /figure, /latest, /help. Ctrl-D leaves."""
    from bot.commands import chat as command

    command.run(context.obj, now=now, zone=zone)


@app.command()
def watch(context: typer.Context) -> None:
    """Look at the configured sources at their intervals, until stopped."""
    from bot.commands import watch as command

    command.run(context.obj)


@app.command()
def run(context: typer.Context) -> None:
    """Serve the Telegram bot and watch the sources. Needs DATELINE_TELEGRAM_TOKEN in the environment."""
    from bot.commands import run as command

    command.run(context.obj)


@app.command()
def status(context: typer.Context, json: Json = False) -> None:
    """Show the sources with their last looks, and what the archive holds."""
    from bot.commands import status as command

    command.run(context.obj, as_json=json)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Encode what is not encoded yet and make the index again from the stored vectors."""
    from bot.commands import care as command

    command.rebuild(context.obj)


@app.command()
def check(context: typer.Context) -> None:
    """Look for damage in the database and the index; exit code 1 if there is any."""
    from bot.commands import care as command

    command.check(context.obj)
