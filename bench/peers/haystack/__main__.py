"""Haystack: a pipeline over its FAISS store, or over its in-memory store, the one with BM25 beside ("hybrid")."""

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
from haystack_integrations.components.retrievers.faiss import FAISSEmbeddingRetriever
from haystack_integrations.document_stores.faiss import FAISSDocumentStore

from bench.peers.protocol import distinct, serve, updates, weights_folder

_DIMENSIONS = 384


class Haystack:
    """Documents of title and text, so that its BM25, which reads no metadata, finds the title's words too."""

    def __init__(self, folder: Path, variant: str) -> None:
        """Load the store that was saved in the folder, or begin one."""
        self._hybrid = variant == "hybrid"
        self._path = str(folder / ("documents.json" if self._hybrid else "index"))
        self._store = _in_memory(self._path) if self._hybrid else _faiss(self._path)
        self._indexing: Pipeline | None = None
        self._query: Pipeline | None = None

    def ingest(self, path: Path) -> int:
        """Run the indexing pipeline."""
        self._indexing = self._indexing or self._indexing_pipeline()
        documents = [
            Document(id=update["id"], content=f"{update['title']}\n{update['text']}") for update in updates(path)
        ]
        self._indexing.run({"embedder": {"documents": documents}})
        return len(documents)

    def save(self) -> None:
        """Write the store to files."""
        if self._hybrid:
            self._store.save_to_disk(self._path)
        else:
            self._store.save(self._path)

    def ask(self, question: str, limit: int) -> list[str]:
        """Run the query pipeline."""
        self._query = self._query or self._query_pipeline(limit)
        asked = {"embedder": {"text": question}} | ({"keywords": {"query": question}} if self._hybrid else {})
        found = self._query.run(asked)["joiner" if self._hybrid else "dense"]["documents"]
        return distinct(document.id for document in found)

    def _indexing_pipeline(self) -> Pipeline:
        pipeline = Pipeline()
        embedder = SentenceTransformersDocumentEmbedder(model=weights_folder(), progress_bar=False)
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("writer", DocumentWriter(document_store=self._store))
        pipeline.connect("embedder", "writer")
        return pipeline

    def _query_pipeline(self, limit: int) -> Pipeline:
        pipeline = Pipeline()
        embedder = SentenceTransformersTextEmbedder(model=weights_folder(), progress_bar=False)
        dense = InMemoryEmbeddingRetriever if self._hybrid else FAISSEmbeddingRetriever
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("dense", dense(document_store=self._store, top_k=limit))
        pipeline.connect("embedder.embedding", "dense.query_embedding")
        if self._hybrid:
            pipeline.add_component("keywords", InMemoryBM25Retriever(document_store=self._store, top_k=limit))
            pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=limit))
            pipeline.connect("dense", "joiner")
            pipeline.connect("keywords", "joiner")
        return pipeline


def _in_memory(path: str) -> InMemoryDocumentStore:
    if Path(path).exists():
        return InMemoryDocumentStore.load_from_disk(path)
    return InMemoryDocumentStore(embedding_similarity_function="cosine")


def _faiss(path: str) -> FAISSDocumentStore:
    return FAISSDocumentStore(index_path=path, embedding_dim=_DIMENSIONS)


if __name__ == "__main__":
    serve(Haystack)
