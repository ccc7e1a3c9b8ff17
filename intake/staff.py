"""The staff's side of an intake: pages, exports, the record sent on, follow-ups; each checks role and clinic."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import conversation as links
from desk import ticket_rows
from desk.guard import guarded
from desk.hours import Hours
from desk.roles import Action
from desk.shown import Shown, read_conversation
from desk.staff import Staff
from desk.status import desk_status
from errors import BadInput, Conflict, Unavailable
from intake import enclosed, fhir, follow_ups, pdf, plain, rows, sending
from intake.follow_ups import FollowUp
from intake.page import Page, Point, Scale, build_page, points_of, scale_of
from intake.questionnaire import Kind, Questionnaire
from intake.reading import Shelf
from intake.rows import Intake, Stage
from intake.sending import Sent
from store import audit
from store.engine import Store
from store.keys import Keys


@dataclass(frozen=True, slots=True)
class Listed:
    """An intake of a ticket's conversation, as far as staff may know of it before opening its page."""

    intake: int
    title: str
    version: str
    stage: Stage  # OPEN: begun and not handed over, its answers are the visitor's
    changed_at: datetime
    handed_over_at: datetime | None
    reference: str | None  # of its ticket

    @property
    def has_page(self) -> bool:
        """Staff may open it."""
        return self.stage is Stage.HANDED_OVER


@dataclass(frozen=True, slots=True)
class Owed:
    """A follow-up the visitor has not answered, and the ticket it belongs to."""

    follow_up: FollowUp
    title: str
    ticket: int | None  # the conversation's newest one


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with an answer."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Opened:
    """Everything a page or an export is made of."""

    intake: Intake
    rows: tuple[rows.Row, ...]
    conversation: tuple[Shown, ...]
    points: tuple[Point, ...]
    scale: Scale

    @property
    def page(self) -> Page:
        return build_page(self.intake, self.rows, self.conversation, self.points, self.scale)


class IntakeDesk:
    """What staff do with intakes. The first argument of every action is the session's secret."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        allow: Callable[[str, Action], Staff],
        shelf: Callable[[], Shelf],
        *,
        hours: Hours | None = None,
        channels: frozenset[str] = frozenset(),
        has_record: bool = False,
    ) -> None:
        """`allow` is the desk's own guard; `has_record`: a FHIR server is set up."""
        self._store, self._keys, self._clock, self._allow = store, keys, clock, allow
        self._shelf, self._hours, self._channels = shelf, hours or Hours(), channels
        self.has_record = has_record

    def allow(self, session: str, action: Action) -> Staff:
        """Who acts. NotAllowed if the session has ended or the role may not do this."""
        return self._allow(session, action)

    @guarded(Action.LOOK)
    def of_ticket(self, person: Staff, ticket: int) -> tuple[Listed, ...]:
        """The intakes of a ticket's conversation, newest first, without deleted ones."""
        with self._store.reading() as connection:
            conversation = self._conversation_of(connection, person, ticket)
            found = [one for one in rows.of_conversation(connection, conversation) if one.stage is not Stage.DELETED]
        return tuple(_listed(one) for one in reversed(found))

    @guarded(Action.LOOK)
    def page(self, person: Staff, intake: int) -> Page:
        """The clinician's page. Conflict if the answers are not in staff's hands (any more)."""
        with self._store.reading() as connection:
            return self._open(connection, person, intake).page

    @guarded(Action.LOOK)
    def file(self, person: Staff, intake: int, answer: int, place: int = 0) -> Attached:
        """The file that came with an answer, as the value at that place."""
        with self._store.reading() as connection:
            opened = self._open(connection, person, intake)
            row = next((row for row in opened.rows if row.id == answer), None)
            values = () if row is None else row.entry.values
            value = values[place] if 0 <= place < len(values) else None
            if value is None or value.kind is not Kind.FILE:
                raise Conflict("There is no such file.")
            seal = links.need_seal(connection, self._keys, opened.intake.conversation)
            content = value.content or enclosed.content_of(connection, seal, answer, place)
        return Attached(value.text, value.code, base64.b64decode(content))

    @guarded(Action.LOOK)
    def as_text(self, person: Staff, intake: int) -> str:
        """The page as plain text, for pasting."""
        return plain.text_of(self._exported(person, intake, "text").page, self._hours.zone)

    @guarded(Action.LOOK)
    def as_pdf(self, person: Staff, intake: int) -> bytes:
        """The page as a PDF of one or two pages."""
        return pdf.pdf_of(self._exported(person, intake, "pdf").page, self._hours.zone)

    @guarded(Action.LOOK)
    def as_response(self, person: Staff, intake: int) -> str:
        """The answers as a FHIR R4 QuestionnaireResponse, validated, in JSON."""
        opened = self._exported(person, intake, "response")
        return fhir.as_json(fhir.response_of(opened.intake, opened.rows))

    @guarded(Action.LOOK)
    def as_bundle(self, person: Staff, intake: int) -> str:
        """Questionnaire, answers and the conversation (Communication) as one FHIR R4 Bundle, validated, in JSON."""
        opened = self._exported(person, intake, "bundle")
        return fhir.as_json(fhir.bundle_of(opened.intake, opened.rows, opened.conversation))

    @guarded(Action.SEND)
    def send_record(self, person: Staff, intake: int) -> Sent:
        """Put the record on its way to the FHIR server, through the outbox; once, however often it is pressed."""
        if not self.has_record:
            raise Unavailable("No FHIR server is set up here. Set FOREROOM_FHIR_URL, or download the record.")
        now = self._clock()
        with self._store.writing() as connection:
            links.by_id(connection, self._open(connection, person, intake).intake.conversation, lock=True)
            opened = self._open(connection, person, intake)  # the visitor may have taken it back while we waited
            sending.put(connection, intake, opened.rows[-1].entry.number if opened.rows else 0, now)
            audit.note(connection, now, person.actor, "record.queued", f"intake:{intake}")
            return sending.sent(connection, intake)

    @guarded(Action.LOOK)
    def record(self, person: Staff, intake: int) -> Sent:
        """Whether the record was sent, from the outbox's own row."""
        with self._store.reading() as connection:
            self._open(connection, person, intake)
            return sending.sent(connection, intake)

    @guarded(Action.WRITE)
    def ask_follow_up(self, person: Staff, ticket: int, name: str, weeks: int) -> int:
        """Ask for a follow-up in so many weeks; BadInput says how long the conversation is kept. Returns its id."""
        now = self._clock()
        if name not in {one.name for one in self._shelf().questionnaires.values() if one.is_follow_up}:
            raise BadInput(f"There is no follow-up named {name}.")
        with self._store.writing() as connection:
            conversation = self._conversation_of(connection, person, ticket)
            links.by_id(connection, conversation, lock=True)
            made = follow_ups.ask(connection, conversation, name, person.id, weeks, now)
            facts: dict[str, audit.Fact] = {"ticket": ticket, "weeks": weeks, "questionnaire": name}
            audit.note(connection, now, person.actor, "follow_up.asked", f"follow_up:{made}", facts)
        return made

    @guarded(Action.WRITE)
    def call_off(self, person: Staff, ticket: int, follow_up: int) -> None:
        """It is not asked any more."""
        now = self._clock()
        with self._store.writing() as connection:
            conversation = self._conversation_of(connection, person, ticket)
            if follow_up not in {one.id for one in follow_ups.of_conversation(connection, conversation, now)}:
                raise Conflict("There is no such follow-up.")
            follow_ups.call_off(connection, follow_up, now)
            audit.note(connection, now, person.actor, "follow_up.called_off", f"follow_up:{follow_up}")

    @guarded(Action.LOOK)
    def follow_ups(self, person: Staff, ticket: int) -> tuple[FollowUp, ...]:
        """The follow-ups of a ticket's conversation, oldest first."""
        with self._store.reading() as connection:
            conversation = self._conversation_of(connection, person, ticket)
            return follow_ups.of_conversation(connection, conversation, self._clock())

    @guarded(Action.LOOK)
    def unanswered(self, person: Staff) -> tuple[Owed, ...]:
        """Follow-ups that are due and were not handed over, the longest due first: for the desk's front page."""
        titles = {one.name: one.title.text for one in self._shelf().questionnaires.values()}
        with self._store.reading() as connection:
            found = []
            for one in follow_ups.unanswered(connection, self._clock()):
                if not person.serves(links.by_id(connection, one.conversation).clinic):
                    continue
                tickets = ticket_rows.all_of(connection, one.conversation)
                found.append(Owed(one, titles.get(one.name, one.name), tickets[-1].id if tickets else None))
        return tuple(found)

    def follow_ups_offered(self) -> tuple[Questionnaire, ...]:
        """The questionnaires staff may ask a visitor to answer."""
        return tuple(one for one in self._shelf().questionnaires.values() if one.is_follow_up)

    def _exported(self, person: Staff, intake: int, how: str) -> _Opened:
        now = self._clock()
        with self._store.writing() as connection:
            opened = self._open(connection, person, intake)
            if how in ("response", "bundle"):
                seal = links.need_seal(connection, self._keys, opened.intake.conversation)
                opened = replace(opened, rows=rows.whole(connection, seal, opened.rows))
            audit.note(connection, now, person.actor, "intake.exported", f"intake:{intake}", {"as": how})
        return opened

    def _conversation_of(self, connection: Connection, person: Staff, ticket: int) -> int:
        found = ticket_rows.read(connection, ticket)
        if not person.serves(found.clinic):
            raise Conflict(f"There is no ticket F-{ticket}.")
        return found.conversation

    def _open(self, connection: Connection, person: Staff, intake: int) -> _Opened:
        """A handed-over intake of a clinic this person serves. Conflict otherwise."""
        known = connection.execute(sa.select(rows.INTAKE.c.id).where(rows.INTAKE.c.id == intake)).first()
        one = None if known is None else rows.find(connection, intake)
        row = None if one is None else links.by_id(connection, one.conversation)
        if one is None or row is None or not person.serves(row.clinic):
            raise Conflict("There is no such intake.")
        if one.stage is not Stage.HANDED_OVER:
            raise Conflict("These answers are in the visitor's hands.")
        seal = links.need_seal(connection, self._keys, one.conversation)
        desk = desk_status(connection, self._hours, self._channels, self._clock())
        points: list[Point] = []
        charted = set()
        for other in rows.of_conversation(connection, one.conversation):
            if other.stage is Stage.HANDED_OVER and other.questionnaire.is_follow_up:
                points += points_of(other, rows.rows(connection, seal, other.id))
                charted.add(other.questionnaire)
        said = read_conversation(connection, seal, one.conversation, desk)
        return _Opened(one, rows.rows(connection, seal, intake), said, tuple(points), scale_of(charted))


def _listed(one: Intake) -> Listed:
    return Listed(
        one.id,
        one.questionnaire.title.text,
        one.questionnaire.version,
        one.stage,
        one.changed_at,
        one.handed_over_at,
        None if one.ticket is None else f"F-{one.ticket}",
    )
