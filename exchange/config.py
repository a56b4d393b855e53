"""Settings of one running exchange, read once from `VCX_*` environment variables.

Every secret may come from a file instead: `VCX_DATABASE_URL_FILE=/run/secrets/db` wins over nothing
and conflicts with `VCX_DATABASE_URL`. This is the only module that reads the environment.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_FIELDS = ("database_url", "broker_url", "rate_limit_url")


class Settings(BaseSettings):
    """All settings with their defaults; the defaults are the embedded exchange on one machine."""

    model_config = SettingsConfigDict(env_prefix="VCX_", frozen=True, extra="ignore")

    data_dir: Annotated[Path, Field(description="Folder of the embedded database, keys and imports.")] = Path(
        "var"
    )
    database_url: Annotated[
        str,
        Field(
            description="SQLAlchemy URL; empty means a SQLite file in the data folder. `postgresql+psycopg://…`."
        ),
    ] = ""
    broker_url: Annotated[
        str,
        Field(
            description="Celery broker (`redis://`, `amqp://`); empty means the worker polls the job table."
        ),
    ] = ""
    master_key_file: Annotated[
        Path | None,
        Field(description="File (mode 0600) whose key encrypts custody keys; read by the worker only."),
    ] = None
    custody_dir: Annotated[
        Path | None,
        Field(description="Folder of the encrypted custody keys; default `keys/custody` in the data folder."),
    ] = None
    public_url: Annotated[str, Field(description="Address under which others reach this exchange.")] = (
        "http://127.0.0.1:8000"
    )
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(description="Port to listen on.", ge=0, le=65535)] = 8000
    trusted_proxy: Annotated[
        str,
        Field(
            description="Address of the reverse proxy whose X-Forwarded-For and -Proto are believed; empty: nobody's."
        ),
    ] = ""
    max_body_bytes: Annotated[int, Field(description="Largest request body accepted, in bytes.", ge=1024)] = (
        1_000_000
    )
    max_import_bytes: Annotated[
        int, Field(description="Largest uploaded table accepted, in bytes.", ge=1024)
    ] = 10_000_000
    session_hours: Annotated[int, Field(description="Hours until a browser session ends.", ge=1)] = 12
    token_minutes: Annotated[int, Field(description="Minutes until an access token expires.", ge=1)] = 30
    rate_sign_in: Annotated[str, Field(description="Sign-in tries per address and per account.")] = (
        "10/minute"
    )
    rate_confirm: Annotated[
        str, Field(description="Wrong passwords per browser session where a signed-in person is asked again.")
    ] = "10/minute"
    rate_token: Annotated[str, Field(description="Token requests per API client.")] = "30/minute"  # noqa: S105
    rate_import: Annotated[str, Field(description="Imports and publications per organisation.")] = (
        "600/minute"
    )
    rate_foreign: Annotated[
        str, Field(description="Documents of others handed in for verification, per organisation.")
    ] = "20/minute"
    rate_denied: Annotated[str, Field(description="Denied reads per organisation.")] = "60/minute"
    rate_limit_url: Annotated[
        str, Field(description="Where rate limits are counted; `redis://` when several web processes run.")
    ] = "memory://"
    job_lease_seconds: Annotated[
        int, Field(description="Seconds a worker owns a job before it is taken back.", ge=5)
    ] = 60
    job_poll_seconds: Annotated[float, Field(description="Seconds between looks at the job table.", gt=0)] = (
        0.2
    )
    rollup_debounce_seconds: Annotated[
        float, Field(description="Seconds a stale network waits for more datasets before it is solved.", ge=0)
    ] = 1.0
    head_guard: Annotated[
        Path | None,
        Field(
            description="Folder of the last signed log heads; no backup holds it. Default: the user's state folder."
        ),
    ] = None
    witnesses: Annotated[
        str,
        Field(description="Witnesses of the log, separated by spaces: each `<verifier key>@<url>`."),
    ] = ""
    witness_quorum: Annotated[
        int, Field(description="Cosignatures a verifier should demand, as the trust root says.", ge=0, le=63)
    ] = 0
    log_level: Annotated[str, Field(description="debug, info, warning or error.")] = "info"

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in SECRET_FIELDS:
            path = os.environ.get(f"VCX_{name.upper()}_FILE")
            if path:
                if values.get(name):
                    raise ValueError(f"VCX_{name.upper()} and VCX_{name.upper()}_FILE are both set: keep one")
                values[name] = _read_secret(Path(path), f"VCX_{name.upper()}_FILE")
        return values

    @model_validator(mode="after")
    def _quorum_can_be_met(self) -> Self:
        if self.witness_quorum > len(self.witnesses.split()):
            raise ValueError("VCX_WITNESS_QUORUM asks for more witnesses than VCX_WITNESSES names")
        return self

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value not in {"debug", "info", "warning", "error"}:
            raise ValueError("log_level is debug, info, warning or error")
        return value

    @field_validator("trusted_proxy")
    @classmethod
    def _one_address(cls, value: str) -> str:
        return str(ip_address(value)) if value else ""  # never "*": anybody could then be anybody

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'exchange.db'}"

    @property
    def master_key_path(self) -> Path:
        """Where the master key lies."""
        return self.master_key_file or self.data_dir / "keys" / "master.key"

    @property
    def custody_path(self) -> Path:
        """Folder of the encrypted custody keys."""
        return self.custody_dir or self.data_dir / "keys" / "custody"

    @property
    def head_guard_path(self) -> Path:
        """Folder of the head guard: outside the data folder, so that no restored backup takes it back."""
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return self.head_guard or Path(state) / "value-chain-exchange" / "heads"

    @property
    def is_loopback(self) -> bool:
        """True when nobody outside this machine can reach the address."""
        return self.host in {"127.0.0.1", "localhost", "::1"}


def _read_secret(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{variable} names {path}, which cannot be read: {error}") from error
