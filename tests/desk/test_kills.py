"""A process killed at any moment loses nothing it acknowledged, doubles nothing and sends no reply twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

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


def kill_often(url: str, times: int) -> None:
    """Start, kill, check; with the same database all along."""
    key, luck = Fernet.generate_key().decode(), random.Random(7)
    store, keys = connect(url), Keys([key])
    with store.writing() as connection:
        person, _ = invite(connection, "Dana", Role.CLINICIAN, datetime.now(UTC))
        session = open_session(connection, person.id, datetime.now(UTC))
    promised: Counter[str] = Counter()
    for number in range(times):
        promised.update(_run_and_kill(url, key, f"s{number}", session, luck.uniform(0.02, 0.6)))
        if luck.random() < 0.3:  # and the page that comes up again finishes what was left
            _finish(store, keys)
    _finish(store, keys)
    _check(store, keys, promised)
    store.close()


def _run_and_kill(url: str, key: str, seed: str, session: str, seconds: float) -> list[str]:
    """What one process acknowledged before it was killed, `seconds` after its first word."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.desk.taking", url, key, seed, session],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
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


@pytest.mark.timeout(170)
def test_ten_kills_lose_and_double_nothing(database_url: str):
    kill_often(database_url, 10)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_and_double_nothing(database_url: str):
    kill_often(database_url, 200)
