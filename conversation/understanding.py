"""What a message asks, read in the light of the conversation: follow-ups, corrections, the clinic meant."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.sentences import split
from retrieval.evidence import Query
from retrieval.lexical import words
from triage.decision import Message, Speaker

Named = Callable[[str], frozenset[str]]  # a text -> the clinics it names

# A message leans on the turn before when it opens like one, points back, or is too short to stand alone.
_OPENS = re.compile(
    r"^\W*(and|but|so|or|also|then|ok(ay)?,? (and|but|so)|what about|how about|what if|why( not)?\W*$|y|pero|entonces|"
    r"tambi[eé]n|qu[eé] tal|no,|not |nope|i mean|i meant|sorry,? i mean|quise decir|me refer[ií]a)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(it|its|that|this|they|them|their|those|these|there|then|he|she|him|her|the (other|same|first|second|"
    r"last)( \w+)?|"
    r"(other|each|which) (one|ones|kind|type|sort|way|clinic|place)|one of them|both|either|each|eso|esa|ese|esto|"
    r"ellos|"
    r"all[ií]|all[aá]|el otro|la otra|cada una?)\b",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"^\W*(no|nope|sorry|wait|actually|perd[oó]n)?\W*(i mean(t)?|i was asking about|not (that|the|music|tovani)|"
    r"no,? the|quise decir|"
    r"me refer[ií]a)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(the )?other (one|clinic|place|company|provider|side)\b|\b(el otro|la otra)( cl[ií]nica| lugar)?\b",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(i|i'm|im|i've|ive|i'd|i'll|my|me|mine|myself|yo|mi|mis|me|conmigo|mí)\b", re.IGNORECASE)
_CONTACT = re.compile(
    r"\S+@\S+\.\w+|\+?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{3,4}\b"
    r"|\b(?:[Tt]his is|[Mm]y name is|[Mm]e llamo)(?: [A-Z]\w+){1,3}"
)
JOINT = re.compile(
    r",? (?:and|plus|also|y|e)(?: also| then)? (?=(?:how|what|whats|when|where|who|which|why|do|does|did|is|are|can|"
    r"could|will|would|"
    r"qu[eé]|qui[eé]n|cu[aá]nt\w+|d[oó]nde|c[oó]mo|hay)\b)",
    re.IGNORECASE,
)
# What opens or surrounds a message and asks for nothing.
_COURTESY = frozenset(
    """hi hello hey dear team sir madam all there everyone folks good morning afternoon evening day greetings thanks
    thank please sorry cell phone mobile tel telephone email e-mail mail name here call text cheers regards kind best
    hope well hola buenas buenos dias tardes noches gracias saludos estimados querido nombre telefono correo""".split()
)
_FILLS = frozenset(
    """you so much very for your the a and ok okay i to all of it is that me my this de la el por su muy mucho
    muchas""".split()
)
_GREETS = re.compile(
    r"^\W*(?:(?:hi|hello|hey|greetings|hola|good (?:morning|afternoon|evening|day)"
    r"|buen[oa]s(?: d[ií]as| tardes| noches)?"
    r"|dear (?:team|all|sir|madam|doctor|dr\.? \w+))(?: (?:there|all|everyone|team|folks))?\b[\s,.!:;-]*)+(?=\S)",
    re.IGNORECASE,
)
MOST_PARTS = 3
LONG_STORY = 16  # words from which a message is read for its questions
_ALONE = 4  # content words from which a message stands alone, unless it points back
_EMPTY = frozenset(
    """a an and are at be but can could did do does for from had has have how i if in is it its just like me my no not
    of ok okay on or please really should so some tell than thanks that the their them then there these they this
    those to too us was we were what whats when where which who whos why will with would yes you your and also again
    each many much long often more about el la los las un una de en y o que qué cómo como cuánto cuánta cuántos
    cuántas cuál es son con por para se si su me mi""".split()
)


@dataclass(frozen=True, slots=True)
class Question:
    """A message as search reads it, and how the page says it was understood."""

    parts: tuple[Query, ...]  # one for each thing that is asked, at most MOST_PARTS
    understood_as: str = ""  # "" when the message stands alone
    is_personal: bool = False  # speaks of the visitor's own case

    @property
    def clinics(self) -> frozenset[str]:
        """The clinics chosen or carried over; empty: all of them."""
        return self.parts[0].clinics

    @property
    def text(self) -> str:
        """All the words the answer has to meet."""
        return " ".join(f"{part.before} {part.text}".strip() for part in self.parts)


def understand(message: Message, *, clinics: tuple[str, ...], named: Named) -> Question:
    """Read a message with its conversation. Needs no model; the clinic chosen on the page always holds."""
    chosen = frozenset({message.clinic}) if message.clinic else frozenset()
    personal = bool(_SELF.search(message.text))
    before = _turn_before(message)
    if not before or not leans(message.text):
        return Question(tuple(Query(text, chosen, story) for text, story in _parts(message.text)), is_personal=personal)

    meant = named(message.text)
    if not meant and _OTHER.search(message.text) and len(earlier := named(before)) == 1:
        meant = frozenset(clinics) - earlier
    if not meant and not _CORRECTS.search(message.text):
        meant = named(before)
    if len(meant) > 1:
        meant = frozenset()
    understood = f"{before} / {message.text}"
    if _CORRECTS.search(message.text) or _OTHER.search(message.text):
        # the question is the one before; only what was corrected is new
        query = Query(f"{_without_names(before, named)} {message.text}", chosen or meant)
    else:
        query = Query(message.text, chosen or meant, before)
    return Question((query,), understood, personal)


def _without_contacts(text: str) -> str:
    """The text without e-mail addresses, telephone numbers and "this is" names: nothing is searched for by them."""
    return _CONTACT.sub(" ", text)


def _parts(text: str) -> list[tuple[str, str]]:
    """What is asked, a (question, story around it) each: a long story is read for its questions."""
    text = " ".join(_without_contacts(text).split())
    text = text if _is_courtesy(text) else _GREETS.sub("", text)
    sentences = [text[start:end] for start, end in split(text)]
    sentences = [one for one in sentences if one.endswith("?") or not _is_courtesy(one)] or sentences
    text = " ".join(sentences)
    asked = [sentence for sentence in sentences if sentence.endswith("?")]
    story = ""
    if len(text.split()) > LONG_STORY and asked:
        story = " ".join(sentence for sentence in sentences if sentence not in asked)
    else:
        asked = asked if len(asked) > 1 and len(asked) == len(sentences) else [text]
    pieces = [piece.strip(" ,") for sentence in asked for piece in JOINT.split(sentence)]
    if not 1 < len(pieces) <= MOST_PARTS or any(_is_empty(piece) for piece in pieces[1:]):
        return [(" ".join(asked), story)]
    return [(pieces[0], story), *((piece, pieces[0] if leans(piece) else story) for piece in pieces[1:])]


def asks_nothing(text: str) -> bool:
    """A greeting or a thank you and not a word more: there is nothing to answer."""
    said = words(text)
    return "?" not in text and not _COURTESY.isdisjoint(said) and all(one in _COURTESY or one in _FILLS for one in said)


def _is_courtesy(sentence: str) -> bool:
    """A greeting, a thank you, what is left of somebody's address: nothing to search for."""
    return not any(word not in _EMPTY and word not in _COURTESY for word in words(sentence))


def _is_empty(piece: str) -> bool:
    """A second part that asks nothing of its own, as in "what is it and why?"."""
    return not any(word not in _EMPTY for word in words(piece))


def leans(text: str) -> bool:
    """The message cannot be understood without the turn before it."""
    content = [word for word in words(text) if word not in _EMPTY]
    if _OPENS.search(text) or _CORRECTS.search(text) or _OTHER.search(text):
        return len(content) <= 9
    return len(content) < 2 or (len(content) < _ALONE and bool(_POINTS.search(text)))


def _turn_before(message: Message) -> str:
    """The visitor's last message, with the one before it when that leaned too."""
    said = [line.text for line in message.history if line.speaker is Speaker.VISITOR]
    if not said:
        return ""
    return f"{said[-2]} {said[-1]}" if len(said) > 1 and leans(said[-1]) else said[-1]


def _without_names(text: str, named: Named) -> str:
    """The text without the words that name a clinic."""
    return " ".join(word for word in text.split() if not named(word))
