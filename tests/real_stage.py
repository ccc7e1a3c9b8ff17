"""The real house with something done to it: `python -m tests.real_stage PORT [shared-cache|crowded]`."""

import sys
import time

import streamlit as st
import uvicorn

import wiring
from desk.pace import Crowd
from desk.shown import Shown
from desk.transcript import Received, Recorded


def share_a_cache(house: wiring.Services) -> None:
    """The mistake to be caught: what the first visitor read is kept for the process and shown to the next."""

    @st.cache_resource
    def first_read() -> list[Shown]:
        return []

    turns, kept = house.reception.turns, first_read()

    def shared(token: str) -> tuple[Shown, ...]:
        kept[:] = kept or turns(token)
        return tuple(kept)

    house.reception.turns = shared  # type: ignore[method-assign]


def crowd(house: wiring.Services) -> None:
    """One message is answered at a time, each takes a quarter of a second, and nobody is patient."""
    house._crowd, answer = Crowd(places=1, patience=0.1), house.answer

    def slowly(received: Received) -> Recorded:
        time.sleep(0.25)
        return answer(received)

    house.answer = slowly  # type: ignore[method-assign]


def main(port: int, *done: str) -> None:
    """Serve until stopped."""
    for name in done:
        {"shared-cache": share_a_cache, "crowded": crowd}[name](wiring.services())
    import server  # after the house stands: it asks for it

    uvicorn.run(server.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
