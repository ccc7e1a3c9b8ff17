"""Questionnaires from the command line: `python -m intake check` says of each file whether it can be asked."""

import argparse
import sys
from pathlib import Path

from errors import ForeroomError
from intake.reading import SHIPPED, notes_on, read_file
from settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    """0 if every file can be asked, 1 if one cannot."""
    parser = argparse.ArgumentParser(prog="python -m intake", description="Look at questionnaires.")
    parser.add_argument("verb", choices=["check"], help="read every file and say what is wrong with it")
    parser.add_argument("files", nargs="*", type=Path, help="only these")
    chosen = parser.parse_args(arguments)
    own = load_settings().data / "questionnaires"
    files = chosen.files or [*sorted(SHIPPED.glob("*.json")), *sorted(own.glob("*.json"))]
    wrong = 0
    for path in files:
        try:
            found = read_file(path)
        except ForeroomError as error:
            print(error)
            wrong = 1
        else:
            questions = sum(item.is_question for item, _ in found.walk())
            print(f"{found.name}: {found.title.text}, version {found.version}, {questions} questions. It can be asked.")
            for note in notes_on(found):
                print(f"{found.name}: {note}")
    return wrong


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except ForeroomError as error:
        sys.exit(str(error))
