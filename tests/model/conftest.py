"""The small real model behind its server; where it cannot be had these tests are skipped, in CI they fail."""

import os
from collections.abc import Iterator

import pytest

from answering import parts_over
from conversation.model import Model, open_model
from conversation.parts import Parts
from knowledge.library import SHIPPED, read_folder
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
def writing_model(server: str) -> Model:
    return open_model("openai:smollm2", address=server, options=ROOM, seconds=PATIENCE)


@pytest.fixture(scope="session")
def with_model(small_model: Model) -> Parts:
    """The shipped sources, with the small model beside each turn; by words alone, which decides nothing here."""
    return parts_over(read_folder(SHIPPED), model=small_model)
