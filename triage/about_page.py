"""Whether a message asks about this page itself: who answers here, who reads it, what is kept, how it works."""

import re
from dataclasses import dataclass

from triage.cues import Pattern, compile_all, load

MORE = 4  # from so many words on, the same sentence asks something else as well


@dataclass(frozen=True, slots=True)
class OfPage:
    """What a folded sentence asks of the page: where it stands, and whether something else is asked beside it."""

    spans: tuple[tuple[int, int], ...]
    asks_more: bool

    def covers(self, match: re.Match[str]) -> bool:
        """Whether a cue was read in these very words."""
        return any(start < match.end() and match.start() < end for start, end in self.spans)


class AboutPage:
    """The reviewed phrases of triage/cues/about_page.toml, compiled once."""

    def __init__(self, courtesy: frozenset[str]) -> None:
        table = load("about_page")["about_page"]
        self._anywhere = compile_all(table["cues"])
        self._alone = compile_all(table["alone"])
        self._fills = courtesy | frozenset(table["fills"])

    def within(self, plain: str, *, has_more: bool) -> OfPage | None:
        """What this sentence asks of the page, where the message `has_more` sentences; None where it does not."""
        spans = _spans(self._anywhere, plain)
        if not spans and not has_more:
            spans = [span for span in _spans(self._alone, plain) if not self._beside(plain, [span])]
        if not spans:
            return None
        return OfPage(tuple(spans), self._beside(plain, spans) >= MORE)

    def is_courtesy(self, plain: str) -> bool:
        """Nothing is asked here: a greeting, a thank you."""
        return self._fills.issuperset(plain.split())

    def _beside(self, plain: str, spans: list[tuple[int, int]]) -> int:
        """How many words with a meaning of their own stand outside of these places."""
        for start, end in spans:
            plain = plain[:start] + " " * (end - start) + plain[end:]
        return sum(word not in self._fills for word in plain.split())


def _spans(patterns: tuple[Pattern, ...], plain: str) -> list[tuple[int, int]]:
    begins = {word[:4] for word in plain.split()}
    tried = (pattern for pattern in patterns if not pattern.needs or not pattern.needs.isdisjoint(begins))
    return [match.span() for pattern in tried for match in pattern.regex.finditer(plain)]
