"""Reading in a process of its own: limited time and memory, no network, no writing; one file after another."""

import base64
import ctypes
import json
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from errors import BadSource
from knowledge.source import Source
from knowledge.stored import pack, unpack

SECONDS = 120.0  # a file
ANSWER_SECONDS = 20.0  # a document that a visitor waits for
MEMORY = 1_500_000_000  # bytes of address space, the interpreter's own included
HERE = Path(__file__).resolve().parents[1]
# What a reader never does, by the names Python's own audit gives it.
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.chown",
    "os.truncate",
    "shutil.",
    "ctypes.",
    "urllib.",
    "webbrowser.",
)
_ONE = threading.Lock()
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


class Reader:
    """A child process that reads documents; begun when first needed, begun again when one of them stopped it."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds = seconds
        self.memory = memory
        self._child: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the child go."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                with suppress(OSError):  # what was still to be written to it is lost with it
                    if pipe is not None:
                        pipe.close()
            self._child = None

    def read(self, path: Path, **facts: Any) -> Source:
        """What `read_file` gives, or BadSource; no file can cost more than the limits."""
        return unpack(self._ask(path.name, {"path": str(path.absolute()), "facts": facts})["source"])

    def words(self, name: str, raw: bytes) -> str:
        """What `words_of` gives, or BadSource; nothing is laid down on the disk for it."""
        return str(self._ask(name, {"name": name, "raw": base64.b64encode(raw).decode()})["words"])

    def _ask(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        child = self._child or self._begin()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(request, default=str) + "\n")
            child.stdin.flush()
            answer = self._lines.get(timeout=self.seconds)
        except queue.Empty:
            self.close()
            raise BadSource(
                f"{name}: took longer than {self.seconds:.0f} s to read. Split it, or save it again."
            ) from None
        except OSError:
            answer = None
        if answer is None:
            self.close()
            raise BadSource(f"{name}: could not be read within the limits. Split it, or save it as plain text.")
        said: dict[str, Any] = json.loads(answer)
        if "error" in said:
            raise BadSource(str(said["error"]))
        return said

    def _begin(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-B", "-m", "knowledge.apart", str(self.memory), str(int(self.seconds) + 1)]
        self._child = subprocess.Popen(  # noqa: S603
            command,
            cwd=HERE,
            env={"LANG": "C.UTF-8", "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._lines = queue.Queue()
        threading.Thread(target=_listen, args=(self._child, self._lines), name="reader", daemon=True).start()
        return self._child


def words_apart(name: str, raw: bytes) -> str:
    """The words of one document in a process that ends with it, no two at a time. BadSource."""
    with _ONE, Reader(seconds=ANSWER_SECONDS) as reader:
        return reader.words(name, raw)


def _listen(child: "subprocess.Popen[str]", lines: "queue.Queue[str | None]") -> None:
    assert child.stdout is not None
    try:
        for line in child.stdout:
            lines.put(line)
    except ValueError:  # closed while we read
        pass
    lines.put(None)


def _serve(memory: int, seconds: int) -> None:
    """The child's side: a request a line in, an answer a line out."""
    from knowledge import sentences
    from knowledge.reading import read_file

    answers, sys.stdout = sys.stdout, sys.stderr
    sentences.split("One. Two.")
    _shut_in(memory)
    for request in sys.stdin:
        asked = json.loads(request)
        name = asked["name"] if "raw" in asked else Path(asked["path"]).name
        _allow_time(seconds)
        try:
            if "raw" in asked:
                from knowledge.words import words_of

                said: dict[str, Any] = {"words": words_of(base64.b64decode(asked["raw"]), name)}
            else:
                said = {"source": pack(read_file(Path(asked["path"]), **asked["facts"]))}
        except BadSource as error:
            said = {"error": " ".join(str(error).split())}
        except MemoryError:
            said = {"error": f"{name}: needs more memory than a document should. Split it."}
        except RecursionError:
            said = {"error": f"{name}: nested too deeply. Save it again in its own program, or as plain text."}
        except Exception as error:
            said = {"error": f"{name}: damaged ({type(error).__name__}). Save it again in its own program."}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _shut_in(memory: int) -> None:
    """No more memory than this, no network, no file written, no other program begun."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # no such limits here: time and the hook below still hold
        pass
    if sys.platform == "linux":
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)  # where the system allows it, there is no network at all

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and any(c in arguments[1] for c in "wax+")
        if writes or event.startswith(_FORBIDDEN):
            raise PermissionError(f"a reader may not do this: {event}")

    sys.addaudithook(refuse)


def _allow_time(seconds: int) -> None:
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds, hard))
    except (ImportError, ValueError, OSError):
        pass


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
