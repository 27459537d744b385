"""`gradatim check`: layers in a file of one's own, and the notebooks' network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradatim.cli import budget

RELU = """
import numpy as np


class Relu:
    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx
"""

AFFINE = """
import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.mean(dout, axis=0)
        return np.dot(dout, self.W.T)
"""

ODD = """

class Odd:
    def __init__(self, whatever):
        self.whatever = whatever

    def forward(self, x):
        return x

    def backward(self, dout):
        return dout


def make():
    print("made")
    return Odd(3)
"""


@pytest.fixture
def file(tmp_path):
    """Write a learner's file and return its name, as seen from where the command runs."""

    def write(source, name="my_layers.py"):
        (tmp_path / name).write_text(source, "utf-8")
        return name

    return write


class TestVerdict:
    def test_a_right_layer_exits_with_0(self, gradatim, file):
        outcome = gradatim("check", f"{file(RELU)}:Relu")

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith("Relu is right.\n  x (5, 4)\n\n  dx  (5, 4)  right ")

    def test_a_wrong_layer_exits_with_1_and_says_why(self, gradatim, file):
        outcome = gradatim("check", f"{file(AFFINE)}:Affine")

        assert (outcome.status, outcome.err) == (1, "")
        assert outcome.out.startswith("Affine is WRONG: 1 thing to mend.\n")
        assert "\n  W (4, 3), b (3,); x (5, 4)\n" in outcome.out
        assert "db is 1/5 of what it should be" in outcome.out
        assert "try: self.db = np.sum(dout, axis=0)\n" in outcome.out

    def test_without_a_name_every_layer_is_checked(self, gradatim, file):
        outcome = gradatim("check", file(RELU + AFFINE))

        assert outcome.status == 1
        assert outcome.out.index("Relu is right.") < outcome.out.index("Affine is WRONG")
        assert outcome.out.endswith("\n2 layers: 1 right, 1 wrong.\n")

    def test_what_cannot_be_made_is_named_beside_the_others(self, gradatim, file):
        outcome = gradatim("check", file(RELU + ODD))

        assert outcome.status == 2
        assert outcome.out.endswith("\n2 layers: 1 right, 1 not checked.\n")
        assert outcome.err == (
            "gradatim check: my_layers.py: Odd wants an argument whatever, and nobody knows what "
            "to give it. Write a function that makes one, def make(): return Odd(...), and check "
            "make.\n"
        )

    def test_a_function_may_make_the_layer(self, gradatim, file):
        outcome = gradatim("check", f"{file(ODD)}:make")

        assert outcome.status == 0
        assert outcome.out.startswith("Odd is right.\n")

    def test_an_object_may_be_named(self, gradatim, file):
        assert gradatim("check", f"{file(ODD + 'odd = Odd(1)')}:odd").status == 0

    def test_the_shape_of_the_input_may_be_chosen(self, gradatim, file):
        outcome = gradatim("check", f"{file(AFFINE)}:Affine", "--input", "2x7")

        assert "\n  W (7, 3), b (3,); x (2, 7)\n" in outcome.out
        assert "db is 1/2 of what it should be, and there are 2 samples" in outcome.out

    def test_the_report_fits_a_terminal(self, gradatim, file):
        lines = gradatim("check", file(RELU + AFFINE)).out.splitlines()

        assert max(map(len, lines)) < 80
        assert not any(line.endswith(" ") for line in lines)


FLAT = """
class Flat:
    def __init__(self, W, stride=1):
        self.W, self.stride = W, stride

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return self.stride * (self.x @ self.W)

    def backward(self, dout):
        dout = self.stride * dout
        self.dW = self.x.T @ dout
        return (dout @ self.W.T).reshape(self.shape)
"""

LABELS = """
import numpy as np


class Loss:
    def forward(self, x, t):
        self.shape, self.t = x.shape, t
        hot = t if t.ndim == 2 else np.eye(x.shape[1])[t]
        return (x * hot).sum()

    def backward(self, dout=1):
        dx = np.zeros(self.shape)
        dx[np.arange(len(dx)), self.t] = dout
        return dx
"""


class TestVariations:
    def test_what_was_tried_besides_is_told(self, gradatim, file):
        out = gradatim("check", f"{file(FLAT)}:Flat").out

        assert out.startswith(
            "Flat is right.\n  W (4, 3); x (5, 4)\n"
            "  and right with W (4, 3), stride 2; x (5, 4)\n"
            "  and right with W (4, 3); x (5, 1, 2, 2)\n\n"
        )

    def test_a_setting_that_backward_forgets(self, gradatim, file):
        source = FLAT.replace("dout = self.stride * dout", "pass")
        outcome = gradatim("check", f"{file(source)}:Flat")

        assert outcome.status == 1
        assert outcome.out.startswith(
            "Flat is WRONG: 2 things to mend.\n  W (4, 3), stride 2; x (5, 4)\n"
            "  It is right with W (4, 3); x (5, 4).\n"
            "  Does backward use stride as forward does?\n\n"
        )

    def test_a_shape_that_backward_forgets(self, gradatim, file):
        outcome = gradatim("check", f"{file(FLAT.replace('.reshape(self.shape)', ''))}:Flat")

        assert outcome.status == 1
        assert "  W (4, 3); x (5, 1, 2, 2)\n  It is right with W (4, 3); x" in outcome.out
        assert "dx has shape (5, 4); it must have the shape (5, 1, 2, 2)" in outcome.out

    def test_a_target_that_backward_refuses_is_not_held_against_a_loss(self, gradatim, file):
        outcome = gradatim("check", f"{file(LABELS)}:Loss")

        assert outcome.status == 0
        assert outcome.out.startswith(
            "Loss is right.\n  x (5, 4), t labels\n"
            "  not with x (5, 4), t one-hot, which forward takes: backward raises"
        )

    def test_but_wrong_numbers_are(self, gradatim, file):
        outcome = gradatim("check", f"{file(LABELS.replace('= dout', '= -dout'))}:Loss")

        assert outcome.status == 1
        assert "dx has the wrong sign" in " ".join(outcome.out.split())


class TestRefusals:
    def test_no_such_file(self, refused, file):
        file(RELU)

        assert refused("check", "my_layer.py:Relu") == (
            "my_layer.py: there is no such file; did you mean my_layers.py?"
        )

    def test_no_such_name(self, refused, file):
        assert refused("check", f"{file(RELU)}:Rleu") == (
            "my_layers.py: there is no Rleu in this file; did you mean Relu?"
        )
        assert refused("check", f"{file(RELU)}:Pooling") == (
            "my_layers.py: there is no Pooling in this file; its layers are Relu."
        )

    def test_no_layer(self, refused, file):
        assert refused("check", file("x = 1")) == (
            "my_layers.py: no class in this file has forward and backward."
        )

    def test_a_syntax_error(self, refused, file):
        told = refused("check", file("class Relu:\n    def forward(self x):\n        pass\n"))

        assert told.startswith("my_layers.py:2: Python cannot read this: ")
        assert told.endswith("; in def forward(self x).")

    def test_an_error_while_the_file_runs(self, refused, file):
        told = refused("check", file("import numpy as np\nx = np.zeros(3) + y\n"))

        assert told == "my_layers.py:2: NameError: name 'y' is not defined; in x = np.zeros(3) + y."

    def test_forward_raises(self, refused, file):
        told = refused("check", f"{file(RELU.replace('x.copy()', 'x.kopy()'))}:Relu")

        assert told.startswith(
            "my_layers.py: Relu: forward raises AttributeError: 'numpy.ndarray' object has no"
        )

    @pytest.mark.parametrize("line", ["self.mask = (x <= 0)", "dx = dout.copy()"])
    def test_a_layer_that_leaves_is_not_taken_for_right(self, gradatim, file, line):
        source = RELU.replace(line, f"{line}; raise SystemExit(0)")

        outcome = gradatim("check", f"{file(source)}:Relu")

        assert outcome.status in (1, 2)
        assert "raises SystemExit: 0" in outcome.out + outcome.err

    def test_a_class_without_backward(self, refused, file):
        told = refused("check", f"{file(RELU.replace('backward', 'backwards'))}:Relu")

        assert told.startswith(
            "my_layers.py: Relu has no backward; a layer has forward(x) and backward(dout)."
        )

    @pytest.mark.parametrize("shape", ["3by4", "0x4", "x"])
    def test_an_input_that_is_no_shape(self, refused, file, shape):
        assert refused("check", f"{file(RELU)}:Relu", "--input", shape) == (
            f"--input {shape}: this is not a shape; write it as 3x4."
        )


class TestNotebooks:
    @pytest.fixture
    def small(self, monkeypatch):
        monkeypatch.setattr(budget, "SIZES", (784, 2, 10))

    def test_without_a_target_the_notebooks_network_is_checked(self, gradatim, small):
        outcome = gradatim("check")

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith(
            "Backprop against central differences: 784-2-10 on 3 digits, h = 0.0001\n"
        )
        rows = [line.split() for line in outcome.out.splitlines() if line[:2] in ("W1", "b2")]
        assert [row[:2] for row in rows] == [["W1", "1,568"], ["b2", "10"]]
        assert [row[-1] for row in rows] == ["right", "right"]
        assert "1,600 numbers, each moved both ways: " in outcome.out
        assert outcome.out.endswith("Backprop is right.\n")
        assert max(map(len, outcome.out.splitlines())) < 80

    def test_it_says_why_the_last_bias_is_different(self, gradatim, small):
        out = " ".join(gradatim("check").out.split())

        assert "Why is b2 different? Its third derivative is p(1-p)(1-2p)" in out
        assert "h²/6 · 0.072 = 1.2e-10. It differs by 1.2e-10." in out

    def test_the_error_over_the_step_is_drawn(self, gradatim, small, tmp_path):
        outcome = gradatim("check", "--sweep", "step.svg")

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.endswith("Backprop is right.\nDrew step.svg\n")
        text = (tmp_path / "step.svg").read_text("utf-8")
        assert text.startswith("<?xml")

    def test_a_picture_of_another_kind_is_refused_at_once(self, refused):
        assert refused("check", "--sweep", "step.bmp") == (
            "--sweep step.bmp: the picture must be named .png or .svg."
        )
        assert refused("check", "a.py", "--sweep", "step.png") == (
            "--sweep step.png: it belongs to the notebooks' check; leave a.py out."
        )

    def test_a_wrong_gradient_exits_with_1(self, gradatim, small, monkeypatch):
        right = budget.checking.gradient

        def wrong(*arguments, **settings):
            found = right(*arguments, **settings)
            last = replace(found.rows[3], backprop=2 * found.rows[3].backprop)
            return replace(found, rows=(*found.rows[:3], last))

        monkeypatch.setattr(budget.checking, "gradient", wrong)

        outcome = gradatim("check")

        assert outcome.status == 1
        assert outcome.out.endswith("Backprop is WRONG.\n")

    @pytest.mark.slow
    def test_all_39760_numbers(self, gradatim):
        out = gradatim("check").out

        assert "39,760 numbers" in out
        assert out.endswith("Backprop is right.\n")
