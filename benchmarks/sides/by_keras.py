"""Keras 3 on JAX: ``fit``, many steps a call, its rows laid in order beforehand."""

from __future__ import annotations

from pathlib import Path

import keras

from sides.work import ADAM, Samples, Work, first_weights


def make(work: Work, folder: Path, form: str):
    return Network(work, folder)


class Network:
    def __init__(self, work: Work, folder: Path) -> None:
        self.work, self.samples = work, Samples(folder, work)
        rows = self.samples.rows(work).ravel()
        self.x, self.t = self.samples.floats()[rows], self.samples.labels[rows]
        hidden = [keras.layers.Dense(n, work.activation) for n in work.sizes[1:-1]]
        layers = [keras.Input(work.sizes[:1]), *hidden, keras.layers.Dense(work.sizes[-1])]
        self.model = keras.Sequential(layers)
        self.model.set_weights(first_weights(work))
        adam = {"beta_1": ADAM["decay"], "beta_2": ADAM["decay_of_squares"], "epsilon": ADAM["eps"]}
        settings = adam if work.optimizer == "Adam" else {}
        self.model.compile(
            getattr(keras.optimizers, work.optimizer)(work.rate, **settings),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            steps_per_execution=min(25, work.steps),
        )

    def run(self, steps: int) -> None:
        count = steps * self.work.batch
        settings = {"batch_size": self.work.batch, "epochs": 1, "shuffle": False, "verbose": 0}
        self.model.fit(self.x[:count], self.t[:count], **settings)

    def answer(self) -> float:
        return self.samples.loss(self.work, self.model.get_weights())
