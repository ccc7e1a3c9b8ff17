"""Whose address a limit counts: a visitor's own, also behind a proxy on this machine."""

from types import SimpleNamespace

import pytest
import streamlit as st

from screens.visitor import address_here

LOCAL = ("127.0.0.1",)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "counted"),
    [
        (None, None, (), ""),  # somebody at this machine
        ("203.0.113.7", None, (), "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", (), "203.0.113.7"),  # anybody can write that header
        (None, "203.0.113.7", LOCAL, "203.0.113.7"),  # a proxy beside us, which is believed
        (None, "203.0.113.7", (), ""),
        (None, "198.51.100.1, 203.0.113.7", LOCAL, "203.0.113.7"),
    ],
)
def test_the_address_is_the_visitors_own(
    monkeypatch: pytest.MonkeyPatch, peer: str | None, forwarded: str | None, trusted: tuple[str, ...], counted: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    monkeypatch.setattr(st, "context", SimpleNamespace(ip_address=peer, headers=headers))

    assert address_here(trusted) == counted
