"""A login provider on this machine: OpenID Connect with one person, who is always logged in there."""

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode

import uvicorn
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, CLIENT_SECRET = "foreroom", "only-for-this-test"  # pragma: allowlist secret


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Provider:
    """Authorization code flow; every code is good for one token."""

    def __init__(self, address: str, email: str, *, verified: bool) -> None:
        self.address, self.email, self.verified = address, email, verified
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.nonces: dict[str, str] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.about),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def about(self, _request: Request) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        rest = {
            "issuer": self.address,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return JSONResponse({name: f"{self.address}/{path}" for name, path in names.items()} | rest)

    async def authorize(self, request: Request) -> Response:
        code = secrets.token_urlsafe(16)
        self.nonces[code] = request.query_params.get("nonce", "")
        back = urlencode({"code": code, "state": request.query_params["state"]})
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{back}", status_code=303)

    async def token(self, request: Request) -> Response:
        code = parse_qs((await request.body()).decode())["code"][0]
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 600,
            "nonce": self.nonces.pop(code),
            "email": self.email,
            "email_verified": self.verified,
        }
        head = {"alg": "RS256", "typ": "JWT", "kid": "one"}
        signed = ".".join(_text(json.dumps(part).encode()) for part in (head, claims))
        mark = self.key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        answer = {
            "access_token": secrets.token_urlsafe(8),
            "token_type": "Bearer",
            "id_token": f"{signed}.{_text(mark)}",
        }
        return JSONResponse(answer | {"expires_in": 600})

    async def keys(self, _request: Request) -> Response:
        public = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one", "n": _number(public.n), "e": _number(public.e)}
        return JSONResponse({"keys": [key]})


@contextmanager
def providing(port: int, email: str, *, verified: bool) -> Iterator[str]:
    """A provider while the block runs; its address."""
    address = f"http://127.0.0.1:{port}"
    provider = Provider(address, email, verified=verified)
    server = uvicorn.Server(uvicorn.Config(provider.app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=5)
