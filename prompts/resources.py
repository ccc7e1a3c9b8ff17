"""Who can help at any hour: one checked file, its links for a telephone, and whether it has grown old."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

FILE = Path(__file__).with_name("resources.toml")
FRESH_DAYS = 90
CONFIRM = "Try each line of prompts/resources.toml, then put your name and the day in its head."


@dataclass(frozen=True, slots=True)
class Resource:
    """One place to turn to; what it does not offer is empty."""

    id: str
    name: str
    number: str  # as dialled
    say: str  # as shown
    text_to: str
    text_word: str
    chat: str

    @property
    def call_link(self) -> str:
        return f"tel:{self.number.replace('-', '')}"

    @property
    def text_link(self) -> str:
        return f"sms:{self.text_to}" + (f"?body={quote(self.text_word)}" if self.text_word else "")


@dataclass(frozen=True, slots=True)
class Resources:
    """Every resource in one language, and when a person last checked them."""

    by_id: Mapping[str, Resource]
    checked_on: date
    checked_by: str  # empty: no operator has confirmed them yet

    def __getitem__(self, id: str) -> Resource:
        return self.by_id[id]

    def is_stale(self, today: date) -> bool:
        """Nobody has checked the file for more than FRESH_DAYS days."""
        return today - self.checked_on > timedelta(days=FRESH_DAYS)

    def trouble(self, today: date) -> str:
        """What the operator has to do about the file, in a sentence for them; "" where it is confirmed and fresh."""
        if self.is_stale(today):
            return f"The numbers for help were last checked on {self.checked_on}. {CONFIRM}"
        return "" if self.checked_by else f"No operator has confirmed the numbers for help. {CONFIRM}"

    def blanks(self) -> dict[str, str]:
        """Values for the $blanks of wording: `lifeline`, `lifeline_text`, `lifeline_word` and so on."""
        filled: dict[str, str] = {}
        for id, resource in self.by_id.items():
            filled[id] = resource.say or resource.text_to
            filled[f"{id}_name"] = resource.name
            filled[f"{id}_text"] = resource.text_to
            filled[f"{id}_word"] = resource.text_word
            filled[f"{id}_chat"] = resource.chat
        return filled


@cache
def resources(language: str = "en") -> Resources:
    """Read prompts/resources.toml for "en" or "es"."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = {
        id: Resource(
            id=id,
            name=row[f"name_{language}"],
            number=row.get("number", ""),
            say=row.get(f"say_{language}", ""),
            text_to=row.get("text_to", ""),
            text_word=row.get(f"text_word_{language}", ""),
            chat=row.get("chat", ""),
        )
        for id, row in table.items()
        if isinstance(row, dict)
    }
    return Resources(MappingProxyType(found), table["checked_on"], table["checked_by"].strip())
