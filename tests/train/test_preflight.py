"""What does not fit together is said before the first update, naming model and data."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import Parameter, Tensor, cross_entropy, mse, nn, optim, relu
from gradatim.data import Dataset, moons
from gradatim.errors import DataError, DtypeError, ShapeError, StateError
from gradatim.train import Doctor, Trainer


@pytest.fixture
def model():
    return nn.MLP([2, 4, 2], rng=0)


@pytest.fixture
def fit(model):
    """Try to train for nothing: only what comes before the first step can fail."""

    def run(train, validation=None, loss=cross_entropy, **settings):
        trainer = Trainer(model, loss, optim.SGD(model), progress="none")
        return trainer.fit(train, validation, **{"steps": 0, "batch_size": 2} | settings)

    return run


def says(error, *texts):
    pattern = ".*".join(texts)
    return pytest.raises(error, match=f"(?s){pattern}")


# --- parts ----------------------------------------------------------------------------------
def test_a_model_is_a_module(model):
    with says(DtypeError, "the model is a function; it must be a gd.nn.Module", "by hand"):
        Trainer(lambda x: x, mse, optim.SGD(model))


def test_a_class_in_place_of_a_model_is_noticed(model):
    with says(DtypeError, "the model is the class MLP"):
        Trainer(nn.MLP, mse, optim.SGD(model))


@pytest.mark.parametrize("loss", ["mse", None, nn.ReLU(), nn.ReLU])
def test_a_loss_is_a_function(model, loss):
    with says(DtypeError, "the loss is .*; it must be a function of outputs and targets"):
        Trainer(model, loss, optim.SGD(model))


def test_an_optimizer_is_one_of_gd_optim(model):
    with says(DtypeError, r"the optimizer is a float", r"Try gd.optim.SGD\(model, lr=0.1\)"):
        Trainer(model, mse, 0.1)


def test_an_optimizer_of_another_model_would_learn_nothing(model):
    with says(StateError, "SGD learns none of the parameters of this MLP", "gd.optim.SGD"):
        Trainer(model, mse, optim.SGD(nn.MLP([2, 4, 2])))
    with says(StateError, "learns none"):
        Trainer(model, mse, optim.SGD([Parameter(1.0)]))


def test_an_optimizer_of_a_part_of_the_model_is_meant_so(model):
    Trainer(model, mse, optim.SGD(model.layers[2]))


@pytest.mark.parametrize("progress", ["tqdm", True, None])
def test_progress_is_one_of_five(model, progress):
    with says(DtypeError, "progress is .*; it must be one of auto, terminal, notebook, plain"):
        Trainer(model, mse, optim.SGD(model), progress=progress)


# --- data -----------------------------------------------------------------------------------
def test_a_pair_of_arrays_is_a_dataset(fit):
    x, t = moons(10).arrays()

    assert fit((x, t), [x, t]).last["test_accuracy"] == fit(moons(10)).last["train_accuracy"]


def test_tensors_are_taken_for_arrays(fit):
    x, t = moons(10).arrays()

    assert fit((Tensor(x), Tensor(t))).rows[0]["train_loss"] > 0


@pytest.mark.parametrize("train", [np.zeros((4, 2)), None, "mnist", (1, 2, 3), {"x": 1}])
def test_data_is_a_dataset_or_a_pair_of_arrays(fit, train):
    with says(DtypeError, "fit: train is", "must be a gd.data.Dataset or a pair of arrays"):
        fit(train)


def test_the_role_of_the_data_is_named(fit):
    with says(DtypeError, "fit: validation is a ndarray"):
        fit(moons(10), np.zeros((4, 2)))


def test_a_pair_of_datasets_is_taken_apart_by_the_caller(fit):
    with says(DtypeError, "train is a pair of datasets", r"fit\(train, validation"):
        fit((moons(10), moons(10)))


def test_a_batch_larger_than_the_data_is_an_error(fit):
    with says(DataError, "batch_size is 100, the dataset has 10 samples", "from 1 to 10"):
        fit(moons(10), batch_size=100)


def test_inputs_and_targets_of_different_lengths_are_an_error(fit):
    with says(DataError, "10 inputs, but 9 targets"):
        fit((np.zeros((10, 2)), np.zeros(9, int)))


# --- model and data -------------------------------------------------------------------------
def test_a_wrong_number_of_features_names_model_and_data(fit):
    with says(
        ShapeError,
        r"MLP cannot take the inputs of the dataset 'wide', which have shape \(3,\)",
        "it must be 2",
    ):
        fit(Dataset(np.zeros((4, 3)), [0, 1, 0, 1], name="wide"))


def test_validation_is_looked_at_too(fit):
    with says(ShapeError, "cannot take the inputs of the dataset 'validation'"):
        fit(moons(10), (np.zeros((4, 3)), [0, 1, 0, 1]))


def test_images_are_to_be_flattened(fit):
    with says(ShapeError, r"shape \(2, 1\)", r"Did you mean dataset.flatten\(\), or gd.nn.Flatten"):
        fit(Dataset(np.zeros((4, 2, 1)), [0, 1, 0, 1]))


def test_images_whose_lines_happen_to_fit_are_to_be_flattened_too(fit):
    with says(ShapeError, "the loss cannot compare", r"Did you mean dataset.flatten\(\)"):
        fit(Dataset(np.zeros((4, 5, 2)), [0, 1, 0, 1]))


def test_flattening_is_not_offered_where_it_would_not_help(fit):
    with pytest.raises(ShapeError) as caught:
        fit(Dataset(np.zeros((4, 3, 5)), [0, 1, 0, 1]))

    assert "dataset.flatten" not in str(caught.value)


def test_labels_beyond_the_outputs_name_model_and_data(fit):
    with says(
        DataError,
        r"labels of the dataset 'digits' run up to 9, but an MLP gives 2 outputs",
        "Try 10 as the last size",
    ):
        fit(Dataset(np.zeros((10, 2)), np.arange(10), name="digits"))


def test_labels_of_the_validation_are_looked_at_too(fit):
    with says(DataError, "labels of the dataset 'validation' run up to 2"):
        fit(moons(10), (np.zeros((3, 2)), [0, 1, 2]))


def test_targets_that_the_loss_cannot_compare_name_model_and_data(fit):
    with says(ShapeError, "cannot compare what an MLP gives with the targets of", r"\(2, 3\)"):
        fit((np.zeros((4, 2)), np.zeros((4, 3))), loss=mse)


@pytest.mark.parametrize(
    ("loss", "found"),
    [
        (lambda y, t: 0.5, "a float"),
        (lambda y, t: cross_entropy(y, t, "none"), r"a Tensor of shape \(2,\)"),
    ],
)
def test_a_loss_is_one_number(fit, loss, found):
    with says(DtypeError, f"the loss gives {found}; it must be a Tensor of one number", "mean"):
        fit(moons(10), loss=loss)


def test_an_error_that_is_not_ours_passes_as_it_is(fit):
    def broken(outputs, targets):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        fit(moons(10), loss=broken)


def test_trying_two_samples_draws_no_random_numbers():
    def losses(steps_before):
        model = nn.Sequential(
            nn.Linear(2, 8, rng=0), nn.Dropout(0.5, rng=1), nn.Linear(8, 2, rng=2)
        )
        trainer = Trainer(model, cross_entropy, optim.SGD(model), progress="none")
        for _ in range(steps_before):
            trainer.fit(moons(20), moons(30), steps=0, batch_size=5)
        return trainer.fit(moons(20), steps=5, batch_size=5).losses.tolist()

    assert losses(0) == losses(3)


def test_a_model_may_be_any_module():
    class Own(nn.Module):
        def __init__(self):
            self.weight = Parameter(np.full((2, 2), 0.5, np.float32))

        def forward(self, x):
            return relu(x @ self.weight)

    model = Own()
    trainer = Trainer(model, cross_entropy, optim.SGD(model), progress="none")

    assert trainer.fit(moons(10), steps=3, batch_size=5).step == 3


# --- models with several outputs ------------------------------------------------------------
class Two(nn.Module):
    """Scores of the classes, and one number."""

    def __init__(self, gather=lambda a, b: (a, b)):
        self.scores, self.number = nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1)
        self.gather = gather

    def forward(self, x):
        return self.gather(self.scores(x), self.number(x))


def named(a, b):
    return {"scores": a, "number": b}


SEVERAL = {
    "tuple": (Two, lambda y, t: cross_entropy(y[0], t) + (y[1] ** 2).mean()),
    "dict": (lambda: Two(named), lambda y, t: cross_entropy(y["scores"], t)),
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_several_outputs_are_trained_and_accuracy_is_left_out(kind):
    (make, loss), seen = SEVERAL[kind], Doctor()
    model = make()
    trainer = Trainer(model, loss, optim.SGD(model, lr=0.5), callbacks=[seen], progress="none")

    rows = trainer.fit(moons(100), moons(50), steps=100, batch_size=20).rows

    assert rows[-1]["train_loss"] < 0.7 * rows[0]["train_loss"]
    assert rows[-1]["train_accuracy"] is rows[-1]["test_accuracy"] is None
    assert "not examined" not in [found.name for found in seen.findings]


@pytest.mark.parametrize(
    ("gather", "texts"),
    [
        (lambda a, b: (a, b), ["a Two gives a tuple of 2, and the loss takes one Tensor",
                               r"Try a loss .*gd.cross_entropy\(outputs\[0\], t\)"]),
        (named, ["gives a dict of 2", r"outputs\['scores'\]"]),
        (lambda a, b: None, ["gives a NoneType; it must give a Tensor", "end with return"]),
    ],
    ids=["tuple", "dict", "nothing"],
)  # fmt: skip
def test_a_loss_of_one_output_says_so(gather, texts):
    model = Two(gather)

    with says(DtypeError, *texts):
        Trainer(model, cross_entropy, optim.SGD(model), progress="none").fit(moons(100), steps=1)
