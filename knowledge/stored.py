"""A source as it was read, as JSON: what is kept beside an original, so that no version is ever cut anew."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from errors import BadSource
from knowledge.source import Source


@cache
def _shape() -> TypeAdapter[Source]:
    return TypeAdapter(Source)


def pack(source: Source) -> Any:
    """The source as values that JSON holds."""
    return _shape().dump_python(source, mode="json")


def unpack(held: Any) -> Source:
    """The source in such values. Raises BadSource where its spans do not hold."""
    try:
        source = _shape().validate_python(held, strict=False)
    except ValidationError as error:
        raise BadSource(f"A stored document cannot be read ({error.error_count()} faults). Add it again.") from error
    return _whole(source)


def dumps(source: Source) -> bytes:
    """The source as JSON."""
    return _shape().dump_json(source)


def loads(held: bytes) -> Source:
    """The source in JSON that `dumps` made. Raises BadSource."""
    try:
        source = _shape().validate_json(held)
    except ValidationError as error:
        raise BadSource(f"A stored document cannot be read ({error.error_count()} faults). Add it again.") from error
    return _whole(source)


def _whole(source: Source) -> Source:
    for passage in source.passages:
        if source.text[passage.start : passage.end] != passage.text:
            raise BadSource(f"{source.id}: its spans do not hold. Add it again.")
    return source
