"""A process that answers a questionnaire, files among the answers, until it is killed; says what it was told is kept.

Run as `python -m tests.intake.answering URL KEY SEED`. Every line it prints is a promise that the database must hold.
"""

import random
import sys
import time
from datetime import UTC, datetime

from errors import Conflict
from intake.intakes import Intakes
from intake.values import Given
from store.engine import connect
from store.keys import Keys
from tests.intake.files import item, made

LINK = "the-link-of-one-visitor"
PDF = "application/pdf"
DANGER = "I want to kill myself tonight"
ASKED = made(*(item(f"q{number}", "text") for number in range(6)), item("file", "attachment"), name="own")


def intakes(url: str, key: str, *, beside: bool = True) -> Intakes:
    """On that database; files are read beside the answers, a moment each."""
    store, keys = connect(url), Keys([key])
    return Intakes(store, keys, lambda: datetime.now(UTC), lambda: shelf(), read_file=slowly, beside=beside)


def slowly(_name: str, content: bytes) -> str:
    """The words of what we call a PDF here."""
    time.sleep(0.03)
    return content.decode()


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
        given, asked = Given(words=words), f"q{luck.randrange(6)}"
        if number % 7 in (0, 3) and luck.random() < 0.5:
            given, asked = Given(file_name=f"{name}.pdf", media_type=PDF, content=words.encode()), "file"
        try:
            house.answer(link, view.intake.id, asked, [given], client_key=name)
        except Conflict:  # it waits: danger was read there
            continue
        print(words, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
