"""The verbs: what `make` runs, and what works alone where there is no make (`python make.py run`).

Plain standard library, so that a machine with nothing but Python can start here.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
UV = "uv==0.13.9"  # installs in seconds what takes pip minutes; used when it can be had
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
TO_RUN = ("requirements.txt",)
TO_TEST = ("requirements.txt", "requirements-dev.txt")
ALONE = "requirements-alone.txt"  # for the tests, installed without what they ask for
ARROWS = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
MADE = (".git", ".venv", "data", "demo", "results", "__pycache__", ".hypothesis")
# Prose and measured sets hold no secrets and many long words; a pinned hash is none.
UNSCANNED = r"^(evals/(sets|training|claims)|triage/examples|knowledge/sources)/|\.(png|safetensors|npz)$"
HARMLESS_LINE = r"(?i)sha256"
BILL = ("-m", "cyclonedx_py", "environment", "--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON")
NOT_AUDITED = 3  # the exit status of an audit that could not be made whole
MANY_PAGES = ("--visitors", "4", "--every", "4", "--pages", "20")
# Nothing is asked of a network while the program runs.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


def prepare(files: tuple[str, ...]) -> None:
    """The environment, the packages and the index; does nothing where nothing changed."""
    packages(files)
    index_once()


def packages(files: tuple[str, ...]) -> None:
    """Install the pinned packages into .venv unless the stamp says they are there."""
    stamp, mark = HOME / f"stamp-{len(files)}", mark_of(files)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == mark:
        return
    if not PYTHON.exists() or not (HOME / "stamp-1").exists():  # a set-up that was cut short begins again
        if sys.version_info < OLDEST:
            sys.exit(f"Foreroom needs Python {'.'.join(map(str, OLDEST))} or newer; this is {sys.version.split()[0]}.")
        say("Making .venv")
        call(sys.executable, "-m", "venv", "--clear", HOME)  # Debian and Ubuntu keep this in the package python3-venv
    say("Installing the packages (the first time takes a few minutes and about 2 GB)")
    wanted = ["-r", files[-1], "-c", "constraints.txt"]
    if not with_uv(wanted):
        say("uv cannot be used here; pip does the same, more slowly")
        call(PYTHON, *PIP, *wanted)
    alone = ["--no-deps", "-r", ALONE]
    if files == TO_TEST and not with_uv(alone) and subprocess.call([str(PYTHON), *PIP, *alone], cwd=HERE) != 0:
        say("The small language model cannot be had here. Its tests are skipped.")
    for count in range(1, len(files) + 1):  # whoever can test can run
        (HOME / f"stamp-{count}").write_text(mark_of(files[:count]))


def mark_of(files: tuple[str, ...]) -> str:
    """What the stamp of an installation says."""
    return fingerprint(*files, *([ALONE] if files == TO_TEST else []), "constraints.txt")


def with_uv(wanted: list[str]) -> bool:
    """Try to install with uv; false where it cannot be had or does not find a package."""
    if subprocess.call([str(PYTHON), *PIP, UV], cwd=HERE) != 0:
        return False
    command = [str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "-p", str(PYTHON), *where_from(), *wanted]
    return subprocess.call(command, cwd=HERE) == 0


def where_from() -> list[str]:
    """What uv has to be told of where packages come from: it does not read pip's settings."""
    links, mirror = os.environ.get("PIP_FIND_LINKS"), os.environ.get("PIP_INDEX_URL")
    extra = ["--find-links", links] if links else ["--torch-backend", "cpu"] if sys.platform == "linux" else []
    return extra + (["--index-url", mirror] if mirror else [])


def index_once() -> None:
    """Build the index unless it was built from these sources and settings; the page repairs it at its start."""
    stamp = HOME / "stamp-index"
    chosen = (os.environ.get(f"FOREROOM_{name}", "") for name in ("DATA", "CLINIC", "EMBEDDING_MODEL"))
    sources = sorted(str(file) for file in HERE.glob("knowledge/sources/*"))
    mark = "\n".join([*chosen, fingerprint("constraints.txt", ".env", *sources)])
    if stamp.exists() and stamp.read_text() == mark:
        return
    say("Building the index")
    if python("-m", "retrieval") == 0:
        stamp.write_text(mark)
    else:
        say("The index could not be built now. The page searches by words until it can.")


def setup(*_: str) -> int:
    """Make .venv, install the pinned packages, build the index."""
    prepare(TO_TEST)
    say("Ready. `make run` starts the page, `make test` runs the tests.")
    return 0


def run(*arguments: str) -> int:
    """Start the page on this machine, http://127.0.0.1:8501."""
    prepare(TO_RUN)
    return become("-m", "screens", *arguments)


def test(*arguments: str) -> int:
    """Run every test but the slow ones, two files at a time."""
    prepare(TO_TEST)
    return python("-m", "pytest", "-n", "2", "--dist", "loadfile", *arguments)


def check(*_: str) -> int:
    """Look at format, lint, types, the arrows between the rooms, secrets, and the floors of the figures."""
    packages(TO_TEST)
    return max(python(*step) for step in checks().values())


def checks() -> dict[str, tuple[str, ...]]:
    """What `make check` runs, each by the name of what it guards; none of it needs a network."""
    hook = ("--no-verify", "--cores", "1", "--exclude-files", UNSCANNED, "--exclude-lines", HARMLESS_LINE)
    return {
        "format": ("-m", "ruff", "format", "--check", "."),
        "lint": ("-m", "ruff", "check", "."),
        "types": ("-m", "mypy"),
        "arrows": ("-c", ARROWS),
        "secrets": ("-m", "detect_secrets.pre_commit_hook", *hook, *written()),
        "figures": ("-m", "evals", "gate", "docs/figures.md", "docs/safety-figures.md"),
    }


def written() -> list[str]:
    """The project's own files, without what the verbs and the tools make."""
    files = []
    for folder, below, names in os.walk(HERE):
        below[:] = [name for name in below if name not in MADE and not name.endswith("_cache")]
        files += [(Path(folder) / name).relative_to(HERE).as_posix() for name in names if name != ".env"]
    return sorted(files)


def audit(*_: str) -> int:
    """Ask for known weaknesses of every pinned package; this one verb needs a network. Status 3: not all were asked."""
    packages(TO_TEST)
    every = pins(*TO_TEST, ALONE, "constraints.txt")
    first = dict(list(every.items())[:1])
    return audited(asked_about(first), 1) or audited(asked_about(every), len(every))


def pins(*files: str) -> dict[str, str]:
    """What the files pin: name to version."""
    lines = "\n".join((HERE / file).read_text(encoding="utf-8") for file in files)
    return dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", lines, re.MULTILINE))


def asked_about(versions: dict[str, str]) -> str:
    """What the service says of these versions, as JSON; something else where it cannot be reached."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pins.txt"
        file.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
        command = (
            "-m",
            "pip_audit",
            "-r",
            file,
            "--no-deps",
            "--disable-pip",
            "--progress-spinner",
            "off",
            "-f",
            "json",
        )
        asked = subprocess.run([str(PYTHON), *map(str, command)], capture_output=True, text=True, cwd=HERE)
    return asked.stdout


def audited(said: str, of: int) -> int:
    """Tell what was found: 0 nothing in any package, 1 something, 3 where not every package was looked up."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    known = [one for one in packages if "vulns" in one]
    for one in known:
        for found in one["vulns"]:
            mended = found["fix_versions"] or "nothing yet"
            say(f"{one['name']} {one['version']}: {found['id']}, mended in {mended}")
    if any(one["vulns"] for one in known):
        return 1
    if len(known) < of:
        say(f"NOT AUDITED: the service of known weaknesses answered for {len(known)} of {of} packages.")
        return NOT_AUDITED
    say(f"No known weakness in {len(known)} packages.")
    return 0


def sbom(*_: str) -> int:
    """Write results/sbom.json: every installed package with version and licence (CycloneDX), checked by its schema."""
    packages(TO_TEST)
    (HERE / "results").mkdir(exist_ok=True)
    return python(*BILL, "-o", "results/sbom.json")


def index(*arguments: str) -> int:
    """Bring the search index in step with the sources."""
    packages(TO_RUN)
    return python("-m", "retrieval", *arguments)


def evals(*arguments: str) -> int:
    """Print how good the answers and the triage are, with counts and intervals."""
    prepare(TO_RUN)
    return python("-m", "evals", *arguments)


def fit(*arguments: str) -> int:
    """Fit again what is learned from the project's own questions."""
    prepare(TO_RUN)
    return python("-m", "evals", "fit", *arguments)


def bench(*arguments: str) -> int:
    """Time a turn and many pages at once, then measure beside other programs; ARGS go to the last."""
    prepare(TO_RUN)
    alone = python("-m", "evals", "bench") or python("-m", "evals", "load", *MANY_PAGES)
    return alone or python("-m", "evals", "beside", *arguments)


def soak(*arguments: str) -> int:
    """Run the tests that are too slow for every commit."""
    prepare(TO_TEST)
    return python("-m", "pytest", "-m", "soak", "--timeout", "3600", *arguments)


def cluster(*arguments: str) -> int:
    """Play conversations through two app processes, PostgreSQL, Chroma and nginx, and kill one of each on the way."""
    prepare(TO_TEST)
    return python("-m", "pytest", "-m", "cluster", "tests/cluster", *arguments)


def demo(*arguments: str) -> int:
    """Start a throwaway installation with made-up conversations."""
    prepare(TO_RUN)
    return become("-m", "desk", "demo", *arguments)


def help(*_: str) -> int:
    """List the verbs."""
    say("make VERB, or `python make.py VERB` where there is no make:\n")
    for name, verb in VERBS.items():
        say(f"  {name:<13} {(verb.__doc__ or '').splitlines()[0]}")
    return 0


VERBS: dict[str, Callable[..., int]] = {
    "help": help,
    "setup": setup,
    "run": run,
    "test": test,
    "check": check,
    "audit": audit,
    "sbom": sbom,
    "index": index,
    "evals": evals,
    "fit": fit,
    "bench": bench,
    "soak": soak,
    "cluster-test": cluster,
    "demo": demo,
}


def fingerprint(*files: str) -> str:
    """A hash of what the files hold; a file that is not there counts as empty."""
    parts = [(HERE / file).read_bytes() if (HERE / file).exists() else b"" for file in files]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def environment() -> dict[str, str]:
    """The environment of whatever we start: ours, and quiet."""
    return QUIET | dict(os.environ)


def python(*arguments: str) -> int:
    """Run .venv's Python in the project's folder; returns its exit status."""
    return subprocess.call([str(PYTHON), *arguments], cwd=HERE, env=environment())


def become(*arguments: str) -> int:
    """Run .venv's Python in our place, so that it hears every signal itself; Windows cannot, and waits for it."""
    if os.name != "nt":
        os.chdir(HERE)
        one_thread = {"OMP_NUM_THREADS": "1"}  # keeps answers even when the other core is busy
        os.execve(PYTHON, [str(PYTHON), *arguments], one_thread | environment())
    return python(*arguments)


def call(*command: str | Path) -> None:
    """Run a command that has to succeed."""
    if subprocess.call([str(part) for part in command], cwd=HERE) != 0:
        sys.exit(f"This did not work; the lines above say why: {' '.join(map(str, command))}")


def say(text: str) -> None:
    """Tell whoever is waiting."""
    print(text, flush=True)


if __name__ == "__main__":
    verb, *rest = sys.argv[1:] or ["help"]
    if verb not in VERBS:
        help()
        sys.exit(f"\nThere is no verb {verb!r}.")
    sys.exit(VERBS[verb](*rest))
