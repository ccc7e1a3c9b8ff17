"""Stored words through triage: topics are kept with them, danger becomes a message with care and a ticket."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from desk import conversation as links
from desk import handing
from desk.hours import Hours
from intake import rows
from intake.topics import Read, read_answer
from store.engine import Store
from store.keys import Keys, Seal
from triage.decision import Care, Decision, Language, Message, Route
from triage.triage import Triage

log = logging.getLogger(__name__)

Triaging = Callable[[Message], Decision]


class Meeting:
    """Reads what a visitor gave, as soon as it is stored, and meets danger in the same transaction as its reading."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        *,
        triage: Triaging | None = None,
        hours: Hours,
        keep: timedelta,
    ) -> None:
        """`triage` reads; without it, and where it breaks, the rules read alone."""
        self._store, self._keys, self._clock, self._hours, self._keep = store, keys, clock, hours, keep
        self._triage, self._rules = triage, Triage(None)

    def answer(self, intake: int, answer: int) -> Decision | None:
        """Read a stored answer; danger, if there is any. Files that came with it have a reading of their own."""
        with self._store.reading() as connection:
            one = rows.find(connection, intake)
            seal = links.need_seal(connection, self._keys, one.conversation)
            row = next((row for row in rows.rows(connection, seal, intake) if row.id == answer), None)
        if row is None:
            return None
        read = read_answer(one.questionnaire, row, self.reads(Language(row.language)))
        now = self._clock()
        with self._store.writing() as connection:
            links.by_id(connection, one.conversation, lock=True)
            seal = links.need_seal(connection, self._keys, one.conversation)
            message = None
            if read.danger is not None:
                message = self.bring(connection, seal, one.conversation, read, f"answer-{answer}", now)
            rows.keep_reading(connection, seal, answer, read.topic, message)
        return read.danger

    def unkept(self, conversation: int, language: Language, text: str, mark: str | None) -> Decision | None:
        """Read words that were not kept as an answer; danger in them is kept as a message."""
        decision = self.reads(language)(text)
        if decision.route is not Route.CRISIS:
            return None
        with self._store.writing() as connection:
            links.by_id(connection, conversation, lock=True)
            seal = links.need_seal(connection, self._keys, conversation)
            self.bring(connection, seal, conversation, Read(None, decision, text), mark, self._clock())
        return decision

    def bring(
        self, connection: Connection, seal: Seal, conversation: int, read: Read, mark: str | None, now: datetime
    ) -> int:
        """Danger becomes a message, once for each mark; returns its id. The conversation's row must be locked."""
        assert read.danger is not None
        care = Care(links.by_id(connection, conversation).care)
        decision = replace(read.danger, care=Care.WITH_A_PERSON if care is Care.WITH_A_PERSON else Care.ASKED)
        return handing.bring(
            connection,
            seal,
            self._hours,
            conversation,
            read.words,
            decision,
            now,
            self._keep,
            client_key=mark,
            silent=False,
        ).message

    def reads(self, language: Language) -> Callable[[str], Decision]:
        """Triage over words alone: what was said elsewhere has its own reading."""

        def read(text: str) -> Decision:
            message = Message(text, language=language)
            try:
                return self._rules(message) if self._triage is None else self._triage(message)
            except Exception:  # a broken part takes no reader away: the rules need nothing
                log.exception("an answer was read by the rules alone")
                return self._rules(message)

        return read
