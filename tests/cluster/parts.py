"""A cluster on this machine: real PostgreSQL, Chroma and nginx, and app processes that can be killed and come back."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.store.databases import binaries

ROOT = Path(__file__).parents[2]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
START_SECONDS = 300  # a busy machine


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@dataclass
class Part:
    """One process: how it is started, and the address that answers when it is up."""

    command: Sequence[str]
    answers: str
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FOREROOM_")}
        self.process = subprocess.Popen(self.command, cwd=self.folder, env=kept | self.environment)

    def wait(self, until: bytes = b"") -> None:
        """Until it answers, with `until` in what it says."""
        for _ in range(START_SECONDS * 5):
            try:
                with urllib.request.urlopen(self.answers, timeout=5) as answer:
                    if until in answer.read():
                        return
            except OSError:
                assert self.process is not None
                assert self.process.poll() is None, f"{self.command[0]} stopped by itself"
            time.sleep(0.2)
        raise AssertionError(f"{self.command[0]} did not come up")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=30)


class Postgres:
    """A PostgreSQL server of our own, in a folder its own user can reach; stopped at once and started again."""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="foreroom-postgres-")), free_port()
        found = binaries()
        assert found is not None, "PostgreSQL's initdb was not found (install the package postgresql)."
        self.programs = found
        self.as_user: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.as_user = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "foreroom", "-A", "trust", "-E", "UTF8")

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://foreroom@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start")

    def kill(self) -> None:
        """As a power cut would: no checkpoint, every connection cut."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self.as_user, str(self.programs / program), *arguments], stdout=subprocess.DEVNULL, cwd=self.folder
        )
        assert done.returncode == 0, f"{program} {arguments}"


class Cluster:
    """PostgreSQL, Chroma, two app processes that share a folder of documents, and nginx before them."""

    def __init__(self, folder: Path, master_key: str) -> None:
        ports = [free_port() for _ in range(4)]
        self.postgres = Postgres()
        chroma = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder / "chroma")]
        self.chroma = Part(
            [*chroma, "--host", "127.0.0.1", "--port", str(ports[0])], f"http://127.0.0.1:{ports[0]}/api/v2/heartbeat"
        )
        shared = {
            "FOREROOM_DATABASE_URL": self.postgres.url,
            "FOREROOM_CHROMA_URL": f"http://127.0.0.1:{ports[0]}",
            "FOREROOM_MASTER_KEY": master_key,
            "FOREROOM_DATA": str(folder / "shared"),
            "FOREROOM_TRUSTED_PROXIES": "127.0.0.1",
            "OMP_NUM_THREADS": "1",
        }
        self.apps = [
            Part(
                [sys.executable, "-m", "screens"],
                f"http://127.0.0.1:{port}/readyz",
                environment=shared | {"FOREROOM_PORT": str(port)},
            )
            for port in ports[1:3]
        ]
        text = NGINX
        for was, now in (
            ("app1:8501", f"127.0.0.1:{ports[1]}"),
            ("app2:8501", f"127.0.0.1:{ports[2]}"),
            ("listen 8080", f"listen 127.0.0.1:{ports[3]}"),
            ("worker_processes auto", "daemon off"),
            ("/dev/stdout", f"{folder}/access.log"),
            ("/usr/share/nginx/foreroom", str(ROOT / "deploy")),
        ):
            assert was in text, was
            text = text.replace(was, now)
        (folder / "nginx.conf").write_text(f"pid {folder}/nginx.pid;\n{text}", encoding="utf-8")
        self.address = f"http://127.0.0.1:{ports[3]}"
        program = shutil.which("nginx")
        assert program is not None, "nginx was not found (install the package nginx)."
        self.nginx = Part(
            [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")], f"{self.address}/healthz"
        )

    def start(self) -> None:
        """All of it; the two app processes at the same moment, over an empty database."""
        self.postgres.start()
        self.chroma.start()
        self.chroma.wait()
        for app in self.apps:
            app.start()
        self.nginx.start()
        for app in self.apps:
            app.wait(b'"model":true')
        self.nginx.wait()

    def stop(self) -> None:
        for part in (self.nginx, *self.apps, self.chroma, self.postgres):
            with suppress(AssertionError, OSError):  # it is down already
                part.kill()
        shutil.rmtree(self.postgres.folder, ignore_errors=True)
