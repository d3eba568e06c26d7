"""Mounted secret files appear, change and vanish as the kubelet makes them."""

import os
from pathlib import Path

import pytest

from connector_runtime.config import SecretsFrom
from connector_runtime.secrets import MountedSecrets


class Volume:
    """A projected volume: the names are links into a folder that is swapped atomically."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.generation = 0
        directory.mkdir()

    def write(self, **values: bytes) -> None:
        self.generation += 1
        data = self.directory / f"..{self.generation}"
        data.mkdir()
        for name, value in values.items():
            (data / name).write_bytes(value)
            link = self.directory / name
            if not link.is_symlink():
                link.symlink_to(Path("..data") / name)
        swapped = self.directory / "..data_tmp"
        swapped.symlink_to(data.name)
        swapped.replace(self.directory / "..data")


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    return Volume(tmp_path / "crm")


def test_a_declared_secret_without_a_file_is_missing(volume: Volume) -> None:
    volume.write(TOKEN=b"t")
    secrets = MountedSecrets(volume.directory, ("PASSWORD", "TOKEN"))
    assert secrets.missing == ("PASSWORD",)
    assert secrets.values == {"TOKEN": "t"}


def test_a_file_that_no_one_declared_is_not_read(volume: Volume) -> None:
    volume.write(TOKEN=b"t", OTHER=b"o")
    assert MountedSecrets(volume.directory, ("TOKEN",)).values == {"TOKEN": "t"}


def test_a_directory_that_is_not_there_means_that_all_are_missing(tmp_path: Path) -> None:
    assert MountedSecrets(tmp_path / "nowhere", ("A", "B")).missing == ("A", "B")


def test_appearing_changing_and_vanishing_are_seen(volume: Volume) -> None:
    secrets = MountedSecrets(volume.directory, ("TOKEN",))
    volume.write(TOKEN=b"one")
    assert (secrets.refresh(), secrets.values) == (True, {"TOKEN": "one"})
    volume.write(TOKEN=b"two")
    assert (secrets.refresh(), secrets.values) == (True, {"TOKEN": "two"})
    volume.write()
    assert (secrets.refresh(), secrets.missing) == (True, ("TOKEN",))


def test_nothing_changes_while_the_files_do_not(volume: Volume) -> None:
    volume.write(TOKEN=b"one")
    secrets = MountedSecrets(volume.directory, ("TOKEN",))
    before = secrets.values
    assert not secrets.refresh()
    assert secrets.values is before


def test_a_swap_to_a_file_of_the_same_size_and_time_is_seen(volume: Volume) -> None:
    volume.write(TOKEN=b"one")
    secrets = MountedSecrets(volume.directory, ("TOKEN",))
    first = (volume.directory / "TOKEN").stat()
    volume.write(TOKEN=b"two")
    os.utime(volume.directory / "TOKEN", ns=(first.st_atime_ns, first.st_mtime_ns))
    assert secrets.refresh()
    assert secrets.values == {"TOKEN": "two"}


def test_values_are_taken_as_they_are_line_ends_included(volume: Volume) -> None:
    volume.write(TOKEN=b" t\r\n")
    assert MountedSecrets(volume.directory, ("TOKEN",)).values == {"TOKEN": " t\r\n"}


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 1_048_577], ids=["not text", "too large"])
def test_what_cannot_be_a_secret_is_missing_and_comes_back_when_corrected(volume: Volume, content: bytes) -> None:
    volume.write(TOKEN=content)
    secrets = MountedSecrets(volume.directory, ("TOKEN",))
    assert secrets.missing == ("TOKEN",)
    volume.write(TOKEN=b"good")
    secrets.refresh()
    assert secrets.values == {"TOKEN": "good"}


def test_a_job_that_began_before_a_rotation_keeps_its_values(volume: Volume) -> None:
    volume.write(TOKEN=b"old")
    secrets = MountedSecrets(volume.directory, ("TOKEN",))
    begun_with = secrets.values
    volume.write(TOKEN=b"new")
    secrets.refresh()
    assert begun_with == {"TOKEN": "old"}


def test_a_value_from_before_a_rotation_stays_masked(volume: Volume) -> None:
    volume.write(TOKEN=b"old-value")
    secrets = MountedSecrets(volume.directory, ("TOKEN",))
    volume.write(TOKEN=b"new-value")
    secrets.refresh()
    assert secrets.masker.text("old-value and new-value") == "*** and ***"


def test_every_file_of_a_whole_secret_is_a_name_with_its_prefix(volume: Volume, tmp_path: Path) -> None:
    volume.write(TOKEN=b"t", user=b"u")
    secrets = MountedSecrets(tmp_path / "nowhere", (), (SecretsFrom(directory=volume.directory, prefix="CRM_"),))
    assert secrets.values == {"CRM_TOKEN": "t", "CRM_user": "u"}
    volume.write(TOKEN=b"t2", user=b"u", more=b"m")
    assert (secrets.refresh(), secrets.values["CRM_TOKEN"], secrets.values["CRM_more"]) == (True, "t2", "m")
    assert secrets.masker.text("t t2 m") == "*** *** ***"


def test_a_name_declared_by_itself_wins_over_a_whole_secrets(tmp_path: Path) -> None:
    for folder, value in (("own", "own"), ("whole", "whole")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "TOKEN").write_text(value)
    secrets = MountedSecrets(tmp_path / "own", ("TOKEN",), (SecretsFrom(directory=tmp_path / "whole"),))
    assert secrets.values == {"TOKEN": "own"}


def test_a_whole_secret_that_is_not_there_yet_blocks_nothing_and_its_names_may_appear(tmp_path: Path) -> None:
    secrets = MountedSecrets(tmp_path / "nowhere", (), (SecretsFrom(directory=tmp_path / "late", prefix="CRM_"),))
    assert secrets.missing == ()
    assert (secrets.may_appear("CRM_TOKEN"), secrets.may_appear("TOKEN")) == (True, False)
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "TOKEN").write_text("t")
    secrets.refresh()
    assert (secrets.values, secrets.may_appear("CRM_OTHER")) == ({"CRM_TOKEN": "t"}, False)
