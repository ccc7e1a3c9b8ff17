"""Who is meant: a question about nobody in particular is not handed to a person for a topic it only mentions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from triage.cues import Pattern, compile_all, load
from triage.decision import Reason


@dataclass(frozen=True, slots=True)
class Frame:
    """One way of asking in general: its cues, what must not stand beside them, the reasons it lifts."""

    cues: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    unless_anywhere: tuple[Pattern, ...]  # in the whole message
    lifts: frozenset[Reason]
    names: bool  # also where only the name of a medicine stands

    def holds(self, plain: str, whole: str) -> bool:
        """Whether a folded sentence of a message is asked in this way."""
        return _any(self.cues, plain) and not (_any(self.unless, plain) or _any(self.unless_anywhere, whole))


class General:
    """The frames of triage/cues/general.toml, compiled once."""

    def __init__(self) -> None:
        tables = load("general")
        lists: Mapping[str, list[str]] = tables.pop("unless")
        self._everyday = compile_all(tables.pop("everyday")["cues"])
        self._subject = compile_all(tables.pop("subject")["cues"])
        self._asides = compile_all(tables.pop("asides")["cues"])
        self.everyday_reasons = frozenset(map(Reason, tables.pop("other_business")["lifts"]))
        self._frames = tuple(
            Frame(
                cues=compile_all(table["cues"]),
                unless=compile_all(cue for name in table["unless"] for cue in lists[name]),
                unless_anywhere=compile_all(cue for name in table.get("unless_anywhere", ()) for cue in lists[name]),
                lifts=frozenset(map(Reason, table["lifts"])),
                names=table.get("names", False),
            )
            for table in tables.values()
            if isinstance(table, dict)
        )

    def lifts(self, reason: Reason, plain: str, whole: str, *, is_name: bool) -> bool:
        """Whether a folded sentence of a message only mentions what a reason of safety or eligibility is about."""
        frames = [frame for frame in self._frames if reason in frame.lifts and (frame.names or not is_name)]
        asked = without(self._asides, plain) if frames else plain
        return any(frame.holds(asked, whole) for frame in frames)

    def as_meant(self, plain: str) -> str:
        """The sentence with other meanings of grave words blanked out, every character still at its place."""
        return without(self._everyday, plain)

    def is_on_subject(self, whole: str) -> bool:
        """Whether a folded message names something the documents are about."""
        return _any(self._subject, whole)


def without(patterns: Iterable[Pattern], plain: str) -> str:
    """A folded sentence with the matches of patterns blanked out, every character still at its place."""
    for pattern in patterns:
        for match in pattern.regex.finditer(plain):
            start, end = match.span()
            plain = plain[:start] + re.sub(r"\S", "~", plain[start:end]) + plain[end:]
    return plain


def _any(patterns: tuple[Pattern, ...], plain: str) -> bool:
    return any(pattern.regex.search(plain) for pattern in patterns)
