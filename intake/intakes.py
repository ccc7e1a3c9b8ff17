"""The visitor's side of an intake: begin, answer, skip, look it over, hand it over, take it back, delete."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import conversation as links
from desk import handing, ticket_rows
from desk.hours import Hours
from desk.status import Status, desk_status, status_of
from desk.transcript import MESSAGE
from errors import BadInput, Conflict
from intake import enclosed, engine, follow_ups, rows
from intake.enclosed import FileState
from intake.engine import Answers, State
from intake.file_reading import FileReading, ReadFile, is_quick
from intake.meeting import Meeting, Triaging
from intake.questionnaire import Questionnaire
from intake.reaching import forget_reach, leave_reach
from intake.reading import Shelf
from intake.rows import RECORD, Intake, Stage
from intake.staying import what_stays
from intake.values import LARGEST_FILE, MEDIA, Given, understand_all
from intake.view import HandedOver, Kept, View
from prompts.intake import intake_words
from store import audit, outbox
from store.engine import Store
from store.keys import Keys, Seal
from triage.decision import Care, Decision, Language, Reason, Route, Urgency

__all__ = ["HandedOver", "Intakes", "Kept", "View"]

LONGEST_KEPT = 50_000  # characters of a dangerous text that was too long for its place


class Intakes:
    """Takes answers in. The first argument is the private link's secret, as everywhere for visitors."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        shelf: Callable[[], Shelf],
        *,
        triage: Triaging | None = None,
        hours: Hours | None = None,
        channels: Collection[str] = (),
        keep: timedelta = timedelta(days=90),
        read_file: ReadFile | None = None,
        beside: bool = False,
    ) -> None:
        """`shelf` gives the questionnaires there are. `triage` reads every answer; without it the rules read alone.

        `read_file` reads documents that are given as answers; without it only plain text is read. With `beside` a
        thread reads them while their visitor goes on; without it they wait until `read_files` is called.
        """
        self._store, self._keys, self._clock, self._keep = store, keys, clock, keep
        self._shelf, self._hours, self._channels = shelf, hours or Hours(), frozenset(channels)
        self._meeting = Meeting(store, keys, clock, triage=triage, hours=self._hours, keep=keep)
        self._files = FileReading(store, keys, clock, self._meeting, read_file, beside=beside)

    def offered(self) -> tuple[Questionnaire, ...]:
        """Questionnaires a visitor may begin by themselves: those that are no follow-up."""
        return tuple(one for one in self._shelf().questionnaires.values() if not one.is_follow_up)

    def mine(self, token: str) -> tuple[View, ...]:
        """The intakes of this conversation, oldest first, without deleted ones."""
        with self._store.reading() as connection:
            found = links.find(connection, token, self._clock())
            if found is None:
                return ()
            return tuple(
                self._view(connection, one)
                for one in rows.of_conversation(connection, found.id)
                if one.stage is not Stage.DELETED
            )

    def waiting_follow_ups(self, token: str) -> tuple[follow_ups.FollowUp, ...]:
        """What staff asked this visitor to answer, due and not handed over yet."""
        now = self._clock()
        with self._store.reading() as connection:
            found = links.find(connection, token, now)
            return () if found is None else follow_ups.waiting_for(connection, found.id, now)

    def begin(
        self, token: str, name: str, language: str, *, clinic: str | None = None, follow_up: int | None = None
    ) -> View:
        """Begin a questionnaire, or go on with the one of that name that is open; the link is made if there is none."""
        try:
            return self._begin(token, name, language, clinic, follow_up)
        except sa.exc.IntegrityError:  # two devices, or two visitors, were the first at once; now it is there
            return self._begin(token, name, language, clinic, follow_up)

    def view(self, token: str, intake: int) -> View | None:
        """The intake as it stands; None if it is not this link's or was deleted."""
        with self._store.reading() as connection:
            found = links.find(connection, token, self._clock())
            mine = () if found is None else rows.of_conversation(connection, found.id)
            one = next((one for one in mine if one.id == intake and one.stage is not Stage.DELETED), None)
            return None if one is None else self._view(connection, one)

    def answer(
        self,
        token: str,
        intake: int,
        key: str,
        given: Collection[Given],
        *,
        language: str | None = None,
        seen: int | None = None,
        client_key: str | None = None,
    ) -> Kept:
        """Commit an answer before anything else happens to it; once it returns, it is on the disk and was read.

        `key` names the step; `seen` is the number of the entry the page showed there (0 for none): if another device
        was faster, Conflict. A second call with the same `client_key` is the first one. BadInput has a line for the
        visitor. Danger is read whatever else is wrong with the answer. Files are on the disk as well and are read
        after the step: `View.files` says of each whether it was.
        """
        try:
            answer = self._write(token, intake, key, State.ANSWERED, tuple(given), language, seen, client_key)
        except (BadInput, Conflict):
            danger = self._danger_in_unkept(token, intake, tuple(given), client_key)
            if danger is None:
                raise
            return danger
        found = self._meeting.answer(intake, answer[0])
        for file in self._quick(answer[0], given):
            found = self._files.read_one(file)[1] or found
        if any(one.content for one in given):
            self._files.wake()
        return self._kept(answer, found)

    def files(self, token: str) -> tuple[tuple[int, FileState], ...]:
        """Each file of this conversation's intakes and where it stands; cheap enough to look again and again."""
        with self._store.reading() as connection:
            found = links.find(connection, token, self._clock())
            if found is None:
                return ()
            of_intakes = sa.select(rows.INTAKE.c.id).where(rows.INTAKE.c.conversation_id == found.id)
            answers = sa.select(rows.ANSWER.c.id).where(rows.ANSWER.c.intake_id.in_(of_intakes))
            return tuple(enclosed.states_of(connection, answers))

    def read_files(self) -> int:
        """Read every file that waits, here and now; returns how many were settled."""
        return self._files.read_on()

    def look_for_files(self) -> None:
        """Files that wait and that nobody takes care of are read beside everything else. Call it now and then."""
        if self._files.anything_waits():
            self._files.wake()

    def skip(self, token: str, intake: int, key: str, *, to_a_person: bool = False, seen: int | None = None) -> Kept:
        """Pass a question over, or keep it for a person; what was answered there before no longer counts."""
        state = State.TO_A_PERSON if to_a_person else State.SKIPPED
        answer = self._write(token, intake, key, state, (), None, seen, None)
        return self._kept(answer, None)

    def hand_over(self, token: str, intake: int, *, consent: bool) -> HandedOver:
        """Give the answers to staff: a ticket, in the same moment. BadInput names what is required and missing."""
        now = self._clock()
        with self._store.writing() as connection:
            one, seal = self._locked(connection, token, intake)
            say = intake_words(one.language.value)
            if one.stage is Stage.HANDED_OVER and one.ticket is not None:  # pressed twice
                return HandedOver(self._view(connection, one), f"F-{one.ticket}")
            view = self._view(connection, one)
            if view.waits:  # danger first: nothing is handed over while "are you safe?" stands open
                raise Conflict(say("unfit.waits"))
            if not consent:
                raise BadInput(say("unfit.no_consent"))
            if view.missing:
                asked = view.missing[0].item.words.within(one.language.value)
                raise BadInput(say("unfit.missing", question=asked))
            leave_reach(connection, seal, one.conversation, view.path, now)
            care = Care(links.by_id(connection, one.conversation).care)
            unread = any(not file.is_read for file in view.files)  # nobody has looked for danger in it
            urgency = Urgency.TODAY if unread else Urgency.NEXT_DAY
            decision = Decision(Route.NOT_IN_SOURCES, (Reason.INTAKE,), urgency, care=care, language=one.language)
            text = say("page.handing", title=one.questionnaire.title.within(one.language.value))
            brought = handing.bring(
                connection,
                seal,
                self._hours,
                one.conversation,
                text,
                decision,
                now,
                self._keep,
                silent=True,
            )
            rows.change(
                connection,
                one.id,
                now,
                stage=Stage.HANDED_OVER.value,
                handed_over_at=now,
                ended_at=None,
                message_id=brought.message,
                ticket_id=brought.ticket.id,
            )
            facts: dict[str, audit.Fact] = {"ticket": brought.ticket.reference, "consent": True}
            audit.note(connection, now, "visitor", "intake.handed_over", f"intake:{one.id}", facts)
            return HandedOver(self._view(connection, rows.find(connection, one.id)), brought.ticket.reference)

    def take_back(self, token: str, intake: int) -> View:
        """The answers are the visitor's again: staff no longer see them here; they can be changed and handed over."""
        now = self._clock()
        with self._store.writing() as connection:
            one, seal = self._locked(connection, token, intake)
            if one.stage is not Stage.HANDED_OVER:
                return self._view(connection, one)
            forget_reach(connection, seal, one.conversation, self._view(connection, one).path)
            rows.change(connection, one.id, now, stage=Stage.TAKEN_BACK.value, ended_at=now)
            outbox.cancel(connection, RECORD, one.id)
            let_go = one.ticket is not None and handing.let_go(connection, one.ticket, now)
            audit.note(connection, now, "visitor", "intake.taken_back", f"intake:{one.id}", {"ticket_closed": let_go})
            return self._view(connection, rows.find(connection, one.id))

    def delete(self, token: str, intake: int) -> None:
        """Erase the answers for everybody. What was read as danger stays as a message of the conversation."""
        now = self._clock()
        with self._store.writing() as connection:
            one, seal = self._locked(connection, token, intake)
            forget_reach(connection, seal, one.conversation, self._view(connection, one).path)
            rows.erase(connection, one.id)
            outbox.cancel(connection, RECORD, one.id)
            rows.change(connection, one.id, now, stage=Stage.DELETED.value, ended_at=now)
            let_go = one.ticket is not None and handing.let_go(connection, one.ticket, now)
            audit.note(connection, now, "visitor", "intake.deleted", f"intake:{one.id}", {"ticket_closed": let_go})

    def finish(self) -> int:
        """Read what a stopped process left unread; returns how many. Call it at start, before messages are finished."""
        with self._store.reading() as connection:
            left = rows.unread(connection)
        done = 0
        for intake, answer in left:
            with self._store.reading() as connection:
                gone = links.seal_of(connection, self._keys, rows.find(connection, intake).conversation) is None
            if not gone:
                self._meeting.answer(intake, answer)
                done += 1
        self._files.wake(self._clock() if self._store.is_sqlite else None)  # there nobody else can be reading one
        return done

    def _quick(self, answer: int, given: Collection[Given]) -> tuple[int, ...]:
        """The file of an answer that is read in the step itself: one, of few plain words."""
        files = [one for one in given if one.content]
        if len(files) != 1 or not is_quick(files[0].media_type, len(files[0].content)):
            return ()
        with self._store.reading() as connection:
            this = sa.select(rows.ANSWER.c.id).where(rows.ANSWER.c.id == answer)
            return tuple(file for file, state in enclosed.states_of(connection, this) if state is FileState.WAITING)

    def _begin(self, token: str, name: str, language: str, clinic: str | None, follow_up: int | None) -> View:
        now, chosen = self._clock(), Language(language)
        questionnaire = self._shelf().questionnaires.get(name)
        if questionnaire is None:
            raise BadInput(f"There is no questionnaire named {name}.")
        with self._store.writing() as connection:
            found = links.find_or_open(connection, self._keys, token, now, self._keep, clinic=clinic, language=chosen)
            owed = follow_ups.check(connection, found.id, follow_up, name)
            for one in rows.of_conversation(connection, found.id):
                if one.takes_answers and one.questionnaire.name == name and one.follow_up == owed:
                    return self._view(connection, one)
            intake = rows.begin(connection, found.id, questionnaire, chosen, now, owed)
            links.touch(connection, found.id, now, self._keep)
            facts: dict[str, audit.Fact] = {"questionnaire": name, "sha256": questionnaire.fingerprint}
            audit.note(connection, now, "visitor", "intake.begun", f"intake:{intake}", facts)
            return self._view(connection, rows.find(connection, intake))

    def _write(
        self,
        token: str,
        intake: int,
        key: str,
        state: State,
        given: tuple[Given, ...],
        language: str | None,
        seen: int | None,
        client_key: str | None,
    ) -> tuple[int, int]:
        """Store one entry; returns its id and its number."""
        now = self._clock()
        with self._store.writing() as connection:
            one, seal = self._locked(connection, token, intake)
            read_in = Language(language or one.language.value).value
            say = intake_words(read_in)
            if client_key is not None:
                known = rows.by_client_key(connection, intake, client_key)
                if known is not None:
                    number = next(row.entry.number for row in rows.rows(connection, seal, intake) if row.id == known)
                    return known, number
            if not one.takes_answers:
                raise Conflict(say("unfit.ended"))
            view = self._view(connection, one)
            if view.waits:
                raise Conflict(say("unfit.waits"))
            step = view.step(key)
            if step is None:
                raise Conflict(say("unfit.not_asked"))
            shown = 0 if step.entry is None else step.entry.number
            if seen is not None and seen != shown:
                raise Conflict(say("unfit.other_device"))
            if rows.is_full(connection, intake):
                raise BadInput(say("unfit.full"))
            values = understand_all(step, given, read_in, now) if state is State.ANSWERED else ()
            answer, number, sealed = rows.write(
                connection, seal, intake, step.slot, state, values, read_in, now, client_key, shown
            )
            links.touch(connection, one.conversation, now, self._keep)
            facts: dict[str, audit.Fact] = {"number": number, "state": state.value}
            facts["sha256"] = audit.fingerprint(sealed)
            audit.note(connection, now, "visitor", "intake.answered", f"intake:{intake}", facts)
        return answer, number

    def _danger_in_unkept(
        self, token: str, intake: int, given: tuple[Given, ...], client_key: str | None
    ) -> Kept | None:
        """What could not be kept as an answer is read all the same, here and now; danger is kept as a message."""
        with self._store.reading() as connection:
            found = links.find(connection, token, self._clock())
            mine = () if found is None else rows.of_conversation(connection, found.id)
            one = next((one for one in mine if one.id == intake), None)
        text = "\n".join(map(self._words_in, given))[:LONGEST_KEPT]
        if one is None or not text.strip():
            return None
        mark = f"unkept-{client_key}"[:64] if client_key else None
        decision = self._meeting.unkept(one.conversation, one.language, text, mark)
        if decision is None:
            return None
        with self._store.reading() as connection:
            return Kept(self._view(connection, one), 0, decision)

    def _words_in(self, given: Given) -> str:
        if not given.content or given.media_type not in MEDIA or len(given.content) > LARGEST_FILE:
            return given.words
        return f"{given.words}\n{self._files.words_of(given.file_name, given.media_type, given.content)[0]}"

    def _kept(self, answer: tuple[int, int], danger: Decision | None) -> Kept:
        with self._store.reading() as connection:
            intake = connection.execute(
                sa.select(rows.ANSWER.c.intake_id).where(rows.ANSWER.c.id == answer[0])
            ).scalar_one()
            return Kept(self._view(connection, rows.find(connection, intake)), answer[1], danger)

    def _locked(self, connection: Connection, token: str, intake: int) -> tuple[Intake, Seal]:
        """The intake, once its conversation is ours alone to change. Conflict if it is not this link's."""
        found = links.find_locked(connection, token, self._clock())
        if found is None:
            raise Conflict("This link does not open a conversation any more.")
        one = next((one for one in rows.of_conversation(connection, found.id) if one.id == intake), None)
        if one is None or one.stage is Stage.DELETED:
            raise Conflict("There is no such intake.")
        return one, links.need_seal(connection, self._keys, found.id)

    def _view(self, connection: Connection, one: Intake) -> View:
        conversation = links.by_id(connection, one.conversation)
        seal = links.need_seal(connection, self._keys, one.conversation)
        found = rows.rows(connection, seal, one.id)
        held: Answers = rows.answers(found)
        path = engine.steps(one.questionnaire, held)
        counts = rows.newest(found)
        files = tuple(file for step in path if (row := counts.get(step.slot)) is not None for file in row.files)
        waits = Care(conversation.care) is Care.ASKED
        status, stays = self._status(connection, one), what_stays(connection, one.id)
        return View(one, path, engine.progress(path), engine.missing(path), waits, stays, status, files)

    def _status(self, connection: Connection, one: Intake) -> Status | None:
        if one.ticket is None or one.message is None or one.stage is not Stage.HANDED_OVER:
            return None
        desk = desk_status(connection, self._hours, self._channels, self._clock())
        at = connection.execute(sa.select(MESSAGE).where(MESSAGE.c.id == one.message)).one()
        return status_of(connection, ticket_rows.read(connection, one.ticket), desk, at.number, at.at)
