"""The lessons: one code in three languages, pictures that the library draws, links all ways."""

from __future__ import annotations

import importlib.util
import re
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "docs" / "lessons"
NAMES = ["1-apples.md", "2-losses.md", "3-layers.md", "4-training.md", "5-networks.md"]
LANGUAGES = ["en", "ko", "ja"]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]+\]\(\.\./pictures/([^)]+)\)")
NUMBER = re.compile(r"\d[\d,]*\.\d+(?:e-?\d+)?|\d+e-\d+|\d{1,3}(?:,\d{3})+|\d{3,}")
LETTERS = {"ko": re.compile("[\uac00-\ud7a3]"), "ja": re.compile("[\u3041-\u30ff]")}


def read(language, name):
    return (LESSONS / language / name).read_text(encoding="utf-8")


def fences(text):
    return FENCE.findall(text)


def prose(text):
    return FENCE.sub("", text)


@pytest.fixture(scope="module")
def pictures():
    """The script that draws them, as a module."""
    pytest.importorskip("matplotlib")
    spec = importlib.util.spec_from_file_location("pictures", LESSONS / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("pictures", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_five_lessons_in_each_language(language):
    assert sorted(path.name for path in (LESSONS / language).iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ko", "ja"])
def test_a_translation_has_the_code_of_the_english_lesson(language, name):
    for ours, english in zip(fences(read(language, name)), fences(read("en", name)), strict=True):
        assert ours == english


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ko", "ja"])
def test_a_translation_has_the_parts_of_the_english_lesson(language, name):
    ours, english = prose(read(language, name)), prose(read("en", name))

    assert HEADING.findall(ours) == HEADING.findall(english)
    assert PICTURE.findall(ours) == PICTURE.findall(english)
    assert ours.count("<details>") == ours.count("</details>") == english.count("<details>")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ko", "ja"])
def test_a_translation_tells_the_same_numbers(language, name):
    told = set(NUMBER.findall(prose(read(language, name))))

    assert told == set(NUMBER.findall(prose(read("en", name))))


@pytest.mark.parametrize("name", NAMES)
def test_digits_and_percent_are_written_in_one_way(name):
    """Half as wide as a letter, and without a space before the sign."""
    told = prose(read("ja", name))

    assert not re.findall("[\uff10-\uff19]", told)
    assert not re.findall(r"\d %", told)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ko", "ja"])
def test_a_translation_leaves_no_paragraph_in_english(language, name):
    text = re.sub(r"<[^>]*>|!?\[[^\]]*\]\([^)]*\)|`[^`]*`", "", prose(read(language, name)))
    paragraphs = [each for each in text.split("\n\n") if re.search("[A-Za-z]{4,} [a-z]{3,} ", each)]

    assert [each for each in paragraphs if not LETTERS[language].search(each)] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_links_to_its_other_languages_and_to_the_index(language, name):
    top = read(language, name).split("\n\n")[1]

    links = re.findall(r"\]\(([^)]+)\)", top)

    assert links == [
        *(f"../{each}/{name}" for each in LANGUAGES if each != language),
        "../README.md",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_lesson_leads_to_the_next_and_back(language):
    for earlier, later in pairwise(NAMES):
        assert f"]({later})" in read(language, earlier).splitlines()[-1]
        assert f"]({earlier})" in read(language, later).splitlines()[-1]


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_ends_with_three_exercises_whose_answers_run(name):
    exercises = re.split("^## Exercises$", read("en", name), flags=re.MULTILINE)[1]

    answers = re.findall(r"<details>.*?</details>", exercises, re.DOTALL)

    assert re.findall(r"^\*\*(\d)\.\*\*", exercises, re.MULTILINE) == ["1", "2", "3"]
    assert len(answers) == 3
    assert all("```python\n" in answer for answer in answers)


def test_the_index_leads_to_every_lesson_and_to_the_glossary():
    index = (LESSONS / "README.md").read_text(encoding="utf-8")

    for link in [f"{language}/{name}" for language in LANGUAGES for name in NAMES]:
        assert f"]({link})" in index
    assert "](glossary.md)" in index


def test_the_glossary_has_every_word_in_three_languages_in_order():
    text = (LESSONS / "glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")][2:]
    words = [row[0].strip() for row in rows]

    assert words == sorted(words)
    assert len(set(words)) == len(words) >= 30
    assert all(cell.strip() for row in rows for cell in row[:3])
    assert all(LETTERS["ko"].search(row[1]) for row in rows)


def test_every_name_of_the_glossary_exists():
    import gradatim as gd

    text = (LESSONS / "glossary.md").read_text(encoding="utf-8")
    for path in re.findall(r"`gd\.([\w.]+)`", text):
        found = gd
        for part in path.split("."):
            found = getattr(found, part)


def test_every_picture_is_shown_and_drawn(pictures):
    shown = [picture for name in NAMES for picture in PICTURE.findall(read("en", name))]

    assert sorted(shown) == sorted(pictures.PICTURES)
    assert sorted(path.name for path in (LESSONS / "pictures").iterdir()) == sorted(shown)


@pytest.mark.parametrize(
    "name", ["1-apples.svg", "2-descent.svg", "2-staircase.svg", "3-sweep.svg"]
)
def test_a_picture_is_drawn_again_with_the_same_texts(pictures, name, tmp_path):
    draw(pictures, name, tmp_path)

    # Where round-off is least hangs on the machine.
    drawn, kept = (
        [text for text in texts(path) if not text.startswith("valley")]
        for path in (tmp_path / name, LESSONS / "pictures" / name)
    )
    assert drawn == kept


@pytest.mark.slow
@pytest.mark.parametrize("name", ["4-training.svg", "5-networks.svg"])
def test_a_picture_of_a_training_is_drawn_again(pictures, name, tmp_path):
    draw(pictures, name, tmp_path)

    words = [re.sub(r"[\d.%]+", "#", each) for each in texts(tmp_path / name)]
    kept = [re.sub(r"[\d.%]+", "#", each) for each in texts(LESSONS / "pictures" / name)]
    assert set(words) == set(kept)


def draw(pictures, name, folder):
    with pictures.style():
        pictures.PICTURES[name](folder / name)


def texts(path):
    tree = ElementTree.parse(path)
    found = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert found
    return found


def test_the_apples_carry_the_numbers_of_the_lesson():
    assert set(texts(LESSONS / "pictures" / "1-apples.svg")) >= {"220", "2.2", "110", "200", "1.1"}
