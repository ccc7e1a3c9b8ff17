"""What stands against sending a draft: blanks, and sentences that no source bears out and nobody put their name to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.checking import Checked, Verdict, Written
from desk.roles import Role
from desk.staff import Staff
from errors import BadInput
from store.engine import METADATA, Instant
from store.keys import Seal
from triage.decision import Route

MARK = sa.Table(
    "draft_mark",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("draft_id", sa.ForeignKey("draft.id"), nullable=False, index=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),  # when it was made
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.LargeBinary, nullable=False),  # sealed: the sentence and the reason
)

LONGEST_REASON = 400  # characters
CAREFUL = frozenset({Route.CRISIS, Route.SAFETY, Route.ELIGIBILITY})  # here only a clinician's name will do

# The sentences of a draft, the clinic it is for ("" for any), who signs it -> a verdict for each.
Check = Callable[[Sequence[Written], str, str], tuple[Checked, ...]]


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody put their name to a sentence, in these very words."""

    sentence: str
    reason: str
    name: str
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence of a draft: what the check says of it, and who put their name to it."""

    checked: Checked
    mark: Mark | None = None
    is_careful: bool = False  # the ticket is about danger, safety or somebody's own case

    @property
    def is_settled(self) -> bool:
        """Nothing about it stands against sending. A blank is settled by being filled, and by nothing else.

        A clinician's mark settles any sentence; anybody else's only one that no source contradicts, and not on a
        ticket about danger, safety or somebody's own case.
        """
        verdict, mark = self.checked.verdict, self.mark
        if verdict is Verdict.BLANK:
            return False
        if not verdict.is_open:
            return True
        if mark is None:
            return False
        return mark.role is Role.CLINICIAN or (verdict is Verdict.NOT_CHECKED and not self.is_careful)


def nothing_checked(draft: Sequence[Written], clinic: str, name: str) -> tuple[Checked, ...]:
    """The check while there is nothing to check against: nothing passes."""
    return tuple(Checked(one.text, Verdict.NOT_CHECKED, one.span, why="The documents are not read.") for one in draft)


def judge(checked: Iterable[Checked], marks: Iterable[Mark], route: Route) -> tuple[Judged, ...]:
    """Each sentence with the mark made to these very words: a clinician's before any other, then the newest."""
    by_words: dict[str, Mark] = {}
    for mark in sorted(marks, key=lambda one: (one.role is Role.CLINICIAN, one.at)):
        by_words[mark.sentence] = mark
    return tuple(Judged(one, by_words.get(one.text), route in CAREFUL) for one in checked)


def unsettled(judged: Iterable[Judged]) -> str:
    """Why the draft cannot be sent, in words; "" if it can."""
    open_ones = [one for one in judged if not one.is_settled]
    if not open_ones:
        return ""
    first = open_ones[0].checked
    words = first.text if len(first.text) < 90 else first.text[:87] + "…"
    if first.verdict is Verdict.BLANK:
        why = f"This place is left blank: {first.why.rstrip('.')}. Fill it or take it out."
    elif first.verdict is Verdict.CHANGED:
        why = f"“{words}” says something else than its source. Correct it, or a clinician marks it with a reason."
    elif open_ones[0].mark is not None:
        why = f"“{words}” needs a clinician's mark: the ticket is about danger, safety or somebody's own case."
    else:
        why = f"“{words}” was not checked. Look at it: correct it, or mark it with a reason."
    more = f" {len(open_ones) - 1} more to settle." if len(open_ones) > 1 else ""
    return why + more


def write_mark(
    connection: Connection, seal: Seal, draft_id: int, person: Staff, sentence: str, reason: str, now: datetime
) -> None:
    """Keep that somebody put their name to a sentence. BadInput without a reason."""
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise BadInput(f"A mark needs a reason, of at most {LONGEST_REASON} characters.")
    connection.execute(
        MARK.insert().values(
            draft_id=draft_id,
            staff_id=person.id,
            name=person.name,
            role=person.role.value,
            at=now,
            words=seal.close_value({"sentence": sentence, "reason": reason.strip()}),
        )
    )


def marks_on(connection: Connection, seal: Seal, draft_id: int) -> tuple[Mark, ...]:
    """The marks on a draft, oldest first."""
    rows = connection.execute(sa.select(MARK).where(MARK.c.draft_id == draft_id).order_by(MARK.c.id))
    found = []
    for row in rows:
        words = seal.open_value(row.words)
        found.append(Mark(words["sentence"], words["reason"], row.name, Role(row.role), row.at))
    return tuple(found)
