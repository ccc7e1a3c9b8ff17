"""The real model and a real index over the shipped sources, made once for all tests of this room."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.library import SHIPPED, Library, read_folder
from retrieval.embedding import Embedder, load_embedder
from retrieval.index import Dense, Index


@pytest.fixture(scope="session")
def library() -> Library:
    return read_folder(SHIPPED)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return load_embedder()


@pytest.fixture(scope="session")
def dense(
    library: Library, embedder: Embedder, built_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dense]:
    folder = tmp_path_factory.mktemp("index")
    shutil.copytree(built_index, folder, dirs_exist_ok=True)
    index = Index(folder, embedder)
    yield index.open(library)
    index.close()
