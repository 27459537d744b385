"""Code of the notebooks as it stands there; changed are the imports, and how long it runs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from gradatim import data


def run(code, *, shorter=(), **names):
    """Run cells of a notebook; ``shorter`` are sizes that would take long, and their stand-ins."""
    for long, short in shorter:
        assert long in code
        code = code.replace(long, short)
    exec(compile(code, "<notebook>", "exec"), names)
    return names


APPLES = """
from gradatim.book import *

apple = 100
apple_num = 2
tax = 1.1

# 계층들
mul_apple_layer = MulLayer()
mul_tax_layer = MulLayer()

# 순전파(forward)
apple_price = mul_apple_layer.forward(apple, apple_num)
price = mul_tax_layer.forward(apple_price, tax)
print(price) # 220

# 역전파(backward): 호출순서가 forward() 때와 반대.
dprice = 1
dapple_price, dtax = mul_tax_layer.backward(dprice)
dapple, dapple_num = mul_apple_layer.backward(dapple_price)

print('price:', int(price)) # 220
print('dApple:', dapple) # 2.2
print('dApple_num:', int(dapple_num)) # 110
print('dTax:', dtax) # 200

from gradatim.book import *

apple = 100
apple_num = 2
orange = 150
orange_num = 3
tax = 1.1

# 계층들
mul_apple_layer = MulLayer()
mul_orange_layer= MulLayer()
add_apple_orange_layer = AddLayer()
mul_tax_layer = MulLayer()

# 순전파(forward)
apple_price = mul_apple_layer.forward(apple, apple_num) #(1)
orange_price = mul_orange_layer.forward(orange, orange_num) #(2)
all_price = add_apple_orange_layer.forward(apple_price, orange_price) #(3)
price = mul_tax_layer.forward(all_price, tax) #(4)

print(price) # 715

# 역전파(backward) - 미분
dprice = 1
dall_price, dtax = mul_tax_layer.backward(dprice) #(4)
dapple_price, dorange_price = add_apple_orange_layer.backward(dall_price) #(3)
dorange, dorange_num = mul_orange_layer.backward(dorange_price) #(2)
dapple, dapple_num = mul_apple_layer.backward(dapple_price) #(1)

print('price:', int(price)) # 715
print('dApple:', dapple) # 2.2
print('dApple_num:', int(dapple_num)) # 110
print('dOrange:', dorange) # 3.3
print('dOrange_num:', int(dorange_num)) # 165
print('dTax:', dtax) # 650
"""

PRINTED = """220.00000000000003
price: 220
dApple: 2.2
dApple_num: 110
dTax: 200
715.0000000000001
price: 715
dApple: 2.2
dApple_num: 110
dOrange: 3.3000000000000003
dOrange_num: 165
dTax: 650
"""


def test_apples_prints_what_the_notebook_shows(capsys):
    run(APPLES)
    assert capsys.readouterr().out == PRINTED


CHECK = """
import numpy as np
from gradatim.book import load_mnist
from gradatim.book import TwoLayerNet

# 데이터 읽기
(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)

network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)

x_batch = x_train[:3]
t_batch = t_train[:3]

grad_numerical = network.numerical_gradient(x_batch, t_batch)
grad_backprop = network.gradient(x_batch, t_batch)

# 각 가중치의 차이의 절댓값을 구한 후, 그 절댓값들의 평균(절대 오차의 평균)을 구한다.
for key in grad_numerical.keys():
    diff = np.average(np.abs(grad_backprop[key] - grad_numerical[key]))
    print(key + ':' + str(diff))
"""


def test_apples_checks_its_gradient(capsys):
    run(CHECK, shorter=[("hidden_size=50", "hidden_size=5")])
    lines = [line.split(":") for line in capsys.readouterr().out.splitlines()]
    assert [key for key, _ in lines] == ["W1", "b1", "W2", "b2"]
    assert all(float(difference) < 2e-10 for _, difference in lines)
    assert float(lines[-1][1]) > 1.1e-10


LEARNING = """
# 하이퍼 파라메터
iters_num = 10000 # 반복횟수
train_size = x_train.shape[0]
batch_size = 100 # 미니배치 크기
learning_rate = 0.1

train_loss_list = []
train_acc_list = []
test_acc_list = []

# 1에포당 반복 수 (1에포: 학습 횟수)
iter_per_epoch = max(train_size / batch_size, 1)

for i in range(iters_num):
    # 미니배치 획득
    batch_mask = np.random.choice(train_size, batch_size)
    x_batch = x_train[batch_mask]
    t_batch = t_train[batch_mask]

    # 오차역전파법으로 기울기를 구한다.
    grad = network.gradient(x_batch, t_batch)

    # 매개변수 갱신
    for key in ('W1', 'b1', 'W2', 'b2'):
        network.params[key] -= learning_rate * grad[key]

    # 학습 경과 기록
    loss = network.loss(x_batch, t_batch)
    train_loss_list.append(loss)

    # 1에포당 정확도 계산
    if i % iter_per_epoch == 0:
        train_acc = network.accuracy(x_train, t_train)
        test_acc = network.accuracy(x_test, t_test)
        train_acc_list.append(train_acc)
        test_acc_list.append(test_acc)
        print(train_acc, test_acc)
"""
SHORT = [("iters_num = 10000", "iters_num = 300")]


def check_learned(names, first_loss):
    losses = names["train_loss_list"]
    assert losses[0] == pytest.approx(first_loss, abs=2e-6)
    assert np.mean(losses[-20:]) < 1.2
    assert len(names["test_acc_list"]) == 1


def test_apples_trains_by_the_notebooks_random_numbers():
    begin = CHECK.partition("x_batch")[0]
    check_learned(run(begin + LEARNING, shorter=SHORT), 2.30128645314626)


NETWORK = """
class TwoLayerNet:

    def __init__(self, input_size, hidden_size, output_size, weight_init_std = 0.01):
        # 重みの初期化
        self.params = {}
        self.params['W1'] = weight_init_std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = weight_init_std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

        # レイヤの生成
        self.layers = OrderedDict()
        self.layers['Affine1'] = Affine(self.params['W1'], self.params['b1'])
        self.layers['Relu1'] = Relu()
        self.layers['Affine2'] = Affine(self.params['W2'], self.params['b2'])

        self.lastLayer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)

        return x

    # x:入力データ, t:教師データ
    def loss(self, x, t):
        y = self.predict(x)
        return self.lastLayer.forward(y, t)

    def accuracy(self, x, t):
        y = self.predict(x)
        y = np.argmax(y, axis=1)
        if t.ndim != 1 : t = np.argmax(t, axis=1)

        accuracy = np.sum(y == t) / float(x.shape[0])
        return accuracy

    # x:入力データ, t:教師データ
    def numerical_gradient(self, x, t):
        loss_W = lambda W: self.loss(x, t)

        grads = {}
        grads['W1'] = numerical_gradient(loss_W, self.params['W1'])
        grads['b1'] = numerical_gradient(loss_W, self.params['b1'])
        grads['W2'] = numerical_gradient(loss_W, self.params['W2'])
        grads['b2'] = numerical_gradient(loss_W, self.params['b2'])

        return grads

    def gradient(self, x, t):
        # forward
        self.loss(x, t)

        # backward
        dout = 1
        dout = self.lastLayer.backward(dout)

        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)

        # 設定
        grads = {}
        grads['W1'], grads['b1'] = self.layers['Affine1'].dW, self.layers['Affine1'].db
        grads['W2'], grads['b2'] = self.layers['Affine2'].dW, self.layers['Affine2'].db

        return grads
"""

LAYERS = (
    """
import numpy as np
from collections import OrderedDict
from gradatim.book import Affine, SoftmaxWithLoss, Relu, softmax, cross_entropy_error
from gradatim.book import numerical_gradient, load_mnist
"""
    + NETWORK
    + """
def gradient_check():
    # データの読み込み
    (x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)

    network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)

    x_batch = x_train[:3]
    t_batch = t_train[:3]

    grad_numerical = network.numerical_gradient(x_batch, t_batch)
    grad_backprop = network.gradient(x_batch, t_batch)

    for key in grad_numerical.keys():
        diff = np.average( np.abs(grad_backprop[key] - grad_numerical[key]) )
        print(key + ":" + str(diff))

gradient_check()

def backprop_learn():
	(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)

	network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)

	iters_num = 10000
	train_size = x_train.shape[0]
	batch_size = 100
	learning_rate = 0.1
	train_loss_list = []
	train_acc_list = []
	test_acc_list = []
	print(train_size)
	iter_per_epoch = max(train_size / batch_size, 1)

	for i in range(iters_num):
		batch_mask = np.random.choice(train_size, batch_size)
		x_batch = x_train[batch_mask]
		t_batch = t_train[batch_mask]

		grad = network.gradient(x_batch, t_batch)

		for key in ('W1', 'b1', 'W2', 'b2'):
			network.params[key] -= learning_rate * grad[key]

		loss = network.loss(x_batch, t_batch)
		train_loss_list.append(loss)

		if i % iter_per_epoch == 0:
			train_acc = network.accuracy(x_train, t_train)
			test_acc = network.accuracy(x_test, t_test)
			train_acc_list.append(train_acc)
			test_acc_list.append(test_acc)
			print(train_acc, test_acc)

backprop_learn()
"""
)


def test_layers_runs_its_own_network_on_the_layers_of_the_room(capsys):
    run(
        LAYERS,
        shorter=[("hidden_size=50", "hidden_size=5"), ("iters_num = 10000", "iters_num = 10")],
    )
    *check, size, accuracies = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in check] == ["W1", "b1", "W2", "b2"]
    assert all(float(line.partition(":")[2]) < 2e-10 for line in check)
    assert size == "60000"
    assert all(0.05 < float(each) < 0.25 for each in accuracies.split())


TRAINING = """
import numpy as np
from gradatim.book import numerical_gradient
from collections import OrderedDict
from gradatim.book import load_mnist

from gradatim.book import *
from gradatim.book import im2col, col2im

(x_train, t_train), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)

network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)
"""


def test_training_learns_with_the_network_of_the_room(capsys):
    code = LEARNING.replace("print(train_acc", 'print("loss",loss)\n        print(train_acc')
    check_learned(run(TRAINING + code, shorter=SHORT), 2.30128645314626)
    loss, accuracies = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"loss 2\.3012\d+", loss)
    assert len(accuracies.split()) == 2


def test_training_learns_as_well_where_a_parameter_is_assigned():
    code = LEARNING.replace(
        "network.params[key] -= learning_rate * grad[key]",
        "network.params[key] = network.params[key] - learning_rate * grad[key]",
    )
    assert code != LEARNING
    check_learned(run(TRAINING + code, shorter=SHORT), 2.30128645314626)


LOSSES = """
import numpy as np
from gradatim.book import *

y = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
y_pred = np.array([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0])
loss = sse(y, y_pred)
print(loss)

loss = cross_entropy(y, y_pred)
print(loss)

def function_2(x: np.array):
    return np.sum(x ** 2)

def square_func_temp1(x0):
    y = x0 * x0 + 4.0 ** 2 # x1을 4.0으로 고정한 형태
    return y

print(numerical_diff(square_func_temp1, 3.0))

def square_func_temp2(x1):
    y = 3.0 ** 2 + x1 * x1 # x0을 3.0으로 고정한 형태
    return y

print(numerical_diff(square_func_temp2, 4.0))

print(numerical_gradient(function_2, np.array([3.0, 4.0])))
print(numerical_gradient(function_2, np.array([8.0, 10.0])))
print(numerical_gradient(function_2, np.array([-5.0, -3.0])))

init_x = np.array([-3.0, 4.0])
print(gradient_descent(function_2, init_x, lr=0.1, step_num=100))
"""

LOSSES_PRINTED = """0.19500000000000006
0.5108256237659907
6.00000000000378
7.999999999999119
[6. 8.]
[16. 20.]
[-10.  -6.]
[-6.11110793e-10  8.14814391e-10]
"""


def test_losses_prints_what_is_right(capsys):
    run(LOSSES)
    assert capsys.readouterr().out == LOSSES_PRINTED


LOSSES_STEP = """
import numpy as np
from gradatim.book import *
from gradatim.book import load_mnist

# datas
(X_train, y_train), (X_test, y_test) = load_mnist(normalize=True, one_hot_label=False)

# history datas
train_loss = []

# Hyper Parameter
epochs = 10
train_size = X_train.shape[0]
batch_size = 100
learning_rate = 0.1

# Params. Weights, Bias Setting
input_size = 784
hidden_size=50
output_size=10

params = {}
params['W1'] = np.random.randn(input_size, hidden_size)
params['b1'] = np.zeros(hidden_size,)
params['W2'] = np.random.randn(hidden_size, output_size)
params['b2'] = np.zeros(output_size,)

# Batch
batch_idx = np.random.choice(train_size, batch_size)

X_batch = X_train[batch_idx]
y_batch = y_train[batch_idx]

# predict
def predict():
    layer_size = int(len(params.keys()) / 2)

    w1, w2 = [params['W{}'.format(_ + 1)] for _ in range(layer_size)]
    b1, b2 = [params['b{}'.format(_ + 1)] for _ in range(layer_size)]

    # Layer 1
    output = np.matmul(X_batch, w1) + b1
    output = sigmoid(output)
    # Layer 2
    output = np.matmul(output, w2) + b2
    output = softmax(output)

    return output

# 기울기를 위한 손실함수 생성
def loss_func(W):
    y_pred = predict()
    return cross_entropy_error(y_pred, y_batch)

loss_value = loss_func(None)
print("before gradients, loss value : {}".format(loss_value))

# 기울기 계산
gradients = dict()

for key in params.keys():
    gradients[key] = numerical_gradient(loss_func, params[key])

# 학습율에 따른 기울기 적용
for key in params.keys():
    params[key] -= learning_rate * gradients[key]

# 줄어든다,, 대박,,
loss_value = loss_func(None)
print("after gradients, loss value : {}".format(loss_value))
"""


def test_losses_takes_one_step_along_the_numerical_gradient(capsys):
    run(
        LOSSES_STEP,
        shorter=[("hidden_size=50", "hidden_size=4"), ("batch_size = 100", "batch_size = 20")],
    )
    before, after = (
        float(line.rpartition(" ")[2]) for line in capsys.readouterr().out.splitlines()
    )
    assert 0 < after < before


MLP = """
import numpy as np
from gradatim.book import *

training_dataset = mnist_dataset('../data/mnist_png/training/')
test_dataset = mnist_dataset('../data/mnist_png/testing/')

x = np.arange(10)
np.random.shuffle(x)
print(x)

training_dataloader = dataloader(training_dataset, 16)

from rich.progress import track as tqdm

for batch in tqdm(training_dataloader):
    pass

net = MLP_Network([2, 3, 6, 4, 10, 10], activation_function = sigmoid)
output = net.forward(np.random.randn((2)))
print(output)
print(np.sum(output))

net = MLP_Network([2, 3, 6, 4, 10, 10], activation_function = sigmoid, last_activation = softmax)
output = net.forward(np.random.randn((2)))
print(output)
print(np.sum(output))

mlp_network = MLP_Network([784, 512, 10])
mlp_network.SGD(training_dataset, 3, 10, 1.0)
"""


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The first digits of MNIST where notebook `mlp` looks for them."""
    images = data.load_mnist(normalize=False, flatten=False)
    for part, ((x, t), count) in zip(
        ("training", "testing"), zip(images, (200, 40), strict=True), strict=True
    ):
        for label in range(10):
            (tmp_path / "data" / "mnist_png" / part / str(label)).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(x[i, 0]).save(
                tmp_path / "data" / "mnist_png" / part / str(t[i]) / f"{i}.png"
            )
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")


def test_mlp_loads_predicts_and_learns(folders, capsys):
    names = run(MLP)
    lines = capsys.readouterr().out.splitlines()
    assert [len(batch) for batch in names["training_dataloader"]] == [16] * 12 + [8]
    assert float(names["output"].sum()) == pytest.approx(1, abs=1e-12)
    assert [line for line in lines if line.startswith("Epoch")] == [
        f"Epoch {j} complete" for j in range(3)
    ]
    losses = [float(line.split()[-1]) for line in lines if line.startswith("Loss is ")]
    assert len(losses) == 3
    assert np.isfinite(losses).all()
