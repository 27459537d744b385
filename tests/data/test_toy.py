from __future__ import annotations

import numpy as np
import pytest

from gradatim.data import moons, sine, spirals, xor
from gradatim.errors import DataError

CLASSED = [xor, spirals, moons]
ALL = [*CLASSED, sine]


@pytest.mark.parametrize("make", ALL)
class TestAll:
    def test_arguments_alone_decide(self, make):
        np.random.seed(1)
        first, again = make(60, seed=3), make(60, seed=3)
        assert first.checksum == again.checksum
        assert make(60, seed=4).checksum != first.checksum
        assert make(60, noise=0.3, seed=3).checksum != first.checksum

    def test_without_noise_the_seed_is_idle(self, make):
        assert make(60, noise=0, seed=3).checksum == make(60, noise=0, seed=4).checksum

    def test_float64_is_kept_and_any_float_served(self, make):
        data = make(60)
        assert data.inputs.dtype == np.float64
        assert data.batch([0])[0].dtype == np.float32
        assert data.name == make.__name__

    def test_the_default_is_ready_to_learn_from(self, make):
        data = make()
        assert len(data) >= 200
        assert np.isfinite(data.inputs).all()
        assert np.abs(data.inputs).max() < 4

    def test_too_few_samples_are_refused(self, make):
        with pytest.raises(DataError, match=rf"{make.__name__}: n is 1.*\n.*or more. Try n="):
            make(1)

    @pytest.mark.parametrize("noise", [-0.1, np.nan])
    def test_negative_noise_is_refused(self, make, noise):
        with pytest.raises(DataError, match=rf"{make.__name__}: noise is {noise}.*\n.*noise=0.1"):
            make(60, noise=noise)


@pytest.mark.parametrize("make", CLASSED)
@pytest.mark.parametrize("n", [6, 60, 61, 62])
def test_classes_are_balanced_in_any_stretch(make, n):
    data = make(n)
    assert len(data) == n
    for part in (data.targets, data.targets[n // 3 :]):
        counts = np.bincount(part, minlength=data.classes)
        assert counts.max() - counts.min() <= 1


def test_xor_of_four_is_the_truth_table():
    data = xor(4, noise=0)
    table = {tuple(x): t for x, t in zip(data.inputs.tolist(), data.targets.tolist(), strict=True)}
    assert table == {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}


def test_xor_clouds_have_the_width_asked_for():
    data = xor(4000, noise=0.05)
    corners = np.round(data.inputs)
    assert 0.045 < (data.inputs - corners).std() < 0.055
    np.testing.assert_array_equal(corners[:, 0] != corners[:, 1], data.targets == 1)


def test_no_straight_line_parts_xor():
    data = xor(400)
    design = np.column_stack([data.inputs, np.ones(400)])
    weights = np.linalg.lstsq(design, data.targets - 0.5)[0]
    assert 0.3 < np.mean((design @ weights > 0) == data.targets) < 0.7


def test_spiral_arms_are_turned_copies_of_one():
    data = spirals(300, classes=3, noise=0)
    turn = 2 * np.pi / 3
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    arms = [data.inputs[data.targets == arm] for arm in range(3)]
    np.testing.assert_allclose(arms[0] @ rotation.T, arms[1], atol=1e-12)
    radius = np.linalg.norm(arms[0], axis=1)
    np.testing.assert_allclose(radius, np.linspace(0.05, 1, 100), atol=1e-12)


def test_spirals_take_any_number_of_arms():
    assert spirals(10, classes=1).classes == 1
    assert spirals(70, classes=7).classes == 7
    with pytest.raises(DataError, match=r"spirals: classes is 0.*\n.*Try 3"):
        spirals(10, classes=0)


def test_moons_are_half_circles_of_radius_one():
    data = moons(200, noise=0)
    for label, centre, side in ((0, (0, 0), 1), (1, (1, 0.5), -1)):
        arc = data.inputs[data.targets == label] - centre
        np.testing.assert_allclose(np.linalg.norm(arc, axis=1), 1)
        assert (side * arc[:, 1] > -1e-12).all()
        assert np.ptp(arc[:, 0]) == pytest.approx(2)


def test_sine_is_one_wave():
    data = sine(101, noise=0)
    assert data.classes is None
    assert data.inputs.shape == data.targets.shape == (101, 1)
    assert data.inputs[[0, -1], 0].tolist() == [-np.pi, np.pi]
    np.testing.assert_array_equal(data.targets, np.sin(data.inputs))


def test_sine_noise_is_on_the_targets_only():
    quiet, noisy = sine(2000, noise=0), sine(2000, noise=0.2)
    np.testing.assert_array_equal(quiet.inputs, noisy.inputs)
    assert 0.19 < (noisy.targets - quiet.targets).std() < 0.21
