"""`python -m knowledge`: add, list, print, check, preview or withdraw documents, and the questions they answer."""

import argparse
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from errors import BadInput, BadSource, ForeroomError
from knowledge.apart import Reader
from knowledge.findings import Finding, Severity
from knowledge.library import Library, read_folder
from knowledge.linting import lint
from knowledge.preview import Said, before_and_after, passages_beside
from knowledge.proposals import read_accepted, written
from knowledge.register import Outcome, Register
from knowledge.source import Source
from settings import Settings, load_settings

FACTS = ("id", "clinic", "title", "publisher", "author", "route", "operates", "date", "address", "saved_on")
WORDINGS = Path(__file__).resolve().parents[1] / "prompts" / "companions.toml"
WITHDRAW = "python -m knowledge withdraw"
MOST_EMBEDDED = 3_000  # passages; over a larger library a preview searches by words alone


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when done, 1 with one line on stderr when not."""
    given = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        register = Register(settings.data / "sources")
        verbs: dict[str, Callable[[argparse.Namespace, Register, Settings], int]] = {
            "add": _add,
            "list": _list,
            "text": _text,
            "check": _check,
            "preview": _preview,
            "propose": _propose,
            "accept": _accept,
            "remove": _remove,
        }
        return verbs[given.verb](given, register, settings)
    except ForeroomError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was taken in stays; the same command goes on from here.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knowledge", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="take a document in, or every document of a folder")
    add.add_argument("path", type=Path)
    preview = verbs.add_parser("preview", help="a document's passages, and what it would change; nothing is taken in")
    preview.add_argument("path", type=Path)
    preview.add_argument("--questions", type=Path, help="a text file, a question a line")
    for verb in (add, preview):
        for name in FACTS:
            verb.add_argument(f"--{name.replace('_', '-')}")
    listing = verbs.add_parser("list", help="every source, a line each")
    text = verbs.add_parser("text", help="a source's normalised text, exactly as spans count it")
    check = verbs.add_parser("check", help="what is wrong with the documents, and what to do about it")
    check.add_argument("path", type=Path, nargs="?", help="a file or a folder; without it, all that was taken in")
    check.add_argument("--clinic", help="whose documents these are, as `add` will be told")
    check.add_argument("--json", action="store_true", help="for a machine")
    check.add_argument(
        "--fail-on", choices=[s.value for s in Severity], help="fail where a finding is as grave as this"
    )
    propose = verbs.add_parser("propose", help="questions that a document answers, for a person to accept")
    accept = verbs.add_parser("accept", help="keep such questions; they are searched and never shown")
    remove = verbs.add_parser("remove", aliases=["withdraw"], help="withdraw a source")
    for verb in (text, propose, accept, remove):
        verb.add_argument("id")
    accept.add_argument("file", type=Path)
    for verb in (listing, text, check):
        verb.add_argument("--sources", type=Path, help="read the documents of this folder instead")
    remove.set_defaults(verb="remove")
    return parser


def _add(given: argparse.Namespace, register: Register, _settings: Settings) -> int:
    facts = {name: getattr(given, name) for name in FACTS}
    if not given.path.is_dir():
        source = register.add(given.path, **facts)
        print(f"{source.id}@{source.version}: {len(source.passages)} passages. A running page finds it within seconds.")
        findings = lint(Library.of([source]))
        if worst := [one for one in findings if one.severity is not Severity.NOTE]:
            whose = f' --clinic "{given.clinic}"' if given.clinic else ""
            print(f"To look at: {len(worst)}. They are shown by: python -m knowledge check {given.path}{whose}")
        return 0
    if facts.pop("id"):
        raise BadInput("--id is for one document. In a folder each takes its id from its name.")
    outcomes = register.add_folder(given.path, _progress, **facts)
    new, refused = [one for one in outcomes if one.source], [one for one in outcomes if one.refused]
    withdrawn = [one for one in outcomes if one.withdrawn]
    same = len(outcomes) - len(new) - len(refused) - len(withdrawn)
    print(f"{len(new)} taken in, {same} unchanged, {len(refused)} not taken in.")
    for one in withdrawn:
        print(f"{one.withdrawn} was withdrawn and stays so. To take it in again: python -m knowledge add {one.path}")
    for source_id in register.gone_from(given.path):
        print(f"{source_id} is no longer in the folder and still quoted. To end that: {WITHDRAW} {source_id}")
    return 1 if refused else 0


def _progress(done: int, total: int, outcome: Outcome) -> None:
    end = "\n" if done == total else ""
    if outcome.refused:
        print(f"\r{outcome.refused}", file=sys.stderr)
    if done % 10 == 0 or done == total:
        print(f"\r{done} of {total}", end=end, flush=True)


def _list(given: argparse.Namespace, register: Register, _settings: Settings) -> int:
    library = read_folder(given.sources) if given.sources else register.library()
    for source in library.sources.values():
        sort = "digest" if source.is_digest else "original"
        reviewed = f"reviewed by {source.reviewed_by} on {source.reviewed_on}" if source.reviewed_by else "not reviewed"
        count = len(source.passages)
        print(f"{source.id}@{source.version}  {source.clinic}  {sort}, {count} passages, {reviewed}  {source.title}")
    return 0


def _text(given: argparse.Namespace, register: Register, _settings: Settings) -> int:
    sys.stdout.write(_known(given.id, read_folder(given.sources) if given.sources else register.library()).text)
    return 0


def _check(given: argparse.Namespace, register: Register, _settings: Settings) -> int:
    path = given.path or given.sources
    unreadable: list[Finding] = []
    library = register.library() if path is None else _read_all(path, given.clinic, unreadable)
    wordings = frozenset(tomllib.loads(WORDINGS.read_text(encoding="utf-8")))
    findings = [*unreadable, *lint(library, wordings=wordings)]
    if given.json:
        print(json.dumps([one.as_values() for one in findings], indent=1, ensure_ascii=False))
    else:
        for one in sorted(findings, key=lambda one: one.severity, reverse=True):
            print(f"{one}\n")
        counts = ", ".join(f"{sum(one.severity is s for one in findings)} {s.value}s" for s in reversed(Severity))
        print(f"{len(library.sources)} documents: {counts}.")
    grave = given.fail_on and any(one.severity >= Severity(given.fail_on) for one in findings)
    return 1 if grave else 0


def _read_all(path: Path, clinic: str | None, unreadable: list[Finding]) -> Library:
    """A file, or a folder as `add` would take it in; what it would refuse is a finding."""
    if not path.exists():
        raise BadInput(f"{path} is not there. Name a file or a folder.")
    with TemporaryDirectory() as folder:
        register = Register(Path(folder), shipped=None)
        if path.is_dir():
            outcomes = register.add_folder(path, lambda _done, _total, _outcome: None, clinic=clinic)
            refused = [(one.path.name, one.refused) for one in outcomes if one.refused]
        else:
            try:
                register.add(path, clinic=clinic)
                refused = []
            except BadSource as error:
                refused = [(path.name, str(error))]
        unreadable += [Finding("unreadable", n, "", "", note=why.removeprefix(f"{n}: ")) for n, why in refused]
        return register.library()


def _preview(given: argparse.Namespace, register: Register, settings: Settings) -> int:
    said = {name: value for name in FACTS if (value := getattr(given, name))}
    with Reader() as reader:
        source = reader.read(given.path, **(register.said_of(given.path) | said))
    print("\n".join(passages_beside(source)))
    if given.questions is None:
        return 0
    lines = _lines(given.questions, "Write a text file, a question a line.")
    questions = [line.strip() for line in lines if line.strip()]
    today = register.library()
    others = [one for one in today.sources.values() if one.id != source.id]
    then = Library.of([*others, source])
    with TemporaryDirectory() as folder:
        before, after = (_said(library, questions, Path(folder), settings) for library in (today, then))
    print("\n".join(before_and_after(questions, before, after)))
    return 0


def _said(library: Library, questions: list[str], folder: Path, settings: Settings) -> list[Said]:
    """What a page over this library would answer; its index is thrown away with the folder."""
    from answering import try_out

    model = settings.embedding_model if len(library.passages) <= MOST_EMBEDDED else None
    turns = try_out(library, questions, folder, model)
    return [
        Said(turn.decision.route.value, tuple(f"“{one.text}”  {one.span.passage}" for one in turn.statements))
        for turn in turns
    ]


def _propose(given: argparse.Namespace, register: Register, settings: Settings) -> int:
    source = _known(given.id, register.library())
    by_model: dict[str, list[str]] = {}
    if settings.model:
        from answering import questions_by_model

        print(f"Asking {settings.model} about {len(source.passages)} passages …", file=sys.stderr)
        by_model = questions_by_model(source, settings)
        print(f"It gave questions for {len(by_model)} of them.", file=sys.stderr)
    print("\n".join(written(source, by_model)))
    return 0


def _accept(given: argparse.Namespace, register: Register, _settings: Settings) -> int:
    lines = _lines(given.file, "`python -m knowledge propose ID` writes such a file.")
    count = register.accept(given.id, read_accepted(lines, given.file.name))
    print(f"{count} questions are new. A running page searches them within seconds.")
    return 0


def _remove(given: argparse.Namespace, register: Register, _settings: Settings) -> int:
    register.remove(given.id)
    print(f"{given.id} is withdrawn. Answers that quoted it will say that it has changed.")
    return 0


def _lines(path: Path, do: str) -> list[str]:
    """A text file's lines, in UTF-8 or in the UTF-16 that Windows redirects into. Raises BadInput."""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read. {do}") from error


def _known(source_id: str, library: Library) -> Source:
    source = library.sources.get(source_id)
    if source is None:
        raise BadInput(f"There is no source {source_id!r}. `python -m knowledge list` shows what there is.")
    return source


if __name__ == "__main__":
    sys.exit(main())
