"""The vocabulary of the book and its notebooks, in plain NumPy.

For code that comes from "Deep Learning from Scratch": it runs after changing only its imports,
to ``from gradatim.book import *`` or to the names that it needs. Each bug that the notebooks have
is right here, and the documentation of each name says which.

==========================  ======================================================================
`MulLayer` `AddLayer`       the apple's computation graph
`Relu` `Sigmoid` `Affine`   the layers, with ``forward`` and ``backward``
`SoftmaxWithLoss`
`TwoLayerNet`               the network, with ``params``; `MultiLayerNet` has any depth
`MLP_Network`               the network of notebook `mlp`
`numerical_diff`            central differences; `numerical_gradient`, `gradient_descent`
`sigmoid` `softmax` ...     functions of arrays
`cross_entropy_error` ...   losses of probabilities
`load_mnist`                digits; `mnist_dataset` reads image folders, `dataloader` serves
                            batches
`im2col` `col2im`           windows of images as rows
==========================  ======================================================================
"""

from gradatim.book.activation import (
    ReLU,
    identity_function,
    log_softmax,
    no_activation,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    softmax,
    softmax_temp,
    step_function,
)
from gradatim.book.arithmetic import AddLayer, MulLayer
from gradatim.book.difference import gradient_descent, numerical_diff, numerical_gradient
from gradatim.book.folder import mnist_dataset
from gradatim.book.layer import Affine, Relu, Sigmoid, SoftmaxWithLoss
from gradatim.book.loader import dataloader
from gradatim.book.loss import (
    cross_entropy,
    cross_entropy_error,
    cross_entropy_loss,
    cross_entropy_ohe,
    mean_squared_error,
    softmax_loss,
    sse,
    sum_squared_error,
)
from gradatim.book.mlp import MLP_Network
from gradatim.book.mnist import load_mnist
from gradatim.book.network import MultiLayerNet, Params, TwoLayerNet
from gradatim.book.window import col2im, im2col

__all__ = [
    "AddLayer",
    "Affine",
    "MLP_Network",
    "MulLayer",
    "MultiLayerNet",
    "Params",
    "ReLU",
    "Relu",
    "Sigmoid",
    "SoftmaxWithLoss",
    "TwoLayerNet",
    "col2im",
    "cross_entropy",
    "cross_entropy_error",
    "cross_entropy_loss",
    "cross_entropy_ohe",
    "dataloader",
    "gradient_descent",
    "identity_function",
    "im2col",
    "load_mnist",
    "log_softmax",
    "mean_squared_error",
    "mnist_dataset",
    "no_activation",
    "numerical_diff",
    "numerical_gradient",
    "relu",
    "relu_grad",
    "sigmoid",
    "sigmoid_grad",
    "softmax",
    "softmax_loss",
    "softmax_temp",
    "sse",
    "step_function",
    "sum_squared_error",
]
