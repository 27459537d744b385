"""Numerical derivatives, and the check of backprop against them.

======================  ======================================================================
`gradient`              is backprop right? each argument or parameter, as a table with a verdict
`numerical_gradient`    central differences over every element of arrays, trees and models
`numerical_diff`        central difference of a function of one number
`finite`                raises at the first primitive that makes NaN or an infinity
`GradientCheck`         what `gradient` found; one `Comparison` for each argument or parameter
======================  ======================================================================
"""

from __future__ import annotations

from gradatim.check.comparison import Comparison, GradientCheck
from gradatim.check.finite import finite
from gradatim.check.gradient import gradient
from gradatim.check.numeric import numerical_diff, numerical_gradient

__all__ = [
    "Comparison",
    "GradientCheck",
    "finite",
    "gradient",
    "numerical_diff",
    "numerical_gradient",
]
