"""The fixed wording of a drafted reply, from prompts/reply.toml: greeting, signature, lead-ins, reasons of blanks."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

FILE = Path(__file__).with_name("reply.toml")


def reply_words(key: str, language: str, **blanks: str) -> str:
    """The wording under `key` in a language, English where there is none; blanks nobody fills stay as they are."""
    held = _wording()
    return Template(held.get(language, held["en"])[key]).safe_substitute(blanks)


def blank_words(blank: str, question: str) -> str:
    """Why a place is left for a person, for staff to read."""
    return Template(_wording()["blank"][blank]).substitute(question=question)


@cache
def _wording() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
