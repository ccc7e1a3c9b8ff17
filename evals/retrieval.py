"""`python -m evals retrieval`: pairs of question and passage, ranked with our weights and by the model alone."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from errors import BadSource
from evals.items import Item, read_lines
from evals.measures import ndcg
from knowledge.library import Library
from knowledge.reading import read_text, slug
from knowledge.source import Source
from retrieval.embedding import load_embedder
from retrieval.evidence import Query
from retrieval.index import Index
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words

QUESTIONS = 500  # at most this many are asked; every passage is searched
CLINIC = "pairs"


@dataclass(frozen=True, slots=True)
class Compared:
    """Mean nDCG at 10 over the questions asked."""

    passages: int
    questions: int
    ours: float
    alone: float  # cosine of the model's whole-passage vectors, nothing else

    def __str__(self) -> str:
        return (
            f"{self.passages} passages, {self.questions} questions: "
            f"nDCG@10 {self.ours:.3f} with our weights, {self.alone:.3f} by the model alone"
        )


def compare(path: Path, sample: int | None = None, seed: int = 7) -> Compared:
    """Rank the passages of a JSON lines file (id, question, passage) for its questions. Raises BadInput."""
    rows = read_lines(path, {"id", "question", "passage"})
    rows = list({str(row["passage"]): row for row in rows}.values())
    if sample and sample < len(rows):
        rows = Random(seed).sample(rows, sample)
    library = Library.of(source for row in rows if (source := _source(row)))
    asked = [row for row in rows if _id(row) in library.sources][:QUESTIONS]
    embedder = load_embedder(threads=2)
    with TemporaryDirectory() as folder:
        index = Index(Path(folder), embedder)
        dense = index.open(library)
        index.close()
        search = Search(Words.over(library), load_ranking(), dense, embedder.embed)
        whole = embedder.embed([source.text for source in library.sources.values()])
        ids = list(library.sources)
        ours, alone = [], []
        for row in asked:
            right = frozenset({_id(row)})
            ranked = dict.fromkeys(one.passage.source for one in search.candidates(Query(str(row["question"]))))
            ours.append(ndcg(ranked, right))
            nearest = np.argsort(-(whole @ embedder.embed([str(row["question"])])[0]))
            alone.append(ndcg((ids[place] for place in nearest[:10]), right))
    return Compared(len(library.sources), len(asked), float(np.mean(ours)), float(np.mean(alone)))


def _id(row: Item) -> str:
    return slug(str(row["id"]))


def _source(row: Item) -> Source | None:
    try:
        return read_text(str(row["passage"]), name=str(row["id"]), markdown=False, id=_id(row), clinic=CLINIC)
    except BadSource:
        return None
