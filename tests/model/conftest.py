"""The small real model behind its server; where it cannot be had these tests are skipped, in CI they fail."""

import os
from collections.abc import Iterator

import pytest

from answering import parts_over
from conversation.model import Model, open_model
from conversation.parts import Parts
from knowledge.library import SHIPPED, read_folder
from tests.model.remembered import Answers, Remembered
from tests.model.small_model import MISSING, served, weights

PATIENCE = 300.0  # seconds; here it is asked whether what it says is safe, not whether it is quick
SHORT = {"temperature": 0, "max_tokens": 64}  # it seldom ends by itself
ROOM = {"temperature": 0, "max_tokens": 240}  # for two sentences


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if weights() is None:
        pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def small_model(server: str) -> Model:
    model = open_model("openai:smollm2", address=server, options=SHORT, seconds=PATIENCE)
    model.warm_up()
    return model


@pytest.fixture(scope="session")
def remembered() -> Remembered:
    """What it answered in earlier runs, for the tests of hours."""
    return Remembered()


@pytest.fixture(scope="session")
def patient_model(server: str, remembered: Remembered) -> Model:
    return open_model("openai:smollm2", address=server, options=SHORT | _kept_in(remembered), seconds=PATIENCE)


@pytest.fixture(scope="session")
def writing_model(server: str, remembered: Remembered) -> Model:
    return open_model("openai:smollm2", address=server, options=ROOM | _kept_in(remembered), seconds=PATIENCE)


def _kept_in(remembered: Remembered) -> dict[str, object]:
    return {"cache": Answers(remembered)}


@pytest.fixture(scope="session")
def with_model(small_model: Model) -> Parts:
    """The shipped sources, with the small model beside each turn; by words alone, which decides nothing here."""
    return parts_over(read_folder(SHIPPED), model=small_model)


@pytest.fixture(scope="session")
def with_patient_model(patient_model: Model) -> Parts:
    """The same for a run of hours, which goes on where it was stopped."""
    return parts_over(read_folder(SHIPPED), model=patient_model)
