"""`python -m evals fit`: everything that is learned, each into the readable file of the room that reads it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.fit_gate import TELLING, fit_gate
from evals.fit_ranking import fit_ranking
from evals.leaflets import read_leaflets
from evals.library import library_of
from knowledge.library import Library
from knowledge.reading import read_file
from retrieval.embedding import Embedder, load_embedder
from retrieval.index import Index
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words


def fit(what: Sequence[str]) -> None:
    """Fit the parts named ("ranking", "gate", "triage"), in the order in which they rest on each other."""
    if "triage" in what:
        from evals.fit_triage import main as fit_triage

        fit_triage()
    if not {"ranking", "gate"} & set(what):
        return
    library = library_of(None)
    embedder = load_embedder(threads=2)
    with TemporaryDirectory() as folder:
        search = _search(library, Path(folder) / "whole", embedder)
        plain = _search(without_help(library), Path(folder) / "plain", embedder)
        leaflets = read_leaflets()
        small = _search(leaflets.library, Path(folder) / "small", embedder)
        if "ranking" in what:
            print("ranking:", fit_ranking(search, plain, library, small, leaflets)["figures"])
            load_ranking.cache_clear()
            search, plain, small = (replace(one, ranking=load_ranking()) for one in (search, plain, small))
        if "gate" in what:
            telling = Library.of([read_file(TELLING, clinic="Lindfield House")])
            answers = _search(telling, Path(folder) / "telling", embedder)
            print("gate:", fit_gate(search, plain, answers, library, small, leaflets)["figures"])


def _search(library: Library, folder: Path, embedder: Embedder) -> Search:
    index = Index(folder, embedder)
    dense = index.open(library)
    index.close()
    return Search(Words.over(library), load_ranking(), dense, embedder.embed)


def without_help(library: Library) -> Library:
    """The same documents as a clinic's own would come: no `asked as` lines, and nothing that says what is not said."""
    return Library.of(
        replace(source, passages=tuple(replace(one, asked_as=()) for one in source.passages if not one.is_gap))
        for source in library.sources.values()
    )
