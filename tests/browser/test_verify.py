"""The page that checks a file, with a file chosen: every answer it can give is without barriers."""

from __future__ import annotations

from typing import get_args

import pytest

from exchange.web.formats import Language
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import STICKING_OUT

NO_TOKEN = b"eyJhbGciOiJFZERTQSJ9.e30.AAAA"


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize(("data", "status"), [(NO_TOKEN, 200), (b"[]", 422)])
def test_an_answer_has_no_barrier_and_fits_a_narrow_screen(
    open_page: OpenPage, language: Language, data: bytes, status: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(language=language, width=320)
    page.goto("/verify")
    page.set_input_files("#file", {"name": "a.sd-jwt", "mimeType": "text/plain", "buffer": data})
    with page.expect_navigation() as answered:
        page.locator("main form button[type=submit]").click()
    assert answered.value.status == status
    assert page.locator("html").get_attribute("lang") == language
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(STICKING_OUT) == []
