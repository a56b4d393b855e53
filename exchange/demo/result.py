"""What the demo leaves behind for whoever tries it: log-ins, API clients and the chain, in `demo.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "demo.json"


@dataclass(frozen=True)
class Login:
    """Somebody who can sign in to the demo; the password is made for it and worth nothing elsewhere."""

    relation: str
    organisation: str
    email: str
    password: str

    @property
    def line(self) -> str:
        """One line for the terminal."""
        return f"{self.relation:<12} {self.email:<28} {self.password:<20} {self.organisation}"


@dataclass(frozen=True)
class Client:
    """An API client of the demo, for `/auth/token`."""

    organisation: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class DemoResult:
    """The loaded demo. `clients` by relation (supplier, customer, facilitator); `created` False: it was there."""

    url: str
    logins: tuple[Login, ...]
    clients: Mapping[str, Client]
    chain_id: str
    created: bool


def write_result(folder: Path, result: DemoResult) -> None:
    """Write `demo.json`, mode 0600, whole or not at all."""
    document = {
        "url": result.url,
        "logins": [asdict(login) for login in result.logins],
        "clients": {relation: asdict(client) for relation, client in result.clients.items()},
        "chain": result.chain_id,
    }
    path, unfinished = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    unfinished.replace(path)


def read_result(folder: Path) -> DemoResult | None:
    """What `demo.json` says, or None where there is none."""
    path = folder / FILE
    if not path.exists():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    return DemoResult(
        url=document["url"],
        logins=tuple(Login(**login) for login in document["logins"]),
        clients={relation: Client(**client) for relation, client in document["clients"].items()},
        chain_id=document["chain"],
        created=False,
    )
