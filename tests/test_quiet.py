"""Nothing leaves the machine: not while it starts, not while it answers."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

ELSEWHERE = Origin("https://elsewhere.invalid")
HERE = Path(__file__).parents[1]

# Loaded by Python before anything of ours: writes down whom a process speaks to, and lets it reach this machine alone.
LISTENER = """
import sys

OURS = ("127.0.0.1", "::1", "localhost", "0.0.0.0", None)

def listen(event, given):
    if event in ("socket.connect", "socket.sendto"):
        place = given[1]
        host = place[0] if isinstance(place, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = given[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in OURS:
        with open(HEARD, "a", encoding="utf-8") as file:
            file.write(f"{event} {host}\\n")
        raise OSError(f"nothing leaves this machine: {host}")

sys.addaudithook(listen)
"""
ASK = """
import json, time
import wiring

house = wiring.services()
house.warm_up()
shown = house.ask("t" * 43, "what is anhedonia?", clinic=None, language=None)
print(json.dumps({"ready": house.ready(), "statements": len(shown.turn.statements)}))
"""


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """Where the listener writes; empty means silence."""
    file = tmp_path / "heard"
    file.touch()
    (tmp_path / "listener").mkdir()
    (tmp_path / "listener/sitecustomize.py").write_text(f"HEARD = {str(file)!r}\n{LISTENER}", encoding="utf-8")
    return file


@pytest.fixture
def surroundings(tmp_path: Path, heard: Path, built_index: Path) -> dict[str, str]:
    """An environment with a listener in it and a data folder of its own."""
    shutil.copytree(built_index, tmp_path / "data/index")
    loud = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
    kept = {name: value for name, value in os.environ.items() if name not in loud}
    return kept | {
        "FOREROOM_DATA": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join((str(heard.parent / "listener"), str(HERE))),
    }


def test_the_listener_hears_a_process_that_speaks(heard: Path, surroundings: dict[str, str]) -> None:
    speak = "import socket; socket.create_connection(('foreroom.invalid', 443), timeout=1)"
    done = subprocess.run([sys.executable, "-c", speak], env=surroundings, capture_output=True, check=False)

    assert done.returncode != 0
    assert "foreroom.invalid" in heard.read_text(encoding="utf-8")


def test_a_message_is_answered_by_meaning_without_a_network(heard: Path, surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=HERE, env=surroundings, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ready"]
    assert told["statements"] >= 1
    assert heard.read_text(encoding="utf-8") == ""


def test_the_page_starts_without_a_network(heard: Path, surroundings: dict[str, str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = heard.parent / "log"
    with log.open("w") as file:
        page = subprocess.Popen(
            [sys.executable, "-m", "screens"],
            cwd=HERE,
            env=surroundings | {"FOREROOM_PORT": str(port)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:  # our own page
                    if json.load(answer)["model"]:
                        break
            except OSError:  # not there yet, or busy
                pass
            assert page.poll() is None, log.read_text()
            time.sleep(0.25)
        else:
            pytest.fail(f"The page was not ready within two minutes.\n{log.read_text()}")
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            assert b"streamlit" in answer.read().lower()
        with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin=ELSEWHERE):
            pass
    finally:
        page.terminate()
        page.wait(timeout=20)
    assert heard.read_text(encoding="utf-8") == ""
