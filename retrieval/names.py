"""Names that say which clinic is meant: of clinics, people, places and studies that only its documents hold."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from sys import intern

from knowledge.source import Source
from retrieval.lexical import words, words_of

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


@dataclass(frozen=True, slots=True)
class Names:
    """Counted a source at a time, so that of sources that change only these are read."""

    said: dict[tuple[str, str], int]  # a name and a clinic -> how many of its sources hold it
    told: dict[str, int]  # a word written small, which is no name -> how many sources hold it
    of: dict[str, str]  # a name that stands in one clinic's documents alone -> that clinic
    longest: int  # words of the longest of these names

    @classmethod
    def over(cls, sources: Iterable[Source]) -> "Names":
        """The names in these sources."""
        return cls._counted(Counter(), Counter(), (), sources)

    def following(self, gone: Iterable[Source], new: Iterable[Source]) -> "Names":
        """The names of changed sources: without those that are gone, with those that are new."""
        return self._counted(Counter(self.said), Counter(self.told), gone, new)

    @classmethod
    def _counted(
        cls, said: Counter[tuple[str, str]], told: Counter[str], gone: Iterable[Source], new: Iterable[Source]
    ) -> "Names":
        for sources, step in ((gone, -1), (new, 1)):
            for source in sources:
                for name in _names_in(source):
                    said[name, source.clinic] += step
                for word in set(_lower_case_in(source.text)):
                    told[word] += step
        clinics: dict[str, str | None] = {}
        for (name, clinic), count in said.items():
            if count > 0:
                clinics[name] = None if name in clinics else clinic
        of = {
            name: clinic
            for name, clinic in clinics.items()
            if clinic is not None and name not in _GENERIC and not told.get(name)
        }
        return cls(dict(said), dict(told), of, max((name.count(" ") + 1 for name in of), default=0))

    def in_text(self, text: str) -> frozenset[str]:
        """The clinics that a text names by such a name."""
        said = [word.removesuffix("'s") for word in words(text)]
        parts = (" ".join(said[at : at + size]) for at in range(len(said)) for size in range(1, self.longest + 1))
        return frozenset(self.of[part] for part in parts if part in self.of)


def _lower_case_in(text: str) -> list[str]:
    """Words of three letters and more that are written small."""
    return [intern(word) for word in re.findall(r"\b[a-z]{3,}\b", text)]


def short_name(clinic: str) -> str:
    """A clinic's name without the words any clinic may carry: "Tovani Health" is Tovani."""
    return " ".join(word for word in clinic.split() if word.lower() not in _GENERIC)


def _names_in(source: Source) -> set[str]:
    declared = [source.clinic, short_name(source.clinic)]
    declared += [*source.author.split(), *re.split(r"\band\b|,", source.operates)]
    declared += [word for passage in source.passages for word in re.findall(r"\b[A-Z]\w{3,}\b", passage.study)]
    if not source.is_digest:  # nothing is declared of the people and studies in a clinic's own document
        told = [one.text for one in source.passages if one.text[-1] in ".!?"]
        found = [name for text in told for name in (*_NAMES.findall(text), *_TITLED.findall(text))]
        declared += [name for name in found if not _GENERIC.issuperset(words(name))]
    return {plain for name in declared if len(plain := " ".join(words_of(name))) > 2}
