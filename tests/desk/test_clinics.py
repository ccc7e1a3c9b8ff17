"""Clinics are not blended: where each has people of its own, the visitor says which of them may read."""

import pytest

from desk.roles import Role
from desk.staff import STAFF
from errors import Conflict
from tests.desk.desks import LINK, House
from tests.desk.made_up import danger, eligible, unsafe

MCK, TOVANI = "Music City Ketamine", "Tovani Health"


def clinics_with_their_own_people(house: House) -> None:
    house.contacts("Priya")
    for name, clinic in (("Mia", MCK), ("Tom", TOVANI)):
        house.hire(name, Role.COORDINATOR, clinic=clinic)
    with house.store.writing() as connection:  # all of them have chosen a password
        connection.execute(STAFF.update().values(password_hash="x", invite_hash=None))


def everybody_serves_one_clinic(house: House) -> None:
    clinics_with_their_own_people(house)
    with house.store.writing() as connection:
        connection.execute(STAFF.update().where(STAFF.c.clinic.is_(None)).values(role=Role.READ_ONLY.value))


def test_where_clinics_have_their_own_people_the_visitor_says_which_one_may_read(house: House):
    everybody_serves_one_clinic(house)
    house.ask(eligible)

    assert house.status().choose_from == (MCK, TOVANI)
    assert house.lines() == ["saved", "which_clinic"]
    assert house.desk.queue(house.sessions["Mia"]) == house.desk.queue(house.sessions["Tom"]) == ()

    house.reception.choose_clinic(LINK, TOVANI)
    assert house.lines() == ["saved"]
    assert house.status().receives
    assert [row.ticket.clinic for row in house.desk.queue(house.sessions["Tom"])] == [TOVANI]
    assert house.desk.queue(house.sessions["Mia"]) == ()


def test_no_second_clinic_reads_a_conversation(house: House):
    clinics_with_their_own_people(house)
    house.ask(eligible)
    house.reception.choose_clinic(LINK, TOVANI)

    for clinic in (MCK, "A clinic nobody runs"):
        with pytest.raises(Conflict):
            house.reception.choose_clinic(LINK, clinic)
    house.ask(unsafe, "And this?")
    assert house.desk.queue(house.sessions["Mia"]) == ()


def test_danger_does_not_wait_for_a_clinic_to_be_chosen(house: House):
    everybody_serves_one_clinic(house)
    house.ask(danger)
    house.tend()

    assert house.lines() == ["saved", "alerted"]
    for name in ("Mia", "Tom"):
        assert [row.ticket.is_danger for row in house.desk.queue(house.sessions[name])] == [True]
        assert house.desk.bench(house.sessions[name], 1).conversation


def test_a_ticket_that_none_of_the_staff_may_read_is_received_by_nobody(house: House):
    everybody_serves_one_clinic(house)
    received = house.reception.receive(LINK, "Is it for me?", clinic="A third clinic", language="en")
    house.reception.record(received, eligible(received))

    assert house.lines() == ["saved", "nobody_receives"]


def test_with_one_desk_for_all_nobody_is_asked_for_a_clinic(house: House):
    house.contacts("Priya")
    house.hire("Mia", Role.COORDINATOR, clinic=MCK)
    house.ask(eligible)

    assert house.status().choose_from == ()
