"""txtai as its first pages show it: paragraphs as its extractor cuts them, content kept beside vectors."""

import re
from pathlib import Path

from txtai import Embeddings

SHOWN = 3  # search()


def index(documents, folder: Path, model: str) -> int:
    """Cut, embed and store; how many pieces."""
    pieces = [
        {"text": piece.strip(), "source": one["source"]}
        for one in documents
        for piece in re.split(r"\n{2,}", one["text"])  # it has no splitter of its own where it indexes
        if piece.strip()
    ]
    embeddings = Embeddings(path=model, content=True)
    embeddings.index(pieces)
    embeddings.save(str(folder))
    return len(pieces)


def load(folder: Path, model: str):
    """What answers a question with the nearest pieces."""
    embeddings = Embeddings()
    embeddings.load(str(folder))

    def ask(question: str, most: int) -> list[tuple[str, str]]:
        query = "select text, source from txtai where similar(:question)"
        found = embeddings.search(query, limit=most, parameters={"question": question})
        return [(one["source"], one["text"]) for one in found]

    return ask
