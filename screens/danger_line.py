"""The line for someone in danger, on every page and in every state, and what a way to help looks like (HTML)."""

from prompts.page import page_words
from prompts.resources import resources
from screens.markup import shown


def danger_line(language: str) -> str:
    """Whom to call or text, now, in the language "en" or "es" (HTML)."""
    words, known = page_words(language), resources(language)
    lifeline, emergency = known["lifeline"], known["emergency"]
    call = link(lifeline.call_link, words("frame.call", number=lifeline.say))
    text = link(lifeline.text_link, words("frame.text", word=lifeline.text_word, number=lifeline.text_to))
    now = link(emergency.call_link, words("frame.emergency", number=emergency.say))
    return words("frame.danger", call=call, text=text, emergency=now)


def link(href: str, text: str) -> str:
    """A link that may be the whole of a line: its text on one line, escaped."""
    return f'<a href="{shown(href)}">{shown(" ".join(text.split()))}</a>'
