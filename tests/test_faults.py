"""The house with real parts, one of them slowed, failing, full, damaged or lying; docs/faults.md is its table."""

import contextlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

import wiring
from answering import parts_over
from desk import channels
from desk.channels import Smtp, Webhook, Words
from desk.pace import Wait
from desk.shown import Shown
from errors import Unavailable
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.register import Register
from retrieval.embedding import Embedder, Vectors, load_embedder
from retrieval.evidence import Query
from retrieval.index import Dense, Index
from retrieval.ranking import load_ranking
from retrieval.search import Search
from retrieval.search import Words as Lexical
from settings import Settings
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade
from triage import classifier
from triage.decision import Message, Route
from triage.triage import Triage

ROOT = Path(__file__).parents[1]
DANGER = "i want to kill myself tonight"
QUESTION = "what is anhedonia?"
LINK = "f" * 43
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


class House(wiring.Services):
    """The wired application over a folder, by words alone."""

    def __init__(self, data: Path, clock: Callable[[], datetime] | None = None) -> None:
        settings = Settings(_env_file=None, data=data)
        self.store = connect(settings.database)
        upgrade(self.store)
        given = () if clock is None else (clock,)
        super().__init__(settings, self.store, Keys.from_file(data / "master.key"), read_folder(SHIPPED), *given)

    def told(self, text: str, link: str = LINK) -> Shown | Wait:
        return self.ask(link, text, clinic=None, language=None)

    def kept(self) -> list[str]:
        return [turn.text for turn in self.reception.turns(LINK)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def library() -> Library:
    return read_folder(SHIPPED)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder()


def route_of(told: Shown | Wait) -> Route:
    assert isinstance(told, Shown)
    return told.turn.decision.route


# The disk


@contextlib.contextmanager
def full_disk(bytes_left: int = 0) -> Iterator[None]:
    """The system refuses to let any file of this process grow past a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_nothing_is_acknowledged_and_what_was_kept_is_there_afterwards(house: House) -> None:
    house.told(QUESTION)
    with full_disk(), pytest.raises(Unavailable):
        house.told("how long does one session take?")
    house.told("what does it cost?")

    assert house.kept() == [QUESTION, "what does it cost?"]


def test_a_document_that_finds_no_room_leaves_the_register_as_it_was(tmp_path: Path) -> None:
    register = Register(tmp_path / "sources", shipped=None)
    (tmp_path / "first.txt").write_text("Tea is served after every visit.")
    register.add(tmp_path / "first.txt", clinic="Harbour")
    (tmp_path / "second.txt").write_text("Guests may stay for an hour after their visit.")
    with full_disk(4), pytest.raises(OSError, match="File too large"):
        register.add(tmp_path / "second.txt", clinic="Harbour")

    assert Register(tmp_path / "sources", shipped=None).library().sources.keys() == {"first"}
    register.add(tmp_path / "second.txt", clinic="Harbour")
    assert register.library().sources.keys() == {"first", "second"}


def scramble(file: Path, luck: random.Random, after: int = 0) -> None:
    """Rubbish over everything behind the first `after` bytes."""
    content = file.read_bytes()
    file.write_bytes(content[:after] + luck.randbytes(max(len(content) - after, 0)))


@pytest.mark.parametrize("after", [0, 4096])
def test_rubbish_in_the_databases_pages_is_said_in_words_and_never_taken_for_an_answer(
    house: House, tmp_path: Path, after: int
) -> None:
    for number in range(20):
        house.told(f"{QUESTION} {number}", link=f"{number:043d}")
    with house.store.writing() as connection:
        connection.execute(sa.text("select 1"))
    with house.store.engine.connect() as connection:
        connection.connection.driver_connection.execute("pragma wal_checkpoint(truncate)")  # type: ignore[union-attr]
    house.store.close()
    scramble(tmp_path / "foreroom.db", random.Random(after), after)

    with pytest.raises(Unavailable, match="backup"):
        house.told(DANGER)
    assert Triage(None)(Message(DANGER)).route is Route.CRISIS  # what the page then falls back on


def damaged(whole: Path, folder: Path, how: str) -> None:
    """A copy of an index with one sort of its files destroyed."""
    shutil.copytree(whole, folder)
    luck = random.Random(how)
    for file in (path for path in (folder / "chroma").rglob("*") if path.is_file()):
        if how == "pages" and file.suffix == ".sqlite3":
            scramble(file, luck, 4096)
        elif how == "vectors" and file.suffix == ".bin":
            scramble(file, luck)
        elif how == "cut":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


OPEN = """
import sys
from pathlib import Path
from errors import Unavailable
from knowledge.library import SHIPPED, read_folder
from retrieval.embedding import load_embedder
from retrieval.evidence import Query
from retrieval.index import Index
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words

library, embedder = read_folder(SHIPPED), load_embedder()
words = Words.over(library)
for folder in sys.argv[1:]:
    try:
        dense, said = Index(Path(folder), embedder).open(library), "opened"
    except Unavailable as error:
        dense, said = None, str(error)
    found = Search(words, load_ranking(), dense, embedder.embed)(Query("what is anhedonia?"))
    print(found.evidence[0].passage.id, found.by_words_alone, said)
"""


def test_an_index_with_damaged_files_costs_at_most_the_search_by_meaning(built_index: Path, tmp_path: Path) -> None:
    folders = [tmp_path / how for how in ("pages", "vectors", "cut")]
    for folder in folders:
        damaged(built_index, folder, folder.name)
    command = [sys.executable, "-c", OPEN, *map(str, folders)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout.splitlines()

    assert len(said) == len(folders), done.stderr[-2000:]
    assert all("anhedonia" in line.split()[0] for line in said)
    assert "make index" in said[0]  # what mends it


@pytest.mark.parametrize("kept", [0, 5000])
def test_half_written_weights_leave_the_rules_to_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, embedder: Embedder
) -> None:
    (tmp_path / "half.safetensors").write_bytes(classifier.WEIGHTS.read_bytes()[:kept])
    monkeypatch.setattr(classifier, "WEIGHTS", tmp_path / "half.safetensors")
    triage = Triage(embedder.embed)

    assert triage.by_rules_alone
    assert triage(Message(DANGER)).route is Route.CRISIS


# The model


def rubbish(kind: str) -> Callable[[object], Vectors]:
    """Vectors that are none."""

    def embed(texts: object) -> Vectors:
        rows = len(texts)  # type: ignore[arg-type]
        if kind == "short":
            return np.ones((rows, 7), np.float32)
        if kind == "none at all":
            return np.zeros((0, 384), np.float32)
        return np.full((rows, 384), {"not numbers": np.nan, "endless": np.inf, "nothing": 0.0}[kind], np.float32)

    return embed


@pytest.mark.parametrize("kind", ["not numbers", "endless", "nothing", "short", "none at all"])
def test_a_model_that_returns_rubbish_costs_at_most_the_search_by_meaning(
    kind: str, library: Library, dense: Dense
) -> None:
    search = Search(Lexical.over(library), load_ranking(), dense, rubbish(kind))  # type: ignore[arg-type]
    found = search(Query(QUESTION))

    assert "anhedonia" in found.evidence[0].passage.id
    assert all(np.isfinite(one.score) for one in found.evidence)
    assert Triage(rubbish(kind))(Message(DANGER)).route is Route.CRISIS  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def dense(
    library: Library, embedder: Embedder, built_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dense]:
    folder = tmp_path_factory.mktemp("faults") / "index"
    shutil.copytree(built_index, folder)
    index = Index(folder, embedder)
    yield index.open(library)
    index.close()


def test_an_index_that_names_what_is_not_there_costs_nothing_but_those_names(
    library: Library, dense: Dense, embedder: Embedder
) -> None:
    lying = Dense(dense.rows, dense.vectors, lambda clinic, vector, most: ["nothing@1#of.this", ""])
    found = Search(Lexical.over(library), load_ranking(), lying, embedder.embed)(Query(QUESTION))

    assert "anhedonia" in found.evidence[0].passage.id


def test_a_slow_model_makes_an_answer_late_and_loses_nothing(house: House) -> None:
    def slow(texts: object) -> Vectors:
        time.sleep(0.3)
        return np.zeros((len(texts), 384), np.float32)  # type: ignore[arg-type]

    house.answering._parts = parts_over(house.library, embed=slow)  # type: ignore[arg-type]

    assert route_of(house.told(DANGER)) is Route.CRISIS
    assert house.kept() == [DANGER]


def test_whatever_breaks_in_a_turn_the_message_is_kept_and_reaches_a_person(house: House) -> None:
    def breaks(_: object) -> None:
        raise ZeroDivisionError

    parts = house.parts
    for broken in ({"triage": breaks}, {"search": breaks}, {"composer": breaks}):
        house.answering._parts = replace(parts, **broken)  # type: ignore[arg-type]
        told = house.told(QUESTION)
        assert route_of(told) is Route.NOT_IN_SOURCES
        assert route_of(house.told(DANGER, link="d" * 43)) is Route.CRISIS
    assert house.kept() == [QUESTION] * 3


# Whoever takes letters


@contextlib.contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A server that says one thing to whoever comes, or nothing for as long as they stay; its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        held: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    visitor, _ = door.accept()
                    held.append(visitor)
                    if answer is not None:
                        visitor.sendall(answer)
                        visitor.close()

        threading.Thread(target=serve, daemon=True).start()
        yield int(door.getsockname()[1])
        for visitor in held:
            visitor.close()


@pytest.mark.parametrize("answer", [None, b"", b"\x00\xff not a server of letters\r\n" * 3, b"220 go on\r\n"])
def test_a_server_of_letters_that_hangs_or_talks_rubbish_is_unavailable_in_time(
    answer: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "PATIENCE_SECONDS", 0.3)
    with listening(answer) as port:
        mail = Smtp("127.0.0.1", port, "desk@example.org", encrypted=False)
        for channel in (mail, Webhook(f"http://127.0.0.1:{port}/")):
            began = time.monotonic()
            with pytest.raises(Unavailable):
                channel.send("dana@example.org", Words("One waits", "Reference F-1"))
            assert time.monotonic() - began < 3


# The clock


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=80)])
def test_a_clock_that_jumps_between_two_messages_loses_neither(tmp_path: Path, jump: timedelta) -> None:
    clock = Clock()
    house = House(tmp_path, clock)
    house.told(QUESTION)
    clock.now += jump
    house.told(DANGER)
    clock.now = NOON + timedelta(minutes=1)
    house.told("what does it cost?")
    house.tend()

    assert house.kept() == [QUESTION, DANGER, "what does it cost?"]
    assert route_of(house.reception.turns(LINK)[1]) is Route.CRISIS
    house.store.close()


def test_a_clock_put_back_may_make_somebody_wait_and_danger_never(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        house.told(QUESTION)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)

    assert isinstance(house.told(QUESTION), Wait)
    assert route_of(house.told(DANGER)) is Route.CRISIS


# Killed


def killed_at_random(command: list[str], luck: random.Random, environment: dict[str, str], longest: float) -> bool:
    """Run a command and kill it somewhere on its way; true if it got to its end first."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=luck.uniform(0.2, longest))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    return True


def take_in_with_kills(tmp_path: Path, kills: int) -> None:
    documents, luck = tmp_path / "documents", random.Random(kills)
    documents.mkdir()
    for number in range(30):
        (documents / f"leaf-{number}.txt").write_text(f"Room {number} is on floor {number % 7} of the Harbour Clinic.")
    environment = {"FOREROOM_DATA": str(tmp_path / "data"), "PATH": "", "PYTHONPATH": str(ROOT)}
    add = [sys.executable, "-m", "knowledge", "add", str(documents), "--clinic", "Harbour"]
    for _ in range(kills):
        killed_at_random(add, luck, environment, 4.0)
        held = Register(tmp_path / "data" / "sources").library()  # whatever is there can be read
        assert all(held.sources[name].text for name in held.sources)
    assert subprocess.run(add, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0
    names = Register(tmp_path / "data" / "sources").library().sources
    assert sum(name.startswith("leaf-") for name in names) == 30


def test_a_command_that_takes_documents_in_can_be_killed_at_any_moment(tmp_path: Path) -> None:
    take_in_with_kills(tmp_path, 2)


@pytest.mark.soak
def test_a_command_that_takes_documents_in_survives_thirty_kills(tmp_path: Path) -> None:
    take_in_with_kills(tmp_path, 30)


@pytest.mark.soak
def test_a_build_of_the_index_survives_five_kills(tmp_path: Path, library: Library, embedder: Embedder) -> None:
    environment, luck = {"FOREROOM_DATA": str(tmp_path), "PATH": "", "PYTHONPATH": str(ROOT)}, random.Random(3)
    build = [sys.executable, "-m", "retrieval"]
    for _ in range(5):
        killed_at_random(build, luck, environment, 8.0)
    assert subprocess.run(build, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0
    index = Index(tmp_path / "index", embedder)
    dense = index.open(library)
    index.close()
    assert all(len(dense.of(passage, "passage")) == 1 for passage in library.passages)


def test_a_setting_that_is_not_there_stops_the_start_and_is_named(tmp_path: Path) -> None:
    environment = {"FOREROOM_DATA": str(tmp_path), "FOREROOM_DATABSE_URL": "x", "PATH": "", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "desk", "list"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "FOREROOM_DATABSE_URL" in done.stderr
