"""DOT: one node and one edge for each of the picture, and names that cannot break out."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradatim as gd

QUOTED = r'"(?:[^"\\]|\\.)*"'
HTML = r"<(?:[^<>]|</?(?:B|I)>|<BR/>|<FONT COLOR=\"#b3261e\">|</FONT>)*>"
STATEMENT = re.compile(
    rf"\s*(?:digraph gradatim \{{|\}}|rankdir=LR|label={QUOTED}|subgraph cluster_g\d+ \{{"
    rf"|n\d+ \[(?:label={QUOTED}, )?shape=[^\]\"]*(?:{QUOTED})?(?:, tooltip={QUOTED})?\]"
    rf"|n\d+ -> n\d+(?: \[label={HTML}\])?)"
)


def drawn(name="x"):
    x = gd.Tensor(100.0, requires_grad=True, name=name)
    y = x * 2.2 + x
    y.backward()
    return gd.draw(y)


def test_nodes_and_edges_are_those_of_the_picture():
    drawing = drawn()
    text = drawing.dot()

    assert len(re.findall(r"^  n\d+ \[", text, re.M)) == len(drawing.picture.nodes)
    assert len(re.findall(r"->", text)) == len(drawing.picture.edges)


def test_values_are_plain_and_gradients_red_and_slanted():
    assert '[label=<100<BR/><FONT COLOR="#b3261e"><I>3.2</I></FONT>>]' in drawn().dot()


@pytest.mark.parametrize(
    "name",
    [
        'say "hi"',
        "<script>alert(1)</script>",
        "a\\",
        'a\\"];evil[',
        "a & b",
        "a\nb",
        "사과",
        "みかん",
    ],
)
def test_any_name_stays_a_name(name):
    for line in drawn(name).dot().splitlines():
        assert STATEMENT.fullmatch(line), line


def test_names_are_written_with_what_dot_reads_back():
    assert r'label="say \"hi\" \\ &amp;lt; <b>"' in drawn('say "hi" \\ &lt; <b>').dot()


def test_frames_are_clusters():
    text = gd.draw(gd.nn.MLP([2, 3, 1], rng=0), np.ones((1, 2)), depth="all").dot()

    assert text.count("subgraph cluster_") == 4
    assert text.count("{") == text.count("}") == 5
    assert 'label="layers.0: Linear(2, 3)"' in text


def test_why_there_is_no_gradient_is_said():
    x = gd.Tensor(1.0, requires_grad=True, name="x")

    assert "no gradient yet: backward was not called" in gd.draw(x * 2).dot()
