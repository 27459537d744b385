"""Mermaid: one node and one edge for each of the picture, and names that mean nothing to it."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradatim as gd

SAFE = r"[^\"<>|`\\*_+&%]"
TEXT = rf"(?:{SAFE}|<br/>)*"
ROW = re.compile(
    rf"\s*(?:flowchart LR|end|subgraph g\d+\[\"{TEXT}\"\]|note\[\"{TEXT}\"\]"
    rf"|n\d+[\[({{]+\"{TEXT}\"[\])}}]+|n\d+ -->(?:\|\"{TEXT}\"\|)? n\d+)"
)


def drawn(name="x"):
    x = gd.Tensor(100.0, requires_grad=True, name=name)
    y = x * 2.2 + x
    y.backward()
    return gd.draw(y)


def test_nodes_and_edges_are_those_of_the_picture():
    drawing = drawn()
    text = drawing.mermaid()

    assert len(re.findall(r"^  n\d+[\[(]", text, re.M)) == len(drawing.picture.nodes)
    assert text.count("-->") == len(drawing.picture.edges)


def test_values_stand_above_gradients_which_are_marked():
    assert '-->|"100<br/>∂ 3.2"|' in drawn().mermaid()


@pytest.mark.parametrize(
    "name",
    [
        'say "hi"', "<script>alert(1)</script>", "a|b", "`a`", "a\nb", "W_1*", "#quot;", "end",
        "%% x", "사과", "みかん",
    ],
)  # fmt: skip
def test_any_name_stays_a_name(name):
    for row in drawn(name).mermaid().splitlines():
        assert ROW.fullmatch(row), row


def test_letters_that_mean_something_become_entities():
    assert 'n0("#lt;b#gt; #quot;#35;1#quot;")' in drawn('<b> "#1"').mermaid()


def test_the_signs_of_arithmetic_are_no_lists():
    assert '(("#43;"))' in drawn().mermaid()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("1. list", "1#46; list"),
        ("- item", "#45; item"),
        ("$$x$$", "#36;#36;x#36;#36;"),
        ("1.5", "1.5"),
        ("-2", "-2"),
        ("a - b", "a - b"),
    ],
)
def test_no_name_begins_a_list_or_a_formula(name, written):
    assert f'n0("{written}")' in drawn(name).mermaid()


def test_frames_are_subgraphs():
    text = gd.draw(gd.nn.MLP([2, 3, 1], rng=0), np.ones((1, 2)), depth="all").mermaid()

    assert len(re.findall(r"^ *subgraph ", text, re.M)) == 4
    assert len(re.findall(r"^ *end$", text, re.M)) == 4


def test_why_there_is_no_gradient_is_said():
    x = gd.Tensor(1.0, requires_grad=True, name="x")

    assert 'note["no gradient yet: backward was not called"]' in gd.draw(x * 2).mermaid()
