"""Figures in a text: counts, ordinals, shares, spans of time, years, rates and phone numbers, with their units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from conversation.clauses import Reading, Word
from conversation.lexicon import stem


class Sort(StrEnum):
    """What a figure counts."""

    COUNT = "count"
    ORDINAL = "ordinal"
    SHARE = "share"  # of one
    TIME = "time"  # in days
    AMOUNT = "amount"  # of a named unit
    YEAR = "year"
    MONTH = "month"
    RATE = "rate"  # times a unit of time
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its bounds (equal for one number), its unit, and the nouns that follow it."""

    sort: Sort
    low: float
    high: float
    words: str  # as written
    start: int
    end: int
    unit: str = ""
    heads: tuple[str, ...] = ()  # stems of the next content words
    sentence: int = 0
    loose: str = ""  # "over", "under" or "about" before it
    sure: bool = True  # false for "one" and the like, which may not be a number at all


_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBER = {word: float(n) for n, word in enumerate(_UNITS)} | {w: 20.0 + 10 * n for n, w in enumerate(_TENS)}
_NUMBER |= {
    "dozen": 12.0,
    "hundred": 100.0,
    "thousand": 1000.0,
    "single": 1.0,
    "once": 1.0,
    "twice": 2.0,
    "double": 2.0,
}
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_ORDINAL = {word: float(n) for n, word in enumerate(_ORDINALS, start=1)}
_PARTS = {"half": 0.5, "third": 1 / 3, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25, "fifth": 0.2, "fifths": 0.2}
_PARTS |= {"tenth": 0.1, "tenths": 0.1, "fourths": 0.25, "halves": 0.5}
_DAYS = {"second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "fortnight": 14.0}
_DAYS |= {"month": 30.0, "year": 365.0, "decade": 3650.0}
_TIME = {form: unit for unit in _DAYS for form in (unit, unit + "s")}
_RATES = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annual": "year", "annually": "year"}
_RATES |= {"hourly": "hour", "fortnightly": "fortnight", "nightly": "day", "quarterly": "quarter"}
_AMOUNTS = frozenset("mg g kg ml mcg milligram milligrams gram grams dollar dollars usd mile miles percentage".split())
_EVERYDAY = frozenset("life lives living thing things routine routines activity activities task tasks".split())
_COUNTED = frozenset("number infusion session dose visit week day month step phase".split())
_MONTHS = "january february march april may june july august september october november december".split()
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "winter": (12, 2)}
_OVER = frozenset("over above exceeding beyond least".split())
_UNDER = frozenset("under below nearly almost".split())
_ABOUT = frozenset("about around roughly approximately some somewhere circa".split())
_PHONE = re.compile(r"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")
_EXACT, _ROUND, _NEAR = 0.005, 0.02, 0.07  # what a share may be off in digits, in words, in words with "about"


def in_its_unit(figure: Figure) -> tuple[float, float]:
    """The bounds as they were written: four weeks are 4, not 28 days."""
    scale = _DAYS.get(figure.unit, 1.0)
    return round(figure.low / scale, 3), round(figure.high / scale, 3)


def figures(reading: Reading) -> tuple[Figure, ...]:
    """The figures of a text, in order."""
    words, found, at = reading.words, [], 0
    while at < len(words):
        figure, after = _figure(reading, words, at)
        if figure:
            found.append(figure)
        at = max(after, at + 1)
    return tuple(found)


def _figure(reading: Reading, words: Sequence[Word], at: int) -> tuple[Figure | None, int]:
    word = words[at]
    if _PHONE.fullmatch(word.text):
        digits = float(re.sub(r"\D", "", word.text))
        return _made(reading, at, at + 1, Sort.PHONE, digits), at + 1
    if word.plain == "half" and _is(words, at + 1, "of", "the", "an"):
        hour = _is(words, at + 1, "an") and at + 2 < len(words) and words[at + 2].plain in _TIME
        if hour:
            unit = _TIME[words[at + 2].plain]
            return _made(reading, at, at + 3, Sort.TIME, _DAYS[unit] / 2, unit=unit), at + 3
        return _made(reading, at, at + 1, Sort.SHARE, 0.5), at + 1
    if word.plain in _RATES and not (word.plain == "daily" and _is(words, at + 1, *_EVERYDAY)):
        return _made(reading, at, at + 1, Sort.RATE, 1, unit=_RATES[word.plain]), at + 1
    if word.plain in _MONTHS and word.is_capital and not (word.plain == "may" and not _beside_date(words, at)):
        return _made(reading, at, at + 1, Sort.MONTH, _MONTHS.index(word.plain) + 1), at + 1
    if word.plain in _SEASONS and _beside_date(words, at):
        first, last = _SEASONS[word.plain]
        return _made(reading, at, at + 1, Sort.MONTH, first, high=last), at + 1
    if word.plain in ("a", "an", "every", "each") and at + 1 < len(words):
        return _with_article(reading, words, at)
    value, ordinal, after = _value(words, at)
    if value is None:
        return None, at + 1
    if (
        word.text.endswith("%")
        or _is(words, after, "percent")
        or (_is(words, after, "per") and _is(words, after + 1, "cent"))
    ):
        after += 0 if word.text.endswith("%") else 1 + _is(words, after, "per")
        high, after = _until(words, after, value)
        return _made(reading, at, after, Sort.SHARE, value / 100, high=high / 100), after
    if not ordinal and _is(words, after, "in", "of", "out"):
        share, stop = _of_total(words, after, value)
        if share:
            if _is(words, after, "in") or _is(words, after, "out"):
                return _made(reading, at, stop, Sort.SHARE, value / share), stop
            return _made(reading, at, stop, Sort.COUNT, share), stop
    if after < len(words) and words[after].plain in _PARTS and not ordinal and value < 10:
        return _made(reading, at, after + 1, Sort.SHARE, value * _PARTS[words[after].plain]), after + 1
    if ordinal:
        return _made(reading, at, after, Sort.ORDINAL, value, sure=word.plain != "first"), after
    if 1900 <= value <= 2099 and word.text.isdigit():
        return _made(reading, at, after, Sort.YEAR, value), after
    high, after = _until(words, after, value)
    if high != value and (_is(words, after - 1, "percent") or _is(words, after, "percent")):
        stop = after + _is(words, after, "percent")
        return _made(reading, at, stop, Sort.SHARE, value / 100, high=high / 100), stop
    if word.plain in ("once", "twice") or _is(words, after, "times", "time"):
        stop = after + _is(words, after, "times", "time")
        if _is(words, stop, "a", "per", "every", "each") and stop + 1 < len(words) and words[stop + 1].plain in _TIME:
            unit = _TIME[words[stop + 1].plain]
            return _made(reading, at, stop + 2, Sort.RATE, value, high=high, unit=unit), stop + 2
        if word.plain == "once":
            return None, at + 1
    if after < len(words) and words[after].plain in _TIME:
        days = _DAYS[_TIME[words[after].plain]]
        made = _made(reading, at, after + 1, Sort.TIME, value * days, high=high * days, unit=_TIME[words[after].plain])
        return made, after + 1
    if after < len(words) and words[after].plain in _AMOUNTS:
        return _made(reading, at, after + 1, Sort.AMOUNT, value, high=high, unit=stem(words[after].plain)), after + 1
    if at and words[at - 1].plain in _COUNTED:  # "infusion five", "session number two"
        before = words[at - 2 if words[at - 1].plain == "number" and at > 1 else at - 1]
        return replace(_made(reading, at, after, Sort.ORDINAL, value), heads=(stem(before.plain),)), after
    listed = value == 2 and high == 2  # two things may be named without being counted
    sure = not listed and (word.plain not in ("one", "single") or _is(words, at - 1, "just", "only", "exactly"))
    return _made(reading, at, after, Sort.COUNT, value, high=high, sure=sure), after


def _with_article(reading: Reading, words: Sequence[Word], at: int) -> tuple[Figure | None, int]:
    """ "a third", "a month", "every week", "a dozen"."""
    word, following = words[at], words[at + 1]
    if word.plain in ("every", "each") and following.plain in _TIME:
        return _made(reading, at, at + 2, Sort.RATE, 1, unit=_TIME[following.plain]), at + 2
    if following.plain in _PARTS and (_is(words, at + 2, "of") or following.plain == "half"):
        return _made(reading, at, at + 2, Sort.SHARE, _PARTS[following.plain]), at + 2
    if following.plain in ("month", "week", "year", "day", "hour", "minute", "fortnight") and word.plain in ("a", "an"):
        days = _DAYS[following.plain]
        if _is(words, at + 2, "and") and _is(words, at + 3, "a") and _is(words, at + 4, "half"):
            return _made(reading, at, at + 5, Sort.TIME, days * 1.5, unit=following.plain, sure=False), at + 5
        more = _is(words, at + 2, "or") and _is(words, at + 3, "more", "longer", "so")
        high = days * 2 if more else days
        return _made(reading, at, at + 2, Sort.TIME, days, high=high, unit=following.plain, sure=more), at + 2
    if following.plain == "dozen":
        return _made(reading, at, at + 2, Sort.COUNT, 12), at + 2
    return None, at + 1


def _value(words: Sequence[Word], at: int) -> tuple[float | None, bool, int]:
    """The number that begins at a word: its value, whether it is an ordinal, and the place after it."""
    word = words[at]
    digits = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)(st|nd|rd|th)?%?", word.text, re.IGNORECASE)
    if digits:
        return float(digits[1].replace(",", "").rstrip(".")), bool(digits[2]), at + 1
    if word.plain == "half":
        if _is(words, at + 1, "a") and _is(words, at + 2, "dozen"):
            return 6.0, False, at + 3
        return None, False, at + 1
    if word.plain in _ORDINAL:
        seconds = word.plain == "second" and at and words[at - 1].plain in _NUMBER
        return (None, False, at + 1) if seconds else (_ORDINAL[word.plain], True, at + 1)
    if word.plain not in _NUMBER:
        return None, False, at + 1
    value, after = _NUMBER[word.plain], at + 1
    while after < len(words):
        following = words[after].plain
        if following in _TENS or following in _UNITS[1:10]:
            after_tens = value % 100 >= 20 and value % 10 == 0 and following in _UNITS[1:10]
            if not after_tens and (value < 100 or value % 100):
                break
            value += _NUMBER[following]
        elif following in ("hundred", "thousand", "dozen"):
            value *= _NUMBER[following]
        elif following == "and" and value >= 100 and after + 1 < len(words) and words[after + 1].plain in _NUMBER:
            value += _NUMBER[words[after + 1].plain]
            after += 1
        elif following in _ORDINAL and value % 10 == 0 and value >= 20:
            return value + _ORDINAL[following], True, after + 1
        else:
            break
        after += 1
    return value, False, after


def _until(words: Sequence[Word], after: int, low: float) -> tuple[float, int]:
    """The upper bound of a range whose lower one was read, and the place after it."""
    between = after < len(words) and words[after - 1].end + 1 == words[after].start and words[after].text[0].isdigit()
    begin = after + 1 if _is(words, after, "to", "and", "or") else after if between else -1
    if 0 <= begin < len(words):
        if words[begin].plain == "and":
            return low, after
        high, ordinal, stop = _value(words, begin)
        if high is not None and not ordinal and high > low and (between or _ranges(words, after, stop)):
            if words[begin].text.endswith("%") or not _is(words, stop, "percent"):
                return high, stop
            return high, stop + 1
    return low, after


def _ranges(words: Sequence[Word], after: int, stop: int) -> bool:
    """Not "two and three more": the second number has what follows in common with the first."""
    return not _is(words, after, "and") or any(_is(words, i, "between") for i in range(max(after - 4, 0), after))


def _of_total(words: Sequence[Word], after: int, value: float) -> tuple[float, int]:
    """The total of "nine in ten", "one of the five", "two out of three"; 0 where there is none."""
    begin = after + (2 if _is(words, after, "out") else 1)
    begin += _is(words, begin, "the", "these", "those", "its")
    if begin >= len(words):
        return 0.0, after
    total, ordinal, stop = _value(words, begin)
    if total is None or ordinal or total <= value or total > 1899:
        return 0.0, after
    return total, stop


def _is(words: Sequence[Word], at: int, *plain: str) -> bool:
    return 0 <= at < len(words) and words[at].plain in plain


def _beside_date(words: Sequence[Word], at: int) -> bool:
    near = words[max(at - 1, 0) : at + 3]
    return any(re.fullmatch(r"(19|20)\d\d", word.text) for word in near)


def _made(
    reading: Reading,
    at: int,
    after: int,
    sort: Sort,
    low: float,
    *,
    high: float | None = None,
    unit: str = "",
    sure: bool = True,
) -> Figure:
    words = reading.words
    heads = [
        stem(word.plain) for word in words[after : after + 4] if word.is_content and word.sentence == words[at].sentence
    ]
    before = {word.plain for word in words[max(at - 3, 0) : at]}
    loose = "over" if before & _OVER else "under" if before & _UNDER else "about" if before & _ABOUT else ""
    if "than" in before:
        loose = "over" if before & {"more", "longer", "greater", "higher"} else "under"
    start, end = words[at].start, words[min(after, len(words)) - 1].end
    return Figure(
        sort, low, low if high is None else high, reading.text[start:end], start, end, unit, tuple(heads[:3]),
        words[at].sentence, loose, sure,
    )  # fmt: skip


def matches(claimed: Figure, given: Figure) -> bool:
    """The passage's figure bears the claim's out."""
    if {claimed.sort, given.sort} <= {Sort.COUNT, Sort.ORDINAL} and claimed.sort is not given.sort:
        return claimed.low == given.low and bool(set(claimed.heads[:1]) & set(given.heads[:1]))
    if claimed.sort is not given.sort:
        return False
    if claimed.sort is Sort.MONTH:
        inside = given.low <= claimed.low and claimed.high <= given.high
        return inside or claimed.low <= given.low <= claimed.high
    if claimed.sort in (Sort.RATE, Sort.AMOUNT):
        return (claimed.unit, claimed.low, claimed.high) == (given.unit, given.low, given.high)
    bounds = (given.low, given.high)
    if claimed.sort is Sort.TIME:
        close = max(0.12 * claimed.low, 1e-9) if claimed.unit != given.unit else 1e-9
        if claimed.low == claimed.high:
            return any(abs(claimed.low - bound) <= close for bound in bounds)
        if claimed.sure and claimed.words.lower().startswith(("a ", "an ")):
            return claimed.low <= given.high and given.low <= claimed.high
        return abs(claimed.low - given.low) <= close and abs(claimed.high - given.high) <= close
    if claimed.sort is Sort.SHARE:
        room = _EXACT if "%" in claimed.words else _NEAR if claimed.loose else _ROUND
        return all(any(abs(bound - each) <= room for bound in bounds) for each in (claimed.low, claimed.high))
    if claimed.low == claimed.high:
        return claimed.low in bounds
    return (claimed.low, claimed.high) == bounds
