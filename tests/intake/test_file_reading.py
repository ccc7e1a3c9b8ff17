"""Files as answers: on the disk at once, read beside the next steps, danger met wherever the visitor is by then."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from errors import BadInput, BadSource, Conflict, Unavailable
from intake import file_reading
from intake.enclosed import ENCLOSED, FileState
from intake.file_reading import ABANDONED, TRIES
from intake.intakes import Intakes
from intake.questionnaire import Kind
from intake.topics import cut_around
from intake.values import WORD, Given
from intake.view import View
from prompts.intake import intake_words
from tests.desk.desks import LINK
from tests.intake.answering import DANGER
from tests.intake.files import item, made
from tests.intake.houses import IntakeHouse
from tests.store.overtaking import overtaken
from triage.decision import Route, Urgency

PDF = "application/pdf"
CALM = "Two years of talking therapy. It helped with the fear."


def decoded(name: str, content: bytes) -> str:
    if content.startswith(b"scan"):
        raise BadSource(f"{name}: there is a picture on page 1. Write it out.")
    return content.decode()


def begun(house: IntakeHouse, read_file=decoded, **more) -> View:
    house.intakes = Intakes(house.store, house.keys, house.clock, lambda: house.shelf, read_file=read_file, **more)
    asked = made(item("a", "attachment"), item("b"), item("many", "attachment", repeats=True), name="own")
    return house.with_files(asked).begin("own")


def give(house: IntakeHouse, view: View, *contents: str, key: str = "a", media: str = PDF, **more):
    given = [Given(file_name=f"letter {place}.pdf", media_type=media, content=one.encode()) for place, one in
             enumerate(contents)]  # fmt: skip
    return house.intakes.answer(LINK, view.intake.id, key, given, **more)


def states(house: IntakeHouse) -> list[FileState]:
    return [state for _, state in house.intakes.files(LINK)]


def said(house: IntakeHouse) -> list[str]:
    return [one.text for one in house.reception.turns(LINK)]


def never(name: str, content: bytes) -> str:
    raise AssertionError("nothing is read in the step")


def test_a_document_is_on_the_disk_before_anybody_reads_it(both: IntakeHouse):
    view = begun(both, never)
    kept = give(both, view, DANGER)

    assert kept.danger is None
    (file,) = kept.view.files
    assert (file.name, file.state) == ("letter 0.pdf", FileState.WAITING)
    (value,) = kept.view.step("a").entry.values
    assert (value.kind, value.text, value.content) == (Kind.FILE, "letter 0.pdf", "")
    with both.store.reading() as connection:
        (row,) = connection.execute(sa.select(ENCLOSED))
    assert DANGER.encode() not in row.content


@pytest.mark.parametrize("media", [PDF, WORD, "text/plain"])
def test_danger_in_a_file_is_care_and_a_ticket_in_whatever_step_its_visitor_is(both: IntakeHouse, media: str):
    view = begun(both)
    give(both, view, f"{CALM} {DANGER}", media=media)
    if media != "text/plain":  # a few plain words are read in the step itself
        both.say(view, "b", "meanwhile")
        both.intakes.read_files()

    assert both.intakes.view(LINK, view.intake.id).waits
    assert said(both) == [f"letter 0.pdf:\n{CALM} {DANGER}"]
    (row,) = both.desk.queue(both.clinician())
    assert (row.ticket.is_danger, row.ticket.urgency) == (True, Urgency.NOW)
    assert states(both) == [FileState.READ]
    assert both.intakes.view(LINK, view.intake.id).stays.danger
    assert both.intakes.read_files() == 0


def test_few_plain_words_are_read_in_the_step_itself(house: IntakeHouse):
    assert give(house, begun(house, never), DANGER, media="text/plain").danger is not None


def test_two_files_of_one_answer_are_read_each_and_stand_each_on_the_page(house: IntakeHouse):
    view = begun(house)
    give(house, view, "scan of a letter", DANGER, CALM, key="many")
    house.intakes.read_files()

    assert states(house) == [FileState.UNREADABLE, FileState.READ, FileState.READ]
    assert said(house) == [f"letter 1.pdf:\n{DANGER}"]
    house.desk.clear_care(house.clinician(), house.desk.queue(house.clinician())[0].ticket.id, 1)
    house.hand_over(view)
    page = house.intake_desk.page(house.clinician(), view.intake.id)
    lines = page.section("answers").lines
    assert [line.file.state for line in lines] == states(house)
    contents = [house.intake_desk.file(house.clinician(), view.intake.id, int(one.link.id), one.place) for one in lines]
    assert [one.content.decode() for one in contents] == ["scan of a letter", DANGER, CALM]


def test_a_file_that_cannot_be_read_says_so_to_its_visitor_and_to_staff(house: IntakeHouse):
    view = begun(house)
    give(house, view, "scan")
    house.intakes.read_files()
    handed = house.hand_over(house.say(view, "b", "x").view)

    page = house.intake_desk.page(house.clinician(), view.intake.id)
    note = intake_words("en")("page.file_unreadable", why="there is a picture on page 1.")
    (topic,) = page.section("topics").lines
    assert (topic.text, topic.label) == ("letter 0.pdf", note)
    assert note in house.intake_desk.as_text(house.clinician(), view.intake.id)
    assert house.intake_desk.as_pdf(house.clinician(), view.intake.id).startswith(b"%PDF")
    assert handed.view.files[0].state is FileState.UNREADABLE
    ticket = house.desk.queue(house.clinician())[0].ticket
    assert ticket.urgency is Urgency.TODAY, "nobody has looked for danger in it"


def test_a_file_nobody_has_read_yet_can_be_handed_over_and_the_page_says_so_until_it_was(house: IntakeHouse):
    view = begun(house)
    give(house, view, DANGER)
    house.hand_over(view)

    def note() -> str:
        return house.intake_desk.page(house.clinician(), view.intake.id).section("answers").lines[0].note

    assert note() == intake_words("en")("page.file_waiting")
    house.intakes.read_files()
    assert note() == intake_words("en")("page.file_read")
    assert house.desk.queue(house.clinician())[0].ticket.is_danger


def test_whatever_triage_finds_in_a_file_is_a_topic_of_the_page(house: IntakeHouse):
    view = begun(house)
    give(house, view, "I take lithium 300 mg at night. Can I go on with it?")
    house.intakes.read_files()
    house.hand_over(view)

    (line,) = house.intake_desk.page(house.clinician(), view.intake.id).section("topics").lines
    assert "In the file letter 0.pdf." in line.label
    assert not said(house)[:-1], "nothing interrupts"


@pytest.mark.parametrize("end", ["take_back", "delete", "forget"])
def test_a_file_goes_with_its_answers(both: IntakeHouse, end: str):
    view = begun(both)
    give(both, view, DANGER)
    both.hand_over(view)
    if end == "forget":
        both.reception.forget(LINK)
    else:
        getattr(both.intakes, end)(LINK, view.intake.id)

    assert both.intakes.read_files() == (end == "take_back"), "danger in what the visitor still has is met"
    with both.store.reading() as connection:
        (row,) = connection.execute(sa.select(ENCLOSED))
    assert (row.content is None) == (end == "delete")
    with pytest.raises((Conflict, Unavailable)):
        both.intake_desk.file(both.clinician(), view.intake.id, 1)


def test_what_is_deleted_while_it_is_read_leaves_nothing_but_its_danger(both: IntakeHouse, monkeypatch):
    view = begun(both)
    give(both, view, DANGER)
    other = overtaken(monkeypatch, file_reading, "read_file", lambda: both.intakes.delete(LINK, view.intake.id))
    both.intakes.read_files()
    other.end()

    with both.store.reading() as connection:
        (row,) = connection.execute(sa.select(ENCLOSED))
    assert (row.content, row.reading) == (None, None)
    assert row.message_id is not None
    assert both.desk.queue(both.clinician())[0].ticket.is_danger


def test_what_is_taken_back_while_it_is_read_is_met_all_the_same(both: IntakeHouse, monkeypatch):
    view = begun(both)
    give(both, view, DANGER)
    both.hand_over(view)
    other = overtaken(monkeypatch, file_reading, "read_file", lambda: both.intakes.take_back(LINK, view.intake.id))
    both.intakes.read_files()
    other.end()

    assert states(both) == [FileState.READ]
    assert any(DANGER in one for one in said(both))


def test_a_file_replaced_while_it_waits_is_read_all_the_same(house: IntakeHouse):
    view = begun(house)
    give(house, view, DANGER)
    house.say(view, "a", "It says nothing new.")

    assert house.intakes.read_files() == 1
    assert said(house) == [f"letter 0.pdf:\n{DANGER}"]
    assert not house.intakes.view(LINK, view.intake.id).files


def test_a_file_stays_in_an_answer_that_is_added_to_and_is_read_once(both: IntakeHouse):
    view = begun(both)
    kept = give(both, view, CALM, "scan", key="many").view
    added = [Given(kept=1), Given(kept=0), Given(file_name="third.pdf", media_type=PDF, content=b"x")]
    kept = both.intakes.answer(LINK, view.intake.id, "many", added, seen=kept.step("many").entry.number).view

    assert [one.name for one in kept.files] == ["letter 1.pdf", "letter 0.pdf", "third.pdf"]
    assert both.intakes.read_files() == 3
    assert [one.state for one in both.intakes.view(LINK, view.intake.id).files] == [
        FileState.UNREADABLE, FileState.READ, FileState.READ,
    ]  # fmt: skip
    with pytest.raises(BadInput):
        both.intakes.answer(LINK, view.intake.id, "many", [Given(kept=7)])


def test_a_file_another_process_reads_is_left_alone_until_that_one_was_stopped(both: IntakeHouse):
    view = begun(both)
    give(both, view, DANGER)
    inside: list[int] = []

    def reads(name: str, content: bytes) -> str:
        inside.append(both.intakes.read_files())
        raise SystemExit  # killed in the midst of it

    both.intakes._files._read_file = reads
    with pytest.raises(SystemExit):
        both.intakes.read_files()
    both.intakes._files._read_file = decoded

    assert (inside, both.intakes.read_files()) == ([0], 0)
    both.clock.now += ABANDONED + timedelta(seconds=1)
    assert both.intakes.read_files() == 1
    assert said(both) == [f"letter 0.pdf:\n{DANGER}"]


def test_a_start_goes_on_with_the_file_a_stopped_process_was_reading(house: IntakeHouse):
    view = begun(house, lambda *_: (_ for _ in ()).throw(SystemExit))
    give(house, view, DANGER)
    with pytest.raises(SystemExit):
        house.intakes.read_files()
    house.intakes = Intakes(
        house.store, house.keys, house.clock, lambda: house.shelf, read_file=decoded, beside=True
    )  # fmt: skip
    house.intakes.finish()

    soon(lambda: states(house) == [FileState.READ])
    assert said(house) == [f"letter 0.pdf:\n{DANGER}"]


def test_a_file_whose_reading_breaks_off_again_and_again_is_left_to_a_person(house: IntakeHouse):
    def breaks(name: str, content: bytes) -> str:
        raise OSError("no more processes")

    give(house, begun(house, breaks), DANGER)
    for _ in range(TRIES):
        assert states(house) == [FileState.WAITING]
        house.intakes.read_files()
        house.clock.now += ABANDONED + timedelta(seconds=1)

    assert states(house) == [FileState.UNREADABLE]


def test_danger_at_the_beginning_of_a_book_is_met_and_the_rest_is_for_a_person(house: IntakeHouse):
    give(house, begun(house), DANGER + ". " + "Nothing else. " * 5_000)
    house.intakes.read_files()

    assert states(house) == [FileState.UNREADABLE]
    (message,) = said(house)
    assert DANGER in message
    assert len(message) < 2_000


def test_who_gave_few_files_comes_before_who_gave_many(house: IntakeHouse):
    read: list[str] = []

    def reads(name: str, content: bytes) -> str:
        read.append(content.decode())
        return content.decode()

    view = begun(house, reads)
    give(house, view, "one", "two", "three", key="many")
    other = house.begin("own", link="another")
    given = [Given(file_name="x.pdf", media_type=PDF, content=b"mine")]
    house.intakes.answer("another", other.intake.id, "a", given)
    house.intakes.read_files()

    assert read == ["mine", "one", "two", "three"]


def test_a_step_does_not_wait_for_the_reader_and_a_later_file_is_read_as_well(house: IntakeHouse):
    may_go_on = threading.Event()

    def slow(name: str, content: bytes) -> str:
        may_go_on.wait(20)
        return content.decode()

    view = begun(house, slow, beside=True)
    give(house, view, CALM)
    give(house, view, DANGER, key="many")
    assert states(house) == [FileState.WAITING, FileState.WAITING]
    assert house.say(view, "b", "meanwhile").view.step("b").is_answered
    may_go_on.set()

    soon(lambda: states(house) == [FileState.READ, FileState.READ])
    assert house.intakes.view(LINK, view.intake.id).waits


def soon(holds) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_a_file_that_comes_while_the_intake_waits_is_not_taken_and_its_danger_is_met(house: IntakeHouse):
    view = begun(house)
    house.say(view, "b", DANGER)
    with pytest.raises(Conflict):
        give(house, view, CALM)
    kept = give(house, view, DANGER)

    assert kept.danger.route is Route.CRISIS
    assert not house.intakes.files(LINK)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("media", "content", "line"),
    [
        ("image/png", DANGER.encode(), "unfit.file_unread"),
        ("", b"x", "unfit.file"),
        (PDF, b"x" * 2_000_001, "unfit.file"),
        (PDF, b"", "unfit.empty"),
    ],
)
def test_what_nothing_here_could_ever_read_is_no_answer_and_one_line_says_what_is(
    house: IntakeHouse, media: str, content: bytes, line: str, language: str
):
    view = begun(house)
    words = intake_words(language)(line, most="2") if line == "unfit.file" else intake_words(language)(line)
    with pytest.raises(BadInput) as refused:
        house.intakes.answer(LINK, view.intake.id, "a", [Given("", "", "x", media, content)], language=language)

    assert str(refused.value) == words
    assert house.intakes.view(LINK, view.intake.id).step("a").entry is None


def test_of_a_long_file_staff_read_what_stands_around_the_words_that_decided():
    text = "a" * 5_000 + " the words " + "b" * 5_000

    cut = cut_around(text, ("the words",), around=10)
    assert cut == f"… {'a' * 9} the words {'b' * 9} …"
    assert cut_around("short", ("nothing",)) == "short"
    assert cut_around(text, ()).startswith("aaa")
