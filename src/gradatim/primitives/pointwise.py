"""The table of derivatives: primitives that treat every element on its own.

``g`` is the gradient arriving, ``y`` the result, then come the inputs by name. What explanations
print is read off the row; ``formulas`` stands beside a rule that a person would write otherwise.

Where a function has a kink, these subgradients are taken:

=====================  =====================================================================
``abs`` at 0           0
``relu`` at 0          0
``maximum minimum``    a tie gives one half to each side
``clip`` at a bound    1
``sign floor ...``     0 everywhere: piecewise constant, so they have no rule at all
``power``              d(a**0)/da = 0 and d(0**b)/db = 0, at every order: 0, never NaN
``remainder``          as between two jumps
=====================  =====================================================================
"""

from __future__ import annotations

from math import log, pi, sqrt

from gradatim.primitives.primitive import pointwise

# --- arithmetic ---------------------------------------------------------------------------------
add = pointwise("add", "{a} + {b}", a=lambda g, y, a, b: g, b=lambda g, y, a, b: g)
subtract = pointwise("subtract", "{a} - {b}", a=lambda g, y, a, b: g, b=lambda g, y, a, b: -g)
multiply = pointwise(
    "multiply", "{a} * {b}", a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: g * a
)
divide = pointwise(
    "divide", "{a} / {b}", a=lambda g, y, a, b: g / b, b=lambda g, y, a, b: -g * y / b
)
negative = pointwise("negative", "-{x}", x=lambda g, y, x: -g)
power = pointwise(
    "power",
    "{a} ** {b}",
    # b == 0 would ask for a ** -1, which is infinite at a = 0 where the derivative is 0.
    a=lambda g, y, a, b: g * (b * a ** (b - (b != 0))),
    b=lambda g, y, a, b: g * y * (a != 0).where(a, 1).log(),
    formulas={"a": "g * b * a ** (b - 1)", "b": "g * y * log(a)"},
)
square = pointwise(
    "square", "{x} * {x}", x=lambda g, y, x: g * (x * 2), formulas={"x": "g * 2 * x"}
)
sqrt_ = pointwise(
    "sqrt", "np.sqrt({x})", x=lambda g, y, x: g / (y * 2), formulas={"x": "g / (2 * y)"}
)
cbrt = pointwise(
    "cbrt", "np.cbrt({x})", x=lambda g, y, x: g / (y * y * 3), formulas={"x": "g / (3 * y ** 2)"}
)
reciprocal = pointwise(
    "reciprocal",
    "np.reciprocal({x})",
    x=lambda g, y, x: -g * y * y,
    formulas={"y": "1 / x", "x": "-g * y ** 2"},
)
remainder = pointwise(
    "remainder",
    "{a} % {b}",
    a=lambda g, y, a, b: g,
    b=lambda g, y, a, b: -g * (a // b),
)
floor_divide = pointwise("floor_divide", "{a} // {b}", a=None, b=None)
hypot = pointwise(
    "hypot",
    "np.hypot({a}, {b})",
    a=lambda g, y, a, b: (y == 0).where(0, g * a / (y == 0).where(1, y)),
    b=lambda g, y, a, b: (y == 0).where(0, g * b / (y == 0).where(1, y)),
    formulas={"y": "sqrt(a ** 2 + b ** 2)", "a": "g * a / y", "b": "g * b / y"},
)

# --- exponentials and logarithms ----------------------------------------------------------------
exp = pointwise("exp", "np.exp({x})", x=lambda g, y, x: g * y)
exp2 = pointwise(
    "exp2",
    "np.exp2({x})",
    x=lambda g, y, x: g * y * log(2),
    formulas={"y": "2 ** x", "x": "g * y * log(2)"},
)
expm1 = pointwise("expm1", "np.expm1({x})", x=lambda g, y, x: g * (y + 1))
log_ = pointwise("log", "np.log({x})", x=lambda g, y, x: g / x)
log2 = pointwise(
    "log2",
    "np.log2({x})",
    x=lambda g, y, x: g / (x * log(2)),
    formulas={"x": "g / (x * log(2))"},
)
log10 = pointwise(
    "log10",
    "np.log10({x})",
    x=lambda g, y, x: g / (x * log(10)),
    formulas={"x": "g / (x * log(10))"},
)
log1p = pointwise("log1p", "np.log1p({x})", x=lambda g, y, x: g / (x + 1))
# Where an input is infinite so is the result, and the difference of equals is taken as 0.
logaddexp = pointwise(
    "logaddexp",
    "np.logaddexp({a}, {b})",
    a=lambda g, y, a, b: g * ((a == y).where(0, a) - (a == y).where(0, y)).exp(),
    b=lambda g, y, a, b: g * ((b == y).where(0, b) - (b == y).where(0, y)).exp(),
    formulas={"y": "log(exp(a) + exp(b))", "a": "g * exp(a - y)", "b": "g * exp(b - y)"},
)
logaddexp2 = pointwise(
    "logaddexp2",
    "np.logaddexp2({a}, {b})",
    a=lambda g, y, a, b: g * ((a == y).where(0, a) - (a == y).where(0, y)).exp2(),
    b=lambda g, y, a, b: g * ((b == y).where(0, b) - (b == y).where(0, y)).exp2(),
    formulas={"y": "log2(2 ** a + 2 ** b)", "a": "g * 2 ** (a - y)", "b": "g * 2 ** (b - y)"},
)

# --- circular and hyperbolic functions ----------------------------------------------------------
sin = pointwise("sin", "np.sin({x})", x=lambda g, y, x: g * x.cos())
cos = pointwise("cos", "np.cos({x})", x=lambda g, y, x: -g * x.sin())
tan = pointwise("tan", "np.tan({x})", x=lambda g, y, x: g * (1 + y * y))
arcsin = pointwise("arcsin", "np.arcsin({x})", x=lambda g, y, x: g / (1 - x * x).sqrt())
arccos = pointwise("arccos", "np.arccos({x})", x=lambda g, y, x: -g / (1 - x * x).sqrt())
arctan = pointwise("arctan", "np.arctan({x})", x=lambda g, y, x: g / (1 + x * x))
arctan2 = pointwise(
    "arctan2",
    "np.arctan2({a}, {b})",
    a=lambda g, y, a, b: g * b / (a * a + b * b),
    b=lambda g, y, a, b: -g * a / (a * a + b * b),
)
sinh = pointwise("sinh", "np.sinh({x})", x=lambda g, y, x: g * x.cosh())
cosh = pointwise("cosh", "np.cosh({x})", x=lambda g, y, x: g * x.sinh())
tanh = pointwise("tanh", "np.tanh({x})", x=lambda g, y, x: g * (1 - y * y))
arcsinh = pointwise("arcsinh", "np.arcsinh({x})", x=lambda g, y, x: g / (x * x + 1).sqrt())
arccosh = pointwise("arccosh", "np.arccosh({x})", x=lambda g, y, x: g / (x * x - 1).sqrt())
arctanh = pointwise("arctanh", "np.arctanh({x})", x=lambda g, y, x: g / (1 - x * x))

# --- activations and their relatives ------------------------------------------------------------
# A product, where a choice would do: a tenth of the time on plain arrays.
relu = pointwise("relu", "np.maximum({x}, 0)", x=lambda g, y, x: g * (y > 0))
# Never exp of a positive number: no overflow, and full accuracy in both tails.
sigmoid = pointwise(
    "sigmoid",
    "np.exp(np.minimum({x}, 0)) / (1 + np.exp(-np.abs({x})))",
    x=lambda g, y, x: g * (y * (1 - y)),
    formulas={"y": "1 / (1 + exp(-x))", "x": "g * y * (1 - y)"},
)
softplus = pointwise(
    "softplus",
    "np.maximum({x}, 0) + np.log1p(np.exp(-np.abs({x})))",
    x=lambda g, y, x: g * x.sigmoid(),
    formulas={"y": "log(1 + exp(x))"},
)
erf = pointwise(
    "erf",
    "erf({x})",
    x=lambda g, y, x: g * (x * -x).exp() * (2 / sqrt(pi)),
    formulas={"x": "g * 2 / sqrt(pi) * exp(-x ** 2)"},
)

# --- choice -------------------------------------------------------------------------------------
abs_ = pointwise("abs", "np.abs({x})", x=lambda g, y, x: g * x.sign())
sign = pointwise("sign", "np.sign({x})", x=None)
where = pointwise(
    "where",
    "np.where({c}, {a}, {b})",
    c=None,
    a=lambda g, y, c, a, b: c.where(g, 0),
    b=lambda g, y, c, a, b: c.where(0, g),
)
maximum = pointwise(
    "maximum",
    "np.maximum({a}, {b})",
    a=lambda g, y, a, b: (a == b).where(g / 2, (a > b).where(g, 0)),
    b=lambda g, y, a, b: (a == b).where(g / 2, (b > a).where(g, 0)),
)
minimum = pointwise(
    "minimum",
    "np.minimum({a}, {b})",
    a=lambda g, y, a, b: (a == b).where(g / 2, (a < b).where(g, 0)),
    b=lambda g, y, a, b: (a == b).where(g / 2, (b < a).where(g, 0)),
)
# fmax and fmin pass over NaN: the gradient goes to the side that is a number.
fmax = pointwise(
    "fmax",
    "np.fmax({a}, {b})",
    a=lambda g, y, a, b: (a == b).where(g / 2, ((a > b) | b.isnan()).where(g, 0)),
    b=lambda g, y, a, b: (a == b).where(g / 2, ((b > a) | a.isnan()).where(g, 0)),
)
fmin = pointwise(
    "fmin",
    "np.fmin({a}, {b})",
    a=lambda g, y, a, b: (a == b).where(g / 2, ((a < b) | b.isnan()).where(g, 0)),
    b=lambda g, y, a, b: (a == b).where(g / 2, ((b < a) | a.isnan()).where(g, 0)),
)
clip = pointwise(
    "clip",
    "np.clip({x}, {low}, {high})",
    x=lambda g, y, x, low, high: ((x >= low) & (x <= high)).where(g, 0),
    low=lambda g, y, x, low, high: ((x < low) & (low <= high)).where(g, 0),
    high=lambda g, y, x, low, high: ((x > high) | (low > high)).where(g, 0),
)
copysign = pointwise(
    "copysign",
    "np.copysign({a}, {b})",
    a=lambda g, y, a, b: g * y.sign() * a.sign(),
    b=None,
)

# --- piecewise constant: no derivative ----------------------------------------------------------
floor = pointwise("floor", "np.floor({x})", x=None)
ceil = pointwise("ceil", "np.ceil({x})", x=None)
trunc = pointwise("trunc", "np.trunc({x})", x=None)
rint = pointwise("rint", "np.rint({x})", x=None)
equal = pointwise("equal", "{a} == {b}", a=None, b=None)
not_equal = pointwise("not_equal", "{a} != {b}", a=None, b=None)
less = pointwise("less", "{a} < {b}", a=None, b=None)
less_equal = pointwise("less_equal", "{a} <= {b}", a=None, b=None)
greater = pointwise("greater", "{a} > {b}", a=None, b=None)
greater_equal = pointwise("greater_equal", "{a} >= {b}", a=None, b=None)
logical_and = pointwise("logical_and", "np.logical_and({a}, {b})", a=None, b=None)
logical_or = pointwise("logical_or", "np.logical_or({a}, {b})", a=None, b=None)
logical_xor = pointwise("logical_xor", "np.logical_xor({a}, {b})", a=None, b=None)
logical_not = pointwise("logical_not", "np.logical_not({x})", x=None)
isnan = pointwise("isnan", "np.isnan({x})", x=None)
isinf = pointwise("isinf", "np.isinf({x})", x=None)
isfinite = pointwise("isfinite", "np.isfinite({x})", x=None)

# --- the same value under another history -------------------------------------------------------
# alias: a fresh variable at the same point, as the arguments of gd.grad need it.
alias = pointwise("alias", "{x}", x=lambda g, y, x: g)
stop_gradient = pointwise("stop_gradient", "{x}", x=None)
