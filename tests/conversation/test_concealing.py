"""Personal details are replaced before a text leaves the process and put back after, as far as rules can see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.concealing import Concealment


def hidden(text: str, names: tuple[str, ...] = (), kept: frozenset[str] = frozenset()) -> str:
    return Concealment(names, kept).look(text).hide(text)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("call me on (212) 555-0142 after five", "555-0142"),
        ("my cell: 212.555.0142", "212.555.0142"),
        ("ring +44 20 7946 0958", "7946"),
        ("mi móvil es 612 345 678", "612 345 678"),
        ("write to ana.perez+clinic@mail.example.org please", "ana.perez"),
        ("i was born on 03/12/1985", "03/12/1985"),
        ("since March 3rd, 1985 i feel flat", "March 3rd, 1985"),
        ("nací el 3 de marzo de 1985", "3 de marzo de 1985"),
        ("dob 1985", "1985"),
        ("my MRN is 00482913, is that enough", "00482913"),
        ("member id: XK-20481-B", "XK-20481-B"),
        ("ssn 123-45-6789", "123-45-6789"),
        ("about ticket F-318", "F-318"),
        ("my name is Marisol Vega and i ask for my sister", "Marisol Vega"),
        ("my name is marisol", "marisol"),
        ("hi, I'm Marisol. how long does it take", "Marisol"),
        ("me llamo Marisol y quiero saber el precio", "Marisol"),
        ("how long does it take?\n\nThanks,\nMarisol V.", "Marisol"),
        ("how long does it take? Best wishes, Marisol", "Marisol"),
        ("how long does it take?\n— Marisol", "Marisol"),
        ("see www.example.org/marisol for my story", "marisol"),
    ],
)
def test_a_detail_does_not_leave(text: str, gone: str):
    assert gone not in hidden(text)
    assert "[" in hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "what did the 2026 study find",
        "is it $475 or $2,850 for six",
        "0.5 mg/kg over 40 minutes, two times a week",
        "how are the two clinics different",
        "this is too much for me and I'm so tired of it",
        "does GRIN2B matter, or NMDA receptors",
        "is it 60 to 70 percent",
    ],
)
def test_what_the_question_is_about_stays(text: str):
    assert hidden(text) == text


def test_a_name_from_a_contact_field_is_hidden_wherever_it_stands():
    assert "Dana" not in hidden("Dana Roth here, does dana roth have to fast? DANA ROTH", ("Dana Roth",))


def test_a_name_given_in_one_message_is_hidden_in_the_next():
    cover = Concealment().look("my name is Marisol Vega", "how long does it take for Marisol")

    assert cover.hide("how long does it take for Marisol") == "how long does it take for [NAME-1]"


def test_a_clinic_is_no_person():
    assert hidden("this is North Clinic, right?", kept=frozenset({"north", "clinic"})) == "this is North Clinic, right?"


def test_the_same_detail_has_the_same_mark():
    text = hidden("a@b.example.org, i mean a@b.example.org or c@b.example.org")

    assert text == "[EMAIL-1], i mean [EMAIL-1] or [EMAIL-2]"


@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(
                [
                    "[NAME-1]",
                    "[ID-1]",
                    "my name is Ana Paz",
                    " 212 555 0142 ",
                    "Ana",
                    "a@b.example.org",
                    "1/2/1999",
                    "name",
                ]
            ),
        ),
        max_size=8,
    )
)
def test_what_was_hidden_comes_back_as_it_was(pieces: list[str]):
    text = " ".join(pieces)
    cover = Concealment(("Ana Paz", "Name", "Id")).look(text)

    assert cover.restore(cover.hide(text)) == text
