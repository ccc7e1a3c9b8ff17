"""Made-up leaflets: many small documents of one clinic as it would write them, and what is asked of them."""

from dataclasses import dataclass
from pathlib import Path

from evals.items import Item, read_lines
from knowledge.library import Library
from knowledge.reading import read_text
from knowledge.source import Source

LEAFLETS = Path(__file__).parent / "training" / "leaflets.jsonl"
CLINIC = "Leaflets"


@dataclass(frozen=True, slots=True)
class Leaflets:
    """The leaflets as a library, and questions in the shape of evals/training/questions.jsonl."""

    library: Library
    items: list[Item]


def read_leaflets(path: Path = LEAFLETS) -> Leaflets:
    """A leaflet a line: its paragraphs, the questions each answers, and questions that none does. Raises BadInput."""
    sources: list[Source] = []
    items: list[Item] = []
    for leaflet in read_lines(path, {"id", "paragraphs", "silent"}):
        blocks = [text for one in leaflet["paragraphs"] for text in (one.get("heading"), one["text"]) if text]
        source = read_text("\n\n".join(blocks), name=leaflet["id"], markdown=False, id=leaflet["id"], clinic=CLINIC)
        sources.append(source)
        asked = [
            (question, [passage.id.replace("@1", "")])
            for one, passage in zip(leaflet["paragraphs"], source.passages, strict=True)
            for question in one["asked"]
        ]
        for number, (question, passages) in enumerate([*asked, *((one, []) for one in leaflet["silent"])], start=1):
            coverage = "covered" if passages else "silent"
            items.append(
                {"id": f"{source.id}-{number}", "message": question, "passages": passages, "coverage": coverage}
            )
    return Leaflets(Library.of(sources), items)
