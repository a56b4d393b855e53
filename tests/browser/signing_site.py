"""A small exchange of its own for signing in the browser, and people who sit before one."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import make_server

from exchange.adapters.clock import SteppingClock
from exchange.app import create_app
from exchange.bootstrap import Exchange
from exchange.services import keys
from exchange.services.context import Context
from exchange.services.keys import SigningKey
from exchange.services.products import Product
from exchange.web.formats import Language
from tests.conftest import START, settings_over, web_process
from tests.datasets import full_subject, product
from tests.factories import PASSWORD, Party, party

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

SIGN = "Sign and publish"
CLEAR_KEYS = """() => new Promise((resolve, reject) => {
    const asked = indexedDB.deleteDatabase('vcx');
    asked.onsuccess = () => resolve();
    asked.onblocked = asked.onerror = () => reject(new Error('kept'));
})"""


def free_port() -> int:
    """A port to serve on, known beforehand: the exchange must know the address it is reached under."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class SigningSite:
    """The running exchange and where it is."""

    url: str
    exchange: Exchange

    def context(self) -> Context:
        """A Context with nobody signed in."""
        return self.exchange.context(request_id="signing")


@contextmanager
def serve(folder: Path, database_url: str) -> Iterator[SigningSite]:
    """The exchange behind a real port, under its own public address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = settings_over(folder, database_url).model_copy(update={"public_url": address})
    with web_process(settings, SteppingClock(START)) as exchange:
        server = make_server("127.0.0.1", port, create_app(exchange), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield SigningSite(address, exchange)
        server.shutdown()


@dataclass(frozen=True)
class Person:
    """Somebody of a firm with one product before a browser; `asked` is every address the browser asked for."""

    firm: Party
    product: Product
    context: BrowserContext
    page: Page
    asked: list[str]

    @property
    def publish_path(self) -> str:
        """Where a dataset about the product is published."""
        return f"/products/{self.product.id}/publish"

    def content(self) -> dict[str, Any]:
        """A dataset with all five indicators, 2.35 kg CO2e in all, per kilogram."""
        return full_subject(self.firm, self.product)

    def bound(self) -> tuple[SigningKey, ...]:
        """The firm's keys as the exchange knows them."""
        return keys.list_keys(self.firm.ctx)

    def make_key(self) -> str:
        """Make and register a key on the page of keys; its id."""
        self.page.goto("/keys")
        self.page.get_by_role("button", name="Make a key in this browser").click()
        self.page.wait_for_url("**/keys?done=browser_key")
        return self.bound()[-1].kid

    def prepare(self, content: dict[str, Any] | None = None) -> None:
        """Hand the content in and come to the page that signs."""
        self.page.goto(self.publish_path)
        self.page.fill("#content", json.dumps(content or self.content()))
        self.page.click("button[formaction]")
        self.page.wait_for_selector("[data-browser-signing]")

    def posted(self) -> list[str]:
        """The addresses of tokens that were sent."""
        return [url for url in self.asked if url.endswith("/publications/signed")]


Somebody = Callable[..., Person]


def sign_in(page: Page, firm: Party) -> None:
    """Sign in through the page."""
    page.goto("/sign-in")
    page.fill("#email", firm.email)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def read_in(context: BrowserContext, site: SigningSite, language: Language) -> None:
    """Pages in a language from now on."""
    context.add_cookies([{"name": "vcx_language", "value": language, "url": site.url}])


def somebody(site: SigningSite, browser: Browser, name: str, **options: Any) -> Person:
    """A person of a new firm, signed in, English pages; `options` are the browser context's."""
    firm = party(site.context(), name)
    context = browser.new_context(base_url=site.url, locale="en-GB", **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    context.on("request", note)
    sign_in(page, firm)
    read_in(context, site, "en")
    return Person(firm, product(firm, "Bracket"), context, page, asked)
