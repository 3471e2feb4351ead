"""The part of bot.db that holds the pictures of the outbox: the same one once, however many rows are to send it.

It goes when the last of them was sent or is gone; triggers see to that, whoever deletes.
"""

import hashlib

from bot.tables import Tables


class OutboxPictures(Tables):
    """What rows of the outbox send beside words."""

    def _keep_picture(self, outbox_id: int, png: bytes) -> None:
        """Keep what a row is to send, inside a transaction."""
        digest = hashlib.sha256(png).digest()
        self._write("insert or ignore into pictures (hash, png) values (?, ?)", digest, png)
        self._write("insert into outbox_pictures select ?, id from pictures where hash = ?", outbox_id, digest)

    def _picture(self, outbox_id: int) -> bytes | None:
        """Return what a row is to send, None where that is words alone."""
        rows = self._rows(
            "select png from pictures where id = (select picture_id from outbox_pictures where outbox_id = ?)",
            outbox_id,
        )
        return rows[0][0] if rows and isinstance(rows[0][0], bytes) else None
