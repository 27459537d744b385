"""A picture as one HTML file: moved, zoomed, folded and played, with nothing to load."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gradatim.draw.form.alias import aliased
from gradatim.draw.form.step import Step, Words, steps_of
from gradatim.draw.picture.picture import Group, Node, Picture
from gradatim.errors import ShapeError

_PAGE = Path(__file__).parent / "page"
_UNSAID = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no page may hold: control characters and halves of letters."""


def html_of(
    pictures: Picture | Sequence[Picture],
    svg: Callable[[Picture], str],
    *,
    words: Words | None = None,
    start: int = 0,
) -> str:
    """Return a picture as a page that plays the computation step by step.

    The page is whole: it loads nothing, and a browser that runs no scripts shows the picture all
    the same. Its scripts are allowed by their digest alone, so text in the picture never runs.

    Parameters
    ----------
    pictures : Picture or sequence of Picture
        One computation; where it has modules, with more and more of their levels opened.
    svg : callable
        Gives the SVG of each.
    words : Words, optional
        The formulas that are said at each step.
    start : int
        Which of the pictures is shown first.

    Returns
    -------
    str
        HTML; to be written as UTF-8.

    Raises
    ------
    ShapeError
        If there is no picture, or ``start`` is none of theirs.

    Examples
    --------
    >>> picture = Picture((), title="x < y")
    >>> page = html_of(picture, lambda picture: '<svg viewBox="0 0 9 9"></svg>')
    >>> "<title>x &lt; y</title>" in page
    True
    """
    every = (pictures,) if isinstance(pictures, Picture) else tuple(pictures)
    if not 0 <= start < len(every):
        raise ShapeError(
            f"html_of: start is {start} of {len(every)} pictures; it must be the number of one of "
            "them, counted from 0. Try start=0 and one picture at least."
        )
    drawn = [_cleaned(svg(aliased(picture))) for picture in every]
    data = {
        "start": start,
        "views": [_view(every, at, words) for at in range(len(every))],
    }
    script = _read("stage.js") + _read("stepper.js")
    return _filled(
        _read("page.html"),
        {
            "policy": _policy(script),
            "title": html.escape(_cleaned(every[start].title or "A computation, step by step")),
            "style": _read("page.css"),
            "picture": drawn[start],
            "templates": "\n".join(
                f'<template data-view="{at}">{text}</template>'
                for at, text in enumerate(drawn)
                if at != start
            ),
            "data": _json(data),
            "script": script,
        },
    )


def _view(every: Sequence[Picture], at: int, words: Words | None) -> dict[str, Any]:
    """What the page must know of one picture."""
    picture = every[at]
    groups = {group.key: group for group in picture.groups}
    levels = {key: _level(group, groups) for key, group in groups.items()}
    return {
        "label": _label(at, len(every)),
        "opens": _opening(every, at),
        "closes": {
            key: [level, _folded(key, picture, every[level])]
            for key, level in levels.items()
            if 0 <= level < at
        },
        "steps": [_told(step) for step in steps_of(picture, words)],
    }


def _opening(every: Sequence[Picture], at: int) -> dict[str, tuple[int, str]]:
    """The next picture in which a module is open, and what it is there.

    Some modules stay folded for longer than others.
    """
    folded = [{(n.born, n.lines) for n in picture.nodes if n.kind == "module"} for picture in every]
    opens: dict[str, tuple[int, str]] = {}
    for node in every[at].nodes:
        if node.kind == "module":
            later = range(at + 1, len(every))
            found = [view for view in later if (node.born, node.lines) not in folded[view]]
            opens |= {node.key: (found[0], _frame(node, every[found[0]]))} if found else {}
    return opens


def _frame(box: Node, opened: Picture) -> str:
    """Key of the frame round what was a box; of what is in it if it has none."""
    inner = next((node for node in opened.nodes if node.born == box.born and node.born >= 0), None)
    if inner is None:
        return ""
    name = ": ".join(reversed(box.lines))
    around = [group for group in _around(inner, opened) if group.name == name]
    return around[0].key if around else inner.key


def _folded(frame: str, picture: Picture, outer: Picture) -> str:
    """Key of the box that a frame becomes where it is folded; empty if there is none."""
    within = (n for n in picture.nodes if frame in [group.key for group in _around(n, picture)])
    last = max((node.born for node in within), default=-1)
    boxes = (n.key for n in outer.nodes if n.kind == "module" and n.born == last)
    return next(boxes, "")


def _around(node: Node, picture: Picture) -> list[Group]:
    """The frames in which a node stands, the inmost first."""
    groups, found = {group.key: group for group in picture.groups}, []
    group = groups.get(node.group)
    while group is not None:
        found.append(group)
        group = groups.get(group.parent)
    return found


def _level(group: Group, groups: Mapping[str, Group]) -> int:
    """How many frames of modules are round a frame; -1 for one that is no module."""
    if group.kind != "module":
        return -1
    around = groups.get(group.parent)
    while around is not None and around.kind != "module":
        around = groups.get(around.parent)
    return 0 if around is None else 1 + _level(around, groups)


def _label(at: int, count: int) -> str:
    if at == 0:
        return "Modules folded"
    if at == count - 1:
        return "All modules open"
    return f"{at} level{'s' if at > 1 else ''} open"


def _told(step: Step) -> dict[str, Any]:
    return {
        "phase": step.phase,
        "node": step.node,
        "born": step.born,
        "part": step.part,
        "title": step.title,
        "lines": step.lines,
        "nodes": step.nodes,
        "edges": step.edges,
        "values": step.values,
        "gradients": step.gradients,
        "partial": step.partial,
    }


def _json(data: Any) -> str:
    """JSON that no parser of HTML takes for anything else: letters beyond ASCII, < and & as \\u."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _cleaned(text: str) -> str:
    return _UNSAID.sub("\ufffd", text)


def _policy(script: str) -> str:
    """Nothing is fetched, and no script runs but ours."""
    # Between the tags the page has a line feed on both sides of the script.
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'"
    )


def _filled(page: str, parts: Mapping[str, str]) -> str:
    """Put all parts in at once, so that what stands in one is never taken for another's place."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page)


@cache
def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")
