"""What is seen before the page is there: what this is, a way out, and whom to call; no script, nothing to load."""

from pathlib import Path

from prompts.page import page_words
from screens.danger_line import danger_line
from screens.frame import LEAVE_TO
from screens.markup import shown

STYLE = Path(__file__).with_name("opening.css")


def with_opening(index: str, language: str, *, returning: bool) -> str:
    """Streamlit's own first page with ours over it; the style sheet hides ours when the conversation is drawn.

    `index` is HTML with a </body>; `language` is "en" or "es"; who is `returning` is not greeted once more.
    A page without </body> comes back without ours.
    """
    titled = index.replace("<title>Streamlit</title>", f"<title>{shown(page_words(language)('frame.name'))}</title>")
    before, body_end, after = titled.rpartition("</body>")
    return f"{before}{_opening(language, returning)}{body_end}{after}" if body_end else titled


def language_of(accepted: str) -> str:
    """The language of the opening from an Accept-Language header."""
    return "es" if accepted.strip().lower().startswith("es") else "en"


def _opening(language: str, returning: bool) -> str:
    words = page_words(language)
    greeting = f"<h2>{shown(words('start.title'))}</h2><p>{shown(words('start.lead'))}</p>"
    return (
        f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
        f'<div id="opening" lang="{language}">'
        f'<header><h1>{shown(words("frame.name"))}</h1><p class="second">{shown(words("frame.line"))}</p>'
        f'<a href="{LEAVE_TO}">{shown(words("frame.leave"))}</a></header>'
        f'<main>{"" if returning else greeting}<p class="second" role="status">{shown(words("opening.wait"))}</p>'
        f'<p class="second late">{shown(words("opening.late"))}</p>'
        f'<noscript><p class="second">{shown(words("opening.no_script"))}</p></noscript></main>'
        f'<footer><p class="second">{danger_line(language)}</p></footer></div>'
    )
