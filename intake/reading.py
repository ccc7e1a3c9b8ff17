"""Reads a FHIR R4 Questionnaire file into our own value, or says in plain lines what is wrong with it."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from errors import BadInput
from intake import extensions as known
from intake.questionnaire import (
    LINK_ID,
    Band,
    Condition,
    Item,
    ItemType,
    Kind,
    Operator,
    Option,
    Panel,
    Part,
    Questionnaire,
    Score,
    Value,
    Words,
)
from intake.values import canonical
from triage.decision import Reason
from triage.rules import DANGER

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "questionnaires"
LARGEST = 2_000_000  # characters of a file
Json = dict[str, Any]

KINDS: Mapping[ItemType, Kind] = {
    ItemType.BOOLEAN: Kind.BOOLEAN,
    ItemType.DECIMAL: Kind.DECIMAL,
    ItemType.INTEGER: Kind.INTEGER,
    ItemType.DATE: Kind.DATE,
    ItemType.DATE_TIME: Kind.DATE_TIME,
    ItemType.TIME: Kind.TIME,
    ItemType.STRING: Kind.WORDS,
    ItemType.TEXT: Kind.WORDS,
    ItemType.URL: Kind.URL,
    ItemType.CHOICE: Kind.OPTION,
    ItemType.OPEN_CHOICE: Kind.OPTION,
    ItemType.ATTACHMENT: Kind.FILE,
    ItemType.REFERENCE: Kind.REFERENCE,
    ItemType.QUANTITY: Kind.QUANTITY,
}
_ORDERED = (Kind.DECIMAL, Kind.INTEGER, Kind.DATE, Kind.DATE_TIME, Kind.TIME, Kind.QUANTITY)
_COMPARE = (Operator.GREATER, Operator.LESS, Operator.AT_LEAST, Operator.AT_MOST)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The questionnaires there are, by name, and what is wrong with the files that could not be read."""

    questionnaires: Mapping[str, Questionnaire]
    troubles: tuple[str, ...] = ()


def read_shelf(own: Path | None = None) -> Shelf:
    """The shipped questionnaires and an operator's own, which take the place of a shipped one of the same name."""
    found: dict[str, Questionnaire] = {}
    troubles: list[str] = []
    for folder in (SHIPPED, own):
        for path in sorted(folder.glob("*.json")) if folder is not None and folder.is_dir() else ():
            try:
                found[path.stem] = read_file(path)
            except BadInput as error:
                troubles += str(error).splitlines()
                log.warning("A questionnaire is left out: %s", error)
    return Shelf(found, tuple(troubles))


def read_file(path: Path) -> Questionnaire:
    """The questionnaire of a file. BadInput with a line for each thing that is wrong."""
    try:
        return read(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name}: cannot be read as UTF-8 text ({type(error).__name__}).") from None


def notes_on(questionnaire: Questionnaire) -> tuple[str, ...]:
    """What whoever wrote the file should know, though it can be asked."""
    files = [item for item, _ in questionnaire.walk() if item.type is ItemType.ATTACHMENT]
    return tuple(
        f"item {item.link_id}: of files only PDF, Word and plain text are taken. What cannot be read for danger"
        " (scans, pictures in them, filled-in forms) is marked for a person, and handing over is due the same day."
        for item in files
    )


@cache
def read(name: str, source: str) -> Questionnaire:
    """The questionnaire of a file's text. BadInput with a line for each thing that is wrong."""
    try:
        if len(source) > LARGEST:
            raise ValueError("it is too long")
        raw: Json = json.loads(source, parse_float=Decimal)
        if not isinstance(raw, dict) or raw.get("resourceType") != "Questionnaire":
            raise ValueError("its resourceType is not Questionnaire")
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name}: this is not a FHIR Questionnaire in JSON: {error}.") from None
    troubles = _against_fhir(source) or _Reader(raw).troubles()
    if troubles:
        raise BadInput("\n".join(f"{name}: {trouble}" for trouble in troubles))
    return _Reader(raw).questionnaire(name, source)


def _against_fhir(source: str) -> list[str]:
    """What the library's R4 model finds wrong."""
    from fhir.resources.R4B.questionnaire import Questionnaire as Model  # half a second, only where a file is read
    from pydantic import ValidationError

    try:
        Model.model_validate_json(source)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}." for one in error.errors()[:20]]
    return []


class _Reader:
    """One file's raw JSON, known to fit FHIR's shape."""

    def __init__(self, raw: Json) -> None:
        self._raw = raw
        self._lines: list[str] = []
        self._types: dict[str, str] = {}

    def troubles(self) -> list[str]:
        """What FHIR's shape does not say: names, types, conditions, loops."""
        if not self._raw.get("version"):
            self._lines.append("version is missing; answers keep the version they were given to.")
        if not self._raw.get("title"):
            self._lines.append("title is missing.")
        if self._raw.get("status") == "retired":
            self._lines.append("its status is retired.")
        if self._raw.get("modifierExtension"):
            self._lines.append("it has a modifierExtension, which may change its meaning and is not known here.")
        if not self._raw.get("item"):
            self._lines.append("it has no item.")
        self._gather(self._raw.get("item", []))
        if not self._lines:
            self._look_at(self._raw.get("item", []))
        if not self._lines:
            self._look_for_loops()
        if not self._lines:
            self._look_at_scores()
        return self._lines

    def _gather(self, items: list[Json]) -> None:
        for raw in items:
            link_id, kind = str(raw.get("linkId", "")), str(raw.get("type", ""))
            if not LINK_ID.fullmatch(link_id):
                self._lines.append(f"linkId {link_id!r}: use letters, digits and . _ / : - without blanks.")
            if link_id in self._types:
                self._lines.append(f"item {link_id}: two items have this linkId.")
            if kind not in tuple(ItemType):
                self._lines.append(f"item {link_id}: {kind!r} is no item type of FHIR R4.")
            self._types[link_id] = kind
            self._gather(raw.get("item", []))

    def _look_at(self, items: list[Json]) -> None:
        for raw in items:
            for trouble in self._of_item(raw, ItemType(raw["type"])):
                self._lines.append(f"item {raw['linkId']}: {trouble}")
            self._look_at(raw.get("item", []))

    def _of_item(self, raw: Json, kind: ItemType) -> list[str]:
        lines = []
        options = raw.get("answerOption", [])
        if kind is ItemType.GROUP and not raw.get("item"):
            lines.append("a group needs items.")
        if kind is not ItemType.GROUP and not raw.get("text"):
            lines.append("it has no text.")
        if kind is ItemType.DISPLAY and (raw.get("item") or raw.get("required") or raw.get("repeats")):
            lines.append("a display has no items and is neither required nor repeated.")
        if kind in (ItemType.CHOICE, ItemType.OPEN_CHOICE) and not options and not raw.get("answerValueSet"):
            lines.append("a choice needs answerOption.")
        if str(raw.get("answerValueSet", "#")).partition("#")[0]:
            lines.append("answerValueSet must name a value set contained in this file (#id); nothing is fetched.")
        elif raw.get("answerValueSet") and not self._contained(raw["answerValueSet"]):
            lines.append(f"there is no contained value set {raw['answerValueSet']} with its codes written out.")
        if options and kind not in (ItemType.CHOICE, ItemType.OPEN_CHOICE):
            lines.append("answerOption belongs to a choice or an open-choice here.")
        if raw.get("initial") and (
            not kind.is_question or options or (len(raw["initial"]) > 1 and not raw.get("repeats"))
        ):
            lines.append("initial belongs to a question without options, once unless it repeats.")
        if raw.get("readOnly") or _flag(raw, known.HIDDEN):
            lines.append("items that are read-only or hidden are not asked here; take it out.")
        if raw.get("modifierExtension"):
            lines.append("it has a modifierExtension, which may change its meaning and is not known here.")
        conditions = raw.get("enableWhen", [])
        if len(conditions) > 1 and raw.get("enableBehavior") not in ("all", "any"):
            lines.append("more than one enableWhen needs enableBehavior, all or any.")
        lines += [trouble for one in conditions for trouble in self._of_condition(one)]
        for url, closed in ((known.PART, Part), (known.PANEL, Panel)):
            code = _extension(raw, url)
            if code is not None and code not in tuple(closed):
                lines.append(f"{code!r} is none of {', '.join(closed)}.")
        same_day = _extension(raw, known.SAME_DAY)
        if same_day is not None and same_day not in DANGER:
            return [*lines, f"{same_day!r} is no danger ({', '.join(DANGER)})."]
        for option in options:
            topic = _extension(option, known.TOPIC)
            if topic is not None and topic not in tuple(Reason):
                lines.append(f"{topic!r} is no reason's code (triage/reasons.toml).")
        try:
            _item(raw, self._contained)
        except (ValueError, ArithmeticError) as error:
            lines.append(f"a value cannot be read: {error}.")
        return lines

    def _of_condition(self, raw: Json) -> list[str]:
        question, operator = str(raw.get("question")), str(raw.get("operator"))
        if operator not in tuple(Operator):
            return [f"enableWhen: {operator!r} is no operator of FHIR R4."]
        asked = ItemType(self._types[question]) if question in self._types else None
        if asked is None or not asked.is_question:
            return [f"enableWhen: there is no question {question!r}."]
        try:
            value = _value(raw, "answer")
        except (ValueError, ArithmeticError) as error:
            return [f"enableWhen: its answer cannot be read: {error}."]
        if value is None:
            return ["enableWhen: it has no answer."]
        if operator == Operator.EXISTS:
            return [] if value.kind is Kind.BOOLEAN else ["enableWhen: exists needs an answerBoolean."]
        wanted = KINDS[asked]
        fits = value.kind is wanted or (wanted in (Kind.OPTION, Kind.URL) and value.kind is Kind.WORDS)
        if not fits and wanted is not Kind.OPTION:
            return [f"enableWhen: {question} is of type {asked.value}; the answer is of another type."]
        if operator in _COMPARE and value.kind not in _ORDERED:
            return [f"enableWhen: answers to {question} have no order, so {operator} says nothing."]
        return []

    def _look_for_loops(self) -> None:
        graph: dict[str, set[str]] = {}
        stack: list[tuple[Json, str | None]] = [(raw, None) for raw in self._raw["item"]]
        while stack:
            raw, parent = stack.pop()
            graph[raw["linkId"]] = {one["question"] for one in raw.get("enableWhen", [])} | (
                {parent} if parent else set()
            )
            stack += [(child, raw["linkId"]) for child in raw.get("item", [])]
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            self._lines.append(f"enableWhen goes in a circle: {' -> '.join(reversed(error.args[1]))}.")

    def _look_at_scores(self) -> None:
        items = {item.link_id: item for item in self._every(self._items())}
        for score in self._scores():
            lows, highs = [], []
            for link_id in score.items:
                item = items.get(link_id)
                counts = [one.ordinal for one in item.options if one.ordinal is not None] if item else []
                if item is None or not counts or len(counts) < len(item.options) or item.repeats:
                    self._lines.append(f"sum {score.words.text}: not every option of {link_id} counts something.")
                    continue
                lows.append(min(counts))
                highs.append(max(counts))
            if not self._lines and (sum(lows), sum(highs)) != (score.low, score.high):
                self._lines.append(f"sum {score.words.text}: its items run from {sum(lows)} to {sum(highs)}.")

    def questionnaire(self, name: str, source: str) -> Questionnaire:
        """The value, once nothing is wrong."""
        raw = self._raw
        code = next(iter(raw.get("code", [])), None)
        return Questionnaire(
            name,
            str(raw["version"]),
            str(raw.get("url", "")),
            _words(raw, "title"),
            _words(raw, "description"),
            _label(raw, known.NOTICE),
            None if code is None else (str(code.get("system", "")), str(code.get("code", ""))),
            self._items(),
            self._scores(),
            str(raw.get("language", "en"))[:2],
            source,
            hashlib.sha256(source.encode()).hexdigest(),
        )

    def _items(self) -> tuple[Item, ...]:
        return tuple(_item(one, self._contained) for one in self._raw["item"] if not _is_why(one))

    def _every(self, items: tuple[Item, ...]) -> list[Item]:
        return [one for item in items for one in (item, *self._every(item.items))]

    def _contained(self, reference: str) -> list[Json]:
        """The options of a contained value set whose codes are written out."""
        options = []
        for one in self._raw.get("contained", []):
            if one.get("id") == reference.removeprefix("#"):
                for include in one.get("compose", {}).get("include", []):
                    for concept in include.get("concept", []):
                        coding = {"code": concept["code"], "system": include.get("system", "")}
                        options.append({"valueCoding": coding | {"display": concept.get("display", concept["code"])}})
        return options

    def _scores(self) -> tuple[Score, ...]:
        scores = []
        for one in _extensions(self._raw, known.SCORE):
            bands = tuple(
                Band(_number(band, "low"), _number(band, "high"), _label(band)) for band in _extensions(one, "band")
            )
            items = tuple(str(part.get("valueString")) for part in _extensions(one, "item"))
            scores.append(Score(_label(one), items, _number(one, "low"), _number(one, "high"), bands))
        return tuple(scores)


def _item(raw: Json, contained: Any) -> Item:
    kind = ItemType(raw["type"])
    options = raw.get("answerOption", []) or (contained(raw["answerValueSet"]) if raw.get("answerValueSet") else [])
    why = next((_words(child, "text") for child in raw.get("item", []) if _is_why(child)), Words())
    part, panel = _extension(raw, known.PART), _extension(raw, known.PANEL)
    unit: Json = next((one["valueCoding"] for one in _extensions(raw, known.UNIT)), {})
    return Item(
        link_id=raw["linkId"],
        type=kind,
        words=_words(raw, "text"),
        why=why,
        short=str(_extension(raw, known.SHORT) or ""),
        required=bool(raw.get("required", False)),
        repeats=bool(raw.get("repeats", False)),
        most=min(int(_extension(raw, known.MOST) or 20), 50),
        longest=int(raw.get("maxLength", 0)),
        least=_bound(raw, known.LEAST),
        greatest=_bound(raw, known.GREATEST),
        unit=str(unit.get("display") or unit.get("code") or ""),
        options=tuple(_option(one) for one in options),
        initial=tuple(value for one in raw.get("initial", []) if (value := _value(one, "value")) is not None),
        conditions=tuple(_condition(one) for one in raw.get("enableWhen", [])),
        any_condition=raw.get("enableBehavior") == "any",
        part=Part(part) if part in tuple(Part) else None,
        panel=Panel(panel) if panel in tuple(Panel) else None,
        same_day=_same_day(raw),
        items=tuple(_item(child, contained) for child in raw.get("item", []) if not _is_why(child)),
    )


def _option(raw: Json) -> Option:
    value = _value(raw, "value")
    if value is None:
        raise ValueError("an option has no value")
    coding = raw.get("valueCoding")
    words = _words(coding, "display") if coding else _words(raw, "valueString") if "valueString" in raw else Words()
    counts = _extension(coding or raw, known.ORDINAL)
    counts = _extension(raw, known.ORDINAL) if counts is None else counts
    topic = _extension(raw, known.TOPIC)
    return Option(
        value,
        words if words.text else Words(value.text),
        None if counts is None else Decimal(str(counts)),
        bool(raw.get("initialSelected", False)),
        Reason(topic) if topic in tuple(Reason) else None,
    )


def _condition(raw: Json) -> Condition:
    value = _value(raw, "answer")
    if value is None:
        raise ValueError("enableWhen has no answer")
    return Condition(raw["question"], Operator(raw["operator"]), value)


def _value(raw: Json, prefix: str) -> Value | None:
    """What stands in prefix[x]. ValueError if it cannot be read."""
    found = next((key for key in raw if key.startswith(prefix) and key != prefix), None)
    if found is None:
        return None
    held, kind = raw[found], found.removeprefix(prefix)
    match kind:
        case "Coding":
            return Value(
                Kind.OPTION, str(held.get("display") or held["code"]), held.get("code", ""), held.get("system", "")
            )
        case "Quantity":
            unit = str(held.get("unit") or held.get("code") or "")
            return Value(Kind.QUANTITY, canonical(Kind.DECIMAL, held["value"]), unit)
        case "Reference":
            return Value(Kind.REFERENCE, str(held.get("display") or held.get("reference") or ""))
        case "Attachment":
            return Value(Kind.FILE, held.get("title", ""), held.get("contentType", ""), "", held.get("data", ""))
    plain = {
        "Boolean": Kind.BOOLEAN,
        "Decimal": Kind.DECIMAL,
        "Integer": Kind.INTEGER,
        "Date": Kind.DATE,
        "DateTime": Kind.DATE_TIME,
        "Time": Kind.TIME,
        "String": Kind.WORDS,
        "Uri": Kind.URL,
    }
    if kind not in plain:
        raise ValueError(f"{found} is not known")
    return Value(plain[kind], canonical(plain[kind], held))


def _bound(raw: Json, url: str) -> Value | None:
    return next((_value(one, "value") for one in _extensions(raw, url)), None)


def _is_why(raw: Json) -> bool:
    codes = [
        coding.get("code")
        for one in _extensions(raw, known.ITEM_CONTROL)
        for coding in one.get("valueCodeableConcept", {}).get("coding", [])
    ]
    return raw.get("type") == "display" and "help" in codes


def _words(raw: Json, key: str) -> Words:
    """A text and the translations beside it."""
    others = []
    for one in _extensions(raw.get(f"_{key}") or {}, known.TRANSLATION):
        language = next((part["valueCode"] for part in _extensions(one, "lang")), "")
        held = next(iter(_extensions(one, "content")), {})
        content = held.get("valueString") or held.get("valueMarkdown", "")
        others.append((str(language)[:2], str(content)))
    return Words(str(raw.get(key, "")), tuple(others))


def _label(raw: Json, url: str = "label") -> Words:
    return next((_words(one.get("valueCodeableConcept", {}), "text") for one in _extensions(raw, url)), Words())


def _number(raw: Json, url: str) -> Decimal:
    return Decimal(str(_extension(raw, url)))


def _same_day(raw: Json) -> Reason | None:
    code = _extension(raw, known.SAME_DAY)
    return None if code is None else Reason(code)


def _flag(raw: Json, url: str) -> bool:
    return _extension(raw, url) is True


def _extension(raw: Json, url: str) -> Any:
    """The plain value of an extension; None where there is none."""
    for one in _extensions(raw, url):
        return next((held for key, held in one.items() if key.startswith("value")), None)
    return None


def _extensions(raw: Json, url: str) -> list[Json]:
    return [one for one in raw.get("extension", []) if one.get("url") == url]
