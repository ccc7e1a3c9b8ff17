"""Drafts with evidence that survives the edit: proposed, checked, marked, refused by code, kept with their spans."""

import pytest

from conversation.answer import Span, Turn
from conversation.checking import Checker, Verdict, Written
from conversation.comparison import load_comparer
from conversation.drafts import Drafts
from conversation.proposal import Blank, Length, Tone
from conversation.proposing import Proposer, fixed_sentences
from conversation.tracing import sentences_of, trace
from desk.conversation import need_seal
from desk.drafting import edits_of, replies_to
from desk.marks import Judged
from desk.pasted import cut_mail
from desk.proposals import Rates
from desk.roles import Role
from errors import BadInput, Conflict, Unavailable
from knowledge.library import SHIPPED, Library, read_folder
from store.engine import Store
from tests.desk.desks import LINK, House
from tests.desk.made_up import answered, danger, eligible
from tests.screens.fakes import statement
from triage.decision import Decision, Message, Reason, Route, Urgency

LEAD = "From our summary of what Music City Ketamine publishes:"
OWN_LEAD = "Music City Ketamine writes:"
SIX = "The standard protocol at Music City Ketamine opens with six infusions, spread over two to three weeks."


@pytest.fixture(scope="module")
def library() -> Library:
    return read_folder(SHIPPED)


@pytest.fixture(scope="module")
def drafts(library: Library) -> Drafts:
    """The real check by words alone, and a toy reading of questions."""

    def triage(message: Message) -> Decision:
        for word, route, reason in (
            ("better off without me", Route.CRISIS, Reason.SUICIDE),
            ("lithium", Route.SAFETY, Reason.MEDICINE),
            ("candidate", Route.ELIGIBILITY, Reason.CANDIDATE),
            ("weather", Route.OUT_OF_SCOPE, Reason.OFF_TOPIC),
            ("parking", Route.NOT_IN_SOURCES, Reason.DOCUMENTS_SILENT),
        ):
            if word in message.text:
                return Decision(route, (reason,), Urgency.TODAY)
        return Decision(Route.ANSWER)

    def take(message: Message) -> Turn:
        decision = triage(message)
        found = {"infusions": "standard protocol", "pressure": "blood pressure", "mice": "done in mice"}
        mck = library.sources["mck"]
        said = [statement(mck, words) for key, words in found.items() if key in message.text]
        return Turn(message, decision, tuple(said) if decision.route is Route.ANSWER else ())

    checker = Checker(library, load_comparer(None))
    return Drafts(checker, Proposer(library, take, triage, checker), Tone("", ""))


@pytest.fixture
def desk(store: Store, drafts: Drafts) -> House:
    return House(store, check=drafts.check, propose=drafts.propose)


def propose(house: House, session: str, text: str, make=answered) -> str:
    """Somebody writes, the session takes the ticket and has a draft proposed; returns its text."""
    house.ask(make, text)
    if make is answered:
        house.reception.ask_for_person(LINK)
    house.desk.claim(session, 1, 1)
    return house.desk.compose(session, 1).draft.text


def send(house: House, session: str) -> int:
    draft = house.desk.bench(session, 1).draft
    return house.desk.send(session, draft.id, house.desk.preview(session, draft.id).fingerprint)


def unsettled(house: House, session: str) -> list[Judged]:
    draft = house.desk.bench(session, 1).draft
    return [one for one in house.desk.review(session, 1, draft.id) if not one.is_settled]


def test_a_question_of_safety_or_eligibility_is_a_blank_and_never_text(drafts: Drafts) -> None:
    text = "How many infusions are there? I take lithium. Am I a candidate? Is there parking?"
    proposal = drafts.propose([Message(text)], "Dana", "")

    assert proposal.blanks == (Blank.SAFETY, Blank.ELIGIBILITY, Blank.SILENT)
    assert SIX in proposal.text
    assert [one.text for one in proposal.put_in] == [SIX]
    said = proposal.text[: proposal.text.index("[…")]
    assert "lithium" not in said
    assert "candidate" not in said


def test_where_danger_is_read_nothing_of_the_documents_is_proposed(drafts: Drafts) -> None:
    text = "How many infusions are there? They would be better off without me."
    proposal = drafts.propose([Message(text)], "Dana", "")

    assert proposal.blanks == (Blank.DANGER,)
    assert not proposal.put_in
    assert "six" not in proposal.text


def test_one_sentence_that_asks_two_things_is_two_questions(drafts: Drafts) -> None:
    asked = drafts.propose([Message("How many infusions are there, and am I a candidate?")], "Dana", "").asked

    assert [one.blank for one in asked] == [None, Blank.ELIGIBILITY]


def test_the_clinics_own_words_frame_the_draft(drafts: Drafts, library: Library) -> None:
    tone = Tone("Good morning,", r"Warmly,\n$name, $clinic", Length.SHORT)
    proposal = drafts.proposer([Message("How many infusions are there?")], tone, "Dana", "Music City Ketamine")

    assert proposal.text.startswith("Good morning,")
    assert proposal.text.endswith("Warmly,\nDana, Music City Ketamine")
    fixed = fixed_sentences(tone, "Dana", "Music City Ketamine", library)
    rest = [one for one in sentences_of(proposal.text) if one not in fixed]
    assert rest == [SIX]


def test_a_proposal_is_supported_as_it_is_made_but_for_its_blanks(desk: House) -> None:
    dana = desk.hire("Dana Whitfield", Role.COORDINATOR)
    propose(desk, dana, "How many infusions are there? How is blood pressure watched? Is there parking?")

    assert [one.checked.why for one in unsettled(desk, dana)] == [
        "The documents do not say this: “Is there parking?”",
    ]


def test_a_line_that_names_another_clinic_than_the_sentence_under_it_is_changed(desk: House, drafts: Drafts):
    session = desk.hire("Dana", Role.COORDINATOR)
    text = propose(desk, session, "How many infusions are there?")
    other = next(one for one in drafts.checker.library.clinics if one != "Music City Ketamine")
    assert "publishes:" in text

    for was, now, why in (("Music City Ketamine publishes", f"{other} publishes", other), (LEAD, OWN_LEAD, "summary")):
        desk.desk.write(session, 1, text.replace(was, now, 1))
        (line,) = unsettled(desk, session)
        assert line.checked.verdict is Verdict.CHANGED
        assert why in line.checked.why
        assert "Correct it" in desk.desk.preview(session, desk.desk.bench(session, 1).draft.id).unsettled

    desk.desk.write(session, 1, text)
    assert not unsettled(desk, session)


def test_a_draft_with_a_blank_does_not_leave(desk: House) -> None:
    dana = desk.hire("Dana", Role.COORDINATOR)
    propose(desk, dana, "Is there parking?")

    with pytest.raises(BadInput, match="left blank"):
        send(desk, dana)
    assert not desk.reception.turns(LINK)[0].replies


def test_a_changed_sentence_needs_a_clinician_and_the_writers_own_mark_does_not_do(desk: House) -> None:
    dana, priya = desk.hire("Dana", Role.COORDINATOR), desk.hire("Priya", Role.CLINICIAN)
    text = propose(desk, dana, "How many infusions are there?").replace("six infusions", "seven infusions")
    draft = desk.desk.write(dana, 1, text).draft
    changed = SIX.replace("six", "seven")

    desk.desk.mark(dana, 1, draft.id, changed, "I counted them.")
    with pytest.raises(BadInput, match="something else than its source"):
        send(desk, dana)
    desk.desk.mark(priya, 1, draft.id, changed, "The protocol changed in June.")
    assert not unsettled(desk, dana)
    assert send(desk, dana)


def test_a_mark_is_for_the_very_words_it_was_made_to(desk: House) -> None:
    dana = desk.hire("Dana", Role.COORDINATOR)
    text = propose(desk, dana, "How many infusions are there?")
    own = "The car park is behind the house."
    draft = desk.desk.write(dana, 1, f"{text}\n{own}").draft
    desk.desk.mark(dana, 1, draft.id, own, "I work here.")
    assert not unsettled(desk, dana)

    desk.desk.write(dana, 1, f"{text}\nThe car park is behind the church.")
    assert len(unsettled(desk, dana)) == 1
    with pytest.raises(Conflict, match="changed meanwhile"):
        desk.desk.mark(dana, 1, draft.id, own, "I work here.")


def test_on_a_ticket_about_somebodys_own_case_only_a_clinicians_name_will_do(desk: House) -> None:
    dana, priya = desk.hire("Dana", Role.COORDINATOR), desk.hire("Priya", Role.CLINICIAN)
    desk.ask(eligible)
    desk.desk.claim(dana, 1, 1)
    draft = desk.desk.write(dana, 1, "You may come on Monday.").draft
    desk.desk.mark(dana, 1, draft.id, "You may come on Monday.", "There is room.")

    with pytest.raises(BadInput, match="clinician"):
        send(desk, dana)
    desk.desk.mark(priya, 1, draft.id, "You may come on Monday.", "I read the file.")
    assert send(desk, dana)


@pytest.mark.parametrize("answer", ["Yes.", "You can.", "Of course you are.", "No, never."])
def test_a_bare_answer_is_never_mere_courtesy(desk: House, answer: str) -> None:
    priya = desk.hire("Priya", Role.CLINICIAN)
    desk.ask(eligible)
    desk.desk.claim(priya, 1, 1)
    desk.desk.write(priya, 1, f"Hello Sam,\n\nThank you for writing.\n\n{answer}\n\nKind regards,\nPriya")

    assert [one.checked.text for one in unsettled(desk, priya)] == [*sentences_of(answer)]


def test_without_documents_nothing_passes_unseen(store: Store) -> None:
    house = House(store)
    bare = type(house.desk)(store, house.keys, house.clock)
    priya = house.hire("Priya", Role.CLINICIAN)
    house.ask(eligible)
    bare.claim(priya, 1, 1)
    draft = bare.write(priya, 1, SIX).draft

    with pytest.raises(BadInput, match="not checked"):
        bare.send(priya, draft.id, bare.preview(priya, draft.id).fingerprint)
    with pytest.raises(Unavailable):
        bare.compose(priya, 1)


def test_what_was_sent_is_kept_with_its_spans_versions_and_marks(desk: House, library: Library) -> None:
    dana = desk.hire("Dana", Role.COORDINATOR)
    text = propose(desk, dana, "How many infusions are there?")
    own = "The car park is behind the house."
    draft = desk.desk.write(dana, 1, f"{text}\n\n{own}").draft
    desk.desk.mark(dana, 1, draft.id, own, "I work here.")
    send(desk, dana)

    conversation = desk.desk.bench(dana, 1).ticket.conversation
    with desk.store.reading() as connection:
        seal = need_seal(connection, desk.keys, conversation)
        (reply,) = replies_to(connection, seal, conversation)
        assert len(edits_of(connection, seal, draft.id)) == 2
    spans = {one.text: one.span for one in reply.sentences}
    mck = library.sources["mck"]
    assert isinstance(spans[SIX], Span)
    assert spans[SIX].version == mck.version
    assert " ".join(mck.text[spans[SIX].start : spans[SIX].end].split()) == SIX
    assert spans[own] is None


def test_what_became_of_the_sentences_is_counted(desk: House) -> None:
    dana, priya = desk.hire("Dana", Role.COORDINATOR), desk.hire("Priya", Role.CLINICIAN)
    text = propose(desk, dana, "How many infusions are there? How is blood pressure watched? What of the mice?")
    offered = desk.desk.bench(dana, 1).draft.put_in
    lines = [one for one in text.split("\n") if not one.startswith(offered[2].text[:30])]
    text = "\n".join(lines).replace("six infusions", "seven infusions")
    draft = desk.desk.write(dana, 1, text + "\nThe car park is behind the house.").draft
    for sentence in unsettled(desk, dana):
        desk.desk.mark(priya, 1, draft.id, sentence.checked.text, "I know it.")
    send(desk, dana)

    counted = desk.desk.rates(dana)
    assert counted == Rates(replies=1, untouched=0, offered=3, kept=1, edited=1, added=1, marked=2)
    assert counted.left_out == 1


def test_a_draft_of_danger_is_a_blank_for_a_clinician(desk: House) -> None:
    dana = desk.hire("Dana", Role.COORDINATOR)
    text = propose(desk, dana, "They would be better off without me.", danger)

    assert "A clinician writes to them first" in text
    with pytest.raises(BadInput, match="left blank"):
        send(desk, dana)


def test_a_sentence_keeps_its_span_through_edits_and_no_two_share_one() -> None:
    span = Span("mck", 1, "p", 0, 10)
    put_in = [Written(SIX, span)]

    assert trace(f"Hello.\n- {SIX}", put_in)[1] == Written(SIX, span)
    (edited, other) = trace(f"{SIX.replace('six', 'seven')}\n{SIX}", put_in)
    assert (edited.span, other.span) == (None, span)
    assert trace(SIX.replace("six", "seven"), put_in)[0].span == span
    assert trace("Something else entirely.", put_in)[0].span is None


MAIL = """Hello,

How long is one session? And is there parking?

Thanks,
Sam

--
Sam Hill, +1 555 010 0000

On Wed, Dec 20, 2023 at 13:37, Dana <dana@example.org> wrote:
> How old are you?
"""


def test_signature_and_quoted_history_are_cut_and_kept() -> None:
    letter = cut_mail(MAIL)

    assert letter.text == "Hello,\n\nHow long is one session? And is there parking?"
    assert "How old are you?" in letter.cut
    assert "Sam Hill" in letter.cut


@pytest.mark.parametrize("pasted", ["> all of it is quoted", "--\nonly a signature", "One line"])
def test_a_mail_of_which_nothing_would_be_left_is_kept_whole(pasted: str) -> None:
    letter = cut_mail(pasted)

    assert letter.text
    assert set(pasted.split()) == set(f"{letter.text} {letter.cut}".split())


def test_nothing_is_cut_from_a_mail_that_speaks_of_danger() -> None:
    letter = cut_mail(MAIL, lambda text: "How old" in text)

    assert letter.text == MAIL.strip()
    assert not letter.cut
