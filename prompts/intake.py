"""The intake's own words, in both languages, from prompts/intake.toml."""

import tomllib
from functools import cache
from pathlib import Path

from prompts.page import PageWords

FILE = Path(__file__).with_name("intake.toml")


@cache
def intake_words(language: str) -> PageWords:
    """The words of a language ("en" or "es"); English for any other."""
    with FILE.open("rb") as file:
        parts = tomllib.load(file)
    chosen = language if language in parts and language != "reviewed_by" else "en"
    return PageWords(
        chosen, {f"{part}.{name}": text for part, entries in parts[chosen].items() for name, text in entries.items()}
    )
