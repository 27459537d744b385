"""What must fit together before a training begins: model, loss, optimizer and data."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.data import Dataset
from gradatim.errors import DataError, DtypeError, GradatimError, ShapeError, StateError
from gradatim.nn import Module
from gradatim.optim import Optimizer
from gradatim.train.metrics import Loss, is_single, modes_kept

_SAMPLES = 2
_FLATTEN = "\n  Did you mean dataset.flatten(), or gd.nn.Flatten() as the first layer?"


def check_parts(model: Any, loss: Any, optimizer: Any) -> None:
    """Raise unless there are a model, a loss, and an optimizer that learns the model.

    Parameters
    ----------
    model : Module
        What learns.
    loss : callable
        ``loss(outputs, targets)``.
    optimizer : Optimizer
        Made of the model's parameters.

    Raises
    ------
    DtypeError
        One of them is something else.
    StateError
        The optimizer was made of another model.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([1, 1])
    >>> check_parts(model, gd.mse, gd.optim.SGD(model))
    """
    if not isinstance(model, Module):
        raise DtypeError(
            f"Trainer: the model is {_kind(model)}; it must be a gd.nn.Module.\n"
            "  Try gd.nn.MLP([784, 50, 10]), or write the loop by hand: see help(gd.train)."
        )
    if not callable(loss) or isinstance(loss, (Module, Optimizer, type)):
        raise DtypeError(
            f"Trainer: the loss is {_kind(loss)}; it must be a function of outputs and targets.\n"
            "  Try Trainer(model, gd.cross_entropy, optimizer)."
        )
    if not isinstance(optimizer, Optimizer):
        raise DtypeError(
            f"Trainer: the optimizer is {_kind(optimizer)}; it must be an Optimizer of gd.optim.\n"
            "  Try gd.optim.SGD(model, lr=0.1)."
        )
    learned = {id(p) for p in optimizer.parameters.values()}
    if not any(id(p) in learned for p in model.parameters()):
        raise StateError(
            f"Trainer: {type(optimizer).__name__} learns none of the parameters of this "
            f"{type(model).__name__}; it was made of another model.\n"
            f"  Try gd.optim.{type(optimizer).__name__}(model, lr=...), made after the model."
        )


def as_dataset(given: Any, role: str) -> Dataset:
    """Return a dataset of a dataset, or of a pair of arrays.

    Parameters
    ----------
    given : Dataset or tuple
        A dataset, or inputs of shape (N, ...) and targets of shape (N,) or (N, ...).
    role : str
        Name of a dataset made of arrays; begins the message.

    Returns
    -------
    Dataset
        Nothing is copied.

    Raises
    ------
    DtypeError
        It is neither.
    DataError
        The arrays do not make a dataset.

    Examples
    --------
    >>> as_dataset(([[0.0], [1.0]], [0, 1]), "train")
    Dataset train: 2 samples of shape (1,) float64, 2 classes
    """
    if isinstance(given, Dataset):
        return given
    if isinstance(given, (tuple, list)) and len(given) == 2:
        if any(isinstance(part, Dataset) for part in given):
            raise DtypeError(
                f"fit: {role} is a pair of datasets.\n"
                "  Give them one after the other: fit(train, validation, ...)."
            )
        inputs, targets = (p.numpy() if isinstance(p, Tensor) else p for p in given)
        return Dataset(inputs, targets, name=role)
    raise DtypeError(
        f"fit: {role} is {_kind(given)}; it must be a gd.data.Dataset or a pair of arrays.\n"
        f"  Try fit((x, t), ...) with inputs (N, ...) and targets (N,), or gd.data.Dataset(x, t)."
    )


def check_data(model: Module, loss: Loss, dataset: Dataset, dtype: np.dtype[Any]) -> None:
    """Raise unless the model takes the inputs, and the loss its outputs with the targets.

    Tries it on two samples, outside the tape and in the mode ``eval``.

    Parameters
    ----------
    model : Module
        Left in the mode it was in.
    loss : callable
        ``loss(outputs, targets)``.
    dataset : Dataset
        Of training or validation.
    dtype : numpy.dtype
        Of what the model is given.

    Raises
    ------
    ShapeError
        Inputs do not fit the model, or targets do not fit its outputs.
    DtypeError
        The loss gives something other than a Tensor, or the model gives something other to a loss
        that takes one Tensor.
    DataError
        There are labels for which the model has no output.

    Examples
    --------
    >>> import gradatim as gd
    >>> check_data(gd.nn.MLP([2, 2]), gd.cross_entropy, gd.data.xor(), np.dtype(np.float32))
    """
    x, t = dataset.batch(np.arange(min(_SAMPLES, len(dataset))), dtype)
    with no_grad(), modes_kept(model):
        model.eval()
        outputs = _outputs(model, dataset, x)
        if is_single(outputs):
            _check_labels(model, dataset, outputs)
        try:
            value = loss(outputs, t)
        except GradatimError as error:
            if not is_single(outputs):
                raise _several(model, outputs) from error
            hint = _FLATTEN if x.ndim > 2 and np.ndim(outputs) == x.ndim else ""
            raise ShapeError(
                f"fit: the loss cannot compare what {_kind(model)} gives with the targets of "
                f"{_called(dataset)}:\n  {error}{hint}"
            ) from error
    if not isinstance(value, Tensor) or value.size != 1:
        found = f"a Tensor of shape {value.shape}" if isinstance(value, Tensor) else _kind(value)
        raise DtypeError(
            f"fit: the loss gives {found}; it must be a Tensor of one number, the mean over the "
            "batch.\n  Try reduction='mean', or .mean() at its end."
        )


def _several(model: Module, outputs: Any) -> DtypeError:
    """Describe a loss of one Tensor that was given something else."""
    if isinstance(outputs, dict):
        first = repr(next(iter(outputs), "name"))
    elif isinstance(outputs, (tuple, list)):
        first = "0"
    else:
        return DtypeError(
            f"fit: {_kind(model)} gives {_kind(outputs)}; it must give a Tensor, or several of "
            "them if the loss takes several.\n  Does its forward end with return?"
        )
    return DtypeError(
        f"fit: {_kind(model)} gives {_kind(outputs)} of {len(outputs)}, and the loss takes one "
        "Tensor.\n"
        "  Try a loss that says which is compared with what: "
        f"lambda outputs, t: gd.cross_entropy(outputs[{first}], t)."
    )


def _outputs(model: Module, dataset: Dataset, x: Any) -> Any:
    try:
        return model(x)
    except GradatimError as error:
        hint = _FLATTEN if x.ndim > 2 and _takes(model, x.reshape(len(x), -1)) else ""
        raise ShapeError(
            f"fit: {_kind(model)} cannot take the inputs of {_called(dataset)}, "
            f"which have shape {dataset.input_shape}:\n  {error}{hint}"
        ) from error


def _takes(model: Module, x: Any) -> bool:
    try:
        model(x)
    except GradatimError:
        return False
    return True


def _check_labels(model: Module, dataset: Dataset, outputs: Any) -> None:
    targets = dataset.targets
    if targets.ndim != 1 or targets.dtype.kind not in "iu" or len(outputs.shape) != 2:
        return
    n, largest = outputs.shape[1], int(targets.max())
    if 1 < n <= largest:
        raise DataError(
            f"fit: the labels of {_called(dataset)} run up to {largest}, but {_kind(model)} gives "
            f"{n} outputs for each sample.\n"
            f"  There must be one for each class. Try {largest + 1} as the last size of the model."
        )


def _called(dataset: Dataset) -> str:
    return f"the dataset {dataset.name!r}" if dataset.name else "the dataset"


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' or name.startswith('ML') else 'a'} {name}"


def check_choice(compile: Any) -> None:
    """See that ``compile`` is one of its three values.

    Parameters
    ----------
    compile : object
        What was given.

    Raises
    ------
    DtypeError
        It is something else.

    Examples
    --------
    >>> check_choice("auto")
    """
    if not isinstance(compile, bool) and compile != "auto":
        raise DtypeError(
            f'Trainer: compile is {compile!r}; it must be True, False or "auto".\n'
            "  For NumPy instead of machine code in gd.compile, that is backend='numpy'."
        )
