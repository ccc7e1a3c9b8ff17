"""A server on this machine that gives a recorded answer or breaks as it is told, and a model of a few lines."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

from conversation.model import Model


def said(content: str | None, *, ends: str = "stop", **message: Any) -> bytes:
    """A chat completion as servers send it."""
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "small",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content} | message,
                    "finish_reason": ends,
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 120, "completion_tokens": 8, "total_tokens": 128},
        }
    ).encode()


Handle = Callable[[BaseHTTPRequestHandler], None]


def answers(body: bytes, status: int = 200) -> Handle:
    """Send this and be done."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return handle


def cut_off(body: bytes) -> Handle:
    """Promise the whole of it, send half, and go."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: len(body) // 2])
        request.wfile.flush()
        request.connection.close()

    return handle


def hangs(seconds: float) -> Handle:
    """Say nothing for a while."""
    return lambda request: time.sleep(seconds)


@contextmanager
def server(handle: Handle, heard: list[bytes] | None = None) -> Iterator[str]:
    """The address of a server that treats every request alike; what it was sent is put into `heard`."""

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if heard is not None:
                heard.append(body)
            handle(self)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Requests) as here:
        here.daemon_threads = True
        Thread(target=here.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{here.server_address[1]}/v1"
        here.shutdown()


@dataclass
class Says:
    """A chat model that gives the values it was given, and remembers what it was shown."""

    values: Mapping[str, Any] | Exception | Callable[[str], Mapping[str, Any]]
    seen: list[str] = field(default_factory=list)

    def with_structured_output(self, schema: dict[str, Any], *, include_raw: bool, **rest: Any) -> "Says":
        return self

    def invoke(self, messages: Any) -> Any:
        self.seen.append("\n".join(text for _, text in messages))
        values = self.values(self.seen[-1]) if callable(self.values) else self.values
        if isinstance(values, Exception):
            raise values
        used = {"input_tokens": 100, "output_tokens": 10}
        raw = SimpleNamespace(
            content=json.dumps(values), usage_metadata=used, response_metadata={}, additional_kwargs={}
        )
        return {"raw": raw, "parsed": values, "parsing_error": None}


def model_that(chat: Any, **rest: Any) -> Model:
    """A model that is switched on."""
    return Model(name="made:up", place="", load=lambda: chat, **({"seconds": 5.0} | rest))
