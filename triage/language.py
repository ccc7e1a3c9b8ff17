"""Which of the page's two languages a message is written in, by its most common words."""

import re
import unicodedata
from collections.abc import Iterable

from triage.decision import Language

_SPANISH = frozenset(
    "que de la el los las un una es por para con se mi me su lo como pero mas ya si yo tengo estoy soy hay al del "
    "quiero quiere puedo puede voy va cuantas cuanto cual donde cuando quien muy esta este eso esto porque sin sobre "
    "hacer tratamiento ketamina anhedonia vivir vida morir muero matar ayuda gracias hola nada nadie todo todos "
    "tambien usted ustedes le les nos mis tu te aqui ahora hoy anoche siempre nunca siento aguanto corto pega duele "
    "dolor hijo hija mama papa esposo esposa marido novio novia hermano hermana amigo amiga bien mal mucho "
    "tan ni".split()
)
_ENGLISH = frozenset(
    "the of and to in is it you that he was for on are with as i his they be at have this from or had by not "
    "but what my me do does can how if will so would about get like just when who where why am im dont safe".split()
)
_TO_ONESELF = re.compile(r"[^\W\d_]+(?:ar|er|ir)me")  # "matarme", as no English word ends
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, earlier: Iterable[str] = ()) -> Language:
    """Spanish where its common words, marks or letters prevail, else English. What does not tell, or is one word, is in
    the language of the latest of the `earlier` texts that tells; they are given newest first."""
    word = len(text.split()) == 1
    for place, one in enumerate((text, *earlier)):
        told = _told(one)
        if told is not None and not (place == 0 and word):
            return told
    return _told(text) or Language.ENGLISH


def _told(text: str) -> Language | None:
    if "¿" in text or "¡" in text:
        return Language.SPANISH
    words = [_plain(word) for word in _WORD.findall(text[:2000].lower())]
    spanish = sum(word in _SPANISH or _TO_ONESELF.fullmatch(word) is not None for word in words) + 2 * text.count("ñ")
    english = sum(word in _ENGLISH for word in words)
    if spanish == english:
        return None
    return Language.SPANISH if spanish > english else Language.ENGLISH


def _plain(word: str) -> str:
    """Without its accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
