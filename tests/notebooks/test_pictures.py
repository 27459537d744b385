"""The picture of each notebook."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradatim.errors import DataError
from gradatim.notebooks import save_picture
from gradatim.notebooks.pictures import RATES, descent_path


@pytest.mark.parametrize("name", ["apples", "losses", "layers", "training", "mlp"])
def test_each_notebook_has_a_picture(name, session, tmp_path):
    save_picture(tmp_path / "picture.png", name, session)

    with Image.open(tmp_path / "picture.png") as image:
        assert image.width > 900
        assert np.asarray(image.convert("L")).std() > 10


def test_of_three_rates_one_arrives_one_diverges_and_one_crawls():
    arrives, diverges, crawls = (descent_path(rate) for rate in RATES.values())

    assert np.abs(arrives[-1]).max() < 1e-9
    assert np.abs(diverges[-1]).min() > 100
    np.testing.assert_allclose(crawls[-1], [-2.456, 3.274], atol=1e-3)
    assert len(arrives) == len(diverges) == len(crawls) == 101


def test_facts_have_no_picture(session, tmp_path):
    with pytest.raises(DataError, match="there is no picture of facts; there are apples, losses"):
        save_picture(tmp_path / "picture.png", "facts", session)
    assert not list(tmp_path.iterdir())


def test_the_suffix_of_a_picture_is_checked(session, tmp_path):
    with pytest.raises(DataError, match=r"^save_picture: .*the suffix is \.pdf; it must be \.svg"):
        save_picture(tmp_path / "layers.pdf", "layers", session)
