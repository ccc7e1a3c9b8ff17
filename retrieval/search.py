"""Finding passages again: candidates by meaning and by words, then one fitted sum over their features."""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from sys import intern

import numpy as np
from numpy.typing import NDArray

from knowledge.library import Library
from knowledge.source import Passage
from retrieval.detail import detail
from retrieval.embedding import Embed, Vectors
from retrieval.evidence import Evidence, Findings, Query
from retrieval.glossary import Glossary, load_glossary
from retrieval.index import Dense
from retrieval.lexical import Bm25, Scores, Speller, content, content_stems, grams, stems, words
from retrieval.ranking import Ranking

log = logging.getLogger(__name__)

NEAREST = 60  # records asked of each clinic's collection
BY_WORDS = 30  # passages taken from each lexical index
KEPT = 12  # passages handed on
WORDS_OF_SENTENCE = 0.5  # what a sentence that holds every word of the question gains on its cosine
BEFORE = 0.3  # share of the turn before in a message that leans on it
BEFORE_FEW = 0.5  # the same where the message has at most FEW words
FEW = 2

# Names of people, places and studies inside the sentences of a document that declares none.
_NAMES = re.compile(
    r"(?<=[a-z,;] )[A-Z][a-zé]+(?: [A-Z][a-zé]+)*|(?<=\bDr\. )[A-Z]\w+|(?<=\()[A-Z]\w+(?=(?: et al\.)?, \d{4}\))"
)
_TITLED = re.compile(r"[A-Z]\w+(?=, [A-Z]{2,5}\b)")  # "Reyes, RN"
_GENERIC = frozenset(
    """clinic clinics center centre health wellness ketamine therapy therapies infusion infusions medical medicine
    care group practice the and of in for national institute mental university journal study psychiatry
    affective disorders doctor frontiers""".split()
)


@lru_cache(maxsize=20_000)
def _stems_of(sentence: str) -> frozenset[str]:
    return frozenset(stems(sentence))


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical indexes over a library's passages, and what its words say about clinics."""

    passages: tuple[Passage, ...]
    row_of: dict[str, int]  # passage id -> its row in every index
    rows_of: dict[str, list[int]]  # source -> the rows of its passages
    stems: Bm25
    stems_passage: Bm25
    stems_asked: Bm25
    asked_of: NDArray[np.int64]  # for each `asked as` line, the row of its passage
    grams: Bm25
    speller: Speller
    names: dict[str, str]  # a name that stands in one clinic's documents alone -> that clinic
    clinics: re.Pattern[str]  # finds a clinic's name in a text
    routes: dict[str, frozenset[str]]  # clinic -> words of its route that no other clinic's route has

    @classmethod
    def over(cls, library: Library) -> "Words":
        """Index a library's passages; for some thousands, well under a second."""
        passages = tuple(library.passages.values())
        own = [" ".join((*passage.heading, passage.text)) for passage in passages]
        whole = [" ".join((text, *passage.asked_as)) for text, passage in zip(own, passages, strict=True)]
        asked = [(row, line) for row, passage in enumerate(passages) for line in passage.asked_as]
        return cls(
            passages=passages,
            row_of={passage.id: row for row, passage in enumerate(passages)},
            rows_of=_rows_of(passages),
            stems=Bm25.over(whole, stems),
            stems_passage=Bm25.over(own, content_stems),
            stems_asked=Bm25.over([line for _, line in asked], stems),
            asked_of=np.array([row for row, _ in asked], np.int64),
            grams=Bm25.over(whole, grams),
            speller=Speller.over(whole),
            names=_names(library),
            clinics=_clinic_names(library),
            routes=_routes(library),
        )


def _rows_of(passages: Iterable[Passage]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(passages):
        rows.setdefault(passage.source, []).append(row)
    return rows


def _names(library: Library) -> dict[str, str]:
    """Names by the one clinic whose documents hold them: of clinics, people, places, studies."""
    seen: dict[str, set[str]] = {}
    for source in library.sources.values():
        declared = [source.clinic, _short(source.clinic)]
        declared += [*source.author.split(), *re.split(r"\band\b|,", source.operates)]
        declared += [word for passage in source.passages for word in re.findall(r"\b[A-Z]\w{3,}\b", passage.study)]
        if not source.is_digest:  # nothing is declared of the people and studies in a clinic's own document
            declared += [name for one in source.passages if one.text[-1] in ".!?" for name in _names_in(one.text)]
        for name in declared:
            plain = " ".join(words(name))
            if len(plain) > 2:
                seen.setdefault(plain, set()).add(source.clinic)
    told = _GENERIC.union(*(_lower_case_in(source.text) for source in library.sources.values()))
    return {name: next(iter(of)) for name, of in seen.items() if len(of) == 1 and name not in told}


# Kept, so that of a library that changes by one document only that one is read again.
@lru_cache(maxsize=100_000)
def _names_in(text: str) -> tuple[str, ...]:
    return tuple(one for one in (*_NAMES.findall(text), *_TITLED.findall(text)) if not _GENERIC.issuperset(words(one)))


@lru_cache(maxsize=50_000)
def _lower_case_in(text: str) -> frozenset[str]:
    return frozenset(map(intern, re.findall(r"\b[a-z]{3,}\b", text)))


def _clinic_names(library: Library) -> re.Pattern[str]:
    """A clinic's name, whole or without the words any clinic may carry, with the preposition before it."""
    full = [source.clinic for source in library.sources.values()]
    short = [_short(name) for name in full]
    names = "|".join(sorted({re.escape(name) for name in (*full, *short) if len(name) > 2}, key=len, reverse=True))
    return re.compile(rf"\b(?:(?:at|with|for|from|does|do|the)\s+)?(?:{names or '(?!)'})(?:['’]?s)?\b", re.IGNORECASE)


def _short(clinic: str) -> str:
    """A clinic's name without the words any clinic may carry: "Tovani Health" is Tovani."""
    return " ".join(word for word in clinic.split() if word.lower() not in _GENERIC)


def _routes(library: Library) -> dict[str, frozenset[str]]:
    of = {source.clinic: set(words(source.route)) for source in library.sources.values()}
    return {
        clinic: frozenset(own.difference(*(other for name, other in of.items() if name != clinic)))
        for clinic, own in of.items()
    }


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
        found = [self._evidence(row, text, lexical, vector, about) for row in rows]
        return sorted(found, key=lambda one: (-one.score, one.passage.id))

    def _read(self, text: str) -> str:
        """The text as it is searched for: clinics' names left out, unknown words repaired."""
        return self.words.speller.repair(self.glossary.read(self._without_clinics(text)))

    def _scope(self, query: Query) -> frozenset[str]:
        return query.clinics or self.named(query.text) or frozenset(self.words.routes)

    def named(self, text: str) -> frozenset[str]:
        """The clinics a text names by a name that only their documents hold."""
        plain = " ".join(["", *(word.removesuffix("'s") for word in words(text)), ""])
        return frozenset(clinic for name, clinic in self.words.names.items() if f" {name} " in plain)

    def _without_clinics(self, text: str) -> str:
        """The text without the clinics' names: they say where to search, not what for."""
        return self.words.clinics.sub(" ", text) if self.words.clinics.sub("", text).strip(" ?.!,") else text

    def _vector(self, text: str, before: str) -> Vectors | None:
        if self.embed is None or self.dense is None:
            return None
        try:
            vectors = self.embed([text, before] if before else [text])
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
        try:
            found = [passage for clinic in sorted(scope) for passage in self.dense.nearest(clinic, vector, NEAREST)]
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
        about = {}
        for source in {self.words.passages[row].source for row in rows if not self.words.passages[row].asked_as}:
            own = [self.dense.of(self.words.passages[row].id, "passage") for row in self.words.rows_of[source]]
            middle = np.concatenate(own).mean(axis=0, dtype=np.float32)
            about[source] = float(middle @ vector) / max(float(np.linalg.norm(middle)), 1e-9)
        return about

    def _evidence(
        self, row: int, text: str, lexical: dict[str, Scores], vector: Vectors | None, about: dict[str, float]
    ) -> Evidence:
        passage = self.words.passages[row]
        features = {name: float(scores[row]) for name, scores in lexical.items()}
        on_content = features.pop("grams_content")
        if not passage.asked_as:  # nothing there is worded like a question: empty words would only be noise
            features |= {"words": features["words_passage"], "words_asked": 0.0, "grams": on_content}
            features["detail"] = detail(text, passage.text)
            features["detail_sure"] = detail(text, passage.text, sure=True)
            features["dense_source"] = about.get(passage.source, 0.0)
        features["route"] = self._route(passage.clinic, text)
        features["gap"] = float(passage.is_gap)
        sentences: tuple[float, ...] = ()
        if vector is not None and self.dense is not None:
            whole = self.dense.of(passage.id, "passage") @ vector
            one = self.dense.of(passage.id, "sentence") @ vector
            asked = np.sort(self.dense.of(passage.id, "asked") @ vector)[::-1]
            features["dense_passage"] = float(whole.max(initial=0.0))
            features["dense_sentence"] = float(one.max(initial=0.0))
            instead = max(features["dense_passage"], features["dense_sentence"])
            features["dense_asked"] = float(asked[0]) if len(asked) else instead
            features["dense_asked_3"] = float(asked[:3].mean()) if len(asked) else instead
            sentences = tuple(map(float, one)) if len(one) == len(passage.sentences) else ()
        if not sentences:
            of = [
                frozenset(stems(passage.text[s.start - passage.start : s.end - passage.start]))
                for s in passage.sentences
            ]
            asked_for = frozenset(stems(text))
            sentences = tuple(len(held & asked_for) / max(len(asked_for), 1) for held in of)
        shares = self.ranking.shares(features, by_words_alone=vector is None, plain=not passage.asked_as)
        return Evidence(passage, sum(shares.values()), shares, features, sentences)

    def _route(self, clinic: str, text: str) -> float:
        held = frozenset(words(text))
        speaks_of = {name for name, own in self.words.routes.items() if own & held}
        return 0.0 if len(speaks_of) != 1 else 1.0 if clinic in speaks_of else -1.0


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
