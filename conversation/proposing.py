"""From what somebody wrote to a draft: each question is a turn over the documents, what a person owes stays blank."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from string import Template

from conversation.answer import Span, Statement, Turn
from conversation.checking import OPENS, Checked, Verdict, Written
from conversation.proposal import Asked, Blank, Length, Phrase, Proposal, Tone
from conversation.tracing import sentences_of
from conversation.understanding import JOINT
from errors import Unavailable
from knowledge.library import Library
from prompts.companions import companion
from prompts.reply import blank_words, reply_words
from triage.decision import Care, Decision, Language, Message, Route, Said, Speaker

MOST_ASKED = 12  # questions of one letter; what comes after them is one blank
LONGEST_QUOTED = 160  # characters of a question in a blank
SAID = {Length.SHORT: 1, Length.MIDDLE: 3, Length.FULL: 6}  # sentences a question and clinic, companions aside

_ASKS = re.compile(
    r"\?\W*$"
    r"|^\W*(?:and |but |also |so |or |y |pero )?(?:how|what|whats|when|where|who|which|why|do|does|did|is|are|am|can"
    r"|could|will|would|should|may|qu[eé]|qui[eé]n|cu[aá]nt\w+|cu[aá]ndo|d[oó]nde|c[oó]mo)\b"
    r"|\b(?:want|like|love|need|wish|curious)(?:ed)? to (?:know|ask|understand|hear|learn|find out)"
    r"|\b(?:wonder(?:ing|ed)?|tell me|let me know|explain|not sure (?:if|whether|how|what)|quisiera saber"
    r"|me gustar[ií]a saber|d[ií]game)\b",
    re.IGNORECASE,
)
_AND = re.compile(rf"{JOINT.pattern}|,? (?:and|or|but|plus) (?=(?:am|may|should|shall|must|has|have)\b)", re.IGNORECASE)

Take = Callable[[Message], Turn]
Triage = Callable[[Message], Decision]
Check = Callable[[Sequence[Written], str], Sequence[Checked]]


@dataclass(frozen=True, slots=True)
class Proposer:
    """Proposes drafts over one library; replaced with it. `phrase`, where a model is on, words what was found."""

    library: Library
    take: Take
    triage: Triage
    check: Check
    phrase: Phrase | None = None
    phrased_by: str = ""

    def __call__(self, messages: Sequence[Message], tone: Tone, name: str, clinic: str = "") -> Proposal:
        """A draft for the messages of one person, oldest first; `name` signs it.

        Where any of them speaks of danger there is one blank and nothing from the documents.
        """
        decisions = [self.triage(message) for message in messages]
        language = decisions[-1].language if decisions else Language.ENGLISH
        danger = [one for one in zip(messages, decisions, strict=True) if one[1].route is Route.CRISIS]
        if danger:
            asked = tuple(Asked(message.text, Turn(message, decision)) for message, decision in danger)
        else:
            found = zip(messages, decisions, strict=True)
            asked = tuple(one for message, decision in found for one in self._asked(message, decision))
        frame = fixed_wording(tone, name, clinic, language)
        parts, put_in, by_model = [frame[0]], list[Written](), False
        cited: dict[str, Statement] = {}
        for one in asked:
            said = _once(self._shortened(one.statements, tone.length), cited)
            cited |= {statement.text: statement for statement in said}
            worded = self._worded(one.text, said)
            by_model = by_model or bool(worded)
            put_in += [worded.get(each.span) or Written(_in_line(each), each.span) for each in said]
            parts += _paragraphs(said, worded, language)
            parts += [_blank(blank, words) for blank, words in _owed(one)]
        parts.append(frame[1])
        return Proposal(
            "\n\n".join(part for part in parts if part),
            asked,
            tuple(put_in),
            tuple(cited.values()),
            language,
            self.phrased_by if by_model else "",
            tuple(blank for one in asked for blank, _ in _owed(one)),
        )

    def _asked(self, message: Message, whole: Decision) -> Iterator[Asked]:
        """The questions of one message, and what else in it a person must see."""
        calm = replace(message, care=Care.NONE)
        pieces = list(_questions(message.text))
        history, person = message.history, False
        if not any(is_question for _, is_question in pieces):
            pieces = [(message.text, True)]
        asked = 0
        for text, is_question in pieces:
            piece = replace(calm, text=text, history=history)
            if is_question and asked < MOST_ASKED:
                turn, asked = self.take(piece), asked + 1
            else:
                turn = Turn(piece, self.triage(piece))
            history = (*history, Said(Speaker.VISITOR, text))
            if is_question or turn.decision.route.needs_person:
                person = person or turn.decision.route.needs_person
                yield Asked(text, turn)
        if whole.route.needs_person and not person:  # what makes it so stands in no one sentence
            yield Asked(message.text, Turn(message, whole))

    def _shortened(self, statements: Sequence[Statement], length: Length) -> tuple[Statement, ...]:
        """The first sentences of each clinic, with every sentence that must stand beside one of them."""
        counts: dict[str, int] = {}
        kept: set[Span] = set()
        for statement in statements:
            counts[statement.clinic] = counts.get(statement.clinic, 0) + 1
            if counts[statement.clinic] <= SAID[length]:
                kept |= {statement.span, *self._beside(statement.span)}
        return tuple(statement for statement in statements if statement.span in kept)

    def _beside(self, span: Span) -> Iterator[Span]:
        passage = self.library.passages.get(span.passage)
        source = self.library.sources.get(span.source)
        if passage is None or source is None:
            return
        wanted = {
            f"{source.id}@{source.version}{companion.sentence}"
            for sentence in passage.sentences
            if sentence.start == span.start
            for companion in sentence.companions
            if companion.sentence
        }
        for other in source.passages if wanted else ():
            for sentence in other.sentences:
                if sentence.id in wanted:
                    yield Span(source.id, source.version, other.id, sentence.start, sentence.end)

    def _worded(self, question: str, said: Sequence[Statement]) -> dict[Span, Written]:
        """The model's sentences that are supported, by the span each says; the others stand as they are."""
        if self.phrase is None or not said:
            return {}
        try:
            offered = [one for one in self.phrase(question, said) if one.span in {each.span for each in said}]
        except Unavailable:
            return {}
        checked = self.check(offered, "")
        return {
            one.span: one
            for one, verdict in zip(offered, checked, strict=True)
            if one.span and verdict.verdict is Verdict.SUPPORTED
        }


def fixed_wording(tone: Tone, name: str, clinic: str, language: Language) -> tuple[str, str]:
    """Greeting and signature as this person sends them; the clinic's own where the settings name one."""
    blanks = {"name": name, "clinic": clinic}
    greeting = Template(tone.greeting or reply_words("greeting", language)).safe_substitute(blanks)
    signature = Template(tone.signature or reply_words("signature", language)).safe_substitute(blanks)
    return greeting.replace("\\n", "\n").strip(), signature.replace("\\n", "\n").strip()


def fixed_sentences(tone: Tone, name: str, clinic: str, library: Library) -> frozenset[str]:
    """Every sentence of a draft that is nobody's claim: greeting, signature, lead-ins, what must stand beside one."""
    wordings = set[str]()
    for language in Language:
        wordings |= set(fixed_wording(tone, name, clinic, language))
        wordings |= {
            reply_words(key, language, clinic=one) for key in ("digest", "original") for one in library.clinics
        }
        keys = {
            companion.wording
            for passage in library.passages.values()
            for sentence in passage.sentences
            for companion in sentence.companions
            if companion.wording
        }
        wordings |= {companion(key, language) for key in keys}
    return frozenset(sentence for wording in wordings for sentence in sentences_of(wording))


def _questions(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences of a message, one that asks two things cut in two; with each whether it asks."""
    for sentence in sentences_of(text):
        if not _ASKS.search(sentence):
            yield sentence, False
            continue
        for piece in _AND.split(sentence):
            yield piece.strip(" ,"), True


def _owed(one: Asked) -> Iterator[tuple[Blank, str]]:
    """What a person has to fill in for a question, with the words it is about."""
    if one.blank is not None:
        yield one.blank, one.text
    for missing in one.turn.missing if one.is_covered else ():
        yield Blank.SILENT, missing


def _blank(blank: Blank, question: str) -> str:
    words = " ".join(question.translate({ord("["): "(", ord("]"): ")"}).split())
    if len(words) > LONGEST_QUOTED:
        words = words[:LONGEST_QUOTED].rsplit(" ", 1)[0] + " …"
    return f"{OPENS} {blank_words(blank, f'“{words}”')}]"


def _in_line(statement: Statement) -> str:
    return " ".join(statement.text.split())


def _once(said: Sequence[Statement], before: dict[str, Statement]) -> tuple[Statement, ...]:
    return tuple(statement for statement in said if statement.text not in before)


def _paragraphs(said: Sequence[Statement], worded: dict[Span, Written], language: Language) -> list[str]:
    """A paragraph a clinic, under a line that says whose words they are; fixed wording after the sentence it is for."""
    paragraphs: dict[str, list[str]] = {}
    for statement in said:
        lead = reply_words("digest" if statement.is_digest else "original", language, clinic=statement.clinic)
        beside = [companion(note, language) for note in statement.notes]
        text = worded[statement.span].text if statement.span in worded else _in_line(statement)
        held = paragraphs.setdefault(lead, [])
        held += [one for one in (text, *beside) if one not in held]
    return [f"{lead}\n{' '.join(sentences)}" for lead, sentences in paragraphs.items()]
