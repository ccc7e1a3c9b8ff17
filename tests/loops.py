"""A loop of its own for a test that waits: a browser's test before it may have left its loop in this thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Value = TypeVar("Value")


def run(waiting: Coroutine[Any, Any, Value]) -> Value:
    """What the coroutine returns, run to its end in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, waiting).result()
