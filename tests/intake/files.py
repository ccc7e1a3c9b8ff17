"""Questionnaire files made up for tests: plain mappings, turned into text and read as any other."""

import json
from typing import Any

from intake import extensions
from intake.questionnaire import Questionnaire
from intake.reading import read

Json = dict[str, Any]


def item(link_id: str, kind: str = "string", **more: Any) -> Json:
    """One item; what is under it as `items`."""
    found: Json = {"linkId": link_id, "type": kind} | more
    if kind != "group":
        found.setdefault("text", f"What about {link_id}?")
    if "items" in found:
        found["item"] = found.pop("items")
    return found


def choice(link_id: str, *codes: str, kind: str = "open-choice", counts: bool = False, **more: Any) -> Json:
    """A choice among codes; with `counts` the first is 0, the next 1, …"""
    options = []
    for number, code in enumerate(codes):
        coding: Json = {"code": code, "display": f"Say {code}"}
        if counts:
            coding["extension"] = [{"url": extensions.ORDINAL, "valueDecimal": number}]
        options.append({"valueCoding": coding})
    return item(link_id, kind, answerOption=options, **more)


def when(question: str, operator: str, **answer: Any) -> Json:
    """One line of enableWhen."""
    return {"question": question, "operator": operator} | answer


def marked(**values: Any) -> list[Json]:
    """Our own extensions: part, panel, topic, same_day."""
    urls = {"part": extensions.PART, "panel": extensions.PANEL, "same_day": extensions.SAME_DAY}
    return [{"url": urls[name], "valueCode": value} for name, value in values.items()]


def total(low: int, high: int, *items: str, bands: tuple[tuple[int, int, str], ...] = ()) -> Json:
    """A sum."""
    parts: list[Json] = [{"url": "label", "valueCodeableConcept": {"text": "Sum of all"}}]
    parts += [{"url": "item", "valueString": one} for one in items]
    parts += [{"url": "low", "valueInteger": low}, {"url": "high", "valueInteger": high}]
    for first, last, text in bands:
        label = {"url": "label", "valueCodeableConcept": {"text": text}}
        inside = [label, {"url": "low", "valueInteger": first}, {"url": "high", "valueInteger": last}]
        parts.append({"url": "band", "extension": inside})
    return {"url": extensions.SCORE, "extension": parts}


def source(*items: Json, version: str = "1", **more: Any) -> str:
    """The text of a file."""
    head: Json = {"resourceType": "Questionnaire", "status": "draft", "title": "Made up", "version": version}
    return json.dumps(head | more | {"item": list(items)})


def made(*items: Json, name: str = "made-up", **more: Any) -> Questionnaire:
    """The questionnaire of that file."""
    return read(name, source(*items, **more))
