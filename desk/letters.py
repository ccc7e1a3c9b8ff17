"""What a letter says, from a reviewed file; it gets a reference and the desk's address to fill in, and nothing else."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template

import prompts
from desk.channels import Words
from store.outbox import Letter
from triage.decision import Language

FILE = Path(prompts.__path__[0]) / "letters.toml"


def write_letter(letter: Letter, language: Language | None, desk: str = "", *, urgent: bool = False) -> Words:
    """The words of one letter in that language (English if none was chosen). `desk` is the desk's own address."""
    kind = f"{letter.kind}_urgent" if urgent else letter.kind
    said = _wording()[(language or Language.ENGLISH).value][kind]
    blanks = {"reference": f"F-{letter.subject}", "desk": desk}
    subject, body = (Template(said[part]).substitute(blanks).strip() for part in ("subject", "body"))
    return Words(subject, body + "\n")


@cache
def _wording() -> dict[str, dict[str, dict[str, str]]]:
    loaded = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {language.value: loaded[language.value] for language in Language}
