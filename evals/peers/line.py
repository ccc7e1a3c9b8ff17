"""One process that keeps documents and is asked: JSON lines in, JSON lines out. Run by evals/beside.py.

`python line.py ASK FOLDER MODEL`, where ASK is a file with SHOWN, `index` and `load`, and MODEL is the folder of the
embedding model. FOLDER/documents.jsonl holds a document a line (source, text). The first run makes FOLDER/store and
FOLDER/indexed.json. One line says that questions may come; then a line a question: {"question", "most"} in,
{"found": [[source, text], ...]} out, the best first.
"""

import json
import os
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

sys.path.pop(0)  # this folder, whose folders are named like the packages they import
for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ[name] = "1"
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = os.environ["ANONYMIZED_TELEMETRY"] = "False"

Found = list[tuple[str, str]]


class Document(TypedDict):
    """A document as everybody gets it."""

    source: str
    text: str


def main() -> None:
    """Make the store where there is none, then answer until no line comes any more."""
    file, folder, model = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    held = runpy.run_path(file)
    index: Callable[[list[Document], Path, str], int] = held["index"]
    load: Callable[[Path, str], Callable[[str, int], Found]] = held["load"]
    if not (folder / "indexed.json").exists():
        lines = (folder / "documents.jsonl").read_text(encoding="utf-8").split("\n")
        documents: list[Document] = [json.loads(line) for line in lines if line]
        began = time.perf_counter()
        units = index(documents, folder / "store", model)
        facts = {"units": units, "seconds": time.perf_counter() - began}
        (folder / "indexed.json").write_text(json.dumps(facts), encoding="utf-8")
    ask = load(folder / "store", model)
    say({"ready": True, "shown": held["SHOWN"]})
    for line in sys.stdin:
        asked = json.loads(line)
        say({"found": ask(asked["question"], asked["most"] or held["SHOWN"])})


def say(value: object) -> None:
    """One line to whoever asks."""
    ANSWERS.write(json.dumps(value) + "\n")
    ANSWERS.flush()


if __name__ == "__main__":
    ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")  # what a library prints must not stand between the lines
    os.dup2(2, 1)
    main()
