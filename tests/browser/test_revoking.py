"""The page of one's own dataset with everything on it opened: the steps of the check, and the form that revokes."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage, Site
from tests.browser.test_pages import LANGUAGES, STICKING_OUT, go, read_in

OPENED = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


@pytest.mark.parametrize("width", [1200, 320])
def test_steps_and_form_have_no_barrier_once_opened(open_page: OpenPage, site: Site, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = go(open_page, site, "own dataset", width=width)
    for language in LANGUAGES:
        read_in(page, site, language)
        page.evaluate(OPENED)
        assert page.locator("main table >> text=/./ >> nth=0").is_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{language}: {found.generate_report()}"
        if width == 320:
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, language
            assert page.evaluate(STICKING_OUT) == [], language


def test_confirmation_is_reached_and_opened_by_keyboard(open_page: OpenPage, site: Site) -> None:
    page = go(open_page, site, "own dataset")
    form = page.locator("form[action$='/revoke']")
    assert not form.is_visible()
    summary = page.locator("summary", has_text="Revoke this dataset")
    summary.focus()
    page.keyboard.press("Enter")
    assert form.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText.trim()") == "Yes, revoke the dataset"
