"""What the small model answered, kept in a file by its prompt: a run of hours goes on where it was stopped.

It always answers a prompt alike, so an answer once given is the answer. A changed prompt is a new one. Delete the
file to ask everything again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from langchain_core.caches import BaseCache
from langchain_core.messages import message_to_dict, messages_from_dict
from langchain_core.outputs import ChatGeneration

from tests.model.small_model import HERE, SHA256

FILE = HERE / "results" / f"small-model-{SHA256[:8]}.jsonl"


@dataclass(slots=True)
class Remembered:
    """Answers by prompt, each a line of the file."""

    file: Path = FILE
    _kept: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.is_file() else []
        held = [json.loads(line) for line in lines if line.endswith("}")]  # the last one may have been cut off
        self._kept = {one["prompt"]: one["answer"] for one in held}

    def get(self, *prompt: str) -> str | None:
        """The answer to a prompt; None where it was not asked yet."""
        return self._kept.get(_key(prompt))

    def put(self, answer: str, *prompt: str) -> str:
        """Keep an answer, and return it."""
        key = _key(prompt)
        self._kept[key] = answer
        self.file.parent.mkdir(exist_ok=True)
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"prompt": key, "answer": answer}) + "\n")
        return answer


class Answers(BaseCache):
    """The same for LangChain, which asks it before it asks the model."""

    def __init__(self, remembered: Remembered) -> None:
        self._remembered = remembered

    def lookup(self, prompt: str, llm_string: str) -> Sequence[ChatGeneration] | None:  # type: ignore[override]
        kept = self._remembered.get(prompt, _told(llm_string))
        return [ChatGeneration(message=one) for one in messages_from_dict(json.loads(kept))] if kept else None

    def update(self, prompt: str, llm_string: str, return_val: Sequence[ChatGeneration]) -> None:  # type: ignore[override]
        said = json.dumps([message_to_dict(one.message) for one in return_val])
        self._remembered.put(said, prompt, _told(llm_string))

    def clear(self, **rest: Any) -> None:
        raise NotImplementedError("Delete the file instead.")


def _told(llm_string: str) -> str:
    """Of how a model was told to answer all but its address, which is another one each time."""
    return llm_string.partition("---")[2] or llm_string


def _key(prompt: Sequence[str]) -> str:
    return sha256("\0".join(prompt).encode()).hexdigest()
