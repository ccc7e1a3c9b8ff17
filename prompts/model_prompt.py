"""The prompts for a language model: Markdown files with $blanks, what it is told and what it is given to look at."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

HERE = Path(__file__).parent / "model"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt as its file holds it."""

    name: str
    fingerprint: str  # of the file, so that a turn can say which prompt made it
    told: Template
    given: Template

    def fill(self, **blanks: str) -> tuple[str, str]:
        """What the model is told and given. Raises KeyError for a blank nobody filled."""
        return self.told.substitute(blanks).strip(), self.given.substitute(blanks).strip()


@cache
def model_prompt(name: str) -> Prompt:
    """The prompt of a name."""
    raw = (HERE / f"{name}.md").read_text(encoding="utf-8")
    _, _, told, given = raw.split("---\n", 3)
    return Prompt(name, sha256(raw.encode()).hexdigest()[:12], Template(told), Template(given))
