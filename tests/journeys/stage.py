"""The page over the fake house, in a process of its own: `python -m tests.journeys.stage PORT FOLDER`."""

import sys
from pathlib import Path

import uvicorn

import wiring
from tests.screens.fakes import fake_house


def main(port: int, folder: Path) -> None:
    """Serve until stopped."""
    house = fake_house(folder)
    wiring.services = lambda: house  # type: ignore[assignment]
    import server  # after the house stands: it asks for it

    uvicorn.run(server.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
