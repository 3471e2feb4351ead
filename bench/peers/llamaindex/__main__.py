"""LlamaIndex: a VectorStoreIndex over FAISS, or its fusion of that with BM25 ("hybrid")."""

from pathlib import Path

import faiss
from llama_index.core import Document, Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.faiss import FaissVectorStore

from bench.peers.protocol import distinct, serve, updates, weights_folder

_DIMENSIONS = 384
_READ_TOKENS = 256  # by the model; of longer chunks, as are the default, it would not see the end


class LlamaIndex:
    """Documents with their title as metadata, which LlamaIndex puts before the text that it embeds."""

    def __init__(self, folder: Path, variant: str) -> None:
        """Load the index that was persisted in the folder, or begin one."""
        Settings.embed_model = HuggingFaceEmbedding(model_name=weights_folder())
        Settings.llm = MockLLM()  # nothing here writes; without it the fusion asks for a hosted one
        self._folder = folder
        self._hybrid = variant == "hybrid"
        self._splitter = SentenceSplitter(chunk_size=_READ_TOKENS, chunk_overlap=_READ_TOKENS // 8)
        self._retriever: BaseRetriever | None = None
        if (folder / "docstore.json").exists():
            store = FaissVectorStore.from_persist_dir(str(folder))
            context = StorageContext.from_defaults(vector_store=store, persist_dir=str(folder))
            self._index = load_index_from_storage(context)
        else:
            # The same order as the IndexFlatL2 of its documentation, the vectors being of length 1; but the fusion
            # sorts by score, the largest first, and would turn a list of distances upside down.
            store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(_DIMENSIONS))
            self._index = VectorStoreIndex([], storage_context=StorageContext.from_defaults(vector_store=store))

    def ingest(self, path: Path) -> int:
        """Split, embed and insert, as `VectorStoreIndex.from_documents` does."""
        documents = [
            Document(id_=update["id"], text=update["text"], metadata={"title": update["title"]})
            for update in updates(path)
        ]
        self._index.insert_nodes(self._splitter.get_nodes_from_documents(documents))
        return len(documents)

    def save(self) -> None:
        """Persist the index; BM25 cannot be added to, so it is made here, of all nodes."""
        self._index.storage_context.persist(str(self._folder))
        if self._hybrid:
            keywords = BM25Retriever.from_defaults(docstore=self._index.docstore)
            (self._folder / "bm25").mkdir(exist_ok=True)
            keywords.persist(str(self._folder / "bm25"))

    def ask(self, question: str, limit: int) -> list[str]:
        """Retrieve nodes and name their documents."""
        if self._retriever is None:
            self._retriever = self._retrieving(limit)
        return distinct(found.node.ref_doc_id for found in self._retriever.retrieve(question))

    def _retrieving(self, limit: int) -> BaseRetriever:
        dense = self._index.as_retriever(similarity_top_k=limit)
        if not self._hybrid:
            return dense
        keywords = BM25Retriever.from_persist_dir(str(self._folder / "bm25"))
        keywords.similarity_top_k = limit
        return QueryFusionRetriever(
            [dense, keywords], mode="reciprocal_rerank", similarity_top_k=limit, num_queries=1, use_async=False
        )


if __name__ == "__main__":
    serve(LlamaIndex)
