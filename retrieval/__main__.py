"""`python -m retrieval`: build the search index, or bring it in step with the library."""

import sys
import time

from errors import ForeroomError
from knowledge.register import Register
from retrieval.embedding import load_embedder
from retrieval.index import Index
from settings import load_settings


def main() -> int:
    """Build what is missing; 0 when the index is in step, 1 with one line on stderr when it is not."""
    began = time.monotonic()
    shown = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - shown >= 1 or done == total:
            shown = time.monotonic()
            print(f"\rEmbedding {done} of {total}", end="" if done < total else "\n", flush=True)

    try:
        settings = load_settings()
        library = Register(settings.data / "sources").library()
        embedder = load_embedder(settings.embedding_model, threads=2)
        index = Index(settings.index, embedder, settings.chroma_url)
        dense = index.open(library, progress)
        index.close()
    except ForeroomError as error:
        print(error, file=sys.stderr)
        return 1
    took = time.monotonic() - began
    passages, sources = len(library.passages), len(library.sources)
    print(f"{passages} passages of {sources} sources, {dense.records} vectors, {took:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
