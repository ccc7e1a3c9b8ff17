"""`python -m evals`: print every figure; answer, triage, fit: the single measures."""

import argparse
import sys
from pathlib import Path

from errors import ForeroomError


def main(arguments: list[str] | None = None) -> int:
    """Run one measure; 0 when done, 1 with one line on stderr when not."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    verbs = parser.add_subparsers(dest="verb")
    answer = verbs.add_parser("answer", help="the whole pipeline on a file of items")
    triage = verbs.add_parser("triage", help="triage alone on a file of items")
    for verb in (answer, triage):
        verb.add_argument("items", type=Path)
        verb.add_argument("--out", type=Path, required=True)
    answer.add_argument("--sources", type=Path, help="answer from the documents of this folder instead")
    fit = verbs.add_parser("fit", help="fit what is learned: ranking, gate, triage")
    fit.add_argument("what", nargs="*", choices=["ranking", "gate", "triage", []], default=[])
    given = parser.parse_args(arguments)
    try:
        return _run(given)
    except ForeroomError as error:
        print(error, file=sys.stderr)
        return 1


def _run(given: argparse.Namespace) -> int:
    if given.verb == "answer":
        from evals.answer import answer

        print(f"{answer(given.items, given.out, given.sources)} items answered, results in {given.out}")
    elif given.verb == "triage":
        from evals.triage import main as measure

        return measure(given.items, given.out)
    elif given.verb == "fit":
        from evals.fit import fit

        fit(given.what or ["ranking", "gate", "triage"])
    else:
        from evals.figures import figures

        figures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
