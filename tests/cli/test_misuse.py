"""What cannot be understood is named, with what comes nearest."""

from __future__ import annotations

import pytest

from gradatim.cli import app


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("tran", 'there is no command "tran"; did you mean train?'),
        ("learn", f'there is no command "learn"; there are {", ".join(app._VERBS)}.'),
        ("--versoin", 'there is no option "--versoin"; did you mean --version?'),
        ("--seed 1", 'there is no option "--seed"; there are --help, --version.'),
        ("train --bacth 5", "there is no option --bacth; did you mean --batch?"),
        ("train --batch-size 5", "there is no option --batch-size; did you mean --batch?"),
        ("train --learning-rate 5", "there is no option --learning-rate; did you mean --lr?"),
        ("train --lerning 5", "there is no option --lerning; did you mean --lr?"),
        ("train --bacth=5", "there is no option --bacth; did you mean --batch?"),
        ("train --zzz", "there is no option --zzz; --help lists those that there are."),
        ("train -x", "there is no option -x; --help lists those that there are."),
        (
            "train 784-50-10",
            'there is no place for "784-50-10"; options begin with two hyphens.',
        ),
        ("train --batch", "--batch needs a value."),
        ("train --batch ten", "--batch ten: it must be a whole number."),
        ("train --seed 1.5 --out /", "--seed 1.5: it must be a whole number."),
        ("train --batch 1.5", "--batch 1.5: it must be a whole number."),
        ("train --batch nan", "--batch nan: it must be a whole number."),
        ("train --batch inf", "--batch inf: it must be a whole number."),
        ("train --steps x", "--steps x: it must be a whole number."),
        ("train --lr fast", "--lr fast: it must be a number."),
        ("train --lr 1 --lr 2", "--lr is given twice; once is enough."),
        (
            "train --optimizer adma",
            "--optimizer adma: it must be one of sgd, momentum, nesterov, adagrad, rmsprop, adam, "
            "adamw; did you mean adam?",
        ),
        ("train --dtype int8", "--dtype int8: it must be one of float32, float64."),
        ("train --overwrite=7", "--overwrite 7: it must be given without a value."),
        ("evaluate", "RUN is missing."),
        ("evaluate run --dta mnist", "there is no option --dta; did you mean --data?"),
        ("evaluate a b", 'there is no place for "b"; options begin with two hyphens.'),
        ("predict", "RUN is missing."),
        ("predict run", "there is no IMAGE to read; name one picture of a digit or more."),
        (
            "predict run --top 3 a.png",
            "there is no option --top; --help lists those that there are.",
        ),
    ],
)
def test_a_slip_is_named_with_what_comes_nearest(refused, typed, sentence):
    assert refused(*typed.split()) == sentence
