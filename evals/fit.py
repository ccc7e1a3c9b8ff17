"""`python -m evals fit`: everything that is learned, each into the readable file of the room that reads it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.fit_gate import fit_gate
from evals.fit_ranking import fit_ranking
from evals.library import library_of
from retrieval.embedding import load_embedder
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
        index = Index(Path(folder), embedder)
        search = Search(Words.over(library), load_ranking(), index.open(library), embedder.embed)
        index.close()
        if "ranking" in what:
            print("ranking:", fit_ranking(search, library)["figures"])
            load_ranking.cache_clear()
            search = replace(search, ranking=load_ranking())
        if "gate" in what:
            print("gate:", fit_gate(search, library)["figures"])
