"""The page of a picture in a real browser: playing, moving, folding, dark and light."""

from __future__ import annotations

from dataclasses import replace

import pytest

import gradatim as gd
from browser.chromium import NEXT_FRAME, Page
from gradatim.draw.form.html import html_of
from gradatim.draw.picture.picture import Edge, Group, Node, Numbers, Picture, Quantity

pytestmark = pytest.mark.browser

PLACES = {"n0": (60, 60), "n1": (60, 180), "n2": (250, 100), "n3": (250, 240), "n4": (440, 150)}
PLACES |= {"n5": (640, 150)}


def apples(name="apple"):
    """The first figure of the book: 100 · 2 · 1.1."""
    told = [(name, "100", "2.2"), ("count", "2", "110"), ("", "200", "1.1"), ("tax", "1.1", "200")]
    told += [("price", "220", "1")]
    nodes = (
        Node("n0", "variable", (name,), "t0"),
        Node("n1", "variable", ("count",), "t1"),
        Node("n2", "primitive", ("×",), "t2", "multiply", born=0),
        Node("n3", "variable", ("tax",), "t3"),
        Node("n4", "primitive", ("×",), "t4", "multiply", born=1),
        Node("n5", "end", ("price",), "t4"),
    )
    ways = [("n0", "n2"), ("n1", "n2"), ("n2", "n4"), ("n3", "n4"), ("n4", "n5")]
    edges = tuple(
        Edge(f"e{i}", *way, f"t{i}", value=Numbers((value,)), gradient=Numbers((gradient,)))
        for i, (way, (_, value, gradient)) in enumerate(zip(ways, told))
    )
    quantities = tuple(Quantity(f"t{i}", each[0], (), "float64") for i, each in enumerate(told))
    return Picture(nodes, edges, quantities, title="Apples")


def svg(picture):
    """A plain drawing with the marks that the page looks for."""
    marks = [_line(picture, edge) for edge in picture.edges]
    marks += [_box(node) for node in picture.nodes]
    marks += [f'<g data-group="{each.key}"><text x="9" y="20">fold</text></g>'
              for each in picture.groups]  # fmt: skip
    return f'<svg viewBox="0 0 720 290">{"".join(marks)}</svg>'


def _line(picture, edge):
    (x, y), (right, low) = PLACES[edge.source], PLACES[edge.target]
    labels = "".join(
        f'<g class="{kind}"><text x="{(x + right) / 2}" y="{(y + low) / 2 + dy}">'
        f"{numbers.lines[0]}</text></g>"
        for kind, numbers, dy in (("value", edge.value, -8), ("gradient", edge.gradient, 18))
    )
    path = f'<path d="M{x} {y}L{right} {low}" stroke="grey"/>'
    return f'<g class="edge" data-edge="{edge.key}">{path}{labels}</g>'


def _box(node):
    x, y = PLACES[node.key]
    shape = f'<rect x="{x - 30}" y="{y - 15}" width="60" height="30" fill="white"/>'
    text = f'<title>a tip</title>{shape}<text x="{x}" y="{y}">…</text>'
    return f'<g class="node" data-node="{node.key}">{text}</g>'


@pytest.fixture
def page(opened):
    return opened(html_of(apples(), svg))


def shown(page, kind):
    """The texts of the values, or of the gradients, that can be seen."""
    return page.evaluate(
        f"[...document.querySelectorAll('#stage .{kind} text')]"
        ".filter(e => getComputedStyle(e).visibility === 'visible').map(e => e.textContent)"
    )


def place(page):
    """Where the picture's node n2 is on the screen, and how wide."""
    return page.box('[data-node="n2"]')[:3]


# --- step by step ------------------------------------------------------------------------------


def test_at_first_all_is_shown_and_how_to_begin(page):
    assert page.text("#count") == "6 steps"
    assert page.text("#play").strip() == "Start"
    assert "step by step" in page.text("#told")
    assert "dapple = 2.2" in page.text("#told")
    assert shown(page, "value") == ["100", "2", "200", "1.1", "220"]
    assert shown(page, "gradient") == ["2.2", "110", "1.1", "200", "1"]
    assert page.evaluate(
        "[...document.querySelectorAll('.is-later')].every(e => getComputedStyle(e).opacity == 1)"
    )


def test_of_a_computation_without_gradients_no_way_back_is_promised(opened):
    page = opened(gd.draw(gd.Tensor(2.0, name="x") * 3).html())

    assert "step by step." in page.text("#told")
    assert "no gradient: nothing here requires one" in page.text("#told")
    assert "back" not in page.text("#told")


def test_the_first_step_on_leads_to_what_is_given(page):
    page.press("ArrowRight")

    assert page.text("#count") == "0 / 6"
    assert page.text("#play").strip() == "Play"
    assert shown(page, "gradient") == []


def test_the_keys_go_to_the_end_and_back(page):
    page.press("Home")
    there = []
    for _ in range(6):
        there.append((page.text("#told"), shown(page, "value"), shown(page, "gradient")))
        page.press("ArrowRight")
    assert page.text("#count") == "6 / 6"
    back = []
    for _ in range(6):
        page.press("ArrowLeft")
        back.append((page.text("#told"), shown(page, "value"), shown(page, "gradient")))

    assert page.text("#count") == "0 / 6"
    assert back == there[::-1]
    assert [len(values) + len(gradients) for _, values, gradients in there] == [3, 4, 5, 6, 8, 10]


def test_the_buttons_and_the_slider_go_the_same_ways(page):
    page.click("#first")
    assert page.text("#count") == "0 / 6"
    assert page.evaluate("document.querySelector('#back').disabled")
    page.click("#on")
    page.click("#on")
    assert page.text("#count") == "2 / 6"
    page.click("#back")
    assert page.text("#count") == "1 / 6"
    page.click("#last")
    assert page.text("#count") == "6 / 6"
    left, top, width, height = page.box("#slider")
    page.drag([(left + width / 2, top + height / 2)])
    assert page.text("#count") == "3 / 6"


def test_what_is_not_reached_yet_is_dimmed_and_the_current_node_is_marked(page):
    page.press("Home")
    page.press("ArrowRight")

    assert page.evaluate("document.querySelector('.is-now').dataset.node") == "n2"
    later = page.evaluate("[...document.querySelectorAll('.is-later')].map(e => ({...e.dataset}))")
    assert later == [{"edge": "e4"}, {"node": "n4"}, {"node": "n5"}]


def test_each_step_is_announced(page):
    assert page.evaluate("document.querySelector('#told').getAttribute('aria-live')") == "polite"
    page.press("Home")
    assert "apple = 100" in page.text("#told")
    page.press("End")
    page.press("ArrowLeft")
    assert " ".join(page.text("#told").split()) == "Backward × dapple = 2.2 dcount = 110"


def test_a_gradient_that_is_a_sum_grows_part_by_part(opened):
    x = gd.Tensor(3.0, requires_grad=True, name="x")
    y = gd.exp(x) * 0 + x * 2 + x
    y.backward()
    page = opened(gd.draw(y).html())

    def trunk():
        label = page.evaluate("document.querySelector('.edge.trunk .gradient text').textContent")
        return label, label in shown(page, "gradient")

    seen = [trunk()]
    page.press("Home")
    for _ in page.evaluate("steps()")[1:]:
        page.press("ArrowRight")
        seen.append(trunk())

    assert list(dict.fromkeys(seen)) == [("3", True), ("3", False), ("1 …", True), ("3 …", True)]
    assert seen[-1] == ("3", True)
    page.press("ArrowLeft")
    page.press("ArrowLeft")
    page.evaluate("turnTo(0)")  # as if another picture had been shown meanwhile
    page.press("End")
    assert trunk() == ("3", True)


def test_a_rule_and_its_numbers_stand_in_one_line(opened):
    class Said:
        def forward(self, born):
            return [("rule", "a = b"), ("numbers", "= 3"), ("rule", "c = d"), ("sum", "1 + 2")]

        backward = forward

        def gradients(self):
            return []

    page = opened(html_of(apples(), svg, words=Said()))
    page.press("ArrowRight")
    page.press("ArrowRight")

    lines = page.evaluate("[...document.querySelectorAll('#told p')].map(e => e.textContent)")
    assert lines == ["a = b = 3", "c = d", "1 + 2"]


def test_space_plays_to_the_end_and_stops_there(page):
    page.evaluate("pace = () => 5")
    page.press("Home")
    page.press(" ")
    page.evaluate(
        "new Promise(done => { const look = () => state.timer ? setTimeout(look, 5) : done(1);"
        "look(); })"
    )

    assert page.text("#count") == "6 / 6"
    assert page.text("#play").strip() == "Play"


def test_a_step_by_hand_stops_playing(page):
    page.evaluate("pace = () => 1e6")
    page.press("Home")
    page.press(" ")
    assert page.text("#play").strip() == "Pause"
    page.press("ArrowRight")

    assert page.text("#play").strip() == "Play"
    assert page.text("#count") == "1 / 6"


def test_a_click_on_a_node_leads_to_its_step(page):
    page.press("Home")
    page.click('[data-node="n4"]')
    assert page.text("#count") == "2 / 6"
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.click('[data-node="n2"]')
    assert page.text("#count") == "5 / 6"


# --- moving and zooming ------------------------------------------------------------------------


def test_a_step_is_reached_and_chosen_by_the_keyboard(page):
    page.evaluate("document.querySelector('[data-node=n4]').focus()")
    page.press("Enter")

    assert page.text("#count") == "2 / 6"
    name = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(name) == "Step of …"  # what is written there, not its tooltip too
    assert not page.evaluate("document.querySelector('[data-node=n0]').hasAttribute('tabindex')")


def test_the_whole_picture_is_seen_at_first(page):
    left, top, width, height = page.box("#stage")
    for node in PLACES:
        x, y, wide, high = page.box(f'[data-node="{node}"]')
        assert left <= x
        assert top <= y
        assert x + wide <= left + width
        assert y + high <= top + height


def test_the_mouse_moves_it_and_the_wheel_zooms_about_the_pointer(page):
    x, y, wide = place(page)
    page.drag([(600, 300), (620, 310), (650, 340)])
    assert place(page) == pytest.approx([x + 50, y + 40, wide], abs=0.5)
    middle = x + 50 + wide / 2
    page.wheel(middle, y + 50, -100)
    page.evaluate(NEXT_FRAME)
    left, _, wider = place(page)
    assert wider > wide * 1.1
    assert left + wider / 2 == pytest.approx(middle, abs=1)


def test_keys_zoom_and_fit(page):
    start = place(page)
    page.press("+")
    assert place(page)[2] == pytest.approx(start[2] * 1.25)
    page.press("-")
    page.press("-")
    assert place(page)[2] == pytest.approx(start[2] * 0.8)
    page.press("0")
    assert place(page) == pytest.approx(start)


def test_one_finger_moves_it_and_two_zoom(opened):
    page = opened(html_of(apples(), svg), touch=True, width=800)
    x, y, wide = place(page)
    page.touch([(300, 200)], [(310, 200)], [(340, 220)])
    assert place(page) == pytest.approx([x + 40, y + 20, wide], abs=0.5)
    page.touch([(300, 200), (400, 200)], [(290, 200), (410, 200)], [(250, 200), (450, 200)])
    assert place(page)[2] == pytest.approx(wide * 2, rel=0.05)


def test_on_a_phone_it_begins_legible_and_follows_the_steps(opened):
    page = opened(html_of(apples(), svg), width=390, height=780, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("stage.scale") > 0.8
    page.press("Home")
    page.press("ArrowRight")
    page.press("ArrowRight")
    left, _, width, _ = page.box('[data-node="n4"]')
    assert 0 <= left <= left + width <= 390


@pytest.mark.parametrize(("width", "height", "least"), [(320, 568, 220), (640, 320, 220)])
def test_a_small_screen_has_room_for_picture_and_words(opened, width, height, least):
    many = [replace(apples(), title="A long title of a picture " * 3)] * 2
    page = opened(html_of(many, svg), width=width, height=height, touch=True)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    _, _, wide, high = page.box("#stage")
    assert high >= least
    assert wide >= width / 2
    told, panel = page.box("#told"), page.box("#panel")
    assert told[3] >= 120
    assert told[1] + told[3] <= height
    assert panel[0] + panel[2] <= width


# --- dark and light ----------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [True, False])
def test_it_takes_the_colours_of_the_system_until_the_button_changes_them(opened, dark):
    page = opened(html_of(apples(), svg), dark=dark)
    ground = "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]) < 128"

    assert page.evaluate(ground) is dark
    page.click("#theme")
    assert page.evaluate(ground) is not dark
    page.click("#theme")
    assert page.evaluate(ground) is dark


# --- modules -----------------------------------------------------------------------------------


@pytest.fixture
def folding(opened):
    box = Node("n2", "module", ("shop",), "t4", born=1)
    nodes = tuple(replace(node, group="g0") for node in apples().nodes)
    whole = replace(apples(), nodes=nodes, groups=(Group("g0", "shop"),))
    return opened(html_of([Picture((box,)), whole], svg))


def test_a_module_opens_by_a_click_and_its_frame_folds_it(folding):
    folding.click('[data-node="n2"]')
    assert folding.evaluate("document.querySelectorAll('#stage [data-node]').length") == 6
    folding.click('[data-group="g0"]')
    assert folding.evaluate("document.querySelectorAll('#stage [data-node]').length") == 1


def test_a_module_opens_by_the_keyboard_and_by_the_list(folding):
    folding.evaluate("document.querySelector('[data-node=n2]').focus()")
    folding.press("Enter")
    assert folding.evaluate("document.querySelectorAll('#stage [data-node]').length") == 6
    held = "document.activeElement.closest('[data-group], [data-node]').dataset"
    assert folding.evaluate(f"{held}.group") == "g0"
    folding.press("Enter")
    assert folding.evaluate(f"{held}.node") == "n2"
    assert folding.evaluate("document.activeElement.getAttribute('aria-label')") == "Open …"
    folding.press("Enter")
    folding.evaluate(
        "(list => { list.value = '0'; list.dispatchEvent(new Event('change')); })"
        "(document.querySelector('#fold'))"
    )
    assert folding.evaluate("document.querySelectorAll('#stage [data-node]').length") == 1


def test_the_step_stays_the_same_when_a_module_opens(folding):
    folding.press("Home")
    folding.press("ArrowRight")
    folding.click('[data-node="n2"]')

    assert folding.evaluate("steps()[state.step].node") == "n4"


def test_folding_on_the_way_back_leads_to_the_end_where_nothing_goes_back(folding):
    folding.click('[data-node="n2"]')
    folding.press("End")
    folding.press("ArrowLeft")
    assert folding.evaluate("steps()[state.step].phase") == "backward"
    folding.click('[data-group="g0"] text')

    assert folding.evaluate("steps()[state.step].phase") == "done"


def test_a_picture_that_comes_back_is_marked_anew(folding):
    folding.click('[data-node="n2"]')
    folding.press("Home")
    folding.press("ArrowRight")
    folding.click('[data-group="g0"] text')
    folding.press("End")
    folding.click('[data-node="n2"]')

    assert (
        folding.evaluate("document.querySelectorAll('#stage .is-now, #stage .is-later').length")
        == 0
    )


# --- what comes from outside -------------------------------------------------------------------


def test_a_hostile_name_stays_text(opened):
    name = "<!--<script ></script><script>document.title='caught'</script>&lt;\u2028"
    page = opened(html_of(apples(name), svg))
    page.press("Home")

    assert page.evaluate("document.title") == "Apples"
    told = page.evaluate("document.querySelector('#told').textContent")
    assert f"{name} = 100" in told


def test_a_script_that_got_in_all_the_same_does_not_run(chromium, tmp_path):
    path = tmp_path / "page.html"
    breach = "<script>document.title = 'caught'</script>"
    path.write_text(html_of(apples(), lambda p: svg(p) + breach), encoding="utf-8")
    page = Page(chromium, path)

    assert page.evaluate("document.title") == "Apples"
    assert any("Content Security Policy" in complaint for complaint in page.complaints())


def test_a_picture_without_steps_has_no_stepper(opened):
    page = opened(html_of(Picture((), title="Nothing"), lambda p: '<svg viewBox="0 0 9 9"/>'))

    assert page.evaluate("document.querySelector('#panel').hidden")
