"""What the page says of a language model while one is on: which, where it runs, what it does, what may slip through."""

from typing import Protocol

from prompts.page import page_words
from screens.markup import shown
from screens.visitor import Visitor


class Named(Protocol):
    """A model that is switched on."""

    @property
    def name(self) -> str:
        """As the settings name it."""

    @property
    def place(self) -> str:
        """Where it runs; "" is this machine."""


def for_writers(model: Named | None) -> str:
    """A line as HTML beside a draft; nothing while no model is on."""
    if model is None:
        return ""
    words = page_words("en")
    where = words("model.there", place=model.place) if model.place else words("model.here")
    line = (
        f"{words('model.on', model=model.name, where=where)} It may word sentences of a proposed draft: each is held "
    )
    line += "against its source first, and one that is not supported is replaced by the source's own."
    return f'<p class="small">{shown(line)}</p>'


def about_model(model: Named | None, visitor: Visitor) -> str:
    """A paragraph as HTML; nothing while no model is on."""
    if model is None:
        return ""
    words = visitor.words
    where = words("model.there", place=model.place) if model.place else words("model.here")
    lines = [words("model.on", model=model.name, where=where), words("model.does")]
    lines += [words("model.leaves", place=model.place)] if model.place else []
    return f'<p class="small">{shown(" ".join([*lines, words("model.misses")]))}</p>'
