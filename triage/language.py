"""Which of the page's two languages a message is written in, by its most common words."""

import re

from triage.decision import Language

_SPANISH = frozenset(
    "que de la el los las un una es por para con no se mi me su lo como pero más mas ya si sí yo tengo estoy "
    "quiero puedo cuántas cuantas cuánto cuanto qué cómo dónde donde cuándo cuando muy esta está hay del al soy "
    "porque sin sobre hacer tratamiento ketamina anhedonia vivir morir ayuda gracias hola nada todo también "
    "tambien usted ustedes le les nos mis".split()
)
_ENGLISH = frozenset(
    "the of and to a in is it you that he was for on are with as i his they be at have this from or had by not "
    "but what my me do does can how if will so no would about get like just when who where why am im dont".split()
)
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> Language:
    """Spanish where its common words, marks or letters prevail; else English."""
    if "¿" in text or "¡" in text:
        return Language.SPANISH
    words = [word.lower() for word in _WORD.findall(text[:2000])]
    spanish = sum(word in _SPANISH for word in words) + 2 * sum("ñ" in word for word in words)
    return Language.SPANISH if spanish > sum(word in _ENGLISH for word in words) else Language.ENGLISH
