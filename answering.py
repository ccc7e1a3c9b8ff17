"""The path of a message over the documents, the index and the models as they are now: loaded, followed, swapped."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Lock, Thread

from conversation.answer import Turn
from conversation.asking import asked_of
from conversation.assistance import Assistant
from conversation.calls import Call
from conversation.comparison import Entails, load_comparer
from conversation.compose import Composer
from conversation.drafts import Drafts, drafts_over
from conversation.gate import load_gate
from conversation.model import Model, Price, open_model
from conversation.parts import Parts
from conversation.phrasing import Phrasing
from conversation.proposal import Length, Tone
from desk.canned import reviewed_sentences
from errors import ForeroomError, Unavailable
from knowledge.library import Library
from knowledge.live import LiveLibrary
from knowledge.source import Source
from retrieval.embedding import Embed, load_embedder, load_entailment, load_tuned
from retrieval.evidence import Findings, Query
from retrieval.in_time import InTime
from retrieval.index import Dense, Index
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words
from settings import Settings
from triage.classifier import ENCODER
from triage.cues import compile_known
from triage.decision import Message
from triage.triage import Triage

log = logging.getLogger("foreroom.answering")

FIRST = "I take something for it, and it helped a little. What is anhedonia?"  # our own first message, kept nowhere
BETWEEN_LOOKS = 0.25  # seconds between two looks at the register


def parts_over(
    library: Library,
    *,
    words: Words | None = None,
    dense: Dense | None = None,
    embed: Embed | None = None,
    encode: Embed | None = None,
    model: Model | None = None,
) -> Parts:
    """The path of a message over one library; without `dense` and `embed`, by words alone; without `encode`, triage's
    second reader is missing.

    `words` are the library's, where they are indexed already.
    """
    search = Search(words or Words.over(library), load_ranking(), dense, embed)
    triage, composer = Triage(encode), Composer(library, load_gate())
    return Parts(
        library=library,
        triage=triage,
        search=search,
        composer=composer,
        named=search.named,
        by_words_alone=dense is None or embed is None,
        embed_ahead=search.embed_ahead,
        assist=None if model is None else Assistant(model, composer, triage),
    )


@cache
def second_reader() -> Embed | None:
    """What triage's second reader reads with; None, and a line in the log, where it cannot be loaded."""
    try:
        return load_tuned(ENCODER)
    except Unavailable as error:
        log.warning("Triage reads by its rules alone: %s", error)
        return None


def model_of(settings: Settings) -> Model | None:
    """The language model the operator switched on; None as it comes. BadSettings for a name without its provider."""
    if not settings.model:
        return None
    return open_model(
        settings.model,
        address=settings.model_address,
        key=settings.model_key,
        options=settings.model_options,
        seconds=settings.model_seconds,
        price=Price(*settings.prices),
        structure=settings.model_structure,
    )


def questions_by_model(source: Source, settings: Settings) -> dict[str, list[str]]:
    """Questions that the model proposes for a document, by place; none where no model is on."""
    model = model_of(settings)
    return asked_of(source, model) if model else {}


def try_out(library: Library, questions: Sequence[str], folder: Path, model: str | None) -> list[Turn]:
    """The turns that a page over a library would take; its index is made in `folder`, or without a model not at all."""
    if model is None:
        parts = parts_over(library)
    else:
        embedder = load_embedder(model)
        index = Index(folder, embedder)
        parts = parts_over(library, dense=index.open(library), embed=embedder.embed, encode=second_reader())
        index.close()
    return [parts.take(Message(question)) for question in questions]


class Answering:
    """What answers, for all visitors at once; a turn takes `parts_now()` and keeps to it to its end."""

    def __init__(
        self,
        settings: Settings,
        library: Library,
        live: LiveLibrary | None,
        keep_call: Callable[[Call], None],
    ) -> None:
        self.settings, self.model = settings, model_of(settings)
        self._words = Words.over(library)
        self._parts = parts_over(library, words=self._words, model=self.model)
        self._live, self._keep_call = live, keep_call
        self._index: Index | None = None
        self._dense: Dense | None = None
        self._embed: Embed | None = None  # for drafts, which may take their time
        self._in_time: Embed | None = None  # for messages, which go on without
        self._encode: Embed | None = None  # for triage, whose rules go on without
        self._entails: Entails | None = None
        self._drafts: Drafts | None = None
        self._drafts_of: Parts | None = None
        self._warming, self._drafting = Lock(), Lock()

    @property
    def library(self) -> Library:
        """The sources, as they are now; what was withdrawn a moment ago is named as such."""
        library, gone = self._parts.library, self._gone()
        return replace(library, withdrawn=library.withdrawn | gone) if gone else library

    @property
    def parts(self) -> Parts:
        """The path of a message, as it is now."""
        return self._parts

    def ready(self) -> bool:
        """The model and the index are there; until then answers come by words alone."""
        return not self._parts.by_words_alone

    def warm_up(self) -> None:
        """Load the model and the index, and whatever else answers or drafts by then. Raises Unavailable."""
        with self._warming:
            if self._parts.by_words_alone:
                embedder = load_embedder(self.settings.embedding_model)
                self._index = Index(self.settings.index, embedder, self.settings.chroma_url)
                self._dense, self._embed = self._index.open(self.library), embedder.embed
                embedder.embed([FIRST])  # its first time takes longest
                self._in_time = InTime(embedder.embed, self.settings.embedding_seconds)
                if encode := second_reader():
                    encode([FIRST])
                    self._encode = InTime(encode, self.settings.embedding_seconds)
                parts = self._parts_over(self.library)
                replace(parts, assist=None).take(Message(FIRST))  # nobody's own words wait for what is read once
                compile_known()
                self._parts = parts
        if self.model is not None:
            self.model.warm_up()
        if self.settings.entailment_model and self._entails is None:
            self._entails, self._drafts = load_entailment(self.settings.entailment_model), None
        self.drafts().checker.warm()

    def follow(self) -> bool:
        """Take up documents that were added, changed or withdrawn since; false where nothing was.

        Called in the background: turns go on with the parts as they were until the new ones replace them.
        """
        if self._live is None or not self._live.has_changed():
            return False
        with self._warming:
            was, library = self._parts.library, self._live.read()
            if self._index and self._dense:
                try:
                    self._dense = self._index.follow(library, was, self._dense)
                except Unavailable as error:
                    log.warning("Answering by words alone: %s", error)
                    self._dense = None
            self._words = self._words.following(library)
            self._parts = self._parts_over(library)
        return True

    def _parts_over(self, library: Library) -> Parts:
        """The parts over a library whose words, and vectors where there are any, are at hand."""
        embed = self._in_time if self._dense else None
        return parts_over(
            library, words=self._words, dense=self._dense, embed=embed, encode=self._encode, model=self.model
        )

    def follow_always(self) -> None:
        """Do so from now on, in a thread of its own."""

        def watch() -> None:
            while True:
                time.sleep(BETWEEN_LOOKS)
                try:
                    self.follow()
                except ForeroomError as error:
                    log.warning("The documents stay as they were: %s", error)
                except Exception:  # a thread has nobody to tell but the log
                    log.exception("The documents stay as they were")

        Thread(target=watch, name="documents", daemon=True).start()

    def parts_now(self) -> Parts:
        """The parts as they are, less what was withdrawn a moment ago."""
        parts = self._parts
        return replace(parts, search=_leaving_out(parts.search, self._gone)) if self._gone() else parts

    def _gone(self) -> frozenset[str]:
        """What was withdrawn, and is still part of what answers."""
        return self._live.withdrawn() & self._parts.library.sources.keys() if self._live else frozenset()

    def drafts(self) -> Drafts:
        """What drafts are proposed from and checked against, as the parts are now."""
        with self._drafting:
            if self._drafts is None or self._drafts_of is not self._parts:
                self._drafts_of, chosen = self._parts, self.settings
                comparer = self._drafts.checker.comparer if self._drafts else None  # with the vectors it has seen
                if comparer is None or (comparer.embed is None) is not (self._embed is None):
                    comparer = load_comparer(self._embed, self._entails)
                search = _leaving_out(self._parts.search, self._gone)
                parts = replace(self._parts, assist=None, search=search)  # a ticket's questions were left for a person
                self._drafts = drafts_over(
                    parts,
                    comparer,
                    Tone(chosen.reply_greeting, chosen.reply_signature, Length(chosen.reply_length)),
                    fixed=reviewed_sentences(parts.library),
                    phrase=self.phrasing(),
                    phrased_by=chosen.model,
                )
            return self._drafts

    def phrasing(self) -> Phrasing | None:
        """What words drafts for staff; None while no language model is on."""
        return None if self.model is None else Phrasing(self.model, self.library, self._keep_call)


def _leaving_out(
    search: Callable[[Query], Findings], gone: Callable[[], frozenset[str]]
) -> Callable[[Query], Findings]:
    """The search without the passages of sources that are gone by then."""

    def narrowed(query: Query) -> Findings:
        found, left_out = search(query), gone()
        return replace(found, evidence=tuple(one for one in found.evidence if one.passage.source not in left_out))

    return narrowed
