"""A process killed between an answer and its acknowledgement loses, doubles and leaves unread nothing."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from desk.conversation import Seals
from desk.transcript import MESSAGE
from intake.enclosed import ENCLOSED, FileState
from intake.file_reading import TRIES
from intake.rows import ANSWER, INTAKE
from store import audit
from store.engine import connect
from store.keys import Keys
from tests.intake.answering import DANGER, intakes

ROOT = Path(__file__).parents[2]


def kill_often(url: str, times: int) -> None:
    """Start, kill, check; with the same database all along."""
    key, luck = Fernet.generate_key().decode(), random.Random(3)
    promised: list[str] = []
    for number in range(times):
        promised += _run_and_kill(url, key, f"s{number}", luck.uniform(0.05, 0.6))
    house = intakes(url, key, beside=False)
    house.finish()
    house._files.read_on(datetime.now(UTC))  # whoever was reading is dead
    _check(url, key, promised)


def _run_and_kill(url: str, key: str, seed: str, seconds: float) -> list[str]:
    command = [sys.executable, "-m", "tests.intake.answering", url, key, seed]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"CI": ""})
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return [line.strip() for line in process.stdout if line.endswith("\n")]


def _check(url: str, key: str, promised: list[str]) -> None:
    store, keys = connect(url), Keys([key])
    with store.reading() as connection:
        seals = Seals(connection, keys)
        conversations = dict(connection.execute(sa.select(INTAKE.c.id, INTAKE.c.conversation_id)).all())
        stored = connection.execute(sa.select(ANSWER)).all()
        files = connection.execute(
            sa.select(ENCLOSED, ANSWER.c.intake_id).join(ANSWER, ANSWER.c.id == ENCLOSED.c.answer_id)
        ).all()
        said = Counter(seals.open(conversations[row.intake_id], row.words) for row in stored)
        given = Counter(b64decode(seals.open(conversations[one.intake_id], one.content)).decode() for one in files)
        messages = Counter(seals.open(row.conversation_id, row.text) for row in connection.execute(sa.select(MESSAGE)))
        assert audit.verify(connection).is_whole
    store.close()
    assert promised, "nothing was taken at all"
    for words in promised:
        assert given[words] + sum(count for text, count in said.items() if f'"{words}"' in text) == 1, words
    assert all(row.reading is not None for row in stored), "an answer was left unread"
    read = [one for one in files if one.state == FileState.READ]
    left = [one for one in files if one.state != FileState.READ]
    assert all(one.state == FileState.UNREADABLE and one.tries >= TRIES for one in left), "a file was left waiting"
    dangers = [text for text in (*said, *given) if DANGER in text]
    assert len(dangers) - len(left) <= len(messages) <= len(dangers), "each danger is one message"
    assert not messages or max(messages.values()) == 1
    print(f"{len(files)} files, {len(read)} of them read; ", end="")
    print(f"{len(promised)} acknowledged answers, {len(stored)} stored and read, {len(messages)} of danger: none lost")


@pytest.mark.timeout(120)
def test_three_kills_lose_and_double_nothing(sqlite_template: Path, tmp_path: Path):
    shutil.copy(sqlite_template, tmp_path / "foreroom.db")
    kill_often(f"sqlite:///{tmp_path / 'foreroom.db'}", 3)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_kills_lose_and_double_nothing(database_url: str):
    kill_often(database_url, 100)
