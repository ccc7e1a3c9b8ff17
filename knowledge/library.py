"""The library: every source that may be quoted, in its current version and the ones before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from errors import BadInput, BadSource
from knowledge.reading import SUFFIXES, read_file
from knowledge.source import Passage, Source
from knowledge.stored import dumps

SHIPPED = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class Library:
    """Sources by id, and the passages of the current ones by id; never changed, only replaced."""

    sources: dict[str, Source]
    earlier: dict[tuple[str, int], Source]
    passages: dict[str, Passage]
    clinics: tuple[str, ...]  # those that have a source, in the order of their sources' ids
    withdrawn: frozenset[str] = frozenset()  # ids; an answer that quoted one of them says so

    @classmethod
    def of(cls, sources: Iterable[Source], earlier: Iterable[Source] = (), withdrawn: Iterable[str] = ()) -> "Library":
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
            clinics=tuple(dict.fromkeys(current[key].clinic for key in sorted(current))),
            withdrawn=frozenset(withdrawn) - current.keys(),
        )

    def source(self, source_id: str, version: int | None = None) -> Source | None:
        """A source in one version (default: the current one), or None where it is not there."""
        current = self.sources.get(source_id)
        if current is not None and version in (None, current.version):
            return current
        return self.earlier.get((source_id, version)) if version is not None else None

    def of_clinic(self, clinic: str) -> "Library":
        """What one clinic's pages may show."""
        return Library.of(
            (source for source in self.sources.values() if source.clinic == clinic),
            (source for source in self.earlier.values() if source.clinic == clinic),
            self.withdrawn,
        )

    def fingerprint(self) -> str:
        """Sixteen hex digits that change whenever anything that can be found or shown changes."""
        marks = [f"{source.id}@{source.version}:{content_hash(source)}" for source in self.sources.values()]
        return sha256("\n".join(sorted(marks)).encode()).hexdigest()[:16]


def content_hash(source: Source) -> str:
    """sha256 (hex) of all of a source that is searched or shown."""
    return sha256(dumps(source)).hexdigest()


def read_folder(folder: Path) -> Library:
    """Every readable document directly in a folder. Raises BadSource."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder. Name the folder that holds the documents.")
    return Library.of(read_file(path) for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES)
