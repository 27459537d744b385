"""The page of a picture: whole in itself, and nothing in it but text becomes part of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from gradatim.draw.form.html import html_of
from gradatim.draw.picture.picture import Edge, Group, Node, Numbers, Picture, Quantity
from gradatim.errors import ShapeError

HOSTILE = "</script><script>boom()</script>\u2028&amp;{{data}}"


def picture(name="x", title="A picture"):
    nodes = Node("n0", "variable", (name,), "t0"), Node("n1", "end", ("y",), "t0")
    edge = Edge("e0", "n0", "n1", "t0", value=Numbers(("3",)), gradient=Numbers(("1",)))
    return Picture(nodes, (edge,), (Quantity("t0", name, (), "float64"),), title=title)


def svg(picture):
    return f'<svg viewBox="0 0 9 9"><desc>{len(picture.nodes)} nodes</desc></svg>'


class Reader(HTMLParser):
    """Collects the contents of scripts by their type, and all addresses."""

    def __init__(self, page):
        super().__init__()
        self.scripts, self.addresses, self._open = {}, [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.addresses += [known[name] for name in ("src", "href") if name in known]
        self._open = known.get("type", "ours") if tag == "script" else None

    def handle_data(self, data):
        if self._open:
            self.scripts[self._open] = self.scripts.get(self._open, "") + data

    def handle_endtag(self, tag):
        self._open = None


def data_of(page):
    return json.loads(Reader(page).scripts["application/json"])


def test_a_page_has_the_picture_and_its_steps():
    page = html_of(picture(), svg)

    assert "<desc>2 nodes</desc>" in page
    assert [step["phase"] for step in data_of(page)["views"][0]["steps"]] == [
        "given", "turn", "done"
    ]  # fmt: skip


def test_names_stay_text():
    page = html_of(picture(HOSTILE, title=HOSTILE), svg)
    reader = Reader(page)

    assert sorted(reader.scripts) == ["application/json", "ours"]
    assert "boom" not in reader.scripts["ours"]
    assert HOSTILE in data_of(page)["views"][0]["steps"][0]["lines"][0][1]
    assert "\u2028" not in reader.scripts["application/json"]
    assert page.count("<script>boom") == 0


def test_what_no_page_may_hold_is_left_out():
    page = html_of(picture("\ud800", title="a\x00b\ud800"), svg)

    assert "<title>a\ufffdb\ufffd</title>" in page
    assert page.encode("utf-8")


def test_nothing_is_fetched():
    page = html_of(picture(), svg)

    assert Reader(page).addresses == []
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_only_our_script_is_allowed():
    page = html_of(picture(), svg)
    digest = hashlib.sha256(Reader(page).scripts["ours"].encode()).digest()

    assert re.findall(r"'sha256-([^']+)'", page) == [base64.b64encode(digest).decode()]


def test_the_same_picture_gives_the_same_page():
    assert html_of(picture(), svg) == html_of(picture(), svg)


def folded():
    """One module folded, open, and open with the module inside it."""
    name = "model.first: Linear(2, 2)"
    outer, inner = Group("g0", "model"), Group("g1", name, parent="g0")
    box = Picture((Node("n0", "module", ("model",), born=1),))
    inside = Node("n1", "module", ("Linear(2, 2)", "model.first"), group="g0", born=1)
    opened = Picture((inside,), groups=(outer,))
    whole = Picture((Node("n2", "primitive", ("×",), group="g1", born=1),), groups=(outer, inner))
    return [box, opened, whole]


def test_a_module_opens_the_next_level_and_a_frame_folds_its_own():
    views = data_of(html_of(folded(), svg, start=1))["views"]

    assert [view["opens"] for view in views] == [{"n0": [1, "g0"]}, {"n1": [2, "g1"]}, {}]
    assert [view["closes"] for view in views] == [
        {}, {"g0": [0, "n0"]}, {"g0": [0, "n0"], "g1": [1, "n1"]}
    ]  # fmt: skip
    assert [view["label"] for view in views] == [
        "Modules folded", "1 level open", "All modules open"
    ]  # fmt: skip


def test_the_frame_of_a_phase_is_never_folded():
    phase, inner = Group("g0", "forward", "phase"), Group("g1", "model", parent="g0")
    open_once = Picture((Node("n1", "module", ("first",), group="g1"),), groups=(phase, inner))
    box, _, whole = folded()
    views = data_of(html_of([box, open_once, whole], svg))["views"]

    assert views[1]["closes"] == {"g1": [0, ""]}


def test_a_module_that_stays_folded_for_a_while_opens_where_it_is_open():
    box, opened, whole = folded()
    later = data_of(html_of([box, box, opened, whole], svg))["views"]
    never = data_of(html_of([box, box], svg))["views"]

    told = [{key: view for key, (view, _) in each["opens"].items()} for each in later]
    assert told == [{"n0": 2}, {"n0": 2}, {"n1": 3}, {}]
    assert [view["opens"] for view in never] == [{}, {}]


def test_all_levels_are_in_the_page_and_one_is_shown():
    page = html_of(folded(), svg, start=1)

    assert page.count("<desc>1 nodes</desc>") == 3
    assert re.findall(r'<template data-view="(\d)">', page) == ["0", "2"]
    assert data_of(page)["start"] == 1


@pytest.mark.parametrize(("pictures", "start"), [([], 0), ([picture()], 1), ([picture()], -1)])
def test_the_first_picture_must_be_one_of_them(pictures, start):
    with pytest.raises(ShapeError, match=r"html_of: start is .* must be the number of one of them"):
        html_of(pictures, svg, start=start)
