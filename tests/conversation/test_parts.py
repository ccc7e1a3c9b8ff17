"""The parts together: what is made beside triage, and what never waits for it."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event

from conversation.compose import Composer
from conversation.parts import Parts
from retrieval.evidence import Query
from tests.conversation.made_up import LIBRARY, answerable, covered, everything, never
from triage.decision import Decision, Message, Route


def parts(
    triage: Callable[[Message], Decision], search: Callable[..., object], ahead: Callable[[Query], None]
) -> Parts:
    return Parts(
        library=LIBRARY,
        triage=triage,
        search=search,  # type: ignore[arg-type]
        composer=Composer(LIBRARY, covered),
        named=lambda text: frozenset(),
        by_words_alone=False,
        embed_ahead=ahead,
    )


def test_a_message_of_danger_is_never_searched_though_its_vector_is_made_beside_triage():
    made: SimpleQueue[Query] = SimpleQueue()
    said = "i can't do this anymore"

    turn = parts(lambda message: Decision(Route.CRISIS), never, made.put).take(Message(said))

    assert turn.decision.route is Route.CRISIS
    assert turn.statements == ()
    assert made.get(timeout=5).text == said


def test_an_answer_does_not_wait_for_a_vector_that_never_comes():
    stuck = Event()

    turn = parts(answerable, everything, lambda query: stuck.wait(60) and None).take(
        Message("how many visits are there")
    )

    assert turn.statements
    assert not stuck.is_set()
    stuck.set()
