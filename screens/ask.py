"""The Ask page: a visitor's conversation, from the first question to a person's reply."""

import logging
from datetime import UTC, datetime
from functools import partial

import streamlit as st

import wiring
from conversation.answer import Turn
from conversation.reply import fixed_wording, reply
from desk.pace import Wait
from desk.reach import Reach
from desk.reception import Forgotten
from desk.shown import Shown
from desk.transcript import Addressee
from errors import BadInput, ForeroomError
from screens import movement, wording
from screens.danger_line import danger_line
from screens.download import as_text
from screens.frame import NOTE_KEY, PERSON_KEY, TO_KEY, choose_language, foot, head, head_place, notice, style
from screens.intake import arrives_at, intake, is_open, offers
from screens.markup import label, shown
from screens.reader import OPEN_KEY
from screens.start import start, who_reads
from screens.thread import Actions, bubble, keep_places, thread
from screens.visitor import Visitor, address_here, the_visitor, token_of_this_page
from triage.decision import Language, Message, Route

log = logging.getLogger("foreroom.screens")

SECONDS_BETWEEN_LOOKS = 4.0
WAITING_KEY = "ask_waiting"  # words on their way: not stored yet
BACK_KEY = "ask_words_back"  # words that could not be stored
NOTICE_KEY = "ask_notice"
GONE_KEY = "ask_gone"
SENT_KEY = "ask_person_sent"
ASKED_DOCUMENTS_KEY = "ask_asked_documents"
UNSAVED_KEY = "ask_unsaved"  # danger that was read and could not be stored


def ask() -> None:
    """Draw the page once."""
    house = wiring.services()
    token, keeps_cookies = token_of_this_page()
    mark = _mark(token)  # read before what it stands for: what comes in between is seen by the next look
    turns, trouble = _turns(token)
    last = next((turn.turn for turn in reversed(turns) if turn.turn), None)
    visitor = the_visitor(
        token,
        keeps_cookies,
        last.decision.language.value if last else None,
        house.settings.clinic or None,
        is_protected=bool(turns) and _is_protected(token),
    )
    words = visitor.words
    if BACK_KEY in st.session_state:
        st.session_state["ask_input"] = st.session_state.pop(BACK_KEY)
    if st.session_state.pop(SENT_KEY, False):
        st.session_state[PERSON_KEY], st.session_state[NOTE_KEY] = False, ""
    style()
    top = head_place(visitor)
    unsaved = st.session_state.get(UNSAVED_KEY)
    shown_now = (*turns, unsaved) if unsaved else turns
    if st.session_state.pop(ASKED_DOCUMENTS_KEY, False):
        st.session_state[TO_KEY] = "person"  # each message to the documents is chosen anew
    below = "" if _in_care(shown_now) else danger_line(visitor.language)
    text = foot(visitor, _placeholder(shown_now, visitor), below, with_person=_with_person(token, turns))
    to = Addressee.DOCUMENTS if text and st.session_state.get(TO_KEY) == "documents" else Addressee.ANYONE
    text = text or st.session_state.pop(WAITING_KEY, None)
    no_cookie = words("frame.no_cookie") if turns and not keeps_cookies else ""
    gone = None if turns else st.session_state.get(GONE_KEY)
    left = words("left.forgotten" if gone.words_destroyed else "left.open_ticket") if gone else ""
    with st.container(key="ask-notices"):  # always there, so that nothing below it moves
        for line in (words("frame.broken") if trouble else "", st.session_state.pop(NOTICE_KEY, ""), no_cookie, left):
            if line:
                notice(line)
    unread = partial(_read_danger, visitor=visitor)
    with st.container(key="ask-thread"):
        st.html('<div id="ask-thread" tabindex="-1"></div>')
        if turns and last and last.by_words_alone and not house.ready():
            notice(words("frame.loading"))
        if text:  # all else stays as it stands in the browser until the answer is there: then the page is drawn whole
            keep_places(shown_now)
            _take(text, visitor, to)
        if turns:
            thread(turns, house.library, visitor, _actions(visitor), workbench=house.settings.workbench)
        elif not unsaved:
            intake(visitor, (), unread=unread)
            text = None if is_open() else _start(visitor)
            if text:
                _take(text, visitor, to)
        if unsaved:
            thread((unsaved,), house.library, visitor, _actions(visitor), workbench=False)
        if shown_now:
            intake(visitor, shown_now, unread=unread)
        offers(visitor, shown_now)
    clinics = () if house.settings.clinic else house.library.clinics
    with top:
        head(
            visitor,
            clinics,
            ask_person=partial(_ask_person, visitor, turns),
            conversation=partial(_own, visitor, turns),
        )
    if not st.session_state.get("ask_arrived"):
        st.session_state["ask_arrived"] = True
        if turns:
            waits = "" if _in_care(turns) else arrives_at(visitor.token)
            movement.go(scroll=waits or _place_of(turns[-1]))
    movement.mount(visitor.language)
    if any(turn.reference or turn.turn is None for turn in turns) or (
        last and last.by_words_alone and not house.ready()
    ):
        st.fragment(_look_again, run_every=SECONDS_BETWEEN_LOOKS)(token, mark, [True])


def _start(visitor: Visitor) -> str | None:
    return start(visitor, wiring.services().library, _who_reads(visitor))


def _who_reads(visitor: Visitor) -> str:
    house = wiring.services()
    return who_reads(
        visitor,
        keep_days=house.settings.keep_days,
        someone_reads=_someone_reads(),
        operator=house.settings.operator,
        model=house.model,
    )


def _turns(token: str) -> tuple[tuple[Shown, ...], bool]:
    """What is stored, and whether it could not be read."""
    try:
        return wiring.services().reception.turns(token), False
    except ForeroomError:
        return (), True


def _take(text: str, visitor: Visitor, to: Addressee) -> None:
    """Show the words at once, store them, answer, and draw again; words that were not stored go back into the box."""
    with st.container(key="ask-arriving"):
        st.html(bubble(text, datetime.now(UTC), visitor))
        st.html(f'<p class="looking">{shown(visitor.words("frame.looking"))}</p>')
    house = wiring.services()
    try:
        here = address_here(house.settings.trusted_proxies)
        taken = house.ask(
            visitor.token,
            text,
            clinic=visitor.clinic,
            language=visitor.chosen_language,
            address=here,
            addressee=to,
        )
    except Exception as error:  # whatever broke: the words are stored, or they go back into the box
        log.error("a message broke: %s", type(error).__name__, exc_info=not isinstance(error, ForeroomError))
        _read_danger(text, visitor)
        turns, _ = _turns(visitor.token)
        if turns and turns[-1].text == text and turns[-1].turn is None:
            st.session_state[NOTICE_KEY] = visitor.words("frame.trouble")
        else:
            st.session_state[BACK_KEY] = text
            key = "frame.too_long" if isinstance(error, BadInput) else "frame.broken"
            st.session_state[NOTICE_KEY] = visitor.words(key)
    else:
        if isinstance(taken, Wait):  # too many at once: the words stay with their writer
            st.session_state[BACK_KEY] = text
            st.session_state[NOTICE_KEY] = visitor.words(f"slow.{taken.line}", seconds=taken.seconds)
            st.rerun()
        for key in (GONE_KEY, UNSAVED_KEY, OPEN_KEY):
            st.session_state.pop(key, None)
        st.session_state[ASKED_DOCUMENTS_KEY] = to is Addressee.DOCUMENTS
        movement.go(scroll=_place_of(taken), announce=_aloud(taken, visitor))
    st.rerun()


def _read_danger(text: str, visitor: Visitor) -> None:
    """Danger is met even when nothing can be stored; the block says that nobody knows of it."""
    language = Language(visitor.chosen_language) if visitor.chosen_language else None
    message = Message(text, language=language)
    decision = wiring.services().parts.triage(message)
    if decision.route is Route.CRISIS:
        unsaved = Shown(0, 0, text, datetime.now(UTC), Turn(message, decision))
        st.session_state[UNSAVED_KEY] = unsaved
        movement.go(scroll=_place_of(unsaved))


def _is_protected(token: str) -> bool:
    try:
        found = wiring.services().reception.open(token)
    except ForeroomError:
        return False
    return found is not None and found.is_protected


def _with_person(token: str, turns: tuple[Shown, ...]) -> bool:
    """A person has the word in this conversation; the documents may still be asked."""
    try:
        return any(turn.reference for turn in turns) and wiring.services().reception.has_person(token)
    except ForeroomError:
        return False


def _place_of(turn: Shown) -> str:
    """What comes to the top of the screen: the care block in danger, else the question."""
    in_danger = turn.turn is not None and turn.turn.decision.route is Route.CRISIS
    return f".st-key-{'care-block' if in_danger else 'turn'}-{turn.number}"


def _aloud(turn: Shown, visitor: Visitor) -> str:
    """All that is shown for a message, for who hears the page and does not see it."""
    if turn.turn is None or turn.turn.decision.route is Route.CRISIS:  # the care block announces itself
        return ""
    if turn.silent:
        return visitor.words("silent.saved")
    receives = turn.status is not None and turn.status.receives
    title = visitor.words("handover.title_staff" if receives else "handover.title_none")
    return f"{title} {reply(turn.turn)}" if turn.turn.decision.route.needs_person else reply(turn.turn)


def _in_care(turns: tuple[Shown, ...]) -> bool:
    last = turns[-1].turn if turns else None
    return last is not None and last.decision.route is Route.CRISIS


def _placeholder(turns: tuple[Shown, ...], visitor: Visitor) -> str:
    if st.session_state.get(TO_KEY) == "documents":
        return visitor.words("frame.input")
    if _in_care(turns):
        return visitor.words("frame.input_care")
    if turns and turns[-1].replies:
        return visitor.words("frame.input_reply", name=turns[-1].replies[-1].name.split()[0])
    return visitor.words("frame.input")


def _actions(visitor: Visitor) -> Actions:
    return Actions(
        send=_send,
        ask_person=partial(_hand_over, visitor, "ask_for_person"),
        leave_question=partial(_hand_over, visitor, "leave_question"),
        ask_again=partial(movement.go, focus='[data-testid="stChatInputTextArea"]'),
        other_language=partial(choose_language, "en" if visitor.language == "es" else "es"),
        link=partial(_link, visitor),
        helped=partial(_helped, visitor),
        reach=partial(_leave_reach, visitor),
        which=partial(_choose_clinic, visitor),
        who_reads=partial(_who_reads, visitor),
    )


def _send(text: str) -> None:
    st.session_state[WAITING_KEY] = text


def _hand_over(visitor: Visitor, way: str, message: int) -> None:
    reception = wiring.services().reception
    try:
        if way == "leave_question":
            reception.leave_question(visitor.token, message)
        else:
            reception.ask_for_person(visitor.token, message)
    except ForeroomError:
        st.session_state[NOTICE_KEY] = visitor.words("person.broken")


def _helped(visitor: Visitor, reply: int, helped: bool) -> None:
    try:
        wiring.services().reception.say_helped(visitor.token, reply, helped)
    except ForeroomError:
        st.session_state[NOTICE_KEY] = visitor.words("person.broken")


def _leave_reach(visitor: Visitor, reach: Reach) -> str:
    """Keep how they may be reached; what to say about it."""
    try:
        wiring.services().reception.leave_reach(visitor.token, reach)
    except BadInput:
        return visitor.words("reach.unclear")
    except ForeroomError:
        return visitor.words("person.broken")
    return visitor.words("reach.kept")


def _choose_clinic(visitor: Visitor, clinic: str) -> None:
    try:
        wiring.services().reception.choose_clinic(visitor.token, clinic)
    except ForeroomError:
        st.session_state[NOTICE_KEY] = visitor.words("person.broken")


def _someone_reads() -> bool:
    try:
        return wiring.services().reception.desk().receives
    except ForeroomError:
        return False


def _ask_person(visitor: Visitor, turns: tuple[Shown, ...], note: str) -> None:
    """The head's way to a person: with a note, or for the last message, or with nothing at all."""
    last = turns[-1] if turns else None
    try:
        if note.strip() or last is None or last.reference:
            here = address_here(wiring.services().settings.trusted_proxies)
            said = note.strip() or visitor.words("frame.ask_person")
            taken = wiring.services().ask_person(visitor.token, said, here)
            if isinstance(taken, Wait):  # the note stays in its box
                st.session_state[NOTICE_KEY] = visitor.words(f"slow.{taken.line}", seconds=taken.seconds)
                st.rerun()
            movement.go(scroll=_place_of(taken))
        else:
            wiring.services().reception.ask_for_person(visitor.token, last.id)
            movement.go(scroll=_place_of(last))
    except ForeroomError:
        st.session_state[NOTICE_KEY] = visitor.words("person.broken")
    st.session_state[SENT_KEY] = True
    st.rerun()


def _link(visitor: Visitor, key: str) -> None:
    """The private link, shown on demand so that it does not stand on the screen by itself."""
    with st.popover(visitor.words("options.link"), key=f"ask_link_{key}"):
        if visitor.is_protected:
            st.html(f"<p>{shown(visitor.words('link.is_protected'))}</p>")
            return
        base = (wiring.services().settings.public_url or str(st.context.url or "")).split("?")[0].rstrip("/")
        st.html(f"<p>{shown(visitor.words('options.link_note'))}</p>")
        st.code(f"{base}/c/{visitor.token}", language=None, wrap_lines=True)


def _own(visitor: Visitor, turns: tuple[Shown, ...]) -> None:
    """What a visitor can do with their own conversation: keep it, print it, delete it."""
    words, house = visitor.words, wiring.services()
    st.html(f'<p class="option-title">{shown(words("options.yours"))}</p>')
    if not turns:
        st.html(f'<p class="second">{shown(words("options.empty"))}</p>')
        return
    steps = wording.care_steps(turns)
    said = {
        turn.id: fixed_wording(turn.turn, visitor.language, steps.get(turn.id, 0))
        for turn in turns
        if turn.turn and not turn.silent
    }
    st.download_button(
        words("options.download"),
        data=partial(as_text, turns, house.library, visitor, said),
        file_name="conversation.txt",
        mime="text/plain",
        key="ask_download",
        on_click="ignore",
    )
    st.html(f'<a data-does="print" href="#print">{shown(words("options.print"))}</a>')
    if visitor.is_protected:
        st.html(f'<p class="second">{shown(words("link.is_protected"))}</p>')
    else:
        base = (house.settings.public_url or str(st.context.url or "")).split("?")[0].rstrip("/")
        way = (
            f'<p><a href="protect" target="_self">{shown(words("link.offer"))}</a></p>' if visitor.keeps_cookies else ""
        )
        st.html(
            f'<p class="second">{shown(words("options.link_note"))}</p>'
            f'<p class="link-text">{shown(f"{base}/c/{visitor.token}")}</p>{way}'
        )
    st.html(f'<p class="second">{shown(words("options.delete_note"))}</p>')
    if st.checkbox(label(words("options.delete")), key="ask_delete"):
        st.button(words("options.delete_yes"), key="ask_delete_yes", on_click=_forget, args=(visitor,))


def _forget(visitor: Visitor) -> None:
    try:
        gone = wiring.services().reception.forget(visitor.token)
    except ForeroomError:
        st.session_state[NOTICE_KEY] = visitor.words("frame.broken")
        return
    for key in [name for name in st.session_state if str(name).startswith(("ask_", "intake_"))]:
        del st.session_state[key]
    st.session_state[GONE_KEY] = gone or Forgotten(True)


def _mark(token: str) -> tuple[object, ...] | None:
    """What the open page watches: answers, states of tickets, replies, and the model's arrival; None: unreadable."""
    house = wiring.services()
    try:
        return (house.ready(), house.reception.mark(token))
    except ForeroomError:
        return None


def _look_again(token: str, seen: tuple[object, ...] | None, drawn: list[bool]) -> None:
    if drawn:  # what was just drawn is not looked at again
        drawn.clear()
        return
    now = _mark(token)
    if now is not None and now != seen:
        st.rerun()
