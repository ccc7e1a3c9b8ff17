"""The library: every source that may be quoted, in its current version and the ones before it."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from errors import BadInput, BadSource
from knowledge.reading import SUFFIXES, read_file
from knowledge.source import Passage, Source

SHIPPED = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class Library:
    """Sources by id, and the passages of the current ones by id; never changed, only replaced."""

    sources: dict[str, Source]
    earlier: dict[tuple[str, int], Source]
    passages: dict[str, Passage]

    @classmethod
    def of(cls, sources: Iterable[Source], earlier: Iterable[Source] = ()) -> "Library":
        """A library of these sources. Raises BadSource where two carry one id."""
        current: dict[str, Source] = {}
        for source in sources:
            if source.id in current:
                raise BadSource(f"Two sources have the id {source.id!r}. Give one of them another id.")
            current[source.id] = source
        return cls(
            sources=current,
            earlier={(source.id, source.version): source for source in earlier},
            passages={passage.id: passage for source in current.values() for passage in source.passages},
        )

    @property
    def clinics(self) -> tuple[str, ...]:
        """The clinics that have a source, in the order of their sources' ids."""
        return tuple(dict.fromkeys(self.sources[key].clinic for key in sorted(self.sources)))

    def source(self, source_id: str, version: int | None = None) -> Source | None:
        """A source in one version (default: the current one), or None where it is not there."""
        current = self.sources.get(source_id)
        if current is not None and version in (None, current.version):
            return current
        return self.earlier.get((source_id, version)) if version is not None else None

    def fingerprint(self) -> str:
        """Sixteen hex digits that change whenever anything that can be found or shown changes."""
        marks = [f"{source.id}@{source.version}:{content_hash(source)}" for source in self.sources.values()]
        return sha256("\n".join(sorted(marks)).encode()).hexdigest()[:16]


def content_hash(source: Source) -> str:
    """sha256 (hex) of all of a source that is searched or shown."""
    return sha256(repr(source).encode()).hexdigest()


def read_folder(folder: Path) -> Library:
    """Every readable document directly in a folder. Raises BadSource."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder. Name the folder that holds the documents.")
    return Library.of(read_file(path) for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES)


class Register:
    """The operator's own documents on disk: a folder a source, a file a version, and one register.

    `FOLDER/register.json` is replaced as a whole, so a killed command leaves the old one.
    """

    def __init__(self, folder: Path, shipped: Path | None = SHIPPED) -> None:
        self.folder = folder
        self.shipped = shipped
        self._file = folder / "register.json"

    def library(self) -> Library:
        """The shipped sources and the operator's, without what was withdrawn. Raises BadSource."""
        entries = self._entries()
        shipped = read_folder(self.shipped).sources.values() if self.shipped else ()
        current = {source.id: source for source in shipped}
        earlier: list[Source] = []
        for source_id, entry in entries.items():
            for version in entry["versions"]:
                source = self._read(source_id, version)
                if before := current.get(source_id):
                    earlier.append(before)
                current[source_id] = source
        for source_id, entry in entries.items():
            if entry.get("withdrawn_at") and source_id in current:
                earlier.append(current.pop(source_id))
        return Library.of(current.values(), earlier)

    def add(self, path: Path, **facts: Any) -> Source:
        """Take a document in as a new source, or as a new version of an old one. Raises BadSource."""
        source = read_file(path, **facts)
        entries = self._entries()
        now = self.library()
        known = [s.version for s in (*now.sources.values(), *now.earlier.values()) if s.id == source.id]
        version = max(known, default=0) + 1
        home = self.folder / source.id
        home.mkdir(parents=True, exist_ok=True)
        kept = home / f"{version}{path.suffix.lower()}"
        shutil.copyfile(path, kept)
        given = {key: value for key, value in facts.items() if value} | {"id": source.id, "version": version}
        entry = entries.setdefault(source.id, {"versions": []})
        entry["versions"].append({"file": kept.name, "facts": given, "added_at": datetime.now(UTC).isoformat()})
        entry.pop("withdrawn_at", None)
        self._save(entries)
        return self._read(source.id, entry["versions"][-1])

    def remove(self, source_id: str) -> None:
        """Withdraw a source: it is searched no more; answers that quoted it say so. Raises BadInput."""
        if source_id not in self.library().sources:
            raise BadInput(f"There is no source {source_id!r}. `python -m knowledge list` shows what there is.")
        entries = self._entries()
        entries.setdefault(source_id, {"versions": []})["withdrawn_at"] = datetime.now(UTC).isoformat()
        self._save(entries)

    def _read(self, source_id: str, version: dict[str, Any]) -> Source:
        return read_file(self.folder / source_id / version["file"], **version["facts"])

    def _entries(self) -> dict[str, Any]:
        if not self._file.exists():
            return {}
        try:
            entries: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadSource(f"{self._file} cannot be read ({error}). Restore it from a backup.") from error
        return entries

    def _save(self, entries: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(entries, indent=1, ensure_ascii=False), encoding="utf-8")
        draft.replace(self._file)
