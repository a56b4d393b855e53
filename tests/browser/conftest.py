"""The real app with the demo's data behind a real browser: Debian's Chromium, driven by Playwright.

Skipped with a reason where either is missing; `VCX_REQUIRE_BROWSER=1` makes that a failure.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from argon2 import PasswordHasher
from werkzeug.serving import make_server

from exchange import demo
from exchange.adapters.clock import SteppingClock
from exchange.app import create_app
from exchange.bootstrap import open_exchange
from exchange.config import Settings
from exchange.demo.loader import START
from exchange.demo.result import DemoResult, Login
from exchange.services import passwords
from exchange.store import migrate
from exchange.web.formats import Language
from tests.browser.signing_site import Person, SigningSite, Somebody, free_port, serve, somebody
from tests.conftest import database_copy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

CHROMIUM = Path(os.environ.get("VCX_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """The running exchange: where it is, and what the demo left in it."""

    url: str
    demo: DemoResult

    def login(self, relation: str) -> Login:
        """Who signs in as supplier, customer or facilitator."""
        return next(one for one in self.demo.logins if one.relation == relation)


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("VCX_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _do_without("Playwright is not installed: pip install -r requirements/browser.lock")
    if not CHROMIUM.exists():
        _do_without(f"There is no Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The exchange with the demo, served on a free port; its clock stands in the demo's month."""
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = Settings(data_dir=folder, public_url=address, rate_sign_in="1000/minute")
    migrate.upgrade(settings.database)
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    loading = open_exchange(settings, "worker")
    loaded = demo.load(loading)
    loading.store.close()
    serving = open_exchange(settings, "web", clock=SteppingClock(START + timedelta(days=14)))
    server = make_server("127.0.0.1", port, create_app(serving), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(address, loaded)
    server.shutdown()
    serving.store.close()
    patch.undo()


OpenPage = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`open_page("supplier", "da", width=320)`: a fresh browser context, signed in where somebody is named.

    Whatever it asks for must come from the exchange itself. A picture of a page that failed is kept.
    """
    asked: list[str] = []
    pages: list[Page] = []

    def note(asking: Request) -> None:
        asked.append(asking.url)

    def open_one(relation: str = "", language: Language = "en", width: int = 1200) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="da-DK", base_url=site.url
        )
        page = context.new_page()
        page.on("request", note)
        pages.append(page)
        if relation:
            login = site.login(relation)
            page.goto("/sign-in")
            page.fill("#email", login.email)
            page.fill("#password", login.password)
            page.click("main button[type=submit]")
            page.wait_for_url(f"{site.url}/")
        context.add_cookies([{"name": "vcx_language", "value": language, "url": site.url}])
        return page

    yield open_one
    failed = getattr(request.node, "failed", False)
    for number, page in enumerate(pages):
        if failed:
            folder = Path(os.environ.get("VCX_SCREENSHOTS", gettempdir())) / "vcx-browser"
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{request.node.name}-{number}.png", full_page=True)
        page.context.close()
    assert [url for url in asked if not url.startswith(site.url + "/")] == []


@pytest.fixture(scope="session")
def signing_site(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningSite]:
    """An exchange without the demo, for signing; every test has a firm of its own."""
    folder = tmp_path_factory.mktemp("signing")
    with database_copy(template, folder) as url, serve(folder, url) as site:
        yield site


@pytest.fixture
def visit(signing_site: SigningSite, browser: Browser) -> Iterator[Somebody]:
    """`visit("Firm")`: somebody of that firm; whatever their browser asks for must come from the exchange."""
    people: list[Person] = []

    def open_one(name: str = "Nordvind Metal", **options: Any) -> Person:
        people.append(somebody(signing_site, browser, name, **options))
        return people[-1]

    yield open_one
    for person in people:
        person.context.close()
        assert [url for url in person.asked if not url.startswith(signing_site.url + "/")] == []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell the fixtures whether their test failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
