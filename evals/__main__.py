"""`python -m evals`: print every figure; answer, triage, ground, fit: the single measures."""

import argparse
import json
import sys
from pathlib import Path

from errors import ForeroomError


def main(arguments: list[str] | None = None) -> int:
    """Run one measure; 0 when done, 1 with one line on stderr when not."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    verbs = parser.add_subparsers(dest="verb")
    answer = verbs.add_parser("answer", help="the whole pipeline on a file of items")
    triage = verbs.add_parser("triage", help="triage alone on a file of items")
    ground = verbs.add_parser("ground", help="claims against passages, without a language model")
    for verb in (answer, triage, ground):
        verb.add_argument("items", type=Path)
        name = verb.prog.split()[-1]
        verb.add_argument("--out", type=Path, default=Path("results") / f"{name}.jsonl", help="default: %(default)s")
    answer.add_argument("--sources", type=Path, help="answer from the documents of this folder instead")
    ground.add_argument("--sources", type=Path, help="the folder of documents that items name as passage_source")
    pairs = verbs.add_parser("retrieval", help="ranking on question and passage pairs of other people")
    pairs.add_argument("items", type=Path)
    pairs.add_argument("--sample", type=int, help="search this many of the passages")
    steering = verbs.add_parser("injections", help="texts that try to steer a language model, with one switched on")
    steering.add_argument("items", type=Path)
    steering.add_argument("--sample", type=int, help="only so many of them")
    gate = verbs.add_parser("gate", help="figures against their floors; fails where one is below")
    gate.add_argument("pages", type=Path, nargs="+", help="figures as JSON, docs/figures.md, docs/safety-figures.md")
    verbs.add_parser("bench", help="what a turn, a search, triage, an index and a draft cost on this machine")
    load = verbs.add_parser("load", help="a real server and simulated visitors")
    load.add_argument("--visitors", type=int, default=50, help="how many ask")
    load.add_argument("--every", type=float, default=20.0, help="seconds between two questions of one visitor")
    load.add_argument("--pages", type=int, default=0, help="open pages beside them that wait for a reply")
    load.add_argument("--poll", type=float, default=2.0, help="seconds between two looks of such a page")
    load.add_argument("--seconds", type=float, default=60.0)
    load.add_argument("--until", type=float, help="add visitors until the 95th percentile passes so many seconds")
    load.add_argument("--staff", type=int, default=2, help="members of staff whose queue is open")
    day = verbs.add_parser("day", help="a day of visitors in some minutes; compares what was said with what is stored")
    day.add_argument("--visitors", type=int, default=1000)
    day.add_argument("--minutes", type=float, default=10.0)
    others = verbs.add_parser("beside", help="beside programs people would otherwise use")
    others.add_argument("names", nargs="*", help="only these of them, ours first: foreroom langchain ...")
    others.add_argument("--sources", type=Path, help="a folder of documents besides the digests")
    others.add_argument("--asked", type=Path, help="questions on them, with their evidence")
    others.add_argument("--answers", type=Path, help="question and passage pairs of other people")
    others.add_argument("--most", type=int, default=2000, help="at most so many of those passages")
    others.add_argument("--starts", type=int, default=3, help="fresh processes of each program")
    growth = verbs.add_parser("grow", help="what a search costs as the documents grow")
    growth.add_argument("sizes", nargs="*", type=int, help="how many passages; none: 1,000, 10,000 and 100,000")
    growth.add_argument("--index-only", action="store_true", help="only build the index and ask it for the nearest")
    growth.add_argument("--step", choices=["build", "serve"], help="only this, in this process")
    growth.add_argument("--folder", type=Path, help="where the index of that step lies")
    steps = verbs.add_parser("steps", help="a real server, and both questionnaires answered to their end")
    steps.add_argument("--times", type=int, default=3, help="how often each is gone through")
    fit = verbs.add_parser("fit", help="fit what is learned: ranking, gate, triage, ground")
    fit.add_argument("what", nargs="*", choices=["ranking", "gate", "triage", "ground", []], default=[])
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
    elif given.verb == "ground":
        from evals.ground import ground

        print(ground(given.items, given.out, given.sources))
    elif given.verb == "injections":
        from evals.injections import injections

        print(injections(given.items, given.sample))
    elif given.verb == "gate":
        from evals.gate import gate

        return gate(given.pages)
    elif given.verb == "bench":
        from evals.bench import bench

        bench()
    elif given.verb == "beside":
        from evals.beside import NAMES, beside

        beside(given.sources, given.asked, given.answers, given.most, given.names or NAMES, given.starts)
    elif given.verb == "grow":
        from evals.grow import SIZES, build, grow, serve

        if given.step:
            print(json.dumps({"build": build, "serve": serve}[given.step](given.sizes[0], given.folder)))
        else:
            grow(given.sizes or SIZES, index_only=given.index_only)
    elif given.verb == "load":
        from evals.load import Plan, load

        load(Plan(given.visitors, given.every, given.pages, given.poll, given.seconds, given.staff), given.until)
    elif given.verb == "day":
        from evals.day import day

        held = day(given.visitors, given.minutes)
        print(held)
        return int(bool(held.lost or held.broken))
    elif given.verb == "steps":
        from evals.steps import steps

        steps(given.times)
    elif given.verb == "retrieval":
        from evals.retrieval import compare

        print(compare(given.items, given.sample))
    elif given.verb == "fit":
        from evals.fit import fit
        from evals.fit_ground import main as fit_ground

        fit(given.what or ["ranking", "gate", "triage"])
        if "ground" in given.what or not given.what:
            fit_ground()
    else:
        from evals.figures import figures

        figures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
