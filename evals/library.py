"""The documents a measure runs on, with an index of their own."""

import shutil
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from answering import model_of, parts_over, second_reader
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
    settings = load_settings()
    embedder = load_embedder(model or settings.embedding_model)
    _begin_with(settings.index, folder / "index")
    index = Index(folder / "index", embedder)
    dense = index.open(library)
    index.close()
    return parts_over(library, dense=dense, embed=embedder.embed, encode=second_reader(), model=model_of(settings))


def _begin_with(own: Path, folder: Path) -> None:
    """What the installation's index holds is not embedded again; one that a page has open is left alone."""
    if not (own / "manifest.json").exists() or folder.exists():
        return
    with suppress(Timeout), FileLock(own / "owner.lock", timeout=0):
        shutil.copytree(own, folder, ignore=shutil.ignore_patterns("owner.lock"))
