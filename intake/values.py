"""From what a visitor gives on the page to a value that fits its item, or a clear line in their language."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from errors import BadInput
from intake.engine import Step
from intake.questionnaire import Item, ItemType, Kind, Value
from prompts.intake import intake_words
from prompts.page import PageWords

LONGEST_TEXT = 4_000  # characters of one answer
LONGEST_LINE = 300  # of a string, an address, a name
LARGEST_NUMBER = Decimal("1e12")
LARGEST_FILE = 2_000_000  # bytes
LONGEST_FILE = 50_000  # characters of words that are read in one
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA = ("application/pdf", WORD, "text/plain")  # what words can be read out of
YEARS_BACK, YEARS_AHEAD = 125, 2  # of dates, where the file sets no bounds of its own


@dataclass(frozen=True, slots=True)
class Given:
    """One value as it came from the page: the key of an option, or words, or a file, or one that is there already."""

    option: str = ""
    words: str = ""
    file_name: str = ""
    media_type: str = ""
    content: bytes = b""
    kept: int | None = None  # the place, among the values that stand there, of a file that stays


def understand(item: Item, given: Given, language: str, now: datetime) -> Value:
    """The value that was given, for this item. BadInput in the visitor's language if it does not fit."""
    say = intake_words(language)
    if given.option:
        return _offered(item, given.option, language, say)
    if item.type is ItemType.ATTACHMENT and given.file_name:
        return _file(given, say)
    text = clean(given.words)
    if not text:
        raise BadInput(say("unfit.empty"))
    too_long_at = item.longest or (LONGEST_TEXT if _is_roomy(item) else LONGEST_LINE)
    if len(text) > too_long_at:
        raise BadInput(say("unfit.too_long", most=f"{too_long_at:,}", length=f"{len(text):,}"))
    if item.type.takes_own_words:
        return Value(Kind.OWN_WORDS, text)
    value = _READERS[item.type](text, item, say)
    return _within_bounds(item, value, say, now)


def understand_all(step: Step, given: tuple[Given, ...], language: str, now: datetime) -> tuple[Value, ...]:
    """Every given value as one that fits the item. BadInput for none, or too many."""
    say = intake_words(language)
    if not given:
        raise BadInput(say("unfit.empty"))
    if step.asks_for_another:
        if len(given) != 1 or given[0].option not in ("true", "false"):
            raise BadInput(say("unfit.no_option"))
        return (Value(Kind.BOOLEAN, given[0].option),)
    most = step.item.most if step.item.repeats else 1
    with_words = step.item.type.takes_own_words and any(
        one.words.strip() and not one.option and not one.file_name for one in given
    )
    if len(given) > most + with_words:
        raise BadInput(say("unfit.one_only") if most == 1 else say("unfit.too_many", most=str(most)))
    values = tuple(
        understand(step.item, one, language, now) if one.kept is None else _staying(step, one.kept, say)
        for one in given
    )
    return tuple(dict.fromkeys(values))


def clean(text: str) -> str:
    """The words without what no file can hold: null and other control characters, halves of characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or category(sign) not in ("Cc", "Cs")).strip()


def canonical(kind: Kind, held: Any) -> str:
    """The one text of a plain value. ValueError if it is not of that kind."""
    match kind:
        case Kind.BOOLEAN:
            return {True: "true", False: "false"}[held]
        case Kind.INTEGER:
            return str(int(held))
        case Kind.DECIMAL:
            number = Decimal(str(held))
            if not number.is_finite() or abs(number) > LARGEST_NUMBER:
                raise ValueError("the number is too large")
            return format(number.normalize() if number else Decimal(0), "f")
        case Kind.DATE:
            return _date(str(held))
        case Kind.DATE_TIME:
            text = str(held).replace("Z", "+00:00")
            moment = datetime.fromisoformat(_date(text) if len(text) < 10 else text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat(timespec="seconds")
        case Kind.TIME:
            return time.fromisoformat(str(held)).isoformat(timespec="seconds")
        case _:
            return str(held)


def _date(text: str) -> str:
    """A year, a month or a day, checked against the calendar."""
    parts = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text)
    if parts is None:
        raise ValueError(f"{text[:20]!r} is no date")
    date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    return text


def _is_roomy(item: Item) -> bool:
    return item.type is ItemType.TEXT or item.type.takes_own_words


def _offered(item: Item, key: str, language: str, say: PageWords) -> Value:
    if item.type is ItemType.BOOLEAN and key in ("true", "false"):
        return Value(Kind.BOOLEAN, key)
    option = item.option(key)
    if option is None:
        raise BadInput(say("unfit.no_option"))
    if option.value.kind is not Kind.OPTION:
        return option.value
    return Value(Kind.OPTION, option.words.within(language), option.value.code, option.value.system)


def _file(given: Given, say: PageWords) -> Value:
    if not given.content:
        raise BadInput(say("unfit.empty"))
    if given.media_type.startswith("image/"):
        raise BadInput(say("unfit.file_unread"))
    if len(given.content) > LARGEST_FILE or given.media_type not in MEDIA:
        raise BadInput(say("unfit.file", most=str(LARGEST_FILE // 1_000_000)))
    content = base64.b64encode(given.content).decode()
    return Value(Kind.FILE, clean(given.file_name)[:LONGEST_LINE], given.media_type, "", content)


def _staying(step: Step, place: int, say: PageWords) -> Value:
    """A file that stands in the answer already; `system` says at which place, for whoever writes the new one."""
    values = () if step.entry is None else step.entry.values
    if not 0 <= place < len(values) or values[place].kind is not Kind.FILE:
        raise BadInput(say("unfit.no_option"))
    return replace(values[place], system=str(place))


def _words(text: str, item: Item, say: PageWords) -> Value:
    return Value(Kind.WORDS, text)


def _reference(text: str, item: Item, say: PageWords) -> Value:
    return Value(Kind.REFERENCE, text)


def _url(text: str, item: Item, say: PageWords) -> Value:
    try:
        parts = urlsplit(text)
        fits = bool(parts.scheme and (parts.netloc or parts.path)) and not re.search(r"\s", text)
    except ValueError:
        fits = False
    if not fits:
        raise BadInput(say("unfit.url"))
    return Value(Kind.URL, text)


def _integer(text: str, item: Item, say: PageWords) -> Value:
    if not re.fullmatch(r"[+-]?\d{1,12}", text, re.ASCII):
        raise BadInput(say("unfit.integer"))
    return Value(Kind.INTEGER, canonical(Kind.INTEGER, text))


def _decimal(text: str, item: Item, say: PageWords) -> Value:
    return Value(Kind.DECIMAL, _number(text, say))


def _quantity(text: str, item: Item, say: PageWords) -> Value:
    found = re.fullmatch(r"([+-]?[\d.,]+)\s*(.*)", text, re.DOTALL)
    if found is None:
        raise BadInput(say("unfit.decimal"))
    unit = found[2].strip() or item.unit
    if item.unit and unit != item.unit:
        raise BadInput(say("unfit.unit", unit=item.unit))
    return Value(Kind.QUANTITY, _number(found[1], say), unit)


def _number(text: str, say: PageWords) -> str:
    if not re.fullmatch(r"[+-]?\d{1,12}([.,]\d{1,6})?", text, re.ASCII):
        raise BadInput(say("unfit.decimal"))
    try:
        return canonical(Kind.DECIMAL, text.replace(",", "."))
    except (ValueError, InvalidOperation):
        raise BadInput(say("unfit.decimal")) from None


def _reads(kind: Kind, key: str) -> Callable[[str, Item, PageWords], Value]:
    def reader(text: str, item: Item, say: PageWords) -> Value:
        try:
            return Value(kind, canonical(kind, text))
        except ValueError:
            raise BadInput(say(key)) from None

    return reader


_READERS: dict[ItemType, Callable[[str, Item, PageWords], Value]] = {
    ItemType.STRING: _words,
    ItemType.TEXT: _words,
    ItemType.URL: _url,
    ItemType.INTEGER: _integer,
    ItemType.DECIMAL: _decimal,
    ItemType.QUANTITY: _quantity,
    ItemType.DATE: _reads(Kind.DATE, "unfit.date"),
    ItemType.DATE_TIME: _reads(Kind.DATE_TIME, "unfit.date_time"),
    ItemType.TIME: _reads(Kind.TIME, "unfit.time"),
    ItemType.REFERENCE: _reference,
}


def _within_bounds(item: Item, value: Value, say: PageWords, now: datetime) -> Value:
    if value.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.QUANTITY):
        number = Decimal(value.text)
        least = None if item.least is None else Decimal(item.least.text)
        greatest = None if item.greatest is None else Decimal(item.greatest.text)
        if (least is not None and number < least) or (greatest is not None and number > greatest):
            raise BadInput(say("unfit.number_range", **_range(least, greatest)))
    elif value.kind in (Kind.DATE, Kind.DATE_TIME):
        first = item.least.text if item.least else str(now.year - YEARS_BACK)
        last = item.greatest.text if item.greatest else (now + timedelta(days=366 * YEARS_AHEAD)).date().isoformat()
        if value.text < first or value.text[: len(last)] > last:
            raise BadInput(say("unfit.date_range", first=first[:10], last=last[:10]))
    return value


def _range(least: Decimal | None, greatest: Decimal | None) -> dict[str, str]:
    return {
        "least": "…" if least is None else format(least, "f"),
        "greatest": "…" if greatest is None else format(greatest, "f"),
    }
