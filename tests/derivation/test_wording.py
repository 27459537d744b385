"""Names stand on one line, steer no terminal and do not grow without end."""

from __future__ import annotations

from gradatim.derivation.wording import LONGEST, printable, short


def test_line_ends_and_control_characters_become_spaces():
    assert printable("a\nb\x1b[2Jc\x00\u202ed\ud800") == "a b [2Jc d"


def test_letters_of_any_script_stay():
    assert printable("사과 みかん <b>&\"'") == "사과 みかん <b>&\"'"


def test_a_long_name_is_shortened_in_its_middle():
    name = "a" * 100 + "z"

    assert len(short(name)) == LONGEST
    assert short(name).endswith("az")
    assert short("a" * LONGEST) == "a" * LONGEST
