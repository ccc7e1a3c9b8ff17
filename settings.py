"""Every value read from the environment, in one frozen object."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from errors import BadSettings

PREFIX = "FOREROOM_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """What an operator can choose; the README's table and .env.example list the same names."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", frozen=True, extra="ignore")

    data: Path = Field(default=Path("data"), description="The folder that holds everything worth keeping")
    database_url: str = Field(default="", description="A SQLAlchemy URL; empty: SQLite in the data folder")
    clinic: str = Field(default="", description="Limit this installation to one clinic, by its name")
    operator: str = Field(
        default="whoever runs this installation", description="Who reads messages, as the page says it"
    )
    embedding_model: str = Field(
        default="all-MiniLM-L6-v2", description="A sentence-transformers model, by name or path"
    )
    embedding_seconds: float = Field(
        default=3.0, gt=0, le=60, description="What a message may wait for that model before it goes on without"
    )
    model: str = Field(default="", description="A language model as provider:name; empty: none is asked anything")
    model_address: str = Field(default="", description="Its server; empty: the provider's own")
    model_key: str = Field(default="", repr=False, description="The key it asks for; empty: none")
    model_seconds: float = Field(default=8.0, gt=0, le=120, description="What one turn may wait for it, in seconds")
    model_prices: str = Field(default="", description="What a million tokens cost, read and written: 0.15/0.60")
    model_options: dict[str, Any] = Field(default={"temperature": 0}, description="More for its library, as JSON")
    model_structure: Literal["", "json_schema", "function_calling", "json_mode"] = Field(
        default="", description="How the shape of its answers is asked for; empty: as its library does"
    )
    chroma_url: str = Field(
        default="", description="A Chroma server that several processes share; empty: the index lies in the data folder"
    )
    keep_days: int = Field(
        default=90, ge=1, le=3650, description="How long a conversation is kept after its last message"
    )
    host: str = Field(default="127.0.0.1", description="The address the page listens on")
    port: int = Field(default=8501, ge=1, le=65535, description="The port the page listens on")
    public_url: str = Field(
        default="", description="The page's address as visitors type it; empty: as the browser asks"
    )
    master_key: str = Field(
        default="", description="The key that wraps conversation keys; empty: a file in the data folder"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Addresses and networks, separated by commas, whose X-Forwarded headers are believed"
    )
    workbench: bool = Field(default=False, description="Show what was retrieved, with scores; only on this machine")

    reply_greeting: str = Field(default="", description="How a drafted reply begins; empty: the house's own wording")
    reply_signature: str = Field(default="", description="How it ends; $name and $clinic are filled in")
    reply_length: Literal["short", "middle", "full"] = Field(default="middle", description="How much it says")
    entailment_model: str = Field(
        default="", description="A cross-encoder on this machine that joins the check of drafts; empty: none"
    )
    desk_hours: str = Field(default="Mon-Fri 09:00-17:00", description="When the desk is staffed; empty: never")
    desk_zone: str = Field(default="UTC", description="The time zone of those hours, as in America/Chicago")
    desk_closed: str = Field(default="", description="Days without anybody, separated by commas: 2026-12-25")
    smtp_host: str = Field(default="", description="The server that takes e-mail; empty: no e-mail leaves")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port")
    smtp_sender: str = Field(default="", description="The address e-mail comes from")
    smtp_user: str = Field(default="", description="The name to log in with; empty: no login")
    smtp_password: str = Field(default="", repr=False, description="Its password")
    smtp_encrypted: bool = Field(default=True, description="Ask for encryption; off only for a server on this machine")
    fhir_url: str = Field(default="", description="The FHIR server that takes an intake's record; empty: none leaves")
    fhir_token: str = Field(default="", repr=False, description="The bearer token it wants; empty: none")
    webhook_url: str = Field(default="", repr=False, description="Where alerts are posted as Slack reads them")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("workbench")
    @classmethod
    def _only_here(cls, value: bool, given: ValidationInfo) -> bool:
        host, *reached = (given.data.get(name) for name in ("host", "public_url", "trusted_proxies"))
        if value and (host not in LOOPBACK or any(reached)):
            raise ValueError("the workbench is for this machine alone, and other settings open the page to visitors")
        return value

    @field_validator("model_prices")
    @classmethod
    def _prices(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d+(\.\d+)?/\d+(\.\d+)?", value):
            raise ValueError("it takes two prices, as in 0.15/0.60")
        return value

    @property
    def prices(self) -> tuple[float, float]:
        """What a million tokens cost, read and written."""
        read, _, written = (self.model_prices or "0/0").partition("/")
        return float(read), float(written)

    @property
    def index(self) -> Path:
        """Where the search index lies; it can be deleted and rebuilt."""
        return self.data / "index"

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data / 'foreroom.db'}"


@cache
def load_settings() -> Settings:
    """The settings of this process, read once. Raises BadSettings with the variable and what to do."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettings(f"Unknown setting {', '.join(unknown)}. The README's table lists the ones there are.")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise BadSettings(f"{name} cannot be read: {first['msg']}. The README's table says what it takes.") from error
