"""Words a visitor may use, read as the words the documents use; only search sees them."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from retrieval.lexical import words

FILE = Path(__file__).with_name("glossary.toml")
SPANISH_FROM = 0.5  # share of a text's words that must be Spanish entries before it is read as Spanish


@dataclass(frozen=True, slots=True)
class Glossary:
    """Two lists of phrases: Spanish ones are replaced, everyday ones get the documents' words beside them. A place is
    left out where it only says whose page or doctor is meant."""

    spanish: Mapping[str, str]
    lay: Mapping[str, str]
    spanish_phrases: re.Pattern[str]
    lay_phrases: re.Pattern[str]
    places: re.Pattern[str]

    @classmethod
    def over(
        cls,
        spanish: Mapping[str, str],
        lay: Mapping[str, str],
        places: Collection[str] = (),
        place_of: Collection[str] = (),
    ) -> "Glossary":
        """A glossary of phrases, compared without case and accents; the longest that fits goes first."""
        spanish = {" ".join(words(key)): value for key, value in spanish.items()}
        lay = {" ".join(words(key)): value for key, value in lay.items()}
        of_a_place = re.compile(
            rf"(?:{_any_of(places).pattern})(?:[ -]based)?\s+(?={_any_of(place_of).pattern})", re.IGNORECASE
        )
        return cls(spanish, lay, _any_of(spanish), _any_of(lay), of_a_place)

    def read(self, text: str) -> str:
        """The text in the documents' words."""
        text = self.places.sub("", text)
        plain = " ".join(words(text))
        covered = sum(len(found[0].split()) for found in self.spanish_phrases.finditer(plain))
        if covered >= SPANISH_FROM * max(len(plain.split()), 1):
            return self.spanish_phrases.sub(lambda found: self.spanish[found[0]], plain)
        beside = [self.lay[found[0]] for found in self.lay_phrases.finditer(plain)]
        return " ".join([text, *beside])


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, phrases), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first) or '(?!)'})\b")


@cache
def load_glossary(path: Path = FILE) -> Glossary:
    """The glossary in a file."""
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    return Glossary.over(held["spanish"], held["lay"], **held["left_out"])
