"""The public functions, on Tensors and on whatever becomes one, under NumPy's names."""

from gradatim.autograd.backward import backward
from gradatim.functions import linalg
from gradatim.functions.accumulation import cumprod, cumsum
from gradatim.functions.activation import (
    elu,
    erf,
    gelu,
    identity,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    stop_gradient,
    tanh,
)
from gradatim.functions.arithmetic import (
    abs,
    absolute,
    add,
    cbrt,
    copysign,
    deg2rad,
    degrees,
    divide,
    fabs,
    float_power,
    floor_divide,
    fmod,
    heaviside,
    hypot,
    mod,
    multiply,
    negative,
    positive,
    pow,
    power,
    rad2deg,
    radians,
    reciprocal,
    remainder,
    sign,
    sqrt,
    square,
    subtract,
    true_divide,
)
from gradatim.functions.arrangement import flip, fliplr, flipud, repeat, roll, rot90, tile
from gradatim.functions.choice import clip, fmax, fmin, maximum, minimum, where
from gradatim.functions.comparison import (
    all,
    allclose,
    any,
    array_equal,
    equal,
    greater,
    greater_equal,
    isclose,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    signbit,
)
from gradatim.functions.convolution import convolve, correlate
from gradatim.functions.diagonals import diag, diagflat, diagonal, trace, tril, triu
from gradatim.functions.difference import diff, gradient, trapezoid
from gradatim.functions.door import door
from gradatim.functions.einstein import einsum
from gradatim.functions.exponential import (
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
)
from gradatim.functions.filling import full, full_like, linspace, ones_like, zeros_like
from gradatim.functions.indexing import (
    argwhere,
    compress,
    extract,
    flatnonzero,
    nonzero,
    one_hot,
    select,
    take,
    take_along_axis,
)
from gradatim.functions.joining import (
    append,
    array_split,
    column_stack,
    concatenate,
    dsplit,
    dstack,
    hsplit,
    hstack,
    split,
    stack,
    unstack,
    vsplit,
    vstack,
)
from gradatim.functions.loss import binary_cross_entropy, cross_entropy, huber, mse, nll, sse
from gradatim.functions.ordering import argmax, argmin, argsort, median, partition, sort, topk
from gradatim.functions.padding import pad
from gradatim.functions.primitive import primitive
from gradatim.functions.product import (
    cross,
    dot,
    inner,
    kron,
    matmul,
    outer,
    tensordot,
    vdot,
    vecdot,
)
from gradatim.functions.reduction import (
    amax,
    amin,
    average,
    count_nonzero,
    logsumexp,
    max,
    mean,
    min,
    prod,
    ptp,
    std,
    sum,
    var,
)
from gradatim.functions.rounding import around, ceil, fix, floor, nan_to_num, rint, round, trunc
from gradatim.functions.sampling import normal, uniform
from gradatim.functions.shaping import (
    astype,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    broadcast_to,
    expand_dims,
    matrix_transpose,
    moveaxis,
    permute_dims,
    ravel,
    reshape,
    rollaxis,
    squeeze,
    swapaxes,
    transpose,
)
from gradatim.functions.trigonometric import (
    acos,
    acosh,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    sin,
    sinc,
    sinh,
    tan,
)

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "all", "allclose", "amax", "amin", "any",
    "append", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "argmax", "argmin", "argsort", "argwhere", "around", "array_equal", "array_split", "asin",
    "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d", "atleast_3d",
    "average", "binary_cross_entropy", "broadcast_arrays", "broadcast_to", "cbrt", "ceil",
    "clip", "column_stack", "compress", "concatenate", "convolve", "copysign", "correlate",
    "cos", "cosh", "count_nonzero", "cross", "cross_entropy", "cumprod", "cumsum", "deg2rad",
    "degrees", "diag", "diagflat", "diagonal", "diff", "divide", "dot", "dsplit", "dstack",
    "einsum", "elu", "equal", "erf", "exp", "exp2", "expand_dims", "expm1", "extract", "fabs",
    "fix", "flatnonzero", "flip", "fliplr", "flipud", "float_power", "floor", "floor_divide",
    "fmax", "fmin", "fmod", "full", "full_like", "gelu", "gradient", "greater", "greater_equal",
    "heaviside", "hsplit", "hstack", "huber", "hypot", "identity", "inner", "isclose",
    "isfinite", "isinf", "isnan", "kron", "leaky_relu", "less", "less_equal", "linalg",
    "linspace", "log", "log1p", "log2", "log10", "log_sigmoid", "log_softmax", "logaddexp",
    "logaddexp2", "logical_and", "logical_not", "logical_or", "logical_xor", "logsumexp",
    "matmul", "matrix_transpose", "max", "maximum", "mean", "median", "min", "minimum", "mod",
    "moveaxis", "mse", "multiply", "nan_to_num", "negative", "nll", "nonzero", "normal",
    "not_equal", "one_hot", "ones_like", "outer", "pad", "partition", "permute_dims", "positive",
    "pow", "power",
    "primitive", "prod", "ptp", "rad2deg",
    "radians", "ravel", "reciprocal", "relu", "remainder", "repeat", "reshape", "rint", "roll",
    "rollaxis", "rot90", "round", "select", "sigmoid", "sign", "signbit", "silu", "sin", "sinc",
    "sinh", "softmax", "softplus", "sort", "split", "sqrt", "square", "squeeze", "sse", "stack",
    "std", "stop_gradient", "subtract", "sum", "swapaxes", "take", "take_along_axis", "tan",
    "tanh", "tensordot", "tile", "topk", "trace", "transpose", "trapezoid", "tril", "triu",
    "true_divide", "trunc", "uniform", "unstack", "var", "vdot", "vecdot", "vsplit", "vstack",
    "where", "zeros_like",
]  # fmt: skip

door(method=True)(backward)
