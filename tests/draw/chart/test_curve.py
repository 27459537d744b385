"""Curves show what a history holds, whatever it lacks, and need nothing but the history."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import numpy as np
import pytest

from draw.chart.seen import names, numbers, parts, plots, strokes, tips, words
from gradatim.draw import curves
from gradatim.errors import BackendError, DataError, DtypeError, ShapeError
from gradatim.store import RunFolder

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


def drawn(rows, losses=None, title=""):
    return curves(SimpleNamespace(rows=rows, losses=losses), title=title)


def loss(rows, **options):
    return plots(drawn(rows, **options))["loss"]


def only(rows, *keys):
    return [{key: row[key] for key in ("step", *keys)} for row in rows]


def texts(source):
    root = ElementTree.fromstring(source)
    return [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]


# --- what is drawn --------------------------------------------------------------------------


def test_loss_and_accuracy_stand_side_by_side_over_the_steps():
    found = plots(drawn(history()))

    assert list(found) == ["loss", "accuracy"]
    assert [words(parts(plot, "axes")[0])[-1] for plot in found.values()] == ["step", "step"]
    frames = [parts(plot, "tip")[0].marks[0] for plot in found.values()]
    assert frames[0].top == frames[1].top
    assert frames[0].left + 340 < frames[1].left


def test_every_curve_carries_its_name_and_last_value():
    found = plots(drawn(history()))

    assert names(found["loss"]) == ["train 0.460", "test 0.480"]
    assert names(found["accuracy"]) == ["train 82.0%", "test 81.0%"]


def test_where_a_pointer_rests_the_values_of_all_curves_are_told():
    found = tips(loss(history()))

    assert len(found) == 5
    assert found[0] == ["step 0", "train 2.300", "test 2.400"]
    assert found[-1] == ["step 2,400", "train 0.460", "test 0.480"]


def test_curves_differ_by_more_than_colour_and_names_show_how():
    for plot in plots(drawn(history())).values():
        lines, beside = parts(plot, "line"), parts(plot, "name")
        for line, name in zip(lines, beside, strict=True):
            assert strokes(line)[0].look == strokes(name)[-1].look
        assert [strokes(line)[0].look for line in lines] == [
            *("line-blue-dashed", "line-vermilion-solid"),
        ]
        assert len({type(line.marks[-1]) for line in lines}) == 2


def test_a_loss_that_falls_far_is_drawn_on_a_logarithmic_axis():
    falling = [{"step": i, "train_loss": 2.0 / 10**i} for i in range(3)]

    assert {"0.05", "0.1", "0.2", "0.5", "1"} <= set(numbers(loss(falling)))
    assert {"0.5", "1.0", "1.5", "2.0"} <= set(numbers(loss(history())))


def test_a_loss_that_reaches_zero_or_less_stays_on_a_linear_axis():
    rows = [{"step": i, "train_loss": value} for i, value in enumerate([100.0, 0.0, -1.0])]

    assert {"20", "40", "60", "80", "100"} <= set(numbers(loss(rows)))


def test_the_loss_of_every_step_is_drawn_pale_with_its_moving_average():
    losses = np.linspace(2, 1, 400) + 0.1 * (-1.0) ** np.arange(400)
    plot = loss(history(), losses=losses)

    behind = strokes(parts(plot, "behind")[0])
    assert [(mark.look, len(mark.path)) for mark in behind] == [("pale", 399), ("average", 399)]
    pale, average = (max(abs(a[1] - b[1]) for a, b in mark.path[8:]) for mark in behind)
    assert pale > 10 * average
    assert "pale: each step, and their moving average" in words(plot)


def test_a_million_steps_are_thinned_to_their_extremes():
    losses = np.random.default_rng(0).uniform(1, 2, 1_000_000)
    losses[500_000], losses[700_000] = 9, 0.5
    begun = time.process_time()
    sketch = drawn([], losses=losses)
    took, svg = time.process_time() - begun, sketch.svg()

    assert took < 2  # a quarter of a second, but machines are busy
    assert len(svg) < 150_000
    pale = strokes(parts(plots(sketch)["loss"], "behind")[0])[0]
    heights = [y for segment in pale.path for _, y in segment]
    one = (max(heights) - min(heights)) / 8.5
    assert len(pale.path) < 1300
    assert sum(y < max(heights) - 5 * one for y in heights) <= 2
    assert sum(y > max(heights) - 0.4 * one for y in heights) <= 2


def test_losses_alone_are_a_curve_with_a_name_over_their_steps():
    plot = loss([], losses=np.full(10, 0.5))

    assert names(plot) == ["train 0.500"]
    assert words(plot)[-2:] == ["step", "train 0.500"]


# --- what is missing ------------------------------------------------------------------------


def test_without_accuracy_or_loss_there_is_one_plot():
    assert list(plots(drawn(only(history(), "test_loss")))) == ["loss"]
    assert list(plots(drawn(only(history(), "test_accuracy")))) == ["accuracy"]


def test_the_loss_before_each_update_stands_in_where_nothing_better_is():
    plot = loss(only(history(), "loss"))

    assert names(plot) == ["train 0.500"]
    assert tips(plot)[0] == ["step 600", "train 2.000"]


@pytest.mark.parametrize(("key", "clock"), [("epoch", "epoch"), ("other", "evaluation")])
def test_without_steps_epochs_or_rows_are_counted(key, clock):
    plot = loss([{key: i, "test_loss": 1.0 / (i + 1)} for i in range(3)])

    assert [tip[0] for tip in tips(plot)] == [f"{clock} {i}" for i in range(3)]


def test_steps_after_the_last_evaluation_are_shown_too():
    plot = loss(history(2), losses=np.ones(10_000))

    assert "10,000" in numbers(plot)
    pale = strokes(parts(plot, "behind")[0])[0]
    assert pale.path[-1][-1][0] < parts(plot, "name")[0].marks[0].path[0][0][0]


def test_losses_of_steps_fit_a_history_of_epochs():
    rows = [{"epoch": i, "test_loss": 1.0} for i in range(3)]
    plot = loss(rows, losses=np.ones(100))

    pale, line = strokes(parts(plot, "behind")[0])[0], strokes(parts(plot, "line")[0])[0]
    assert pale.path[-1][-1][0] == pytest.approx(line.path[-1][-1][0])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e31, None, "nan"])
def test_what_is_not_finite_or_not_there_is_a_gap(bad):
    rows = history()
    rows[1]["test_loss"] = bad
    plot = loss(rows)

    train, test = (strokes(line)[0] for line in parts(plot, "line"))
    assert (len(train.path), len(test.path)) == (4, 2)
    assert tips(plot)[1] == ["step 600", "train 1.150"]
    assert names(plot)[1] == "test 0.480"


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e300])
def test_a_curve_that_ended_in_divergence_says_so_and_the_axis_goes_on(bad):
    rows = history()
    rows[3]["test_loss"] = rows[4]["test_loss"] = bad
    plot = loss(only(rows, "test_loss"))

    assert names(plot) == ["test 0.800 (then diverged)"]
    assert {"2,000"} <= set(numbers(plot))


def test_a_figure_that_was_not_taken_at_the_end_is_no_divergence():
    rows = history()
    rows[4]["test_loss"] = None

    assert names(loss(only(rows, "test_loss"))) == ["test 0.600"]


@pytest.mark.parametrize(
    ("rows", "losses"),
    [
        ([], None),
        ([], np.zeros(0)),
        ([{"test_loss": None}], None),
        (history(1), None),
        (history(1), np.ones(1)),
        ([{"step": 0, "test_loss": math.nan}], np.array([math.nan, math.inf])),
        ([{"step": math.nan, "test_loss": 1.0}], None),
        ([{"step": 0, "test_accuracy": 0.0}, {"step": 1, "test_accuracy": 0.0}], None),
        ([{"step": 0, "test_accuracy": 1.0}, {"step": 1, "test_accuracy": 1.0}], None),
        ([{"step": 0, "test_loss": 1e29}, {"step": 1, "test_loss": 1e-300}], None),
        ([{"step": 0, "test_loss": 1e29}, {"step": 1, "test_loss": -1e29}], None),
        ([{"step": 0, "test_loss": 1.0}, {"step": 1, "test_loss": 1.0 + 1e-15}], None),
        ([{"step": 0, "test_loss": 5e-324}, {"step": 1, "test_loss": 0.0}], None),
        ([{"step": 10**12, "test_loss": 0.0}], None),
        ([{"step": 3, "test_loss": 1.0}, {"step": 1, "test_loss": 2.0}], None),
        ([{"step": 0, "test_loss": 1e300}], np.array([1.0, 1e308])),
        (history(200), np.geomspace(1e-3, 1e9, 5000)),
    ],
)
def test_every_odd_history_is_drawn_without_a_warning(rows, losses):
    svg = drawn(rows, losses=losses, title="odd").svg()

    ElementTree.fromstring(svg)
    assert "nan" not in svg.split("</style>")[1]
    assert len(svg) > 1000


def test_rows_in_any_order_give_the_same_curve():
    rows = history()

    assert drawn(rows[::-1]).svg() == drawn(rows).svg()


def test_two_runs_one_after_the_other_are_not_joined_by_a_line_back():
    plot = loss(only([*history(), *history()], "test_loss"))

    (line,) = parts(plot, "line")
    assert len(strokes(line)[0].path) == 8
    assert all(a[0] < b[0] for a, b in strokes(line)[0].path)


def test_nothing_finite_is_said_to_be_so():
    sketch = drawn([{"step": 0, "test_loss": math.nan}])

    assert "no finite values" in words(plots(sketch)["loss"])
    assert sketch.scene.description == "loss: no finite values"


# --- several runs ---------------------------------------------------------------------------


def test_several_runs_have_a_line_each_that_differs_in_colour_dashes_and_marker():
    found = plots(curves(*[history() for _ in range(8)]))

    assert list(found) == ["test loss", "test accuracy"]
    looks = [strokes(line)[0].look for line in parts(found["test loss"], "line")]
    assert len(set(looks)) == 8
    for one, other in itertools.pairwise(look.split("-")[1:] for look in looks):
        assert one[0] != other[0]
        assert one[1] != other[1]
    assert names(found["test loss"])[0] == "run 1 0.480"


def test_names_of_many_runs_that_end_together_do_not_touch():
    plot = plots(curves(*[history() for _ in range(20)]))["test loss"]

    bases = sorted(part.marks[-1].y for part in parts(plot, "name"))
    assert all(lower - upper > 16 for upper, lower in itertools.pairwise(bases))
    frame = parts(plot, "tip")[0].marks[0]
    assert bases[-1] <= frame.top + frame.height


def test_names_stay_on_the_sheet():
    sketch = curves(history(), history(), names=["W" * 28, "손글씨" * 6])

    root = ElementTree.fromstring(sketch.svg())
    width = float(root.get("viewBox").split()[2])
    for part in parts(plots(sketch)["test accuracy"], "name"):
        assert part.marks[-1].x + 12 * len(part.marks[-1].text) * 0.6 < width


def test_a_run_without_a_test_shows_its_training_and_says_so():
    alone = only(history(), "train_loss")
    found = plots(curves(history(), alone, names=["whole", "alone"]))

    assert names(found["loss"]) == ["whole, test 0.480", "alone, train 0.460"]
    assert names(found["test accuracy"]) == ["whole 81.0%"]


def test_a_run_of_which_nothing_can_be_drawn_is_named():
    nothing = [{"step": 0, "test_loss": math.nan}]
    one = plots(curves(history(), nothing, names=["good", "lost"]))["test loss"]
    two = plots(curves(history(), nothing, nothing, names=["good", "lost", "gone"]))["test loss"]

    assert "no finite values: lost" in words(one)
    assert "no finite values: lost and 1 more" in words(two)


def test_runs_that_count_differently_meet_in_epochs():
    others = [{"epoch": 2 * i, "test_loss": 1.0} for i in range(3)]
    found = tips(plots(curves(history(), others))["test loss"])

    assert found[2] == ["epoch 2", "run 1 0.800", "run 2 1.000"]
    assert found[3] == ["epoch 3", "run 1 0.600"]


def test_folders_of_runs_are_read_and_called_as_they_are(tmp_path):
    for name in ("a/sgd", "b/sgd", "runs/adam"):
        RunFolder.create(tmp_path / name).save_history(history())
    paths = [tmp_path / name for name in ("a/sgd", "b/sgd", "runs/adam")]
    paths[1] = paths[1] / "history.csv"
    found = plots(curves(*paths[:2], RunFolder.open(paths[2])))

    assert names(found["test loss"]) == ["a/sgd 0.480", "b/sgd 0.480", "runs/adam 0.480"]


def test_a_long_name_loses_its_middle():
    told = ["784-1000-1000-10 relu, adam, rate 0.001", "b"]
    found = plots(curves(history(), history(), names=told))

    assert names(found["test loss"])[0] == "784-1000-1000...m, rate 0.001 0.480"


# --- files ----------------------------------------------------------------------------------


def test_text_in_svg_stays_text_in_any_script():
    title = f"{KOREAN} $x_1 <b> {JAPANESE}"
    found = texts(drawn(history(), title=title).svg())

    assert {title, "loss", "accuracy", "step", "test 0.480", "train 82.0%"} <= set(found)


def test_it_is_told_in_words_and_follows_light_and_dark():
    root = ElementTree.fromstring(drawn(history(), title=KOREAN).svg())
    svg = "{http://www.w3.org/2000/svg}"

    assert root.get("aria-roledescription") == "line chart"
    assert root.find(f"{svg}title").text == KOREAN
    assert root.find(f"{svg}desc").text == (
        "loss by step: train from 2.300 to 0.460, test from 2.400 to 0.480; "
        "accuracy by step: train from 10.0% to 82.0%, test from 5.0% to 81.0%"
    )
    assert "prefers-color-scheme:dark" in root.find(f"{svg}style").text


def test_svg_of_a_long_training_is_small():
    losses = np.random.default_rng(0).uniform(0.1, 1, 10_000)

    assert len(drawn(history(18), losses=losses).svg()) < 60_000


def test_png_alone_needs_matplotlib(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    drawn(history()).save(tmp_path / "curves.svg")
    with pytest.raises(BackendError, match="matplotlib"):
        drawn(history()).save(tmp_path / "curves.png")
    with pytest.raises(DataError, match=r"^curves: .*a\.pdf: the suffix is \.pdf; it must be"):
        drawn(history()).save(tmp_path / "a.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["curves.svg"]


def test_png_is_large_enough_to_read_in_any_script(tmp_path):
    pytest.importorskip("matplotlib")
    image = pytest.importorskip("PIL.Image")
    sketch = drawn(history(), losses=np.ones(50), title=f"{KOREAN} {JAPANESE}")
    sketch.save(tmp_path / "curves.PNG")
    with image.open(tmp_path / "curves.PNG") as opened:
        assert opened.format == "PNG"
        assert opened.width == pytest.approx(2 * sketch.scene.width, abs=2)


def test_rows_and_losses_are_not_mutated_and_give_the_same_text_each_time():
    rows, losses = history(), np.array([1, np.inf, 2, np.nan, 1])
    losses.flags.writeable = False

    assert drawn(rows, losses=losses).svg() == drawn(rows, losses=losses)._repr_svg_()
    assert rows == history()


def test_a_long_title_is_broken_into_lines_and_cut():
    short, long = drawn(history()).scene, drawn(history(), title="손글씨 숫자 " * 60).scene
    (lines,) = (part.marks for part in long.parts if part.classes == ("caption",))

    assert long.width == short.width
    assert len(lines) == 3
    assert lines[-1].text.endswith("…")
    assert long.title == "손글씨 숫자 " * 60


# --- errors ---------------------------------------------------------------------------------


def test_losses_must_be_a_vector():
    with pytest.raises(ShapeError, match=r"shape \(2, 3\); they must be \(steps,\), .*ravel"):
        drawn(history(), losses=np.ones((2, 3)))


def test_no_run_at_all_is_refused():
    with pytest.raises(DataError, match=r"^curves: there is no run .* Try curves\(history\)"):
        curves()


def test_what_is_no_run_is_refused():
    with pytest.raises(DtypeError, match=r"^curves: a run is float; [^\n]*\n.*state\.history\?"):
        curves(0.5)
    with pytest.raises(DataError, match="there is no such folder"):
        curves("absent")


def test_rows_of_which_nothing_can_be_drawn_are_refused():
    known = "train_loss, test_loss, loss, train_accuracy, test_accuracy, which alone are drawn."
    with pytest.raises(DataError) as caught:
        curves([{"step": 0, "Loss": 2.3}])
    assert str(caught.value) == (
        f"curves: the rows of run 1 hold step, Loss; they must hold one or more of {known}"
    )
    with pytest.raises(DataError, match=r"^curves: the rows of b hold nothing; they must hold"):
        curves(history(), [{}], names=["a", "b"])


def test_an_accuracy_in_percent_is_refused():
    with pytest.raises(DataError) as caught:
        curves([{"step": 0, "test_accuracy": 95.0}], names=["mine"])
    assert str(caught.value) == (
        "curves: test_accuracy of mine is 95; it must be from 0 to 1. "
        "If it is in percent, divide it by 100."
    )


def test_there_must_be_one_name_for_each_run():
    with pytest.raises(DataError, match=r"^curves: names is \['a'\]; it must be a list of 2"):
        curves(history(), history(), names=["a"])


def test_drawing_does_not_import_matplotlib():
    code = (
        "import sys, gradatim.draw.chart.curve as chart\n"
        "chart.curves([{'step': 0, 'test_loss': 1.0}]).svg()\n"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
