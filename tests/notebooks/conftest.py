"""One session for all rows: MNIST, the gradient check and the golden runs are made once."""

from __future__ import annotations

import pytest

from gradatim.notebooks import Report, Session


@pytest.fixture(scope="session")
def session():
    """Short runs: 601 steps of the golden run, 1,000 of mlp."""
    return Session()


@pytest.fixture
def compute(session):
    """Compute a row that must hold, and return its outcome: ``compute(row)["dApple"].got``."""

    def call(row):
        outcome = row(session)
        assert outcome.holds, "\n".join(Report().row(outcome))
        return outcome

    return call


@pytest.fixture
def refuted(session):
    """Compute a row that cannot hold, and return which of its claims are wrong."""

    def call(row):
        return [claim.text for claim in row(session).claims if claim.verdict == "WRONG"]

    return call
