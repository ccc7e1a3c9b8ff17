"""Fixed wording as Markdown files with $blanks, each with its reviewer, its language and a short fingerprint."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

from prompts.resources import resources

HERE = Path(__file__).parent
LANGUAGES = ("en", "es")
NOT_REVIEWED = "not yet reviewed by a clinician"


@dataclass(frozen=True, slots=True)
class Wording:
    """A reviewed text, its blanks filled."""

    name: str
    language: str
    text: str
    fingerprint: str  # of the file, so that a turn can say which wording made it
    reviewed_by: str = ""
    reviewed_on: str = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(" ".join(part.split()) for part in self.text.split("\n\n") if part.strip())

    @property
    def review(self) -> str:
        """Who reviewed it and when, or that nobody has."""
        return f"{self.reviewed_by}, {self.reviewed_on}" if self.reviewed_by else NOT_REVIEWED


def wording(name: str, language: str = "en", **blanks: str) -> Wording:
    """The wording `name` in a language, or in English where there is none. Raises KeyError for a missing blank."""
    head, body, fingerprint, found_in = _file(name, language)
    text = Template(body).substitute(resources(found_in).blanks() | blanks)
    return Wording(name, found_in, text.strip(), fingerprint, head.get("reviewed_by", ""), head.get("reviewed_on", ""))


def names(language: str = "en") -> tuple[str, ...]:
    """Every wording there is in a language."""
    return tuple(sorted(file.stem for file in (HERE / language).glob("*.md")))


@cache
def _file(name: str, language: str) -> tuple[Mapping[str, str], str, str, str]:
    file = HERE / language / f"{name}.md"
    if not file.is_file():
        language, file = "en", HERE / "en" / f"{name}.md"
    raw = file.read_text(encoding="utf-8")
    _, head, body = raw.split("---\n", 2)
    pairs = (line.partition(":") for line in head.splitlines() if line.strip())
    return (
        {key.strip(): value.strip() for key, _, value in pairs},
        body,
        sha256(raw.encode()).hexdigest()[:12],
        language,
    )
