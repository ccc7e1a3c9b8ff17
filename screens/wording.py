"""The fixed wording a page shows for a decision: why a person, care, what is declined; all of it from prompts/."""

from dataclasses import dataclass

from conversation.answer import Turn
from desk.shown import Shown
from screens.visitor import Visitor
from triage.decision import Decision, Route


@dataclass(frozen=True)
class CareBlock:
    title: str
    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    question: str
    choices: tuple[str, ...]


def care_steps(turns):
    steps, n = {}, 0
    for t in turns:
        if t.turn and t.turn.decision.route is Route.CRISIS:
            steps[t.id] = n
            n += 1
    return steps


def care(made: Turn, language: str, step: int) -> CareBlock:
    if language == "es":
        return CareBlock(
            "Gracias por decirlo aquí.",
            ("No querer estar aquí es mucho para llevarlo a solas. En el 988 hay alguien despierto ahora. Es gratis.",),
            (
                ("Llame al 988, oprima 2", "tel:988"),
                ("Envíe AYUDA, por texto al 988", "sms:988"),
                ("¿Peligro? Llame ya al 911", "tel:911"),
            ),
            "¿Está a salvo en este momento?",
            ("Por ahora sí", "No sé", "No"),
        )
    return CareBlock(
        "Thank you for saying that here.",
        ("Not wanting to be here is a lot to hold alone. Someone at 988 is awake now. It is free.",),
        (
            ("Call 988, to talk", "tel:988"),
            ("Text 988, to type instead", "sms:988"),
            ("In danger this minute? Call 911", "tel:911"),
        ),
        "Are you safe right now?",
        ("Safe for now", "Not sure", "Not safe"),
    )


def why(decision: Decision, language: str) -> str:
    return "Whether a treatment fits with a medicine depends on you, so a person reads it, not a program."


def standing(language: str) -> str:
    return "standing"


def check_in(language: str) -> str:
    return 'That sounds heavy. <a href="tel:988">Call 988</a> any time.'


def declined(decision, language):
    return "declined"


def said(turn: Shown, language: str) -> str:
    return ""


def danger_line(visitor: Visitor) -> str:
    return visitor.words(
        "frame.danger",
        call='<a href="tel:988">Call 988</a>',
        text='<a href="sms:988">text 988</a>',
        emergency='<a href="tel:911">call 911</a>',
    )
