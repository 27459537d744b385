r"""An explanation as LaTeX and as Markdown, its formulas set by whoever shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradatim.derivation.chapter import Chapter, Row


def latex_page(chapters: Sequence[Chapter]) -> str:
    r"""Return the equations of all chapters as display mathematics.

    Parameters
    ----------
    chapters : sequence of Chapter
        What is said.

    Returns
    -------
    str
        ``\begin{aligned}`` blocks between double dollar signs, headings between them as text.
    """
    parts = []
    for chapter in chapters:
        parts.append(rf"\textbf{{{_words(chapter.title)}}}")
        parts += [
            _words(block) if isinstance(block, str) else aligned(block) for block in chapter.blocks
        ]
    return "\n\n".join(parts)


def display(chapters: Sequence[Chapter]) -> str:
    """Return headings and equations alone, all of it mathematics, as notebooks take LaTeX.

    Parameters
    ----------
    chapters : sequence of Chapter
        What is said; sentences are left out.

    Returns
    -------
    str
        Display mathematics between double dollar signs.
    """
    parts = []
    for chapter in chapters:
        parts.append(rf"$$\textbf{{{_words(chapter.title)}}}$$")
        parts += [aligned(block) for block in chapter.blocks if not isinstance(block, str)]
    return "\n\n".join(parts)


def markdown_page(chapters: Sequence[Chapter]) -> str:
    """Return all chapters as Markdown with formulas between dollar signs.

    Parameters
    ----------
    chapters : sequence of Chapter
        What is said.

    Returns
    -------
    str
        Headings of the third level, sentences and display mathematics.
    """
    parts = []
    for chapter in chapters:
        parts.append(f"### {_plain(chapter.title)}")
        parts += [
            _plain(block) if isinstance(block, str) else aligned(block) for block in chapter.blocks
        ]
    return "\n\n".join(parts)


def aligned(rows: Sequence[Row]) -> str:
    """Return rows as display mathematics, aligned at their first equal sign."""
    lines = " \\\\\n".join(_line(row) for row in rows)
    return f"$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$"


def _line(row: Row) -> str:
    first, *others = (side.latex for side in row.sides)
    sign = r"\mathrel{+}=" if row.sign == "+=" else "="
    last = "=" if row.exact else r"\approx"
    if others[1:]:
        others[-2:] = [f"{others[-2]} {last} {others[-1]}"]
    elif not row.exact:
        sign = last
    note = rf" && \text{{({_words(row.note)})}}" if row.note else ""
    return f"{first} &{sign} {' = '.join(others)}{note}"


def _words(text: str) -> str:
    """Prose as LaTeX takes it."""
    safe = re.sub(r"[_%#&${}]", lambda found: "\\" + found[0], re.sub(r"[\\~^]", " ", text))
    return safe.replace("<-", r"$\leftarrow$").replace("<", r"$<$").replace(">", r"$>$")


def _plain(text: str) -> str:
    """Prose as Markdown takes it: names keep their underscores and stars, arrows are arrows."""
    safe = re.sub(r"([\\_*`\[\]$])", r"\\\1", text)
    return safe.replace("<-", "←").replace("<", "&lt;").replace(">", "&gt;")
