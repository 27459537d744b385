"""The loss around a model's weights, and the path that led there."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import landscape
from gradatim.draw.chart.surface import heights, path_plane, random_plane, refined, walk_of
from gradatim.errors import DataError, DtypeError

pytest.importorskip("matplotlib")

DATA = gd.data.moons(40)


class Bowl(gd.nn.Module):
    """Two weights that are their own output."""

    def __init__(self, place=(0.0, 0.0)):
        self.place = gd.Parameter(np.array(place))

    def forward(self, x):
        return self.place + 0 * x


def square(y, t):
    return (y**2).sum(axis=1).mean() + 0 * gd.Tensor(t).sum()


def walk(*places):
    return [{"place": np.array(place)} for place in places]


def test_heights_are_the_loss_with_the_weights_moved():
    plane = path_plane(Bowl((1.0, 0.0)), walk_of(Bowl((1.0, 0.0)), walk([3.0, 0.0], [2.0, 1.0])))
    lines = np.array([-1.0, 0.0, 2.0]), np.array([0.0, 1.0])

    found = heights(Bowl((1.0, 0.0)), square, np.ones((3, 2)), np.ones(3), plane, lines, 3)

    first, second = (each["place"] for each in plane.directions)
    for i, b in enumerate(lines[1]):
        for j, a in enumerate(lines[0]):
            place = np.array([1.0, 0.0]) + a * first + b * second
            assert found[i, j] == pytest.approx((place**2).sum())


def test_the_plane_of_a_path_holds_it_where_it_has_two_directions():
    model = Bowl((1.0, 0.0))
    plane = path_plane(model, walk_of(model, walk([3.0, 0.0], [2.0, 1.0])))

    first, second = (each["place"] for each in plane.directions)
    np.testing.assert_allclose(
        [first @ first, second @ second, first @ second], [1, 1, 0], atol=1e-9
    )
    places = model.place.data + plane.walk @ np.stack([first, second])
    np.testing.assert_allclose(places, [[3, 0], [2, 1], [1, 0]], atol=1e-9)
    assert (plane.walk >= plane.bounds[:, 0]).all()
    assert (plane.walk <= plane.bounds[:, 1]).all()


def test_a_straight_path_has_a_plane_too():
    plane = path_plane(Bowl(), walk_of(Bowl(), walk([2.0, 0.0], [1.0, 0.0])))

    assert plane.names[0] == "direction 1 of the path: 100% of its movement"
    assert np.isfinite(plane.directions[1]["place"]).all()


def test_random_directions_are_as_long_as_the_weights_column_by_column():
    model = gd.nn.MLP([5, 4, 3], rng=0)
    for direction in random_plane(model, None, 0, 1.0).directions:
        for path, p in model.named_parameters():
            lengths = np.linalg.norm(p.data, axis=0) if p.ndim == 2 else np.zeros(p.shape)
            found = np.linalg.norm(direction[path], axis=0) if p.ndim == 2 else direction[path]
            np.testing.assert_allclose(found, lengths, rtol=1e-5)


def test_the_model_is_left_as_it_was_bit_for_bit():
    model = gd.nn.MLP([2, 4, 2], rng=0)
    before, raws = model.state_dict(), [p.raw for p in model.parameters()]

    landscape(model, gd.cross_entropy, DATA, cells=4)

    for path, kept in model.state_dict().items():
        assert kept.tobytes() == before[path].tobytes()
    assert all(p.raw is raw for p, raw in zip(model.parameters(), raws, strict=True))
    assert model.training


def test_the_path_is_drawn_from_its_start_to_the_model():
    model = gd.nn.MLP([2, 4, 2], rng=0)
    path = gd.train.WeightPath(every=5)
    trainer = gd.train.Trainer(
        model, gd.cross_entropy, gd.optim.SGD(model, lr=0.5), callbacks=[path], progress="none"
    )
    trainer.fit(DATA, steps=20, batch_size=20)

    axes = landscape(model, gd.cross_entropy, DATA, path=path, cells=4).figure.axes[0]

    assert [text.get_text() for text in axes.texts] == ["start", "end"]
    drawn = axes.lines[0].get_xydata()
    assert len(drawn) == 5
    np.testing.assert_allclose(drawn[-1], 0, atol=1e-6)
    assert not np.allclose(drawn[0], 0)


def test_a_flat_loss_is_said_to_be_flat():
    axes = landscape(Bowl(), lambda y, t: 0 * y.sum(), np.ones((2, 2)), [0, 0], cells=3).figure.axes

    assert axes[0].get_title(loc="right").startswith("flat")


def test_a_loss_that_is_infinite_in_places_is_drawn():
    def cliff(y, t):
        return (1 / gd.maximum(y[:, 0].mean() - 0.5, 0.0)) + (y**2).mean()

    path = walk([2.0, 0.0], [1.5, 1.0])
    chart = landscape(Bowl((1.0, 0.0)), cliff, np.ones((2, 2)), [0, 0], path=path, cells=5)

    assert len(chart.svg()) > 1000


def test_a_refined_grid_goes_through_the_points_that_were_measured():
    x, y = np.linspace(-1, 1, 7), np.linspace(0, 3, 5)
    found = np.random.default_rng(0).normal(size=(5, 7))
    (fine_x, fine_y), fine = refined((x, y), found)

    assert fine.shape == (len(fine_y), len(fine_x)) == (61, 61)
    np.testing.assert_allclose(fine[::15, ::10], found)
    np.testing.assert_allclose(fine_x[::10], x)
    np.testing.assert_allclose(fine_y[::15], y)


def test_between_the_points_of_a_bowl_are_those_of_the_bowl():
    x = np.linspace(-2, 2, 9)
    (fine_x, fine_y), fine = refined((x, x), np.add.outer(x**2, x**2))

    inside = slice(len(fine_x) // 8 + 1, -len(fine_x) // 8 - 1)
    bowl = np.add.outer(fine_y**2, fine_x**2)
    np.testing.assert_allclose(fine[inside, inside], bowl[inside, inside], atol=1e-12)


def test_a_fine_grid_or_one_with_gaps_stays_as_it_is():
    many, few = np.linspace(0, 1, 61), np.linspace(0, 1, 4)
    assert refined((many, many), np.ones((61, 61)))[1].shape == (61, 61)
    gap = np.full((4, 4), np.nan)
    assert refined((few, few), gap)[1] is gap


def test_what_cannot_be_drawn_is_refused():
    model = Bowl()
    data = np.ones((2, 2)), [0, 0]
    with pytest.raises(DtypeError, match=r"^landscape: the model is function; it must be a Module"):
        landscape(square, square, data)
    with pytest.raises(
        DataError, match=r"^landscape: cells is 2, directions is 'auto'; cells must"
    ):
        landscape(model, square, data, cells=2)
    with pytest.raises(
        DataError, match=r"directions is 'path', but there is no path.*\n.*WeightPa"
    ):
        landscape(model, square, data, directions="path")
    with pytest.raises(DtypeError, match=r"^landscape: the path is int; it must be a WeightPath"):
        landscape(model, square, data, path=3)
    with pytest.raises(DataError, match=r"point 0 of the path has no place of shape \(2,\)"):
        landscape(model, square, data, path=[{"place": np.ones(3)}])
    with pytest.raises(DataError, match=r"^landscape: the path does not move"):
        landscape(model, square, data, path=walk([0.0, 0.0]))
    with pytest.raises(
        DtypeError, match=r"^landscape: the loss is 'mse'; it must be a function .*"
    ):
        landscape(model, "mse", data)
    with pytest.raises(DataError, match=r"^landscape: the loss is NaN or infinite everywhere aro"):
        landscape(model, lambda y, t: square(y, t) * np.nan, data, cells=3)
    with pytest.raises(DataError, match=r"^landscape: there are no targets; they must be given"):
        landscape(model, square, np.ones((2, 2)), path=walk([1.0, 0.0]))
