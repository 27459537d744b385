"""Layers and models: plain objects whose parameters are found by walking them."""

from gradatim.nn.activation import (
    ELU,
    GELU,
    NAMES,
    Function,
    Identity,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    activation,
)
from gradatim.nn.architecture import architecture, from_architecture
from gradatim.nn.book import Book
from gradatim.nn.dropout import Dropout
from gradatim.nn.flatten import Flatten
from gradatim.nn.initial import (
    Initial,
    constant,
    he_normal,
    he_uniform,
    initial,
    normal,
    uniform,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from gradatim.nn.linear import Linear
from gradatim.nn.mlp import MLP
from gradatim.nn.module import Module
from gradatim.nn.per_sample import per_sample_gradients
from gradatim.nn.sequential import Sequential
from gradatim.nn.spelling import MisspeltAttributeWarning
from gradatim.nn.summary import Row, Summary

__all__ = [
    "ELU",
    "GELU",
    "MLP",
    "NAMES",
    "Book",
    "Dropout",
    "Flatten",
    "Function",
    "Identity",
    "Initial",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MisspeltAttributeWarning",
    "Module",
    "ReLU",
    "Row",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Summary",
    "Tanh",
    "activation",
    "architecture",
    "constant",
    "from_architecture",
    "he_normal",
    "he_uniform",
    "initial",
    "normal",
    "per_sample_gradients",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]
