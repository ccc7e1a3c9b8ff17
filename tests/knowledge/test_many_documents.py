"""Thousands of documents: added, killed and gone on with, indexed, and one of them changed while the page runs.

`MANY_DOCUMENTS` names a JSON lines file (id, passage), `MANY_AT_MOST` how many of its lines are taken.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.cutting import slug
from knowledge.live import LiveLibrary
from knowledge.register import SAVE_EVERY, Register
from retrieval.evidence import Query
from settings import Settings
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade
from wiring import Services

ROOT = Path(__file__).parents[2]
CHANGED = "The parking of the lantern house is behind the orchard gate."
ASKED = "where is the parking of the lantern house"
SECONDS = 2.0  # until a changed document is searched
CLINIC = "Answers"

pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text file a line of the set."""
    named = os.environ.get("MANY_DOCUMENTS", "")
    if not named or not Path(named).exists():
        pytest.skip("MANY_DOCUMENTS names no file of documents")
    folder = tmp_path_factory.mktemp("documents")
    lines = Path(named).read_text(encoding="utf-8").splitlines()
    for line in lines[: int(os.environ.get("MANY_AT_MOST", "2000"))]:
        held = json.loads(line)
        (folder / f"{slug(str(held['id']))}.txt").write_text(held["passage"], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty data folder; what it came to hold is said at the end."""
    folder = tmp_path_factory.mktemp("data")
    yield folder
    sizes = {
        name: sum(p.stat().st_size for p in (folder / name).rglob("*") if p.is_file()) for name in ("sources", "index")
    }
    print(*(f"{name} {size / 1e6:.0f} MB" for name, size in sizes.items()), sep=", ")


def command(data: Path, *words: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "FOREROOM_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def killed_at(process: "subprocess.Popen[str]", share: float) -> str:
    """What a command said before it was killed, as soon as it is so far ("120 of 2000")."""
    said = ""
    assert process.stdout is not None
    while piece := process.stdout.read(1):
        said += piece
        done = [word for word in said.rpartition("\n")[0].rpartition("\n")[2].split() if word.isdigit()]
        if len(done) == 2 and int(done[0]) >= share * int(done[1]):
            process.send_signal(signal.SIGKILL)
            process.wait()
            return said
    raise AssertionError(f"it was through before it could be killed: {said[-200:]}")


def finished(process: "subprocess.Popen[str]", name: str) -> str:
    """What a command said to its end; how long it took is printed."""
    began = time.monotonic()
    said, _ = process.communicate()
    assert process.returncode == 0, said
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    print(f"{name}: {time.monotonic() - began:.0f} s, largest process so far {peak:.0f} MB")
    return said


@pytest.mark.timeout(0)
def test_many_documents_are_added_indexed_and_one_that_changes_is_searched_at_once(documents: Path, data: Path):
    count = len(list(documents.iterdir()))
    adding = ("knowledge", "add", str(documents), "--clinic", CLINIC)
    killed_at(command(data, *adding), 0.5)
    kept = len(Register(data / "sources", shipped=None).library().sources)
    assert kept >= count // 2 - SAVE_EVERY
    said = finished(command(data, *adding), "the rest added")
    assert f"{count - kept} taken in, {kept} unchanged, 0 not taken in." in said

    finished(command(data, "retrieval"), "index built")

    store = connect(f"sqlite:///{data / 'foreroom.db'}")
    upgrade(store)
    live = LiveLibrary(Register(data / "sources"))
    house = Services(
        Settings(_env_file=None, data=data), store, Keys.from_file(data / "master.key"), live.read(), live=live
    )
    began = time.monotonic()
    house.warm_up()
    print(f"page ready: {time.monotonic() - began:.0f} s")
    house.answering.follow_always()

    path = sorted(documents.iterdir())[count // 2]
    path.write_text(CHANGED, encoding="utf-8")
    Register(data / "sources").add(path, clinic=CLINIC)
    began = time.monotonic()
    while house.answering.parts.search(Query(ASKED)).evidence[0].passage.text != CHANGED:
        assert time.monotonic() - began < 30 * SECONDS, "the changed document is not searched"
    took = time.monotonic() - began
    print(f"{count} documents: a changed one is searched after {took:.2f} s; {os.getloadavg()[0]:.1f} load")
    assert took < SECONDS
    assert house.answering.ready()
