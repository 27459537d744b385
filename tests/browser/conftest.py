"""A browser for the tests of this folder; without one they are skipped."""

from __future__ import annotations

import pytest

from browser.chromium import Chromium, Page, executable


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """The browser, started once."""
    program = executable()
    if program is None:
        pytest.skip("needs a browser: no chromium is installed")
    browser = Chromium(program, tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a page from its text; afterwards the console must have stayed silent."""
    pages = []

    def open_page(text, **how):
        path = tmp_path / f"{len(pages)}.html"
        path.write_text(text, encoding="utf-8")
        pages.append(Page(chromium, path, **how))
        return pages[-1]

    yield open_page
    assert [complaint for page in pages[-1:] for complaint in page.complaints()] == []
