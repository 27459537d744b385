"""Which gradients a call has given, and what is wrong with how they are given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.check.layers.call import Call, LayerAtPoint, takes_dout
from gradatim.check.layers.finding import LayerFinding
from gradatim.check.layers.point import Kind
from gradatim.check.layers.specimen import MISSING, Place, reach, spell
from gradatim.types import Array, Shape


def gradient_name(layer: Any, place: Place) -> str:
    """Where the gradient of a parameter stands after backward, or where it should."""
    for path in place.gradients:
        held = reach(layer, path)
        if held is not MISSING and held is not None:
            return spell(path)
    return place.expected


def parameter_gradient(layer: Any, place: Place) -> Any:
    """The gradient of a parameter, None where there is none."""
    held = (reach(layer, path) for path in place.gradients)
    return next((each for each in held if each is not MISSING and each is not None), None)


class Gradients:
    """The gradients of one call: those that can be compared, and findings about the others."""

    def __init__(
        self, call: Call, subject: LayerAtPoint, kinds: tuple[Kind, ...], parameters: list[Place]
    ) -> None:
        self.findings: list[LayerFinding] = []
        self.of_inputs: dict[int, Array] = {}
        self.of_parameters: dict[str, Array] = {}
        self.remarks: list[str] = []
        self._read_inputs(call, subject, kinds)
        for place in parameters:
            self._read_parameter(call.layer, place)
        self._tell_exchanged(call, subject, wanted=parameters)
        if not takes_dout(call.layer) and np.ndim(call.output):
            self._find("dout", "no dout", "backward takes no dout, but it has to multiply by it: "
                       "what comes after the layer would be forgotten.",
                       fix="def backward(self, dout):")  # fmt: skip

    def _find(self, about: str, kind: str, what: str, *evidence: str, fix: str = "") -> None:
        self.findings.append(LayerFinding(about, kind, what, evidence, fix))

    def _read_inputs(self, call: Call, subject: LayerAtPoint, kinds: tuple[Kind, ...]) -> None:
        wanted = [i for i, kind in enumerate(kinds) if kind == "moves"]
        names = [f"d{subject.names[i]}" for i in wanted]
        several = isinstance(call.returned, (tuple, list))
        given = list(call.returned) if several else [call.returned]
        if not wanted:
            return None
        if call.returned is None:
            return self._find(
                names[0], "returns nothing", "backward returns nothing; the layer before this one "
                f"needs {' and '.join(names)}.", fix=f"return {', '.join(names)}",
            )  # fmt: skip
        if len(given) < len(wanted) or (several and len(wanted) == 1 == len(kinds)):
            return self._find(
                names[0], "count", f"backward returns {_counted(call.returned)}, but forward takes "
                f"{_inputs(wanted)}: it must return {' and '.join(names)}, and nothing else. "
                "Gradients of parameters are kept in self.", fix=f"return {', '.join(names)}",
            )  # fmt: skip
        for i, name, value in zip(wanted, names, given):
            found = self._array(name, value, np.shape(subject.inputs[i]), strict=True)
            if found is not None:
                self.of_inputs[i] = found
        if several and len(given) == len(kinds):
            for i in (i for i, kind in enumerate(kinds) if kind == "target"):
                self._read_target(i, subject, given[i])
        return None

    def _read_target(self, i: int, subject: LayerAtPoint, value: Any) -> None:
        """Compare the gradient of a target where there is one; nobody asks for it, as of labels."""
        name, t = f"d{subject.names[i]}", np.asarray(subject.inputs[i])
        if value is None:
            return
        found = np.asarray(value)
        if found.shape == t.shape and t.dtype.kind == found.dtype.kind == "f" and found.any():
            self.of_inputs[i] = np.asarray(found, dtype=np.float64)
            return
        why = f"{subject.names[i]} is what the output is compared with, and {name} is 0"
        if found.any():
            why = f"{name} is no array of floats of the shape of {subject.names[i]}"
        self.remarks.append(f"{name} was not checked: {why}.")

    def _read_parameter(self, layer: Any, place: Place) -> None:
        name = gradient_name(layer, place)
        value = parameter_gradient(layer, place)
        if value is None:
            other = _misspelt(layer, name)
            told = f" There is {other}; is that meant?" if other else ""
            self._find(
                name, "no gradient", f"backward leaves no gradient of {place.name}: after it, "
                f"{name} must be there, of the shape of {place.name}.{told}",
                fix=f"self.{name} = ..." + (f" in place of self.{other} = ..." if other else ""),
            )  # fmt: skip
            return
        shape = np.shape(reach(layer, place.path))
        found = self._array(name, value, shape, strict=False)
        if found is not None:
            self.of_parameters[place.name] = found

    def _tell_exchanged(self, call: Call, subject: LayerAtPoint, wanted: list[Place]) -> None:
        """Say so where the gradients of x and of a parameter have each other's shape."""
        if isinstance(call.returned, (tuple, list)) or not subject.inputs:
            return
        ours, returned = np.shape(subject.inputs[0]), np.shape(call.returned)
        for place in wanted:
            theirs = np.shape(reach(call.layer, place.path))
            left = np.shape(parameter_gradient(call.layer, place))
            if ours == left != theirs == returned:
                names = f"d{subject.names[0]}", gradient_name(call.layer, place)
                self.findings = [
                    replace(each, fix=f"exchange {' and '.join(names)}: each has the other's shape")
                    if each.about in names and each.kind == "shape"
                    else each
                    for each in self.findings
                ]

    def _array(self, name: str, value: Any, shape: Shape, strict: bool) -> Array | None:
        """Numbers of the right shape, or None and a finding."""
        try:
            found = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            self._find(name, "no numbers", f"{name} is {type(value).__name__}, not an array.")
            return None
        if found.shape == shape:
            return found
        if not strict and found.ndim < len(shape) and found.shape == _without_ones(shape):
            self.remarks.append(f"{name} has shape {found.shape}, its parameter {shape}.")
            return found.reshape(shape)
        self._find(
            name, "shape", f"{name} has shape {found.shape}; it must have the shape {shape} of "
            f"{_without_d(name)}. {_why(found.shape, shape)}".rstrip(),
            fix=_mend(name, found.shape, shape),
        )  # fmt: skip
        return None


def _misspelt(layer: Any, name: str) -> str | None:
    """An array that is called nearly so: dw for dW, d_b for db."""
    plain = name.lower().replace("_", "")
    held = getattr(layer, "__dict__", {})
    return next(
        (
            each for each, value in held.items()
            if each != name and each.lower().replace("_", "") == plain and np.ndim(value)
        ),
        None,
    )  # fmt: skip


def _without_ones(shape: Shape) -> Shape:
    return tuple(size for size in shape if size > 1)


def _without_d(name: str) -> str:
    return name[1:] if name.startswith("d") else "its parameter"


def _counted(returned: Any) -> str:
    if not isinstance(returned, (tuple, list)):
        return "one gradient"
    many = len(returned)
    if many == 1:
        return "a tuple of one (is there a comma too many?)"
    return f"{many} things"


def _inputs(wanted: list[int]) -> str:
    return "one input" if len(wanted) == 1 else f"{len(wanted)} inputs"


def _why(got: Shape, shape: Shape) -> str:
    if got == shape[::-1] and len(shape) == 2:
        return "It is transposed."
    if len(got) > len(shape) and got[len(got) - len(shape) :] == shape:
        if got[: len(got) - len(shape)] == (1,):
            return "The sum has kept an axis."
        return "It is not summed over the batch."
    if not got:
        return "It is one number for all elements."
    if int(np.prod(got)) == int(np.prod(shape)):
        return "The numbers are as many: it is not brought back to the shape."
    if got == shape[1:]:
        return "It is summed over the batch, which is for gradients of parameters only."
    return "Is it summed over the wrong axis?" if len(got) == len(shape) == 1 else ""


def _mend(name: str, got: Shape, shape: Shape) -> str:
    if name in ("db", "dbeta"):
        return f"self.{name} = np.sum(dout, axis=0)"
    if got == shape[::-1] and len(shape) == 2:
        return "self.dW = np.dot(self.x.T, dout)" if name == "dW" else f"look for a .T in {name}"
    if int(np.prod(got)) == int(np.prod(shape)):
        return f"{name}.reshape({_without_d(name)}.shape)"
    return ""
