"""txtai: an embeddings database with content, dense alone or with its sparse index beside it ("hybrid")."""

from pathlib import Path

from txtai import Embeddings

from bench.peers.protocol import distinct, serve, updates, weights_folder


class Txtai:
    """Title and text in the one text column that txtai embeds."""

    def __init__(self, folder: Path, variant: str) -> None:
        """Load the database that was saved in the folder, or begin one."""
        self._path = str(folder / "index")
        self._embeddings = Embeddings(path=weights_folder(), content=True, hybrid=variant == "hybrid")
        if self._embeddings.exists(self._path):
            self._embeddings.load(self._path)

    def ingest(self, path: Path) -> int:
        """Insert the updates."""
        rows = [{"id": one["id"], "text": f"{one['title']}\n{one['text']}"} for one in updates(path)]
        self._embeddings.upsert(rows)
        return len(rows)

    def save(self) -> None:
        """Save the database."""
        self._embeddings.save(self._path)

    def ask(self, question: str, limit: int) -> list[str]:
        """Search."""
        return distinct(row["id"] for row in self._embeddings.search(question, limit))


if __name__ == "__main__":
    serve(Txtai)
