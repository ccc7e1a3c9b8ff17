"""The third reader: what the visitor said earlier, where the new message leans on it."""

from collections.abc import Callable

from triage.cues import compile_cue
from triage.decision import Message, Reason, Route, Said, Speaker, Verdict
from triage.normalise import sentences
from triage.rules import Reading, cue_spelling

READER = "conversation"

_LEANS = compile_cue(
    "(is (it|that|this|they) (still |really |even |ok |also )?(safe|ok|bad|dangerous|a problem|an issue|worth|"
    "alright|risky|allowed|fine)"
    "|safe (then|for me|though|still)|should i|do i (still |have to |need to |just )?(stop|take|keep|tell|quit|skip|"
    "wait|stay|need|mention)"
    "|can i (still|just|then|do|have|take|get|start|use|keep|go|mix|even|try|be|come)|could i|would (i|it|that|they|"
    "this) (still |then |even |also )?(be|affect|matter|stop|help|work|hurt|make|count|take|change|rule|interact|"
    "interfere|qualify|mess)"
    "|what (if|about) (i|me|my|mine|for me|someone like me|that|in my case)|so (can|could|should|is|am|would|will|do|"
    "does|what) (i|it|that|me|they|this)"
    "|mine|for me|in my case|with that|because of (that|it|this)|does (that|it|this) (still |even |also |"
    "really )?(matter|change|affect|rule|count|mean|stop|interact|mix|make|disqualify|exclude|apply|cause)"
    "|will (it|that|this|they|i) (still |also |even )?(be|affect|matter|make|hurt|interact|mix|interfere|stop|take|"
    "turn|work|get|have|cause|ok)"
    "|stop (it|taking it|them|taking them|mine)|am i (still|ok|safe|allowed|out|in|able)|(it|they) (makes|make|made) me"
    "|(es|seria|sera) (segur*|peligros*|un problema)|puedo|debo|deberia|me afecta|y si|entonces|en mi caso|el mio|"
    "la mia|conmigo)"
)
_BAD_NEWS = compile_cue(
    "(do not|does not|did not|not|no|cannot|non|partial|without|never|fail*|limits|little|few*|some people) .. "
    "(respond*|response|work*|help*|cure|everyone|guarantee*|benefit|improve*|candidate*|treat*|option*)"
)
_GIVES_UP = compile_cue(
    "(what is|what was|is there|why|there is|no|any) (even|really|the|then|a)? (the|no)? "
    "(point|hope|use|reason|bother|sense) .. (going on|living|life|me|then|anymore|left|go on|carry on|now|trying)?"
)


def read(message: Message, reader: Callable[[str], Reading]) -> tuple[tuple[Verdict, ...], bool]:
    """Verdicts that an earlier line of the visitor's adds to this message, and whether it asks for a warm line."""
    earlier = [line for line in message.history if line.speaker is Speaker.VISITOR]
    if not message.history:
        return (), False
    folded = reader_text(message.text)
    leans = _LEANS.regex.search(folded) is not None
    verdicts: list[Verdict] = []
    if leans:
        for line in earlier:
            for verdict in reader(line.text).verdicts:
                if verdict.route is Route.SAFETY and verdict.reason is not None:
                    verdicts.append(Verdict(READER, Route.SAFETY, verdict.reason, verdict.words))
        if not verdicts and _is_prescribed(message.history) and _takes_more(folded):
            verdicts.append(Verdict(READER, Route.SAFETY, Reason.DOSE, message.text[:120]))
    gives_up = _after_bad_news(message.history) and _GIVES_UP.regex.search(folded) is not None
    return tuple(dict.fromkeys(verdicts)), gives_up


def reader_text(text: str) -> str:
    """A text folded for this reader's few cues."""
    return " ".join(sentence.text.strip() for sentence in sentences(text[:2000], cue_spelling())).join("  ")


def _is_prescribed(history: tuple[Said, ...]) -> bool:
    words = " ".join(line.text.lower() for line in history[-4:])
    return any(word in words for word in ("prescri", "lozenge", "troche", "sublingual", "infusion", "session"))


_MORE = compile_cue(
    "(two|both|double|more|less|extra|half|twice|another|sooner|faster|at once|early|late|miss*|skip*|swallow*|"
    "every day|back to back|dos|doble|otra|mas)"
)


def _takes_more(folded: str) -> bool:
    return _MORE.regex.search(folded) is not None


def _after_bad_news(history: tuple[Said, ...]) -> bool:
    last = next((line for line in reversed(history) if line.speaker is not Speaker.VISITOR), None)
    return last is not None and _BAD_NEWS.regex.search(reader_text(last.text)) is not None
