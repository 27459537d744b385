"""Numerical derivatives, and the check of backprop against them.

======================  ======================================================================
`gradient`              is backprop right? each argument or parameter, as a table with a verdict
`sweep`                 the same over many steps: truncation falling, round-off rising
`numerical_gradient`    central differences over every element of arrays, trees and models
`numerical_diff`        central difference of a function of one number
`layer`                 is a layer of your own right? any object with forward and backward
`finite`                raises at the first primitive that makes NaN or an infinity
`GradientCheck`         what `gradient` found; one `Comparison` for each argument or parameter
======================  ======================================================================
"""

from __future__ import annotations

from gradatim.autograd.finite import finite
from gradatim.check.comparison import Comparison, GradientCheck
from gradatim.check.gradient import gradient
from gradatim.check.layers.finding import GradientRow, LayerCheck, LayerFinding
from gradatim.check.layers.layer import layer
from gradatim.check.numeric import numerical_diff, numerical_gradient
from gradatim.check.sweep import Sweep, SweepRow, sweep

__all__ = [
    "Comparison",
    "GradientCheck",
    "GradientRow",
    "LayerCheck",
    "LayerFinding",
    "Sweep",
    "SweepRow",
    "finite",
    "gradient",
    "layer",
    "numerical_diff",
    "numerical_gradient",
    "sweep",
]
