"""`dateline rebuild` and `dateline check`: for when a disk, a kill or a new model has come between."""

import typer

from bot.commands import opening
from bot.commands.options import Options
from bot.commands.progress import shown
from bot.config import Config
from index import StoreError


def rebuild(options: Options) -> None:
    """Encode what waits for it, then make the index again from the stored vectors."""
    with opening.opened_archive(opening.load(options)) as archive, shown() as progress:
        pending = archive.status(now=opening.utc_now()).pending
        encoded = archive.encode_pending(progress=progress) if pending else 0
        held = archive.rebuild(progress=progress)
    print(f"{encoded} passages encoded, {held} vectors in the index")


def check(options: Options) -> None:
    """Print what is wrong, a line each; exit code 1 if anything is."""
    settings = opening.load(options)
    with opening.opened_archive(settings) as archive:
        findings = archive.check()
    findings += _of_conversation(settings)
    for finding in findings:
        print(finding)
    if findings:
        raise typer.Exit(1)
    print("sound")


def _of_conversation(settings: Config) -> tuple[str, ...]:
    """Look for damage in bot.db; a file that cannot be opened is a finding beside those of the archive."""
    try:
        with opening.opened_store(settings) as conversation:
            return conversation.integrity() if conversation else ()
    except StoreError as error:
        return (str(error),)
