"""Layers as a reader of "Deep Learning from Scratch" writes them, as source text to be spoilt."""

from __future__ import annotations

import numpy as np

FUNCTIONS = """
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    x = x - np.max(x, axis=-1, keepdims=True)
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)


def im2col(x, high, wide, stride):
    n, c, rows, columns = x.shape
    out_h, out_w = (rows - high) // stride + 1, (columns - wide) // stride + 1
    col = np.zeros((n, c, high, wide, out_h, out_w))
    for i in range(high):
        for j in range(wide):
            col[:, :, i, j] = x[
                :, :, i : i + stride * out_h : stride, j : j + stride * out_w : stride
            ]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * out_h * out_w, -1)


def col2im(col, shape, high, wide, stride):
    n, c, rows, columns = shape
    out_h, out_w = (rows - high) // stride + 1, (columns - wide) // stride + 1
    col = col.reshape(n, out_h, out_w, c, high, wide).transpose(0, 3, 4, 5, 1, 2)
    x = np.zeros(shape)
    for i in range(high):
        for j in range(wide):
            x[:, :, i : i + stride * out_h : stride, j : j + stride * out_w : stride] += col[
                :, :, i, j
            ]
    return x
"""

RELU = """
class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx
"""

SIGMOID = """
class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        out = sigmoid(x)
        self.out = out
        return out

    def backward(self, dout):
        dx = dout * (1.0 - self.out) * self.out
        return dx
"""

AFFINE = """
class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.original_x_shape = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.original_x_shape = x.shape
        x = x.reshape(x.shape[0], -1)
        self.x = x
        out = np.dot(self.x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        dx = dx.reshape(*self.original_x_shape)
        return dx
"""

LOSS = """
class SoftmaxWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        if t.ndim == 1:
            picked = self.y[np.arange(len(t)), t]
        else:
            picked = np.sum(self.y * t, axis=1)
        return -np.mean(np.log(picked))

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        if self.t.size == self.y.size:
            dx = (self.y - self.t) / batch_size
        else:
            dx = self.y.copy()
            dx[np.arange(batch_size), self.t] -= 1
            dx = dx / batch_size
        return dx * dout
"""

MUL = """
class MulLayer:
    def forward(self, x, y):
        self.x = x
        self.y = y
        out = x * y
        return out

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
"""

ADD = """
class AddLayer:
    def __init__(self):
        pass

    def forward(self, x, y):
        out = x + y
        return out

    def backward(self, dout):
        dx = dout * 1
        dy = dout * 1
        return dx, dy
"""

DROPOUT = """
class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio
        self.mask = None

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio
            return x * self.mask
        return x * (1.0 - self.dropout_ratio)

    def backward(self, dout):
        return dout * self.mask
"""

BATCH_NORM = """
class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None):
        self.gamma = gamma
        self.beta = beta
        self.momentum = momentum
        self.input_shape = None
        self.running_mean = running_mean
        self.running_var = running_var
        self.dgamma = None
        self.dbeta = None

    def forward(self, x, train_flg=True):
        if self.running_mean is None:
            self.running_mean = np.zeros(x.shape[1])
            self.running_var = np.zeros(x.shape[1])
        if train_flg:
            mu = x.mean(axis=0)
            xc = x - mu
            var = np.mean(xc**2, axis=0)
            std = np.sqrt(var + 10e-7)
            xn = xc / std
            self.batch_size = x.shape[0]
            self.xc = xc
            self.xn = xn
            self.std = std
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            xc = x - self.running_mean
            xn = xc / np.sqrt(self.running_var + 10e-7)
        return self.gamma * xn + self.beta

    def backward(self, dout):
        dbeta = dout.sum(axis=0)
        dgamma = np.sum(self.xn * dout, axis=0)
        dxn = self.gamma * dout
        dxc = dxn / self.std
        dstd = -np.sum((dxn * self.xc) / (self.std * self.std), axis=0)
        dvar = 0.5 * dstd / self.std
        dxc += (2.0 / self.batch_size) * self.xc * dvar
        dmu = np.sum(dxc, axis=0)
        dx = dxc - dmu / self.batch_size
        self.dgamma = dgamma
        self.dbeta = dbeta
        return dx
"""

CONVOLUTION = """
class Convolution:
    def __init__(self, W, b, stride=1):
        self.W = W
        self.b = b
        self.stride = stride

    def forward(self, x):
        count, channels, high, wide = self.W.shape
        n, _, rows, columns = x.shape
        out_h, out_w = (rows - high) // self.stride + 1, (columns - wide) // self.stride + 1
        col = im2col(x, high, wide, self.stride)
        col_W = self.W.reshape(count, -1).T
        out = np.dot(col, col_W) + self.b
        self.x, self.col, self.col_W = x, col, col_W
        return out.reshape(n, out_h, out_w, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        count, channels, high, wide = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, count)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout)
        self.dW = self.dW.transpose(1, 0).reshape(count, channels, high, wide)
        dcol = np.dot(dout, self.col_W.T)
        return col2im(dcol, self.x.shape, high, wide, self.stride)
"""

POOLING = """
class Pooling:
    def __init__(self, pool=2, stride=2):
        self.pool, self.stride = pool, stride

    def forward(self, x):
        n, c, rows, columns = x.shape
        out_h = (rows - self.pool) // self.stride + 1
        out_w = (columns - self.pool) // self.stride + 1
        col = im2col(x, self.pool, self.pool, self.stride).reshape(-1, self.pool**2)
        self.x, self.arg_max = x, np.argmax(col, axis=1)
        return np.max(col, axis=1).reshape(n, out_h, out_w, c).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dout = dout.transpose(0, 2, 3, 1)
        dmax = np.zeros((dout.size, self.pool**2))
        dmax[np.arange(self.arg_max.size), self.arg_max] = dout.flatten()
        dcol = dmax.reshape(dout.shape[0] * dout.shape[1] * dout.shape[2], -1)
        return col2im(dcol, self.x.shape, self.pool, self.pool, self.stride)
"""

SOURCES = {
    "Relu": RELU,
    "Sigmoid": SIGMOID,
    "Affine": AFFINE,
    "SoftmaxWithLoss": LOSS,
    "MulLayer": MUL,
    "AddLayer": ADD,
    "Dropout": DROPOUT,
    "BatchNormalization": BATCH_NORM,
    "Convolution": CONVOLUTION,
    "Pooling": POOLING,
}


def classes(source):
    """What a source defines; sources of layers may use the book's functions."""
    scope: dict[str, object] = {}
    exec(compile(FUNCTIONS + source, "layers.py", "exec"), scope)
    return scope


def layer(name, source=None, square=False):
    """A layer of the book, or of a spoilt source, and inputs for it."""
    random = np.random.default_rng(7)
    draw = lambda *shape: random.normal(size=shape)  # noqa: E731
    made = classes(source or SOURCES[name])[name]
    if name == "Affine":
        return made(draw(4, 4 if square else 3), draw(4 if square else 3)), (draw(5, 4),)
    if name == "BatchNormalization":
        return made(draw(4), draw(4)), (draw(5, 4),)
    if name == "Convolution":
        return made(draw(3, 2, 2, 2), draw(3)), (draw(2, 2, 4, 4),)
    if name == "Pooling":
        return made(), (draw(2, 2, 4, 4),)
    if name == "SoftmaxWithLoss":
        return made(), (draw(5, 4), np.array([0, 2, 1, 3, 1]))
    if name in ("MulLayer", "AddLayer"):
        return made(), (draw(3, 4), draw(3, 4))
    return made(), (draw(5, 4),)


def spoilt(source, old, new):
    """A source with one thing changed, which must be there."""
    assert source.count(old) >= 1, old
    return source.replace(old, new)
