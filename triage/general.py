"""Who is meant: a question about nobody in particular is not handed to a person for a topic it only mentions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from triage.cues import Pattern, compile_all, load
from triage.decision import Reason


@dataclass(frozen=True, slots=True)
class Frame:
    """One way of asking in general: its cues, what must not stand beside them, the reasons it lifts."""

    cues: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    unless_anywhere: tuple[Pattern, ...]  # in the whole message
    needs_anywhere: tuple[tuple[Pattern, ...], ...]  # one of each in the whole message
    lifts: frozenset[Reason]
    names: bool  # also where only the name of a medicine stands
    rules_alone: bool  # speaks against the rules' own cues, never against another reader

    def may_hold(self, whole: str) -> bool:
        """Whether nothing in a folded message speaks against this way of asking."""
        return not _any(self.unless_anywhere, whole) and all(_any(group, whole) for group in self.needs_anywhere)

    def holds(self, plain: str) -> bool:
        """Whether a folded sentence is asked in this way."""
        return _any(self.cues, plain) and not _any(self.unless, plain)


class Within:
    """One message, as far as it is asked in general; what holds of the whole is looked up once."""

    def __init__(self, general: "General", whole: str) -> None:
        self._general, self._whole = general, whole

    @cached_property
    def _frames(self) -> tuple[Frame, ...]:
        return tuple(frame for frame in self._general.frames if frame.may_hold(self._whole))

    @cached_property
    def is_on_subject(self) -> bool:
        """Whether it names something the documents are about."""
        return _any(self._general.subject, self._whole)

    def lifts(self, reason: Reason, plain: str, *, is_name: bool, by_rules: bool = True) -> bool:
        """Whether a folded sentence only mentions what a reason of safety or eligibility is about; `by_rules`: as far
        as the rules' own cues are concerned."""
        frames = [
            frame
            for frame in self._frames
            if reason in frame.lifts and (frame.names or not is_name) and (by_rules or not frame.rules_alone)
        ]
        asked = without(self._general.asides, plain) if frames else plain
        return any(frame.holds(asked) for frame in frames)

    def only_mentions(self, reason: Reason) -> bool:
        """Whether the message, taken as a whole, is asked in general about what a reason is about."""
        return self.lifts(reason, self._whole, is_name=False, by_rules=False)


class General:
    """The frames of triage/cues/general.toml, compiled once."""

    def __init__(self) -> None:
        tables = load("general")
        lists: Mapping[str, list[str]] = tables.pop("lists")
        self._everyday = compile_all(tables.pop("everyday")["cues"])
        self.subject = compile_all(tables.pop("subject")["cues"])
        self.asides = compile_all(tables.pop("asides")["cues"])
        self.everyday_reasons = frozenset(map(Reason, tables.pop("other_business")["lifts"]))
        self.ordered_reasons = frozenset(map(Reason, tables.pop("orders")["lifts"]))
        self.frames = tuple(
            Frame(
                cues=compile_all(table["cues"]),
                unless=compile_all(cue for name in table["unless"] for cue in lists[name]),
                unless_anywhere=compile_all(cue for name in table.get("unless_anywhere", ()) for cue in lists[name]),
                needs_anywhere=tuple(compile_all(lists[name]) for name in table.get("needs_anywhere", ())),
                lifts=frozenset(map(Reason, table["lifts"])),
                names=table.get("names", False),
                rules_alone=table.get("rules_alone", False),
            )
            for table in tables.values()
            if isinstance(table, dict)
        )

    def within(self, whole: str) -> Within:
        """A folded message, to ask of its sentences."""
        return Within(self, whole)

    def as_meant(self, plain: str) -> str:
        """The sentence with other meanings of grave words blanked out, every character still at its place."""
        return without(self._everyday, plain)


def without(patterns: Iterable[Pattern], plain: str) -> str:
    """A folded sentence with the matches of patterns blanked out, every character still at its place."""
    for pattern in patterns:
        for match in pattern.regex.finditer(plain):
            start, end = match.span()
            plain = plain[:start] + re.sub(r"\S", "~", plain[start:end]) + plain[end:]
    return plain


def _any(patterns: tuple[Pattern, ...], plain: str) -> bool:
    return any(pattern.regex.search(plain) for pattern in patterns)
