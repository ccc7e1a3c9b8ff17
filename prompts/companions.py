"""The fixed wordings that stand beside a sentence, by key, from prompts/companions.toml."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template

from prompts.resources import resources

FILE = Path(__file__).with_name("companions.toml")


@cache
def _wordings() -> dict[str, dict[str, str]]:
    with FILE.open("rb") as file:
        return {key: value for key, value in tomllib.load(file).items() if isinstance(value, dict)}


def companion(key: str, language: str) -> str:
    """The wording under `key` in a language, English where there is none; a retired key reads as its own words."""
    entry = _wordings().get(key)
    if entry is None:
        return key.replace("-", " ")
    spoken = language if language in entry else "en"
    return Template(entry[spoken]).safe_substitute(resources(spoken).blanks())
