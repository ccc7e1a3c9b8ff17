"""The desk's commands do what they say, on a folder of their own."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from conversation.calls import Call, Outcome, Purpose
from desk.__main__ import main
from desk.actions import Desk
from desk.door import Door
from desk.model_calls import write_calls
from desk.reception import Reception
from errors import BadSettings
from settings import Settings
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade
from tests.desk.made_up import Clock, answered, unsafe
from wiring import open_store


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one stored message."""
    write(tmp_path, "What about my <b>pills</b>\x07\u202e?")
    return tmp_path


def write(data: Path, text: str) -> None:
    store = connect(f"sqlite:///{data / 'foreroom.db'}")
    upgrade(store)
    reception = Reception(store, Keys.from_file(data / "master.key"), Clock())
    received = reception.receive("a-link", text, clinic=None, language="en")
    reception.record(received, unsafe(received))
    store.close()


def run(data: Path, *arguments: str) -> int:
    return main(["--data", str(data), *arguments])


def test_model_prints_what_was_asked_and_what_came_of_it(data: Path, capsys: pytest.CaptureFixture[str]):
    assert run(data, "model") == 0
    assert "No language model was asked anything." in capsys.readouterr().out

    store = connect(f"sqlite:///{data / 'foreroom.db'}")
    with store.writing() as connection:
        calls = [Call(Purpose.CHOOSE, "made:up", "0123456789ab", Outcome.TIMED_OUT, ms=800)] * 2
        write_calls(connection, calls, datetime(2026, 1, 2, tzinfo=UTC))
    store.close()

    assert run(data, "model") == 0
    assert "made:up  choose: timed out  2 calls, 800 ms each" in capsys.readouterr().out


def test_sources_prints_which_versions_were_quoted_and_how_often(data: Path, capsys: pytest.CaptureFixture[str]):
    store = connect(f"sqlite:///{data / 'foreroom.db'}")
    reception = Reception(store, Keys.from_file(data / "master.key"), Clock())
    received = reception.receive("a-link", "Where?", clinic=None, language="en")
    reception.record(received, answered(received))
    store.close()

    assert run(data, "sources") == 0
    line = capsys.readouterr().out
    assert line.startswith("mck@3  digest, Music City Ketamine, quoted before its text was hashed, since 2026-05-04")
    assert line.endswith(": 1 sentences shown\n")


def test_list_prints_messages_with_reference_and_route(data: Path, capsys: pytest.CaptureFixture[str]):
    assert run(data, "list") == 0

    printed = capsys.readouterr().out
    assert "F-1" in printed
    assert "safety" in printed
    assert "What about my <b>pills</b> ?" in printed
    assert "\x07" not in printed


def test_verify_says_whether_the_trail_is_whole(data: Path, capsys: pytest.CaptureFixture[str]):
    assert run(data, "verify") == 0
    assert "2 entries" in capsys.readouterr().out


def test_the_first_administrator_comes_in_by_a_printed_link(data: Path, capsys: pytest.CaptureFixture[str]):
    assert run(data, "staff", "invite", "Ada", "--role", "administrator") == 0
    secret = re.findall(r"/invite/(\S+)", capsys.readouterr().out)[0]
    store = connect(f"sqlite:///{data / 'foreroom.db'}")
    door = Door(store, lambda: datetime.now(UTC))
    door.accept(secret, "a longer password")
    session = door.log_in("ada", "a longer password", "10.0.0.1")

    assert isinstance(session, str)
    desk = Desk(store, Keys.from_file(data / "master.key"), lambda: datetime.now(UTC))
    assert desk.counts(session).open == 1
    assert run(data, "staff", "invite", "ada", "--role", "clinician") == 1
    store.close()


def test_a_backup_goes_into_another_folder(data: Path, tmp_path_factory: pytest.TempPathFactory, capsys):
    other = tmp_path_factory.mktemp("other")
    assert run(data, "backup", str(other / "all.zip")) == 0
    assert run(other, "restore", str(other / "all.zip")) == 0
    assert run(other, "list") == 1  # the key is not in it
    assert "pills" not in capsys.readouterr().out
    (other / "master.key").write_bytes((data / "master.key").read_bytes())
    (other / "master.key").chmod(0o600)
    capsys.readouterr()
    assert run(other, "list") == 0
    assert "pills" in capsys.readouterr().out
    assert run(data, "backup", str(other / "all.zip")) == 1


def test_turning_the_key_takes_two_steps_and_loses_nothing(data: Path, capsys: pytest.CaptureFixture[str]):
    before = (data / "master.key").read_text()
    assert run(data, "rotate-key") == 0
    write(data, "written between the steps")
    assert run(data, "rotate-key", "--finish") == 0
    capsys.readouterr()
    assert run(data, "list") == 0

    printed = capsys.readouterr().out
    assert "pills" in printed
    assert "between the steps" in printed
    assert before.strip() not in (data / "master.key").read_text()


def test_a_missing_key_beside_stored_messages_is_refused_and_never_made_anew(data: Path, capsys):
    (data / "master.key").rename(data / "saved.key")

    for command in (["list"], ["rotate-key"]):
        assert run(data, *command) == 1
        assert f"The master key {data / 'master.key'} is missing" in capsys.readouterr().err
    with pytest.raises(BadSettings, match="is missing"):
        open_store(Settings(_env_file=None, data=data))
    assert not (data / "master.key").exists()

    (data / "saved.key").rename(data / "master.key")
    assert run(data, "list") == 0


def test_a_key_of_another_installation_is_refused_at_the_start(data: Path, capsys):
    (data / "master.key").write_text(Fernet.generate_key().decode())

    assert run(data, "list") == 1
    assert "does not open what is stored here" in capsys.readouterr().err
