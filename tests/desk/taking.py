"""A process that takes messages, records turns and sends replies until it is killed; says aloud what it acknowledged.

Run as `python -m tests.desk.taking URL KEY SEED SESSION [SECONDS]`. Each line it prints is a promise.
"""

import random
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

from desk.actions import Desk
from desk.reception import Reception
from desk.transcript import Received
from errors import Conflict
from store.engine import connect
from store.keys import Keys
from tests.desk.desks import all_is_courtesy
from tests.desk.made_up import answered, danger, eligible, unsafe


def main(url: str, key: str, seed: str, session: str, pause: str = "0") -> None:
    """Go on for ever, with a pause after each message."""
    luck = random.Random(seed)
    store, keys = connect(url), Keys([key])
    reception = Reception(store, keys, lambda: datetime.now(UTC))
    desk = Desk(store, keys, lambda: datetime.now(UTC), check=all_is_courtesy)
    for received in reception.unfinished():
        finish(reception, received, luck)
    number = 0
    while True:
        number += 1
        time.sleep(float(pause))
        name, link = f"{seed}-{number}", f"link-{luck.randrange(4 + number // 20)}"
        received = reception.receive(link, f"message {name}", clinic=None, language="en", client_key=name)
        print(f"message {name}", flush=True)
        finish(reception, received, luck)
        if luck.random() < 0.3:
            with suppress(Conflict):  # a colleague was first, or the visitor wrote meanwhile
                answer_one(desk, session, name)


def finish(reception: Reception, received: Received, luck: random.Random) -> None:
    """Record one of the turns there are."""
    reception.record(received, luck.choice((answered, eligible, unsafe, danger))(received))
    print(f"turn {received.text.removeprefix('message ')}", flush=True)


def answer_one(desk: Desk, session: str, name: str) -> None:
    """Write and send a reply to the first ticket of the queue, as somebody who clicks Send twice."""
    rows = desk.queue(session)
    if not rows:
        return
    ticket = rows[0].ticket.id
    desk.claim(session, ticket, desk.bench(session, ticket).up_to)
    draft = desk.write(session, ticket, f"reply {name}").draft
    mark = desk.preview(session, draft.id).fingerprint
    desk.send(session, draft.id, mark)
    desk.send(session, draft.id, mark)
    print(f"reply {name}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
