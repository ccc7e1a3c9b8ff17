"""Several processes behind nginx: conversations go on when one of anything is killed."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from websockets.exceptions import WebSocketException

from evals.open_page import OpenPage, open_page
from prompts.resources import resources
from screens.visitor import COOKIE
from store.engine import connect
from tests.cluster.parts import Cluster

QUESTION = "How many infusions are there at Music City Ketamine?"
FACT = "six infusions"
VISITORS = 8
AT_ONCE = 3
TRIES = 20  # a second apart

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, Fernet.generate_key().decode())
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Visitors:
    """Some people with open pages; each counts what was acknowledged to them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.tokens = [secrets.token_urlsafe(32) for _ in range(VISITORS)]
        self.sent = dict.fromkeys(self.tokens, 0)

    async def page(self, token: str) -> OpenPage:
        """Opened as a browser does it: where nobody answers it tries again, for a while."""
        for _ in range(TRIES):
            with suppress(httpx.HTTPError, WebSocketException, OSError):
                page = await open_page(self.address, cookies={COOKIE: token})
                await page.draw()
                return page
            await asyncio.sleep(1)
        raise AssertionError("the page did not open again")

    async def ask(self, token: str, text: str) -> str:
        page = await self.page(token)
        try:
            _, said = await page.ask(text)
            self.sent[token] += 1
            return said
        finally:
            await page.close()

    def all_ask(self, text: str) -> list[str]:
        """Each opens their page anew and asks; what their pages then show."""

        async def some_at_once() -> list[str]:
            places = asyncio.Semaphore(AT_ONCE)  # more of them would be told to wait

            async def one(token: str) -> str:
                async with places:
                    return await self.ask(token, text)

            return await asyncio.gather(*map(one, self.tokens))

        return asyncio.run(some_at_once())


def stored(cluster: Cluster) -> int:
    with connect(cluster.postgres.url).reading() as connection:
        return int(connection.execute(sa.text("select count(*) from message")).scalar_one())


def test_conversations_go_on_when_one_of_anything_is_killed(cluster: Cluster) -> None:
    visitors = Visitors(cluster.address)
    assert all(FACT in said for said in visitors.all_ask(QUESTION))

    cluster.apps[0].kill()
    after = visitors.all_ask("And how long does one of them take?")
    assert all(QUESTION in said for said in after), "a conversation did not follow its visitor to the other process"
    cluster.apps[0].start()
    cluster.apps[0].wait(b'"model":true')
    cluster.apps[1].kill()
    assert all(FACT in said for said in visitors.all_ask(QUESTION))
    cluster.apps[1].start()
    cluster.apps[1].wait(b'"model":true')

    cluster.chroma.kill()
    assert all(FACT in said for said in visitors.all_ask(QUESTION)), "search did not go on by words"
    cluster.chroma.start()
    cluster.chroma.wait()

    cluster.postgres.kill()
    unsaved = Visitors(cluster.address)
    assert all(resources("en")["lifeline"].say in said for said in unsaved.all_ask("I want to end my life."))
    cluster.postgres.start()
    assert all(FACT in said for said in visitors.all_ask(QUESTION))

    cluster.nginx.kill()
    cluster.nginx.start()
    cluster.nginx.wait()
    assert all(FACT in said for said in visitors.all_ask(QUESTION))

    assert stored(cluster) == sum(visitors.sent.values()) == VISITORS * 6
