"""The operator's own documents on disk: a folder a source, two files a version, and one register."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from errors import BadInput, BadSource
from knowledge.apart import Reader
from knowledge.cutting import slug
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.reading import SUFFIXES
from knowledge.source import Passage, Source
from knowledge.stored import dumps, loads

MOST_FILES = 50_000  # in one folder
SAVE_EVERY = 100  # files; what a stopped command may have to read again
_OF_ONE_TEXT = ("date", "saved_on")  # what was said of a text, and not of the one that follows it
_BESIDE = ("_files", "_archivos", "-Dateien", "_fichiers")  # what browsers call the folder beside a saved page
Entries = dict[str, Any]
Stamp = tuple[int, int]  # nanoseconds, bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    path: Path
    source: Source | None = None  # taken in, as a new source or a new version
    refused: str = ""  # why not, and what to do
    withdrawn: str = ""  # the id under which it was withdrawn, and stays so; with none of these it has not changed


class Register:
    """`FOLDER/register.json` is replaced as a whole, so a killed command leaves the old one.

    Beside it `FOLDER/ID/VERSION.suffix` is the original as it was given, `FOLDER/ID/VERSION.json` what was read of it.
    """

    def __init__(self, folder: Path, shipped: Path | None = SHIPPED) -> None:
        self.folder = folder
        self.shipped = shipped
        self._file = folder / "register.json"
        self._held: dict[tuple[str, int], Source] = {}  # versions never change, so they are read once
        self._of_shipped: tuple[tuple[tuple[str, int, int], ...], tuple[Source, ...]] = ((), ())

    def stamp(self) -> Stamp:
        """Changes whenever the register does; two numbers that are cheap to ask for."""
        try:
            found = self._file.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)

    def withdrawn(self) -> frozenset[str]:
        """The ids of what was withdrawn. Raises BadSource."""
        return frozenset(source_id for source_id, entry in self._entries().items() if entry.get("withdrawn_at"))

    def library(self) -> Library:
        """The shipped sources and the operator's, without what was withdrawn. Raises BadSource."""
        entries = self._entries()
        current = {source.id: source for source in self._shipped()}
        earlier: list[Source] = []
        for source_id, entry in entries.items():
            for version in entry["versions"]:
                source = self._read(source_id, version)
                if before := current.get(source_id):
                    earlier.append(before)
                current[source_id] = source
            if accepted := entry.get("asked_as"):
                current[source_id] = _with_questions(current[source_id], accepted)
        gone = [source_id for source_id, entry in entries.items() if entry.get("withdrawn_at")]
        earlier += [current.pop(source_id) for source_id in gone if source_id in current]
        return Library.of(current.values(), earlier, withdrawn=gone)

    def add(self, path: Path, **facts: Any) -> Source:
        """Take a document in as a new source, or as a new version of an old one. Raises BadSource."""
        with Reader() as reader, self._changing() as entries:
            by_origin = {entry["origin"]: i for i, entry in entries.items() if "origin" in entry}
            outcome = self._add(path, facts, entries, reader, by_origin)
        if outcome.refused:
            raise BadSource(outcome.refused)
        if outcome.source:
            return outcome.source
        known = by_origin[_origin(path)]
        return self._read(known, entries[known]["versions"][-1])

    def add_folder(self, folder: Path, done: Callable[[int, int, Outcome], None], **facts: Any) -> list[Outcome]:
        """Take every document below a folder in; one that cannot be read is reported and holds up no other.

        What has not changed since is left alone, so a command that was stopped goes on where it was; what was
        withdrawn stays withdrawn. `done` is told how many of how many files are through, and what became of the last
        one. Raises BadInput.
        """
        files = _files_below(folder)
        outcomes: list[Outcome] = []
        seen: dict[str, Path] = {}
        with Reader() as reader:
            for at in range(0, len(files), SAVE_EVERY):
                with self._changing() as entries:
                    by_origin = {entry["origin"]: i for i, entry in entries.items() if "origin" in entry}
                    for path in files[at : at + SAVE_EVERY]:
                        outcome = self._add_below(folder, path, facts, entries, reader, by_origin, seen)
                        outcomes.append(outcome)
                        done(len(outcomes), len(files), outcome)
        return outcomes

    def said_of(self, path: Path) -> dict[str, Any]:
        """What was said of a file when it was last taken in, its id among it; nothing where it never was."""
        origin = _origin(path)
        known = ({"id": key} | _kept(entry) for key, entry in self._entries().items() if entry.get("origin") == origin)
        return next(known, {})

    def gone_from(self, folder: Path) -> list[str]:
        """The ids of documents that were taken in from below a folder, are quoted, and are no longer there."""
        return [
            source_id
            for source_id, entry in self._entries().items()
            if "origin" in entry
            and not entry.get("withdrawn_at")
            and Path(entry["origin"]).is_relative_to(folder.resolve())
            and not Path(entry["origin"]).exists()
        ]

    def accept(self, source_id: str, questions: Mapping[str, Sequence[str]]) -> int:
        """Keep questions that passages answer, by place ("#section.1"); how many are new. Raises BadInput."""
        source = self.library().sources.get(source_id)
        if source is None:
            raise BadInput(f"There is no source {source_id!r}. `python -m knowledge list` shows what there is.")
        places = {place_of(passage) for passage in source.passages}
        if strange := sorted(set(questions) - places):
            hint = f"`python -m knowledge propose {source_id}` names them."
            raise BadInput(f"{source_id} has no passage {strange[0]}. {hint}")
        with self._changing() as entries:
            kept = entries.setdefault(source_id, {"versions": []}).setdefault("asked_as", {})
            before = sum(map(len, kept.values()))
            for place, lines in questions.items():
                kept[place] = list(dict.fromkeys([*kept.get(place, ()), *lines]))
            return sum(map(len, kept.values())) - before

    def remove(self, source_id: str) -> None:
        """Withdraw a source: it is searched no more; answers that quoted it say so. Raises BadInput."""
        if source_id not in self.library().sources:
            raise BadInput(f"There is no source {source_id!r}. `python -m knowledge list` shows what there is.")
        with self._changing() as entries:
            entries.setdefault(source_id, {"versions": []})["withdrawn_at"] = datetime.now(UTC).isoformat()

    def _add_below(
        self,
        folder: Path,
        path: Path,
        facts: dict[str, Any],
        entries: Entries,
        reader: Reader,
        by_origin: Mapping[str, str],
        seen: dict[str, Path],
    ) -> Outcome:
        """One file of a folder; `seen` are the ids of its files so far, none of which may come twice."""
        if not path.resolve().is_relative_to(folder.resolve()):
            return Outcome(path, refused=f"{path.name}: a link that leads out of the folder. Put the document there.")
        wanted = slug("-".join(path.relative_to(folder).with_suffix("").parts))
        return self._add(path, facts, entries, reader, by_origin, wanted, seen)

    def _add(
        self,
        path: Path,
        facts: dict[str, Any],
        entries: Entries,
        reader: Reader,
        by_origin: Mapping[str, str],
        wanted: str = "",
        seen: dict[str, Path] | None = None,
    ) -> Outcome:
        """Read one file and enter it; `wanted` is its id unless the file states another.

        What was said of the file before still holds where nothing else is said now.
        """
        said = {key: value for key, value in facts.items() if value}
        origin = _origin(path)
        before = by_origin.get(origin, "")
        given = _kept(entries[before]) | said if before else said
        mark = _mark(path, given)
        is_gone = bool(before and entries[before].get("withdrawn_at"))
        if is_gone and seen is not None:
            return Outcome(path, withdrawn=before)
        if before and not is_gone and entries[before].get("mark") == mark and given.get("id", before) == before:
            if seen is not None:
                seen[before] = path
            return Outcome(path)
        if before and self._says_something_new(path, before, entries[before]):
            given = {key: value for key, value in given.items() if key in said or key not in _OF_ONE_TEXT}
            mark = _mark(path, given)
        try:
            source = reader.read(path, **given)
        except BadSource as error:
            return Outcome(path, refused=str(error))
        is_named_by_file = "id" not in given and source.id == slug(path.stem)
        if is_named_by_file and (known := before or wanted):
            source = _under(source, known, source.version)
        if (seen is not None or is_named_by_file) and (owner := self._owner(source, origin, entries, seen or {})):
            do = "Rename it, or state another id in it."
            if seen is None:
                do = f"Add it with --id {source.id} if it is that document's new version, else with another --id."
            return Outcome(path, refused=f"{path.name}: its id {source.id!r} is taken by {owner}. {do}")
        if seen is not None:
            seen[source.id] = path
        return Outcome(path, self._enter(path, source, given, mark, entries))

    def _says_something_new(self, path: Path, source_id: str, entry: dict[str, Any]) -> bool:
        """The file's bytes are not those of the version that was taken in last."""
        try:
            return path.read_bytes() != (self.folder / source_id / str(entry["versions"][-1]["file"])).read_bytes()
        except OSError:
            return True

    def _owner(self, source: Source, origin: str, entries: Entries, seen: Mapping[str, Path]) -> str:
        """Whose the source's id is already, if it is another file's; one clinic's file that was moved is the same."""
        if source.id in seen:
            return seen[source.id].name
        entry = entries.get(source.id)
        if entry is None:
            return "a document that came with the program" if source.id in {s.id for s in self._shipped()} else ""
        known = entry.get("origin", "")
        if known == origin:
            return ""
        if known and not Path(known).exists() and self._read(source.id, entry["versions"][-1]).clinic == source.clinic:
            return ""
        return known or "another document"

    def _enter(self, path: Path, source: Source, given: dict[str, Any], mark: str, entries: Entries) -> Source:
        entry = entries.get(source.id, {"versions": []})
        known = [version["facts"]["version"] for version in entry["versions"]]
        known += [one.version for one in self._shipped() if one.id == source.id]
        version = max(known, default=0) + 1
        source = _under(source, source.id, version)
        home = self.folder / source.id
        home.mkdir(parents=True, exist_ok=True)
        kept = home / f"{version}{path.suffix.lower()}"
        shutil.copyfile(path, kept)
        kept.with_suffix(".json").write_bytes(dumps(source))
        facts = given | {"id": source.id, "version": version}
        entry["versions"].append({"file": kept.name, "facts": facts, "added_at": datetime.now(UTC).isoformat()})
        entry["origin"], entry["mark"] = _origin(path), mark
        entry.pop("withdrawn_at", None)
        entries[source.id] = entry
        self._held[source.id, version] = source
        return source

    def _read(self, source_id: str, version: dict[str, Any]) -> Source:
        key = (source_id, int(version["facts"]["version"]))
        if key not in self._held:
            kept = self.folder / source_id / version["file"]
            as_read = kept.with_suffix(".json")
            try:
                self._held[key] = loads(as_read.read_bytes())
            except (
                OSError,
                BadSource,
            ):  # entered before there were such files, or damaged: the original is still there
                with Reader() as reader:
                    self._held[key] = reader.read(kept, **version["facts"])
                as_read.write_bytes(dumps(self._held[key]))
        return self._held[key]

    def _shipped(self) -> tuple[Source, ...]:
        if self.shipped is None:
            return ()
        found = ((path.name, path.stat()) for path in sorted(self.shipped.iterdir()) if path.suffix.lower() in SUFFIXES)
        marks = tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)
        if marks != self._of_shipped[0]:
            self._of_shipped = (marks, tuple(read_folder(self.shipped).sources.values()))
        return self._of_shipped[1]

    @contextmanager
    def _changing(self) -> Iterator[Entries]:
        """The entries, saved when the block is left, in whatever way; one command at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "register.lock"):
            entries = self._entries()
            before = json.dumps(entries)
            try:
                yield entries
            finally:
                if json.dumps(entries) != before:
                    self._save(entries)

    def _entries(self) -> Entries:
        try:
            entries: Entries = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise BadSource(f"{self._file} cannot be read ({error}). Restore it from a backup.") from error
        return entries

    def _save(self, entries: Entries) -> None:
        draft = self._file.with_suffix(".new")
        lines = (f"{json.dumps(key)}: {json.dumps(entry, ensure_ascii=False)}" for key, entry in entries.items())
        draft.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")  # a source a line
        draft.replace(self._file)


def place_of(passage: Passage) -> str:
    """A passage's place in its source, the same in every version: "#section.1"."""
    return passage.id[passage.id.index("#") :]


def _files_below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder. Name the folder that holds the documents.")
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        and not any(_belongs_to_a_page(above) for above in path.parents if folder in above.parents)
    )
    if len(found) > MOST_FILES:
        raise BadInput(f"{folder.name}: {len(found):,} files, more than {MOST_FILES:,}. Add its folders one by one.")
    return found


def _belongs_to_a_page(folder: Path) -> bool:
    """The folder that a browser lays beside a page when it saves it: scripts, pictures, frames."""
    stem = next((folder.name.removesuffix(end) for end in _BESIDE if folder.name.endswith(end)), "")
    return bool(stem) and any(folder.with_name(stem + suffix).exists() for suffix in (".html", ".htm"))


def _kept(entry: dict[str, Any]) -> dict[str, Any]:
    """What was said of a source's last version by whoever added it."""
    said = entry["versions"][-1]["facts"] if entry["versions"] else {}
    return {key: value for key, value in said.items() if key not in ("id", "version")}


def _origin(path: Path) -> str:
    return str(path.resolve())


def _mark(path: Path, facts: dict[str, Any]) -> str:
    """sha256 (hex) of a file and what was said of it, its id left out; empty where it cannot be opened."""
    facts = {key: value for key, value in facts.items() if key != "id"}
    try:
        return sha256(path.read_bytes() + json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
    except OSError:
        return ""


def _under(source: Source, source_id: str, version: int) -> Source:
    """The source under another id or version; every id in it follows, and so does a clinic that is only its id."""
    if (source.id, source.version) == (source_id, version):
        return source
    old, new = f"{source.id}@{source.version}#", f"{source_id}@{version}#"
    clinic = source_id if source.clinic == source.id else source.clinic
    publisher = clinic if source.publisher == source.clinic else source.publisher

    def passage(one: Passage) -> Passage:
        sentences = tuple(replace(s, id=s.id.replace(old, new, 1)) for s in one.sentences)
        return replace(one, id=one.id.replace(old, new, 1), source=source_id, clinic=clinic, sentences=sentences)

    passages = tuple(map(passage, source.passages))
    return replace(source, id=source_id, version=version, clinic=clinic, publisher=publisher, passages=passages)


def _with_questions(source: Source, accepted: Mapping[str, Sequence[str]]) -> Source:
    """The source with the questions that a person has accepted for its passages."""
    passages = tuple(
        replace(one, asked_as=tuple(dict.fromkeys((*one.asked_as, *accepted.get(place_of(one), ())))))
        for one in source.passages
    )
    return replace(source, passages=passages)
