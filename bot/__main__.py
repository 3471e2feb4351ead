"""The `dateline` command: runs the application and turns what went wrong into one line and an exit code."""

import io
import sys

from bot.cli import app

FAILED = 1
WRONG_USAGE = 2


def main() -> None:
    """Run the command line. Exit codes: 0, 1 for an input or a state that failed, 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A lone surrogate in an id must come back as JSON's own escape, not end a batch.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(prog_name="dateline")
    except SystemExit:
        raise  # here, before the next line has to import index to know what is ours
    except _raised_on_purpose() as error:
        sys.stderr.write(f"dateline: {error}\n")
        sys.exit(_exit_code(error))


def _raised_on_purpose() -> tuple[type[Exception], ...]:
    """Name our errors; evaluated only after one was raised, since index is not imported before it is needed."""
    from bot.errors import BotError
    from index import ArchiveError

    return (BotError, ArchiveError)


def _exit_code(error: Exception) -> int:
    from bot.errors import UsageError
    from index import ConfigError, QuestionError

    return WRONG_USAGE if isinstance(error, UsageError | ConfigError | QuestionError) else FAILED


if __name__ == "__main__":
    main()
