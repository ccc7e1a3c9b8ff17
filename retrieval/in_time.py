"""An embedder that keeps its time: vectors within so many seconds, or Unavailable; one that hangs is left alone."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from time import monotonic

from errors import Unavailable
from retrieval.embedding import Embed, Vectors

log = logging.getLogger(__name__)

AT_ONCE = 8  # texts embedded beside one another, and at most so many threads that hang
PAUSE = 15.0  # seconds until an embedder that hung is tried again


class InTime:
    """Calls an embedder in a thread of its own. Raises what it raises; Unavailable when its time is over.

    Then it is not tried again for a while, so that only the first messages wait for it. A thread that hangs is never
    stopped, since Python cannot: it keeps its place until the embedder comes back, and there are few places.
    """

    def __init__(self, embed: Embed, seconds: float, pause: float = PAUSE) -> None:
        self._embed, self._seconds, self._pause = embed, seconds, pause
        self._places = BoundedSemaphore(AT_ONCE)
        self._again_at = 0.0

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """(n, dimensions), as the embedder makes them."""
        if monotonic() < self._again_at or not self._places.acquire(timeout=self._seconds):
            raise Unavailable("The embedding model hangs. It is tried again in a moment; restart the page if it stays.")
        vectors: Future[Vectors] = Future()
        Thread(target=self._work, args=(texts, vectors), name="embedding", daemon=True).start()
        try:
            return vectors.result(self._seconds)
        except TimeoutError:
            if vectors.done():  # the embedder's own word, or it came at the last moment
                return vectors.result()
            self._again_at = monotonic() + self._pause
            log.warning("the embedding model took longer than %g s: rules and words decide alone", self._seconds)
            raise Unavailable(f"The embedding model took longer than {self._seconds:g} s.") from None

    def _work(self, texts: Sequence[str], vectors: Future[Vectors]) -> None:
        try:
            vectors.set_result(self._embed(texts))
        except BaseException as error:  # whoever waits for it is told
            vectors.set_exception(error)
        finally:
            self._places.release()
