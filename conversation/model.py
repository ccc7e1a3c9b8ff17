"""The one home of a language model: asked within a time budget, its trouble known by name and counted."""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Thread
from typing import Any, Protocol, cast

from conversation.calls import Call, Outcome, Purpose
from errors import BadSettings
from prompts.model_prompt import model_prompt

log = logging.getLogger(__name__)

AT_ONCE = 4  # calls under way; one that hangs holds its place until its library gives up
IN_A_ROW = 3  # troubles after which the model is left alone
REST = 60.0  # seconds
MOST_TOKENS = 600  # of an answer
_HERE = ("127.0.0.1", "localhost", "[::1]")
_IN_JSON = "Answer in JSON of this shape and with nothing else: "


class Structured(Protocol):
    """A chat model that was told the shape of its answers, as LangChain makes it."""

    def invoke(self, messages: Sequence[tuple[str, str]]) -> Any:
        """{"raw": message, "parsed": values or None, "parsing_error": error or None}, or raises."""


class Chat(Protocol):
    """What we use of LangChain's BaseChatModel."""

    def with_structured_output(self, schema: dict[str, Any], *, include_raw: bool, **rest: Any) -> Structured:
        """The same model, answering in a shape."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in the operator's own money."""

    read: float = 0.0
    written: float = 0.0

    def of(self, read: int, written: int) -> float:
        """The cost of one call."""
        return (read * self.read + written * self.written) / 1_000_000


@dataclass(slots=True)
class Model:
    """A language model that is switched on. Safe to share between threads; it keeps nothing of what it is asked."""

    name: str  # "ollama:qwen3:4b", as the settings name it
    place: str  # where it runs; "" is this machine
    load: Callable[[], Chat]
    seconds: float  # what one turn may wait for it
    price: Price = Price()
    structure: str = ""  # how the shape of answers is asked for; "" is what its library does
    clock: Callable[[], float] = time.monotonic
    _chat: Chat | None = None
    _places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    _lock: Lock = field(default_factory=Lock)
    _troubles: int = 0
    _rests_until: float = 0.0

    def warm_up(self) -> None:
        """Load its library, so that no visitor waits for that; where it cannot be loaded, the log says what to do."""
        try:
            self._loaded()
        except Exception as error:  # a broken model costs nobody the page
            log.warning("Answering without the language model: %s", error)

    def _loaded(self) -> Chat:
        with self._lock:
            if self._chat is None:
                self._chat = self.load()
            return self._chat

    def ask(
        self, purpose: Purpose, schema: dict[str, Any], *, until: float, **blanks: str
    ) -> tuple[Mapping[str, Any], Call]:
        """Its answer in the shape of `schema`, or {}, and the call; back by `until` (on `clock`). Raises nothing.

        Of a call that is not over by then nothing is used, whenever it ends.
        """
        prompt, began = model_prompt(purpose.value), self.clock()
        call = Call(purpose, self.name, prompt.fingerprint, Outcome.USED)
        if began < self._rests_until:
            return {}, call.ended(Outcome.RESTING)
        if began >= until:
            return {}, call.ended(Outcome.TIMED_OUT)
        if not self._places.acquire(blocking=False):
            return {}, call.ended(Outcome.BUSY)
        told, given = prompt.fill(**blanks)
        if self.structure == "json_mode":  # the one way in which a server is not told the shape itself
            told = f"{told}\n{_IN_JSON}{json.dumps(schema)}"
        answers: SimpleQueue[Any] = SimpleQueue()

        def work() -> None:
            try:
                how = {"method": self.structure} if self.structure else {}
                shaped = self._loaded().with_structured_output(schema, include_raw=True, **how)
                answers.put(shaped.invoke([("system", told), ("human", given)]))
            except Exception as error:  # what a library raises is its own affair; here it has a name
                answers.put(error)
            finally:
                self._places.release()

        Thread(target=work, name="language-model", daemon=True).start()
        try:
            answer = answers.get(timeout=until - began)
        except Empty:
            answer = TimeoutError()
        ms = round((self.clock() - began) * 1000)
        values, outcome = _read(answer)
        self._remember(outcome)
        if outcome is not Outcome.USED:
            log.warning("The language model was of no use: %s (%s)", outcome.value, type(answer).__name__)
        read, written = _tokens(answer)
        cost = self.price.of(read, written)
        return values, replace(call, outcome=outcome, tokens_in=read, tokens_out=written, cost=cost, ms=ms)

    def _remember(self, outcome: Outcome) -> None:
        with self._lock:
            self._troubles = self._troubles + 1 if outcome.is_trouble else 0
            if self._troubles >= IN_A_ROW:
                self._troubles, self._rests_until = 0, self.clock() + REST
                log.warning("The language model failed %d times in a row and rests for %.0f s", IN_A_ROW, REST)


def open_model(
    name: str,
    *,
    address: str = "",
    key: str = "",
    options: Mapping[str, Any] | None = None,
    seconds: float = 8.0,
    price: Price | None = None,
    structure: str = "",
) -> Model:
    """The model an operator named, through LangChain's init_chat_model; nothing is loaded before it is used.

    BadSettings for a name without its provider.
    """
    provider, _, rest = name.partition(":")
    if not provider or not rest:
        raise BadSettings(f"FOREROOM_MODEL is {name!r}; it takes a provider and a model, as in ollama:qwen3:4b.")

    def load() -> Chat:
        try:
            from langchain.chat_models import init_chat_model

            where = {"base_url": address} if address else {}
            # pragma: allowlist nextline secret
            login = {"api_key": key} if key else {"api_key": "none"} if address and provider == "openai" else {}
            quick: dict[str, Any] = {"max_tokens": MOST_TOKENS}  # others keep to the budget because we stop waiting
            if provider in ("openai", "azure_openai", "anthropic"):
                quick |= {"timeout": seconds, "max_retries": 0}
            elif provider == "ollama":
                quick = {"client_kwargs": {"timeout": seconds}, "num_predict": MOST_TOKENS}
            chat = cast(Chat, init_chat_model(name, **(quick | where | login | dict(options or {}))))
        except ImportError as error:
            raise BadSettings(f"{name} needs another package; docs/language-model.md says how to add it.") from error
        return chat

    return Model(name, _place(provider, address), load, seconds, price or Price(), structure)


def _place(provider: str, address: str) -> str:
    """Where a model runs, for whoever reads the page; "" is this machine."""
    host = address.partition("//")[2].partition("/")[0].rpartition("@")[2]
    if host and host.removeprefix("[").partition("]")[0].count(":") < 2:
        host = host.partition(":")[0]
    if host in _HERE or host.startswith("[::1]") or (provider == "ollama" and not address):
        return ""
    return host or provider.replace("_", " ")


def _read(answer: Any) -> tuple[Mapping[str, Any], Outcome]:
    """The values of an answer, and what the answer is worth before anybody looked at its values."""
    if isinstance(answer, BaseException):
        return {}, _named(answer)
    if not isinstance(answer, Mapping):
        return {}, Outcome.MALFORMED
    raw, parsed = answer.get("raw"), answer.get("parsed")
    about = getattr(raw, "response_metadata", None) or {}
    ends = {about.get("finish_reason"), about.get("stop_reason"), about.get("done_reason")}
    if (getattr(raw, "additional_kwargs", None) or {}).get("refusal") or ends & {"content_filter", "refusal"}:
        return {}, Outcome.REFUSED
    content = getattr(raw, "content", "")
    text = content.strip() if isinstance(content, str) else ""
    if isinstance(parsed, Mapping) and parsed and not (text and _is_cut(text)):
        return parsed, Outcome.USED
    calls = getattr(raw, "tool_calls", None) or getattr(raw, "invalid_tool_calls", None)
    return {}, Outcome.MALFORMED if text or calls or parsed else Outcome.EMPTY


def _is_cut(text: str) -> bool:
    """JSON that ends before its last bracket; LangChain would mend it by guessing."""
    return text.startswith("{") and not text.endswith("}")


def _named(error: BaseException) -> Outcome:
    """An error of whichever library, by its status, its kind and what caused it."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    status = next((code for one in chain if isinstance(code := _status(one), int)), None)
    kinds = " ".join(kind.__name__ for one in chain for kind in type(one).__mro__).lower()
    if status == 429 or "ratelimit" in kinds:
        return Outcome.RATE_LIMITED
    if status in (408, 504) or "timeout" in kinds:
        return Outcome.TIMED_OUT
    if "refusal" in kinds or "contentfilter" in kinds:
        return Outcome.REFUSED
    if status is None and any(word in kinds for word in ("connection", "connect", "protocolerror", "readerror")):
        return Outcome.GONE
    if any(word in kinds for word in ("outputparser", "decodeerror", "validation", "lengthfinish")):
        return Outcome.MALFORMED
    return Outcome.GONE if status in (502, 503) else Outcome.BROKEN


def _status(error: BaseException) -> object:
    own = getattr(error, "status_code", None)
    return own if own is not None else getattr(getattr(error, "response", None), "status_code", None)


def _tokens(answer: Any) -> tuple[int, int]:
    """Tokens read and written, as the server counts them; 0 where it does not say."""
    raw = answer.get("raw") if isinstance(answer, Mapping) else None
    used = getattr(raw, "usage_metadata", None) or {}
    return int(used.get("input_tokens", 0)), int(used.get("output_tokens", 0))
