"""`python -m screens`: start the page where the settings say."""

import sys
from pathlib import Path

from streamlit.web import cli

from errors import ForeroomError
from settings import load_settings

SERVER = Path(__file__).parents[1] / "server.py"


def main(arguments: list[str]) -> int:
    """Serve until stopped; 1 with one line on stderr when the settings cannot be read."""
    try:
        settings = load_settings()
    except ForeroomError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Foreroom opens at http://{settings.host}:{settings.port}", flush=True)
    chosen = [
        "--server.address",
        settings.host,
        "--server.port",
        str(settings.port),
        "--logger.hideWelcomeMessage",
        "true",
    ]
    cli.main(["run", str(SERVER), *chosen, *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
