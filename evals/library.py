"""The documents a measure runs on, with an index of their own."""

from pathlib import Path

from answering import model_of, parts_over
from conversation.parts import Parts
from knowledge.library import Library, read_folder
from knowledge.register import Register
from retrieval.embedding import load_embedder
from retrieval.index import Index
from settings import load_settings


def library_of(sources: Path | None) -> Library:
    """The documents of a folder, or this installation's."""
    return read_folder(sources) if sources else Register(load_settings().data / "sources").library()


def whole_parts(library: Library, folder: Path, model: str | None = None) -> Parts:
    """The parts over a library with its own index in `folder`; a running page's index is left alone.

    Where the settings name a language model, it has its part in each turn.
    """
    embedder = load_embedder(model or load_settings().embedding_model)
    index = Index(folder / "index", embedder)
    dense = index.open(library)
    index.close()
    return parts_over(library, dense=dense, embed=embedder.embed, model=model_of(load_settings()))
