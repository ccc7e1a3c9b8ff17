"""What sort of detail a question asks for (a price, a person, a number), and whether a passage holds one."""

import re
from functools import lru_cache

_NUMBER = r"(?:\d[\d,.]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|dozen)"
_PERSON = (
    r"\b(?:Dr|Mr|Mrs|Ms|Prof)\.? [A-Z]\w+|\b[A-Z]\w+ [A-Z]\w+, (?:[A-Z]{2,5}\b|[a-z]+ist\b)"
    r"|\bI am (?:Dr|Mr|Ms|[A-Z]\w+ [A-Z]\w+)"
)
# A sort of detail: how it is asked for (in the documents' English, lower case), and how a passage looks that holds it.
SURE = 5  # the first so many sorts look like nothing else; a number or a date may be any number or date
_ASKED = r"(?:^|\b(?:and|or|but|by|know|me|wonder|tell|so|also) )"  # a question word that asks, not one that relates
_SORTS = tuple(
    (re.compile(asks), re.compile(holds))
    for asks, holds in (
        (
            r"\b(?:costs?|prices?|pricing|fees?|charged?|how much (?:is|are|does|do|money|would|will)"
            r"|pay(?! attention)|dollars)\b",
            r"[$€£]\s?\d|\d (?:dollars|euros|pounds)\b|\bfree of charge\b",
        ),
        (
            r"\b(?:phone number|telephone|phone|number to call|call (?:you|them|us))\b",
            r"\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b",
        ),
        (r"\be ?-?mail\b", r"\b[\w.+-]+@[\w-]+\.\w+"),
        (
            r"\b(?:opening (?:hours|times)|(?:are|is) (?:you|they|it) open|office hours)\b",
            r"\b\d{1,2}(?::\d\d)?\s?(?:[ap]\.?m\b)|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b",
        ),
        (
            rf"{_ASKED}who\b|\b(?:whose|names? of|names and|credentials|qualifications?|qualified"
            r"|which (?:doctor|nurse|physician)|(?:doctor|nurse|author|physician)s? name)\b",
            _PERSON,
        ),
        (
            rf"{_ASKED}where (?:is|are|do|does|can)\b|\b(?:address|located|location"
            r"|(?:which|what) (?:states?|city|cities|towns?))\b",
            r"\b(?:in|at|from|of|to) (?:St\. )?[A-Z][a-z]+|\b\d+ (?:[A-Z]\w+ )+(?:St|Street|Ave|Avenue|Road|Lane)\b",
        ),
        (
            r"\b(?:how many|how often|number of|how much|what percentage|what share|per ?cent|rates?)\b",
            rf"(?i:\b{_NUMBER}\b|%)",
        ),
        (
            rf"{_ASKED}when (?:do|does|did|is|are|was|were|will|can)\b|\bhow (?:long|soon|fast|quick(?:ly)?|old)\b",
            rf"(?i:\b{_NUMBER}(?:[- ](?:to|or|and)[- ]{_NUMBER})?[- ](?:to )?(?:\w+ )?"
            r"(?:minute|hour|day|week|month|year)s?\b|within (?:hours|days|weeks)|\b(?:19|20)\d\d\b)",
        ),
        (
            r"\b(?:stud(?:y|ies)|trials?|papers|references?|evidence|research|cited?|citations?|published|journals?)\b",
            r"\bet al\.|\([A-Z]\w+(?: (?:and|&) [A-Z]\w+)?,? (?:19|20)\d\d\)|\b(?i:stud(?:y|ies)|trials?|published"
            r"|meta-analysis|review of)\b",
        ),
    )
)


@lru_cache(maxsize=20_000)
def _held(text: str) -> tuple[bool, ...]:
    return tuple(bool(holds.search(text)) for _, holds in _SORTS)


@lru_cache(maxsize=256)
def _asked(question: str) -> tuple[int, ...]:
    return tuple(place for place, (asks, _) in enumerate(_SORTS) if asks.search(question))


def detail(question: str, text: str, *, sure: bool = False) -> float:
    """1 where the text holds every sort of detail that the question asks for, -1 where none; 0 where it asks for none.

    With `sure` only of the sorts that look like nothing else.
    """
    asked = [place for place in _asked(question) if place < SURE or not sure]
    if not asked:
        return 0.0
    held = _held(text)
    return 2 * sum(held[place] for place in asked) / len(asked) - 1
