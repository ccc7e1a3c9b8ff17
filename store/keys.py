"""Encryption at rest: a data key for each conversation, wrapped by a master key that lives outside the database."""

import json
import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from errors import BadSettings, Unavailable

log = logging.getLogger(__name__)

PUT_BACK = "Put the saved copy back; docs/keys.md says how."


@dataclass(frozen=True, slots=True)
class Seal:
    """Closes and opens the words of one conversation."""

    _fernet: Fernet

    def close(self, text: str) -> bytes:
        """The text, unreadable without the key."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass"))

    def open(self, sealed: bytes) -> str:
        """The text again. Unavailable if it was sealed with another key or altered."""
        try:
            return self._fernet.decrypt(sealed).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise Unavailable("A stored text does not open with its key: it was altered, or keys were mixed.") from None

    def close_value(self, value: Any) -> bytes:
        """A value of plain lists, mappings, texts and numbers, sealed."""
        return self.close(json.dumps(value, ensure_ascii=True, separators=(",", ":")))

    def open_value(self, sealed: bytes) -> Any:
        """The value again."""
        return json.loads(self.open(sealed))


class Keys:
    """The master keys: the first one wraps, all of them unwrap."""

    def __init__(self, masters: Sequence[str]) -> None:
        try:
            self._masters = MultiFernet([Fernet(master) for master in masters])
        except ValueError:
            raise BadSettings("A master key is not 32 bytes in URL-safe base64. Restore the key file.") from None

    @classmethod
    def from_file(cls, path: Path, *, may_make: bool = True) -> "Keys":
        """The keys in `path`, one a line, newest first; made at the first run, readable by its owner alone.

        Without `may_make` a missing file is BadSettings: something is sealed already, and a new key would not open it.
        """
        if not path.exists() and not may_make:
            raise BadSettings(f"The master key {path} is missing, and what is stored is sealed with it. {PUT_BACK}")
        if not path.exists() and _make_first(path):
            log.warning("A master key was made at %s. Keep a copy elsewhere: without it no message can be read.", path)
        elif path.stat().st_mode & 0o077:
            log.warning("The master key %s can be read by others. Run: chmod 600 %s", path, path)
        masters = path.read_text(encoding="ascii", errors="replace").split()
        if not masters:
            raise BadSettings(f"The key file {path} is empty. Put the saved copy back.")
        return cls(masters)

    @classmethod
    def from_text(cls, text: str) -> "Keys":
        """Keys out of the environment, newest first, with commas or blanks between them."""
        masters = text.replace(",", " ").split()
        if not masters:
            raise BadSettings("No master key was given.")
        return cls(masters)

    def new_data_key(self) -> bytes:
        """A fresh data key, wrapped, ready to be stored."""
        return self._masters.encrypt(Fernet.generate_key())

    def seal(self, wrapped: bytes) -> Seal:
        """The seal a wrapped data key stands for. Unavailable if no master key opens it."""
        try:
            return Seal(Fernet(self._masters.decrypt(wrapped)))
        except InvalidToken:
            raise Unavailable("No master key opens this conversation. Put the right key file back.") from None

    def rewrap(self, wrapped: bytes) -> bytes:
        """The same data key under the newest master key."""
        try:
            return self._masters.rotate(wrapped)
        except InvalidToken:
            raise Unavailable("No master key opens this conversation. Put the right key file back.") from None


def _make_first(path: Path) -> bool:
    """A new master key, unless another process was first; then its key is everybody's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write_private(fresh, Fernet.generate_key().decode())
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: there the processes must start one after the other
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return True


def add_master(path: Path) -> None:
    """Put a new master key first in the key file; the old ones stay until every data key is wrapped again."""
    masters = path.read_text(encoding="ascii").split()
    _write_private(path, "\n".join((Fernet.generate_key().decode(), *masters)))


def keep_newest_master(path: Path) -> None:
    """Drop all master keys but the newest; only after every data key was wrapped again."""
    _write_private(path, path.read_text(encoding="ascii").split()[0])


def _write_private(path: Path, text: str) -> None:
    """Write whole or not at all, mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
