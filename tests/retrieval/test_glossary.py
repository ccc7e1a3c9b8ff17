"""The glossary: visitors' words read as the documents' words, and nothing else changed."""

import pytest

from retrieval.glossary import Glossary, load_glossary

GLOSSARY = Glossary.over({"cuántas": "how many", "infusiones": "infusions", "son": "are"}, {"drip": "IV infusion"})


def test_a_spanish_question_is_read_in_english_with_or_without_accents():
    assert GLOSSARY.read("¿Cuántas infusiones son?") == "how many infusions are"
    assert GLOSSARY.read("cuantas infusiones") == "how many infusions"


def test_an_english_question_keeps_its_words_and_gets_the_documents_words_beside_them():
    assert GLOSSARY.read("who puts the drip in") == "who puts the drip in IV infusion"


@pytest.mark.parametrize("text", ["my son asked how it works", "what is glutamate", ""])
def test_an_english_question_is_not_taken_for_spanish(text: str):
    assert GLOSSARY.read(text) == text


def test_the_shipped_glossary_reads_a_plain_spanish_question():
    assert "how" in load_glossary().read("¿cuántas sesiones son?")


def test_a_place_is_left_out_where_it_only_says_whose_page_is_meant():
    glossary = Glossary.over({}, {}, places=("springfield", "new haven"), place_of=("page", "doctor"))

    assert glossary.read("does the Springfield page say why") == "does the page say why"
    assert glossary.read("the New Haven-based doctor") == "the doctor"
    assert glossary.read("is it in Springfield") == "is it in Springfield"
