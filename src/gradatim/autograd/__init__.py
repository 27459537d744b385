"""Values that remember how they were made, and the chain rule over them."""

from gradatim.autograd import operators, writing
from gradatim.autograd.backward import backward
from gradatim.autograd.calculus import hessian, hvp, jacobian, jvp, vjp
from gradatim.autograd.gradient import grad, value_and_grad
from gradatim.autograd.modes import listen, no_grad
from gradatim.autograd.tensor import Parameter, Tensor

__all__ = [
    "Parameter",
    "Tensor",
    "backward",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "listen",
    "no_grad",
    "operators",
    "value_and_grad",
    "vjp",
    "writing",
]
