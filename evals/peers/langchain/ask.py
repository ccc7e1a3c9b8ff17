"""LangChain's documented retrieval: its splitter as the tutorial sets it, Chroma, the retriever's own number."""

from pathlib import Path

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

SHOWN = 4  # as_retriever()


def _store(folder: Path, model: str) -> Chroma:
    return Chroma("documents", HuggingFaceEmbeddings(model_name=model), persist_directory=str(folder))


def index(documents, folder: Path, model: str) -> int:
    """Cut, embed and store; how many pieces."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    whole = [Document(one["text"], metadata={"source": one["source"]}) for one in documents]
    pieces, store = splitter.split_documents(whole), _store(folder, model)
    for at in range(0, len(pieces), 5000):  # Chroma takes no more at a time
        store.add_documents(pieces[at : at + 5000])
    return len(pieces)


def load(folder: Path, model: str):
    """What answers a question with the nearest pieces."""
    store = _store(folder, model)

    def ask(question: str, most: int) -> list[tuple[str, str]]:
        found = store.as_retriever(search_kwargs={"k": most}).invoke(question)
        return [(one.metadata["source"], one.page_content) for one in found]

    return ask
