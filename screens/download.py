"""A visitor's own conversation as plain text, to keep or to print."""

from collections.abc import Sequence

from desk.shown import Shown
from knowledge.library import Library
from prompts.companions import companion
from screens.answer_card import in_reading_order
from screens.markup import harmless
from screens.visitor import Visitor


def as_text(turns: Sequence[Shown], library: Library, visitor: Visitor, said: dict[int, str]) -> str:
    """The conversation, oldest first; `said` is the fixed wording shown under each message, by message id."""
    words = visitor.words
    lines = [words("download.title"), words("download.note"), ""]
    for turn in turns:
        lines += [f"{words('download.you')}, {visitor.clock(turn.at)}", turn.text, ""]
        if turn.reference:
            lines += [words("handover.saved", time=visitor.clock(turn.at), reference=turn.reference), ""]
        statements = in_reading_order(turn.turn.statements) if turn.turn else ()
        if said.get(turn.id) or statements:
            lines += [words("download.program"), *([said[turn.id]] if said.get(turn.id) else [])]
        for number, statement in enumerate(statements, 1):
            beside = " ".join(companion(note, visitor.language) for note in statement.notes)
            lines.append(f"{statement.clinic}: {statement.text} [{number}]{' ' + beside if beside else ''}")
        for number, statement in enumerate(statements, 1):
            source, span = library.source(statement.span.source, statement.span.version), statement.span
            title = source.title if source else span.source
            lines.append(f"  [{number}] {title}, {span.passage}, {span.start}-{span.end}")
        lines.append("")
        for reply in turn.replies:
            lines += [f"{reply.name}, {reply.role}, {visitor.clock(reply.at)}", reply.text, ""]
    return harmless("\n".join(lines))
