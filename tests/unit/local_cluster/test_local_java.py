from pathlib import Path

from local_cluster.java import JavaRuntime, choose, find_runtimes


def install(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


def install_with_release(folder: Path, version: str) -> Path:
    install(folder, "0.0.0")
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n', encoding="utf-8")
    return folder


def test_an_old_java_on_the_path_does_not_hide_a_new_one_that_is_installed(tmp_path: Path) -> None:
    old = install_with_release(tmp_path / "old", "17.0.15")
    install_with_release(tmp_path / "jvm" / "temurin", "25.0.3")
    found = find_runtimes({"PATH": str(old / "bin")}, tmp_path / "jvm")
    assert choose(found) == JavaRuntime(tmp_path / "jvm" / "temurin", 25)


def test_the_oldest_java_that_is_new_enough_is_chosen() -> None:
    runtimes = [JavaRuntime(Path(f"/jvm/{version}"), version) for version in (25, 17, 21)]
    assert choose(runtimes) == JavaRuntime(Path("/jvm/21"), 21)


def test_nothing_is_chosen_when_all_are_too_old() -> None:
    assert choose([JavaRuntime(Path("/jvm/17"), 17)]) is None


def test_java_home_counts_also_when_it_is_installed_elsewhere(tmp_path: Path) -> None:
    home = install_with_release(tmp_path / "mine", "21.0.4")
    assert find_runtimes({"JAVA_HOME": str(home)}, tmp_path / "none") == (JavaRuntime(home, 21),)


def test_one_runtime_behind_two_names_counts_once(tmp_path: Path) -> None:
    home = install_with_release(tmp_path / "jvm" / "real", "21.0.4")
    (tmp_path / "jvm" / "link").symlink_to(home)
    assert find_runtimes({"JAVA_HOME": str(home)}, tmp_path / "jvm") == (JavaRuntime(home, 21),)


def test_a_home_without_a_release_file_is_asked_for_its_version(tmp_path: Path) -> None:
    install(tmp_path / "jvm" / "plain", "22.0.1")
    assert find_runtimes({}, tmp_path / "jvm") == (JavaRuntime(tmp_path / "jvm" / "plain", 22),)


def test_a_folder_without_a_java_program_is_no_runtime(tmp_path: Path) -> None:
    (tmp_path / "jvm" / "docs").mkdir(parents=True)
    assert find_runtimes({}, tmp_path / "jvm") == ()
