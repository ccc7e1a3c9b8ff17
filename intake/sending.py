"""The record on its way to a FHIR server: through the outbox, once, however often it is tried or half answered."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from desk import conversation as links
from desk.conversation import need_seal
from desk.shown import read_conversation
from desk.status import DeskStatus
from errors import Unavailable
from intake import fhir, rows
from intake.rows import RECORD, Stage
from store import outbox
from store.engine import Store
from store.keys import Keys
from store.outbox import Fate, Letter

CHANNEL = "fhir"
PATIENCE_SECONDS = 20
_NOBODY = DeskStatus(has_staff=True, has_channel=True, is_staffed=True, opens_at=None)  # no status leaves the house


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the newest sending, from its own row."""

    queued_at: datetime | None = None
    accepted_at: datetime | None = None  # the server said that it stored every part
    trouble: str = ""
    given_up: bool = False


def put(connection: Connection, intake: int, mark: int, now: datetime) -> None:
    """Owe the sending, unless it is owed or done for these very answers. `mark`: the number of the newest one."""
    for letter in outbox.about(connection, RECORD, intake):
        if letter.fate is Fate.WAITING or (letter.fate is Fate.DELIVERED and letter.mark == mark):
            return
    outbox.put(connection, RECORD, intake, mark, CHANNEL, "server:0", now, now)


def sent(connection: Connection, intake: int) -> Sent:
    """Where the sending stands."""
    letters = outbox.about(connection, RECORD, intake)
    if not letters:
        return Sent()
    last = letters[-1]
    return Sent(last.made_at, last.delivered_at, last.trouble or "", last.fate is Fate.GIVEN_UP)


class Records:
    """Sends the record of an intake; `tend` calls it with letters of the kind RECORD."""

    def __init__(self, store: Store, keys: Keys, url: str, token: str = "") -> None:
        self._store, self._keys, self._url, self._token = store, keys, url.rstrip("/"), token

    def __call__(self, letter: Letter) -> None:
        """Returns once the server confirmed every part; Unavailable otherwise, and it is tried again."""
        if not self._url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Unavailable("The FHIR server's address must begin with https://.")
        import httpx  # only where a server is set up: it costs a third of a second at every start

        body = self._body(letter.subject)
        head = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
        if self._token:
            head["Authorization"] = f"Bearer {self._token}"
        try:
            answer = httpx.post(self._url, content=body.encode(), headers=head, timeout=PATIENCE_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"The FHIR server did not answer ({type(error).__name__}).") from None
        if not answer.is_success:
            raise Unavailable(f"The FHIR server answered {answer.status_code}.")
        _check(answer.text, len(json.loads(body)["entry"]))

    def _body(self, intake: int) -> str:
        with self._store.reading() as connection:
            one = rows.find(connection, intake)
            if one.stage is not Stage.HANDED_OVER or links.by_id(connection, one.conversation).deleted_at is not None:
                raise Unavailable("The visitor took these answers back; nothing was sent.")
            seal = need_seal(connection, self._keys, one.conversation)
            said = read_conversation(connection, seal, one.conversation, _NOBODY)
            answers = rows.whole(connection, seal, rows.rows(connection, seal, intake))
            return fhir.as_json(fhir.bundle_of(one, answers, said, transaction=True))


def _check(text: str, entries: int) -> None:
    """A half answer is none: every part needs its own success, and sending again stores nothing twice."""
    try:
        answer = json.loads(text)
        states = [str(one["response"]["status"]) for one in answer["entry"]]
        fits = answer["resourceType"] == "Bundle" and len(states) == entries
    except (ValueError, KeyError, TypeError):
        raise Unavailable("The FHIR server accepted the record without saying what it stored.") from None
    if not fits or not all(state.startswith("2") for state in states):
        raise Unavailable(
            f"The FHIR server stored {sum(state.startswith('2') for state in states)} of {entries} parts."
        )
