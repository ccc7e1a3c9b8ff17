"""A process killed at any moment loses nothing it acknowledged, doubles nothing and sends no reply twice."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from desk.conversation import Seals
from desk.drafting import REPLY
from desk.reception import Reception
from desk.roles import Role
from desk.staff import invite, open_session
from desk.transcript import MESSAGE, TURN
from store import audit
from store.engine import Store, connect
from store.keys import Keys
from tests.desk.made_up import answered

ROOT = Path(__file__).parents[2]
PAUSE = "0.1"  # seconds between two messages of the processes beside


def kill_often(url: str, times: int, beside: int = 0) -> None:
    """Start, kill, check; with the same database all along, while `beside` other processes write to it too."""
    key, luck = Fernet.generate_key().decode(), random.Random(7)
    store, keys = connect(url), Keys([key])
    sessions = [_hire(store, name) for name in ("Dana", *(f"Priya {number}" for number in range(beside)))]
    promised: Counter[str] = Counter()
    with _busy(url, key, sessions[1:]) as others:
        for number in range(times):
            promised.update(_run_and_kill(url, key, f"s{number}", sessions[0], luck.uniform(0.02, 0.6)))
            if luck.random() < 0.3:  # and the page that comes up again finishes what was left
                _finish(store, keys)
        promised.update(line for other in others for line in other())
    _finish(store, keys)
    _check(store, keys, promised)
    store.close()


def _hire(store: Store, name: str) -> str:
    with store.writing() as connection:
        person, _ = invite(connection, name, Role.CLINICIAN, datetime.now(UTC))
        return open_session(connection, person.id, datetime.now(UTC))


def _taking(url: str, key: str, seed: str, session: str, *pause: str, **streams: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.desk.taking", url, key, seed, session, *pause],
        cwd=ROOT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **streams,
    )


@contextmanager
def _busy(url: str, key: str, sessions: list[str]) -> Iterator[list[Callable[[], list[str]]]]:
    """Processes that write all the while; each hands over what it acknowledged when it is asked, and is killed then."""
    with contextlib.ExitStack() as stack:
        ends = []
        for number, session in enumerate(sessions):
            said, trouble = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2))
            process = _taking(url, key, f"beside{number}", session, PAUSE, stdout=said, stderr=trouble)
            stack.callback(process.kill)

            def end(process: Any = process, said: Any = said, trouble: Any = trouble) -> list[str]:
                alive = process.poll() is None
                process.kill()
                process.wait()
                trouble.seek(0)
                assert alive, trouble.read()
                said.seek(0)
                return [line for line in said.readlines() if line.endswith("\n")]

            ends.append(end)
        yield ends


def _run_and_kill(url: str, key: str, seed: str, session: str, seconds: float) -> list[str]:
    """What one process acknowledged before it was killed, `seconds` after its first word."""
    process = _taking(url, key, seed, session, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    assert process.poll() is None, process.stderr.read() if process.stderr else ""
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    return [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def _finish(store: Store, keys: Keys) -> None:
    reception = Reception(store, keys, lambda: datetime.now(UTC))
    for received in reception.unfinished():
        reception.record(received, answered(received))


def _check(store: Store, keys: Keys, promised: Counter[str]) -> None:
    with store.reading() as connection:
        seals = Seals(connection, keys)
        texts = Counter(seals.open(row.conversation_id, row.text) for row in connection.execute(sa.select(MESSAGE)))
        turns = connection.execute(sa.select(sa.func.count()).select_from(TURN)).scalar_one()
        drafts = Counter(connection.execute(sa.select(REPLY.c.draft_id)).scalars())
        replies = Counter(
            json.loads(seals.open(row.conversation_id, row.words))["text"]
            for row in connection.execute(sa.select(REPLY))
        )
        assert audit.verify(connection).is_whole
    said = [line.strip() for line in promised]
    messages = {line for line in said if line.startswith("message ")}
    assert messages, "nothing was taken at all"
    assert messages <= set(texts), "an acknowledged message was lost"
    assert max(texts.values()) == 1, "a message was doubled"
    assert turns == texts.total(), "a message is left without its turn"
    assert {line for line in said if line.startswith("reply ")} <= set(replies), "an acknowledged reply was lost"
    assert not drafts or max(drafts.values()) == 1, "a draft was sent twice"
    assert not replies or max(replies.values()) == 1, "a reply was sent twice"
    print(
        f"{len(messages)} acknowledged messages, {texts.total()} stored, {replies.total()} replies: none lost, doubled"
    )


@pytest.mark.timeout(170)
def test_ten_kills_lose_and_double_nothing(database_url: str):
    kill_often(database_url, 10)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_kills_under_load_lose_and_double_nothing(database_url: str):
    kill_often(database_url, 200, beside=2)
