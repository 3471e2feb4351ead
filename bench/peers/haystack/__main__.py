"""Haystack: pipelines over its in-memory store, dense alone or joined with BM25 ("hybrid")."""

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from bench.peers.protocol import distinct, serve, updates, weights_folder


class Haystack:
    """Documents whose title is embedded before their text, by the embedder's own option for that."""

    def __init__(self, folder: Path, variant: str) -> None:
        """Load the store that was saved in the folder, or begin one."""
        self._path = folder / "documents.json"
        self._hybrid = variant == "hybrid"
        if self._path.exists():
            self._store = InMemoryDocumentStore.load_from_disk(str(self._path))
        else:
            self._store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self._indexing: Pipeline | None = None
        self._query: Pipeline | None = None

    def ingest(self, path: Path) -> int:
        """Run the indexing pipeline."""
        self._indexing = self._indexing or self._indexing_pipeline()
        documents = [
            Document(id=update["id"], content=update["text"], meta={"title": update["title"]})
            for update in updates(path)
        ]
        self._indexing.run({"embedder": {"documents": documents}})
        return len(documents)

    def save(self) -> None:
        """Write the store to a file."""
        self._store.save_to_disk(str(self._path))

    def ask(self, question: str, limit: int) -> list[str]:
        """Run the query pipeline."""
        self._query = self._query or self._query_pipeline(limit)
        asked = {"embedder": {"text": question}} | ({"keywords": {"query": question}} if self._hybrid else {})
        found = self._query.run(asked)["joiner" if self._hybrid else "dense"]["documents"]
        return distinct(document.id for document in found)

    def _indexing_pipeline(self) -> Pipeline:
        pipeline = Pipeline()
        embedder = SentenceTransformersDocumentEmbedder(
            model=weights_folder(), meta_fields_to_embed=["title"], progress_bar=False
        )
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("writer", DocumentWriter(document_store=self._store))
        pipeline.connect("embedder", "writer")
        return pipeline

    def _query_pipeline(self, limit: int) -> Pipeline:
        pipeline = Pipeline()
        embedder = SentenceTransformersTextEmbedder(model=weights_folder(), progress_bar=False)
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(self._store, top_k=limit))
        pipeline.connect("embedder.embedding", "dense.query_embedding")
        if self._hybrid:
            pipeline.add_component("keywords", InMemoryBM25Retriever(self._store, top_k=limit))
            pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=limit))
            pipeline.connect("dense", "joiner")
            pipeline.connect("keywords", "joiner")
        return pipeline


if __name__ == "__main__":
    serve(Haystack)
