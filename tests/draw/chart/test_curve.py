"""Curves show what a history holds, whatever it lacks, and leave matplotlib as it was."""

from __future__ import annotations

import logging
import math
import re
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from gradatim.draw.chart.curve import draw_curves, save_curves
from gradatim.errors import BackendError, DataError, ShapeError

matplotlib = pytest.importorskip("matplotlib")
KOREAN, JAPANESE = "손글씨 숫자의 학습", "手書き数字の学習"


def history(count=5):
    return [
        {
            "step": 600 * i,
            "epoch": float(i),
            "loss": None if i == 0 else 2.0 / i,
            "train_loss": 2.3 / (i + 1),
            "train_accuracy": 1 - 0.9 / (i + 1),
            "test_loss": 2.4 / (i + 1),
            "test_accuracy": 1 - 0.95 / (i + 1),
            "seconds": 0.1 * i,
            "examples_per_second": 1e5,
        }
        for i in range(count)
    ]


def only(rows, *keys):
    return [{key: row[key] for key in ("step", *keys)} for row in rows]


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes}


def labels(axes):
    return [text.get_text() for text in axes.texts]


def texts(path):
    root = ElementTree.parse(path).getroot()
    return [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]


# --- what is drawn --------------------------------------------------------------------------


def test_loss_and_accuracy_stand_side_by_side_over_the_steps():
    found = panels(draw_curves(history()))
    assert list(found) == ["loss", "accuracy"]
    train, test = found["loss"].lines
    np.testing.assert_allclose(train.get_xdata(), [0, 600, 1200, 1800, 2400])
    np.testing.assert_allclose(train.get_ydata(), [row["train_loss"] for row in history()])
    np.testing.assert_allclose(test.get_ydata(), [row["test_loss"] for row in history()])
    assert [axes.get_xlabel() for axes in found.values()] == ["step", "step"]


def test_every_curve_carries_its_name_and_last_value():
    found = panels(draw_curves(history()))
    assert labels(found["loss"]) == ["train 0.460", "test 0.480"]
    assert labels(found["accuracy"]) == ["train 82.0%", "test 81.0%"]


def test_curves_differ_by_more_than_colour():
    for axes in draw_curves(history()).axes:
        train, test = axes.lines
        assert train.get_color() != test.get_color()
        assert train.get_marker() != test.get_marker()
        assert train.is_dashed()
        assert not test.is_dashed()


def test_labels_of_curves_that_end_together_do_not_touch():
    rows = [{"step": i, "train_loss": 1.0 - i / 2, "test_loss": 1.001 - i / 2} for i in range(2)]
    figure = draw_curves(rows)
    low, high = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=_bottom)
    assert low.y1 <= high.y0 + 3  # the padding of their white ground may meet, the letters not


def _bottom(box):
    return box.y0


def test_a_loss_that_falls_far_is_drawn_on_a_logarithmic_axis():
    falling = [{"step": i, "train_loss": 2.0 / 10**i} for i in range(3)]
    assert draw_curves(falling).axes[0].get_yscale() == "log"
    assert draw_curves(history()).axes[0].get_yscale() == "linear"


def test_a_loss_that_reaches_zero_or_less_stays_on_a_linear_axis():
    rows = [{"step": i, "train_loss": value} for i, value in enumerate([100.0, 0.0, -1.0])]
    assert draw_curves(rows).axes[0].get_yscale() == "linear"


def test_accuracy_is_in_percent_and_never_beyond_the_possible():
    axes = panels(draw_curves(history()))["accuracy"]
    assert axes.get_ylim()[1] <= 1.02
    assert axes.get_ylim()[0] >= -0.02
    assert axes.yaxis.get_major_formatter()(0.5) == "50%"


def test_the_loss_of_every_step_is_drawn_pale_with_its_moving_average():
    losses = np.linspace(2, 1, 400) + 0.1 * (-1.0) ** np.arange(400)
    axes = panels(draw_curves(history(), losses=losses))["loss"]
    each, average = axes.lines[:2]
    np.testing.assert_array_equal(each.get_xdata(), np.arange(1, 401))
    np.testing.assert_allclose(each.get_ydata(), losses)
    np.testing.assert_allclose(average.get_ydata()[8:], [losses[i - 7 : i + 1].mean()
                                                        for i in range(8, 400)])  # fmt: skip
    assert axes.get_title(loc="right") == "pale: each step, and their moving average"


def test_many_steps_are_thinned_to_their_extremes():
    losses = np.random.default_rng(0).uniform(1, 2, 100_003)
    losses[50_000], losses[70_000] = 9, 0.5
    each, average = draw_curves([], losses=losses).axes[0].lines
    assert len(each.get_xdata()) <= 2 * 1200
    assert len(average.get_xdata()) <= 1200
    assert np.nanmax(each.get_ydata()) == 9
    assert np.nanmin(each.get_ydata()) == 0.5


def test_losses_alone_are_a_curve_with_a_name():
    assert labels(draw_curves([], losses=np.full(10, 0.5)).axes[0]) == ["train 0.500"]


# --- what is missing ------------------------------------------------------------------------


def test_without_accuracy_there_is_one_panel():
    assert list(panels(draw_curves(only(history(), "test_loss")))) == ["loss"]


def test_without_loss_there_is_one_panel():
    assert list(panels(draw_curves(only(history(), "test_accuracy")))) == ["accuracy"]


def test_the_loss_before_each_update_stands_in_where_nothing_better_is():
    axes = draw_curves(only(history(), "loss")).axes[0]
    assert labels(axes) == ["train 0.500"]
    assert math.isnan(axes.lines[0].get_ydata()[0])


@pytest.mark.parametrize(("key", "clock"), [("epoch", "epoch"), ("other", "evaluation")])
def test_without_steps_epochs_or_rows_are_counted(key, clock):
    rows = [{key: i, "test_loss": 1.0 / (i + 1)} for i in range(3)]
    axes = draw_curves(rows).axes[0]
    assert axes.get_xlabel() == clock
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0, 1, 2])


def test_losses_of_steps_fit_a_history_of_epochs():
    rows = [{"epoch": i, "test_loss": 1.0} for i in range(3)]
    each = draw_curves(rows, losses=np.ones(100)).axes[0].lines[0]
    assert each.get_xdata()[-1] == pytest.approx(2)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e31, None, "nan"])
def test_what_is_not_finite_or_not_there_is_a_gap(bad):
    rows = history()
    rows[1]["test_loss"] = bad
    axes = panels(draw_curves(rows))["loss"]
    assert np.isnan(axes.lines[1].get_ydata()).tolist() == [False, True, False, False, False]
    assert labels(axes)[1] == "test 0.480"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e300])
def test_a_curve_that_ended_in_divergence_says_so_and_the_axis_goes_on(bad):
    rows = history()
    rows[3]["test_loss"] = rows[4]["test_loss"] = bad
    axes = draw_curves(only(rows, "test_loss")).axes[0]
    assert labels(axes) == ["test 0.800 (then diverged)"]
    assert axes.get_xlim()[1] >= 2400


def test_a_figure_that_was_not_taken_at_the_end_is_no_divergence():
    rows = history()
    rows[4]["test_loss"] = None
    assert labels(draw_curves(only(rows, "test_loss")).axes[0]) == ["test 0.600"]


def test_numbers_of_numpy_are_numbers():
    rows = [{"step": np.int64(i), "test_loss": np.float32(1 + i)} for i in range(2)]
    assert draw_curves(rows).axes[0].lines[0].get_ydata().tolist() == [1, 2]


@pytest.mark.parametrize("suffix", ["svg", "png"])
@pytest.mark.parametrize(
    ("rows", "losses"),
    [
        ([], None),
        ([], np.zeros(0)),
        ([{}], None),
        (history(1), None),
        (history(1), np.ones(1)),
        ([{"step": 0, "test_loss": math.nan}], np.array([math.nan, math.inf])),
        ([{"step": math.nan, "test_loss": 1.0}], None),
        ([{"step": 0, "test_accuracy": 0.0}, {"step": 1, "test_accuracy": 0.0}], None),
        ([{"step": 0, "test_accuracy": 1.0}, {"step": 1, "test_accuracy": 1.0}], None),
        ([{"step": 0, "test_loss": 1e29}, {"step": 1, "test_loss": 1e-300}], None),
        ([{"step": 10**12, "test_loss": 0.0}], None),
        ([{"step": 0, "test_loss": 1e300}], np.array([1.0, 1e308])),
        (history(200), np.geomspace(1e-3, 1e9, 5000)),
    ],
)
def test_every_odd_history_is_drawn_without_a_warning(tmp_path, suffix, rows, losses):
    save_curves(tmp_path / f"curves.{suffix}", rows, losses=losses, title="odd")
    assert (tmp_path / f"curves.{suffix}").stat().st_size > 1000


def test_nothing_finite_is_said_to_be_so():
    assert labels(draw_curves([{"step": 0, "test_loss": math.nan}]).axes[0]) == ["no finite values"]


# --- files ----------------------------------------------------------------------------------


def test_text_in_svg_stays_text(tmp_path):
    save_curves(tmp_path / "curves.svg", history(), title=f"{KOREAN} $x_1 {JAPANESE}")
    found = texts(tmp_path / "curves.svg")
    assert f"{KOREAN} $x_1 {JAPANESE}" in found
    assert {"loss", "accuracy", "step", "test 0.480", "train 82.0%"} <= set(found)
    content = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert re.search(r"font-family: 'DejaVu Sans'.*, sans-serif", content)
    assert "@font-face" not in content


def test_svg_of_a_long_training_is_small(tmp_path):
    losses = np.random.default_rng(0).uniform(0.1, 1, 10_000)
    save_curves(tmp_path / "curves.svg", history(18), losses=losses)
    assert (tmp_path / "curves.svg").stat().st_size < 150_000


def test_png_is_large_enough_to_read(tmp_path):
    image = pytest.importorskip("PIL.Image")
    save_curves(tmp_path / "curves.PNG", history())
    with image.open(tmp_path / "curves.PNG") as opened:
        assert opened.format == "PNG"
        assert opened.size == (1497, 504)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_same_history_gives_the_same_bytes(tmp_path, suffix):
    for name in "ab":
        save_curves(tmp_path / f"{name}.{suffix}", history(), losses=np.ones(9), title="once")
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize("title", [KOREAN, JAPANESE])
@pytest.mark.parametrize("installed", [True, False])
def test_titles_in_any_script_need_no_font_and_give_no_warning(
    tmp_path, monkeypatch, caplog, title, installed
):
    from gradatim.draw.chart import style

    if not installed:
        monkeypatch.setattr(style, "_CJK", ("No Such Font",))
        monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", list)
    with caplog.at_level(logging.WARNING):
        save_curves(tmp_path / "curves.png", history(), title=title)
        save_curves(tmp_path / "curves.svg", history(), title=title)
    assert caplog.records == []
    assert title in texts(tmp_path / "curves.svg")


def test_a_font_for_the_title_is_used_where_there_is_one(monkeypatch):
    from gradatim.draw.chart import style

    manager = matplotlib.font_manager.fontManager
    name = next(name for name in manager.get_font_names() if name != "DejaVu Sans")
    monkeypatch.setattr(style, "_CJK", ("No Such Font", name))
    assert draw_curves(history(), title=KOREAN).texts[0].get_fontfamily() == [
        *("DejaVu Sans", name, "sans-serif"),
    ]


# --- what is left alone ---------------------------------------------------------------------


def test_the_users_own_settings_neither_matter_nor_change(tmp_path):
    save_curves(tmp_path / "plain.png", history(), title="a")
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "k"}):
        before = dict(matplotlib.rcParams)
        save_curves(tmp_path / "own.png", history(), title="a")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "own.png").read_bytes()


def test_no_window_and_no_global_figure(tmp_path):
    backend = matplotlib.get_backend(auto_select=False)
    save_curves(tmp_path / "curves.png", history())
    assert matplotlib.get_backend(auto_select=False) == backend
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


def test_rows_and_losses_are_not_mutated(tmp_path):
    rows, losses = history(), np.array([1, np.inf, 2, np.nan, 1])
    losses.flags.writeable = False
    save_curves(tmp_path / "curves.svg", rows, losses=losses)
    assert rows == history()


# --- errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shown"), [("curves.pdf", r"\.pdf"), ("curves", "missing")])
def test_another_suffix_names_the_two(tmp_path, name, shown):
    expected = rf"suffix is {shown}; it must be \.svg or \.png\. Did you mean curves\.svg\?"
    with pytest.raises(DataError, match=expected):
        save_curves(tmp_path / name, history())


def test_losses_must_be_a_vector(tmp_path):
    with pytest.raises(ShapeError, match=r"shape \(2, 3\); they must be \(steps,\), .*ravel"):
        save_curves(tmp_path / "curves.svg", history(), losses=np.ones((2, 3)))


def test_a_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="does not exist; make the folder first"):
        save_curves(tmp_path / "absent" / "curves.svg", history())


def test_a_missing_matplotlib_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(BackendError, match=r'Try pip install "gradatim\[plot\]"'):
        save_curves(tmp_path / "curves.svg", history())
    assert list(tmp_path.iterdir()) == []


def test_importing_the_room_does_not_import_matplotlib():
    import subprocess

    code = "import sys, gradatim.draw.chart.curve; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
