"""Which files of a folder are pictures, in which order, with which labels."""

from __future__ import annotations

import os
import sys
import unicodedata

import pytest

from gradatim.data import listing
from gradatim.data.listing import is_picture, list_pictures
from gradatim.errors import DataError


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


class TestOrder:
    def test_classes_and_files_are_sorted(self, tmp_path):
        touch(tmp_path, "dog/2.png", "cat/b.png", "dog/10.png", "cat/a.png")

        found = list_pictures(tmp_path)

        assert found.class_names == ("cat", "dog")
        assert found.names == ["cat/a.png", "cat/b.png", "dog/10.png", "dog/2.png"]
        assert found.labels.tolist() == [0, 0, 1, 1]

    def test_numbers_are_sorted_by_value(self, tmp_path):
        touch(tmp_path, *(f"{number}/x.png" for number in range(12)))

        found = list_pictures(tmp_path)

        assert found.class_names == tuple(map(str, range(12)))
        assert found.labels.tolist() == list(range(12))

    def test_numbers_among_names_are_names(self, tmp_path):
        touch(tmp_path, "10/x.png", "9/x.png", "none/x.png")

        assert list_pictures(tmp_path).class_names == ("10", "9", "none")

    def test_names_decide_the_labels(self, tmp_path):
        touch(tmp_path, "cat/a.png", "dog/b.png")

        found = list_pictures(tmp_path, ["dog", "emu", "cat"])

        assert found.class_names == ("dog", "emu", "cat")
        assert list(zip(found.names, found.labels.tolist())) == [("dog/b.png", 0), ("cat/a.png", 2)]

    def test_hangul_is_one_name_however_it_is_stored(self, tmp_path):
        apart = unicodedata.normalize("NFD", "고양이")
        touch(tmp_path, f"{apart}/가.png", "개/나.png")

        found = list_pictures(tmp_path)

        assert found.class_names == ("개", "고양이")
        assert (tmp_path / found.names[1]).exists()

    @pytest.mark.skipif(sys.platform != "linux", reason="one name is one folder elsewhere")
    def test_one_name_stored_in_two_ways_is_refused(self, tmp_path):
        whole, apart = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
        touch(tmp_path, f"{whole}/1.png", f"{apart}/2.png", "a/3.png")

        with pytest.raises(DataError) as refusal:
            list_pictures(tmp_path)

        assert "two folders 'é', stored as 'e\\u0301' and '\\xe9'" in str(refusal.value)
        assert "Try moving the pictures of one into the other" in str(refusal.value)

    def test_one_number_written_in_two_ways_is_refused(self, tmp_path):
        touch(tmp_path, "0/x.png", "1/x.png", "01/x.png", "001/x.png")

        with pytest.raises(DataError, match="the folders '001' and '01' are one number") as refusal:
            list_pictures(tmp_path)

        assert "class_names=['001', '01', ...]" in str(refusal.value)

    def test_one_number_written_in_two_ways_is_two_classes_to_who_says_so(self, tmp_path):
        touch(tmp_path, "1/x.png", "01/x.png")

        assert list_pictures(tmp_path, ["1", "01"]).names == ["1/x.png", "01/x.png"]

    def test_zeros_before_numbers_are_no_harm(self, tmp_path):
        touch(tmp_path, "01/x.png", "02/x.png", "10/x.png")

        assert list_pictures(tmp_path).class_names == ("01", "02", "10")

    @pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode elsewhere")
    def test_names_need_not_be_unicode(self, tmp_path):
        name = os.fsdecode(b"caf\xe9.png")
        touch(tmp_path, f"a/{name}")

        found = list_pictures(tmp_path)

        assert found.names == [f"a/{name}"]
        assert len(found.key(None)) == len(found.stamp()) == 32

    def test_more_classes_than_a_byte_can_count(self, tmp_path):
        touch(tmp_path, *(f"{number}/x.png" for number in range(300)))

        assert list_pictures(tmp_path).labels.tolist() == list(range(300))


class TestSkipped:
    @pytest.mark.parametrize(
        "name",
        ["a.png", "a.PNG", "a.JpEg", "a.jpg", "a.bmp", "a.tiff", "a.webp", "a b.gif", "a.pgm"],
    )
    def test_pictures(self, name):
        assert is_picture(name)

    @pytest.mark.parametrize(
        "name",
        ["a.txt", "png", ".png", "._a.png", ".DS_Store", "Thumbs.db", "a", "a.", "a.eps", "a.pdf",
         "a.png.part", "a.mpg"],
    )  # fmt: skip
    def test_others(self, name):
        assert not is_picture(name)

    def test_a_rarer_format_is_known_to_the_image_library(self):
        assert is_picture("a.qoi")

    def test_others_are_counted(self, tmp_path):
        touch(tmp_path, "cat/a.png", "cat/.DS_Store", "cat/notes.txt", "cat/._a.png", "README.md")
        touch(tmp_path, ".git/x.png", "__MACOSX/y.png")
        (tmp_path / "cat" / "empty").mkdir()

        found = list_pictures(tmp_path)

        assert (found.class_names, found.names) == (("cat",), ["cat/a.png"])
        assert found.skipped == 5

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
    def test_a_pipe_with_the_name_of_a_picture_is_not_opened(self, tmp_path):
        touch(tmp_path, "cat/a.png")
        os.mkfifo(tmp_path / "cat" / "b.png")

        assert list_pictures(tmp_path).names == ["cat/a.png"]

    def test_links_are_followed(self, tmp_path):
        touch(tmp_path, "store/x.png")
        (tmp_path / "root").mkdir()
        (tmp_path / "root" / "cat").symlink_to(tmp_path / "store", target_is_directory=True)

        assert list_pictures(tmp_path / "root").names == ["cat/x.png"]


class TestStamps:
    def test_names_and_sizes_make_the_key(self, tmp_path):
        touch(tmp_path, "cat/a.png", "dog/b.png")
        before = list_pictures(tmp_path).key(None)
        os.utime(tmp_path / "cat" / "a.png", (1, 1))
        assert list_pictures(tmp_path).key(None) == before

        (tmp_path / "cat" / "a.png").write_bytes(b"1")
        larger = list_pictures(tmp_path).key(None)
        (tmp_path / "cat" / "a.png").rename(tmp_path / "cat" / "c.png")
        renamed = list_pictures(tmp_path).key(None)

        assert len({before, larger, renamed, list_pictures(tmp_path).key("L")}) == 4

    def test_times_make_the_stamp(self, tmp_path):
        touch(tmp_path, "cat/a.png")
        before = list_pictures(tmp_path).stamp()
        assert list_pictures(tmp_path).stamp() == before

        os.utime(tmp_path / "cat" / "a.png", (-1, -1))
        assert list_pictures(tmp_path).stamp() != before

    def test_windows_is_asked_for_the_number_of_a_file(self, tmp_path, monkeypatch):
        touch(tmp_path, "a/1.png")
        before = list_pictures(tmp_path).about

        class Entry:
            """As Windows lists it."""

            path, name = str(tmp_path / "a" / "1.png"), "1.png"

            def stat(self):
                raise AssertionError("it would say that the number is 0")

        monkeypatch.setattr(listing, "_ENTRIES_KNOW_LITTLE", True)
        found = listing._stat(Entry())

        assert found.st_ino % 2**63 == before[0, 3] != 0

    def test_a_file_put_in_place_of_another_changes_the_stamp(self, tmp_path):
        touch(tmp_path, "cat/a.png", "new.png")
        os.utime(tmp_path / "cat" / "a.png", (1, 1))
        os.utime(tmp_path / "new.png", (1, 1))
        before = list_pictures(tmp_path).stamp()
        (tmp_path / "new.png").replace(tmp_path / "cat" / "a.png")

        assert list_pictures(tmp_path).stamp() != before


class TestRefusals:
    def refused(self, root, *settings):
        with pytest.raises(DataError) as caught:
            list_pictures(root, *settings)
        message = str(caught.value)
        assert message.startswith("ImageFolder: ")
        return message

    def test_no_such_folder(self, tmp_path):
        assert "absent: there is no such folder; check the path." in self.refused(
            tmp_path / "absent"
        )

    def test_a_file(self, tmp_path):
        touch(tmp_path, "a.png")

        assert "a.png: this is a file, not a folder" in self.refused(tmp_path / "a.png")

    def test_nothing_in_it(self, tmp_path):
        assert "there are no folders in it; it must hold one for each" in self.refused(tmp_path)

    def test_pictures_without_classes(self, tmp_path):
        touch(tmp_path, "b.png", "a.png", "c.png", "notes.txt")

        said = self.refused(tmp_path)

        assert "a.png and 2 more lie in it directly; each picture must lie in a folder" in said

    def test_a_class_without_pictures(self, tmp_path):
        touch(tmp_path, "cat/a.png", "dog/notes.txt")

        said = self.refused(tmp_path)

        assert "there is no picture in its folder dog; every class must have one" in said
        assert list_pictures(tmp_path, ["cat", "dog"]).names == ["cat/a.png"]

    def test_no_pictures_at_all(self, tmp_path):
        (tmp_path / "cat").mkdir()

        assert "its class folders hold no picture" in self.refused(tmp_path, ["cat"])

    def test_pictures_too_deep(self, tmp_path):
        touch(tmp_path, "pets/cat/a.png")

        said = self.refused(tmp_path)

        assert f"{os.path.join('pets', 'cat', 'a.png')} lies too deep; pictures must lie" in said
        assert f"try {tmp_path / 'pets'}" not in said
        assert f"If the classes are in {tmp_path / 'pets'}, try that folder." in said

    @pytest.mark.parametrize("parts", [("training", "testing"), ("Train", "Val")])
    def test_parts_are_no_classes(self, tmp_path, parts):
        touch(tmp_path, *(f"{part}/cat/a.png" for part in parts))

        said = self.refused(tmp_path)

        assert "are parts, not classes; read them one by one. Try ImageFolder(" in said

    def test_a_folder_that_is_no_class(self, tmp_path):
        touch(tmp_path, "cat/a.png", "eel/b.png")

        said = self.refused(tmp_path, ["cat", "dog"])

        assert "there is a folder eel, but the classes are cat, dog; every folder must" in said

    def test_a_name_given_twice(self, tmp_path):
        touch(tmp_path, "cat/a.png")

        assert "must differ from each other" in self.refused(tmp_path, ["cat", "cat"])

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a permission there")
    def test_a_link_that_leads_nowhere(self, tmp_path):
        touch(tmp_path, "cat/a.png")
        (tmp_path / "cat" / "b.png").symlink_to(tmp_path / "gone.png")

        assert "b.png: the file cannot be read: no such file" in self.refused(tmp_path)

    @pytest.mark.skipif(
        sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
        reason="root may read everything",
    )
    def test_a_folder_that_may_not_be_read(self, tmp_path):
        touch(tmp_path, "cat/a.png")
        (tmp_path / "cat").chmod(0)
        try:
            assert "cat: the folder cannot be read: permission denied" in self.refused(tmp_path)
        finally:
            (tmp_path / "cat").chmod(0o700)
