"""What a claim is held against: a passage, whose document it stands in, and which clinics it is not about."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.library import Library
from knowledge.source import Passage, Source
from retrieval.lexical import words

_COMMON = frozenset(
    "the city music health ketamine clinic center centre north south east west new st mind brain".split()
)
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][^\W\d_]+\b", re.MULTILINE)
_AT = re.compile(r"\b[Aa]t ((?:[A-Z][^\W\d_]+ ){1,4}?[A-Z][^\W\d_]+)(?=,| we\b| our\b)")
_NEAR = 2  # paragraphs on either side of a passage that say what it is about
_SHORT, _SHARE, _FEW = 4, 4, 8


@dataclass(frozen=True, slots=True)
class Premise:
    """A passage with what a reader of its document knows besides."""

    text: str
    clinic: str = ""  # whose document it is; "we" and "our" in it
    others: tuple[str, ...] = ()  # the clinics it must not be taken for
    near: str = ""  # what stands around it under its heading: says whether mice or people are meant
    names: frozenset[str] = frozenset()  # plain words the library writes as names, to know one that opens a sentence
    subject: str = ""  # the author of the source
    common: frozenset[str] = frozenset()  # plain words the whole document is about


@dataclass(frozen=True, slots=True)
class Premises:
    """The premises that the passages of one library are; what they share is read once."""

    library: Library
    clinics: frozenset[str]  # by the name each document gives
    names: frozenset[str]  # plain words that some document writes as names
    _known: dict[str, Premise] = field(default_factory=dict)

    @classmethod
    def over(cls, library: Library) -> "Premises":
        """Read what all of a library's premises share."""
        sources = library.sources.values()
        names = frozenset().union(*(_names_in(one.text) for one in sources))
        return cls(library, frozenset(map(clinic_of, sources)), names)

    def of(self, passage: Passage) -> Premise:
        """The premise that a passage of the library is; made when it is first asked for."""
        if passage.id not in self._known:
            self._known[passage.id] = self._made(passage)
        return self._known[passage.id]

    def _made(self, passage: Passage) -> Premise:
        source = self.library.sources[passage.source]
        own = clinic_of(source)
        return Premise(
            text=passage.text,
            clinic=own,
            others=tuple(sorted(self.clinics - {own})),
            near=_around(source, passage),
            names=self.names,
            subject=source.author,
            common=_common_in(source),
        )


def short_names(clinic: str, among: Iterable[str] = ()) -> tuple[str, ...]:
    """How a clinic may be named: in full, and by its first words where they are no common word and nobody else's."""
    parts = clinic.split()
    if not parts:
        return ()
    short = parts[0] if parts[0].lower() not in _COMMON else " ".join(parts[:2])
    taken = {name[: len(short)] for name in among}
    return (clinic,) if short in taken or short == clinic else (clinic, short)


@lru_cache(maxsize=64)
def clinic_of(source: Source) -> str:
    """The clinic's name: as given, or as a document without front matter says it ("At North Clinic, we ...")."""
    if source.clinic != source.title:
        return source.clinic
    said = Counter(match[1] for match in _AT.finditer(source.text))
    return said.most_common(1)[0][0] if said else source.clinic


def _around(source: Source, passage: Passage) -> str:
    section = [one for one in source.passages if one.heading == passage.heading]
    at = section.index(passage)
    return "\n".join(one.text for one in section[max(at - _NEAR, 0) : at + _NEAR + 1])


@lru_cache(maxsize=64)
def _common_in(source: Source) -> frozenset[str]:
    """Words of more than four letters that stand in a quarter of the passages or more."""
    counts = Counter(word for one in source.passages for word in {w for w in words(one.text) if len(w) > _SHORT})
    return frozenset(word for word, count in counts.items() if count * _SHARE >= len(source.passages) > _FEW)


@lru_cache(maxsize=64)
def _names_in(text: str) -> frozenset[str]:
    """Words that are never written small."""
    small = set(re.findall(r"\b[a-z][^\W\d_]+\b", text))
    return frozenset(word.lower() for word in _NAME.findall(text) if word.lower() not in small)
