"""The figures of the notebooks and other graphs in a real browser: tidy, right and playable."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from browser.chromium import Page
from gradatim.notebooks.figure import FIGURES

pytestmark = pytest.mark.browser

# What may touch nothing else: labels of edges, boxes of nodes, the names of frames.
BOXES = """
[...document.querySelectorAll('#stage .node, #stage .label, #stage .group > text')].map(mark => {
    const texts = [...mark.querySelectorAll('text')];
    const parts = (texts.length && mark.matches('.label') ? [...mark.children] : [mark])
        .filter(e => e.tagName !== 'title').map(e => e.getBoundingClientRect());
    return {
        what: `${mark.closest('[data-node],[data-edge],[data-group]').outerHTML.slice(0, 60)}`
            + ` ${mark.getAttribute('class')} ${mark.textContent}`,
        left: Math.min(...parts.map(b => b.left)), right: Math.max(...parts.map(b => b.right)),
        top: Math.min(...parts.map(b => b.top)), bottom: Math.max(...parts.map(b => b.bottom)),
    };
})
"""
# Labels through which the line of another edge runs.
CROSSED = """
[...document.querySelectorAll('#stage .edge > path:not([fill])')].flatMap(line => {
    const own = line.closest('.edge'), way = line.getScreenCTM();
    const points = Array.from({length: 101}, (_, i) =>
        line.getPointAtLength(line.getTotalLength() * i / 100).matrixTransform(way));
    return [...document.querySelectorAll('#stage .label')]
        .filter(label => label.closest('.edge') !== own)
        .filter(label => [...label.querySelectorAll('text')].some(text => {
            const b = text.getBoundingClientRect();
            return points.some(p => p.x > b.left + 1 && p.x < b.right - 1
                && p.y > b.top + b.height / 5 && p.y < b.bottom - b.height / 5);
        })).map(label => `${own.dataset.edge} runs through ${label.textContent}`);
})
"""


def diamond():
    """A small graph in which tensors are used several times."""
    x = gd.Tensor(3.0, requires_grad=True, name="x")
    a = x * x
    b, c = a + x, a * x
    d = b * c + a
    d.name = "d"
    d.backward()
    return gd.draw(d)


def mlp():
    """A network of five layers with its loss, folded and open."""
    model = gd.nn.MLP([6, 8, 8, 8, 8, 3], rng=0)
    loss = gd.cross_entropy(model(np.random.default_rng(0).random((4, 6))), [0, 1, 2, 1])
    loss.name = "loss"
    loss.backward()
    return gd.draw(loss)


def names():
    """Names in other scripts, and one that is a trap."""
    apple = gd.Tensor(100.0, requires_grad=True, name="사과")
    count = gd.Tensor(2.0, requires_grad=True, name="みかんの個数")
    tax = gd.Tensor(1.1, requires_grad=True, name="<script>document.title='caught'</script>")
    price = apple * count * tax
    price.name = "지불 금액"
    price.backward()
    return gd.draw(price)


GRAPHS = {**FIGURES, "diamond": diamond, "mlp": mlp, "names": names}


def overlaps(boxes, room=0.5):
    """Pairs of boxes that share more than a little."""
    return [
        (a["what"], b["what"])
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
        if min(a["right"], b["right"]) - max(a["left"], b["left"]) > room
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > room
    ]


@pytest.fixture(scope="module", params=GRAPHS)
def shown(request, chromium, tmp_path_factory):
    """Each drawing, and its page, which the tests of one drawing share."""
    drawing = GRAPHS[request.param]()
    path = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    drawing.save(path)
    page = Page(chromium, path)
    yield drawing, page
    assert page.complaints() == []


def test_no_label_touches_another_a_node_or_a_foreign_line(shown):
    drawing, page = shown
    for level, picture in enumerate(drawing.levels):
        page.evaluate(f"(turnTo({level}), stage.scale = 1, stage.apply())")
        boxes = page.evaluate(BOXES)
        assert len(boxes) >= len(picture.nodes)
        assert overlaps(boxes) == []
        assert page.evaluate(CROSSED) == []


def test_it_plays_to_its_end_and_back(shown):
    _, page = shown
    last = page.evaluate("steps().length - 1")
    page.press("Home")
    for step in range(last):
        assert page.evaluate("state.step") == step
        page.press("ArrowRight")
    assert page.text("#count") == f"{last} / {last}"
    for _ in range(last):
        page.press("ArrowLeft")
    assert page.text("#count") == f"0 / {last}"
    assert page.evaluate("document.title") != "caught"


def test_the_numbers_on_the_page_are_those_of_the_library(shown):
    drawing, page = shown
    for level, picture in enumerate(drawing.levels):
        page.evaluate(f"turnTo({level})")
        found = page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('#stage .edge')].map(edge =>"
            "[edge.dataset.edge, ['value', 'gradient'].map(kind =>"
            "[...edge.querySelectorAll(`.${kind} text`)].map(text => text.textContent))]))"
        )
        for edge in picture.edges:
            for numbers, texts in zip((edge.value, edge.gradient), found[edge.key]):
                if numbers is not None:
                    assert [*numbers.lines] == texts[-len(numbers.lines) :]


def test_the_gradients_of_the_apples_are_those_of_backward(opened):
    drawing = FIGURES["apples"]()
    page = opened(drawing.html())
    wanted = {"apple": 2.2, "apples": 110, "orange": 3.3, "oranges": 165, "tax": 650}

    told = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#stage .node.variable')].map(node => {"
        "const edge = document.querySelector("
        "`.edge[data-quantity=${node.dataset.quantity}] .gradient text`);"
        "return [node.querySelector('text').textContent, Number(edge.textContent)]; }))"
    )

    assert told == wanted
    for tensor in drawing.flow.leaves:
        assert told[tensor.name] == pytest.approx(float(tensor.grad.raw), rel=1e-12)
