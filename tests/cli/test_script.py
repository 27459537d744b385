"""A learner's file is run as theirs and leaves no trace."""

from __future__ import annotations

import copy
import random
import sys

import pytest

from gradatim.cli import script
from gradatim.errors import DataError

LAYER = """
class Twice:
    def forward(self, x):
        return 2 * x

    def backward(self, dout):
        return 2 * dout
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(source, name="mine.py"):
        path = tmp_path / name
        path.write_text(source, "utf-8")
        return path

    return write


def test_a_file_may_import_its_neighbours(file):
    file("factor = 3", "neighbour_of_mine.py")
    before = list(sys.path)

    module = script.run(file("from neighbour_of_mine import factor"))

    assert module.factor == 3
    assert sys.path == before
    del sys.modules["neighbour_of_mine"]


def test_main_is_not_run(file):
    module = script.run(file("ran = __name__ == '__main__'"))

    assert module.ran is False


def test_dataclasses_and_their_annotations_work(file):
    source = "from __future__ import annotations\nfrom dataclasses import dataclass\n"

    module = script.run(file(f"{source}@dataclass\nclass A:\n    n: int\na = A(3)"))

    assert module.a.n == 3
    assert copy.deepcopy(module.a) == module.a


@pytest.mark.parametrize("name", ["random.py", "numpy.py", "not_there_yet.py"])
def test_a_file_stands_in_for_no_module_whatever_its_name(file, name):
    before = dict(sys.modules)

    module = script.run(file(f"import random\n{LAYER}", name))

    assert list(script.layers(module)) == ["Twice"]
    assert module.random is random
    assert sys.modules == before


def test_a_file_that_fails_leaves_no_module_behind(file):
    before = dict(sys.modules)

    with pytest.raises(DataError):
        script.run(file("1 / 0", "random.py"))

    assert sys.modules == before


def test_only_layers_of_the_file_itself_are_found(file):
    source = "from gradatim.book import Relu\nclass Other: pass\n"

    assert list(script.layers(script.run(file(source + LAYER)))) == ["Twice"]


def test_leaving_while_it_runs_is_an_error_of_the_file(file):
    with pytest.raises(DataError, match=r"mine\.py:2: SystemExit: 3\nin sys\.exit\(3\)"):
        script.run(file("import sys\nsys.exit(3)"))


def test_a_folder_and_a_notebook_are_refused(file, tmp_path):
    with pytest.raises(DataError, match="this is a folder; name a file of Python in it"):
        script.run(tmp_path)
    with pytest.raises(DataError, match="this is a notebook; copy the cell"):
        script.run(file("{}", "a.ipynb"))


def test_a_colon_may_be_part_of_a_path(file):
    file(LAYER, "a:b.py")

    assert script.split_target("a:b.py")[1] is None
    assert script.split_target("a:b.py:Twice")[1] == "Twice"
