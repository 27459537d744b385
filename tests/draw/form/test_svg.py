"""SVG is valid XML with text as text, keys to find everything by, and colours for both papers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from draw.form.figures import FIGURES, apple, network, without_gradient
from gradatim.draw.form.mark import Circle, Curve, Frame, Part, Scene, Words
from gradatim.draw.form.paint import Look, Paint
from gradatim.draw.form.scene import scene_of
from gradatim.draw.form.svg import svg_of
from gradatim.draw.picture.picture import Edge, Node, Numbers, Picture

SVG = "{http://www.w3.org/2000/svg}"


def tree(picture):
    return ElementTree.fromstring(svg_of(scene_of(picture)))


def texts(root):
    return [node.text for node in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_valid_xml_without_scripts(name):
    root = tree(FIGURES[name]())
    assert root.tag == f"{SVG}svg"
    assert not list(root.iter(f"{SVG}script"))
    _, _, width, height = map(float, root.get("viewBox").split())
    assert (root.get("width"), root.get("height")) == (f"{width:g}", f"{height:g}")


def test_marks_are_found_by_their_keys_and_classes():
    picture = apple()
    root = tree(picture)
    groups = {node.get("data-edge"): node for node in root.iter(f"{SVG}g") if node.get("data-edge")}
    assert list(groups) == [edge.key for edge in picture.edges]
    for edge in picture.edges:
        group = groups[edge.key]
        assert group.get("class").split()[0] == "edge"
        assert group.get("data-quantity") == edge.quantity
        inner = {node.get("class"): node for node in group.iter(f"{SVG}g")}
        assert texts(inner["label value"]) == list(edge.value.lines)
        assert texts(inner["label gradient"]) == list(edge.gradient.lines)
    nodes = [node.get("data-node") for node in root.iter(f"{SVG}g") if node.get("data-node")]
    assert nodes == [node.key for node in picture.nodes]


def test_frames_are_found_by_their_keys():
    picture = network("all")
    found = [node.get("data-group") for node in tree(picture).iter(f"{SVG}g")]
    assert [key for key in found if key] == [group.key for group in picture.groups]


@pytest.mark.parametrize("name", ['<script>alert("1")</script>', "a & b", "'\"]]>", "사과 りんご"])
def test_names_stay_text(name):
    nodes = Node("n0", "variable", (name,), note=name), Node("n1", "end", ("y",))
    edges = (Edge("e0", "n0", "n1", value=Numbers(("1",), exact=name), label=name),)
    root = tree(Picture(nodes, edges, title=name, note=name))
    assert texts(root).count(name) == 3
    assert root.find(f"{SVG}title").text == name
    assert root.get("aria-label") == name
    assert not list(root.iter(f"{SVG}script"))


def test_letters_that_xml_forbids_are_replaced():
    name = "a\x00b\x1b\ud800\uffff"
    root = tree(Picture((Node("n0", "variable", (name,)),), title=name))
    assert "a\ufffdb\ufffd\ufffd\ufffd" in texts(root)


def test_it_is_told_in_words_what_is_drawn():
    root = tree(without_gradient())
    assert root.get("role") == "graphics-document"
    assert "no gradient yet" in root.find(f"{SVG}desc").text


def test_colours_follow_what_is_preferred_or_what_the_page_says():
    style = tree(apple()).find(f"{SVG}style").text
    assert "@media (prefers-color-scheme:dark){.gradatim{--g-paper:#14171c" in style
    assert '[data-theme="dark"] .gradatim' in style
    assert ".gradatim .l-value{fill:#0a56b0;fill:var(--g-forward);" in style
    # Nothing is said of what is not ours on a page.
    rules = re.sub(r"@media[^{]*", "", style)
    assert all(".gradatim" in rule for rule in re.findall(r"([^{}]+)\{(?!\.)", rules))


def test_columns_of_figures_keep_their_spaces():
    text = svg_of(Scene(9, 9, (Part(("label",), {}, (Words(0, 0, "[1  2]", 9, "value", True),)),)))
    assert 'class="l-value mono"' in text
    assert 'xml:space="preserve">[1  2]<' in text


def test_marks_become_elements():
    marks = (
        Circle(1.25, 2, 3, "dot"),
        Frame(0, 0, 30, 10, "rest", 20, 0.5),
        Curve((((0, 0), (5, 0)), ((5, 0), (6, 0), (7, 1), (8, 1)), ((9, 1), (10, 1))), "forward"),
    )
    text = svg_of(Scene(9, 9, (Part(("x",), {}, marks),)))
    assert '<circle class="l-dot" cx="1.2" cy="2" r="3"/>' in text
    assert 'width="30" height="10" rx="5" fill-opacity="0.5"/>' in text
    assert 'd="M0,0L5,0C6,0 7,1 8,1M9,1L10,1"' in text


def test_a_scene_may_have_its_own_paint_and_kind():
    paint = Paint({"sea": ("#001122", "#ddeeff")}, {"wave": Look("", "sea", 2.0, smooth=True)})
    text = svg_of(Scene(9, 9, (), kind="line <chart>", paint=paint))
    assert 'aria-roledescription="line &lt;chart&gt;"' in text
    assert "@media (prefers-color-scheme:dark){.gradatim{--g-sea:#ddeeff}}" in text
    assert "stroke:#001122;stroke:var(--g-sea);stroke-width:2;stroke-linejoin:round;" in text
    assert "l-backward" not in text


def test_words_stand_to_the_left_or_the_right_of_their_place_or_around_it():
    words = (Words(1, 2, "x", 9, "value", **how) for how in ({}, {"centred": False}))
    words = (*words, Words(1, 2, "x", 9, "value", ending=True))
    found = list(ElementTree.fromstring(svg_of(Scene(9, 9, (Part(("x",), {}, words),)))).iter())
    kinds = [(each.get("text-anchor"), each.get("style")) for each in found if each.text == "x"]
    assert kinds == [(None, None), ("start", None), (None, "text-anchor:end")]


def test_a_wide_drawing_is_not_made_to_fit():
    assert 'class="gradatim fitted"' in svg_of(Scene(1000, 10, ()))
    assert 'class="gradatim"' in svg_of(Scene(4000, 10, ()))


def test_the_same_picture_gives_the_same_text():
    assert svg_of(scene_of(apple())) == svg_of(scene_of(apple()))


def test_a_number_close_to_zero_has_no_sign():
    text = svg_of(Scene(10, 10, (Part(("node",), {}, (Circle(-0.01, 2.04, 3, "dot"),)),)))
    assert 'cx="0" cy="2" r="3"' in text


def test_spaces_between_figures_are_kept_by_viewers_that_know_no_styles():
    text = svg_of(Scene(10, 10, (Part(("label",), {}, (Words(0, 0, "[1  2]", 12, "value"),)),)))
    assert 'xml:space="preserve">[1  2]<' in text
