"""The index on a Chroma server that several processes share."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from errors import Unavailable
from retrieval import index
from retrieval.embedding import Embedder
from retrieval.evidence import Query
from retrieval.index import Index
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words
from tests.retrieval.test_index import CHANGED, FIRST, Counting, library

CHROMA = Path(sys.executable).with_name("chroma")


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture(scope="module")
def process_and_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A real Chroma server on loopback."""
    port, folder = free_port(), tmp_path_factory.mktemp("chroma")
    command = [str(CHROMA), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(900):
            try:
                with urllib.request.urlopen(f"{address}/api/v2/heartbeat", timeout=1):
                    break
            except OSError:
                assert process.poll() is None, "Chroma stopped by itself"
                time.sleep(0.1)
        else:
            pytest.fail("Chroma does not answer after a minute and a half")
        yield process, address
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def server(process_and_address: tuple[subprocess.Popen[bytes], str]) -> str:
    return process_and_address[1]


@pytest.fixture
def counting(embedder: Embedder) -> Counting:
    return Counting(embedder)


def test_two_processes_share_one_index_and_the_second_embeds_nothing(
    server: str, tmp_path: Path, counting: Counting
) -> None:
    first = Index(tmp_path / "one", counting.embedder, server).open(library(FIRST))
    counting.texts.clear()
    second = Index(tmp_path / "two", counting.embedder, server).open(library(FIRST))

    assert counting.texts == []
    assert (first.vectors == second.vectors).all()
    assert not (tmp_path / "one").exists()  # nothing of a shared index lies with one of its readers


def test_a_change_is_followed_on_the_server(server: str, tmp_path: Path, embedder: Embedder) -> None:
    was, now = library(FIRST), library(CHANGED)
    index = Index(tmp_path, embedder, server)
    followed = index.follow(now, was, index.open(was))
    vector = embedder.embed(["on which day are visits"])[0]

    assert {now.passages[one].text for one in followed.nearest("Demo", vector, 1)} == {"Visits are on Fridays."}


def test_a_server_that_is_not_there_is_named(tmp_path: Path, embedder: Embedder) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        Index(tmp_path, embedder, "http://127.0.0.1:9").open(library(FIRST))


def test_a_server_that_hangs_is_given_up_and_used_again_once_it_answers(
    process_and_address: tuple[subprocess.Popen[bytes], str],
    tmp_path: Path,
    embedder: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process, server = process_and_address
    monkeypatch.setattr(index, "IN_A_TURN", 0.5)
    dense = Index(tmp_path / "one", embedder, server).open(library(FIRST))
    search = Search(Words.over(library(FIRST)), load_ranking(), dense, embedder.embed)
    assert not search(Query("where is the parking")).by_words_alone

    process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    assert search(Query("where is the parking")).by_words_alone
    with pytest.raises(Unavailable, match="See that Chroma runs"):
        Index(tmp_path / "two", embedder, server).open(library(FIRST))
    assert time.monotonic() - began < 10

    process.send_signal(signal.SIGCONT)
    assert not search(Query("where is the parking")).by_words_alone
