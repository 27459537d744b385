"""Draw the pictures of the lessons, every number in them computed: ``python pictures.py [FOLDER]``.

The same version of matplotlib gives the same files.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import gradatim as gd
from gradatim.draw.chart.style import style

HERE = Path(__file__).parent / "pictures"
BLUE, RED, INK, PALE = "#0072B2", "#D55E00", "#333333", "#E3E3E3"


def panel(width: float = 7.2, height: float = 3.6) -> tuple[Figure, Axes]:
    """One quiet panel."""
    figure = Figure(figsize=(width, height), dpi=144, layout="constrained")
    axes = figure.subplots()
    axes.grid(axis="y", color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#888888")
    axes.tick_params(which="both", length=0, labelcolor=INK)
    return figure, axes


def save(figure: Figure, path: Path) -> None:
    """Write a figure without a date, so that the same picture is the same file."""
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "gradatim"})


# --- 1 ------------------------------------------------------------------------------------------
def apples(path: Path) -> None:
    """The bill as a graph: values above the arrows, gradients below."""
    names = {"apple": 100.0, "number": 2.0, "tax": 1.1}
    apple, number, tax = (gd.Tensor(v, requires_grad=True, name=k) for k, v in names.items())
    apple_price = apple * number
    price = apple_price * tax
    price.backward(retain_grads=True)

    figure = Figure(figsize=(8.2, 3.4), dpi=144)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.1, 8.1)
    axes.set_ylim(-0.2, 3.2)
    axes.axis("off")
    first, second, end = (3.0, 2.4), (5.6, 1.6), (7.9, 1.6)
    for at in (first, second):
        axes.plot(*at, "o", markersize=34, markerfacecolor="white", markeredgecolor=INK)
        axes.text(*at, "×", ha="center", va="center", fontsize=20, color=INK)
    arrow(axes, (0.9, 2.9), first, apple)
    arrow(axes, (0.9, 1.6), first, number)
    arrow(axes, (0.9, 0.4), second, tax)
    arrow(axes, first, second, apple_price)
    arrow(axes, second, end, price)
    for at, name in (((0.75, 2.9), "apple"), ((0.75, 1.6), "number"), ((0.75, 0.4), "tax")):
        axes.text(*at, name, ha="right", va="center", fontsize=12, color=INK)
    axes.text(end[0], end[1] - 0.35, "price", ha="right", va="center", fontsize=12, color=INK)
    axes.text(4.3, 0.05, "value, forward", fontsize=10, color=BLUE, fontweight="bold")
    axes.text(6.1, 0.05, "gradient, backward", fontsize=10, color=RED, fontweight="bold")
    save(figure, path)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], t: gd.Tensor) -> None:
    """An arrow that carries a Tensor: its value above, its gradient below."""
    way = np.subtract(end, start)
    unit = way / np.hypot(*way)
    circles = {(3.0, 2.4), (5.6, 1.6)}
    a = start + 0.31 * unit if start in circles else np.array(start)
    b = end - 0.33 * unit if end in circles else np.array(end)
    axes.annotate("", b, a, arrowprops={"arrowstyle": "-|>", "color": "#888888", "lw": 1.2})
    middle = (a + b) / 2
    angle = float(np.degrees(np.arctan2(way[1], way[0])))
    upright = {"rotation": angle, "rotation_mode": "anchor", "transform_rotates_text": True}
    across = np.array([-unit[1], unit[0]])
    above, below = middle + 0.07 * across, middle - 0.07 * across
    assert t.grad is not None
    axes.text(*above, f"{t.item():g}", ha="center", va="bottom", color=BLUE, fontsize=12, **upright)
    axes.text(
        *below, f"{t.grad.item():g}", ha="center", va="top", color=RED, fontsize=12, **upright
    )


# --- 2 ------------------------------------------------------------------------------------------
def staircase(path: Path) -> None:
    """Loss and accuracy of 100 images while one weight is moved."""
    train, _ = gd.data.mnist()
    x, labels = train.flatten().batch(np.arange(100), np.float64)
    model = gd.nn.MLP([784, 50, 10], init="normal:0.01", dtype=np.float64, rng=0)
    optimizer = gd.optim.SGD(model, lr=0.1)
    for _, batch, t in gd.data.Loader(train.flatten(), 100, dtype=float).batches(stop=100):
        gd.cross_entropy(model(batch), t).backward()
        optimizer.step()
    with gd.no_grad():
        hidden = model[1](model[0](x)).numpy()
    weights, bias = model[2].weight.numpy(), model[2].bias.numpy()
    unit = hidden.std(axis=0).argmax()
    places = np.linspace(-4, 4, 801)
    losses, shares = [], []
    for place in places:
        moved = weights.copy()
        moved[unit, 3] += place
        logits = hidden @ moved + bias
        losses.append(gd.cross_entropy(logits, labels).item())
        shares.append(np.mean(logits.argmax(axis=1) == labels))

    figure = Figure(figsize=(8.2, 3.4), dpi=144, layout="constrained")
    for axes, name, values, colour in zip(
        figure.subplots(1, 2), ("loss", "accuracy"), (losses, shares), (BLUE, RED)
    ):
        axes.set_title(name, loc="left", fontsize=11, color=INK)
        axes.plot(places, values, color=colour, linewidth=1.6)
        axes.set_xlabel("change of one weight", color=INK)
        axes.grid(axis="y", color=PALE, linewidth=0.8)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(which="both", length=0, labelcolor=INK)
    figure.axes[1].yaxis.set_major_formatter("{x:.0%}")
    save(figure, path)


def descent(path: Path) -> None:
    """Three learning rates on the bowl x0^2 + x1^2, 25 steps each."""
    paths = {}
    for lr in (0.1, 0.002, 1.02):
        points = [np.array([-3.0, 4.0])]
        for _ in range(25):
            slope = gd.grad(lambda x: (x**2).sum())(points[-1]).numpy()
            points.append(points[-1] - lr * slope)
        paths[f"learning rate {lr:g}"] = np.array(points)
    gd.draw.descent(lambda x, y: x**2 + y**2, paths).save(path)


# --- 3 ------------------------------------------------------------------------------------------
def sweep(path: Path) -> None:
    """Error of the numerical gradient of b2 against the step."""
    train, _ = gd.data.mnist()
    x, labels = train.flatten().batch(np.arange(3), np.float64)
    model = gd.nn.MLP([784, 50, 10], init="normal:0.01", dtype=np.float64, rng=0)
    w1, b1, w2, b2 = (p.numpy() for p in model.parameters())
    hidden = np.maximum(x @ w1 + b1, 0)

    def loss(b2: gd.Tensor) -> gd.Tensor:
        return gd.cross_entropy(hidden @ w2 + b2, labels)

    gd.draw.sweep(gd.check.sweep(loss, b2, progress="none")).save(path)


# --- 4 and 5 ------------------------------------------------------------------------------------
def training(path: Path) -> None:
    """The first epoch of the book's network, as in lesson 4."""
    train, test = (part.flatten() for part in gd.data.mnist())
    model = gd.nn.MLP([784, 50, 10], init="normal:0.01", rng=0)
    trainer = gd.train.Trainer(
        model, gd.cross_entropy, gd.optim.SGD(model, lr=0.1), progress="none"
    )
    history = trainer.fit(train, test, steps=600, batch_size=100, evaluate_every=50)
    gd.draw.curves(history).save(path)


def networks(path: Path) -> None:
    """Losses of the last cell of lesson 5, and of the same cell mended."""
    train, _ = gd.data.mnist()
    figure, axes = panel()
    for init, lr, name, colour in (
        ("normal:1", 1.0, "normal:1, learning rate 1.0", RED),
        ("he", 0.1, "He, learning rate 0.1", BLUE),
    ):
        model = gd.nn.MLP([784, 512, 10], init=init, rng=0)
        optimizer = gd.optim.SGD(model, lr=lr)
        losses = []
        for _, x, t in gd.data.Loader(train.flatten(), 10, seed=0).batches(stop=1000):
            loss = gd.cross_entropy(model(x), t)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        sums = np.cumsum([0.0, *losses])
        steps = np.arange(1, 1001)
        first = np.maximum(steps - 50, 0)
        smooth = (sums[steps] - sums[first]) / (steps - first)
        axes.semilogy(steps, smooth, color=colour, linewidth=1.5)
        axes.text(330, 1.5 * smooth[250:550].max(), name, color=colour, fontsize=10)
    axes.axhline(np.log(10), color="#888888", linewidth=0.8)
    axes.text(1000, np.log(10) * 1.12, "ln 10: knows nothing", color="#666666", fontsize=9,
              ha="right", va="bottom")  # fmt: skip
    axes.set_xlim(0, 1000)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("step", color=INK)
    axes.set_ylabel("loss, mean of the last 50 steps", color=INK)
    save(figure, path)


PICTURES = {
    "1-apples.svg": apples,
    "2-staircase.svg": staircase,
    "2-descent.svg": descent,
    "3-sweep.svg": sweep,
    "4-training.svg": training,
    "5-networks.svg": networks,
}


def main(folder: Path = HERE) -> None:
    """Draw all of them into a folder."""
    for name, draw in PICTURES.items():
        with style():
            draw(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
