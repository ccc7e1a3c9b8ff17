"""Everything a turn needs, joined once: the path of a message as one call."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from conversation.answer import Turn
from conversation.compose import Composer
from conversation.turn import Assist, Search, Triage, take_turn
from conversation.understanding import Named, Question, understand
from knowledge.library import Library
from retrieval.evidence import Query
from triage.decision import Message

_BESIDE = ThreadPoolExecutor(8, thread_name_prefix="ahead")  # a new thread would hold triage up while it starts


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one installation at one moment; replaced as a whole, never changed."""

    library: Library
    triage: Triage
    search: Search
    composer: Composer
    named: Named
    by_words_alone: bool  # the model or the index is not there (yet)
    embed_ahead: Callable[[Query], None] | None = None  # makes a query's vector and searches nothing
    assist: Assist | None = None  # a language model, where the operator switched one on

    def take(self, message: Message) -> Turn:
        """One turn of a conversation. While triage reads, the vector that a search would need is made beside it."""
        if self.embed_ahead is not None:
            _BESIDE.submit(self._ahead, message, self.embed_ahead)
        return take_turn(
            message,
            triage=self.triage,
            understand=self._understand,
            search=self.search,
            compose=self.composer,
            source_of=self.library.source,
            assist=self.assist,
        )

    def _understand(self, message: Message) -> Question:
        return understand(message, clinics=self.library.clinics, named=self.named)

    def _ahead(self, message: Message, embed: Callable[[Query], None]) -> None:
        for part in self._understand(message).parts:
            embed(part)
