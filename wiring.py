"""Joins the rooms: which library, which index, which model, which database."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from threading import Lock

from answering import Answering
from conversation.answer import Turn
from conversation.model import Model
from conversation.parts import Parts
from desk.actions import Desk
from desk.channels import Channel, Smtp, Webhook
from desk.conversation import new_token, open_keys
from desk.demo import Past
from desk.door import Door
from desk.hours import Hours, read_hours
from desk.model_calls import keep_call
from desk.pace import Crowd, Pace, Wait
from desk.pasted import cut_mail
from desk.reception import Asked, Reception
from desk.roles import Action
from desk.shown import Shown
from desk.tending import Tended, Tending
from desk.ticket import Ticket
from desk.transcript import Addressee, Received, Recorded
from errors import BadInput, BadSettings, ForeroomError
from intake.intakes import Intakes
from intake.reading import read_shelf
from intake.rows import RECORD
from intake.sending import Records
from intake.staff import IntakeDesk
from intake.view import View
from knowledge.apart import words_apart
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.register import Register
from settings import Settings, load_settings
from store.engine import Store, connect
from store.keys import Keys
from store.schema import upgrade
from triage.decision import Care, Decision, Message, Reason, Route
from triage.triage import Triage

log = logging.getLogger("foreroom")

_making = Lock()

Clock = Callable[[], datetime]

LONGEST_ANSWERED = 4_000  # characters; a longer message is read for danger and kept for a person


def _now() -> datetime:
    return datetime.now(UTC)


class Services:
    """The wired application, one for all visitors; it holds nothing that belongs to one of them."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        keys: Keys,
        library: Library,
        clock: Clock = _now,
        live: LiveLibrary | None = None,
    ) -> None:
        hours, channels = hours_of(settings), channels_of(settings)
        keep, pace = timedelta(days=settings.keep_days), Pace()
        self.settings = settings
        self.answering = answering = Answering(settings, library, live, partial(keep_call, store, clock))
        self.reception = Reception(
            store,
            keys,
            clock,
            hours=hours,
            channels=channels,
            keep=keep,
            sources=lambda source, version: answering.library.source(source, version),
        )
        self.desk = Desk(
            store,
            keys,
            clock,
            hours=hours,
            channels=channels,
            check=lambda draft, clinic, name: answering.drafts().check(draft, clinic, name),
            propose=lambda messages, name, clinic: answering.drafts().propose(messages, name, clinic),
            sources=lambda source, version: answering.library.source(source, version),
        )
        self.door = Door(store, clock, pace)
        self.hours, self.channels = hours, tuple(channels)
        at = f"{(settings.public_url or f'http://{settings.host}:{settings.port}').rstrip('/')}/desk"
        self.shelf = cache(lambda: read_shelf(settings.data / "questionnaires"))  # read once, beside the first visitor
        self.intakes = Intakes(
            store,
            keys,
            clock,
            self.shelf,
            triage=lambda message: answering.parts.triage(message),
            read_file=words_apart,
            beside=True,
            hours=hours,
            channels=channels,
            keep=keep,
        )
        self.intake_desk = IntakeDesk(
            store,
            keys,
            clock,
            self.desk.allow,
            self.shelf,
            hours=hours,
            channels=frozenset(channels),
            has_record=bool(settings.fhir_url),
        )
        records = {RECORD: Records(store, keys, settings.fhir_url, settings.fhir_token)} if settings.fhir_url else {}
        self._tending = Tending(store, keys, clock, channels, hours=hours, keep=keep, address=at, senders=records)
        self._pace, self._crowd = pace, Crowd()

    @property
    def library(self) -> Library:
        """The sources, as they are now."""
        return self.answering.library

    @property
    def parts(self) -> Parts:
        """The path of a message, as it is now."""
        return self.answering.parts

    @property
    def model(self) -> Model | None:
        """The language model the operator switched on."""
        return self.answering.model

    def ready(self) -> bool:
        """The model and the index are there; until then answers come by words alone."""
        return self.answering.ready()

    def warm_up(self) -> None:
        """Load the model and the index, then finish what a stopped process left. Raises Unavailable."""
        try:
            self.answering.warm_up()
        finally:
            self.shelf()
            self.intakes.finish()
            for received in self.reception.unfinished():
                self.answer(received)

    def paste(self, session: str, pasted: str, clinic: str | None) -> Ticket:
        """Take in mail that staff paste; what came of it is a ticket. Danger in what was cut is read as well."""
        self.desk.allow(session, Action.WRITE)
        triage = self.parts.triage
        letter = cut_mail(pasted, lambda text: triage(Message(text)).route is Route.CRISIS)
        received = self.reception.receive(
            new_token(), letter.text, clinic=clinic, language=None, addressee=Addressee.PERSON
        )
        self.answer(received)
        return self.desk.keep_pasted(session, received.conversation, letter.cut)

    def _contacts(self, received: Received) -> tuple[str, ...]:
        """What is known of the writer from contact fields, wanted only where a language model is on."""
        return () if self.model is None else self.reception.contacts(received)

    def tend(self) -> Tended:
        """What the house does by itself: files nobody read, letters, claims that ran out, what is over. Unavailable."""
        self.intakes.look_for_files()
        return self._tending()

    def ask(
        self,
        token: str,
        text: str,
        *,
        clinic: str | None,
        language: str | None,
        address: str = "",
        addressee: Addressee = Addressee.ANYONE,
    ) -> Shown | Wait:
        """The whole path of a message: stored, answered or left for a person. Raises Unavailable, BadInput.

        A Wait: too many messages or people at once, nothing was kept, and the text stays with its writer. Danger
        never waits.
        """
        if wait := self._must_wait(token, text, address):
            return wait
        clinic = clinic or self.settings.clinic or None
        with self._crowd.place() as wait:
            if wait is not None and not self._may_be_danger(token, text):
                return wait
            received = self.reception.receive(token, text, clinic=clinic, language=language, addressee=addressee)
            return _shown(received, self.answer(received))

    def unlock(self, token: str, passphrase: str, address: str) -> str | Wait | None:
        """A fresh link for this device, for a protected one and its passphrase; a Wait after many tries from here."""
        return self._pace.login(address) or self.reception.unlock(token, passphrase)

    def ask_person(self, token: str, note: str, address: str = "") -> Shown | Wait:
        """The visitor asks for a person, in their own words; danger is read in those too, and never waits."""
        if wait := self._must_wait(token, note, address):
            return wait
        asked: Asked = self.reception.ask_for_person(token, None, note)
        if asked.received is None:
            raise BadInput("Write a line for the person who will read it.")
        return _shown(asked.received, self.answer(asked.received))

    def begin_intake(
        self,
        token: str,
        name: str,
        language: str,
        *,
        clinic: str | None = None,
        follow_up: int | None = None,
        address: str = "",
    ) -> View | Wait:
        """Begin a questionnaire, or go on with it; a Wait where one address opens too many conversations."""
        if address and self.reception.open(token) is None and (wait := self._pace.conversation(address)):
            return wait
        return self.intakes.begin(token, name, language, clinic=clinic, follow_up=follow_up)

    def answer(self, received: Received) -> Recorded:
        """Take a stored message's turn and record it; whatever breaks, the message goes to a person."""
        began, parts = time.perf_counter(), self.answering.parts_now()
        message = received.message(self.reception.history(received), names=self._contacts(received))
        try:
            if not self.reception.answers_are_on():
                turn = _switched_off(parts.triage(message), message)
            elif _is_for_the_program(received):
                turn = parts.take(message)
            else:
                turn = _left(parts.triage(message), message)
        except Exception as error:  # nothing may cost the visitor their message
            log.error("a turn broke: %s", type(error).__name__, exc_info=not isinstance(error, ForeroomError))
            decision = Triage(None)(message)
            if not decision.route.needs_person:
                decision = decision.as_route(Route.NOT_IN_SOURCES, Reason.TROUBLE)
            turn = Turn(message, decision)
        recorded = self.reception.record(received, turn)
        facts = {"message": received.id, "route": turn.decision.route.value, "ticket": recorded.reference}
        log.info("turn", extra={"facts": facts | {"ms": round((time.perf_counter() - began) * 1000)}})
        return recorded

    def _must_wait(self, token: str, text: str, address: str) -> Wait | None:
        """Too many messages, or conversations from one address; None for whatever may be danger."""
        wait = self._pace.message(token, address or token)
        if wait is None and address and self.reception.open(token) is None:
            wait = self._pace.conversation(address)
        return None if wait is None or self._may_be_danger(token, text) else wait

    def _may_be_danger(self, token: str, text: str) -> bool:
        """Read by the rules alone, which need nothing that could be down."""
        known = self.reception.open(token)
        return (known is not None and known.care is not Care.NONE) or Triage(None)(Message(text)).route is Route.CRISIS


def _shown(received: Received, made: Recorded) -> Shown:
    """A message and what came of it, at once; where its ticket stands is read with the conversation."""
    return Shown(
        received.id,
        received.number,
        received.text,
        received.at,
        made.turn,
        made.reference,
        silent=made.silent,
        addressee=received.addressee,
    )


def _is_for_the_program(received: Received) -> bool:
    return received.addressee is not Addressee.PERSON and len(received.text) <= LONGEST_ANSWERED


def _left(decision: Decision, message: Message) -> Turn:
    """A turn in which the program only reads for danger, and leaves the rest for a person."""
    if not decision.route.needs_person:
        decision = replace(decision, reasons=tuple(dict.fromkeys((*decision.reasons, Reason.ASKED_FOR_A_PERSON))))
    return Turn(message, decision)


def _switched_off(decision: Decision, message: Message) -> Turn:
    """Answers are off: danger is met as always, everything else is left for a person."""
    if not decision.route.needs_person:
        decision = decision.as_route(Route.NOT_IN_SOURCES)
    return Turn(message, decision.as_route(decision.route, Reason.ANSWERS_OFF))


def demonstrate_an_intake(house: Services, clock: Past, session: Callable[[], str]) -> str:
    """Six weeks of made-up answers for the throwaway installation; returns their visitor's private link."""
    from intake.demo import fill

    return fill(house.intakes, house.intake_desk, house.desk, clock, session)


def hours_of(settings: Settings) -> Hours:
    """When the desk is staffed. BadSettings names what cannot be read."""
    try:
        return read_hours(settings.desk_hours, settings.desk_zone, settings.desk_closed)
    except BadInput as error:
        raise BadSettings(f"FOREROOM_DESK_HOURS, _ZONE or _CLOSED: {error}") from error


def channels_of(settings: Settings) -> dict[str, Channel]:
    """The ways an alert can leave; none until an operator sets one up. BadSettings without a sender."""
    channels: dict[str, Channel] = {}
    if settings.smtp_host:
        if not settings.smtp_sender:
            raise BadSettings("FOREROOM_SMTP_SENDER is missing: the address that e-mail comes from.")
        place = (settings.smtp_host, settings.smtp_port, settings.smtp_sender)
        login = (settings.smtp_user, settings.smtp_password)
        channels["email"] = Smtp(*place, *login, settings.smtp_encrypted)
    if settings.webhook_url:
        channels["webhook"] = Webhook(settings.webhook_url)
    return channels


def open_store(settings: Settings) -> tuple[Store, Keys]:
    """The database, brought up to date, and the keys that open it. BadSettings if they do not; Unavailable."""
    settings.data.mkdir(parents=True, exist_ok=True)
    store = connect(settings.database)
    upgrade(store)
    with store.reading() as connection:
        return store, open_keys(connection, settings.master_key, settings.data / "master.key")


def services() -> Services:
    """This process's application, made once. Raises BadSettings, Unavailable, BadSource."""
    with _making:  # the warm-up and the first visitor arrive together, and must meet in the same one
        return _services()


@cache
def _services() -> Services:
    settings = load_settings()
    store, keys = open_store(settings)
    register = Register(settings.data / "sources")
    live = LiveLibrary(register, settings.clinic or "")
    library = live.read()
    if settings.clinic and settings.clinic not in library.clinics:
        known = ", ".join(register.library().clinics)
        raise BadInput(f"FOREROOM_CLINIC is {settings.clinic!r}; the sources know {known}.")
    house = Services(settings, store, keys, library, live=live)
    house.answering.follow_always()
    return house
