"""A process that answers a questionnaire until it is killed; says aloud what it was told is kept.

Run as `python -m tests.intake.answering URL KEY SEED`. Every line it prints is a promise that the database must hold.
"""

import random
import sys
from datetime import UTC, datetime

from errors import Conflict
from intake.intakes import Intakes
from intake.values import Given
from store.engine import connect
from store.keys import Keys
from tests.intake.files import item, made

LINK = "the-link-of-one-visitor"
DANGER = "I want to kill myself tonight"
ASKED = made(*(item(f"q{number}", "text") for number in range(6)), name="own")


def intakes(url: str, key: str) -> Intakes:
    """On that database."""
    return Intakes(connect(url), Keys([key]), lambda: datetime.now(UTC), lambda: shelf())


def shelf():
    """One questionnaire."""
    from intake.reading import Shelf

    return Shelf({"own": ASKED})


def main(url: str, key: str, seed: str) -> None:
    """Go on for ever."""
    luck, house = random.Random(seed), intakes(url, key)
    house.finish()
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        name = f"{seed}-{number}"
        link = f"{LINK}-{luck.randrange(3)}" if number % 7 else f"{LINK}-{name}"
        view = house.begin(link, "own", "en")
        words = f"{DANGER} {name}" if number % 7 == 0 else f"answer {name}"
        try:
            house.answer(link, view.intake.id, f"q{luck.randrange(6)}", [Given(words=words)], client_key=name)
        except Conflict:  # it waits: danger was read there
            continue
        print(words, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
