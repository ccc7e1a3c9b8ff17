"""What is seen before the page is there: what this is, a way out, and whom to call; no script, nothing to load."""

from pathlib import Path

from prompts.page import page_words
from screens.danger_line import danger_line
from screens.frame import LEAVE_TO
from screens.markup import shown

STYLE = Path(__file__).with_name("opening.css")
PLAIN = (
    "body{max-width:40em;margin:12vh auto;padding:0 16px;font:18px/30px system-ui,sans-serif;color-scheme:light dark}"
)


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


def away() -> str:
    """The page of a proxy with nobody behind it, in both languages (HTML); deploy/away.html holds it."""
    told = (
        f'<main lang="{language}"><h1>{shown(page_words(language)("frame.name"))}</h1>'
        f"<p>{shown(page_words(language)('opening.away'))}</p><p>{danger_line(language)}</p></main>"
        for language in ("en", "es")
    )
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{shown(page_words('en')('frame.name'))}</title>\n<style>{PLAIN}</style>\n"
        + "\n".join(told)
        + "\n</html>\n"
    )


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
