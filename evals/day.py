"""`python -m evals day`: a day of visitors in a few minutes; every acknowledged message must be stored once."""

import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from math import exp
from pathlib import Path

from errors import Unavailable
from evals.figures import QUESTIONS
from evals.items import read_items
from evals.load import FOLLOW_UPS, FOR_A_PERSON, READS, environment_of, memory_of, served
from evals.open_page import OpenPage, open_page

ROOT = Path(__file__).parents[1]
MARK = re.compile(r"\b[a-z]{2}\d{6}[a-z]\b")  # stands in each message once, and in no other
MESSAGES = 6  # of one visitor
PEAKS = ((11.0, 2.5), (20.5, 2.0))  # hours around which visitors come, and how widely
WARM = 0.25  # of the time, before memory is looked at: what is made at first use is made
TRIES = 20  # of somebody who is told to wait


@dataclass(slots=True)
class Day:
    """What came of it."""

    visitors: int
    minutes: float
    acknowledged: list[str] = field(default_factory=list)  # the page showed the message and put no words back
    stored: Counter[str] = field(default_factory=Counter)
    waits: int = 0
    broken: int = 0  # pages that did not come: nothing was acknowledged
    memory: list[int] = field(default_factory=list)  # of the server, in bytes, one look after another

    @property
    def lost(self) -> list[str]:
        """What was acknowledged and is not stored exactly once."""
        return [mark for mark in self.acknowledged if self.stored[mark] != 1]

    @property
    def growth(self) -> float:
        """Bytes more at the end than when it was warm: the median of the last looks less that of the first."""
        warm = self.memory[int(len(self.memory) * WARM) :]
        size = max(len(warm) // 5, 1)
        return sorted(warm[-size:])[size // 2] - sorted(warm[:size])[size // 2] if warm else 0.0

    def __str__(self) -> str:
        return (
            f"{self.visitors} visitors of a day in {self.minutes:g} minutes: {len(self.acknowledged)} messages"
            f" acknowledged, {self.stored.total()} stored, {len(self.lost)} lost or doubled;"
            f" {self.broken} pages did not come, told to wait {self.waits}; the server's memory"
            f" {max(self.memory, default=0) / 1e6:.0f} MB at most, {self.growth / 1e6:+.1f} MB since it was warm"
        )


def day(visitors: int = 1000, minutes: float = 10.0) -> Day:
    """Start the page with an empty folder, play the day, stop it, and compare what it keeps with what it said."""
    held = Day(visitors, minutes)
    with tempfile.TemporaryDirectory(prefix="foreroom-day-") as folder:
        asyncio.run(_play(held, Path(folder)))
        held.stored = stored_in(Path(folder))
    return held


def stored_in(folder: Path) -> Counter[str]:
    """The marks of all messages in a data folder, as `python -m desk list` prints them."""
    command = [sys.executable, "-m", "desk", "list"]
    listed = subprocess.run(command, cwd=ROOT, env=environment_of(folder), capture_output=True, text=True, check=True)
    return Counter(MARK.findall(listed.stdout))


def arrivals(visitors: int, seconds: float, luck: random.Random) -> list[float]:
    """When each visitor comes, in seconds from the beginning: few at night, most at two times of the day."""
    hours = [hour / 4 for hour in range(96)]
    weights = [0.05 + sum(exp(-(((hour - peak) / wide) ** 2)) for peak, wide in PEAKS) for hour in hours]
    chosen = luck.choices(hours, weights, k=visitors)
    return sorted((hour + luck.random() / 4) / 24 * seconds for hour in chosen)


async def _play(held: Day, folder: Path) -> None:
    luck, seconds = random.Random(held.visitors), held.minutes * 60
    questions = [str(item["message"]) for item in read_items(QUESTIONS)]
    async with served(folder) as (address, process):
        watching = asyncio.create_task(_watch(held, process, max(seconds / 200, 0.5)))
        began, people = time.monotonic(), []
        for number, at in enumerate(arrivals(held.visitors, seconds, luck)):
            await asyncio.sleep(max(began + at - time.monotonic(), 0))
            visit = _visit(held, address, number, random.Random(luck.random()), questions)
            people.append(asyncio.create_task(visit))
        await asyncio.gather(*people)
        watching.cancel()


async def _visit(held: Day, address: str, number: int, luck: random.Random, questions: list[str]) -> None:
    """Six messages, a little apart; whoever is told to wait sends the same words again."""
    try:
        page = await open_page(address)
    except (OSError, Unavailable):
        held.broken += 1
        return
    try:
        await page.draw()
        page.poll()
        for turn in range(MESSAGES):
            mark = f"{luck.choice('bdfg')}{luck.choice('klmn')}{number:06d}{'abcdef'[turn]}"
            likely = (luck.choice(questions), luck.choice(FOLLOW_UPS), FOR_A_PERSON)
            await _send(held, page, f"{luck.choices(likely, (6, 3, 1))[0]} {mark}", mark)
            if luck.random() < READS:
                await page.press_chip()
            await asyncio.sleep(luck.uniform(0.5, 1.5) * min(held.minutes * 60 / 200, 20.0))
    except (OSError, Unavailable):
        held.broken += 1
    finally:
        await page.close()


async def _send(held: Day, page: OpenPage, text: str, mark: str) -> None:
    for _ in range(TRIES):
        _, said = await page.ask(text)
        if page.box != text and mark in said:
            held.acknowledged.append(mark)
            return
        held.waits += 1
        await asyncio.sleep(3)


async def _watch(held: Day, process: int, every: float) -> None:
    while True:
        held.memory.append(memory_of(process))
        await asyncio.sleep(every)
