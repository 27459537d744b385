"""Every page shows code that runs and links that lead somewhere."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# The Korean and Japanese lessons have the code of the English ones: test_lessons.py.
TRANSLATED = {ROOT / "docs/lessons/ko", ROOT / "docs/lessons/ja"}
# A block that cannot run on its own says so: ```python no-run
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# One that begins with a file's name quotes that file, but for what ... stands for.
QUOTE = re.compile(r"^```python no-run\n# (\S+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
WEB = ("http://", "https://", "mailto:")


def prose(page):
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page):
    """The anchors that headings get: lower case, words joined by hyphens."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture(params=PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def page(request):
    return request.param


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.parent not in TRANSLATED],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_code_of_a_page_runs(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    names = {"__name__": page.stem}
    for match in BLOCK.finditer(text):
        # Empty lines keep the line numbers of the page in a traceback.
        before = text.count("\n", 0, match.start(1))
        if ">>>" in match[1]:
            run_session(match[1], names, page, before)
        else:
            exec(compile("\n" * before + match[1], str(page), "exec"), names)


def run_session(session, names, page, line):
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(session, names, page.name, str(page), line)
    output = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=options)
    runner.run(test, out=output.append, clear_globs=False)
    names.update(test.globs)
    if runner.failures:
        pytest.fail("".join(output), pytrace=False)


def test_quoted_code_stands_in_its_file(page):
    missing = []
    for path, quoted in QUOTE.findall(page.read_text(encoding="utf-8")):
        text = (ROOT / path).read_text(encoding="utf-8")
        pieces = re.split(r"^ *\.\.\.$", quoted, flags=re.MULTILINE)
        missing += [f"{path}: {piece}" for piece in pieces if piece.strip("\n") not in text]

    assert not missing, f"{page} quotes what is not there:\n" + "\n".join(missing)


def test_links_of_a_page_lead_somewhere(page):
    broken = []
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if link.startswith(WEB):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert not broken, f"{page}: {broken}"
