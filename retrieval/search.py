"""Finding passages again: candidates by meaning and by words, then one fitted sum over their features."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from knowledge.library import Library
from knowledge.source import Passage
from retrieval.detail import detail
from retrieval.embedding import Embed, Vectors
from retrieval.evidence import Evidence, Findings, Query
from retrieval.glossary import Glossary, load_glossary
from retrieval.index import Dense, Near
from retrieval.lexical import Bm25, Scores, Speller, content, content_stems, give_back, grams, stems, words, words_of
from retrieval.names import Names, short_name
from retrieval.ranking import Ranking

log = logging.getLogger(__name__)

NEAREST = 60  # records asked of each clinic's collection
BY_WORDS = 30  # passages taken from each lexical index
KEPT = 12  # passages handed on
WORDS_OF_SENTENCE = 0.5  # what a sentence that holds every word of the question gains on its cosine
BEFORE = 0.3  # share of the turn before in a message that leans on it
BEFORE_FEW = 0.5  # the same where the message has at most FEW words
FEW = 2

_CLINICS = ThreadPoolExecutor(8, thread_name_prefix="nearest")  # each clinic's collection is asked beside the others


@lru_cache(maxsize=20_000)
def _stems_of(sentence: str) -> frozenset[str]:
    return frozenset(stems(sentence))


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical indexes over a library's passages, and what its words say about clinics."""

    library: Library
    passages: tuple[Passage, ...]
    row_of: dict[str, int]  # passage id -> its row in every index
    rows_of: dict[str, list[int]]  # source -> the rows of its passages
    stems: Bm25
    stems_passage: Bm25
    stems_asked: Bm25
    asked_of: NDArray[np.int64]  # for each `asked as` line, the row of its passage
    grams: Bm25
    speller: Speller
    names: Names
    clinics: re.Pattern[str]  # finds a clinic's name in a text
    routes: dict[str, frozenset[str]]  # clinic -> words of its route that no other clinic's route has

    @classmethod
    def over(cls, library: Library) -> "Words":
        """Index a library's passages; for some thousands, well under a second."""
        said = _Said.of(library.passages.values())
        made = cls._of(
            library,
            stems=Bm25.of_words(said.whole, stems),
            stems_passage=Bm25.of_words(said.own, content_stems),
            stems_asked=Bm25.of_words(said.asked, stems),
            grams=Bm25.of_words(said.whole, grams),
            speller=Speller.of_words(said.whole),
            names=Names.over(library.sources.values()),
        )
        del said
        give_back()
        return made

    def following(self, library: Library) -> "Words":
        """The same for a library that has changed: only what is new or gone is read, and every score is the same."""
        kept = np.array([self._row_of(passage) for passage in library.passages.values()], np.int64)
        is_kept = np.zeros(len(self.passages), bool)
        is_kept[kept[kept >= 0]] = True
        gone = _Said.of(self.passages[row] for row in np.flatnonzero(~is_kept))
        new = _Said.of(one for one, row in zip(library.passages.values(), kept, strict=True) if row < 0)
        asked = self._asked_rows(library, kept)
        was, now = self.library.sources, library.sources
        lost = [one for one in was.values() if (other := now.get(one.id)) is not one and other != one]
        met = [one for one in now.values() if (other := was.get(one.id)) is not one and other != one]
        return self._of(
            library,
            stems=self.stems.following(kept, gone.whole, new.whole),
            stems_passage=self.stems_passage.following(kept, gone.own, new.own),
            stems_asked=self.stems_asked.following(asked, gone.asked, new.asked),
            grams=self.grams.following(kept, gone.whole, new.whole),
            speller=self.speller.following(gone.whole, new.whole),
            names=self.names.following(lost, met) if lost or met else self.names,
        )

    @classmethod
    def _of(
        cls,
        library: Library,
        *,
        stems: Bm25,
        stems_passage: Bm25,
        stems_asked: Bm25,
        grams: Bm25,
        speller: Speller,
        names: Names,
    ) -> "Words":
        passages = tuple(library.passages.values())
        rows_of: dict[str, list[int]] = {}
        for row, passage in enumerate(passages):
            rows_of.setdefault(passage.source, []).append(row)
        return cls(
            library=library,
            passages=passages,
            row_of={passage.id: row for row, passage in enumerate(passages)},
            rows_of=rows_of,
            stems=stems,
            stems_passage=stems_passage,
            stems_asked=stems_asked,
            asked_of=np.array([row for row, one in enumerate(passages) for _ in one.asked_as], np.int64),
            grams=grams,
            speller=speller,
            names=names,
            clinics=_clinic_names(library),
            routes=_routes(library),
        )

    def _row_of(self, passage: Passage) -> int:
        """The row of the very same passage; -1 where there is none."""
        row = self.row_of.get(passage.id, -1)
        return row if row >= 0 and (self.passages[row] is passage or self.passages[row] == passage) else -1

    def _asked_rows(self, library: Library, kept: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each `asked as` line of a changed library its place among the lines here; -1 for those that are new."""
        first = np.searchsorted(self.asked_of, kept)
        return np.array(
            [
                first[at] + line if kept[at] >= 0 else -1
                for at, passage in enumerate(library.passages.values())
                for line in range(len(passage.asked_as))
            ],
            np.int64,
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of passages as the indexes read them."""

    own: list[list[str]]  # heading and text
    whole: list[list[str]]  # and the questions it answers
    asked: list[list[str]]  # each of these questions

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> "_Said":
        own, whole, asked = [], [], []
        for passage in passages:
            own.append(words_of(" ".join((*passage.heading, passage.text))))
            lines = [words_of(line) for line in passage.asked_as]
            whole.append([*own[-1], *chain(*lines)] if lines else own[-1])
            asked += lines
        return cls(own, whole, asked)


def _clinic_names(library: Library) -> re.Pattern[str]:
    """A clinic's name, whole or without the words any clinic may carry, with the preposition before it."""
    full = {source.clinic for source in library.sources.values()}
    short = {short_name(name) for name in full}
    names = "|".join(sorted((re.escape(name) for name in full | short if len(name) > 2), key=lambda n: (-len(n), n)))
    return re.compile(rf"\b(?:(?:at|with|for|from|does|do|the)\s+)?(?:{names or '(?!)'})(?:['’]?s)?\b", re.IGNORECASE)


def _routes(library: Library) -> dict[str, frozenset[str]]:
    route = {source.clinic: source.route for source in library.sources.values()}
    of = {clinic: frozenset(words(said)) for clinic, said in route.items()}
    held_by = Counter(chain(*of.values()))
    return {clinic: frozenset(word for word in own if held_by[word] == 1) for clinic, own in of.items()}


@dataclass(frozen=True, slots=True)
class Search:
    """A search over one library; `dense` and `embed` are None while the model or the index is not there."""

    words: Words
    ranking: Ranking
    dense: Dense | None = None
    embed: Embed | None = None
    glossary: Glossary = field(default_factory=load_glossary)

    def __call__(self, query: Query) -> Findings:
        """The passages that fit a query, best first, at most KEPT a clinic."""
        named, text = self.named(query.text), self._read(query.text)
        vector = self._vector(text, query.before)
        found, scope = self._found(query, text, vector), query.clinics or named or frozenset(self.words.routes)
        kept = [one for clinic in scope for one in [e for e in found if e.passage.clinic == clinic][:KEPT]]
        asked = frozenset(content_stems(text))
        kept = sorted(map(partial(_with_words, asked), kept), key=lambda one: (-one.score, one.passage.id))
        unknown = tuple(word for word in words(text) if word not in self.words.speller.vocabulary)
        return Findings(
            tuple(kept),
            named,
            unknown,
            by_words_alone=any("dense_passage" not in e.features for e in kept[:1]),
            vector=vector,
        )

    def embed_ahead(self, query: Query) -> None:
        """Make the vector of a query that may be searched for soon; the embedder keeps it, and nothing is searched."""
        if self.embed is not None and self.dense is not None:
            with suppress(Exception):  # whoever searches meets it again, and says so
                self.embed(_embedded(self._read(query.text), query.before))

    def candidates(self, query: Query) -> list[Evidence]:
        """Every passage worth scoring, best first."""
        text = self._read(query.text)
        return self._found(query, text, self._vector(text, query.before))

    def _found(self, query: Query, text: str, vector: Vectors | None) -> list[Evidence]:
        """The same for a query whose text was read already."""
        scope = self._scope(query)
        lexical = self._lexical(text, query.before)
        near = self._nearest(scope, vector)
        if near is None:
            vector = None
        rows = self._rows(scope, lexical, near or ())
        about = self._about(rows, vector)
        routes = self._routes_in(text)
        near_to: list[Near | None] = [None] * len(rows)
        if vector is not None and self.dense is not None:
            near_to = [*self.dense.cosines([self.words.passages[row].id for row in rows], vector)]
        found = [
            self._evidence(row, text, lexical, of_row, about, routes) for row, of_row in zip(rows, near_to, strict=True)
        ]
        return sorted(found, key=lambda one: (-one.score, one.passage.id))

    def _read(self, text: str) -> str:
        """The text as it is searched for: clinics' names left out, unknown words repaired."""
        return self.words.speller.repair(self.glossary.read(self._without_clinics(text)))

    def _scope(self, query: Query) -> frozenset[str]:
        return query.clinics or self.named(query.text) or frozenset(self.words.routes)

    def named(self, text: str) -> frozenset[str]:
        """The clinics a text names by a name that only their documents hold."""
        return self.words.names.in_text(text)

    def _without_clinics(self, text: str) -> str:
        """The text without the clinics' names: they say where to search, not what for."""
        return self.words.clinics.sub(" ", text) if self.words.clinics.sub("", text).strip(" ?.!,") else text

    def _vector(self, text: str, before: str) -> Vectors | None:
        if self.embed is None or self.dense is None:
            return None
        try:
            vectors = self.embed(_embedded(text, before))
            share = _share_of_before(text)
            mixed = vectors[0] * (1 - share) + vectors[1] * share if before else vectors[0]
            if not np.isfinite(mixed).all():
                raise ValueError("its vector holds what is no number")
        except Exception:
            log.exception("the model did not answer; going on by words alone")
            return None
        return np.asarray(mixed / max(float(np.linalg.norm(mixed)), 1e-9), np.float32)

    def _lexical(self, text: str, before: str) -> dict[str, Scores]:
        def both(index: Bm25, read: Callable[[str], str] = str) -> Scores:
            now, share = index.scores(read(text)), _share_of_before(text)
            return np.asarray(now * (1 - share) + index.scores(read(before)) * share, np.float32) if before else now

        asked = both(self.words.stems_asked)
        best = np.zeros(len(self.words.passages), np.float32)
        if len(self.words.asked_of):
            np.maximum.at(best, self.words.asked_of, asked)
        return {
            "words": both(self.words.stems),
            "words_passage": both(self.words.stems_passage),
            "words_asked": best,
            "grams": both(self.words.grams),
            "grams_content": both(self.words.grams, content),
        }

    def _nearest(self, scope: frozenset[str], vector: Vectors | None) -> list[int] | None:
        """Rows of the passages nearest by meaning; None where the model or the index cannot be used."""
        if vector is None or self.dense is None:
            return None
        nearest = self.dense.nearest
        try:
            of_each = _CLINICS.map(lambda clinic: nearest(clinic, vector, NEAREST), sorted(scope))
            found = list(chain.from_iterable(of_each))
        except Exception:
            log.exception("the index did not answer; going on by words alone")
            return None
        return [self.words.row_of[passage] for passage in found if passage in self.words.row_of]

    def _rows(self, scope: frozenset[str], lexical: dict[str, Scores], near: Iterable[int]) -> list[int]:
        chosen = set(near)
        for scores in lexical.values():
            best = np.argpartition(-scores, min(BY_WORDS, len(scores) - 1))[:BY_WORDS] if len(scores) else ()
            chosen |= {int(row) for row in best if scores[row] > 0}
        return sorted(row for row in chosen if self.words.passages[row].clinic in scope)

    def _about(self, rows: Iterable[int], vector: Vectors | None) -> dict[str, float]:
        """How near each of these rows' sources, as a whole, is to a question: the cosine of its passages' middle."""
        if vector is None or self.dense is None:
            return {}
        own: dict[str, list[str]] = {}
        for source in {self.words.passages[row].source for row in rows if not self.words.passages[row].is_helped}:
            ids = [self.words.passages[row].id for row in self.words.rows_of[source]]
            if known := [one for one in ids if one in self.dense.rows]:
                own[source] = known
        if not own:
            return {}
        vectors = self.dense.of_each(list(chain(*own.values())), "passage")
        first = np.cumsum([0, *map(len, own.values())])[:-1]
        middles = np.add.reduceat(vectors, first, axis=0)  # how long they are does not count
        near = middles @ vector / np.maximum(np.linalg.norm(middles, axis=1), 1e-9)
        return dict(zip(own, map(float, near), strict=True))

    def _evidence(
        self,
        row: int,
        text: str,
        lexical: dict[str, Scores],
        near: Near | None,
        about: dict[str, float],
        routes: frozenset[str],
    ) -> Evidence:
        passage = self.words.passages[row]
        features = {name: float(scores[row]) for name, scores in lexical.items()}
        on_content = features.pop("grams_content")
        if not passage.is_helped:  # little there is worded like a question: empty words would only be noise
            features |= {"words": features["words_passage"], "words_asked": 0.0, "grams": on_content}
            features["detail"] = detail(text, passage.text)
            features["detail_sure"] = detail(text, passage.text, sure=True)
            features["dense_source"] = about.get(passage.source, 0.0)
        features["route"] = 0.0 if len(routes) != 1 else 1.0 if passage.clinic in routes else -1.0
        features["gap"] = float(passage.is_gap)
        sentences: tuple[float, ...] = ()
        if near is not None:
            whole, one, asked = near
            asked = np.sort(asked)[::-1]
            features["dense_passage"] = float(whole.max(initial=0.0))
            features["dense_sentence"] = float(one.max(initial=0.0))
            instead = max(features["dense_passage"], features["dense_sentence"])
            features["dense_asked"] = float(asked[0]) if len(asked) else instead
            features["dense_asked_3"] = float(asked[:3].mean()) if len(asked) else instead
            if len(asked) and not passage.is_helped:  # a few accepted questions count as more of its sentences
                features["dense_sentence"] = max(features["dense_sentence"], features["dense_asked"])
            sentences = tuple(map(float, one)) if len(one) == len(passage.sentences) else ()
        if not sentences:
            of = [
                frozenset(stems(passage.text[s.start - passage.start : s.end - passage.start]))
                for s in passage.sentences
            ]
            asked_for = frozenset(stems(text))
            sentences = tuple(len(held & asked_for) / max(len(asked_for), 1) for held in of)
        shares = self.ranking.shares(features, by_words_alone=near is None, plain=not passage.is_helped)
        return Evidence(passage, sum(shares.values()), shares, features, sentences)

    def _routes_in(self, text: str) -> frozenset[str]:
        """The clinics whose route a text speaks of, by words that no other clinic's route has."""
        held = frozenset(words(text))
        return frozenset(clinic for clinic, own in self.words.routes.items() if own & held)


def _embedded(text: str, before: str) -> list[str]:
    return [text, before] if before else [text]


def _share_of_before(text: str) -> float:
    """How much the turn before counts in a message that leans on it: of "in people?" it says more than its words."""
    return BEFORE_FEW if len(words(text)) <= FEW else BEFORE


def _with_words(asked: frozenset[str], one: Evidence) -> Evidence:
    """The evidence with its sentences' shares of the question's stems counted too."""
    shares = (
        len(asked & _stems_of(one.passage.text[s.start - one.passage.start : s.end - one.passage.start]))
        for s in one.passage.sentences
    )
    return replace(
        one,
        sentences=tuple(
            fit + WORDS_OF_SENTENCE * share / max(len(asked), 1)
            for fit, share in zip(one.sentences, shares, strict=True)
        ),
    )
