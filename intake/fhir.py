"""An intake as FHIR R4: QuestionnaireResponse, and a Bundle with the conversation as Communication, there and back."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from desk.shown import Shown
from errors import BadInput
from intake import engine
from intake import extensions as known
from intake.engine import Entry, State, Step
from intake.questionnaire import Item, ItemType, Kind, Questionnaire, Slot, Value
from intake.rows import Intake, Row
from intake.values import canonical, clean

Json = dict[str, Any]
ASKED_DECLINED = "asked-declined"
_PLAIN = {
    Kind.BOOLEAN: "valueBoolean",
    Kind.INTEGER: "valueInteger",
    Kind.DECIMAL: "valueDecimal",
    Kind.DATE: "valueDate",
    Kind.DATE_TIME: "valueDateTime",
    Kind.TIME: "valueTime",
    Kind.WORDS: "valueString",
    Kind.URL: "valueUri",
}


def response_of(intake: Intake, rows: tuple[Row, ...]) -> Json:
    """The enabled items and their answers; what is no longer asked is left out, what was passed over says so."""
    answers = {row.slot: row.entry for row in rows}
    path = engine.steps(intake.questionnaire, answers)
    questionnaire = intake.questionnaire
    found: Json = {
        "resourceType": "QuestionnaireResponse",
        "language": intake.language.value,
        "identifier": _identifier(intake, "response"),
        "questionnaire": f"{questionnaire.url or known.OURS + questionnaire.name}|{questionnaire.version}",
        "status": "completed" if intake.handed_over_at else "in-progress",
        "subject": {"display": "Visitor"},
        "authored": (intake.handed_over_at or intake.changed_at).isoformat(),
        "item": list(_Writer(path, intake.language.value).items(questionnaire.items, ())),
    }
    return _checked(found)


def bundle_of(
    intake: Intake, rows: tuple[Row, ...], conversation: tuple[Shown, ...], *, transaction: bool = False
) -> Json:
    """Everything of one intake. As a transaction every part is a conditional update, so that sending twice is once."""
    response = response_of(intake, rows)
    parts = [response, *_communications(intake, conversation)]
    if not transaction:
        parts.insert(0, json.loads(intake.questionnaire.source, parse_float=Decimal))
    entries = []
    for part in parts:
        entry: Json = {"fullUrl": _full_url(intake, part), "resource": part}
        if transaction:
            held = part["identifier"]
            held = held[0] if isinstance(held, list) else held
            kind = part["resourceType"]
            entry["request"] = {"method": "PUT", "url": f"{kind}?identifier={held['system']}|{held['value']}"}
        entries.append(entry)
    kind = "transaction" if transaction else "collection"
    at = (intake.handed_over_at or intake.changed_at).isoformat()
    return _checked({"resourceType": "Bundle", "type": kind, "timestamp": at, "entry": entries})


def as_json(resource: Json) -> str:
    """The resource as it is written to a file, numbers exactly as they are."""
    return _model(resource).model_dump_json(indent=1) + "\n"  # type: ignore[no-any-return]


def read_response(questionnaire: Questionnaire, source: str) -> dict[Slot, Entry]:
    """The answers out of a QuestionnaireResponse in JSON. BadInput if it is none, or of another questionnaire."""
    try:
        raw = json.loads(source, parse_float=Decimal)
        _model(raw)
    except (ValueError, KeyError, TypeError):
        raise BadInput("This is not a FHIR QuestionnaireResponse in JSON.") from None
    if str(raw.get("questionnaire")).rpartition("|")[2] != questionnaire.version:
        raise BadInput("These answers were given to another version of the questionnaire.")
    return dict(_Back(questionnaire).entries(raw.get("item", []), ()))


class _Writer:
    """One path as nested items."""

    def __init__(self, path: tuple[Step, ...], language: str) -> None:
        self._steps = {step.slot: step for step in path if not step.asks_for_another}
        self._language = language

    def items(self, items: tuple[Item, ...], rows: tuple[int, ...]) -> Iterator[Json]:
        """The items of one level."""
        for item in items:
            if item.type is ItemType.GROUP:
                for here in self._copies(item, rows):
                    inside = list(self.items(item.items, here))
                    if inside:
                        yield {"linkId": item.link_id, **self._text(item), "item": inside}
            elif (step := self._steps.get(Slot(item.link_id, rows))) is not None:
                yield self._question(step, list(self.items(item.items, rows)))

    def _copies(self, group: Item, rows: tuple[int, ...]) -> list[tuple[int, ...]]:
        if not group.repeats:
            return [rows]
        ids = {item.link_id for item in _under(group)}
        found = {
            slot.rows[: len(rows) + 1] for slot in self._steps if slot.item in ids and slot.rows[: len(rows)] == rows
        }
        return sorted(found)

    def _question(self, step: Step, inside: list[Json]) -> Json:
        item, entry = step.item, step.entry
        found: Json = {"linkId": item.link_id, **self._text(item)}
        extensions: list[Json] = []
        answers: list[Json] = []
        if entry is not None:
            if entry.at is not None:
                extensions.append({"url": known.ANSWERED_AT, "valueDateTime": entry.at.isoformat()})
            if entry.state is not State.ANSWERED:
                extensions.append({"url": known.ABSENT, "valueCode": ASKED_DECLINED})
            if entry.state is State.TO_A_PERSON:
                extensions.append({"url": known.TO_A_PERSON, "valueBoolean": True})
            for value in entry.values:
                if value.kind is Kind.OWN_WORDS and not _takes_own_words(item, entry):
                    extensions.append({"url": known.OWN_WORDS, "valueString": value.text})
                else:
                    answers.append(_answer(value))
        if extensions:
            found["extension"] = extensions
        if answers:
            found["answer"] = answers
            if inside:
                answers[0]["item"] = inside
        elif inside:
            found["item"] = inside
        return found

    def _text(self, item: Item) -> Json:
        text = item.words.within(self._language)
        return {"text": text} if text else {}


class _Back:
    """Nested items as entries again."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._items = questionnaire.by_id()

    def entries(self, raw: list[Json], rows: tuple[int, ...]) -> Iterator[tuple[Slot, Entry]]:
        """What stands in the slots of one level."""
        counted: dict[str, int] = {}
        for one in raw:
            item = self._items.get(one["linkId"])
            if item is None:
                raise BadInput(f"There is no item {one['linkId']} in this questionnaire.")
            if item.type is ItemType.GROUP:
                row = counted.get(item.link_id, 0)
                counted[item.link_id] = row + 1
                if item.repeats and row:
                    yield Slot(item.link_id, (*rows, row - 1)), Entry(State.ANSWERED, (engine.YES,))
                yield from self.entries(one.get("item", []), (*rows, row) if item.repeats else rows)
                continue
            entry = _entry(item, one)
            if entry is not None:
                yield Slot(item.link_id, rows), entry
            inside = one.get("item", []) or [
                part for answer in one.get("answer", []) for part in answer.get("item", [])
            ]
            yield from self.entries(inside, rows)


def _entry(item: Item, raw: Json) -> Entry | None:
    held = {one["url"]: one for one in raw.get("extension", [])}
    at = held.get(known.ANSWERED_AT, {}).get("valueDateTime")
    moment = None if at is None else datetime.fromisoformat(str(at).replace("Z", "+00:00"))
    values = [_value(item, answer) for answer in raw.get("answer", [])]
    own = [one["valueString"] for one in raw.get("extension", []) if one["url"] == known.OWN_WORDS]
    values += [Value(Kind.OWN_WORDS, text) for text in own]
    if values:
        return Entry(State.ANSWERED, tuple(values), 0, moment)
    if known.ABSENT not in held:
        return None
    return Entry(State.TO_A_PERSON if known.TO_A_PERSON in held else State.SKIPPED, (), 0, moment)


def _takes_own_words(item: Item, entry: Entry) -> bool:
    """FHIR has a place for them: an open choice whose options are all coded, and no more answers than it takes."""
    if item.type is not ItemType.OPEN_CHOICE or any(option.value.kind is Kind.WORDS for option in item.options):
        return False
    return item.repeats or len(entry.values) == 1


def _answer(value: Value) -> Json:
    match value.kind:
        case Kind.OPTION:
            held = {"system": value.system, "code": value.code, "display": value.text}
            return {"valueCoding": {key: text for key, text in held.items() if text}}
        case Kind.OWN_WORDS:
            return {"valueString": value.text}
        case Kind.QUANTITY:
            unit = {"unit": value.code} if value.code else {}
            return {"valueQuantity": {"value": Decimal(value.text)} | unit}
        case Kind.FILE:
            return {"valueAttachment": {"contentType": value.code, "data": value.content, "title": value.text}}
        case Kind.REFERENCE:
            return {"valueReference": {"display": value.text}}
        case Kind.BOOLEAN:
            return {"valueBoolean": value.text == "true"}
        case Kind.INTEGER:
            return {"valueInteger": int(value.text)}
        case Kind.DECIMAL:
            return {"valueDecimal": Decimal(value.text)}
    return {_PLAIN[value.kind]: value.text}


def _value(item: Item, raw: Json) -> Value:
    if "valueCoding" in raw:
        held = raw["valueCoding"]
        return Value(Kind.OPTION, held.get("display", ""), held.get("code", ""), held.get("system", ""))
    if "valueQuantity" in raw:
        held = raw["valueQuantity"]
        return Value(Kind.QUANTITY, canonical(Kind.DECIMAL, held["value"]), held.get("unit", ""))
    if "valueAttachment" in raw:
        held = raw["valueAttachment"]
        return Value(Kind.FILE, held.get("title", ""), held.get("contentType", ""), "", held.get("data", ""))
    if "valueReference" in raw:
        return Value(Kind.REFERENCE, raw["valueReference"].get("display", ""))
    for kind, key in _PLAIN.items():
        if key in raw:
            value = Value(kind, canonical(kind, raw[key]))
            is_own = kind is Kind.WORDS and item.type is ItemType.OPEN_CHOICE and item.chosen(value) is None
            return Value(Kind.OWN_WORDS, value.text) if is_own else value
    raise BadInput(f"An answer to {item.link_id} has no value.")


def _communications(intake: Intake, conversation: tuple[Shown, ...]) -> Iterator[Json]:
    for said in conversation:
        asked = _communication(intake, f"message-{said.id}", said.at, "Visitor", [said.text])
        yield asked
        statements = said.turn.statements if said.turn is not None and not said.silent else ()
        if statements:
            shown = _communication(
                intake, f"shown-{said.id}", said.at, "Foreroom, a program", [one.text for one in statements]
            )
            sources = dict.fromkeys(
                f"{one.clinic}: {one.span.source}, version {one.span.version}" for one in statements
            )
            shown["note"] = [{"text": source} for source in sources]
            shown["inResponseTo"] = [{"reference": _full_url(intake, asked)}]
            yield shown
        for reply in said.replies:
            yield _communication(
                intake, f"reply-{reply.id}", reply.at, f"{reply.name}, {reply.role.value}", [reply.text]
            )


def _communication(intake: Intake, mark: str, at: datetime, sender: str, texts: list[str]) -> Json:
    return {
        "resourceType": "Communication",
        "identifier": [_identifier(intake, mark)],
        "status": "completed",
        "subject": {"display": "Visitor"},
        "about": [{"identifier": _identifier(intake, "response")}],
        "sent": at.isoformat(),
        "sender": {"display": sender},
        "payload": [{"contentString": clean(text) or "…"} for text in texts],
    }


def _identifier(intake: Intake, mark: str) -> Json:
    """The same for the same thing for ever, and no other installation's: begun at a microsecond of its own."""
    named = f"{known.OURS}{intake.begun_at.isoformat()}/{intake.conversation}/{intake.id}/{mark}"
    return {"system": known.OURS + "identifier", "value": str(uuid5(NAMESPACE_URL, named))}


def _full_url(intake: Intake, part: Json) -> str:
    held = part.get("identifier")
    if part["resourceType"] == "Questionnaire" or not held:
        return f"urn:uuid:{uuid5(NAMESPACE_URL, intake.questionnaire.fingerprint)}"
    return f"urn:uuid:{(held[0] if isinstance(held, list) else held)['value']}"


def _under(group: Item) -> Iterator[Item]:
    for item in group.items:
        yield item
        yield from _under(item)


def _checked(resource: Json) -> Json:
    _model(resource)
    return resource


def _model(resource: Json) -> Any:
    """The library's R4 model of a resource. ValueError where it does not fit."""
    from fhir.resources.R4B.bundle import Bundle  # half a second, only where something is exported
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

    models: dict[str, Any] = {"Bundle": Bundle, "QuestionnaireResponse": QuestionnaireResponse}
    return models[resource["resourceType"]].model_validate(resource)
