"""Reads files that came with answers, beside their visitors' next steps; each waits in its row until it is settled."""

import base64
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from desk import conversation as links
from desk.conversation import CONVERSATION
from errors import BadInput, BadSource
from intake import enclosed
from intake.enclosed import ENCLOSED
from intake.meeting import Meeting
from intake.rows import ANSWER, INTAKE
from intake.topics import read_file
from intake.values import LONGEST_FILE, LONGEST_TEXT, clean
from store.engine import Store
from store.keys import Keys
from triage.decision import Decision, Language

log = logging.getLogger(__name__)

ReadFile = Callable[[str, bytes], str]  # a document's name and content -> all its words; BadSource if it has others
ABANDONED = timedelta(seconds=40)  # whoever took a file up and settled nothing since then was stopped
TRIES = 5  # a file whose reading is stopped so often is left to a person
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was taken up."""

    id: int
    conversation: int
    language: Language
    name: str
    media_type: str
    content: bytes
    is_last_try: bool


class FileReading:
    """The files of all visitors, one after the other; who gave few comes before who gave many."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        clock: Callable[[], datetime],
        meeting: Meeting,
        read_file: ReadFile | None,
        *,
        beside: bool,
    ) -> None:
        """`read_file` reads documents; without it only plain text is read. `beside`: `wake` begins a thread."""
        self._store, self._keys, self._clock, self._meeting = store, keys, clock, meeting
        self._read_file, self._beside = read_file, beside
        self._lock, self._works, self._again = threading.Lock(), False, False
        self._stopped_by: datetime | None = None

    def wake(self, begun_before: datetime | None = None) -> None:
        """Something may wait: a thread reads until nothing does. `begun_before` is as in `read_on`."""
        if not self._beside:
            return
        with self._lock:
            self._again, self._stopped_by = True, begun_before or self._stopped_by
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name="files", daemon=True).start()

    def anything_waits(self) -> bool:
        """Some file was given and is taken care of by nobody."""
        with self._store.reading() as connection:
            return connection.execute(_in_turn(self._clock() - ABANDONED).limit(1)).first() is not None

    def read_on(self, begun_before: datetime | None = None) -> int:
        """Read every file that waits; returns how many were settled. Those another takes care of are left alone.

        `begun_before`: readings that were begun by then were stopped (without it those of 40 seconds ago).
        """
        settled, tried = 0, set[int]()
        while True:
            abandoned = begun_before or self._clock() - ABANDONED
            with self._store.reading() as connection:
                waiting = connection.execute(_in_turn(abandoned))
                found = [int(row.id) for row in waiting if row.id not in tried]
            if not found:
                return settled
            tried.add(found[0])
            settled += self.read_one(found[0], abandoned)[0]

    def read_one(self, file: int, abandoned: datetime | None = None) -> tuple[bool, Decision | None]:
        """(settled, danger) of one file. It is not settled if another reads it, if it is gone, or if we broke."""
        taken = self._take_up(file, abandoned or self._clock() - ABANDONED)
        if taken is None:
            return False, None
        try:
            words, why = self.words_of(taken.name, taken.media_type, taken.content)
        except Exception as error:  # ours, not the file's; it waits for the next try
            log.error("a file was not read: %s", type(error).__name__, exc_info=True)
            if not taken.is_last_try:
                return False, None
            words, why = "", "its reading broke off again and again."
        return True, self._settle(taken, words, why)

    def words_of(self, name: str, media_type: str, content: bytes) -> tuple[str, str]:
        """(words, why not all of them): what triage may read, and in what the file is more than that."""
        if media_type == PLAIN and b"\0" not in content:
            words = clean(content.decode("utf-8", "replace"))
        elif self._read_file is None:
            return "", "nothing reads such files here."
        else:
            try:
                words = clean(self._read_file(name, content))
            except (BadSource, BadInput) as error:
                return "", str(error).removeprefix(f"{name}: ").partition(". ")[0].rstrip(".") + "."
        if not words:
            return "", "there are no words in it."
        if len(words) > LONGEST_FILE:
            return words[:LONGEST_FILE], f"only its first {LONGEST_FILE:,} characters were read."
        return words, ""

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._again:
                    self._works = False
                    return
                self._again = False
                begun_before, self._stopped_by = self._stopped_by, None
            try:
                self.read_on(begun_before)
            except Exception:  # the database is away, say: what waits waits in its row, and the next round looks
                log.exception("files were not read")

    def _take_up(self, file: int, abandoned: datetime) -> _File | None:
        """Note that its reading begins, and open it."""
        with self._store.writing() as connection:
            tries = enclosed.begin_reading(connection, file, self._clock(), abandoned)
            if not tries:
                return None
            row = connection.execute(
                sa.select(ENCLOSED, ANSWER.c.words, ANSWER.c.language, INTAKE.c.conversation_id)
                .join(ANSWER, ANSWER.c.id == ENCLOSED.c.answer_id)
                .join(INTAKE, INTAKE.c.id == ANSWER.c.intake_id)
                .where(ENCLOSED.c.id == file)
            ).one()
            seal = links.seal_of(connection, self._keys, row.conversation_id)
        if seal is None or row.content is None or row.words is None:
            return None
        _, name, media_type, *_ = seal.open_value(row.words)[row.place]
        content = base64.b64decode(seal.open(row.content))
        language = Language(row.language)
        return _File(file, row.conversation_id, language, name, media_type, content, tries >= TRIES)

    def _settle(self, file: _File, words: str, why: str) -> Decision | None:
        read = read_file(file.name, words, self._meeting.reads(file.language)) if words else None
        now, danger = self._clock(), None if read is None else read.danger
        with self._store.writing() as connection:
            links.by_id(connection, file.conversation, lock=True)
            seal = links.seal_of(connection, self._keys, file.conversation)
            if seal is None:  # the conversation and all its words are gone
                return None
            message = None
            if read is not None and danger is not None:
                message = self._meeting.bring(connection, seal, file.conversation, read, f"file-{file.id}", now)
            topic = None if read is None else read.topic
            enclosed.settle(connection, seal, file.id, now, topic=topic, why=why, message=message)
        log.info("file", extra={"facts": {"file": file.id, "read": not why}})
        return danger


def is_quick(media_type: str, size: int) -> bool:
    """So few plain words are read in the step that brings them."""
    return media_type == PLAIN and size <= LONGEST_TEXT


def _in_turn(begun_before: datetime) -> sa.Select[tuple[int]]:
    """Files that wait, whose words can still be opened: few of a conversation before many, older before newer."""
    mine, theirs = INTAKE.alias("mine"), INTAKE.alias("theirs")
    held, other = ANSWER.alias("held"), ANSWER.alias("other")
    files = ENCLOSED.alias("files")
    given = (
        sa.select(sa.func.count())
        .select_from(files.join(other, other.c.id == files.c.answer_id).join(theirs, theirs.c.id == other.c.intake_id))
        .where(theirs.c.conversation_id == mine.c.conversation_id)
        .scalar_subquery()
    )
    return (
        enclosed.waiting(begun_before)
        .join(held, held.c.id == ENCLOSED.c.answer_id)
        .join(mine, mine.c.id == held.c.intake_id)
        .join(CONVERSATION, CONVERSATION.c.id == mine.c.conversation_id)
        .where(CONVERSATION.c.data_key.is_not(None), held.c.words.is_not(None))
        .order_by(given, ENCLOSED.c.id)
    )
