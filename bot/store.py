"""bot.db, the conversation's database: chats and readers, the ledger, buttons and links, subscriptions and the outbox.

Each part stands in a module of its own; here they become one object over one file. A public method is one transaction.
"""

from pathlib import Path

from bot.amendments import Amendments
from bot.keeping import Keeping
from bot.outbox_rows import OutboxRows
from bot.schema import open_conversation
from bot.tables import translated
from index import StoreError

FILE = "bot.db"


class BotStore(OutboxRows, Amendments, Keeping):
    """One SQLite file with one writer. Use from one thread."""

    def __init__(self, path: Path | str) -> None:
        """Open, creating and migrating as needed.

        Raises: StoreError naming the file.
        """
        with translated(str(path)):
            self._db = open_conversation(str(path))
        super().__init__(self._db.conn, str(path))

    def close(self) -> None:
        """Close the file; further calls are errors."""
        self._db.close()


def open_store(directory: Path) -> BotStore:
    """Open bot.db in a folder, making both where they are missing. Raises: StoreError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{directory}: {error.strerror or error}") from error
    return BotStore(directory / FILE)
