"""The page's own short words, in both languages, from prompts/page.toml."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template

FILE = Path(__file__).with_name("page.toml")


class PageWords:
    """The short words of one language: `words("frame.leave")`, blanks filled by name."""

    def __init__(self, language: str, entries: dict[str, str]) -> None:
        self.language = language
        self._entries = entries

    def __call__(self, key: str, **blanks: object) -> str:
        """The words under `key`. Raises KeyError for an unknown key or a blank nobody filled."""
        return Template(self._entries[key]).substitute(blanks)

    def names(self) -> frozenset[str]:
        """Every key there is, as "part.name"."""
        return frozenset(self._entries)

    def blanks(self, key: str) -> frozenset[str]:
        """The names of the blanks in one entry."""
        return frozenset(Template(self._entries[key]).get_identifiers())


@cache
def page_words(language: str) -> PageWords:
    """The words of a language ("en" or "es"); English for any other."""
    with FILE.open("rb") as file:
        parts = tomllib.load(file)
    chosen = parts.get(language, parts["en"])
    return PageWords(
        language if language in parts else "en",
        {f"{part}.{name}": text for part, entries in chosen.items() for name, text in entries.items()},
    )
