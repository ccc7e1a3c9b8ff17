"""`python -m knowledge`: add, list, print or withdraw a source."""

import argparse
import sys
from pathlib import Path

from errors import ForeroomError
from knowledge.library import Library, read_folder
from knowledge.register import Register
from settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when done, 1 with one line on stderr when not."""
    parser = argparse.ArgumentParser(prog="python -m knowledge", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="take a document in (Markdown or plain text)")
    add.add_argument("file", type=Path)
    for name in ("id", "clinic", "title", "publisher", "author", "route", "operates"):
        add.add_argument(f"--{name}")
    listing = verbs.add_parser("list", help="every source, a line each")
    text = verbs.add_parser("text", help="a source's normalised text, exactly as spans count it")
    text.add_argument("id")
    remove = verbs.add_parser("remove", help="withdraw a source")
    remove.add_argument("id")
    for verb in (listing, text):
        verb.add_argument("--sources", type=Path, help="read the documents of this folder instead")
    given = parser.parse_args(arguments)
    try:
        register = Register(load_settings().data / "sources")
        if given.verb == "add":
            facts = {key: value for key, value in vars(given).items() if key not in ("verb", "file")}
            source = register.add(given.file, **facts)
            print(f"{source.id}@{source.version}: {len(source.passages)} passages. A page finds it at its next start.")
        elif given.verb == "remove":
            register.remove(given.id)
            print(f"{given.id} is withdrawn. Answers that quoted it will say that it has changed.")
        else:
            library = read_folder(given.sources) if given.sources else register.library()
            _show(library, given)
    except ForeroomError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _show(library: Library, given: argparse.Namespace) -> None:
    if given.verb == "text":
        source = library.source(given.id)
        if source is None:
            raise ForeroomError(f"There is no source {given.id!r}. `python -m knowledge list` shows what there is.")
        sys.stdout.write(source.text)
        return
    for source in library.sources.values():
        sort = "digest" if source.is_digest else "original"
        reviewed = f"reviewed by {source.reviewed_by} on {source.reviewed_on}" if source.reviewed_by else "not reviewed"
        count = len(source.passages)
        print(f"{source.id}@{source.version}  {source.clinic}  {sort}, {count} passages, {reviewed}  {source.title}")


if __name__ == "__main__":
    sys.exit(main())
