"""Curves show what a history holds, whatever it lacks, and leave matplotlib as it was."""

from __future__ import annotations

import itertools
import logging
import math
import re
import sys
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import numpy as np
import pytest

from gradatim.draw import curves
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.store import RunFolder

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


def chart(rows, losses=None, title=""):
    return curves(SimpleNamespace(rows=rows, losses=losses), title=title)


def drawn(rows, **options):
    return chart(rows, **options).figure


def saved(path, rows, **options):
    chart(rows, **options).save(path)


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
    found = panels(drawn(history()))
    assert list(found) == ["loss", "accuracy"]
    train, test = found["loss"].lines
    np.testing.assert_allclose(train.get_xdata(), [0, 600, 1200, 1800, 2400])
    np.testing.assert_allclose(train.get_ydata(), [row["train_loss"] for row in history()])
    np.testing.assert_allclose(test.get_ydata(), [row["test_loss"] for row in history()])
    assert [axes.get_xlabel() for axes in found.values()] == ["step", "step"]


def test_every_curve_carries_its_name_and_last_value():
    found = panels(drawn(history()))
    assert labels(found["loss"]) == ["train 0.460", "test 0.480"]
    assert labels(found["accuracy"]) == ["train 82.0%", "test 81.0%"]


def test_curves_differ_by_more_than_colour():
    for axes in drawn(history()).axes:
        train, test = axes.lines
        assert train.get_color() != test.get_color()
        assert train.get_marker() != test.get_marker()
        assert train.is_dashed()
        assert not test.is_dashed()


def test_labels_of_curves_that_end_together_do_not_touch():
    rows = [{"step": i, "train_loss": 1.0 - i / 2, "test_loss": 1.001 - i / 2} for i in range(2)]
    figure = drawn(rows)
    low, high = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=_bottom)
    assert low.y1 <= high.y0 + 3  # the padding of their white ground may meet, the letters not


def _bottom(box):
    return box.y0


def test_a_loss_that_falls_far_is_drawn_on_a_logarithmic_axis():
    falling = [{"step": i, "train_loss": 2.0 / 10**i} for i in range(3)]
    assert drawn(falling).axes[0].get_yscale() == "log"
    assert drawn(history()).axes[0].get_yscale() == "linear"


def test_a_loss_that_reaches_zero_or_less_stays_on_a_linear_axis():
    rows = [{"step": i, "train_loss": value} for i, value in enumerate([100.0, 0.0, -1.0])]
    assert drawn(rows).axes[0].get_yscale() == "linear"


def test_accuracy_is_in_percent_and_never_beyond_the_possible():
    axes = panels(drawn(history()))["accuracy"]
    assert axes.get_ylim()[1] <= 1.02
    assert axes.get_ylim()[0] >= -0.02
    assert axes.yaxis.get_major_formatter()(0.5) == "50%"


def test_the_loss_of_every_step_is_drawn_pale_with_its_moving_average():
    losses = np.linspace(2, 1, 400) + 0.1 * (-1.0) ** np.arange(400)
    axes = panels(drawn(history(), losses=losses))["loss"]
    each, average = axes.lines[:2]
    np.testing.assert_array_equal(each.get_xdata(), np.arange(1, 401))
    np.testing.assert_allclose(each.get_ydata(), losses)
    np.testing.assert_allclose(average.get_ydata()[8:], [losses[i - 7 : i + 1].mean()
                                                        for i in range(8, 400)])  # fmt: skip
    assert axes.get_title(loc="right") == "pale: each step, and their moving average"


def test_many_steps_are_thinned_to_their_extremes():
    losses = np.random.default_rng(0).uniform(1, 2, 100_003)
    losses[50_000], losses[70_000] = 9, 0.5
    each, average = drawn([], losses=losses).axes[0].lines
    assert len(each.get_xdata()) <= 2 * 1200
    assert len(average.get_xdata()) <= 1200
    assert np.nanmax(each.get_ydata()) == 9
    assert np.nanmin(each.get_ydata()) == 0.5


def test_losses_alone_are_a_curve_with_a_name():
    assert labels(drawn([], losses=np.full(10, 0.5)).axes[0]) == ["train 0.500"]


# --- what is missing ------------------------------------------------------------------------


def test_without_accuracy_there_is_one_panel():
    assert list(panels(drawn(only(history(), "test_loss")))) == ["loss"]


def test_without_loss_there_is_one_panel():
    assert list(panels(drawn(only(history(), "test_accuracy")))) == ["accuracy"]


def test_the_loss_before_each_update_stands_in_where_nothing_better_is():
    axes = drawn(only(history(), "loss")).axes[0]
    assert labels(axes) == ["train 0.500"]
    assert math.isnan(axes.lines[0].get_ydata()[0])


@pytest.mark.parametrize(("key", "clock"), [("epoch", "epoch"), ("other", "evaluation")])
def test_without_steps_epochs_or_rows_are_counted(key, clock):
    rows = [{key: i, "test_loss": 1.0 / (i + 1)} for i in range(3)]
    axes = drawn(rows).axes[0]
    assert axes.get_xlabel() == clock
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0, 1, 2])


def test_losses_of_steps_fit_a_history_of_epochs():
    rows = [{"epoch": i, "test_loss": 1.0} for i in range(3)]
    each = drawn(rows, losses=np.ones(100)).axes[0].lines[0]
    assert each.get_xdata()[-1] == pytest.approx(2)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e31, None, "nan"])
def test_what_is_not_finite_or_not_there_is_a_gap(bad):
    rows = history()
    rows[1]["test_loss"] = bad
    axes = panels(drawn(rows))["loss"]
    assert np.isnan(axes.lines[1].get_ydata()).tolist() == [False, True, False, False, False]
    assert labels(axes)[1] == "test 0.480"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e300])
def test_a_curve_that_ended_in_divergence_says_so_and_the_axis_goes_on(bad):
    rows = history()
    rows[3]["test_loss"] = rows[4]["test_loss"] = bad
    axes = drawn(only(rows, "test_loss")).axes[0]
    assert labels(axes) == ["test 0.800 (then diverged)"]
    assert axes.get_xlim()[1] >= 2400


def test_a_figure_that_was_not_taken_at_the_end_is_no_divergence():
    rows = history()
    rows[4]["test_loss"] = None
    assert labels(drawn(only(rows, "test_loss")).axes[0]) == ["test 0.600"]


def test_numbers_of_numpy_are_numbers():
    rows = [{"step": np.int64(i), "test_loss": np.float32(1 + i)} for i in range(2)]
    assert drawn(rows).axes[0].lines[0].get_ydata().tolist() == [1, 2]


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
def test_every_odd_history_is_drawn_without_a_warning(rows, losses):
    odd = chart(rows, losses=losses, title="odd")
    assert len(odd.svg()) > 1000
    assert len(odd.png()) > 1000


def test_nothing_finite_is_said_to_be_so():
    assert labels(drawn([{"step": 0, "test_loss": math.nan}]).axes[0]) == ["no finite values"]


# --- several runs ---------------------------------------------------------------------------


def test_several_runs_have_a_line_each_that_differs_in_colour_dashes_and_marker():
    found = panels(curves(*[history() for _ in range(8)]).figure)
    assert list(found) == ["test loss", "test accuracy"]
    lines = found["test loss"].lines
    assert len({(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines}) == 8
    for one, other in itertools.pairwise(lines):
        assert one.get_color() != other.get_color()
        assert one.get_marker() != other.get_marker()
    assert labels(found["test loss"])[0] == "run 1 0.480"


def test_labels_of_many_runs_that_end_together_do_not_touch():
    figure = curves(*[history() for _ in range(12)]).figure
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=_bottom)
    assert all(low.y1 <= high.y0 + 3 for low, high in itertools.pairwise(boxes))


def test_a_run_without_a_test_shows_its_training_and_says_so():
    alone = only(history(), "train_loss")
    found = panels(curves(history(), alone, names=["whole", "alone"]).figure)
    assert labels(found["loss"]) == ["whole, test 0.480", "alone, train 0.460"]
    assert labels(found["test accuracy"]) == ["whole 81.0%"]


def test_runs_that_count_differently_meet_in_epochs():
    others = [{"epoch": 2 * i, "test_loss": 1.0} for i in range(3)]
    axes = curves(history(), others).figure.axes[0]
    assert axes.get_xlabel() == "epoch"
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), [0, 2, 4])


def test_folders_of_runs_are_read_and_called_as_they_are(tmp_path):
    for name in ("a/sgd", "b/sgd", "runs/adam"):
        RunFolder.create(tmp_path / name).save_history(history())
    paths = [tmp_path / name for name in ("a/sgd", "b/sgd", "runs/adam")]
    paths[1] = paths[1] / "history.csv"
    found = labels(curves(*paths[:2], RunFolder.open(paths[2])).figure.axes[0])
    assert found == ["a/sgd 0.480", "b/sgd 0.480", "runs/adam 0.480"]


def test_a_long_name_loses_its_middle():
    names = ["784-1000-1000-10 relu, adam, rate 0.001", "b"]
    found = labels(curves(history(), history(), names=names).figure.axes[0])
    assert found[0] == "784-1000-1000...m, rate 0.001 0.480"


# --- files ----------------------------------------------------------------------------------


def test_text_in_svg_stays_text(tmp_path):
    saved(tmp_path / "curves.svg", history(), title=f"{KOREAN} $x_1 {JAPANESE}")
    found = texts(tmp_path / "curves.svg")
    assert f"{KOREAN} $x_1 {JAPANESE}" in found
    assert {"loss", "accuracy", "step", "test 0.480", "train 82.0%"} <= set(found)
    content = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert re.search(r"font-family: 'DejaVu Sans'.*, sans-serif", content)
    assert "@font-face" not in content


def test_svg_of_a_long_training_is_small(tmp_path):
    losses = np.random.default_rng(0).uniform(0.1, 1, 10_000)
    saved(tmp_path / "curves.svg", history(18), losses=losses)
    assert (tmp_path / "curves.svg").stat().st_size < 150_000


def test_png_is_large_enough_to_read(tmp_path):
    image = pytest.importorskip("PIL.Image")
    saved(tmp_path / "curves.PNG", history())
    with image.open(tmp_path / "curves.PNG") as opened:
        assert opened.format == "PNG"
        assert opened.size == (1497, 504)


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
        saved(tmp_path / "curves.png", history(), title=title)
        saved(tmp_path / "curves.svg", history(), title=title)
    assert caplog.records == []
    assert title in texts(tmp_path / "curves.svg")


def test_a_font_for_the_title_is_used_where_there_is_one(monkeypatch):
    from gradatim.draw.chart import style

    manager = matplotlib.font_manager.fontManager
    name = next(name for name in manager.get_font_names() if name != "DejaVu Sans")
    monkeypatch.setattr(style, "_CJK", ("No Such Font", name))
    assert drawn(history(), title=KOREAN).texts[0].get_fontfamily() == [
        *("DejaVu Sans", name, "sans-serif"),
    ]


# --- what is left alone ---------------------------------------------------------------------


def test_the_users_own_settings_neither_matter_nor_change(tmp_path):
    saved(tmp_path / "plain.png", history(), title="a")
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "k"}):
        before = dict(matplotlib.rcParams)
        saved(tmp_path / "own.png", history(), title="a")
        assert dict(matplotlib.rcParams) == before
    assert (tmp_path / "plain.png").read_bytes() == (tmp_path / "own.png").read_bytes()


def test_no_window_and_no_global_figure(tmp_path):
    backend = matplotlib.get_backend(auto_select=False)
    saved(tmp_path / "curves.png", history())
    assert matplotlib.get_backend(auto_select=False) == backend
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []


def test_rows_and_losses_are_not_mutated(tmp_path):
    rows, losses = history(), np.array([1, np.inf, 2, np.nan, 1])
    losses.flags.writeable = False
    saved(tmp_path / "curves.svg", rows, losses=losses)
    assert rows == history()


# --- errors ---------------------------------------------------------------------------------


def test_losses_must_be_a_vector():
    with pytest.raises(ShapeError, match=r"shape \(2, 3\); they must be \(steps,\), .*ravel"):
        chart(history(), losses=np.ones((2, 3)))


def test_no_run_at_all_is_refused():
    with pytest.raises(DataError, match=r"^curves: there is no run .* Try curves\(history\)"):
        curves()


def test_what_is_no_run_is_refused():
    with pytest.raises(DtypeError, match=r"^curves: a run is float; [^\n]*\n.*state\.history\?"):
        curves(0.5)
    with pytest.raises(DataError, match="there is no such folder"):
        curves("absent")


def test_there_must_be_one_name_for_each_run():
    with pytest.raises(DataError, match=r"^curves: names is \['a'\]; it must be a list of 2"):
        curves(history(), history(), names=["a"])


def test_importing_the_room_does_not_import_matplotlib():
    import subprocess

    code = "import sys, gradatim.draw.chart.curve; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
