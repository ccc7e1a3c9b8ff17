"""Haystack as its first pages show it: its own splitter, the store in memory kept in a file, its own number."""

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

SHOWN = 10  # InMemoryEmbeddingRetriever()


def index(documents, folder: Path, model: str) -> int:
    """Cut, embed and store; how many pieces."""
    store = InMemoryDocumentStore()
    whole = [Document(content=one["text"], meta={"source": one["source"]}) for one in documents]
    pieces = DocumentSplitter().run(documents=whole)["documents"]
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    count = store.write_documents(embedder.run(documents=pieces)["documents"])
    folder.mkdir(parents=True, exist_ok=True)
    store.save_to_disk(str(folder / "store.json"))
    return count


def load(folder: Path, model: str):
    """What answers a question with the nearest pieces."""
    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model, progress_bar=False))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    pipeline.warm_up()

    def ask(question: str, most: int) -> list[tuple[str, str]]:
        found = pipeline.run({"embedder": {"text": question}, "retriever": {"top_k": most}})["retriever"]["documents"]
        return [(one.meta["source"], one.content) for one in found]

    return ask
