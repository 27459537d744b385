"""scikit-learn's MLPClassifier: one ``partial_fit`` a round, its rows laid in order beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier

from sides.work import ADAM, Samples, Work, first_weights


def make(work: Work, folder: Path, form: str):
    return Network(work, folder)


class Network:
    def __init__(self, work: Work, folder: Path) -> None:
        self.work, self.samples = work, Samples(folder, work)
        rows = self.samples.rows(work).ravel()
        self.x, self.t = self.samples.floats()[rows], self.samples.labels[rows]
        self.model = MLPClassifier(
            work.sizes[1:-1],
            activation={"relu": "relu", "sigmoid": "logistic"}[work.activation],
            solver=work.optimizer.lower(),
            alpha=0.0,
            batch_size=work.batch,
            learning_rate_init=work.rate,
            momentum=0.0,
            nesterovs_momentum=False,
            shuffle=False,
            beta_1=ADAM["decay"],
            beta_2=ADAM["decay_of_squares"],
            epsilon=ADAM["eps"],
        )
        # Weights are made by the first call; ours are put in their place, and a fresh optimizer.
        self.model.partial_fit(self.x[: work.batch], self.t[: work.batch], classes=np.arange(10))
        del self.model._optimizer
        ours = first_weights(work)
        self.model.coefs_, self.model.intercepts_ = ours[::2], ours[1::2]

    def run(self, steps: int) -> None:
        count = steps * self.work.batch
        self.model.partial_fit(self.x[:count], self.t[:count])

    def answer(self) -> float:
        pairs = zip(self.model.coefs_, self.model.intercepts_)
        return self.samples.loss(self.work, [each for pair in pairs for each in pair])
