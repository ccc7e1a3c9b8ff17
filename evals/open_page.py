"""An open page without a browser: it speaks the page's own protocol over a real websocket and times the answers."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileUploaderState, FileURLs, UploadedFileInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from errors import Unavailable

BUBBLE = 'class="said-by-you"'  # one for each message on the page
LONGEST_WAIT_SECONDS = 60.0
PAGE = {"accept": "text/html"}


class OpenPage:
    """One visitor's page, or a page of the desk; use `open_page` to open it and `close` to leave."""

    def __init__(self, socket: ClientConnection, place: str, address: str = "") -> None:
        self._socket, self._place, self._address = socket, place, address
        self._session = ""
        self._urls: asyncio.Queue[FileURLs] = asyncio.Queue()  # where the next file may be put
        self._input, self._chips = "", list[str]()
        self.box = ""  # words that were put back into the box: they were not taken
        self._messages = 0  # on the page as it was last drawn whole
        self._bubbles = 0  # messages drawn by the run that is under way
        self._texts: list[str] = []  # what that run has drawn
        self.fragments: dict[str, float] = {}  # id of each part that looks again by itself: seconds between two looks
        self.looks: list[float] = []  # seconds each look took
        self._asked_at: dict[str, float] = {}  # looks that nothing has come of yet
        self._met_by_whole: tuple[str, ...] = ()  # those the whole page that is being drawn is the answer to
        self._whole: asyncio.Queue[tuple[int, str]] = asyncio.Queue()  # of each run that ended: messages, text
        self.widgets: dict[str, WidgetState] = {}  # on the page as it was last drawn, by key
        self.choices: dict[str, list[str]] = {}  # of those one chooses from
        self.received = 0  # bytes
        self._reading = asyncio.create_task(self._read())
        self._polling: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Leave the page."""
        for task in (self._polling, self._reading):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self._socket.close()

    async def draw(self) -> float:
        """Draw the whole page; returns seconds. Unavailable if it does not come."""
        self._forget()
        began = time.perf_counter()
        await self._send(ClientState())
        await self._drawn(lambda _messages: True)
        return time.perf_counter() - began

    async def ask(self, text: str) -> tuple[float, str]:
        """Send a message as typed; seconds until the page that came of it is whole, and that page's text.

        Whoever is told to wait finds the words in the `box` again.
        """
        self._forget()
        self.box = ""
        state, before, began = ClientState(), self._messages, time.perf_counter()
        field = WidgetState(id=self._input)
        field.chat_input_value.data = text
        state.widget_states.widgets.append(field)
        await self._send(state)
        said = await self._drawn(lambda messages: messages > before or self.box == text)
        return time.perf_counter() - began, said

    async def upload(self, name: str, content: bytes, media_type: str) -> FileUploaderState:
        """Bring a file to the server as the page's own field does; what to put into that field."""
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            urls = await self._urls.get()
        async with httpx.AsyncClient(base_url=self._address) as client:
            token = (await client.get("/_stcore/health")).cookies.get("_streamlit_xsrf") or ""
            answer = await client.put(
                urls.upload_url, files={"file": (name, content, media_type)}, headers={"X-Xsrftoken": token}
            )
        if not answer.is_success:
            raise Unavailable(f"The page did not take the file: {answer.status_code}.")
        info = UploadedFileInfo(name=name, size=len(content), file_id=urls.file_id, file_urls=urls)
        return FileUploaderState(uploaded_file_info=[info])

    async def press(
        self, key: str, values: Mapping[str, bool | str | FileUploaderState] | None = None
    ) -> tuple[float, str]:
        """Press a button, with what was put into the fields; seconds until the page is whole, and its text."""
        while not self._whole.empty():
            self._whole.get_nowait()
        state, began = ClientState(), time.perf_counter()
        state.widget_states.widgets.append(WidgetState(id=self.widgets[key].id, trigger_value=True))
        for name, value in (values or {}).items():
            field = WidgetState(id=self.widgets[name].id)
            if isinstance(value, FileUploaderState):
                field.file_uploader_state_value.CopyFrom(value)
            elif isinstance(value, bool):
                field.bool_value = value
            else:
                field.string_value = value
            state.widget_states.widgets.append(field)
        await self._send(state)
        said = await self._drawn(lambda _messages: True)
        return time.perf_counter() - began, said

    async def press_chip(self) -> float | None:
        """Open the reader at the last sentence shown; seconds, or None where there is none."""
        if not self._chips:
            return None
        began, state = time.perf_counter(), ClientState()
        state.widget_states.widgets.append(WidgetState(id=self._chips[-1], trigger_value=True))
        await self._send(state)
        await self._drawn(lambda _messages: True)
        return time.perf_counter() - began

    def poll(self, seconds: float | None = None) -> None:
        """From now on look again as an open page does, every so many seconds, or as the page itself asks for."""
        self._polling = asyncio.create_task(self._look_for_ever(seconds))

    def _forget(self) -> None:
        """Whole pages that came before now answer nothing that is asked from now on."""
        while not self._whole.empty():
            self._whole.get_nowait()

    async def _drawn(self, enough: Callable[[int], bool]) -> str:
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                while True:
                    messages, said = await self._whole.get()
                    if enough(messages):
                        return said
        except TimeoutError:
            raise Unavailable("The page did not come within a minute.") from None

    async def _look_for_ever(self, seconds: float | None) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(seconds or min(self.fragments.values(), default=4.0))
                for fragment in list(self.fragments):
                    self._asked_at.setdefault(fragment, time.perf_counter())
                    await self._send(ClientState(fragment_id=fragment, is_auto_rerun=True))

    async def _send(self, state: ClientState) -> None:
        state.page_name = self._place
        state.context_info.timezone, state.context_info.locale = "UTC", "en-US"
        message = BackMsg()
        message.rerun_script.CopyFrom(state)
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self._socket:
                if isinstance(data, bytes):
                    self.received += len(data)
                    self.take(ForwardMsg.FromString(data))

    def take(self, message: ForwardMsg) -> None:
        """Whatever the server sends."""
        match message.WhichOneof("type"):
            case "file_urls_response":
                for one in message.file_urls_response.file_urls:
                    self._urls.put_nowait(one)
            case "new_session":
                self._session = message.new_session.initialize.session_id or self._session
                if not message.metadata.run.fragment_ids:
                    self._met_by_whole = tuple(self._asked_at)
                    self._bubbles, self._texts = 0, []
                    self._chips, self.fragments = [], {}
                    self.widgets, self.choices = {}, {}
            case "auto_rerun":
                self.fragments[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "delta":
                self._look_at(message)
            case "script_finished":
                self._finished(message.script_finished)
            case _:
                pass

    def _look_at(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        self._keep_widget(element)
        match element.WhichOneof("type"):
            case "html":
                self._bubbles += BUBBLE in element.html.body
                self._texts.append(element.html.body)
            case "chat_input":
                self._input = element.chat_input.id
                if element.chat_input.set_value:
                    self.box = element.chat_input.value
            case "button" if element.button.id.rpartition("-")[2].startswith("chip_"):
                self._chips.append(element.button.id)
            case _:
                pass

    def _keep_widget(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind not in ("button", "checkbox", "file_uploader", "radio", "text_area", "text_input"):
            return
        drawn = getattr(element, kind)
        key = drawn.id.split("-", 2)[2]
        self.widgets[key] = WidgetState(id=drawn.id)
        if kind == "radio":
            self.choices[key] = list(drawn.options)

    def _finished(self, how: int) -> None:
        if how == ForwardMsg.FINISHED_SUCCESSFULLY:
            self._looked(self._met_by_whole)  # a look that found something new ends with the whole page
            self._messages = self._bubbles
            self._whole.put_nowait((self._bubbles, "\n".join(self._texts)))
        elif how == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self._looked(tuple(self._asked_at))

    def _looked(self, fragments: Iterable[str]) -> None:
        now = time.perf_counter()
        self.looks += [now - self._asked_at.pop(one) for one in fragments if one in self._asked_at]


async def open_page(address: str, place: str = "", cookies: dict[str, str] | None = None) -> OpenPage:
    """A page opened at `address` ("http://127.0.0.1:8501"); a fresh visitor unless `cookies` say who it is.

    Unavailable if it does not open.
    """
    async with httpx.AsyncClient(cookies=cookies, timeout=LONGEST_WAIT_SECONDS) as client:
        try:
            answer = await client.get(f"{address}/{place}", headers=PAGE)
        except httpx.HTTPError as error:
            raise Unavailable("The page did not open within a minute.") from error
        kept = dict(cookies or {}) | dict(answer.cookies)
    socket = await connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())},
        max_size=None,
        compression=None,
        ping_interval=None,
    )
    return OpenPage(socket, place, address)
