"""A small house for the screens: the real reception and library, and a toy reading of messages."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from conversation.answer import Scored, Span, Statement, Turn
from desk.actions import Desk
from desk.drafting import Reply
from desk.pace import Wait
from desk.reception import Reception
from desk.shown import Shown
from desk.status import DeskStatus, Seen, Status
from desk.tending import Tending
from desk.transcript import Addressee
from errors import Unavailable
from intake.intakes import Intakes
from intake.reading import read_shelf
from intake.staff import IntakeDesk
from intake.view import View
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.source import Kind, Source
from screens.language_model import Named
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade
from triage.decision import Care, Decision, Language, Message, Reason, Route, Urgency, Verdict


@dataclass(frozen=True)
class FakeSettings:
    """The settings the screens look at."""

    clinic: str = ""
    operator: str = "whoever runs this installation"
    keep_days: int = 90
    workbench: bool = False
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()


class TalkingReception(Reception):
    """The real reception, with states of tickets and replies put in by a test."""

    statuses: dict[int, Status]
    replies: dict[int, tuple[Reply, ...]]
    receives: bool = False

    def desk(self) -> DeskStatus:
        return DeskStatus(self.receives, self.receives, True, None)

    def turns(self, token: str) -> tuple[Shown, ...]:
        return tuple(
            replace(
                turn,
                status=self.statuses.get(turn.number, turn.status),
                replies=self.replies.get(turn.number, turn.replies),
            )
            for turn in super().turns(token)
        )


@dataclass
class FakeHouse:
    """What wiring.services() gives the screens."""

    reception: TalkingReception
    library: Library
    intakes: Intakes
    intake_desk: IntakeDesk
    tend: Tending
    settings: FakeSettings = field(default_factory=FakeSettings)
    model: Named | None = None
    is_ready: bool = True
    is_broken: bool = False
    slow: Wait | None = None  # what whoever comes is told

    def ready(self) -> bool:
        return self.is_ready

    @property
    def parts(self) -> "FakeHouse":
        return self

    def triage(self, message: Message) -> Decision:
        return toy_turn(message, self.library).decision

    def warm_up(self) -> None:
        self.is_ready = True

    def ask(
        self,
        token: str,
        text: str,
        *,
        clinic: str | None,
        language: str | None,
        address: str = "",
        addressee: Addressee = Addressee.ANYONE,
    ) -> Shown:
        if self.is_broken:
            raise Unavailable("The database is not there.")
        received = self.reception.receive(token, text, clinic=clinic, language=language, addressee=addressee)
        self.reception.record(received, toy_turn(received.message(), self.library))
        return self.reception.turns(token)[-1]

    def unlock(self, token: str, passphrase: str, _address: str) -> str | None:
        return self.reception.unlock(token, passphrase)

    def begin_intake(
        self,
        token: str,
        name: str,
        language: str,
        *,
        clinic: str | None,
        follow_up: int | None,
        address: str,
    ) -> View | Wait:
        return self.slow or self.intakes.begin(token, name, language, clinic=clinic, follow_up=follow_up)

    def ask_person(self, token: str, note: str, address: str = "") -> Shown | Wait:
        if self.slow is not None:
            return self.slow
        asked = self.reception.ask_for_person(token, None, note)
        assert asked.received is not None
        self.reception.record(asked.received, toy_turn(asked.received.message(), self.library))
        return self.reception.turns(token)[-1]


def fake_house(data: Path, **changes: object) -> FakeHouse:
    """A house over a data folder, with the sources that ship."""
    data.mkdir(parents=True, exist_ok=True)
    store = connect(f"sqlite:///{data / 'foreroom.db'}")
    upgrade(store)
    keys, shelf = Keys.from_file(data / "master.key"), cache(lambda: read_shelf(data / "questionnaires"))
    reception = TalkingReception(store, keys, _now)
    reception.statuses, reception.replies = {}, {}
    intakes = Intakes(store, keys, _now, shelf)
    desk = IntakeDesk(store, keys, _now, Desk(store, keys, _now).allow, shelf)
    tend = Tending(store, keys, _now, {})
    return FakeHouse(reception, read_folder(SHIPPED), intakes, desk, tend, **changes)  # type: ignore[arg-type]


def _now() -> datetime:
    return datetime.now(UTC)


def statement(source: Source, words: str, kind: Kind | None = None) -> Statement:
    """The first sentence of a source that holds these words, of one kind if named."""
    for passage in (one for one in source.passages if kind in (None, one.kind)):
        for sentence in passage.sentences:
            text = source.text[sentence.start : sentence.end]
            if words.lower() in text.lower():
                span = Span(source.id, source.version, passage.id, sentence.start, sentence.end)
                notes = tuple(companion.wording for companion in sentence.companions if companion.wording)
                return Statement(text, span, source.clinic, passage.kind, source.is_digest, passage.study, notes)
    raise LookupError(words)


def toy_turn(message: Message, library: Library) -> Turn:
    """A turn by a handful of words, for looking at pages."""
    text = message.text.lower()
    mck, tovani = library.sources["mck"], library.sources["tovani"]
    looked = tuple(f"{source.clinic} (digest {source.version})" for source in (mck, tovani))
    spanish = (
        Language.SPANISH if any(word in text for word in ("cuánt", "sesion", "ya no quiero")) else Language.ENGLISH
    )
    if any(word in text for word in ("be here anymore", "ya no quiero", "not sure", "not safe")):
        reasons = (Reason.SUICIDE,)
        return Turn(message, Decision(Route.CRISIS, reasons, Urgency.NOW, care=Care.ASKED, language=spanish))
    if "lamictal" in text:
        return Turn(message, Decision(Route.SAFETY, (Reason.MEDICINE,), Urgency.TODAY, ("lamictal",), language=spanish))
    if "ohio" in text:
        where = (statement(tovani, "Florida and New Jersey"),)
        decision = Decision(Route.ELIGIBILITY, (Reason.PLACE,), Urgency.NEXT_DAY, language=spanish)
        return Turn(message, decision, where)
    if "real person" in text:
        return Turn(message, Decision(Route.ANSWER, (Reason.ABOUT_PAGE,), language=spanish))
    if "parking" in text:
        return Turn(message, Decision(Route.NOT_IN_SOURCES, language=spanish), looked_in=looked)
    if "weather" in text:
        return Turn(message, Decision(Route.OUT_OF_SCOPE, (Reason.OFF_TOPIC,), language=spanish))
    statements: tuple[Statement, ...] = (
        statement(mck, "standard protocol"),
        statement(mck, "blood pressure"),
        statement(tovani, "under the tongue"),
        statement(tovani, "number or the frequency"),
    )
    if "mice" in text:
        statements = (statement(mck, "", Kind.ANIMAL_STUDY),)
    verdict = Verdict("rules", Route.ANSWER, None, "", 0.9)
    return Turn(
        message,
        Decision(Route.ANSWER, check_in="nothing matters" in text, language=spanish, verdicts=(verdict,)),
        statements,
        tuple(Scored(one.span.passage, 0.8, {"meaning": 0.6, "words": 0.2}) for one in statements),
        understood_as="how long does the series at Music City Ketamine take?" if "that" in text else "",
        missing=("how long one session takes",) if "how long" in text else (),
        by_words_alone="words alone" in text,
        looked_in=looked,
    )


SEEN = Seen("Dana", datetime(2026, 1, 2, 8, 10, tzinfo=UTC))
