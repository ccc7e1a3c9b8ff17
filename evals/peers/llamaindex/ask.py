"""LlamaIndex as its first pages show it: its own splitter, its own store kept in a folder, its own number."""

from pathlib import Path

from llama_index.core import Document, Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

SHOWN = 2  # as_retriever()


def index(documents, folder: Path, model: str) -> int:
    """Cut, embed and store; how many pieces."""
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    whole = [Document(text=one["text"], metadata={"source": one["source"]}) for one in documents]
    made = VectorStoreIndex.from_documents(whole)
    made.storage_context.persist(folder)
    return len(made.docstore.docs)


def load(folder: Path, model: str):
    """What answers a question with the nearest pieces."""
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    made = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(folder)))

    def ask(question: str, most: int) -> list[tuple[str, str]]:
        found = made.as_retriever(similarity_top_k=most).retrieve(question)
        return [(one.node.metadata["source"], one.node.get_content()) for one in found]

    return ask
