"""Question sets: JSON lines in, messages out."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from errors import BadInput
from triage.decision import Audience, Message, Said, Speaker

SPEAKERS = {"user": Speaker.VISITOR, "visitor": Speaker.VISITOR, "staff": Speaker.STAFF}
Item = dict[str, Any]


def read_items(path: Path) -> list[Item]:
    """The items of a JSON lines file, in order. Raises BadInput, naming the line."""
    return read_lines(path, {"id", "message"})


def read_lines(path: Path, needs: set[str]) -> list[Item]:
    """The objects of a JSON lines file, each with the keys it needs. Raises BadInput, naming the line."""
    items = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}). Name a JSON lines file of items.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}, line {number}: not JSON ({error}).") from error
        if not isinstance(item, dict) or not needs <= item.keys():
            raise BadInput(f"{path}, line {number}: an item needs {' and '.join(sorted(needs))}.")
        items.append(item)
    return items


def as_message(item: Item) -> Message:
    """An item as the visitor's message with its history."""
    history = tuple(
        Said(SPEAKERS.get(line["role"], Speaker.PROGRAM), str(line["text"])) for line in item.get("history") or ()
    )
    try:
        audience = Audience(item.get("audience", Audience.PATIENT))
    except ValueError:
        audience = Audience.PATIENT
    return Message(str(item["message"]), history, audience=audience)


def write_results(path: Path, results: Iterable[Item]) -> Iterator[Item]:
    """Write each result as it comes, a line each, and hand it on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for result in results:
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
            file.flush()
            yield result
