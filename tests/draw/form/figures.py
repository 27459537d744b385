"""The figures of the book, and what else a picture has to bear, as pictures."""

from __future__ import annotations

import numpy as np

import gradatim as gd


def wanted(value):
    return gd.Tensor(value, requires_grad=True)


def apple():
    apple, number, tax = wanted(100.0), wanted(2.0), wanted(1.1)
    price = apple * number * tax
    price.backward()
    return gd.draw(price).picture


def apple_and_orange():
    apple, apples, orange, oranges = wanted(100.0), wanted(2.0), wanted(150.0), wanted(3.0)
    tax = wanted(1.1)
    price = (apple * apples + orange * oranges) * tax
    price.backward()
    return gd.draw(price).picture


def affine():
    X, W, B = wanted([1.0, 2.0]), wanted(np.arange(6.0).reshape(2, 3)), wanted(np.ones(3))
    loss = (X @ W + B).sum()
    loss.backward()
    return gd.draw(loss).picture


def affine_batch():
    X = wanted(np.linspace(-1, 1, 200).reshape(100, 2))
    W, B = wanted(np.arange(6.0).reshape(2, 3)), wanted(np.ones(3))
    loss = (X @ W + B).sum()
    loss.backward()
    return gd.draw(loss).picture


def softmax_with_loss():
    a = wanted([[0.3, 2.9, 4.0]])
    loss = gd.cross_entropy(a, np.array([2]))
    loss.backward()
    return gd.draw(loss).picture


def network(depth=None, sizes=(784, 50, 10)):
    x = np.linspace(0, 1, 4 * sizes[0]).reshape(4, sizes[0])
    model = gd.nn.MLP(list(sizes), rng=0)  # kept, so that its frames are drawn
    loss = gd.cross_entropy(model(x), np.arange(4) % sizes[-1])
    loss.backward()
    return gd.draw(loss, depth=depth).picture


def network_unfolded():
    return network("all", (2, 3, 2))


def deep_network():
    return network("all", (4, 5, 5, 5, 5, 3))


def diamond():
    x = wanted(2.0)
    y = x * x
    z = y * gd.exp(x) + y
    z.backward()
    return gd.draw(z).picture


def without_gradient():
    사과, りんご = wanted(100.0), wanted(np.nan)
    return gd.draw(사과 * りんご + 1e-300).picture


FIGURES = {
    made.__name__: made
    for made in (
        *(apple, apple_and_orange, affine, affine_batch, softmax_with_loss, network),
        *(network_unfolded, deep_network, diamond, without_gradient),
    )
}
