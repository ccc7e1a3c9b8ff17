"""The values of triage: a message, who should answer it, why, and how soon."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Audience(StrEnum):
    """Who is typing, as far as they said so."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    STAFF = "staff"


class Language(StrEnum):
    """The language of the frame a visitor reads."""

    ENGLISH = "en"
    SPANISH = "es"


class Speaker(StrEnum):
    """Who said a line of a conversation."""

    VISITOR = "visitor"
    PROGRAM = "program"
    STAFF = "staff"


class Care(StrEnum):
    """Where a conversation stands after danger was read in it (the table is in triage/care.py)."""

    NONE = "none"
    ASKED = "asked"  # "are you safe right now?" stands open
    STANDING = "standing"  # said safe; answers return under a standing line
    WITH_A_PERSON = "with_a_person"  # staff are in the conversation


class Route(StrEnum):
    """Who answers. The order is the precedence of careful routes, most careful first."""

    CRISIS = "crisis"
    SAFETY = "safety"
    ELIGIBILITY = "eligibility"
    ANSWER = "answer"
    NOT_IN_SOURCES = "not_in_sources"
    OUT_OF_SCOPE = "out_of_scope"

    @property
    def needs_person(self) -> bool:
        """A person answers; the program hands over."""
        return self in (Route.CRISIS, Route.SAFETY, Route.ELIGIBILITY)

    @property
    def may_quote(self) -> bool:
        """Documents may be searched: never for danger, safety or what is off topic."""
        return self in (Route.ELIGIBILITY, Route.ANSWER, Route.NOT_IN_SOURCES)


class Urgency(StrEnum):
    """How soon a person is owed; the minutes behind each are in triage/urgency.toml."""

    NOW = "now"
    TODAY = "today"
    NEXT_DAY = "next_day"
    ROUTINE = "routine"


class Reason(StrEnum):
    """Why a message was routed; wording and urgency of each are in triage/reasons.toml."""

    # danger
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    HARM_TO_OTHERS = "harm_to_others"
    BEING_HARMED = "being_harmed"
    EMERGENCY = "medical_emergency"
    VOICES = "voices"
    THIRD_PERSON = "third_person"
    MINOR_IN_DANGER = "minor_in_danger"
    # safety
    MEDICINE = "medicine"
    STOPPING = "stopping_medicine"
    HEART = "heart"
    STROKE = "stroke"
    PSYCHOSIS = "psychosis"
    BIPOLAR = "bipolar"
    PREGNANCY = "pregnancy"
    SUBSTANCE = "substance_use"
    ORGANS = "organs"
    SEIZURE = "seizure"
    GLAUCOMA = "glaucoma"
    ALLERGY = "allergy"
    CONDITION = "health_condition"
    DOSE = "dose"
    SIDE_EFFECTS = "side_effects"
    DRIVING = "driving"
    PREPARATION = "preparation"
    ALONE = "alone_at_home"
    MINOR = "minor"
    CONSENT = "consent"
    # eligibility
    CANDIDATE = "candidate"
    WILL_IT_WORK = "will_it_work"
    DIAGNOSIS = "diagnosis"
    BOOKING = "booking"
    PLACE = "where_i_live"
    MY_PRICE = "my_price"
    # the rest
    ASKED_FOR_A_PERSON = "asked_for_a_person"
    ABOUT_PAGE = "about_page"
    DOCUMENTS_SILENT = "documents_silent"
    OFF_TOPIC = "off_topic"
    MANIPULATION = "manipulation"
    TROUBLE = "trouble"
    ANSWERS_OFF = "answers_off"
    INTAKE = "intake"


_FOR_A_PERSON = frozenset({Reason.ASKED_FOR_A_PERSON, Reason.TROUBLE, Reason.ANSWERS_OFF})
_ASKED = frozenset({Reason.ASKED_FOR_A_PERSON, Reason.ABOUT_PAGE})


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier line of the conversation."""

    speaker: Speaker
    text: str
    for_person: bool = field(default=False, compare=False)  # it was left for a person: no language model sees it


@dataclass(frozen=True, slots=True)
class Message:
    """What a visitor typed, word for word, and what stood before it."""

    text: str
    history: tuple[Said, ...] = ()  # oldest first
    clinic: str | None = None  # the clinic the visitor chose; None is both
    audience: Audience = Audience.PATIENT
    language: Language | None = None  # the visitor's choice; None: read it from the text
    care: Care = Care.NONE  # where the conversation stood before this message
    names: tuple[str, ...] = field(default=(), compare=False)  # from contact fields; hidden from a language model


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reader of triage thinks, and the words of the message that made it think so."""

    reader: str  # "rules", "classifier", "conversation"
    route: Route
    reason: Reason | None = None
    words: str = ""
    score: float | None = None  # a calibrated probability, where the reader has one


@dataclass(frozen=True, slots=True)
class Decision:
    """Triage's verdict on one message."""

    route: Route
    reasons: tuple[Reason, ...] = ()
    urgency: Urgency = Urgency.ROUTINE
    words: tuple[str, ...] = ()  # the words that decided, as the visitor typed them
    check_in: bool = False  # hopelessness without a wish to die: one warm line with the answer
    care: Care = Care.NONE  # where the conversation stands after this message
    language: Language = Language.ENGLISH
    verdicts: tuple[Verdict, ...] = field(default=())
    asks: str | None = None  # asked beside being safe, a wish for a person or this page; "": nothing, None: all of it

    @property
    def needs_person(self) -> bool:
        """A person owes this message an answer."""
        return self.route.needs_person or not _FOR_A_PERSON.isdisjoint(self.reasons)

    @property
    def why(self) -> Reason | None:
        """The first reason that lies in the matter, and not in what was asked of the page; None if there is none."""
        return next((reason for reason in self.reasons if reason not in _ASKED), None)

    def as_route(self, route: Route, *reasons: Reason) -> "Decision":
        """The same decision under another route, its reasons added (each once)."""
        return replace(self, route=route, reasons=tuple(dict.fromkeys((*self.reasons, *reasons))))
