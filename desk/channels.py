"""How a letter leaves: e-mail by SMTP and webhooks that Slack understands; both off until an operator sets them up."""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol

from errors import Unavailable

PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: never a visitor's words, a clinic or a treatment."""

    subject: str
    body: str


class Channel(Protocol):
    """Something that accepts a letter, or says that it did not."""

    def send(self, address: str, words: Words) -> None:
        """Returns once the letter was accepted; Unavailable if it was not."""


Channels = Mapping[str, Channel]


@dataclass(frozen=True, slots=True)
class Smtp:
    """E-mail through one server."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    encrypted: bool = True  # STARTTLS; a server on this machine may do without

    def send(self, address: str, words: Words) -> None:
        """Hand one e-mail to the server."""
        if not address or any(character in address for character in "\r\n,"):
            raise Unavailable("This contact has no usable e-mail address.")
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, address, words.subject
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="foreroom.invalid")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words.body)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=PATIENCE_SECONDS) as server:
                if self.encrypted:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"E-mail was not accepted ({type(error).__name__}).") from None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of {"text": …} to one address, as Slack and its like read it."""

    url: str

    def send(self, address: str, words: Words) -> None:
        """Post the words; `address` names the room for people and is not used."""
        if not self.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Unavailable("The webhook address must begin with https://.")
        import httpx  # only where a webhook is set up: it costs a third of a second at every start

        try:
            answer = httpx.post(self.url, json={"text": f"{words.subject}\n{words.body}"}, timeout=PATIENCE_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"The webhook did not accept the alert ({type(error).__name__}).") from None
        if not answer.is_success:
            raise Unavailable(f"The webhook answered {answer.status_code}.")
